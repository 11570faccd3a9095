package fwtypes

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func equal[T any](t *testing.T, got, want known.Value[T]) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(known.Value[T]{}, known.Value[string]{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScalarsKeepTheirCase(t *testing.T) {
	t.Parallel()
	equal(t, String(types.StringNull()), known.Value[string]{})
	equal(t, String(types.StringUnknown()), known.Unknown[string]())
	equal(t, String(types.StringValue("")), known.Of(""))
	equal(t, String(NewMAC("00:50:56:00:00:01")), known.Of("00:50:56:00:00:01"))
	equal(t, String(MACNull()), known.Value[string]{})
	equal(t, String(MACUnknown()), known.Unknown[string]())
	equal(t, Bool(types.BoolNull()), known.Value[bool]{})
	equal(t, Bool(types.BoolUnknown()), known.Unknown[bool]())
	equal(t, Bool(types.BoolValue(false)), known.Of(false))
	equal(t, Int64(types.Int64Null()), known.Value[int64]{})
	equal(t, Int64(types.Int64Unknown()), known.Unknown[int64]())
	equal(t, Int64(types.Int64Value(0)), known.Of(int64(0)))
}

func TestScalarsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, value := range []types.String{types.StringNull(), types.StringUnknown(), types.StringValue(""), types.StringValue("a")} {
		if got := FromString(String(value)); !got.Equal(value) {
			t.Errorf("%s came back as %s", value, got)
		}
	}
	for _, value := range []types.Bool{types.BoolNull(), types.BoolUnknown(), types.BoolValue(false), types.BoolValue(true)} {
		if got := FromBool(Bool(value)); !got.Equal(value) {
			t.Errorf("%s came back as %s", value, got)
		}
	}
	for _, value := range []types.Int64{types.Int64Null(), types.Int64Unknown(), types.Int64Value(0), types.Int64Value(7)} {
		if got := FromInt64(Int64(value)); !got.Equal(value) {
			t.Errorf("%s came back as %s", value, got)
		}
	}
}

func TestListsKeepTheCaseOfEveryElement(t *testing.T) {
	t.Parallel()
	list := func(values ...attr.Value) types.List { return types.ListValueMust(types.StringType, values) }
	for _, value := range []types.List{
		types.ListNull(types.StringType), types.ListUnknown(types.StringType), list(),
		list(types.StringValue("a"), types.StringNull(), types.StringUnknown(), types.StringValue("")),
	} {
		if got := FromStrings(Strings(value)); !got.Equal(value) {
			t.Errorf("%s came back as %s", value, got)
		}
	}
	addresses := known.Of([]known.Value[netip.Addr]{known.Of(netip.MustParseAddr("2001:DB8::1")), known.Unknown[netip.Addr]()})
	if got, want := FromAddrs(addresses), list(types.StringValue("2001:db8::1"), types.StringUnknown()); !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
	if got := FromText(known.Value[netip.Addr]{}); !got.IsNull() {
		t.Errorf("no address is %s", got)
	}
}

func TestMapsKeepTheCaseOfEveryElement(t *testing.T) {
	t.Parallel()
	equal(t, StringMap(types.MapNull(types.StringType)), known.Value[map[string]known.Value[string]]{})
	equal(t, StringMap(types.MapUnknown(types.StringType)), known.Unknown[map[string]known.Value[string]]())
	equal(t, StringMap(types.MapValueMust(types.StringType, nil)), known.Of(map[string]known.Value[string]{}))
	equal(t, StringMap(types.MapValueMust(types.StringType, map[string]attr.Value{
		"set": types.StringValue("a"), "empty": types.StringValue(""), "null": types.StringNull(), "unknown": types.StringUnknown(),
	})), known.Of(map[string]known.Value[string]{"set": known.Of("a"), "empty": known.Of(""), "null": {}, "unknown": known.Unknown[string]()}))
}

func TestWhatIsEmptyIsNull(t *testing.T) {
	t.Parallel()
	if got := TextList(nil); !got.IsNull() {
		t.Errorf("no texts are %s", got)
	}
	if got, want := TextList([]string{"a"}), types.ListValueMust(types.StringType, []attr.Value{types.StringValue("a")}); !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
	if got := OptionalText(""); !got.IsNull() {
		t.Errorf("no text is %s", got)
	}
	if got := OptionalText("a"); !got.Equal(types.StringValue("a")) {
		t.Errorf("a is %s", got)
	}
}

type pair struct {
	Name types.String `tfsdk:"name"`
}

func TestBlocksAreDecodedWhenTheyAreKnown(t *testing.T) {
	t.Parallel()
	of := types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType}}
	one := types.ObjectValueMust(of.AttrTypes, map[string]attr.Value{"name": types.StringUnknown()})
	for name, test := range map[string]struct {
		block types.Object
		want  known.Value[pair]
	}{
		"null":    {types.ObjectNull(of.AttrTypes), known.Value[pair]{}},
		"unknown": {types.ObjectUnknown(of.AttrTypes), known.Unknown[pair]()},
		"known":   {one, known.Of(pair{types.StringUnknown()})},
	} {
		got, diags := Block[pair](t.Context(), test.block)
		if diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
		equal(t, got, test.want)
	}
	for name, test := range map[string]struct {
		blocks types.List
		want   known.Value[[]pair]
	}{
		"null":            {types.ListNull(of), known.Of([]pair{})},
		"empty":           {types.ListValueMust(of, nil), known.Of([]pair{})},
		"unknown":         {types.ListUnknown(of), known.Unknown[[]pair]()},
		"unknown element": {types.ListValueMust(of, []attr.Value{one, types.ObjectUnknown(of.AttrTypes)}), known.Unknown[[]pair]()},
		"known":           {types.ListValueMust(of, []attr.Value{one}), known.Of([]pair{{types.StringUnknown()}})},
	} {
		got, diags := Blocks[pair](t.Context(), test.blocks)
		if diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
		equal(t, got, test.want)
	}
	wrong := types.ObjectValueMust(map[string]attr.Type{"other": types.StringType}, map[string]attr.Value{"other": types.StringNull()})
	if _, diags := Block[pair](t.Context(), wrong); !diags.HasError() {
		t.Error("a block of another shape was decoded")
	}
}

func TestPathsOfTheDomainArePathsOfTerraform(t *testing.T) {
	t.Parallel()
	want := path.Root("network").AtName("interface").AtListIndex(1).AtName("mtu")
	if got := Path([]any{"network", "interface", 1, "mtu"}); !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
	want = path.Root("advanced").AtName("extra_config").AtMapKey("a.b")
	if got := Path([]any{"advanced", "extra_config", Key("a.b")}); !got.Equal(want) {
		t.Errorf("%s, want %s", got, want)
	}
}
