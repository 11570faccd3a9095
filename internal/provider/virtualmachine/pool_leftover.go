package virtualmachine

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// releaseLeftover gives back what an interrupted creation holds of pools, before a deploy of the
// same name to the same folder removes its machine. It looks only where the datacenter has a
// pool to allocate from, and leaves alone what this process is creating itself.
func (r *Resource) releaseLeftover(ctx context.Context, folder machine.Ref, name string) error {
	allocations, err := r.leftover(ctx, folder, name)
	if err != nil {
		return err
	}
	return r.backend.Pools.ReleaseAll(ctx, allocations)
}

// leftover is what an interrupted creation of a machine may hold.
func (r *Resource) leftover(ctx context.Context, folder machine.Ref, name string) ([]ippool.Allocation, error) {
	ref, found, err := r.backend.Pools.Holder(ctx, folder, name)
	if err != nil || !found {
		return nil, err
	}
	o, err := r.backend.Machines.Observe(ctx, ref)
	switch {
	case errors.Is(err, vsphere.ErrNotFound):
		return nil, nil // deleted just now
	case err != nil:
		return nil, err
	case !o.Unfinished():
		return nil, nil // somebody's: the deploy says so
	}
	allocations := allocationsOf(o.InstanceUUID, recordOf(o).Pools)
	if slices.ContainsFunc(allocations, r.backend.Pools.Own) {
		return nil, nil
	}
	return allocations, nil
}

// releaseForGood gives back what a machine holds that is about to be destroyed. What vCenter
// refuses to release it will refuse tomorrow: that is a warning, so that the machine can go. All
// else is an error, and the machine stays, because its record is all that knows of the addresses.
func (r *Resource) releaseForGood(ctx context.Context, instanceUUID string, records map[string]poolRecord) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, allocation := range allocationsOf(instanceUUID, records) {
		err := r.backend.Pools.Release(ctx, allocation)
		switch {
		case err == nil:
		case errors.Is(err, vsphere.ErrNotPermitted), errors.Is(err, vsphere.ErrUnsupported):
			diags.AddWarning("Addresses stay allocated", backend.Sentence(err.Error())+
				"\n\nThe machine is destroyed all the same. An administrator can free the addresses by taking them out of the profile's range for a moment.")
		default:
			backend.Failed(&diags, path.Empty(), "Unable to release the machine's addresses", err)
		}
	}
	return diags
}
