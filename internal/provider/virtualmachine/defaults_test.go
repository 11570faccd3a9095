package virtualmachine

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func TestAProfileIsOfferedWhole(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	spec := specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkLeased), nic("eth2", simulator.NetworkScarce), nic("eth3", simulator.NetworkBackend))
	w := l.found(spec)
	var o *offers
	calls := l.calls(func() {
		got, diags := l.offers(t.Context(), w, spec, nil)
		l.clean(diags)
		o = got
	})
	if diff := cmp.Diff(map[string]int{"QueryIpPools": 1}, calls); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	yes, no, later := known.Of(true), known.Of(false), known.Unknown[netip.Prefix]()
	want := network.Defaults{
		Nameservers: []netip.Addr{addr("10.0.0.53")}, SearchDomains: []string{"namespace.example"},
		Networks: map[string]network.NetworkDefaults{
			"eth0": {
				HasProfile: true, Address4: later, Address6: later, DHCP4: no, DHCP6: no,
				Gateway4: known.Of(addr("10.20.0.1")), Gateway6: known.Of(addr("2001:db8:20::1")),
				Nameservers:   []netip.Addr{addr("10.20.0.2"), addr("10.20.0.3"), addr("2001:db8:20::2")},
				SearchDomains: []string{"pooled.example", "example.com"}, DomainName: "pooled.example",
			},
			"eth1": {HasProfile: true, DHCP4: yes, DHCP6: yes, Nameservers: []netip.Addr{addr("10.40.0.2")}, DomainName: "leased.example"},
			"eth2": {HasProfile: true, Address4: later, DHCP4: no, DHCP6: no, Gateway4: known.Of(addr("10.30.0.1"))},
		},
	}
	if diff := cmp.Diff(want, o.Defaults, values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, profile := range map[string]string{"eth0": "pooled", "eth1": "leased", "eth2": "scarce", "eth3": ""} {
		if o.profiles[name].Name != profile {
			t.Errorf("%s has the profile %q, want %q", name, o.profiles[name].Name, profile)
		}
	}
}

func TestWhatIsNotKnownYetIsOfferedByNobody(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	unnamed, elsewhere := nic("", simulator.NetworkBackend), nic("eth1", "")
	unnamed.Name, elsewhere.Network = known.Unknown[string](), known.Unknown[string]()
	for name, test := range map[string]struct {
		spec network.Spec
		// whether dhcp4 of each interface is unknown: it depends on the network alone.
		want []bool
	}{
		"network":        {specOf(nic("eth0", simulator.NetworkBackend), elsewhere), []bool{false, true}},
		"name":           {specOf(unnamed), []bool{true}},
		"one of two":     {specOf(unnamed, nic("eth1", simulator.NetworkPooled)), []bool{true, false}},
		"all interfaces": {network.Spec{Interfaces: known.Unknown[[]network.Interface]()}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			l.t = t
			resolved := network.Resolve(test.spec, withCloudInit, l.offered(test.spec, nil).Defaults)
			var got []bool
			for _, nic := range resolved.Interfaces.Or(nil) {
				got = append(got, nic.DHCP4.IsUnknown())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("dhcp4 is unknown (-want +got):\n%s", diff)
			}
		})
	}
	o, diags := l.offers(t.Context(), nil, specOf(nic("eth0", "")), nil)
	l.clean(diags)
	if !o.Unknown {
		t.Error("without a world something is offered")
	}
}

func TestAnAddressThatIsHeldIsKnown(t *testing.T) {
	t.Parallel()
	profile := ippool.Profile{ID: 3, IPv4: ippool.Family{
		PoolEnabled: true, Subnet: netip.MustParsePrefix("10.0.0.0/24"), Ranges: ippool.Ranges{{First: addr("10.0.0.10"), Last: addr("10.0.0.19")}},
	}}
	off := profile
	off.IPv4.PoolEnabled = false
	later, none := known.Unknown[netip.Prefix](), known.Value[netip.Prefix]{}
	for name, test := range map[string]struct {
		profile ippool.Profile
		have    poolRecord
		want    known.Value[netip.Prefix]
	}{
		"held":                  {profile, poolRecord{Pool: 3, Address4: "10.0.0.12"}, known.Of(netip.MustParsePrefix("10.0.0.12/24"))},
		"shown in state":        {profile, poolRecord{Pool: anyPool, Address4: "10.0.0.12"}, known.Of(netip.MustParsePrefix("10.0.0.12/24"))},
		"of another pool":       {profile, poolRecord{Pool: 4, Address4: "10.0.0.12"}, later},
		"of another family":     {profile, poolRecord{Pool: 3, Address6: "2001:db8::1"}, later},
		"out of the range":      {profile, poolRecord{Pool: 3, Address4: "10.0.0.20"}, later},
		"nothing":               {profile, poolRecord{}, later},
		"asked for":             {profile, poolRecord{Pool: 3}, later},
		"no address":            {profile, poolRecord{Pool: 3, Address4: "junk"}, later},
		"pool that is disabled": {off, poolRecord{Pool: 3, Address4: "10.0.0.12"}, none},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := offered(test.profile, test.have).Address4; got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			if got := offered(test.profile, test.have).Address6; !got.IsAbsent() {
				t.Errorf("the other family has %+v", got)
			}
		})
	}
}

