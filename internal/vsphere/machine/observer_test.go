package machine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// machines deploys n of them, called web-1 and so on.
func (e *env) machines(n int) []Ref {
	e.t.Helper()
	refs := make([]Ref, n)
	for i := range refs {
		refs[i] = e.deploy(e.spec(fmt.Sprintf("web-%d", i+1), i+1))
	}
	return refs
}

// slowly widens the window of reads, so that what is asked together is read together however
// busy the computer is.
func (e *env) slowly() {
	e.reads.window, e.searches.window = 300*time.Millisecond, 300*time.Millisecond
}

func TestADeletedNeighbourFailsAlone(t *testing.T) {
	e := start(t)
	refs := e.machines(3)
	e.must(e.sim.Destroy("web-2"))
	e.slowly()
	errs := make([]error, len(refs))
	calls := e.calls(func() {
		var wait sync.WaitGroup
		for i, ref := range refs {
			wait.Go(func() {
				o, err := e.Observe(t.Context(), ref)
				if errs[i] = err; err == nil && o.InstanceUUID != uuid(i+1) {
					t.Errorf("machine %d is read as %s", i+1, o.Title())
				}
			})
		}
		wait.Wait()
	})
	// One for the machines, one for the names of their places.
	if diff := cmp.Diff([]string{"RetrievePropertiesEx", "RetrievePropertiesEx"}, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if errs[0] != nil || errs[2] != nil || !errors.Is(errs[1], vsphere.ErrNotFound) {
		t.Errorf("errors %v, want ErrNotFound for the second alone", errs)
	}
}

func TestAReadAfterAWriteIsFresh(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	for i := range 5 {
		text := fmt.Sprint("revision ", i)
		e.must(e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: text}))
		if got := e.observe(ref).Annotation; got != text {
			t.Fatalf("read %q after %q was written", got, text)
		}
	}
}

func TestAnInaccessibleMachineIsNotTakenForDeleted(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.tampered().set(func(_ context.Context, _, res soap.HasFault, send func() error) error {
		err := send()
		if body, ok := res.(*methods.RetrievePropertiesExBody); ok && err == nil {
			for i := range body.Res.Returnval.Objects {
				withoutConfig(&body.Res.Returnval.Objects[i])
			}
		}
		return err
	})
	_, err := e.Observe(t.Context(), ref)
	if !errors.Is(err, ErrInaccessible) || errors.Is(err, vsphere.ErrNotFound) {
		t.Errorf("error %v, want ErrInaccessible", err)
	}
	// Its name is taken all the same.
	if _, err := e.Deploy(t.Context(), e.spec("web-1", 2)); !errors.Is(err, ErrInaccessible) {
		t.Errorf("deploy to its name: %v", err)
	}
}

// withoutConfig leaves of a machine what vCenter tells of one whose files are out of reach.
func withoutConfig(content *types.ObjectContent) {
	if content.Obj.Type != "VirtualMachine" {
		return
	}
	var left []types.DynamicProperty
	for _, p := range content.PropSet {
		switch {
		case p.Name == "runtime.connectionState":
			p.Val = types.VirtualMachineConnectionStateInaccessible
			left = append(left, p)
		case !strings.HasPrefix(p.Name, "config."):
			left = append(left, p)
		}
	}
	content.PropSet = left
}

