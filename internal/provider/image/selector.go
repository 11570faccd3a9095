package image

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
)

// isLabelSelector accepts a Kubernetes label selector.
type isLabelSelector struct{}

// Description implements validator.Describer.
func (isLabelSelector) Description(context.Context) string { return "a Kubernetes label selector" }

// MarkdownDescription implements validator.Describer.
func (v isLabelSelector) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (isLabelSelector) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := image.Select(req.ConfigValue.ValueString(), nil); err != nil {
		resp.Diagnostics.Append(badSelector(req.Path, err))
	}
}

// badSelector is the error of image.Select, at the attribute that it is about.
func badSelector(at path.Path, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Not a label selector", backend.Sentence(err.Error()))
}