func TestAfterAnAllocationNothingOfThePoolsIsUnknown(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	spec := specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkScarce), nic("eth2", simulator.NetworkBackend))
	o := l.offered(spec, nil)
	before := network.Resolve(spec, withCloudInit, o.Defaults)
	if before.Complete() {
		t.Error("the addresses are known before they are allocated")
	}
	given := map[string]poolRecord{
		// The second is outside of the range, and was given all the same: the profile was changed since.
		"eth0": {Pool: o.profiles["eth0"].ID, Address4: "10.20.0.240", Address6: "2001:db8:20::1000"},
		"eth1": {Pool: o.profiles["eth1"].ID, Address4: "10.30.0.5"},
	}
	after := network.Resolve(spec, withCloudInit, o.with(given).Defaults)
	if !after.Complete() {
		t.Errorf("not known: %v", after.Unknown())
	}
	if diff := cmp.Diff(before, network.Resolve(spec, withCloudInit, o.Defaults), values); diff != "" {
		t.Errorf("the offers themselves changed:\n%s", diff)
	}
	interfaces, _ := after.Interfaces.Get()
	for i, want := range [][]string{{"10.20.0.240/22", "2001:db8:20::1000/64"}, {"10.30.0.5/28"}, nil} {
		var got []string
		prefixes, _ := known.Elements(interfaces[i].Addresses)
		for _, prefix := range prefixes {
			got = append(got, prefix.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("interface %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestAProfileThatCannotBeUsedIsAnErrorAtItsNetwork(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	profile := l.profile(simulator.NetworkScarce)
	l.setProfile(govmomi.IpPool{Id: profile.ID, Ipv4Config: &govmomi.IpPoolIpPoolConfigInfo{Netmask: "255.0.255.0"}})
	l.Resource = l.another()
	for at, spec := range map[string]network.Spec{
		"network.interface[1].network.name": specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkScarce)),
		"network":                           {},
	} {
		w := l.found(spec)
		if at == "network" {
			w.networks[network.DefaultInterface] = l.found(specOf(nic("eth0", simulator.NetworkScarce))).networks["eth0"]
		}
		o, diags := l.offers(t.Context(), w, spec, nil)
		wantDiags(t, diags, "error "+at+`|Unable to use the profile of the network of interface eth|netmask "255.0.255.0"|Correct the profile`)
		if o == nil || len(o.Networks) == 0 {
			t.Errorf("%s: the other networks are not offered: %+v", at, o)
		}
	}
}

func TestAMachineThatDoesNotChangeCostsNothingOfItsOwn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	spec := specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkBackend))
	have := map[string]poolRecord{"eth0": {Pool: anyPool, Address4: "10.20.0.240", Address6: "2001:db8:20::1000"}}
	m := &model{Namespace: types.StringValue("team-a")}
	first := func() {
		o, ok := l.standingOffers(t.Context(), m, spec, have)
		if !ok || !network.Resolve(spec, withCloudInit, o.Defaults).Complete() {
			t.Fatalf("%v: %+v", ok, o)
		}
	}
	first()
	if calls := l.calls(func() {
		for range 100 {
			first()
		}
	}); len(calls) > 0 {
		t.Errorf("a hundred more machines cost %v", calls)
	}
	if _, ok := l.standingOffers(t.Context(), m, specOf(nic("eth0", "gone")), have); ok {
		t.Error("a network that is gone offers something")
	}
	if _, ok := l.standingOffers(t.Context(), &model{Namespace: types.StringValue("gone")}, spec, have); ok {
		t.Error("a namespace that is gone offers something")
	}
}
