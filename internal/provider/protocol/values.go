package protocol

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Dynamic is a value as it goes over the wire.
func Dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	out, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		panic(err) // the tests build it
	}
	return &out
}

// Value is a value of a block as it came over the wire.
func Value(from *tfprotov6.DynamicValue, block *tfprotov6.SchemaBlock) tftypes.Value {
	out, err := from.Unmarshal(block.ValueType())
	if err != nil {
		panic(err)
	}
	return out
}

// AttributesOf is nil for what is null or unknown.
func AttributesOf(value tftypes.Value) map[string]tftypes.Value {
	var out map[string]tftypes.Value
	if value.IsKnown() && !value.IsNull() {
		if err := value.As(&out); err != nil {
			panic(err)
		}
	}
	return out
}

// ElementsOf is nil for what is null or unknown.
func ElementsOf(value tftypes.Value) []tftypes.Value {
	var out []tftypes.Value
	if value.IsKnown() && !value.IsNull() {
		if err := value.As(&out); err != nil {
			panic(err)
		}
	}
	return out
}

// Within is the value at a place, such as "status.network.config".
func Within(value tftypes.Value, place string) tftypes.Value {
	for _, step := range strings.Split(place, ".") {
		if !value.IsKnown() || value.IsNull() {
			return value
		}
		name, index, indexed := strings.Cut(step, "[")
		value = AttributesOf(value)[name]
		if indexed {
			var i int
			if _, err := fmt.Sscanf(index, "%d]", &i); err != nil {
				panic(err)
			}
			value = ElementsOf(value)[i]
		}
	}
	return value
}

// TextAt is the text at a place, empty for null.
func TextAt(value tftypes.Value, place string) string {
	var out *string
	if err := Within(value, place).As(&out); err != nil {
		panic(fmt.Errorf("%s: %w", place, err))
	}
	if out == nil {
		return ""
	}
	return *out
}

// UnknownIn are the outermost places of a value that are not known.
func UnknownIn(value tftypes.Value) []string {
	var out []string
	_ = tftypes.Walk(value, func(at *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		if v.IsKnown() {
			return true, nil
		}
		out = append(out, Dotted(at))
		return false, nil
	})
	slices.Sort(out)
	return out
}
