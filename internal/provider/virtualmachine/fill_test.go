package virtualmachine

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestFillKeepsWhatWasPlannedAndCompletesIt(t *testing.T) {
	t.Parallel()
	text := func(s string) attr.Value { return types.StringValue(s) }
	list := func(values ...attr.Value) types.List { return types.ListValueMust(types.StringType, values) }
	object := func(a, b attr.Value) types.Object {
		return types.ObjectValueMust(map[string]attr.Type{"a": types.StringType, "b": types.ListType{ElemType: types.StringType}}, map[string]attr.Value{"a": a, "b": b})
	}
	for name, test := range map[string]struct{ planned, observed, want attr.Value }{
		"unknown becomes what is there":        {types.StringUnknown(), text("is"), text("is")},
		"unknown becomes null":                 {types.StringUnknown(), types.StringNull(), types.StringNull()},
		"known stays":                          {text("planned"), text("is"), text("planned")},
		"null stays":                           {types.StringNull(), text("is"), types.StringNull()},
		"known stays where nothing is":         {text("planned"), types.StringNull(), text("planned")},
		"empty stays":                          {list(), list(text("is")), list()},
		"elements by themselves":               {list(text("planned"), types.StringUnknown()), list(text("x"), text("y")), list(text("planned"), text("y"))},
		"a list of another length stays":       {list(text("planned")), list(text("x"), text("y")), list(text("planned"))},
		"attributes by themselves":             {object(types.StringUnknown(), list(text("planned"))), object(text("is"), list(text("x"))), object(text("is"), list(text("planned")))},
		"unknown parts of what became nothing": {object(types.StringUnknown(), list()), types.ObjectNull(object(text(""), list()).AttributeTypes(t.Context())), object(types.StringUnknown(), list())},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fill(t.Context(), test.planned, test.observed); !got.Equal(test.want) {
				t.Errorf("%s filled with %s is %s, want %s", test.planned, test.observed, got, test.want)
			}
		})
	}
}

func TestAnUnfinishedStateHasNothingUnknown(t *testing.T) {
	t.Parallel()
	shape := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String, "b": tftypes.List{ElementType: tftypes.Number}}}
	value := func(a, b any) tftypes.Value {
		return tftypes.NewValue(shape, map[string]tftypes.Value{
			"a": tftypes.NewValue(tftypes.String, a), "b": tftypes.NewValue(tftypes.List{ElementType: tftypes.Number}, b),
		})
	}
	got, err := withoutUnknown(value("kept", tftypes.UnknownValue))
	if err != nil || !got.Equal(value("kept", nil)) {
		t.Errorf("%s, %v", got, err)
	}
}
