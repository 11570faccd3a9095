package simulator

import (
	"fmt"

	"github.com/vmware/govmomi/object"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// settleLocation checks and completes the place of a clone: a pool, which has to be given for a
// clone of a template that is to be a machine, a host of that pool's cluster, where vcsim takes the
// source's, and disks that the source has.
func settleLocation(ctx *vcsim.Context, vm *vcsim.VirtualMachine, at *types.VirtualMachineRelocateSpec, template bool) types.BaseMethodFault {
	for i, locator := range at.Disk {
		if _, ok := object.VirtualDeviceList(vm.Config.Hardware.Device).FindByKey(locator.DiskId).(*types.VirtualDisk); !ok {
			return &types.InvalidArgument{InvalidProperty: fmt.Sprintf("spec.location.disk[%d].diskId", i)}
		}
		if f := checkPlacement(ctx.Map, nil, nil, &locator.Datastore); f != nil {
			return f
		}
	}
	if at.Pool == nil {
		at.Pool = vm.ResourcePool
	}
	if at.Pool == nil {
		if !template {
			return &types.InvalidArgument{InvalidProperty: "spec.location.pool"}
		}
		at.Pool = poolOf(ctx, at.Host, vm.Runtime.Host)
	}
	if at.Pool == nil || at.Host != nil {
		return nil
	}
	pool, ok := ctx.Map.Get(*at.Pool).(*vcsim.ResourcePool)
	if !ok {
		return nil
	}
	cluster, ok := ctx.Map.Get(pool.Owner).(*vcsim.ClusterComputeResource)
	if !ok || len(cluster.Host) == 0 {
		return nil
	}
	for i := range cluster.Host {
		if vm.Runtime.Host != nil && cluster.Host[i] == *vm.Runtime.Host {
			return nil
		}
	}
	at.Host = &cluster.Host[0]
	return nil
}

// poolOf is the root pool of the cluster that the first of some hosts is in.
func poolOf(ctx *vcsim.Context, hosts ...*types.ManagedObjectReference) *types.ManagedObjectReference {
	for _, ref := range hosts {
		if ref == nil {
			continue
		}
		host, ok := ctx.Map.Get(*ref).(*vcsim.HostSystem)
		if !ok || host.Parent == nil {
			continue
		}
		if cluster, ok := ctx.Map.Get(*host.Parent).(*vcsim.ClusterComputeResource); ok {
			return cluster.ResourcePool
		}
	}
	return nil
}

// provision gives the disks of a clone the backing that the request asks for. Its disks have the
// keys of its source's. The caller holds its lock.
func provision(clone *vcsim.VirtualMachine, locators []types.VirtualMachineRelocateSpecDiskLocator) {
	for _, locator := range locators {
		want, ok := locator.DiskBackingInfo.(*types.VirtualDiskFlatVer2BackingInfo)
		if !ok {
			continue
		}
		device := object.VirtualDeviceList(clone.Config.Hardware.Device).FindByKey(locator.DiskId)
		if device == nil {
			continue
		}
		if has, ok := device.GetVirtualDevice().Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
			has.ThinProvisioned, has.EagerlyScrub = want.ThinProvisioned, want.EagerlyScrub
			if want.DiskMode != "" {
				has.DiskMode = want.DiskMode
			}
		}
	}
}
