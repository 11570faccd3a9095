package machine

import (
	"cmp"
	"fmt"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// HotPlug is what a running machine lets be added.
type HotPlug struct {
	CPUs       bool // may become more
	RemoveCPUs bool // may become fewer
	Memory     bool // may become more
	// MemoryLimitMB is how much memory a running machine can have at most, and MemoryStepMB what
	// an addition has to be a multiple of; 0 where vCenter does not say.
	MemoryLimitMB, MemoryStepMB int64
}

func newHotPlug(config *types.VirtualMachineConfigInfo) HotPlug {
	return HotPlug{
		CPUs: isTrue(config.CpuHotAddEnabled), RemoveCPUs: isTrue(config.CpuHotRemoveEnabled), Memory: isTrue(config.MemoryHotAddEnabled),
		MemoryLimitMB: config.HotPlugMemoryLimit, MemoryStepMB: config.HotPlugMemoryIncrementSize,
	}
}

// Size is the processors and the memory of a machine as they are wanted. What is zero or nil is
// left as it is.
type Size struct {
	CPUs             int32
	MemoryMB         int64
	CPUAllocation    *types.ResourceAllocationInfo // MHz
	MemoryAllocation *types.ResourceAllocationInfo // MB
}

// over is the size that the machine has when the wanted one is applied, and whether vSphere keeps
// the memory reservation at the size of the memory by then. It is empty where nothing is wanted.
func (want Size) over(base *types.VirtualMachineConfigSpec, have *Observation) (size Size, locked bool) {
	locked = have.MemoryLocked
	if base != nil && base.MemoryReservationLockedToMax != nil {
		locked = *base.MemoryReservationLockedToMax
	}
	if want.MemoryMB != 0 || want.MemoryAllocation != nil {
		size.MemoryMB, size.MemoryAllocation = cmp.Or(want.MemoryMB, have.MemoryMB), cmp.Or(want.MemoryAllocation, have.MemoryAllocation)
	}
	size.CPUAllocation = want.CPUAllocation
	return size, locked
}

// CheckSize says whether vSphere can give a machine a size: no more memory is reserved than the
// machine has, and nothing more than its limit allows (vSphere API, ResourceAllocationInfo). locked
// says that vSphere keeps the memory reservation at the size of the memory. What is zero or nil is
// not judged. Error: a PartError that is vsphere.ErrInvalidArgument.
func CheckSize(size Size, locked bool) error {
	problem := func(part Part, format string, args ...any) error {
		return PartError{part, "", fmt.Errorf("%w: %s", vsphere.ErrInvalidArgument, fmt.Sprintf(format, args...))}
	}
	cpu, memory := whole(size.CPUAllocation), whole(size.MemoryAllocation)
	switch {
	case *cpu.Limit >= 0 && *cpu.Reservation > *cpu.Limit:
		return problem(PartCPU, "%d MHz are to be reserved, and the limit is %d MHz. Reserve less, or raise the limit; what is not written is the class's", *cpu.Reservation, *cpu.Limit)
	case locked:
		return nil
	case size.MemoryMB != 0 && *memory.Reservation > size.MemoryMB:
		return problem(PartMemory, "%d MB of memory are to be reserved, and the machine has %d MB. Reserve less, or give it more memory; what is not written is the class's, or the image's",
			*memory.Reservation, size.MemoryMB)
	case *memory.Limit >= 0 && *memory.Reservation > *memory.Limit:
		return problem(PartMemory, "%d MB of memory are to be reserved, and the limit is %d MB. Reserve less, or raise the limit; what is not written is the class's",
			*memory.Reservation, *memory.Limit)
	}
	return nil
}

// SizeChange compares the wanted size with that of a machine. Allocations change on a running
// machine; processors and memory do where the machine was made to let them be added.
//
// Processors that are no multiple of the machine's cores per socket get one core per socket:
// vSphere refuses any other combination. Where vSphere keeps the memory reservation at the size
// of the memory, it is not sent.
func SizeChange(want Size, have *Observation) Change {
	var c Change
	c.cpus(want, have)
	c.memory(want, have)
	if want.CPUAllocation != nil {
		if cpu := whole(want.CPUAllocation); !sameAllocation(have.CPUAllocation, cpu) {
			c.Spec.CpuAllocation = cpu
		}
	}
	if want.MemoryAllocation != nil {
		memory := whole(want.MemoryAllocation)
		if have.MemoryLocked {
			memory.Reservation = whole(have.MemoryAllocation).Reservation
		}
		if !sameAllocation(have.MemoryAllocation, memory) {
			if have.MemoryLocked {
				memory.Reservation = nil
			}
			c.Spec.MemoryAllocation = memory
		}
	}
	return c
}

func (c *Change) cpus(want Size, have *Observation) {
	if want.CPUs == 0 || want.CPUs == have.CPUs {
		return
	}
	c.Spec.NumCPUs = want.CPUs
	if cores := have.CoresPerSocket; cores > 1 && want.CPUs%cores != 0 {
		c.Spec.NumCoresPerSocket = types.NewInt32(1)
		c.offline(PartCPU, "", "%d processors are no multiple of the %d cores per socket, which become 1", want.CPUs, cores)
		return
	}
	switch {
	case want.CPUs > have.CPUs && !have.HotPlug.CPUs:
		c.offline(PartCPU, "", "%d processors cannot become %d while it runs: adding processors is not enabled", have.CPUs, want.CPUs)
	case want.CPUs < have.CPUs && !have.HotPlug.RemoveCPUs:
		c.offline(PartCPU, "", "%d processors cannot become %d while it runs: removing processors is not enabled", have.CPUs, want.CPUs)
	}
}

func (c *Change) memory(want Size, have *Observation) {
	if want.MemoryMB == 0 || want.MemoryMB == have.MemoryMB {
		return
	}
	c.Spec.MemoryMB = want.MemoryMB
	added, plug := want.MemoryMB-have.MemoryMB, have.HotPlug
	switch {
	case added < 0:
		c.offline(PartMemory, "", "%d MB cannot become %d MB while it runs", have.MemoryMB, want.MemoryMB)
	case !plug.Memory:
		c.offline(PartMemory, "", "%d MB cannot become %d MB while it runs: adding memory is not enabled", have.MemoryMB, want.MemoryMB)
	case plug.MemoryLimitMB != 0 && want.MemoryMB > plug.MemoryLimitMB:
		c.offline(PartMemory, "", "%d MB are more than the %d MB that it can have while it runs", want.MemoryMB, plug.MemoryLimitMB)
	case plug.MemoryStepMB != 0 && added%plug.MemoryStepMB != 0:
		c.offline(PartMemory, "", "%d MB more are no multiple of the %d MB that can be added while it runs", added, plug.MemoryStepMB)
	}
}

// whole is an allocation with all its members: an unset reservation is 0, an unset limit none,
// and unset shares are normal. In a reconfiguration an unset member would mean "as it is".
func whole(a *types.ResourceAllocationInfo) *types.ResourceAllocationInfo {
	w := &types.ResourceAllocationInfo{
		Reservation: types.NewInt64(0), Limit: types.NewInt64(-1), Shares: &types.SharesInfo{Level: types.SharesLevelNormal},
	}
	if a == nil {
		return w
	}
	if a.Reservation != nil {
		w.Reservation = a.Reservation
	}
	if a.Limit != nil {
		w.Limit = a.Limit
	}
	if a.Shares != nil {
		w.Shares = a.Shares
	}
	return w
}

// DifferingAllocation tells what of two allocations differs: what is reserved, and what there is at
// the most. Unset members are vSphere's defaults.
func DifferingAllocation(have, want *types.ResourceAllocationInfo) (reservation, limit bool) {
	a, b := whole(have), whole(want)
	return *a.Reservation != *b.Reservation, *a.Limit != *b.Limit
}

// sameAllocation compares what can be wanted of allocations: reservation, limit, and the level of
// shares, whose number counts only where the level is custom.
func sameAllocation(have, want *types.ResourceAllocationInfo) bool {
	a, b := whole(have), whole(want)
	return *a.Reservation == *b.Reservation && *a.Limit == *b.Limit && a.Shares.Level == b.Shares.Level &&
		(a.Shares.Level != types.SharesLevelCustom || a.Shares.Shares == b.Shares.Shares)
}
