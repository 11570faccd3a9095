package image

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// planName makes sure that the name is free, or comes free.
func (p *planner) planName(ctx context.Context) {
	if p.library == nil || p.plan.Name.IsUnknown() {
		return
	}
	own, name := p.record.ItemID, p.plan.Name.ValueString()
	if p.prior != nil {
		p.uploads().Manage(own)
	}
	if err := p.uploads().Claim(p.library.ID, name, own); err != nil {
		p.resp.Diagnostics.AddAttributeError(namePath, "The name is taken", backend.Sentence(err.Error()))
		return
	}
	if !p.fresh && p.plan.Name.Equal(p.prior.Name) {
		return
	}
	switch err := p.uploads().Free(ctx, *p.library, name, own, p.fresh); {
	case errors.Is(err, library.ErrPerhapsTaken):
		p.resp.Diagnostics.AddAttributeWarning(namePath, "The name is taken", backend.Sentence(err.Error())+" The apply fails if that is still so.")
	case err != nil:
		p.resp.Diagnostics.AddAttributeError(namePath, "The name is taken", backend.Sentence(err.Error()))
	}
}

// planEnd notes that the name of an image comes free.
func (r *Resource) planEnd(ctx context.Context, req resource.ModifyPlanRequest) {
	var prior resourceModel
	if r.backend != nil && !r.backend.Deferred && !req.State.Get(ctx, &prior).HasError() {
		r.uploads().Leaves(prior.ID.ValueString())
	}
}
