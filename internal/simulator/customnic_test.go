package simulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func fixed(address string, gateways ...string) types.CustomizationIPSettings {
	return types.CustomizationIPSettings{Ip: &types.CustomizationFixedIp{IpAddress: address}, SubnetMask: "255.255.255.0", Gateway: gateways}
}

func ipv6(a types.CustomizationIPSettings, gateways []string, generators ...types.BaseCustomizationIpV6Generator) types.CustomizationIPSettings {
	a.IpV6Spec = &types.CustomizationIPSettingsIpV6AddressSpec{Ip: generators, Gateway: gateways}
	return a
}

// adapters are mappings without MAC addresses.
func adapters(settings ...types.CustomizationIPSettings) []types.CustomizationAdapterMapping {
	out := make([]types.CustomizationAdapterMapping, 0, len(settings))
	for _, a := range settings {
		out = append(out, types.CustomizationAdapterMapping{Adapter: a})
	}
	return out
}

func withAdapters(spec types.CustomizationSpec, mappings []types.CustomizationAdapterMapping) types.CustomizationSpec {
	spec.NicSettingMap = mappings
	return spec
}

// shown is a card in short: its addresses, default gateways and DNS servers.
func shown(i simulator.GuestInterface) string {
	var parts []string
	for _, a := range i.Addresses {
		parts = append(parts, a.Address.String()+" "+a.Origin)
	}
	for _, g := range i.Gateways {
		parts = append(parts, "via "+g.String())
	}
	for _, d := range i.Nameservers {
		parts = append(parts, "dns "+d.String())
	}
	return strings.Join(parts, ", ")
}

func TestEveryKindOfAdapterReachesTheGuest(t *testing.T) {
	s, c := start(t, simulator.WithAPIVersion("9.1.0.0"))
	dhcp := types.CustomizationIPSettings{Ip: &types.CustomizationDhcpIpGenerator{}}
	none := types.CustomizationIPSettings{Ip: &types.CustomizationDisableIpV4{}}
	six := func(address string) *types.CustomizationFixedIpV6 {
		return &types.CustomizationFixedIpV6{IpAddress: address, SubnetMask: 64}
	}
	const local = ", fe80::250:56ff:fe80:1/64 linklayer"
	for i, tc := range []struct {
		name    string
		adapter types.CustomizationIPSettings
		want    string // * is an address that the server chose
	}{
		{"static", fixed("10.0.0.5", "10.0.0.1", "10.0.0.2"), "10.0.0.5/24 manual, via 10.0.0.1"},
		{"DHCP", dhcp, "* dhcp, via 198.51.100.1, dns 198.51.100.53"},
		{"no IPv4", none, ""},
		{"both", ipv6(fixed("10.0.0.5"), []string{"2001:db8::1"}, six("2001:db8::5"), six("2001:db8::6")), "10.0.0.5/24 manual, 2001:db8::5/64 manual, 2001:db8::6/64 manual" + local + ", via 2001:db8::1"},
		{"IPv6 alone", ipv6(none, []string{"2001:db8::1"}, six("2001:db8::5")), "2001:db8::5/64 manual" + local + ", via 2001:db8::1"},
		{"DHCPv6", ipv6(none, nil, &types.CustomizationDhcpIpV6Generator{}), "* dhcp" + local + ", via fe80::1, dns fd00:0:0:1::35"},
		{"stateless", ipv6(none, nil, &types.CustomizationStatelessIpV6Generator{}), "fd00::1:250:56ff:fe80:1/64 linklayer" + local + ", via fe80::1"},
		{"of the link", ipv6(none, nil, &types.CustomizationAutoIpV6Generator{}), strings.TrimPrefix(local, ", ")},
	} {
		name := "vm" + string(rune('a'+i))
		vm := c.customizable(simulator.ItemPhoton, name)
		mac := cardsOf(c.read(vm))[0].MacAddress
		spec := withAdapters(linuxPrep(), adapters(tc.adapter))
		spec.GlobalIPSettings = types.CustomizationGlobalIPSettings{}
		m := customize(t, s, c, vm, spec)
		r, err := s.GuestReport(name)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(tc.want, "fe80:1/64", "fe80:"+strings.TrimLeft(mac[12:14]+mac[15:], "0")+"/64")
		got := shown(r.Interfaces[0])
		if first, rest, found := strings.Cut(got, " dhcp"); found {
			got = "*" + " dhcp" + rest
			if first == "" {
				t.Errorf("%s: no address", tc.name)
			}
		}
		if got != want {
			t.Errorf("%s: %q, not %q", tc.name, got, want)
		}
		var addresses []string
		if config := m.Guest.Net[0].IpConfig; config != nil {
			for _, a := range config.IpAddress {
				addresses = append(addresses, a.IpAddress)
			}
		}
		if !slices.Equal(addresses, m.Guest.Net[0].IpAddress) || len(addresses) != len(r.Interfaces[0].Addresses) {
			t.Errorf("%s: Tools report %v, the guest has %v", tc.name, addresses, r.Interfaces[0].Addresses)
		}
	}
}

