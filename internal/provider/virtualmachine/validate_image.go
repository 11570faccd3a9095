package virtualmachine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
)

// imageID accepts a VMI ID, and imageKind the kind of an image, as parts of an object. What is wrong
// with one is said of the object: of a path into a value a CLI looks for the last name alone, and
// points at the line of another argument that has it.
type (
	imageID   struct{}
	imageKind struct{}
)

// Description implements validator.Describer.
func (imageID) Description(context.Context) string {
	return "a VMI ID, such as vmi-0a0044d7c690bcbea"
}

// MarkdownDescription implements validator.Describer.
func (v imageID) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (imageID) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	_, err := image.ParseID(req.ConfigValue.ValueString())
	if err == nil {
		return
	}
	hint := "The data source vmoperator_virtual_machine_image tells the VMI ID of a display name."
	if req.Path.ParentPath().Equal(path.Root("image")) {
		hint = "Use image_name, instead of image, for a display name."
	}
	resp.Diagnostics.AddAttributeError(req.Path.ParentPath(), "Not a VMI ID", fmt.Sprintf("The name of the image: %s %s", backend.Sentence(err.Error()), hint))
}

// Description implements validator.Describer.
func (imageKind) Description(context.Context) string {
	return "one of " + strings.Join(imageKindWords, ", ")
}

// MarkdownDescription implements validator.Describer.
func (v imageKind) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v imageKind) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if kind := req.ConfigValue; !kind.IsNull() && !kind.IsUnknown() && !slices.Contains(imageKindWords, kind.ValueString()) {
		resp.Diagnostics.AddAttributeError(req.Path.ParentPath(), "Not a kind of images", fmt.Sprintf("The kind of the image is %q, and has to be %s.", kind.ValueString(), v.Description(ctx)))
	}
}
