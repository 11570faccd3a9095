package fwtypes

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/api/resource"
)

var (
	_ basetypes.StringTypable                    = QuantityType{}
	_ basetypes.StringValuableWithSemanticEquals = Quantity{}
)

// QuantityType is the type of a Kubernetes quantity. 1Gi and 1024Mi are one quantity; the state
// keeps the spelling of the configuration.
type QuantityType struct{ basetypes.StringType }

// String implements attr.Type.
func (QuantityType) String() string { return "fwtypes.QuantityType" }

// Equal implements attr.Type.
func (t QuantityType) Equal(other attr.Type) bool {
	o, ok := other.(QuantityType)
	return ok && t.StringType.Equal(o.StringType)
}

// ValueType implements attr.Type.
func (QuantityType) ValueType(context.Context) attr.Value { return Quantity{} }

// ValueFromString implements basetypes.StringTypable.
func (QuantityType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Quantity{StringValue: in}, nil
}

// ValueFromTerraform implements attr.Type.
func (t QuantityType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	text, err := stringFromTerraform(ctx, t.StringType, in)
	return Quantity{StringValue: text}, err
}

// Quantity is a Kubernetes quantity.
type Quantity struct{ basetypes.StringValue }

// NewQuantity returns a known quantity in the given spelling.
func NewQuantity(text string) Quantity {
	return Quantity{StringValue: basetypes.NewStringValue(text)}
}

// QuantityOfBytes returns a quantity with the largest binary suffix that leaves a whole number,
// such as 20Gi.
func QuantityOfBytes(bytes int64) Quantity {
	return NewQuantity(resource.NewQuantity(bytes, resource.BinarySI).String())
}

// QuantityOfNumber returns a quantity without a suffix.
func QuantityOfNumber(number int64) Quantity { return NewQuantity(fmt.Sprint(number)) }

// Type implements attr.Value.
func (Quantity) Type(context.Context) attr.Type { return QuantityType{} }

// Equal implements attr.Value: equal spelling.
func (v Quantity) Equal(other attr.Value) bool {
	o, ok := other.(Quantity)
	return ok && v.StringValue.Equal(o.StringValue)
}

// StringSemanticEquals implements basetypes.StringValuableWithSemanticEquals: the same amount,
// whatever the suffix.
func (v Quantity) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(Quantity)
	return ok && sameQuantity(v.ValueString(), o.ValueString()), nil
}

func sameQuantity(a, b string) bool {
	if a == b {
		return true
	}
	first, err := resource.ParseQuantity(a)
	if err != nil {
		return false
	}
	second, err := resource.ParseQuantity(b)
	return err == nil && first.Cmp(second) == 0
}

// Errors of WholeQuantity.
var (
	errNoQuantity = errors.New("it is no quantity: write a number, with a suffix such as Mi, Gi, M or G where it is large")
	errNotWhole   = errors.New("it is not a whole number")
	errTooLarge   = errors.New("it is too large")
)

// WholeQuantity is the number that a quantity stands for: 1024 for 1Ki. Errors tell what is wrong
// with the text, without repeating it: it is no quantity, no whole number, or does not fit.
func WholeQuantity(text string) (int64, error) {
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return 0, errNoQuantity
	}
	// What is finer than a billionth the parser rounds up: it is not whole either way.
	if quantity.CmpInt64(math.MaxInt64) >= 0 || quantity.CmpInt64(-math.MaxInt64) <= 0 {
		return 0, errTooLarge // the parser caps some of it, and Value is 0 for more
	}
	number := quantity.Value()
	if quantity.CmpInt64(number) != 0 {
		return 0, errNotWhole
	}
	return number, nil
}
