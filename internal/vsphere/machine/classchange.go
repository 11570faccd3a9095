package machine

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// PartFlags are the flags of a machine, which its class may have.
const PartFlags Part = "flags"

// ClassExtraConfig is the ExtraConfig that machines of a class get under their own; empty for a
// nil base. An update puts it under its own keys, for one call of ExtraConfigChanges.
func ClassExtraConfig(base *types.VirtualMachineConfigSpec) ExtraConfig {
	if base == nil {
		return ExtraConfig{}
	}
	return extraConfig(base.ExtraConfig)
}

// CheckClass says whether a machine of a size can have what its class asks for beyond that:
// vSphere powers a machine of high latency sensitivity on only if all of its memory is reserved
// and some of its processors. locked says that vSphere keeps the memory reservation of the
// machine as it is at the size of the memory. What of the size is not known is not judged. Error:
// vsphere.ErrInvalidArgument.
func CheckClass(base *types.VirtualMachineConfigSpec, size Size, locked bool) error {
	if base == nil || base.LatencySensitivity == nil || base.LatencySensitivity.Level != types.LatencySensitivitySensitivityLevelHigh {
		return nil
	}
	if lock := base.MemoryReservationLockedToMax; lock != nil {
		locked = *lock
	}
	if reserved := *whole(size.MemoryAllocation).Reservation; size.MemoryMB != 0 && reserved < size.MemoryMB && !locked {
		return fmt.Errorf("%w: the latency sensitivity high needs all memory reserved, and of %d MB there are %d MB. Reserve all of it, by the class or by the machine's own requests",
			vsphere.ErrInvalidArgument, size.MemoryMB, reserved)
	}
	if size.CPUs != 0 && *whole(size.CPUAllocation).Reservation == 0 {
		return fmt.Errorf("%w: the latency sensitivity high needs a reservation of processors, and there is none. Reserve all of them, by the class or by the machine's own requests",
			vsphere.ErrInvalidArgument)
	}
	return nil
}

// checkLatency is CheckClass for a machine that has a high latency sensitivity of an earlier class and
// gets another size by one that does not say any: it keeps it, and would not be powered on any more.
func checkLatency(want *Wanted, have *Observation) error {
	said := want.Base != nil && want.Base.LatencySensitivity != nil && want.Base.LatencySensitivity.Level != ""
	if said || have.Latency != types.LatencySensitivitySensitivityLevelHigh {
		return nil
	}
	size := want.Size
	if size.MemoryMB != 0 || size.MemoryAllocation != nil {
		size.MemoryMB, size.MemoryAllocation = cmp.Or(size.MemoryMB, have.MemoryMB), cmp.Or(size.MemoryAllocation, have.MemoryAllocation)
	}
	if size.CPUs != 0 || size.CPUAllocation != nil {
		size.CPUs, size.CPUAllocation = cmp.Or(size.CPUs, have.CPUs), cmp.Or(size.CPUAllocation, have.CPUAllocation)
	}
	kept := types.VirtualMachineConfigSpec{LatencySensitivity: &types.LatencySensitivity{Level: have.Latency}}
	if want.Base != nil {
		kept.MemoryReservationLockedToMax = want.Base.MemoryReservationLockedToMax
	}
	if err := CheckClass(&kept, size, have.MemoryLocked); err != nil {
		return fmt.Errorf("%w. The machine has it of an earlier class, and keeps it until a class says latencySensitivity normal", err)
	}
	return nil
}

