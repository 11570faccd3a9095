package fwtypes

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.StringTypable                    = DurationType{}
	_ basetypes.StringValuableWithSemanticEquals = Duration{}
)

// DurationType is the type of a span of time. 90s and 1m30s are one duration; the state keeps the
// spelling of the configuration.
type DurationType struct{ basetypes.StringType }

// String implements attr.Type.
func (DurationType) String() string { return "fwtypes.DurationType" }

// Equal implements attr.Type.
func (t DurationType) Equal(other attr.Type) bool {
	o, ok := other.(DurationType)
	return ok && t.StringType.Equal(o.StringType)
}

// ValueType implements attr.Type.
func (DurationType) ValueType(context.Context) attr.Value { return Duration{} }

// ValueFromString implements basetypes.StringTypable.
func (DurationType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Duration{StringValue: in}, nil
}

// ValueFromTerraform implements attr.Type.
func (t DurationType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	text, err := stringFromTerraform(ctx, t.StringType, in)
	return Duration{StringValue: text}, err
}

// Duration is a span of time, as time.ParseDuration reads it.
type Duration struct{ basetypes.StringValue }

// NewDuration returns a known duration in the given spelling.
func NewDuration(text string) Duration {
	return Duration{StringValue: basetypes.NewStringValue(text)}
}

// DurationOf returns a duration in Go's own spelling, such as 1m30s.
func DurationOf(span time.Duration) Duration { return NewDuration(span.String()) }

// Type implements attr.Value.
func (Duration) Type(context.Context) attr.Type { return DurationType{} }

// Equal implements attr.Value: equal spelling.
func (v Duration) Equal(other attr.Value) bool {
	o, ok := other.(Duration)
	return ok && v.StringValue.Equal(o.StringValue)
}

// StringSemanticEquals implements basetypes.StringValuableWithSemanticEquals: the same span,
// whatever the units.
func (v Duration) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(Duration)
	return ok && sameDuration(v.ValueString(), o.ValueString()), nil
}

func sameDuration(a, b string) bool {
	if a == b {
		return true
	}
	first, err := time.ParseDuration(a)
	if err != nil {
		return false
	}
	second, err := time.ParseDuration(b)
	return err == nil && first == second
}

// stringFromTerraform reads a value of a type that is a string to Terraform.
func stringFromTerraform(ctx context.Context, of basetypes.StringType, in tftypes.Value) (basetypes.StringValue, error) {
	value, err := of.ValueFromTerraform(ctx, in)
	if err != nil {
		return basetypes.StringValue{}, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return basetypes.StringValue{}, fmt.Errorf("unexpected value type %T", value)
	}
	return text, nil
}
