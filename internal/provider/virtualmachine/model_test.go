package virtualmachine

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// everywhere makes a value of a type in which every scalar is what leaf makes, and every list
// has one element.
func everywhere(shape tftypes.Type, leaf func(tftypes.Type) tftypes.Value) tftypes.Value {
	switch s := shape.(type) {
	case tftypes.Object:
		values := map[string]tftypes.Value{}
		for name, kind := range s.AttributeTypes {
			values[name] = everywhere(kind, leaf)
		}
		return tftypes.NewValue(shape, values)
	case tftypes.List:
		return tftypes.NewValue(shape, []tftypes.Value{everywhere(s.ElementType, leaf)})
	default:
		return leaf(shape)
	}
}

// leaves makes a scalar of each of the four cases.
var leaves = map[string]func(tftypes.Type) tftypes.Value{
	"null":    func(kind tftypes.Type) tftypes.Value { return tftypes.NewValue(kind, nil) },
	"unknown": func(kind tftypes.Type) tftypes.Value { return tftypes.NewValue(kind, tftypes.UnknownValue) },
	"zero":    func(kind tftypes.Type) tftypes.Value { return scalar(kind, "", 0, false) },
	"set":     func(kind tftypes.Type) tftypes.Value { return scalar(kind, "text", 7, true) },
}

func scalar(kind tftypes.Type, text string, number int64, flag bool) tftypes.Value {
	switch {
	case kind.Is(tftypes.String):
		return tftypes.NewValue(kind, text)
	case kind.Is(tftypes.Number):
		return tftypes.NewValue(kind, new(big.Float).SetInt64(number))
	default:
		return tftypes.NewValue(kind, flag)
	}
}

func objectOf(t *testing.T, of attr.Type, value tftypes.Value) types.Object {
	t.Helper()
	out, err := of.ValueFromTerraform(t.Context(), value)
	if err != nil {
		t.Fatal(err)
	}
	return out.(types.Object)
}

// told spells every value of the domain that is in something, by field: structs, lists and maps
// are taken apart, and whether they are known is part of what is told.
func told(at string, value reflect.Value) []string {
	if get := value.MethodByName("Get"); get.IsValid() && value.MethodByName("IsUnknown").IsValid() {
		switch {
		case value.MethodByName("IsUnknown").Call(nil)[0].Bool():
			return []string{at + "=unknown"}
		case value.MethodByName("IsAbsent").Call(nil)[0].Bool():
			return []string{at + "=null"}
		}
		return told(at, get.Call(nil)[0])
	}
	var out []string
	switch value.Kind() {
	case reflect.Struct:
		for i := range value.NumField() {
			out = append(out, told(strings.TrimPrefix(at+"."+value.Type().Field(i).Name, "."), value.Field(i))...)
		}
	case reflect.Slice:
		for i := range value.Len() {
			out = append(out, told(fmt.Sprintf("%s[%d]", at, i), value.Index(i))...)
		}
	case reflect.Map:
		for _, key := range value.MapKeys() {
			out = append(out, told(fmt.Sprintf("%s[%q]", at, key), value.MapIndex(key))...)
		}
		slices.Sort(out)
	default:
		out = append(out, fmt.Sprintf("%s=%#v", at, value.Interface()))
	}
	return out
}

func spelled[T any](value known.Value[T]) string {
	switch {
	case value.IsUnknown():
		return "unknown"
	case value.IsAbsent():
		return "null"
	}
	got, _ := value.Get()
	return fmt.Sprintf("%#v", got)
}

// wants is the same listing, of a spec in which every scalar is of one case.
func wants(text, number, flag string) []string {
	var out []string
	add := func(value string, names ...string) {
		for _, name := range names {
			out = append(out, name+"="+value)
		}
	}
	add(text, "VMName")
	add(flag, "Disabled")
	add(text, "HostName", "DomainName", "Nameservers[0]", "SearchDomains[0]")
	const nic = "Interfaces[0]."
	add(text, nic+"Name", nic+"Network", nic+"Type", nic+"GuestDeviceName", nic+"MACAddr", nic+"Addresses[0]")
	add(flag, nic+"DHCP4", nic+"DHCP6")
	add(text, nic+"Gateway4", nic+"Gateway6")
	add(number, nic+"MTU")
	add(text, nic+"Nameservers[0]", nic+"SearchDomains[0]", nic+"Routes[0].To", nic+"Routes[0].Via")
	add(number, nic+"Routes[0].Metric")
	add(text, "VLANs[0].Name")
	add(number, "VLANs[0].ID")
	add(text, "VLANs[0].Link")
	return out
}

