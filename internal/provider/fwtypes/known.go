package fwtypes

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// stated is what every attribute value tells of its state.
type stated interface {
	IsNull() bool
	IsUnknown() bool
}

// state carries null and unknown over to the domain's three states.
func state[T any](value stated, get func() T) known.Value[T] {
	switch {
	case value.IsUnknown():
		return known.Unknown[T]()
	case value.IsNull():
		return known.Value[T]{}
	default:
		return known.Of(get())
	}
}

// Text is a string attribute of any type.
type Text interface {
	stated
	ValueString() string
}

// String converts a string attribute. The empty string is a value.
func String(value Text) known.Value[string] { return state(value, value.ValueString) }

// Bool converts a boolean attribute.
func Bool(value types.Bool) known.Value[bool] { return state(value, value.ValueBool) }

// Int64 converts an integer attribute.
func Int64(value types.Int64) known.Value[int64] { return state(value, value.ValueInt64) }

// Strings converts a list of strings, whose elements may be unknown one by one.
func Strings(list types.List) known.List[string] {
	return state(list, func() []known.Value[string] {
		values := make([]known.Value[string], 0, len(list.Elements()))
		for _, element := range list.Elements() {
			if text, ok := element.(types.String); ok {
				values = append(values, String(text))
			}
		}
		return values
	})
}

// StringMap converts a map of strings, whose elements may be null or unknown one by one.
func StringMap(values types.Map) known.Value[map[string]known.Value[string]] {
	return state(values, func() map[string]known.Value[string] {
		out := make(map[string]known.Value[string], len(values.Elements()))
		for key, element := range values.Elements() {
			if text, ok := element.(types.String); ok {
				out[key] = String(text)
			}
		}
		return out
	})
}

// Block decodes a single block into a model.
func Block[T any](ctx context.Context, object types.Object) (known.Value[T], diag.Diagnostics) {
	if object.IsUnknown() {
		return known.Unknown[T](), nil
	}
	if object.IsNull() {
		return known.Value[T]{}, nil
	}
	var model T
	diags := object.As(ctx, &model, basetypes.ObjectAsOptions{})
	return known.Of(model), diags
}

// Blocks decodes a repeated block into models. The whole is unknown when it comes from a
// dynamic block over an unknown value.
func Blocks[T any](ctx context.Context, list types.List) (known.Value[[]T], diag.Diagnostics) {
	var diags diag.Diagnostics
	if list.IsUnknown() {
		return known.Unknown[[]T](), diags
	}
	models := make([]T, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() {
			return known.Unknown[[]T](), diags
		}
		var model T
		diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
		models = append(models, model)
	}
	return known.Of(models), diags
}

// FromString converts back to an attribute.
func FromString(value known.Value[string]) types.String {
	if value.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringPointerValue(value.Pointer())
}

// FromText converts anything that has a text form, such as an address.
func FromText[T fmt.Stringer](value known.Value[T]) types.String {
	return FromString(known.Map(value, func(v T) string { return v.String() }))
}

// FromBool converts back to an attribute.
func FromBool(value known.Value[bool]) types.Bool {
	if value.IsUnknown() {
		return types.BoolUnknown()
	}
	return types.BoolPointerValue(value.Pointer())
}

// FromInt64 converts back to an attribute.
func FromInt64(value known.Value[int64]) types.Int64 {
	if value.IsUnknown() {
		return types.Int64Unknown()
	}
	return types.Int64PointerValue(value.Pointer())
}

// FromStrings converts a list back to an attribute: null where it is absent.
func FromStrings(list known.List[string]) types.List {
	return fromList(list, FromString)
}

// FromAddrs converts a list of IP addresses to an attribute: null where it is absent.
func FromAddrs(list known.List[netip.Addr]) types.List {
	return fromList(list, FromText[netip.Addr])
}

func fromList[T any](list known.List[T], convert func(known.Value[T]) types.String) types.List {
	if list.IsUnknown() {
		return types.ListUnknown(types.StringType)
	}
	values, ok := list.Get()
	if !ok {
		return types.ListNull(types.StringType)
	}
	elements := make([]attr.Value, len(values))
	for i, value := range values {
		elements[i] = convert(value)
	}
	return types.ListValueMust(types.StringType, elements)
}

// TextList converts strings to a list attribute: null when there are none.
func TextList(texts []string) types.List {
	if len(texts) == 0 {
		return types.ListNull(types.StringType)
	}
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, elements)
}

// OptionalText converts a string to an attribute: null when it is empty.
func OptionalText(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// Key is a step of a path of the domain packages: a key of a map.
type Key string

// Path converts a path of the domain packages: strings are attributes and blocks,
// integers are indexes, and a Key is a key of a map.
func Path(steps []any) path.Path {
	out := path.Empty()
	for _, step := range steps {
		switch s := step.(type) {
		case string:
			out = out.AtName(s)
		case int:
			out = out.AtListIndex(s)
		case Key:
			out = out.AtMapKey(string(s))
		}
	}
	return out
}
