package simulator_test

import (
	"testing"
	"time"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// add is a device to be added.
func add(d types.BaseVirtualDevice) *types.VirtualDeviceConfigSpec {
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: d}
}

// devicesOf are the devices of a machine.
func (c *clients) devicesOf(vm *object.VirtualMachine) object.VirtualDeviceList {
	c.t.Helper()
	return c.read(vm).Config.Hardware.Device
}

// edited is the first device of a machine that is of a kind, as an edit.
func (c *clients) edited(vm *object.VirtualMachine, kind types.BaseVirtualDevice) *types.VirtualDeviceConfigSpec {
	c.t.Helper()
	found := c.devicesOf(vm).SelectByType(kind)
	if len(found) == 0 {
		c.t.Fatalf("the machine has no %T", kind)
	}
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: found[0]}
}

// newDisk is a disk to be added to the controller of a key.
func newDisk(controller, unit int32) *types.VirtualDeviceConfigSpec {
	disk := &types.VirtualDisk{CapacityInKB: 1024}
	disk.Key, disk.ControllerKey, disk.UnitNumber = -1, controller, &unit
	disk.Backing = &types.VirtualDiskFlatVer2BackingInfo{DiskMode: "persistent", ThinProvisioned: types.NewBool(true)}
	change := add(disk)
	change.FileOperation = types.VirtualDeviceConfigSpecFileOperationCreate
	return change
}

