package virtualmachine

import (
	"net/netip"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

func TestAddressesAreShownSortedWhenAllAreKnown(t *testing.T) {
	t.Parallel()
	a, b := known.Of(netip.MustParsePrefix("10.0.0.1/24")), known.Of(netip.MustParsePrefix("2001:db8::1/64"))
	list := func(values ...attr.Value) types.List { return types.ListValueMust(types.StringType, values) }
	first, second := types.StringValue("10.0.0.1/24"), types.StringValue("2001:db8::1/64")
	for name, test := range map[string]struct {
		addresses known.List[netip.Prefix]
		want      types.List
	}{
		"sorted":          {known.Of([]known.Value[netip.Prefix]{b, a}), list(first, second)},
		"one unknown":     {known.Of([]known.Value[netip.Prefix]{b, known.Unknown[netip.Prefix]()}), list(second, types.StringUnknown())},
		"unknown":         {known.Unknown[[]known.Value[netip.Prefix]](), types.ListUnknown(types.StringType)},
		"absent":          {known.List[netip.Prefix]{}, types.ListNull(types.StringType)},
		"none of them":    {known.Of([]known.Value[netip.Prefix]{}), types.ListNull(types.StringType)},
		"only an unknown": {known.Of([]known.Value[netip.Prefix]{known.Unknown[netip.Prefix]()}), list(types.StringUnknown())},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := addressesShown(test.addresses); !got.Equal(test.want) {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestTheResolvedNetworkIsShownAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		interfaces known.Value[[]network.InterfaceConfig]
		want       types.List
	}{
		"unknown": {known.Unknown[[]network.InterfaceConfig](), types.ListUnknown(interfaceConfigType)},
		"absent":  {known.Value[[]network.InterfaceConfig]{}, types.ListValueMust(interfaceConfigType, nil)},
		"none":    {known.Of([]network.InterfaceConfig{}), types.ListValueMust(interfaceConfigType, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			object, diags := networkConfigObject(t.Context(), network.Config{Interfaces: test.interfaces})
			if got := object.Attributes()["interfaces"]; !got.Equal(test.want) || diags.HasError() {
				t.Errorf("%s, want %s (%v)", got, test.want, diags)
			}
		})
	}
}

func TestRoutesAreNullUnknownOrShown(t *testing.T) {
	t.Parallel()
	route := network.RouteConfig{To: known.Of("default"), Via: known.Of(netip.MustParseAddr("10.0.0.1")), Metric: known.Unknown[int64]()}
	shown := types.ObjectValueMust(routeConfigType.AttrTypes, map[string]attr.Value{
		"to": types.StringValue("default"), "via": types.StringValue("10.0.0.1"), "metric": types.Int64Unknown(),
	})
	for name, test := range map[string]struct {
		routes known.Value[[]network.RouteConfig]
		want   types.List
	}{
		"unknown": {known.Unknown[[]network.RouteConfig](), types.ListUnknown(routeConfigType)},
		"absent":  {known.Value[[]network.RouteConfig]{}, types.ListNull(routeConfigType)},
		"none":    {known.Of([]network.RouteConfig{}), types.ListNull(routeConfigType)},
		"one":     {known.Of([]network.RouteConfig{route}), types.ListValueMust(routeConfigType, []attr.Value{shown})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, diags := routesShown(t.Context(), test.routes); !got.Equal(test.want) || diags.HasError() {
				t.Errorf("%s, want %s (%v)", got, test.want, diags)
			}
		})
	}
}

func TestPowerStatesAreSpelledAsVMOperatorDoes(t *testing.T) {
	t.Parallel()
	for state, want := range map[govmomi.VirtualMachinePowerState]string{
		govmomi.VirtualMachinePowerStatePoweredOn:  poweredOn,
		govmomi.VirtualMachinePowerStatePoweredOff: poweredOff,
		govmomi.VirtualMachinePowerStateSuspended:  suspended,
	} {
		if got := stateOf(state); got != want {
			t.Errorf("%s is %s, want %s", state, got, want)
		}
	}
}

// A machine of which vCenter says next to nothing has a status without empty texts.
func TestStatusOfABareMachine(t *testing.T) {
	t.Parallel()
	shown, diags := networkConfigObject(t.Context(), network.Config{})
	report := &statusReport{
		observed: &machine.Observation{Ref: machine.Ref{Type: "VirtualMachine", Value: "vm-1"}, InstanceUUID: "i", BIOSUUID: "b"},
		record:   &record{Revision: 2}, boot: &bootstrap{settings: known.Of(cloudinit.Settings{})}, shown: shown,
	}
	status, more := report.object(t.Context())
	if diags.Append(more...); diags.HasError() {
		t.Fatal(diags)
	}
	for name, want := range map[string]attr.Value{
		"unique_id": types.StringValue("vm-1"), "power_state": types.StringValue(poweredOff), "node_name": types.StringNull(), "class": types.StringNull(),
		"bootstrap": types.ObjectValueMust(statusBootstrapType.AttrTypes, map[string]attr.Value{
			"provider": types.StringValue(bootstrapCloudInit), "instance_id": types.StringValue("b"), "revision": types.Int64Value(2),
		}),
		"image": types.ObjectNull(statusImageType.AttrTypes),
	} {
		if got := status.Attributes()[name]; !got.Equal(want) {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
