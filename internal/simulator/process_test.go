package simulator_test

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestProcessServesAndIsControlled(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t)
	c := login(t, p.Connection, p.CAPEM)
	vm := c.deploy(simulator.ItemPhoton, "web", &types.VirtualMachineConfigSpec{
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{c.card("backend")},
	})
	c.power(vm, true)
	if err := p.Settle(); err != nil {
		t.Fatal(err)
	}
	report, err := p.GuestReport("web")
	if err != nil || !report.Running || len(report.Interfaces) != 1 || !report.Interfaces[0].DHCP4 {
		t.Errorf("report %+v, %v", report, err)
	}
	calls, err := p.Calls()
	if err != nil || calls["PowerOnVM_Task"] != 1 || calls["POST /rest/com/vmware/vcenter/ovf/library-item/{id}?~action=deploy"] != 1 {
		t.Errorf("calls %v, %v", calls, err)
	}
	if ids, err := c.lib.ListLibraries(t.Context()); err != nil || len(ids) != 3 {
		t.Errorf("%d libraries, %v", len(ids), err)
	}
	if err := p.Destroy("web"); err != nil {
		t.Error(err)
	}
	if err := p.Rename("web", "other"); err == nil {
		t.Error("a destroyed machine was renamed")
	}
}

func TestProcessSeedsWhatItIsTold(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t, simulator.WithEveryImageType())
	c := login(t, p.Connection, p.CAPEM)
	if ids, err := c.lib.ListLibraries(t.Context()); err != nil || len(ids) != 7 {
		t.Errorf("%d libraries, %v", len(ids), err)
	}
	if names, err := p.Machines(); err != nil || !slices.Equal(names, []string{simulator.TemplateMachine}) {
		t.Errorf("machines %v, %v", names, err)
	}
}

func TestProcessServesInParallel(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t)
	c := login(t, p.Connection, p.CAPEM)
	cards := make([]types.BaseVirtualDeviceConfigSpec, 8)
	for i := range cards {
		cards[i] = c.card("backend")
	}
	var wg sync.WaitGroup
	for i := range cards {
		wg.Go(func() {
			vm := c.deploy(simulator.ItemPhoton, fmt.Sprintf("vm%d", i), &types.VirtualMachineConfigSpec{DeviceChange: cards[i : i+1]})
			task, err := vm.PowerOn(t.Context())
			if err == nil {
				err = task.Wait(t.Context())
			}
			if err != nil {
				t.Errorf("vm%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if err := p.Settle(); err != nil {
		t.Fatal(err)
	}
	macs, ips := map[string]bool{}, map[string]bool{}
	for i := range cards {
		r, err := p.GuestReport(fmt.Sprintf("vm%d", i))
		if err != nil || len(r.Interfaces) != 1 || !r.Interfaces[0].Up {
			t.Fatalf("vm%d: %+v, %v", i, r, err)
		}
		macs[r.Interfaces[0].MAC], ips[r.Interfaces[0].Addresses[0].Address.String()] = true, true
	}
	if len(macs) != len(cards) || len(ips) != len(cards) {
		t.Errorf("MAC addresses %v, addresses %v", macs, ips)
	}
}

func TestOneOfParallelDeploymentsOfANameSucceeds(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t)
	c := login(t, p.Connection, p.CAPEM)
	d := c.deployment("web")
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = vcenter.NewManager(c.rest).DeployLibraryItem(t.Context(), simulator.ItemPhoton, d)
		})
	}
	wg.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		}
	}
	if good != 1 {
		t.Errorf("%d succeeded: %v", good, errs)
	}
}

func TestProcessSurvivesWrongReferences(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t)
	c := login(t, p.Connection, p.CAPEM)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	card := &types.VirtualVmxnet3{}
	card.Backing = &types.VirtualEthernetCardNetworkBackingInfo{
		VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "gone"},
	}
	if err := c.reconfigure(vm, spec(&types.VirtualDeviceConfigSpec{Operation: "add", Device: card})); err == nil {
		t.Error("a network that does not exist was accepted")
	}
	if _, err := p.Machines(); err != nil {
		t.Errorf("the process has ended: %v", err)
	}
}

func TestProcessHooksAreThoseOfTheSimulator(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t)
	c := login(t, p.Connection, p.CAPEM)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	for i, f := range []func() error{
		func() error { return p.FailCall("ReconfigVM_Task", "NoPermission") },
		func() error { return wantError(c.reconfigure(vm, types.VirtualMachineConfigSpec{Annotation: "x"})) },
		func() error { return p.FailTask("ReconfigVM_Task", "NoPermission") },
		func() error { return wantError(c.reconfigure(vm, types.VirtualMachineConfigSpec{Annotation: "x"})) },
		func() error { return p.Inject(simulator.Rule{Operation: "*", Fault: "NoPermission", Times: -1}) },
		p.ClearRules,
		func() error { return c.reconfigure(vm, types.VirtualMachineConfigSpec{Annotation: "x"}) },
		func() error { return wantError(p.Inject(simulator.Rule{})) },
		func() error { return p.PowerOn("web") },
		func() error { return wantError(p.PowerOn("web")) },
		func() error { return p.PowerOff("web") },
		func() error { return p.InstallGuest("web") },
		func() error { return p.TouchItem(simulator.ItemPhoton, "2") },
		func() error { return p.FailNextCustomization("no") },
		func() error { return p.SetLatency(1) },
		func() error { return wantError(p.Destroy("none")) },
		func() error { return p.LoseAnswer("*none*") },
		func() error { return p.FailREST("*none*", 500) },
		p.ExpireSessions,
		func() error { return p.Restart(0) },
	} {
		if err := f(); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if n, err := p.Sessions(); err != nil || n != (simulator.Sessions{}) {
		t.Errorf("sessions: %+v, %v", n, err)
	}
	if list, err := p.Requests("ReconfigVM_Task"); err != nil || len(list) != 3 {
		t.Errorf("requests: %d, %v", len(list), err)
	}
	if list, err := p.ResetRequests(); err != nil || len(list) < 3 {
		t.Errorf("requests: %d, %v", len(list), err)
	}
}

func wantError(err error) error {
	if err == nil {
		return fmt.Errorf("no error")
	}
	return nil
}

func TestProcessStopsOnSIGTERM(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t)
	process, err := os.FindProcess(p.PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("it did not stop cleanly: %v", err)
	}
}

func TestProcessBearsMachinesThatComeAndGoInParallel(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t)
	c := login(t, p.Connection, p.CAPEM)
	var wg sync.WaitGroup
	for i := range 6 {
		card := c.card("backend")
		wg.Go(func() {
			for n := range 4 {
				name := fmt.Sprintf("vm%d-%d", i, n)
				vm := c.deploy(simulator.ItemPhoton, name, nil)
				var err error
				for _, step := range []func() error{
					func() error { return c.reconfigure(vm, spec(card)) },
					func() error { return p.PowerOn(name) },
					func() error { return p.Rename(name, name+"-renamed") },
					func() error { return p.Destroy(name + "-renamed") },
				} {
					if err = step(); err != nil {
						t.Errorf("%s: %v", name, err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	if list, err := p.Machines(); err != nil || len(list) != 0 {
		t.Errorf("machines: %v, %v", list, err)
	}
}
