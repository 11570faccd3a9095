package image

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Delete implements resource.Resource: the item goes, with its content. That it is gone already
// is success. Machines that were made of it stay.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.connected(&resp.Diagnostics) {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	noted, diags := readRecord(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	remove := r.uploads().Delete
	if noted.Unfinished != "" {
		// With create_before_destroy its successor may be the same item.
		remove = func(ctx context.Context, id string) error {
			return r.uploads().DeleteUnfinished(ctx, id, noted.Unfinished)
		}
	}
	err := remove(ctx, state.ID.ValueString())
	switch {
	case err == nil:
	case errors.Is(err, vsphere.ErrTaskInProgress), errors.Is(err, vsphere.ErrInvalidState):
		resp.Diagnostics.AddError("The image is in use", fmt.Sprintf(
			"vCenter does not delete %q (content library item %s) now. Machines are being deployed from it, its content is being transferred, or it is in the CD-ROM drive of a machine. Destroy again when that has ended.\n\n%s",
			state.Name.ValueString(), state.ID.ValueString(), backend.Sentence(err.Error())))
	default:
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to delete the image", limit{"timeouts.delete", timeout}.late(ctx, err))
	}
}
