package machine

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answerREST answers the requests whose path ends so. The simulator does not tell which machine
// a VM template item keeps.
func (e *env) answerREST(suffix string, body func() string) {
	e.t.Helper()
	client, err := e.client.REST(e.t.Context())
	e.must(err)
	next := client.Transport
	client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if !strings.HasSuffix(r.URL.Path, suffix) {
			return next.RoundTrip(r)
		}
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body())), Request: r,
		}, nil
	})
}

const itemVM = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1999"

// template makes a template with the traces of a former life, and an item that keeps it.
func (e *env) template() Ref {
	e.t.Helper()
	spec := e.spec("golden", 90)
	spec.NICs = append(spec.NICs, NIC{Name: "eth1", Backing: e.other})
	spec.ExtraConfig = map[string]string{
		"guestinfo.userdata": "b2xk", "guestinfo.metadata": "b2xk", "vmoperator.record": "{}", "vmservice.vmi.labels": "a:b", "disk.enableUUID": "TRUE", "custom": "1",
	}
	ref := e.deploy(spec)
	e.must(e.Reconfigure(e.t.Context(), ref, types.VirtualMachineConfigSpec{ExtraConfig: ExtraConfigChange(map[string]string{CreateMark: ""}), Firmware: "efi"}))
	e.answerREST("/vcenter/vm-template/library-items/"+itemVM, func() string { return `{"value":{"vm_template":"` + ref.Value + `"}}` })
	return ref
}

func (e *env) cloneSpec(name string, n int) DeploySpec {
	spec := e.spec(name, n)
	spec.Source, spec.LibraryItemID = FromVM, itemVM
	return spec
}

func (e *env) isoSpec(name string, n int) DeploySpec {
	spec := e.spec(name, n)
	spec.Source, spec.LibraryItemID, spec.GuestID = FromISO, "", "ubuntu64Guest"
	file, err := e.ISOFile(e.t.Context(), simulator.ItemISO)
	e.must(err)
	spec.Disks = []Volume{{Name: "boot", CapacityBytes: 16 * gib}, {Name: "data", CapacityBytes: gib, Address: at(NVME)}}
	spec.CDROMs = []CDROM{{Name: "installer", ISO: file, Connected: true, AllowGuestControl: true}}
	return spec
}

