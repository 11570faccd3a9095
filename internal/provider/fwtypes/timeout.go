package fwtypes

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// LimitTimeouts has the timeouts of a block be times in which something can happen: the block that the framework's module
// makes takes none and negative ones, too, with which every operation fails at its first step.
func LimitTimeouts(block schema.SingleNestedBlock) schema.SingleNestedBlock {
	for name, attribute := range block.Attributes {
		if text, ok := attribute.(schema.StringAttribute); ok {
			text.Validators = []validator.String{isTimeout{}}
			block.Attributes[name] = text
		}
	}
	return block
}

// isTimeout accepts times of more than nothing.
type isTimeout struct{}

// Description implements validator.Describer.
func (isTimeout) Description(context.Context) string {
	return `a time of more than 0s, such as "90s" or "2h30m"`
}

// MarkdownDescription implements validator.Describer.
func (v isTimeout) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v isTimeout) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if limit, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || limit <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a timeout", fmt.Sprintf(
			"%q is not %s. The units are ns, us, ms, s, m and h. Leave it out for the default.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
