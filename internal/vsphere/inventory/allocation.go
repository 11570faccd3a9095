package inventory

import (
	"context"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const mebibyte = 1 << 20

// MemoryMB is the memory in MiB, rounded up as VM Operator does with a class.
func (c *Class) MemoryMB() int64 { return ceilDiv(c.MemoryBytes, mebibyte) }

// NeedsMHz tells that a processor request or limit has to be converted, for which Allocation
// needs the speed of the slowest host.
func (r Resources) NeedsMHz() bool { return r.CPURequestMilli != nil || r.CPULimitMilli != nil }

// Allocation turns a class's requests and limits into vSphere's allocations: processors in
// MHz of a core of mhz MHz, memory in MiB, both rounded up. As in VM Operator, any request or
// limit replaces what the class's ConfigSpec says about that resource, shares included; with
// none, only what the ConfigSpec leaves open is filled in: normal shares, no reservation, no
// limit.
func Allocation(class *Class, mhz int64) (cpu, memory types.ResourceAllocationInfo) {
	var given types.VirtualMachineConfigSpec
	if class.ConfigSpec != nil {
		given = *class.ConfigSpec
	}
	const milli = 1000
	cpu = allocation(class.CPURequestMilli, class.CPULimitMilli, given.CpuAllocation,
		func(m int64) int64 { return ceilDiv(m*mhz, milli) })
	memory = allocation(class.MemoryRequestBytes, class.MemoryLimitBytes, given.MemoryAllocation,
		func(b int64) int64 { return ceilDiv(b, mebibyte) })
	return cpu, memory
}

func allocation(request, limit *int64, given *types.ResourceAllocationInfo, convert func(int64) int64) types.ResourceAllocationInfo {
	var info types.ResourceAllocationInfo
	if request == nil && limit == nil && given != nil {
		info = *given
	}
	if request != nil {
		info.Reservation = types.NewInt64(convert(*request))
	}
	if limit != nil {
		info.Limit = types.NewInt64(convert(*limit))
	}
	if info.Shares == nil {
		info.Shares = &types.SharesInfo{Level: types.SharesLevelNormal}
	}
	if info.Reservation == nil {
		info.Reservation = types.NewInt64(0)
	}
	if info.Limit == nil {
		info.Limit = types.NewInt64(-1)
	}
	return info
}

// LowestMHz is the clock rate, in MHz, of the slowest host that the namespace's machines can
// run on: what a core is worth there at least.
func (i *Inventory) LowestMHz(ctx context.Context, namespace Namespace) (int64, error) {
	var lowest int64
	err := i.tree.Find(ctx, func(t *tree) error {
		for _, host := range t.of(typeHost) {
			mhz := int64(value[int32](host, "summary.hardware.cpuMhz"))
			if host.parent == namespace.compute && mhz > 0 && (lowest == 0 || mhz < lowest) {
				lowest = mhz
			}
		}
		if lowest == 0 {
			return failure(vsphere.ErrNotFound,
				"no host of %s, where namespace %q has its resource pool, tells its clock rate, which turns cores into MHz. Add a host to it, or leave out the cpu requests and limits of the class",
				namespace.Compute.Path, namespace.Name)
		}
		return nil
	})
	return lowest, err
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
