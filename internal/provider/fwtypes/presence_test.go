package fwtypes

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestABlockOfWhichNothingIsKnownMayNotBeThere(t *testing.T) {
	t.Parallel()
	inner := types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType}}
	outer := map[string]attr.Type{
		"text": types.StringType, "any": types.DynamicType, "list": types.ListType{ElemType: types.StringType},
		"blocks": types.ListType{ElemType: inner}, "block": inner,
	}
	in := func(name attr.Value) types.Object {
		return types.ObjectValueMust(inner.AttrTypes, map[string]attr.Value{"name": name})
	}
	with := func(changed map[string]attr.Value) types.Object {
		values := map[string]attr.Value{
			"text": types.StringNull(), "any": types.DynamicNull(), "list": types.ListNull(types.StringType),
			"blocks": types.ListValueMust(inner, nil), "block": types.ObjectNull(inner.AttrTypes),
		}
		maps.Copy(values, changed)
		return types.ObjectValueMust(outer, values)
	}
	for name, test := range map[string]struct {
		block types.Object
		want  Presence
	}{
		"null":                    {types.ObjectNull(outer), Absent},
		"unknown":                 {types.ObjectUnknown(outer), Possible},
		"empty":                   {with(nil), Bare},
		"empty with empty":        {with(map[string]attr.Value{"block": in(types.StringNull())}), Bare},
		"known text":              {with(map[string]attr.Value{"text": types.StringValue("")}), Present},
		"unknown text":            {with(map[string]attr.Value{"text": types.StringUnknown()}), Possible},
		"unknown in inner block":  {with(map[string]attr.Value{"block": in(types.StringUnknown())}), Possible},
		"known in inner block":    {with(map[string]attr.Value{"text": types.StringUnknown(), "block": in(types.StringValue("a"))}), Present},
		"unknown beside empty":    {with(map[string]attr.Value{"text": types.StringUnknown(), "block": in(types.StringNull())}), Possible},
		"unknown blocks":          {with(map[string]attr.Value{"blocks": types.ListUnknown(inner)}), Possible},
		"a block":                 {with(map[string]attr.Value{"blocks": types.ListValueMust(inner, []attr.Value{in(types.StringUnknown())})}), Present},
		"unknown list":            {with(map[string]attr.Value{"list": types.ListUnknown(types.StringType)}), Possible},
		"list of unknown":         {with(map[string]attr.Value{"list": types.ListValueMust(types.StringType, []attr.Value{types.StringUnknown()})}), Present},
		"unknown of unknown type": {with(map[string]attr.Value{"any": types.DynamicUnknown()}), Possible},
		"unknown of known type":   {with(map[string]attr.Value{"any": types.DynamicValue(types.StringUnknown())}), Possible},
		"known of any type":       {with(map[string]attr.Value{"any": types.DynamicValue(types.StringValue("a"))}), Present},
	} {
		if got := PresenceOf(test.block); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

func TestABlockThatMayNotBeThereIsUnknown(t *testing.T) {
	t.Parallel()
	of := map[string]attr.Type{"name": types.StringType}
	for name, test := range map[string]struct {
		block types.Object
		want  known.Value[pair]
	}{
		"null":     {types.ObjectNull(of), known.Value[pair]{}},
		"possible": {types.ObjectValueMust(of, map[string]attr.Value{"name": types.StringUnknown()}), known.Unknown[pair]()},
		"bare":     {types.ObjectValueMust(of, map[string]attr.Value{"name": types.StringNull()}), known.Of(pair{types.StringNull()})},
	} {
		got, diags := PossibleBlock[pair](t.Context(), test.block)
		if diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
		equal(t, got, test.want)
	}
}
