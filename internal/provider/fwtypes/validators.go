package fwtypes

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/api/resource"
)

// IsAddress accepts an IP address without prefix length or zone.
type IsAddress struct{}

// Description implements validator.Describer.
func (IsAddress) Description(context.Context) string { return "an IP address, such as 192.0.2.53" }

// MarkdownDescription implements validator.Describer.
func (v IsAddress) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v IsAddress) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if addr, err := netip.ParseAddr(req.ConfigValue.ValueString()); err != nil || addr.Zone() != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Not an IP address",
			fmt.Sprintf("%q was given, and %s is needed.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// IsQuantity accepts a positive Kubernetes quantity.
type IsQuantity struct{}

// Description implements validator.Describer.
func (IsQuantity) Description(context.Context) string {
	return "a positive quantity, such as 4Gi, 512Mi, 500m or 2"
}

// MarkdownDescription implements validator.Describer.
func (v IsQuantity) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v IsQuantity) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	quantity, err := resource.ParseQuantity(req.ConfigValue.ValueString())
	if err != nil || quantity.Sign() <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a quantity",
			fmt.Sprintf("%q was given, and %s is needed.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