// hard runs a power operation and waits for it.
func hard(t *testing.T, task *object.Task, err error) {
	t.Helper()
	if err == nil {
		err = task.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func suspend(t *testing.T, vm *object.VirtualMachine) {
	t.Helper()
	task, err := vm.Suspend(t.Context())
	hard(t, task, err)
}

// is tells whether an error is the fault that was wanted, where nil is none.
func is(err error, want types.BaseMethodFault) bool {
	return want == nil && err == nil || want != nil && fault.Is(err, want)
}

// invalidSpec is the fault about a device that an error is.
func invalidSpec(err error) (*types.InvalidDeviceSpec, bool) {
	var f *types.InvalidDeviceSpec
	_, ok := fault.As(err, &f)
	return f, ok
}

// invalidArgument is the property that an error is about.
func invalidArgument(err error) string {
	var f *types.InvalidArgument
	if _, ok := fault.As(err, &f); !ok {
		return ""
	}
	return f.InvalidProperty
}

func TestSuspendedMachineTakesNoHardware(t *testing.T) {
	_, c := start(t)
	on := true
	vm := c.deploy(simulator.ItemPhoton, "web", &types.VirtualMachineConfigSpec{
		CpuHotAddEnabled: &on, MemoryHotAddEnabled: &on, DeviceChange: []types.BaseVirtualDeviceConfigSpec{c.card("frontend")},
	})
	c.power(vm, true)
	suspend(t, vm)
	card := c.edited(vm, (*types.VirtualEthernetCard)(nil))
	card.Operation = types.VirtualDeviceConfigSpecOperationRemove
	for _, tc := range []struct {
		name string
		spec types.VirtualMachineConfigSpec
		want types.BaseMethodFault
	}{
		{"a card more", spec(c.card("backend")), &types.InvalidPowerState{}},
		{"a card less", spec(card), &types.InvalidPowerState{}},
		{"a card elsewhere", spec(c.edited(vm, (*types.VirtualEthernetCard)(nil))), &types.InvalidPowerState{}},
		{"CPU", types.VirtualMachineConfigSpec{NumCPUs: 4}, &types.InvalidPowerState{}},
		{"memory", types.VirtualMachineConfigSpec{MemoryMB: 8192}, &types.InvalidPowerState{}},
		{"firmware", types.VirtualMachineConfigSpec{Firmware: "bios"}, &types.InvalidPowerState{}},
		{"guest id", types.VirtualMachineConfigSpec{GuestId: "otherGuest64"}, &types.InvalidPowerState{}},
		{"annotation", types.VirtualMachineConfigSpec{Annotation: "asleep"}, nil},
		{"ExtraConfig", types.VirtualMachineConfigSpec{ExtraConfig: options("guestinfo.a", "b")}, nil},
	} {
		if err := c.reconfigure(vm, tc.spec); !is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	task, err := vm.Customize(t.Context(), linuxPrep(""))
	if err == nil {
		err = task.Wait(t.Context())
	}
	if !fault.Is(err, &types.InvalidPowerState{}) {
		t.Errorf("customization: %v", err)
	}
}

func TestMachineThatIsOnKeepsWhatOnlyPowerOffChanges(t *testing.T) {
	_, c := start(t)
	on := true
	vm := c.deploy(simulator.ItemPhoton, "web", &types.VirtualMachineConfigSpec{CpuHotRemoveEnabled: &on, NumCPUs: 4})
	scsi := c.devicesOf(vm).SelectByType((*types.VirtualSCSIController)(nil))[0].GetVirtualDevice().Key
	ide := c.devicesOf(vm).SelectByType((*types.VirtualIDEController)(nil))[0].GetVirtualDevice().Key
	c.power(vm, true)
	ideCD := &types.VirtualCdrom{}
	ideCD.Key, ideCD.ControllerKey, ideCD.Backing = -1, ide, &types.VirtualCdromRemotePassthroughBackingInfo{}
	off := &types.InvalidPowerState{}
	for _, tc := range []struct {
		name string
		spec types.VirtualMachineConfigSpec
		want types.BaseMethodFault
	}{
		{"guest id", types.VirtualMachineConfigSpec{GuestId: "otherGuest64"}, off},
		{"name of another guest", types.VirtualMachineConfigSpec{AlternateGuestName: "Plan 9"}, off},
		{"firmware", types.VirtualMachineConfigSpec{Firmware: "bios"}, off},
		{"hardware version", types.VirtualMachineConfigSpec{Version: "vmx-21"}, off},
		{"cores per socket", types.VirtualMachineConfigSpec{NumCoresPerSocket: types.NewInt32(2)}, off},
		{"boot options", types.VirtualMachineConfigSpec{BootOptions: &types.VirtualMachineBootOptions{BootDelay: 5000}}, off},
		{"the same boot options", types.VirtualMachineConfigSpec{BootOptions: &types.VirtualMachineBootOptions{EfiSecureBootEnabled: &on}}, nil},
		{"nested virtualization", types.VirtualMachineConfigSpec{NestedHVEnabled: &on}, off},
		{"performance counters", types.VirtualMachineConfigSpec{VPMCEnabled: &on}, off},
		{"IOMMU", types.VirtualMachineConfigSpec{Flags: &types.VirtualMachineFlagInfo{VvtdEnabled: &on}}, off},
		{"hot-add", types.VirtualMachineConfigSpec{CpuHotAddEnabled: &on}, off},
		{"latency", types.VirtualMachineConfigSpec{LatencySensitivity: &types.LatencySensitivity{Level: "high"}}, off},
		{"vApp configuration", types.VirtualMachineConfigSpec{VAppConfigRemoved: &on}, off},
		{"a CD-ROM at IDE", spec(add(ideCD)), off},
		{"a disk at IDE", spec(newDisk(ide, 1)), off},
		{"a video card", spec(c.edited(vm, (*types.VirtualMachineVideoCard)(nil))), off},
		{"a controller", spec(c.edited(vm, (*types.VirtualSCSIController)(nil))), off},
		{"a TPM", spec(add(&types.VirtualTPM{VirtualDevice: types.VirtualDevice{Key: -1}})), off},
		{"CPUs removed", types.VirtualMachineConfigSpec{NumCPUs: 2}, nil},
		{"a disk at SCSI", spec(newDisk(scsi, 5)), nil},
		{"a network card", spec(c.card("backend")), nil},
	} {
		if err := c.reconfigure(vm, tc.spec); !is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestHardwareVersionIsRaisedWhileOff(t *testing.T) {
	_, c := start(t)
	vm := c.deploy(simulator.ItemRocky, "web", nil)
	upgrade := func() error {
		task, err := vm.UpgradeVM(t.Context(), "vmx-19")
		if err != nil {
			return err
		}
		return task.Wait(t.Context())
	}
	c.power(vm, true)
	if err := upgrade(); !fault.Is(err, &types.InvalidPowerState{}) {
		t.Errorf("while on: %v", err)
	}
	c.power(vm, false)
	if err := upgrade(); err != nil || c.read(vm).Config.Version != "vmx-19" {
		t.Errorf("while off: %v, version %s", err, c.read(vm).Config.Version)
	}
}

func TestResumedGuestIsWhereItWas(t *testing.T) {
	s, c := start(t)
	vm := boot(t, s, c, "web", []string{"backend"}, func(macs []string) []types.BaseOptionValue {
		return options("guestinfo.metadata", static(macs[0]), "guestinfo.userdata", "one")
	})
	suspend(t, vm)
	if g := c.read(vm); g.Guest.ToolsRunningStatus != "guestToolsNotRunning" || g.Guest.IpAddress != "" || g.GuestHeartbeatStatus != "gray" {
		t.Errorf("suspended: %+v", g.Guest)
	}
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: options("guestinfo.metadata", "")}); err != nil {
		t.Fatal(err)
	}
	c.power(vm, true)
	s.Settle()
	if g := c.read(vm); g.Guest.IpAddress != "10.1.2.3" || g.GuestHeartbeatStatus != "green" {
		t.Errorf("resumed: %+v", g.Guest)
	}
	if r, err := s.GuestReport("web"); err != nil || r.Boots != 1 {
		t.Errorf("report: %+v, %v", r, err)
	}
}

func TestStandbyNeedsTools(t *testing.T) {
	_, slow := start(t, simulator.WithGuestDelay(time.Hour))
	booting := slow.deploy(simulator.ItemPhoton, "slow", nil)
	slow.power(booting, true)
	if err := booting.StandbyGuest(t.Context()); !fault.Is(err, &types.ToolsUnavailable{}) {
		t.Errorf("without Tools: %v", err)
	}
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	if err := vm.StandbyGuest(t.Context()); !fault.Is(err, &types.InvalidPowerState{}) {
		t.Errorf("off: %v", err)
	}
	c.power(vm, true)
	s.Settle()
	if err := vm.StandbyGuest(t.Context()); err != nil {
		t.Errorf("with Tools: %v", err)
	}
	if err := vm.WaitForPowerState(t.Context(), types.VirtualMachinePowerStateSuspended); err != nil {
		t.Error(err)
	}
}

func TestHeartbeatIsGrayUntilToolsRun(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	if m := c.read(vm); m.GuestHeartbeatStatus != "gray" {
		t.Errorf("never on: %q", m.GuestHeartbeatStatus)
	}
	c.power(vm, true)
	s.Settle()
	if m := c.read(vm); m.GuestHeartbeatStatus != "green" || m.Summary.QuickStats.GuestHeartbeatStatus != "green" {
		t.Errorf("on: %q", m.GuestHeartbeatStatus)
	}
	c.power(vm, false)
	if m := c.read(vm); m.GuestHeartbeatStatus != "gray" {
		t.Errorf("off: %q", m.GuestHeartbeatStatus)
	}
}
