package simulator

import (
	"reflect"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// checkConfig checks what vcsim does not: conditions on a change of an existing machine.
// The caller holds the machine's lock.
func checkConfig(vm *vcsim.VirtualMachine, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	if spec.ChangeVersion != "" && spec.ChangeVersion != vm.Config.ChangeVersion {
		return &types.ConcurrentAccess{}
	}
	cores := int32(1)
	if has := vm.Config.Hardware.NumCoresPerSocket; has != nil {
		cores = *has
	}
	if f := checkHardware(spec, vm.Config.Hardware.NumCPU, cores); f != nil {
		return f
	}
	state := vm.Runtime.PowerState
	if state == types.VirtualMachinePowerStatePoweredOff {
		return nil
	}
	if len(spec.DeviceChange) > 0 && state == types.VirtualMachinePowerStateSuspended {
		return needsOff(state)
	}
	if f := checkSize(vm, spec); f != nil {
		return f
	}
	if waitsForOff(vm.Config, spec) {
		return needsOff(state)
	}
	return nil
}

// needsOff is the fault for what only a machine takes that is off.
func needsOff(state types.VirtualMachinePowerState) types.BaseMethodFault {
	return &types.InvalidPowerState{
		RequestedState: types.VirtualMachinePowerStatePoweredOff,
		ExistingState:  state,
	}
}

// checkSize checks a change of CPUs and memory of a machine that is not off. A running machine
// grows with hot-add, and has CPUs taken away with hot-remove; memory is never taken away.
func checkSize(vm *vcsim.VirtualMachine, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	hw, state := vm.Config.Hardware, vm.Runtime.PowerState
	more, fewer := spec.NumCPUs > hw.NumCPU, spec.NumCPUs != 0 && spec.NumCPUs < hw.NumCPU
	grows, shrinks := spec.MemoryMB > int64(hw.MemoryMB), spec.MemoryMB != 0 && spec.MemoryMB < int64(hw.MemoryMB)
	switch {
	case !more && !fewer && !grows && !shrinks:
		return nil
	case state == types.VirtualMachinePowerStateSuspended:
		return needsOff(state)
	case more && !isTrue(vm.Config.CpuHotAddEnabled), fewer && !isTrue(vm.Config.CpuHotRemoveEnabled):
		return &types.CpuHotPlugNotSupported{}
	case grows && !isTrue(vm.Config.MemoryHotAddEnabled), shrinks:
		return &types.MemoryHotPlugNotSupported{}
	default:
		return nil
	}
}

// waitsForOff tells whether a change is of something that a machine takes on at power-on: what
// the vSphere Client shows, but does not let anybody edit, while a machine is not off. That a
// vApp configuration can be removed under a running machine is nowhere documented, so it is
// among them: whoever waits for power-off is right either way.
func waitsForOff(config *types.VirtualMachineConfigInfo, spec *types.VirtualMachineConfigSpec) bool {
	text := func(now, to string) bool { return to != "" && to != now }
	flag := func(now, to *bool) bool { return to != nil && *to != isTrue(now) }
	cores := spec.NumCoresPerSocket
	return text(config.Firmware, spec.Firmware) ||
		text(config.GuestId, spec.GuestId) ||
		text(config.AlternateGuestName, spec.AlternateGuestName) ||
		text(config.Version, spec.Version) ||
		text(config.Uuid, spec.Uuid) ||
		text(config.InstanceUuid, spec.InstanceUuid) ||
		(cores != nil && config.Hardware.NumCoresPerSocket != nil && *cores != *config.Hardware.NumCoresPerSocket) ||
		flag(config.CpuHotAddEnabled, spec.CpuHotAddEnabled) ||
		flag(config.CpuHotRemoveEnabled, spec.CpuHotRemoveEnabled) ||
		flag(config.MemoryHotAddEnabled, spec.MemoryHotAddEnabled) ||
		flag(config.NestedHVEnabled, spec.NestedHVEnabled) ||
		flag(config.VPMCEnabled, spec.VPMCEnabled) ||
		flag(nil, spec.VAppConfigRemoved) && config.VAppConfig != nil ||
		changes(config.BootOptions, spec.BootOptions) ||
		changes(config.LatencySensitivity, spec.LatencySensitivity) ||
		spec.Flags != nil && (flag(config.Flags.VvtdEnabled, spec.Flags.VvtdEnabled) ||
			flag(config.Flags.VbsEnabled, spec.Flags.VbsEnabled) ||
			text(config.Flags.VirtualExecUsage, spec.Flags.VirtualExecUsage) ||
			text(config.Flags.VirtualMmuUsage, spec.Flags.VirtualMmuUsage))
}

// over is a data object with what another says in its place. What that leaves out stays.
func over[T any](now, to *T) *T {
	if now == nil || to == nil {
		return to
	}
	out := *now
	into, from := reflect.ValueOf(&out).Elem(), reflect.ValueOf(*to)
	for i := range from.NumField() {
		if field := from.Field(i); !field.IsZero() {
			into.Field(i).Set(field)
		}
	}
	return &out
}

// changes tells whether a data object says something that another does not. What it leaves
// out changes nothing.
func changes[T any](now, to *T) bool {
	if to == nil {
		return false
	}
	if now == nil {
		now = new(T)
	}
	was, is := reflect.ValueOf(*now), reflect.ValueOf(*to)
	for i := range is.NumField() {
		if field := is.Field(i); !field.IsZero() && !reflect.DeepEqual(field.Interface(), was.Field(i).Interface()) {
			return true
		}
	}
	return false
}
