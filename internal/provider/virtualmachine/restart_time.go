package virtualmachine

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// isTime accepts a time in RFC 3339 form.
type isTime struct{}

// Description implements validator.Describer.
func (isTime) Description(context.Context) string {
	return "a time in RFC 3339 form, such as 2025-06-01T12:00:00Z"
}

// MarkdownDescription implements validator.Describer.
func (v isTime) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v isTime) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a time",
			fmt.Sprintf("%q was given, and %s is needed. Write plantimestamp() for the time of the plan.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
