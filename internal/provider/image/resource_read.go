package image

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if resp.Identity != nil {
		// First of all: a CLI that does not keep identities has none to hand back, and the
		// framework wants one even of an image that is gone.
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: state.ID})...)
	}
	if r.backend == nil || r.backend.Deferred {
		return // the state stays as it is until vCenter is known
	}
	r.uploads().Refreshed(state.ID.ValueString()) // before all else: another plan may be asking
	timeout, diags := state.Timeouts.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if state.Namespace.IsNull() {
		state.Namespace = types.StringValue(r.backend.DefaultNamespace)
	}
	uploaded, err := r.backend.Images.Uploaded(ctx, r.scopes(state.Namespace), state.ID.ValueString())
	switch {
	case errors.Is(err, library.ErrGone):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to read the image", limit{"timeouts.read", timeout}.late(ctx, err))
		return
	}
	if state.ContentLibrary.IsNull() { // an import
		state.ContentLibrary = types.StringValue(uploaded.Library.Name)
		if found, err := r.backend.Images.Destination(ctx, uploaded.Library.Name); err != nil || found.ID != uploaded.Library.ID {
			state.ContentLibrary = types.StringValue(uploaded.Library.ID)
		}
	}
	state.show(ctx, uploaded, nil)
	noted, diags := readRecord(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	noted.see(uploaded)
	resp.Diagnostics.Append(noted.write(ctx, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}
