package virtualmachine

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// shownStatus is the status of a machine that was told a configuration.
func shownStatus(t *testing.T, config network.Config) types.Object {
	t.Helper()
	ctx := context.Background()
	shown, diags := networkConfigObject(ctx, config)
	inner, more := types.ObjectValueFrom(ctx, networkStatusType.AttrTypes, networkStatusModel{
		Config: shown, Interfaces: types.ListNull(seenInterfaceType), IPStacks: types.ListNull(stackType),
	})
	diags.Append(more...)
	status, more := types.ObjectValueFrom(ctx, statusType.AttrTypes, statusModel{
		Network: inner, Image: types.ObjectNull(statusImageType.AttrTypes), Guest: types.ObjectNull(statusGuestType.AttrTypes),
		Bootstrap: types.ObjectNull(statusBootstrapType.AttrTypes), Conditions: types.ListNull(conditionType),
		Hardware: types.ObjectNull(statusHardwareType.AttrTypes), Volumes: types.ListNull(statusVolumeType),
	})
	diags.Append(more...)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return status
}

func TestAStateSaysWhatTheGuestWasTold(t *testing.T) {
	t.Parallel()
	rich := specOf(
		nic("eth0", "a", func(n *network.Interface) {
			n.GuestDeviceName, n.MTU = known.Of("ens160"), known.Of[int64](9000)
			n.Addresses, n.Gateway4 = known.ListOf("10.0.1.5/24", "2001:db8::5/64"), known.Of("10.0.1.1")
			n.Nameservers, n.SearchDomains = known.ListOf("10.0.1.53"), known.ListOf("corp.example.com")
			n.Routes = known.Of([]network.Route{
				{To: known.Of("10.0.2.0/24"), Via: known.Of("10.0.1.254"), Metric: known.Of[int64](100)}, {To: known.Of("default"), Via: known.Of("10.0.1.2")},
			})
		}),
		nic("eth1", "b", dhcp6(known.Of(true))),
	)
	rich.HostName, rich.DomainName, rich.Nameservers = known.Of("web-1"), known.Of("example.com"), known.ListOf("10.0.0.53")
	off := rich
	off.Disabled = known.Of(true)
	pooled := offering("both").with(map[string]poolRecord{"eth0": {Pool: 1, Address4: "10.0.0.10", Address6: "2001:db8::10"}}).Defaults
	for name, test := range map[string]struct {
		spec     network.Spec
		defaults network.Defaults
	}{
		"rich": {rich, network.Defaults{}}, "pooled": {specOf(nic("eth0", "a")), pooled}, "default": {network.Spec{VMName: known.Of("web")}, network.Defaults{}}, "off": {off, network.Defaults{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := network.Resolve(test.spec, withCloudInit, test.defaults)
			want.VLANs = known.Value[[]network.VLANConfig]{} // a state does not show them among the resolved
			got, ok, diags := toldConfig(t.Context(), shownStatus(t, want))
			if diff := cmp.Diff(want, got, values); diff != "" || !ok || diags.HasError() {
				t.Errorf("%v, %v (-want +got):\n%s", ok, diags, diff)
			}
		})
	}
	if _, ok, diags := toldConfig(t.Context(), types.ObjectNull(statusType.AttrTypes)); ok || diags.HasError() {
		t.Errorf("an import was told something: %v", diags)
	}
}

func TestAStateShowsWhatAPoolGave(t *testing.T) {
	t.Parallel()
	spec := specOf(nic("eth0", "a"))
	o := offering("both").with(map[string]poolRecord{"eth0": {Pool: 1, Address4: "10.0.0.10", Address6: "2001:db8::10"}})
	told := network.Resolve(spec, withCloudInit, o.Defaults)
	want := map[string]poolRecord{"eth0": {Pool: anyPool, Address4: "10.0.0.10", Address6: "2001:db8::10"}}
	got := heldBy(t.Context(), &model{Status: shownStatus(t, told)})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// With that, a plan says once more what the guest was told.
	defaults := offered(o.profiles["eth0"], got["eth0"])
	if diff := cmp.Diff(o.Networks["eth0"], defaults, values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	static := network.Resolve(specOf(nic("eth0", "a", static("10.0.0.10/24"))), withCloudInit, o.Defaults)
	if got := heldBy(t.Context(), &model{Status: shownStatus(t, static)}); len(got) > 0 {
		t.Errorf("of a static address a pool knows %v", got)
	}
	if got := heldBy(t.Context(), &model{Status: types.ObjectNull(statusType.AttrTypes)}); len(got) > 0 {
		t.Errorf("an import holds %v", got)
	}
}
