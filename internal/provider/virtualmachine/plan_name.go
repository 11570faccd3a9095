package virtualmachine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// planNewName warns of a name that another machine has where the machine is to be created.
func (p *planner) planNewName(ctx context.Context) {
	if p.prior != nil || p.world == nil || p.plan.Name.IsUnknown() {
		return
	}
	// A plan that replaces a machine asks for a new one while the old one is there.
	replaced, diags := readSent(ctx, p.req.Private)
	p.resp.Diagnostics.Append(diags...)
	own := ""
	if replaced != nil {
		own = replaced.InstanceUUID
	}
	p.nameIsFree(ctx, p.world.namespace.FolderReference(), own)
}

// planRenaming warns of a name that another machine has where the machine is.
func (p *planner) planRenaming(ctx context.Context, observed *machine.Observation) {
	if p.plan.Name.IsUnknown() || observed.Name == p.plan.Name.ValueString() || observed.Folder.Value == "" {
		return
	}
	p.nameIsFree(ctx, observed.Folder, observed.InstanceUUID)
}

// nameIsFree warns of another machine that has the planned name in a folder: vCenter would refuse
// it. It is no error, because that machine may be gone, or have another name, when it comes to it.
// A machine of an unfinished creation makes room, and own is the one that may have the name.
func (p *planner) nameIsFree(ctx context.Context, folder machine.Ref, own string) {
	name := p.plan.Name.ValueString()
	bearer, taken, err := p.backend.Machines.Bearer(ctx, folder, name)
	switch {
	case errors.Is(err, machine.ErrInaccessible):
		p.resp.Diagnostics.AddAttributeWarning(namePath, "The name is taken",
			fmt.Sprintf("Another machine has the name %q in the folder, and it cannot be read: %s. Apply will fail while it has it. Choose another name.", name, err))
	case err != nil:
		// What cannot be told must not keep the plan from being made. Apply finds out.
		tflog.Debug(ctx, "the bearer of the name cannot be looked up", map[string]any{"name": name, "folder": folder.Value, "error": err.Error()})
	case !taken || bearer.Unfinished() || bearer.InstanceUUID == own:
	case p.backend.Machines.Manages(bearer.InstanceUUID):
		p.resp.Diagnostics.AddAttributeWarning(namePath, "The name is taken",
			backend.Sentence(fmt.Sprintf("%s, instance UUID %s, has the name, and Terraform manages it. Apply will fail unless it destroys, replaces or renames that machine first. "+
				"Machines that swap their names need a third name for one of them, and an apply in between.", bearer.Title(), bearer.InstanceUUID)))
	default:
		p.resp.Diagnostics.AddAttributeWarning(namePath, "The name is taken",
			backend.Sentence(fmt.Sprintf("%s, instance UUID %s, has the name. Apply will fail while it has it. Choose another name, or, if that is the machine that is meant, "+
				"import it: terraform import ADDRESS %s.", bearer.Title(), bearer.InstanceUUID, bearer.InstanceUUID)))
	}
}