func TestObserveByIDFollowsTheMachine(t *testing.T) {
	e := start(t)
	refs := e.machines(2)
	nowhere := Ref{Type: "VirtualMachine", Value: "vm-9999"}
	for name, tc := range map[string]struct {
		at    Ref
		calls []string
	}{
		"where it was":          {refs[0], []string{"RetrievePropertiesEx"}},
		"place unknown":         {Ref{}, []string{"FindAllByUuid", "RetrievePropertiesEx"}},
		"registered anew":       {nowhere, []string{"RetrievePropertiesEx", "FindAllByUuid", "RetrievePropertiesEx"}},
		"another machine there": {refs[1], []string{"RetrievePropertiesEx", "FindAllByUuid", "RetrievePropertiesEx"}},
	} {
		t.Run(name, func(t *testing.T) {
			e.observe(refs[0]) // the names of places are known from here on
			e.observe(refs[1])
			var o *Observation
			var err error
			calls := e.calls(func() { o, err = e.ObserveByID(t.Context(), tc.at, strings.ToUpper(uuid(1))) })
			if err != nil || o.Ref != refs[0] {
				t.Fatalf("%v, %v", o, err)
			}
			if diff := cmp.Diff(tc.calls, calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
	e.must(e.sim.Destroy("web-1"))
	if _, err := e.ObserveByID(t.Context(), refs[0], uuid(1)); !errors.Is(err, vsphere.ErrNotFound) {
		t.Errorf("after it was deleted: %v", err)
	}
}

func TestFindManyCostsAFewCalls(t *testing.T) {
	e := start(t)
	const n = 8
	refs := e.machines(n)
	e.slowly()
	calls := e.calls(func() {
		var wait sync.WaitGroup
		for i := range n + 2 { // two that do not exist
			wait.Go(func() {
				ref, err := e.Find(t.Context(), uuid(i+1))
				if i < n && (err != nil || ref != refs[i]) {
					t.Errorf("%d: %v, %v", i, ref, err)
				}
				if i >= n && !errors.Is(err, vsphere.ErrNotFound) {
					t.Errorf("%d: %v, %v, want ErrNotFound", i, ref, err)
				}
			})
		}
		wait.Wait()
	})
	if diff := cmp.Diff([]string{"CreateContainerView", "RetrievePropertiesEx", "DestroyView"}, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestTwoMachinesWithOneUUIDAreAmbiguous(t *testing.T) {
	e := start(t)
	refs := e.machines(2)
	e.must(e.Reconfigure(t.Context(), refs[1], types.VirtualMachineConfigSpec{InstanceUuid: uuid(1)}))
	_, err := e.Find(t.Context(), uuid(1))
	if !errors.Is(err, vsphere.ErrAmbiguous) || !strings.Contains(err.Error(), refs[0].Value) || !strings.Contains(err.Error(), refs[1].Value) {
		t.Errorf("error %v, want ErrAmbiguous with both ids", err)
	}
	if _, err := e.Find(t.Context(), ""); !errors.Is(err, vsphere.ErrInvalidArgument) {
		t.Errorf("without a UUID: %v", err)
	}
}

func TestReadsSurviveTheEndOfTheSession(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: "before"})) // builds what waits
	for i := range 3 {
		e.sim.ExpireSessions()
		text := fmt.Sprint("session ", i)
		e.must(e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: text}))
		e.sim.ExpireSessions()
		if got := e.observe(ref).Annotation; got != text {
			t.Errorf("read %q, want %q", got, text)
		}
		e.sim.ExpireSessions()
		e.deploy(e.spec(fmt.Sprint("next-", i), 100+i))
	}
}

func TestObservationOfValuesThatAreNotText(t *testing.T) {
	t.Parallel()
	parent := Ref{Type: "Folder", Value: "group-v1"}
	vm := &mo.VirtualMachine{Config: &types.VirtualMachineConfigInfo{
		Version: "vmx-21",
		ExtraConfig: []types.BaseOptionValue{
			&types.OptionValue{Key: "a", Value: "text"}, &types.OptionValue{Key: "b", Value: int32(7)},
			&types.OptionValue{Key: "c", Value: true}, &types.OptionValue{Key: "d"},
			&types.OptionValue{Key: "Tools.DeployPkg.FileName", Value: "imcf-1"},
		},
		VAppConfig: &types.VmConfigInfo{InstallBootRequired: true},
		Hardware: types.VirtualHardware{Device: []types.BaseVirtualDevice{
			// as vCenter lists them after the first was edited
			&types.VirtualVmxnet3{VirtualVmxnet: types.VirtualVmxnet{VirtualEthernetCard: types.VirtualEthernetCard{VirtualDevice: types.VirtualDevice{Key: 4001, UnitNumber: types.NewInt32(8)}, MacAddress: "00:50:56:AA:BB:02"}}},
			&types.VirtualDisk{VirtualDevice: types.VirtualDevice{Key: 2000}, CapacityInKB: 1024},
			&types.VirtualE1000{VirtualEthernetCard: types.VirtualEthernetCard{VirtualDevice: types.VirtualDevice{Key: 4000, UnitNumber: types.NewInt32(7)}, MacAddress: "00:50:56:AA:BB:01"}},
		}},
	}}
	vm.Parent = &parent
	o := newObservation(vm)
	if diff := cmp.Diff(ExtraConfig{"a": "text", "b": "7", "c": "true", "Tools.DeployPkg.FileName": "imcf-1"}, o.ExtraConfig); diff != "" {
		t.Errorf("ExtraConfig (-want +got):\n%s", diff)
	}
	if !o.PendingCustomization || o.HardwareVersion != 21 || o.VApp == nil || o.Folder != parent {
		t.Errorf("%+v", o)
	}
	if len(o.NICs) != 2 || o.NICs[0].MAC != "00:50:56:aa:bb:01" || o.NICs[1].Key != 4001 {
		t.Errorf("cards %+v", o.NICs)
	}
	if len(o.Disks) != 1 || o.Disks[0].CapacityBytes != 1<<20 {
		t.Errorf("disks %+v", o.Disks)
	}
}
