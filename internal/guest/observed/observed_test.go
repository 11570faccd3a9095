package observed

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

// card reports a network card with addresses, each with the prefix length that follows it.
func card(key int32, mac string, addresses ...types.NetIpConfigInfoIpAddress) types.GuestNicInfo {
	return types.GuestNicInfo{
		DeviceConfigId: key, MacAddress: mac, Connected: true,
		IpConfig: &types.NetIpConfigInfo{IpAddress: addresses},
	}
}

func addr(text string, bits int32) types.NetIpConfigInfoIpAddress {
	return types.NetIpConfigInfoIpAddress{IpAddress: text, PrefixLength: bits, Origin: "manual", State: "preferred"}
}

func yes() *bool { value := true; return &value }

func no() *bool { value := false; return &value }

func TestNetworkShowsWhatToolsReport(t *testing.T) {
	t.Parallel()
	first := card(4000, "00:50:56:89:AB:CD",
		types.NetIpConfigInfoIpAddress{IpAddress: "fe80::1", PrefixLength: 64, Origin: "linklayer", State: "unknown"},
		addr("2001:db8::5", 64),
		addr("192.168.1.101", 24),
		addr("192.168.1.100", 24),
		addr("192.168.1.9", 0),
		addr("::1", 200),
		addr("not an address", 24),
		addr("another", 24),
	)
	first.IpConfig.Dhcp = &types.NetDhcpConfigInfo{Ipv4: &types.NetDhcpConfigInfoDhcpOptions{Enable: false}}
	first.DnsConfig = &types.NetDnsConfigInfo{
		Dhcp: true, HostName: "my-vm", DomainName: "example.com",
		IpAddress: []string{"8.8.8.8", "8.8.4.4", "8.8.8.8"}, SearchDomain: []string{"b", "a", "b"},
	}
	stray := card(4001, "00:50:56:89:AB:CE")
	stray.IpConfig.Dhcp = &types.NetDhcpConfigInfo{Ipv6: &types.NetDhcpConfigInfoDhcpOptions{Enable: true}}
	pseudo := card(-1, "02:42:ac:11:00:02", addr("172.17.0.1", 16))
	bare := types.GuestNicInfo{DeviceConfigId: 4002, MacAddress: "00:50:56:89:ab:cf"}

	route := func(network string, bits int32, device, gateway string) types.NetIpRouteConfigInfoIpRoute {
		return types.NetIpRouteConfigInfoIpRoute{
			Network: network, PrefixLength: bits,
			Gateway: types.NetIpRouteConfigInfoGateway{Device: device, IpAddress: gateway},
		}
	}
	in := Input{
		PowerState:     types.VirtualMachinePowerStatePoweredOn,
		InterfaceNames: map[int32]string{4000: "eth0", 4002: "eth2", -1: "never"},
		Guest: &types.GuestInfo{
			HostName: "my-vm.example.com", IpAddress: "192.168.1.100",
			Net: []types.GuestNicInfo{first, pseudo, stray, bare},
			IpStack: []types.GuestStackInfo{{
				DnsConfig: &types.NetDnsConfigInfo{HostName: "my-vm"},
				IpRouteConfig: &types.NetIpRouteConfigInfo{IpRoute: []types.NetIpRouteConfigInfoIpRoute{
					route("::", 0, "0", "2001:db8::1"),
					route("192.168.1.0", 24, "0", ""),
					route("0.0.0.0", 0, "1", "192.168.1.254"),
					route("0.0.0.0", 0, "0", "192.168.1.253"),
					route("0.0.0.0", 0, "0", "192.168.1.1"),
					route("fe80::", 64, "0", ""),
					route("169.254.0.0", 16, "0", ""),
					route("224.0.0.0", 24, "0", ""),
					route("ff00::", 8, "0", ""),
					route("192.168.1.100", 32, "0", ""),
					route("2001:db8::5", 128, "0", ""),
					route("nonsense", 8, "0", ""),
					route("10.0.0.0", 99, "0", ""),
				}},
			}, {}},
		},
	}
	want := Network{
		HostName: "my-vm.example.com", PrimaryIP4: "192.168.1.100", PrimaryIP6: "2001:db8::5",
		Interfaces: []Interface{{
			Name: "eth0", DeviceKey: 4000, MACAddr: "00:50:56:89:ab:cd",
			Addresses: []Address{
				{"192.168.1.9", "manual", "preferred"},
				{"192.168.1.100/24", "manual", "preferred"},
				{"192.168.1.101/24", "manual", "preferred"},
				{"::1", "manual", "preferred"},
				{"2001:db8::5/64", "manual", "preferred"},
				{"fe80::1/64", "linklayer", "unknown"},
				{"another", "manual", "preferred"},
				{"not an address", "manual", "preferred"},
			},
			DHCP: DHCP{IP4: no()},
			DNS: &DNS{
				DHCP: true, HostName: "my-vm", DomainName: "example.com",
				Nameservers: []string{"8.8.8.8", "8.8.4.4"}, SearchDomains: []string{"b", "a"},
			},
		}, {
			DeviceKey: 4001, MACAddr: "00:50:56:89:ab:ce", DHCP: DHCP{IP6: yes()},
		}, {
			Name: "eth2", DeviceKey: 4002, MACAddr: "00:50:56:89:ab:cf",
		}},
		IPStacks: []IPStack{{
			DNS: &DNS{HostName: "my-vm"},
			Routes: []Route{
				{"0.0.0.0/0", "0", "192.168.1.1"},
				{"0.0.0.0/0", "0", "192.168.1.253"},
				{"0.0.0.0/0", "1", "192.168.1.254"},
				{"192.168.1.0/24", "0", ""},
				{"::/0", "0", "2001:db8::1"},
				{"2001:db8::5/128", "0", ""},
			},
		}, {}},
	}
	got, _ := Observe(in)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNetworkIsTheSameWhateverTheOrderOfTheReport(t *testing.T) {
	t.Parallel()
	one := Input{Guest: &types.GuestInfo{Net: []types.GuestNicInfo{card(4000, "a", addr("10.0.0.1", 24), addr("10.0.0.2", 24), addr("10.0.0.2", 16))}}}
	two := Input{Guest: &types.GuestInfo{Net: []types.GuestNicInfo{card(4000, "a", addr("10.0.0.2", 16), addr("10.0.0.2", 24), addr("10.0.0.1", 24))}}}
	first, _ := Observe(one)
	second, _ := Observe(two)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	if len(one.Guest.Net[0].IpConfig.IpAddress) != 3 || one.Guest.Net[0].IpConfig.IpAddress[2].PrefixLength != 16 {
		t.Error("the report itself was sorted")
	}
}

func TestNothingIsKnownOfAGuestThatDoesNotReport(t *testing.T) {
	t.Parallel()
	reporting := &types.GuestInfo{
		HostName: "old", IpAddress: "10.0.0.5", Net: []types.GuestNicInfo{card(4000, "a", addr("10.0.0.5", 24))},
	}
	for name, in := range map[string]Input{
		"no guest information":    {},
		"only a host name":        {Guest: &types.GuestInfo{HostName: "old"}},
		"only pseudo devices":     {Guest: &types.GuestInfo{HostName: "old", Net: []types.GuestNicInfo{card(-1, "a")}}},
		"a machine that was shut": {Guest: reporting, PowerState: types.VirtualMachinePowerStatePoweredOff},
		"a lost machine with cloud-init": {
			PowerState: types.VirtualMachinePowerStatePoweredOff, Provider: ProviderCloudInit, Guest: reporting,
			ExtraConfig: map[string]string{keyLocalIPv4: "10.0.0.5"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen, conditions := Observe(in)
			if diff := cmp.Diff(Network{}, seen); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, condition := range conditions {
				if condition.Type == TypeNetworkSynced {
					t.Errorf("a condition about a network of which nothing is known: %v", condition)
				}
			}
		})
	}
	for _, state := range []types.VirtualMachinePowerState{types.VirtualMachinePowerStatePoweredOn, types.VirtualMachinePowerStateSuspended} {
		if seen, _ := Observe(Input{Guest: reporting, PowerState: state}); seen.PrimaryIP4 != "10.0.0.5" {
			t.Errorf("%s: the report is not shown", state)
		}
	}
}

func TestPrimaryAddresses(t *testing.T) {
	t.Parallel()
	dual := card(4000, "a", addr("192.0.2.5", 24), addr("fe80::1", 64), addr("2001:db8::5", 64))
	two6 := card(4000, "a", addr("192.0.2.5", 24), addr("fe80::1", 64), addr("2001:db8::5", 64), addr("2001:db8::6", 64))
	one4 := card(4000, "a", addr("192.0.2.7", 24))
	other6 := card(4001, "b", addr("2001:db8::9", 64))
	local := func(keys ...string) map[string]string {
		values := map[string]string{}
		for i := 0; i < len(keys); i += 2 {
			values[keys[i]] = keys[i+1]
		}
		return values
	}
	for _, test := range []struct {
		name     string
		ip       string
		nics     []types.GuestNicInfo
		provider Provider
		extra    map[string]string
		ip4, ip6 string
	}{
		{name: "the other family comes from the same card", ip: "192.0.2.5", nics: []types.GuestNicInfo{dual}, ip4: "192.0.2.5", ip6: "2001:db8::5"},
		{name: "two candidates are not guessed from", ip: "192.0.2.5", nics: []types.GuestNicInfo{two6}, ip4: "192.0.2.5"},
		{name: "an IPv6 address is followed to its card, too", ip: "2001:db8::5", nics: []types.GuestNicInfo{dual}, ip4: "192.0.2.5", ip6: "2001:db8::5"},
		{name: "a spelling does not matter", ip: "2001:DB8:0::5", nics: []types.GuestNicInfo{dual}, ip4: "192.0.2.5", ip6: "2001:DB8:0::5"},
		{name: "the only card", nics: []types.GuestNicInfo{one4}, ip4: "192.0.2.7"},
		{name: "the only card, both families", nics: []types.GuestNicInfo{dual}, ip4: "192.0.2.5", ip6: "2001:db8::5"},
		{name: "the only card, two candidates in a family", nics: []types.GuestNicInfo{two6}, ip4: "192.0.2.5"},
		{name: "one address reported twice is one", nics: []types.GuestNicInfo{card(4000, "a", addr("192.0.2.7", 24), addr("192.0.2.7", 32))}, ip4: "192.0.2.7"},
		{name: "two cards are not guessed from", nics: []types.GuestNicInfo{one4, other6}},
		{name: "the other family on another card is not taken", ip: "192.0.2.7", nics: []types.GuestNicInfo{one4, other6}, ip4: "192.0.2.7"},
		{name: "link-local IPv4 is not usable", ip: "169.254.3.4", nics: []types.GuestNicInfo{one4, other6}},
		{name: "link-local IPv6 is not usable", ip: "fe80::1", nics: []types.GuestNicInfo{one4, other6}},
		{name: "loopback is not usable", ip: "127.0.0.1"},
		{name: "the unspecified address is not usable", ip: "0.0.0.0"},
		{name: "link-local multicast is not usable", ip: "224.0.0.1"},
		{name: "what is no address is not usable", ip: "booting"},
		{name: "a private address is usable", ip: "10.1.2.3", ip4: "10.1.2.3"},
		{name: "vCenter ahead of Tools", ip: "192.0.2.5", nics: []types.GuestNicInfo{one4, other6}, ip4: "192.0.2.5"},
		{name: "cloud-init's report counts more", ip: "192.0.2.5", provider: ProviderCloudInit, extra: local(keyLocalIPv4, "10.0.0.9"), ip4: "10.0.0.9"},
		{name: "cloud-init's report of both families", ip: "192.0.2.5", provider: ProviderCloudInit, extra: local(keyLocalIPv4, "10.0.0.9", keyLocalIPv6, "2001:db8::9"), ip4: "10.0.0.9", ip6: "2001:db8::9"},
		{name: "cloud-init's report of the wrong family", ip: "192.0.2.5", provider: ProviderCloudInit, extra: local(keyLocalIPv4, "2001:db8::9", keyLocalIPv6, "10.0.0.9"), ip4: "192.0.2.5"},
		{name: "cloud-init's report of what is not usable", ip: "192.0.2.5", provider: ProviderCloudInit, extra: local(keyLocalIPv4, "169.254.1.1", keyLocalIPv6, "fe80::1"), ip4: "192.0.2.5"},
		{name: "another provider's guest", ip: "192.0.2.5", provider: ProviderLinuxPrep, extra: local(keyLocalIPv4, "10.0.0.9"), ip4: "192.0.2.5"},
		{name: "a report without cloud-init does not count", ip: "192.0.2.5", extra: local(keyLocalIPv4, "10.0.0.9"), ip4: "192.0.2.5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			seen, _ := Observe(Input{
				Guest: &types.GuestInfo{IpAddress: test.ip, Net: test.nics}, Provider: test.provider, ExtraConfig: test.extra,
			})
			if seen.PrimaryIP4 != test.ip4 || seen.PrimaryIP6 != test.ip6 {
				t.Errorf("got %q and %q, want %q and %q", seen.PrimaryIP4, seen.PrimaryIP6, test.ip4, test.ip6)
			}
		})
	}
}
