package virtualmachine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// Delete implements resource.Resource: the machine goes, from whatever power state. That it
// is gone already is success.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.configured(&resp.Diagnostics) {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	observed, err := r.observe(ctx, &state)
	if errors.Is(err, vsphere.ErrNotFound) {
		// What the machine held of pools, private state remembers as well.
		last, diags := readSent(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		if last != nil {
			resp.Diagnostics.Append(r.releaseForGood(ctx, state.ID.ValueString(), last.Pools)...)
		}
		return
	}
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to find the virtual machine", err)
		return
	}
	mode := machine.Mode(state.PowerOffMode.ValueString())
	switch {
	case observed.Unfinished(), observed.PowerState == govmomi.VirtualMachinePowerStateSuspended:
		mode = machine.Hard // there is no guest yet that could mind, or none that could be asked
	case mode == "":
		mode = machine.TrySoft
	}
	// What cannot be done is said before anything is done. Destroying deletes the files of all disks
	// that the machine has.
	detach, diags := detachment(ctx, &state, observed)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	pools := recordOf(observed).Pools
	if len(pools) > 0 || !detach.Empty() {
		// An address is only given back by a machine that does not use it any more, and before the
		// machine goes that remembers it.
		if err := r.backend.Machines.PowerOff(ctx, observed.Ref, mode); err != nil {
			backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to power the virtual machine off", err)
			return
		}
	}
	resp.Diagnostics.Append(r.releaseForGood(ctx, observed.InstanceUUID, pools)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !detach.Empty() {
		if err := r.backend.Machines.Reconfigure(ctx, observed.Ref, detach.Spec); err != nil {
			backend.Failed(&resp.Diagnostics, path.Root("volume"), "Unable to detach the volumes that are to be kept", err)
			return
		}
	}
	if err := r.backend.Machines.Destroy(ctx, observed.Ref, mode); err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to delete the virtual machine", err)
	}
}

// unknownKept refuses to destroy a machine whose volumes are to be kept and that does not say any
// more which of its disks they are.
func unknownKept(ctx context.Context, state *model, observed *machine.Observation) diag.Diagnostics {
	var diags diag.Diagnostics
	if remembered := recordOf(observed); !remembered.lost() || neverRan(observed) {
		return diags
	}
	hardware, _ := state.hardware(ctx)
	for _, volume := range hardware.Volumes.Or(nil) {
		if volume.ReclaimPolicy.Or("") == reclaimRetain {
			diags.AddAttributeError(path.Root("volume"), "The disk of a volume that is to be kept is not known",
				fmt.Sprintf("The volume %q has reclaim_policy = %q, and %s has lost its record (the ExtraConfig key %s), which said which disk that is. "+
					"%s Or detach the disk and give the volume reclaim_policy = %q.", volume.Name.Or(""), reclaimRetain, observed.Title(), recordKey, howToAdopt, reclaimDelete))
		}
	}
	return diags
}

// keptVolumes are the volumes of a machine that is about to be destroyed, some of which may say that
// their files survive it: none when the machine never ran.
func keptVolumes(observed *machine.Observation) map[string]machine.DiskRecord {
	if neverRan(observed) {
		return nil
	}
	return recordOf(observed).Volumes
}

// neverRan tells that the creation of a machine was interrupted before it was powered on, and maybe
// before its record was written. There is nothing in its volumes yet, and the next creation makes
// them anew.
func neverRan(observed *machine.Observation) bool {
	return observed.Unfinished() && observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOff
}