func TestLinuxHasOnePrimaryAdapterAndGlobalDNS(t *testing.T) {
	s, c := start(t, simulator.WithAPIVersion("9.1.0.0"))
	first, second := fixed("10.0.0.5", "10.0.0.1"), fixed("10.0.1.5", "10.0.1.1")
	first.DnsServerList, first.DnsDomain = []string{"10.0.0.99"}, "ignored.example"
	marked := second
	marked.Primary = types.NewBool(true)
	dhcp := types.CustomizationIPSettings{Ip: &types.CustomizationDhcpIpGenerator{}}
	for name, tc := range map[string]struct {
		adapters []types.CustomizationAdapterMapping
		want     [2]string
	}{
		"the first": {adapters(first, second), [2]string{"10.0.0.5/24 manual, via 10.0.0.1, dns 10.0.0.53", "10.0.1.5/24 manual, dns 10.0.0.53"}},
		"marked":    {adapters(first, marked), [2]string{"10.0.0.5/24 manual, dns 10.0.0.53", "10.0.1.5/24 manual, via 10.0.1.1, dns 10.0.0.53"}},
		"none":      {adapters(dhcp, second), [2]string{"", "10.0.1.5/24 manual, dns 10.0.0.53"}},
	} {
		vm := c.customizable(simulator.ItemPhoton, name, "frontend", "backend")
		spec := linuxPrep()
		spec.GlobalIPSettings.DnsServerList = []string{"10.0.0.53"}
		customize(t, s, c, vm, withAdapters(spec, tc.adapters))
		r, err := s.GuestReport(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range tc.want {
			if got := shown(r.Interfaces[i]); want != "" && got != want {
				t.Errorf("%s: card %d has %q, not %q", name, i, got, want)
			}
			if want := []string{"example.com"}; i == 1 && !slices.Equal(r.Interfaces[i].SearchDomains, want) {
				t.Errorf("%s: search %v", name, r.Interfaces[i].SearchDomains)
			}
		}
	}
}

func TestAdaptersWithoutMACAddressesGoByPCISlot(t *testing.T) {
	s, c := start(t)
	vm := c.customizable(simulator.ItemPhoton, "db", "frontend", "backend")
	m := customize(t, s, c, vm, withAdapters(linuxPrep(), adapters(fixed("10.0.0.5"), fixed("10.0.1.5"))))
	got := map[string]string{}
	for _, n := range m.Guest.Net {
		got[n.Network] = n.IpAddress[0]
	}
	if diff := cmp.Diff(map[string]string{"frontend": "10.0.0.5", "backend": "10.0.1.5"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAdaptersHaveToBeThoseOfTheMachine(t *testing.T) {
	s, c := start(t)
	vm := c.customizable(simulator.ItemPhoton, "db", "frontend", "backend")
	cards := cardsOf(c.read(vm))
	by := func(macs ...string) types.CustomizationSpec {
		m := adapters(fixed("10.0.0.5"), fixed("10.0.1.5"))
		for i := range macs {
			m[i].MacAddress = macs[i]
		}
		return withAdapters(linuxPrep(), m)
	}
	off := fixed("10.0.0.5")
	off.Ip = &types.CustomizationDisableIpV4{}
	asked := fixed("10.0.0.5")
	asked.Ip = &types.CustomizationUnknownIpGenerator{}
	made := fixed("10.0.0.5")
	made.Ip = &types.CustomizationCustomIpGenerator{}
	swapped := by(cards[1].MacAddress, strings.ToUpper(strings.ReplaceAll(cards[0].MacAddress, ":", "-")))
	for _, tc := range []struct {
		name string
		spec types.CustomizationSpec
		want types.BaseMethodFault
	}{
		{"fewer", withAdapters(linuxPrep(), adapters(fixed("10.0.0.5"))), &types.NicSettingMismatch{}},
		{"more", withAdapters(linuxPrep(), adapters(fixed("10.0.0.5"), fixed("10.0.0.6"), fixed("10.0.0.7"))), &types.NicSettingMismatch{}},
		{"what 9.1 brought", withAdapters(linuxPrep(), adapters(off, off)), &types.InvalidRequest{}},
		{"a strange card", by("02:00:00:00:00:01", cards[1].MacAddress), &types.CustomizationFault{}},
		{"one card twice", by(cards[0].MacAddress, cards[0].MacAddress), &types.CustomizationFault{}},
		{"a person to ask", withAdapters(linuxPrep(), adapters(asked, asked)), &types.InvalidArgument{}},
		{"a program to ask", withAdapters(linuxPrep(), adapters(made, made)), &types.IpHostnameGeneratorError{}},
		{"a gateway of the other family", withAdapters(linuxPrep(), adapters(fixed("10.0.0.5", "2001:db8::1"), fixed("10.0.1.5"))), &types.InvalidArgument{}},
		{"a prefix of no length", withAdapters(linuxPrep(), adapters(fixed("10.0.0.5"), ipv6(fixed("10.0.1.5"), nil, &types.CustomizationFixedIpV6{IpAddress: "2001:db8::5"}))), &types.InvalidArgument{}},
	} {
		if err := tryCustomize(t, vm, tc.spec); !fault.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if err := s.SetAPIVersion("7.0.3.0"); err != nil {
		t.Fatal(err)
	}
	if err := tryCustomize(t, vm, swapped); !fault.Is(err, &types.CustomizationFault{}) {
		t.Errorf("out of order in 7.0: %v", err)
	}
	if err := s.SetAPIVersion("8.0.3.0"); err != nil {
		t.Fatal(err)
	}
	if err := tryCustomize(t, vm, swapped); err != nil {
		t.Errorf("out of order: %v", err)
	}
}
