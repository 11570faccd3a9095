package virtualmachine

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestCommandsAreATree(t *testing.T) {
	t.Parallel()
	one := types.StringValue("echo one")
	texts := func(values ...attr.Value) attr.Value { return types.ListValueMust(types.StringType, values) }
	tuple := func(values ...attr.Value) attr.Value {
		kinds := make([]attr.Type, len(values))
		for i, value := range values {
			kinds[i] = value.Type(t.Context())
		}
		return types.TupleValueMust(kinds, values)
	}
	for name, test := range map[string]struct {
		value types.Dynamic
		want  known.Value[any]
	}{
		"null":                 {types.DynamicNull(), known.Value[any]{}},
		"null of a type":       {types.DynamicValue(types.StringNull()), known.Value[any]{}},
		"unknown":              {types.DynamicUnknown(), known.Unknown[any]()},
		"unknown of a type":    {types.DynamicValue(types.ListUnknown(types.StringType)), known.Unknown[any]()},
		"list":                 {types.DynamicValue(texts(one)), known.Of[any]([]any{"echo one"})},
		"set":                  {types.DynamicValue(types.SetValueMust(types.StringType, []attr.Value{one})), known.Of[any]([]any{"echo one"})},
		"empty":                {types.DynamicValue(tuple()), known.Of[any]([]any{})},
		"lines and arguments":  {types.DynamicValue(tuple(one, texts(types.StringValue("a"), types.StringValue("b")))), known.Of[any]([]any{"echo one", []any{"a", "b"}})},
		"an unknown element":   {types.DynamicValue(tuple(one, types.StringUnknown())), known.Of[any]([]any{"echo one", cloudinit.Unknown{}})},
		"an unknown argument":  {types.DynamicValue(tuple(texts(types.StringUnknown()))), known.Of[any]([]any{[]any{cloudinit.Unknown{}}})},
		"a null element":       {types.DynamicValue(tuple(types.StringNull())), known.Of[any]([]any{nil})},
		"what it may not hold": {types.DynamicValue(tuple(types.BoolValue(true), types.NumberValue(big.NewFloat(2)), types.DynamicValue(one))), known.Of[any]([]any{true, 2.0, "echo one"})},
		"a map":                {types.DynamicValue(types.MapValueMust(types.StringType, map[string]attr.Value{"a": one})), known.Of[any](map[string]any{"a": "echo one"})},
		"an object": {
			types.DynamicValue(types.ObjectValueMust(map[string]attr.Type{"a": types.StringType}, map[string]attr.Value{"a": one})),
			known.Of[any](map[string]any{"a": "echo one"}),
		},
		"a text": {types.DynamicValue(one), known.Of[any]("echo one")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, commands(test.value), cmp.AllowUnexported(known.Value[any]{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