// ClassChange compares what a class holds beyond its size with a machine, for a machine that gets
// another class. As in VM Operator, what the class leaves open stays as it is. want is the size
// that the machine gets; merge the result after SizeChange, some of which it corrects: cores per
// socket, and the reservation of memory whose lock begins or ends. Notes are only written where
// there are none. ExtraConfig is left to ExtraConfigChanges; see ClassExtraConfig.
//
// A running machine takes notes, the lock of the memory reservation and the tracking of changed
// blocks. Everything else waits for it to be powered off, as in the vSphere Client: also the
// latency sensitivity and the flags, some of which vSphere may take earlier.
func ClassChange(base *types.VirtualMachineConfigSpec, want Size, have *Observation) Change {
	var c Change
	if base == nil {
		return c
	}
	c.cores(base.NumCoresPerSocket, cmp.Or(want.CPUs, have.CPUs), have)
	for _, toggle := range []struct {
		part Part
		what string
		want *bool
		have bool
		into **bool
	}{
		{PartCPU, "adding processors while it runs", base.CpuHotAddEnabled, have.HotPlug.CPUs, &c.Spec.CpuHotAddEnabled},
		{PartCPU, "removing processors while it runs", base.CpuHotRemoveEnabled, have.HotPlug.RemoveCPUs, &c.Spec.CpuHotRemoveEnabled},
		{PartMemory, "adding memory while it runs", base.MemoryHotAddEnabled, have.HotPlug.Memory, &c.Spec.MemoryHotAddEnabled},
		{PartCPU, "nested virtualization", base.NestedHVEnabled, have.NestedHV, &c.Spec.NestedHVEnabled},
		{PartCPU, "virtual performance counters", base.VPMCEnabled, have.VPMC, &c.Spec.VPMCEnabled},
	} {
		if toggle.want == nil || *toggle.want == toggle.have {
			continue
		}
		*toggle.into = toggle.want
		if *toggle.want {
			c.offline(toggle.part, "", "%s cannot be enabled", toggle.what)
		} else {
			c.offline(toggle.part, "", "%s cannot be disabled", toggle.what)
		}
	}
	const normal = types.LatencySensitivitySensitivityLevelNormal
	if latency := base.LatencySensitivity; latency != nil && cmp.Or(latency.Level, normal) != cmp.Or(have.Latency, normal) {
		c.Spec.LatencySensitivity = latency
		c.offline(PartCPU, "", "the latency sensitivity %s cannot become %s while it runs", cmp.Or(have.Latency, normal), latency.Level)
	}
	c.lock(base.MemoryReservationLockedToMax, want, have)
	c.flags(base.Flags, &have.Flags)
	if have.Annotation == "" {
		c.Spec.Annotation = base.Annotation
	}
	if base.ChangeTrackingEnabled != nil {
		c.Merge(ChangeTrackingChange(*base.ChangeTrackingEnabled, have))
	}
	return c
}

// coresFor is the cores per socket, where they are wanted, that a number of processors can have:
// vSphere refuses those of which the processors are no multiple.
func coresFor(cores *int32, cpus int32) *int32 {
	if cores != nil && *cores > 1 && cpus%*cores != 0 {
		return types.NewInt32(1)
	}
	return cores
}

// cores compares the cores per socket; 0 has vSphere decide them.
func (c *Change) cores(want *int32, cpus int32, have *Observation) {
	cores := coresFor(want, cpus)
	switch {
	case cores == nil:
	case *cores == 0:
		if !have.AutoCores {
			c.Spec.NumCoresPerSocket = cores
			c.offline(PartCPU, "", "vSphere cannot take over the %d cores per socket while it runs", max(have.CoresPerSocket, 1))
		}
	case have.AutoCores || *cores != max(have.CoresPerSocket, 1):
		c.Spec.NumCoresPerSocket = cores
		c.offline(PartCPU, "", "%d cores per socket cannot become %d while it runs", max(have.CoresPerSocket, 1), *cores)
	}
}

// lock begins or ends the lock of the memory reservation at the size of the memory. The
// reservation that comes with it is that size, or else the wanted one.
func (c *Change) lock(want *bool, size Size, have *Observation) {
	if want == nil || *want == have.MemoryLocked {
		return
	}
	c.Spec.MemoryReservationLockedToMax = want
	if size.MemoryAllocation == nil {
		return
	}
	c.Spec.MemoryAllocation = whole(size.MemoryAllocation)
	if *want {
		c.Spec.MemoryAllocation = lockedAt(c.Spec.MemoryAllocation, cmp.Or(size.MemoryMB, have.MemoryMB))
	}
}

// lockedAt is an allocation of memory whose reservation vSphere keeps at the size of the memory;
// 0 where that is not known.
func lockedAt(allocation *types.ResourceAllocationInfo, memoryMB int64) *types.ResourceAllocationInfo {
	locked := *allocation
	locked.Reservation = nil
	if memoryMB != 0 {
		locked.Reservation = &memoryMB
	}
	return &locked
}

// flags compares those flags that the class has.
func (c *Change) flags(want, have *types.VirtualMachineFlagInfo) {
	if want == nil {
		return
	}
	var differing types.VirtualMachineFlagInfo
	into, from, now := reflect.ValueOf(&differing).Elem(), reflect.ValueOf(*want), reflect.ValueOf(*have)
	for i := range from.NumField() {
		field := from.Field(i)
		if field.IsZero() || reflect.DeepEqual(field.Interface(), now.Field(i).Interface()) {
			continue
		}
		if off, ok := field.Interface().(*bool); ok && !*off && now.Field(i).IsZero() {
			continue // what vCenter does not tell is off
		}
		into.Field(i).Set(field)
		name, _, _ := strings.Cut(from.Type().Field(i).Tag.Get("json"), ",")
		c.offline(PartFlags, name, "it cannot change while the machine runs")
	}
	if !reflect.ValueOf(differing).IsZero() {
		c.Spec.Flags = &differing
	}
}
