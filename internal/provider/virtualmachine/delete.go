package virtualmachine

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

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
	if r.backend == nil || r.backend.Deferred {
		resp.Diagnostics.AddError("The provider is not configured", "The provider's configuration is not known, and vCenter is needed now. Apply what it depends on first.")
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	observed, err := r.observe(ctx, &state)
	if errors.Is(err, vsphere.ErrNotFound) {
		return
	}
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to find the virtual machine", err)
		return
	}
	mode := machine.Mode(state.PowerOffMode.ValueString())
	switch {
	case observed.Unfinished():
		mode = machine.Hard // there is no guest yet that could mind
	case mode == "":
		mode = machine.TrySoft
	}
	if err := r.backend.Machines.Destroy(ctx, observed.Ref, mode); err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to delete the virtual machine", err)
	}
}
