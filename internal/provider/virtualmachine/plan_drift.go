package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// planDrift tells what became of the image of a machine that stays: the machine is not
// affected, but it cannot be made anew as it was. All machines of an image share one request.
func (p *planner) planDrift(ctx context.Context) {
	if p.prior == nil || len(p.resp.RequiresReplace) > 0 {
		return
	}
	block, _ := fwtypes.Block[statusModel](ctx, p.prior.Status)
	status, _ := block.Get()
	inner, _ := fwtypes.Block[statusImageModel](ctx, status.Image)
	deployed, ok := inner.Get()
	if !ok || deployed.ItemID.ValueString() == "" {
		return // nobody knows what it was made of
	}
	drift, err := p.backend.Images.Drift(ctx, deployed.ItemID.ValueString(), deployed.ContentVersion.ValueString())
	at := path.Root("image_name")
	if p.config.ImageName.IsNull() {
		at = path.Root("image")
	}
	switch {
	case err != nil:
		// What cannot be told must not keep the plan of a machine that stays from being made.
		tflog.Debug(ctx, "the machine's image cannot be looked up", map[string]any{"item": deployed.ItemID.ValueString(), "error": err.Error()})
	case drift.Gone:
		p.resp.Diagnostics.AddAttributeWarning(at, "The machine's image is gone",
			fmt.Sprintf("%q was made of the library item %s, which does not exist any more or may not be seen. The machine stays, but could not be made again: "+
				"name another image before something replaces it.", p.plan.Name.ValueString(), deployed.ItemID.ValueString()))
	case drift.Newer:
		p.resp.Diagnostics.AddAttributeWarning(at, "The machine's image has newer content",
			fmt.Sprintf("%q was made of version %s of the image %q, which is at version %s now. The machine stays as it is; "+
				"replace it to get the new content: terraform apply -replace=ADDRESS.",
				p.plan.Name.ValueString(), deployed.ContentVersion.ValueString(), drift.Name, drift.ContentVersion))
	}
}
