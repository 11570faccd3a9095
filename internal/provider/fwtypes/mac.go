// Package fwtypes holds Terraform types whose values have a normal form: two spellings
// of the same value are the same value.
package fwtypes

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.StringTypable                    = MACType{}
	_ basetypes.StringValuableWithSemanticEquals = MAC{}
)

// MACType is the type of a MAC address. vCenter reports MAC addresses in lower case with
// colons; the state keeps the spelling of the configuration.
type MACType struct{ basetypes.StringType }

// String implements attr.Type.
func (MACType) String() string { return "fwtypes.MACType" }

// Equal implements attr.Type.
func (t MACType) Equal(other attr.Type) bool {
	o, ok := other.(MACType)
	return ok && t.StringType.Equal(o.StringType)
}

// ValueType implements attr.Type.
func (MACType) ValueType(context.Context) attr.Value { return MAC{} }

// ValueFromString implements basetypes.StringTypable.
func (MACType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return MAC{StringValue: in}, nil
}

// ValueFromTerraform implements attr.Type.
func (t MACType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value type %T", value)
	}
	return MAC{StringValue: text}, nil
}

// MAC is a MAC address.
type MAC struct{ basetypes.StringValue }

// NewMAC returns a known MAC.
func NewMAC(text string) MAC { return MAC{StringValue: basetypes.NewStringValue(text)} }

// MACNull returns a null MAC.
func MACNull() MAC { return MAC{StringValue: basetypes.NewStringNull()} }

// MACUnknown returns an unknown MAC.
func MACUnknown() MAC { return MAC{StringValue: basetypes.NewStringUnknown()} }

// Type implements attr.Value.
func (MAC) Type(context.Context) attr.Type { return MACType{} }

// Equal implements attr.Value: equal spelling.
func (v MAC) Equal(other attr.Value) bool {
	o, ok := other.(MAC)
	return ok && v.StringValue.Equal(o.StringValue)
}

// StringSemanticEquals implements basetypes.StringValuableWithSemanticEquals: the same
// address, whatever the case and the separator.
func (v MAC) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(MAC)
	return ok && normalMAC(v.ValueString()) == normalMAC(o.ValueString()), nil
}

func normalMAC(text string) string {
	return strings.ToLower(strings.ReplaceAll(text, "-", ":"))
}

// SameMAC reports whether two texts are the same address.
func SameMAC(a, b string) bool { return normalMAC(a) == normalMAC(b) }
