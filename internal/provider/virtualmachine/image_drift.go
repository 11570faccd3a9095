package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// imageGone is what sent.ImageTold says of an image that is gone.
const imageGone = "gone"

// tellImageDrift tells what became of the image of a machine: the machine is not affected, but it
// cannot be made anew as it was. It is told once: what private state says was told is not told
// again. A plan does not keep private state, so that every plan tells it until something is applied,
// or refreshed. All machines of an image share one request.
func (r *Resource) tellImageDrift(ctx context.Context, state *model, last *sent) diag.Diagnostics {
	var diags diag.Diagnostics
	block, _ := fwtypes.Block[statusModel](ctx, state.Status)
	status, _ := block.Get()
	inner, _ := fwtypes.Block[statusImageModel](ctx, status.Image)
	deployed, ok := inner.Get()
	if !ok || deployed.ItemID.ValueString() == "" {
		return diags // nobody knows what it was made of
	}
	drift, err := r.backend.Images.Drift(ctx, deployed.ItemID.ValueString(), deployed.ContentVersion.ValueString())
	if err != nil {
		// What cannot be told must not keep a machine from being read that stays.
		tflog.Debug(ctx, "the machine's image cannot be looked up", map[string]any{"item": deployed.ItemID.ValueString(), "error": err.Error()})
		return diags
	}
	told := last.ImageTold
	switch {
	case drift.Gone:
		last.ImageTold = imageGone
	case drift.Newer:
		last.ImageTold = drift.ContentVersion
	default:
		last.ImageTold = ""
	}
	at := path.Root("image_name")
	if state.ImageName.IsNull() {
		at = path.Root("image")
	}
	const once = "\n\nThis is said until the next apply."
	switch {
	case last.ImageTold == told:
	case drift.Gone:
		diags.AddAttributeWarning(at, "The machine's image is gone",
			fmt.Sprintf("%q was made of the library item %s, which does not exist any more or may not be seen. The machine stays as it is, and needs no image as long as "+
				"nothing replaces it. To make it anew, name an image that is there, which by itself replaces the machine.%s",
				state.Name.ValueString(), deployed.ItemID.ValueString(), once))
	case drift.Newer:
		diags.AddAttributeWarning(at, "The machine's image has newer content",
			fmt.Sprintf("%q was made of version %s of the image %q, which is at version %s now. The machine stays as it is; "+
				"replace it to get the new content: terraform apply -replace=ADDRESS.%s",
				state.Name.ValueString(), deployed.ContentVersion.ValueString(), drift.Name, drift.ContentVersion, once))
	}
	return diags
}