func TestDeployFromATemplate(t *testing.T) {
	e := start(t)
	golden := e.template()
	before := e.observe(golden)
	spec := e.cloneSpec("web-1", 1)
	spec.BIOSUUID, spec.CPUs, spec.HardwareVersion = "42150c1b-1e0a-424a-8e9a-552a1c6f1f02", 4, before.HardwareVersion+1
	spec.ExtraConfig = map[string]string{"guestinfo.metadata": "bmV3"}
	var ref Ref
	calls := e.calls(func() { ref = e.deploy(spec) })
	want := []string{"RetrievePropertiesEx", "FindChild", "CloneVM_Task", "ModifyListView", "UpgradeVM_Task", "ModifyListView"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	o := e.observe(ref)
	if o.InstanceUUID != uuid(1) || o.BIOSUUID != spec.BIOSUUID || o.Name != "web-1" || o.FolderPath != "/DC0/vm/team-a" || o.Template || o.PowerState != off {
		t.Errorf("deployed %s, %s, %s, template %t, %s", o.Title(), o.InstanceUUID, o.BIOSUUID, o.Template, o.PowerState)
	}
	if o.CPUs != 4 || o.MemoryMB != 4096 || o.Firmware != "efi" || o.HardwareVersion != spec.HardwareVersion || len(o.Disks) != len(before.Disks) {
		t.Errorf("%d CPUs, %d MB, %s, version %d, disks %+v", o.CPUs, o.MemoryMB, o.Firmware, o.HardwareVersion, o.Disks)
	}
	if len(o.NICs) != 1 || !o.NICs[0].Backing.Same(BackingOf(e.network)) {
		t.Errorf("cards %+v", o.NICs)
	}
	got := map[string]string{}
	for _, key := range []string{CreateMark, "guestinfo.userdata", "guestinfo.metadata", "vmoperator.record", "vmservice.vmi.labels", "custom"} {
		got[key], _ = o.ExtraConfig.Get(key)
	}
	if diff := cmp.Diff(map[string]string{
		CreateMark: uuid(1), "guestinfo.userdata": "", "guestinfo.metadata": "bmV3", "vmoperator.record": "", "vmservice.vmi.labels": "a:b", "custom": "1",
	}, got); diff != "" {
		t.Errorf("ExtraConfig (-want +got):\n%s", diff)
	}
	if after := e.observe(golden); after.ChangeVersion != before.ChangeVersion {
		t.Error("the template was changed")
	}
}

func TestDeployFromAnISO(t *testing.T) {
	e := start(t)
	spec := e.isoSpec("web-1", 1)
	spec.Firmware = "efi"
	var ref Ref
	calls := e.calls(func() { ref = e.deploy(spec) })
	want := []string{"RetrievePropertiesEx", "FindChild", "CreateVM_Task", "CreateListView", "CreatePropertyCollector", "CreateFilter", "ModifyListView"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	o := e.observe(ref)
	if o.InstanceUUID != uuid(1) || !o.Unfinished() || o.GuestID != "ubuntu64Guest" || o.Firmware != "efi" || o.CPUs != 2 || len(o.NICs) != 1 {
		t.Errorf("created %s: unfinished %t, %s, %s, %d CPUs, cards %+v", o.Title(), o.Unfinished(), o.GuestID, o.Firmware, o.CPUs, o.NICs)
	}
	disks, drives, err := spec.Plans()
	e.must(err)
	records, keys := assignDisks(disks, o), drivesAt(&drives, o)
	boot, data := records["boot"].Find(o.Disks), records["data"].Find(o.Disks)
	if len(o.Disks) != 2 || boot == nil || boot.Place != (Place{SCSI, 0, 0}) || boot.CapacityBytes != 16*gib || data == nil || data.Place != (Place{NVME, 0, 0}) {
		t.Fatalf("records %+v, disks %+v", records, o.Disks)
	}
	if len(o.CDROMs) != 1 || keys["installer"] != o.CDROMs[0].Key || o.CDROMs[0].ISO != spec.CDROMs[0].ISO || o.CDROMs[0].Place != (Place{IDE, 0, 0}) || !o.CDROMs[0].StartConnected {
		t.Fatalf("keys %v, drives %+v", keys, o.CDROMs)
	}
	// What was created is what is wanted.
	slots := NewSlots(o, 0)
	change, _, err := DiskChanges(spec.Disks, o, records, slots)
	e.must(err)
	more, _, err := CDROMChanges(spec.CDROMs, o, keys, slots)
	e.must(err)
	if change.Merge(more); !change.Empty() {
		t.Errorf("another round would change %+v", steps(t, change.Spec.DeviceChange))
	}
}

// The promises of Deploy hold for a deploy that is a task.
func TestEverySourceKeepsThePromises(t *testing.T) {
	for name, of := range map[string]struct {
		spec func(e *env, name string, n int) DeploySpec
		call string
	}{
		"template": {func(e *env, name string, n int) DeploySpec { return e.cloneSpec(name, n) }, "CloneVM_Task"},
		"ISO":      {func(e *env, name string, n int) DeploySpec { return e.isoSpec(name, n) }, "CreateVM_Task"},
	} {
		begin := func(t *testing.T) *env {
			e := start(t)
			e.template()
			return e
		}
		sent := func(e *env) int { return len(e.sim.Requests(of.call)) }
		t.Run(name+": a lost answer is looked up", func(t *testing.T) {
			e := begin(t)
			e.must(e.sim.LoseAnswer(of.call))
			if o := e.observe(e.deploy(of.spec(e, "web-1", 1))); o.InstanceUUID != uuid(1) {
				t.Errorf("found %s", o.Title())
			}
			if n := sent(e); n != 1 {
				t.Errorf("%d requests were sent", n)
			}
		})
		t.Run(name+": a fault is an answer", func(t *testing.T) {
			e := begin(t)
			for n, fault := range []string{"NoDiskSpace", "ActiveDirectoryFault"} { // of the second nobody knows what it means
				e.must(e.sim.FailTask(of.call, fault))
				ref, err := e.Deploy(t.Context(), of.spec(e, "web-1", 1))
				if !contains(err, fault) || ref != (Ref{}) || sent(e) != n+1 || len(e.sim.Requests("FindAllByUuid")) != 0 {
					t.Errorf("%v, %v after %d requests", ref, err, sent(e))
				}
			}
			e.deploy(of.spec(e, "web-1", 2)) // nothing is in the way
		})
		t.Run(name+": whoever holds the source is waited for", func(t *testing.T) {
			e := begin(t)
			e.must(e.sim.FailTask(of.call, "TaskInProgress"))
			e.deploy(of.spec(e, "web-1", 1))
			if n := sent(e); n != 2 {
				t.Errorf("%d requests were sent", n)
			}
		})
		t.Run(name+": what an interrupted creation left makes room", func(t *testing.T) {
			e := begin(t)
			left := e.deploy(of.spec(e, "web-1", 1))
			e.Service.deployed = map[string]bool{} // as in another run
			if o := e.observe(e.deploy(of.spec(e, "web-1", 2))); o.InstanceUUID != uuid(2) {
				t.Errorf("deployed %s", o.Title())
			}
			if _, err := e.Observe(t.Context(), left); !errors.Is(err, vsphere.ErrNotFound) {
				t.Errorf("the unfinished machine: %v", err)
			}
		})
		t.Run(name+": an interrupted deploy reports what it left", func(t *testing.T) {
			e := begin(t)
			spec := of.spec(e, "web-1", 1)
			ctx, cancel := context.WithCancel(t.Context())
			e.tampered().set(func(_ context.Context, req, _ soap.HasFault, send func() error) error {
				err := send()
				if method(req) == of.call {
					cancel()
				}
				return err
			})
			ref, err := e.Deploy(ctx, spec)
			if ref.Value == "" {
				// The task was not over when it was looked for: the next creation finds what it makes.
				if !contains(err, CreateMark+"="+uuid(1)) {
					t.Errorf("error %v", err)
				}
				return
			}
			if !contains(err, "exists unfinished as virtual machine "+ref.Value) {
				t.Errorf("%v, %v", ref, err)
			}
			// The mark comes with the rest of the configuration, at the end of the task.
			e.must(e.WaitFor(t.Context(), ref, func(o *Observation) (bool, string) { return o.Unfinished(), "it bears no mark" }))
		})
		t.Run(name+": a foreign machine is not touched", func(t *testing.T) {
			e := begin(t)
			foreign := e.deploy(of.spec(e, "web-1", 1))
			e.must(e.Reconfigure(t.Context(), foreign, types.VirtualMachineConfigSpec{ExtraConfig: ExtraConfigChange(map[string]string{CreateMark: ""})}))
			e.Service.deployed = map[string]bool{}
			if _, err := e.Deploy(t.Context(), of.spec(e, "web-1", 2)); !errors.Is(err, vsphere.ErrAlreadyExists) {
				t.Errorf("error %v, want ErrAlreadyExists", err)
			}
			if o := e.observe(foreign); o.InstanceUUID != uuid(1) {
				t.Errorf("the machine is now %s", o.Title())
			}
		})
	}
}

func TestATemplateOfOlderHardwareLeavesAnUnfinishedMachineWhenItCannotBeRaised(t *testing.T) {
	e := start(t)
	golden := e.template()
	spec := e.cloneSpec("web-1", 1)
	spec.HardwareVersion = e.observe(golden).HardwareVersion + 1
	e.must(e.sim.FailTask("UpgradeVM_Task", "InvalidState"))
	ref, err := e.Deploy(t.Context(), spec)
	if !errors.Is(err, vsphere.ErrInvalidState) || ref.Value == "" || !contains(err, "upgrade the hardware") {
		t.Fatalf("%v, %v", ref, err)
	}
	if o := e.observe(ref); o.InstanceUUID != uuid(1) || !o.Unfinished() {
		t.Errorf("left %s, unfinished %t", o.Title(), o.Unfinished())
	}
}

// When the answer to the request is lost, nobody knows which of the source's tasks is ours.
func TestTasksOfTheSourceAreWaitedForAndSayNothing(t *testing.T) {
	e := start(t)
	golden := e.template()
	e.must(e.sim.LoseAnswer("CloneVM_Task"))
	other := types.TaskInfo{Key: "task-other", Task: Ref{Type: "Task", Value: "task-other"}, Entity: &golden, State: types.TaskInfoStateRunning}
	failed := other
	failed.State, failed.Error = types.TaskInfoStateError, &types.LocalizedMethodFault{Fault: &types.NoDiskSpace{}, LocalizedMessage: "no space"}
	looked, waited := 0, 0
	answer := withTask(&looked, other, failed)
	e.tampered().set(func(ctx context.Context, req, res soap.HasFault, send func() error) error {
		if body, ok := req.(*methods.RetrievePropertiesExBody); ok && body.Req.SpecSet[0].ObjectSet[0].Obj == other.Task {
			waited++
		}
		return answer(ctx, req, res, send)
	})
	if o := e.observe(e.deploy(e.cloneSpec("web-1", 1))); o.InstanceUUID != uuid(1) {
		t.Errorf("found %s", o.Title())
	}
	if looked == 0 || waited == 0 {
		t.Errorf("looked for tasks %d times, at the other's %d times", looked, waited)
	}
}

// Another process was killed while vCenter makes the copy, which bears its mark at the end only.
func TestACopyThatIsStillBeingMadeIsWaitedFor(t *testing.T) {
	e := start(t)
	golden := e.template()
	left := e.deploy(e.cloneSpec("web-1", 1))
	e.Service.deployed = map[string]bool{}
	running := types.TaskInfo{Key: "task-other", Task: Ref{Type: "Task", Value: "task-other"}, Entity: &golden, State: types.TaskInfoStateRunning}
	over := running
	over.State = types.TaskInfoStateSuccess
	looked, waited := 0, 0
	answer := withTask(&looked, running, over)
	e.tampered().set(func(ctx context.Context, req, res soap.HasFault, send func() error) error {
		body, ok := req.(*methods.RetrievePropertiesExBody)
		if !ok {
			return send()
		}
		if body.Req.SpecSet[0].ObjectSet[0].Obj == running.Task {
			waited++
		}
		if waited == 0 {
			return observing("config.extraConfig", types.ArrayOfOptionValue{})(ctx, req, res, func() error { return answer(ctx, req, res, send) })
		}
		return answer(ctx, req, res, send)
	})
	if o := e.observe(e.deploy(e.cloneSpec("web-1", 2))); o.InstanceUUID != uuid(2) {
		t.Errorf("deployed %s", o.Title())
	}
	if _, err := e.Observe(t.Context(), left); !errors.Is(err, vsphere.ErrNotFound) || waited == 0 {
		t.Errorf("the unfinished copy: %v after %d looks at its task", err, waited)
	}
}

func TestATemplateThatVCenterDoesNotName(t *testing.T) {
	e := start(t)
	e.answerREST("/vcenter/vm-template/library-items/"+itemVM, func() string { return `{"value":{}}` })
	_, err := e.Deploy(t.Context(), e.cloneSpec("web-1", 1))
	if !errors.Is(err, vsphere.ErrNotFound) || !contains(err, "does not say which machine the item keeps") {
		t.Errorf("error %v", err)
	}
}

func TestTheFileOfAnISO(t *testing.T) {
	const storage = "/com/vmware/content/library/item/storage"
	for name, tc := range map[string]struct {
		answers []string // of the storage, in turn
		want    error
		text    string
		syncs   int
	}{
		"an item without one":      {[]string{`[{"name":"disk.vmdk","cached":true,"size":1}]`}, vsphere.ErrNotFound, "no file that ends in .iso", 0},
		"not on a datastore":       {[]string{`[{"name":"a.iso","cached":true,"size":1,"storage_uris":["nfs://a"],"storage_backing":{"type":"OTHER","storage_uri":"nfs://a"}}]`}, vsphere.ErrNotFound, `not on a datastore, but on "nfs://a"`, 0},
		"one that is not here yet": {[]string{`[{"name":"A.ISO","size":0}]`, `[{"name":"A.ISO","cached":true,"size":0}]`, ""}, nil, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			syncs := 0
			client, err := e.client.REST(t.Context())
			e.must(err)
			next := client.Transport
			client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				body := "{}"
				switch {
				case strings.Contains(r.URL.Path, "subscribed-item"):
					syncs++
				case strings.HasSuffix(r.URL.Path, storage) && tc.answers[0] != "":
					body, tc.answers = `{"value":`+tc.answers[0]+`}`, append(tc.answers[1:], "")
				default:
					return next.RoundTrip(r)
				}
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
			})
			file, err := e.ISOFile(t.Context(), simulator.ItemISO)
			if !errors.Is(err, tc.want) || tc.want != nil && !contains(err, tc.text) || syncs != tc.syncs {
				t.Errorf("error %v after %d syncs, want %v with %q", err, syncs, tc.want, tc.text)
			}
			if tc.want == nil && (!strings.HasPrefix(file, "[LocalDS_0] contentlib-") || !strings.HasSuffix(file, ".iso")) {
				t.Errorf("file %q", file)
			}
		})
	}
}
