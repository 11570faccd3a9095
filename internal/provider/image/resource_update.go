package image

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Update implements resource.Resource: another name and description, and other content, which
// becomes visible all at once. The item, and with it the VMI ID, stays.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.connected(&resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	source, _, diags := sourceOf(ctx, plan.Source)
	resp.Diagnostics.Append(diags...)
	noted, diags := readRecord(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	made := &making{Resource: r, plan: &plan, source: source, diags: &resp.Diagnostics, limit: fmt.Sprintf("timeouts.update, %s", timeout)}
	const left = "What was changed until then stays; the next apply uploads the content anew."
	id := state.ID.ValueString()
	if !plan.Name.Equal(state.Name) || plan.Description.ValueString() != state.Description.ValueString() {
		if err := r.uploads().Rename(ctx, id, plan.Name.ValueString(), plan.Description.ValueString()); err != nil {
			made.failed("Unable to rename the image", err, "")
			return
		}
	}
	// Plan says whether the content changes: then nobody knows yet what the image will be.
	changes := plan.Status.IsUnknown()
	if changes {
		if err := made.refill(ctx, id); err != nil {
			made.failed("Unable to update the image", err, left)
			return
		}
	}
	if changes {
		noted.filled(made.content, made.digests)
	}
	noted.Unfinished = ""
	resp.Diagnostics.Append(made.result(ctx, id, &noted)...)
	resp.Diagnostics.Append(noted.write(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: types.StringValue(id)})...)
}

// refill gives an item other content.
func (m *making) refill(ctx context.Context, itemID string) error {
	var err error
	if m.content, err = m.source.content(); err != nil {
		return err
	}
	if m.content != nil {
		if err := m.fill(ctx, itemID); err != nil {
			return err
		}
		return m.uploads().Usable(ctx, itemID, m.content)
	}
	machine, err := m.backend.Machines.Find(ctx, m.source.VirtualMachine.ValueString())
	if err != nil {
		return err
	}
	return m.uploads().Capture(ctx, itemID, machine)
}