func TestEveryFieldOfTheNetworkIsDecodedInEveryCase(t *testing.T) {
	t.Parallel()
	of := networkBlock().Type()
	for name, want := range map[string][]string{
		"null":    wants("null", "null", "null"),
		"unknown": wants("unknown", "unknown", "unknown"),
		"zero":    wants(`""`, "0", "false"),
		"set":     wants(`"text"`, "7", "true"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			machineName, err := types.StringType.ValueFromTerraform(t.Context(), leaves[name](tftypes.String))
			if err != nil {
				t.Fatal(err)
			}
			m := model{Name: machineName.(types.String), Network: objectOf(t, of, everywhere(of.TerraformType(t.Context()), leaves[name]))}
			spec, diags := m.networkSpec(t.Context())
			if diags.HasError() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(want, told("", reflect.ValueOf(spec))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBlocksAreAbsentEmptyOrUnknownAsAWhole(t *testing.T) {
	t.Parallel()
	of := networkBlock().Type().(types.ObjectType)
	empty := func(list func(attr.Type) types.List) types.Object {
		values := map[string]attr.Value{}
		for name, kind := range of.AttrTypes {
			value, err := kind.ValueFromTerraform(context.Background(), tftypes.NewValue(kind.TerraformType(context.Background()), nil))
			if err != nil {
				t.Fatal(err)
			}
			values[name] = value
		}
		for _, name := range []string{"interface", "vlan"} {
			values[name] = list(of.AttrTypes[name].(types.ListType).ElemType)
		}
		return types.ObjectValueMust(of.AttrTypes, values)
	}
	for name, test := range map[string]struct {
		network types.Object
		want    [2]string // of interfaces and VLANs
	}{
		"no block":       {types.ObjectNull(of.AttrTypes), [2]string{"null", "null"}},
		"unknown block":  {types.ObjectUnknown(of.AttrTypes), [2]string{"unknown", "unknown"}},
		"no elements":    {empty(func(kind attr.Type) types.List { return types.ListValueMust(kind, nil) }), [2]string{"[]network.Interface{}", "[]network.VLAN{}"}},
		"unknown blocks": {empty(types.ListUnknown), [2]string{"unknown", "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model{Name: types.StringValue("web"), Network: test.network}
			spec, diags := m.networkSpec(t.Context())
			if got := [2]string{spelled(spec.Interfaces), spelled(spec.VLANs)}; got != test.want || diags.HasError() {
				t.Errorf("interfaces and VLANs are %v, want %v (%v)", got, test.want, diags)
			}
		})
	}
}

func TestAnUnknownBootstrapMayBeAnyProvider(t *testing.T) {
	t.Parallel()
	of := bootstrapBlock().Type().(types.ObjectType)
	decode := func(block types.Object) bootstrap {
		m := model{Bootstrap: block}
		boot, diags := m.bootstrap(t.Context(), &m)
		if diags.HasError() {
			t.Error(diags)
		}
		return boot
	}
	states := func(boot bootstrap) map[string]string {
		return map[string]string{
			"cloud_init": spelled(boot.settings), "linux_prep": spelled(boot.linuxPrep),
			"sysprep": spelled(boot.sysprep), "vapp_config": spelled(boot.vapp),
		}
	}
	nulls := map[string]tftypes.Value{}
	for name, kind := range of.AttrTypes {
		nulls[name] = tftypes.NewValue(kind.TerraformType(t.Context()), nil)
	}
	null := objectOf(t, of, tftypes.NewValue(of.TerraformType(t.Context()), nulls)).Attributes
	want := map[string]string{"cloud_init": "null", "linux_prep": "null", "sysprep": "null", "vapp_config": "null"}
	none := decode(types.ObjectNull(of.AttrTypes))
	if diff := cmp.Diff(want, states(none)); diff != "" || none.Unknown || none.written {
		t.Errorf("no block (-want +got):\n%s", diff)
	}
	for name := range want {
		attributes := null()
		attributes[name] = types.ObjectUnknown(of.AttrTypes[name].(types.ObjectType).AttrTypes)
		one := decode(types.ObjectValueMust(of.AttrTypes, attributes))
		expected := maps.Clone(want)
		expected[name] = "unknown"
		if diff := cmp.Diff(expected, states(one)); diff != "" || !one.Unknown || one.provider() != "" {
			t.Errorf("an unknown %s is of %q (-want +got):\n%s", name, one.provider(), diff)
		}
	}
	for name := range want {
		want[name] = "unknown"
	}
	all := decode(types.ObjectUnknown(of.AttrTypes))
	if diff := cmp.Diff(want, states(all)); diff != "" || !all.Unknown || !all.Disabled.IsUnknown() || !all.trigger.IsUnknown() {
		t.Errorf("an unknown block (-want +got):\n%s", diff)
	}
}
