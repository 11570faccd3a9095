package virtualmachine

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// planDestroy plans the end of a machine: it refuses what a deletion would, and says which files stay
// behind. That the disks go which do not stay is what destroying says.
func (r *Resource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, kept, ok := r.planEnd(ctx, &state, &resp.Diagnostics)
	if ok && len(kept) > 0 {
		resp.Diagnostics.AddWarning(keeps, fmt.Sprintf("%q leaves the files of volumes with reclaim_policy = %q behind: %s. Nothing removes them later.",
			state.Name.ValueString(), reclaimRetain, listed(kept)))
	}
}

// planReplacement says what becomes of the volumes of a machine that another one takes the place of:
// it has volumes of the same names, and other disks.
func (p *planner) planReplacement(ctx context.Context) {
	if p.prior == nil || len(p.resp.RequiresReplace) == 0 {
		return
	}
	gone, kept, ok := p.planEnd(ctx, p.prior, &p.resp.Diagnostics)
	if !ok {
		return
	}
	name := p.prior.Name.ValueString()
	if len(gone) > 0 {
		p.resp.Diagnostics.AddAttributeWarning(volumePath, "Replacing the machine destroys its volumes",
			fmt.Sprintf("%q has volumes whose disks are destroyed with it, and what is on them is lost: %s. The machine that takes its place gets new, empty ones. "+
				"To keep the files, apply the volumes with reclaim_policy = %q before the machine is replaced.", name, listed(gone), reclaimRetain))
	}
	if len(kept) > 0 {
		p.resp.Diagnostics.AddAttributeWarning(volumePath, keeps,
			fmt.Sprintf("%q leaves the files of volumes with reclaim_policy = %q behind: %s. Nothing removes them later, and the machine that takes its place gets new, empty disks.",
				name, reclaimRetain, listed(kept)))
	}
}

// keeps is the warning of files that outlive their machine.
const keeps = "Files of volumes stay behind"

// planEnd finds the volumes of a machine that is to be destroyed: those whose files go with it, and
// those whose files stay. It reports what a deletion would refuse. It is false where nothing can be
// said of them: what cannot be read now, apply will tell.
func (r *Resource) planEnd(ctx context.Context, state *model, diags *diag.Diagnostics) (gone, kept []volumeDisk, ok bool) {
	observed, err := r.backend.Machines.Refresh(ctx, lastSeen(ctx, state), state.ID.ValueString())
	if err != nil {
		tflog.Debug(ctx, "a machine that is to be destroyed cannot be read", map[string]any{"machine": state.ID.ValueString(), "error": err.Error()})
		return nil, nil, false
	}
	if _, problems := detachment(ctx, state, observed); problems.HasError() {
		diags.Append(problems...)
		return nil, nil, false
	}
	if neverRan(observed) {
		return nil, nil, false // there is nothing on its disks yet
	}
	for _, disk := range volumeDisks(observed.Disks, recordOf(observed).Volumes) {
		if disk.Keep {
			kept = append(kept, disk)
		} else {
			gone = append(gone, disk)
		}
	}
	return gone, kept, true
}

// detachment is what comes before a machine is destroyed: it takes the disks off whose files are to be
// kept. The errors are about a machine that must not be destroyed, or whose disks cannot be kept.
func detachment(ctx context.Context, state *model, observed *machine.Observation) (machine.Change, diag.Diagnostics) {
	var diags diag.Diagnostics
	if observed.Template {
		diags.AddError(isTemplate, fmt.Sprintf("%s Or remove it from the state (terraform state rm), which leaves the template alone.", templateText(observed)))
		return machine.Change{}, diags
	}
	diags.Append(unknownKept(ctx, state, observed)...)
	if diags.HasError() {
		return machine.Change{}, diags
	}
	detach, err := machine.DetachKept(observed, keptVolumes(observed))
	if err != nil {
		backend.Failed(&diags, volumePath, "Unable to detach the volumes that are to be kept", err)
	}
	return detach, diags
}

const isTemplate = "The virtual machine is a template"

// templateText says of a machine that it is a template, and how it becomes a machine again.
func templateText(observed *machine.Observation) string {
	return fmt.Sprintf("%s has been made a template, which Terraform did not do: a template does not run, takes no change, and may be what others deploy from. "+
		"Convert it back to a virtual machine in vCenter to go on with it.", observed.Title())
}

func listed(disks []volumeDisk) string {
	names := make([]string, len(disks))
	for i, disk := range disks {
		names[i] = disk.String()
	}
	return strings.Join(names, ", ")
}
