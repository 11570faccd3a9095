package network_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func addr(s string) known.Value[netip.Addr] { return known.Of(netip.MustParseAddr(s)) }

func prefix(s string) known.Value[netip.Prefix] { return known.Of(netip.MustParsePrefix(s)) }

func addrs(literals ...string) []netip.Addr {
	list := make([]netip.Addr, len(literals))
	for i, literal := range literals {
		list[i] = netip.MustParseAddr(literal)
	}
	return list
}

// offers are the defaults of the networks of eth0, eth1 and so on.
func offers(networks ...network.NetworkDefaults) network.Defaults {
	d := network.Defaults{Networks: map[string]network.NetworkDefaults{}}
	for i, n := range networks {
		d.Networks["eth"+string(rune('0'+i))] = n
	}
	return d
}

func expectRecords(t *testing.T, config network.Config, want ...record) {
	t.Helper()
	if diff := cmp.Diff(want, recordsOf(config)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// The documents' cloud-init machine.
func TestExampleOfStaticAndDHCP(t *testing.T) {
	t.Parallel()
	spec := network.Spec{
		VMName: text("cloud-init-vm"), HostName: text("my-vm"), DomainName: text("example.com"),
		Nameservers: list("8.8.8.8", "8.8.4.4"), SearchDomains: list("example.com"),
		Interfaces: known.Of([]network.Interface{
			{Name: text("eth0"), GuestDeviceName: text("ens160"), DHCP4: known.Of(true), DHCP6: known.Of(false)},
			{
				Name: text("eth1"), Addresses: list("10.0.1.100/24"), Gateway4: text("10.0.1.1"), Nameservers: list("10.0.1.53"),
				Routes: known.Of([]network.Route{{To: text("10.0.2.0/24"), Via: text("10.0.1.254"), Metric: known.Of[int64](100)}}),
			},
		}),
	}
	expect(t, network.Validate(spec, cloudInit))
	config := network.Resolve(spec, cloudInit, network.Defaults{})
	expectRecords(t, config,
		record{
			Name: "eth0", Device: "ens160", DHCP4: "true", DHCP6: "false", AcceptRA: "false",
			Nameservers: "8.8.8.8 8.8.4.4", Search: "example.com", Sources: "-ii--i-vv-",
		},
		record{
			Name: "eth1", Device: "eth1", Addresses: "10.0.1.100/24", DHCP4: "false", DHCP6: "false", AcceptRA: "false",
			Gateway4: "10.0.1.1", Nameservers: "10.0.1.53", Search: "example.com", Routes: "10.0.2.0/24>10.0.1.254@100",
			Sources: "iibi-b-ivi",
		})
	got := facts(config)
	for key, want := range map[string]string{"host": "my-vm", "domain": "example.com", "dns": "8.8.8.8 8.8.4.4", "search": "example.com", "vlans": ""} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if !config.Complete() {
		t.Errorf("incomplete: %v", config.Unknown())
	}
}

func TestExampleOfDualStack(t *testing.T) {
	t.Parallel()
	spec := machine(network.Interface{
		Name: text("my0interface"), GuestDeviceName: text("eth42"), MTU: known.Of[int64](1500),
		Addresses: list("192.168.1.10/24", "fd8e:b5a0:f172:123::f/48"), Gateway4: text("192.168.1.1"), Gateway6: text("fd8e:b5a0:f172:123::1"),
		Nameservers: list("9.9.9.9"), SearchDomains: list("foobar.local"),
		Routes: known.Of([]network.Route{
			{To: text("185.107.56.0/24"), Via: text("10.1.1.1"), Metric: known.Of[int64](42)},
			{To: text("default"), Via: text("192.168.1.1")},
			{To: text("default"), Via: text("fe80::478:cbfd:455:c5fe")},
		}),
	})
	// VM Operator's own example has a next hop that the guest cannot reach.
	expect(t, network.Validate(spec, cloudInit), "warning P14 network.interface[0].route[0].via")
	expectRecords(t, network.Resolve(spec, cloudInit, network.Defaults{}), record{
		Name: "my0interface", Device: "eth42", MTU: "1500", Addresses: "192.168.1.10/24 fd8e:b5a0:f172:123::f/48",
		DHCP4: "false", DHCP6: "false", AcceptRA: "false", Gateway4: "192.168.1.1", Gateway6: "fd8e:b5a0:f172:123::1",
		Nameservers: "9.9.9.9", Search: "foobar.local",
		Routes:  "185.107.56.0/24>10.1.1.1@42 default>192.168.1.1 default>fe80::478:cbfd:455:c5fe",
		Sources: "iiiiiiiiii",
	})
}

func TestExampleOfDHCPForBothFamilies(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0, func(nic *network.Interface) {
		nic.DHCP4, nic.DHCP6, nic.MTU = known.Of(true), known.Of(true), known.Of[int64](9000)
		nic.Nameservers, nic.SearchDomains = list("9.9.9.9"), list("foobar.local")
	}))
	expectRecords(t, network.Resolve(spec, cloudInit, network.Defaults{}), record{
		Name: "eth0", Device: "eth0", MTU: "9000", DHCP4: "true", DHCP6: "true", AcceptRA: "true",
		Nameservers: "9.9.9.9", Search: "foobar.local", Sources: "-ii--biii-",
	})
}

func TestExampleOfVLANs(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0, func(nic *network.Interface) { nic.GuestDeviceName, nic.DHCP4 = text("ens192"), known.Of(true) }))
	spec.VLANs = known.Of([]network.VLAN{vlan("vlan100", 100, "eth0"), vlan("eth0.200", 200, "eth0")})
	config := network.Resolve(spec, cloudInit, network.Defaults{})
	if got := facts(config)["vlans"]; got != "vlan100=100@eth0 eth0.200=200@eth0" {
		t.Errorf("VLANs: %s", got)
	}
	spec.Disabled = known.Of(true)
	if got := facts(network.Resolve(spec, cloudInit, network.Defaults{}))["vlans"]; got != "" {
		t.Errorf("VLANs of nothing: %s", got)
	}
	spec.Disabled = known.Unknown[bool]()
	if got := facts(network.Resolve(spec, cloudInit, network.Defaults{}))["vlans"]; got != "?" {
		t.Errorf("VLANs of perhaps nothing: %s", got)
	}
}

func TestExampleOfUserInputOnTopOfANetwork(t *testing.T) {
	t.Parallel()
	spec := machine(
		eth(0),
		eth(1, func(nic *network.Interface) { nic.Gateway4 = text("None") }),
		eth(2, func(nic *network.Interface) {
			nic.DHCP4, nic.Addresses, nic.Gateway6 = known.Of(true), list("2001:db8::100/64", "2001:db8::101/64"), text("2001:db8::1")
		}),
		eth(3, func(nic *network.Interface) { nic.Addresses = list("192.168.5.7/24", "192.168.5.8/24") }),
	)
	spec.Nameservers = list("1.1.1.1")
	d := offers(
		network.NetworkDefaults{HasProfile: true, Address4: prefix("10.0.0.10/24"), Gateway4: addr("10.0.0.1")},
		network.NetworkDefaults{HasProfile: true, Address4: prefix("10.0.1.10/24"), Gateway4: addr("10.0.1.1")},
		network.NetworkDefaults{HasProfile: true, Address4: prefix("10.0.2.10/24"), Gateway4: addr("10.0.2.1")},
		network.NetworkDefaults{HasProfile: true, Address4: prefix("192.168.5.2/24"), Gateway4: addr("192.168.5.1")},
	)
	common := record{DHCP4: "false", DHCP6: "false", AcceptRA: "false", Nameservers: "1.1.1.1"}
	want := [4]record{common, common, common, common}
	want[0].Name, want[0].Device, want[0].Addresses, want[0].Gateway4, want[0].Sources = "eth0", "eth0", "10.0.0.10/24", "10.0.0.1", "nnnn-b-v--"
	want[1].Name, want[1].Device, want[1].Addresses, want[1].Sources = "eth1", "eth1", "10.0.1.10/24", "nnn--b-v--"
	want[2].Name, want[2].Device, want[2].Addresses, want[2].Sources = "eth2", "eth2", "2001:db8::100/64 2001:db8::101/64", "iii-ib-v--"
	want[2].DHCP4, want[2].Gateway6 = "true", "2001:db8::1"
	want[3].Name, want[3].Device, want[3].Addresses, want[3].Gateway4, want[3].Sources = "eth3", "eth3", "192.168.5.7/24 192.168.5.8/24", "192.168.5.1", "iinn-b-v--"
	expectRecords(t, network.Resolve(spec, cloudInit, d), want[:]...)
}

func TestAddressingIsResolved(t *testing.T) {
	t.Parallel()
	pool4 := network.NetworkDefaults{HasProfile: true, Address4: prefix("192.168.5.2/24"), Gateway4: addr("192.168.5.1")}
	pools := network.NetworkDefaults{
		HasProfile: true, Address4: prefix("192.168.5.2/24"), Gateway4: addr("192.168.5.1"),
		Address6: prefix("2001:db8:5::2/64"), Gateway6: addr("2001:db8:5::1"),
	}
	dhcp := network.NetworkDefaults{HasProfile: true, DHCP4: known.Of(true), DHCP6: known.Of(true), Gateway4: addr("192.168.5.1"), Gateway6: addr("2001:db8:5::1")}
	noDHCP := network.NetworkDefaults{HasProfile: true, DHCP4: known.Of(false), DHCP6: known.Of(false)}
	silent := network.NetworkDefaults{HasProfile: true, Gateway4: addr("192.168.5.1")}
	later := network.NetworkDefaults{HasProfile: true, Address4: known.Unknown[netip.Prefix](), Gateway4: addr("192.168.5.1")}
	none := network.NetworkDefaults{}
	same := func(*network.Interface) {}
	addresses := func(elements ...string) func(*network.Interface) {
		return func(nic *network.Interface) { nic.Addresses = list(elements...) }
	}

	tests := map[string]struct {
		network network.NetworkDefaults
		change  func(*network.Interface)
		want    record // name, device and AcceptRA are filled in; Sources of the first five keys
	}{
		"nothing known anywhere":              {none, same, record{DHCP4: "true", DHCP6: "false", Sources: "-bb--"}},
		"nothing known, IPv6 address":         {none, addresses("2001:db8::5/64"), record{Addresses: "2001:db8::5/64", DHCP4: "false", DHCP6: "false", Sources: "ibi--"}},
		"nothing known, IPv4 address":         {none, addresses("10.0.0.5/24"), record{Addresses: "10.0.0.5/24", DHCP4: "false", DHCP6: "false", Sources: "iib--"}},
		"nothing known, no DHCP":              {none, func(nic *network.Interface) { nic.DHCP4 = known.Of(false) }, record{DHCP4: "false", DHCP6: "false", Sources: "-ib--"}},
		"nothing known, DHCPv6":               {none, func(nic *network.Interface) { nic.DHCP6 = known.Of(true) }, record{DHCP4: "true", DHCP6: "true", Sources: "-bi--"}},
		"nothing known, declined gateway":     {none, func(nic *network.Interface) { nic.Gateway4 = text("None") }, record{DHCP4: "true", DHCP6: "false", Sources: "-bb--"}},
		"profile that says nothing":           {silent, same, record{DHCP4: "false", DHCP6: "false", Sources: "-nn--"}},
		"profile without DHCP":                {noDHCP, same, record{DHCP4: "false", DHCP6: "false", Sources: "-nn--"}},
		"profile without DHCP, DHCP asked":    {noDHCP, func(nic *network.Interface) { nic.DHCP4 = known.Of(true) }, record{DHCP4: "true", DHCP6: "false", Sources: "-in--"}},
		"profile with DHCP":                   {dhcp, same, record{DHCP4: "true", DHCP6: "true", Sources: "-nn--"}},
		"profile with DHCP, refused":          {dhcp, func(nic *network.Interface) { nic.DHCP4, nic.DHCP6 = known.Of(false), known.Of(false) }, record{DHCP4: "false", DHCP6: "false", Sources: "-ii--"}},
		"profile with DHCP, IPv4 address":     {dhcp, addresses("192.168.5.7/24"), record{Addresses: "192.168.5.7/24", DHCP4: "false", DHCP6: "true", Gateway4: "192.168.5.1", Sources: "iinn-"}},
		"profile with DHCP, refused, address": {dhcp, func(nic *network.Interface) { nic.DHCP4, nic.Addresses = known.Of(false), list("192.168.5.7/24") }, record{Addresses: "192.168.5.7/24", DHCP4: "false", DHCP6: "true", Gateway4: "192.168.5.1", Sources: "iinn-"}},
		"pool":                                {pool4, same, record{Addresses: "192.168.5.2/24", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Sources: "nnnn-"}},
		"pools":                               {pools, same, record{Addresses: "192.168.5.2/24 2001:db8:5::2/64", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Gateway6: "2001:db8:5::1", Sources: "nnnnn"}},
		"pools, declined gateways":            {pools, func(nic *network.Interface) { nic.Gateway4, nic.Gateway6 = text("None"), text("None") }, record{Addresses: "192.168.5.2/24 2001:db8:5::2/64", DHCP4: "false", DHCP6: "false", Sources: "nnn--"}},
		"pools, another gateway":              {pools, func(nic *network.Interface) { nic.Gateway4 = text("192.168.5.254") }, record{Addresses: "192.168.5.2/24 2001:db8:5::2/64", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.254", Gateway6: "2001:db8:5::1", Sources: "nnnin"}},
		"pools, DHCPv4 asked":                 {pools, func(nic *network.Interface) { nic.DHCP4 = known.Of(true) }, record{Addresses: "2001:db8:5::2/64", DHCP4: "true", DHCP6: "false", Gateway6: "2001:db8:5::1", Sources: "nin-n"}},
		"pools, DHCPv4 refused":               {pools, func(nic *network.Interface) { nic.DHCP4 = known.Of(false) }, record{Addresses: "192.168.5.2/24 2001:db8:5::2/64", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Gateway6: "2001:db8:5::1", Sources: "ninnn"}},
		"pools lost to an IPv4 address":       {pools, addresses("192.168.5.7/24"), record{Addresses: "192.168.5.7/24", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Sources: "iinn-"}},
		"pools lost to an IPv6 address":       {pools, addresses("2001:db8:5::7/64"), record{Addresses: "2001:db8:5::7/64", DHCP4: "false", DHCP6: "false", Gateway6: "2001:db8:5::1", Sources: "ini-n"}},
		"adopted gateway outside":             {pool4, addresses("172.16.0.7/24"), record{Addresses: "172.16.0.7/24", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Sources: "iinn-"}},
		"adopted gateway declined":            {pool4, func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("192.168.5.7/24"), text("None") }, record{Addresses: "192.168.5.7/24", DHCP4: "false", DHCP6: "false", Sources: "iin--"}},
		"pool that is asked later":            {later, same, record{Addresses: "?", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Sources: "nnnn-"}},
		"pool that is never asked":            {later, addresses("192.168.5.7/24"), record{Addresses: "192.168.5.7/24", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Sources: "iinn-"}},
		"pool and DHCP flag":                  {network.NetworkDefaults{HasProfile: true, Address4: prefix("192.168.5.2/24"), DHCP4: known.Of(true)}, same, record{Addresses: "192.168.5.2/24", DHCP4: "false", DHCP6: "false", Sources: "nnn--"}},
		"unparsable address is left out":      {pool4, addresses("bad", "10.0.0.1/24"), record{Addresses: "10.0.0.1/24", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Sources: "iinn-"}},
		"unparsable address loses the pool's": {pool4, addresses("bad"), record{DHCP4: "false", DHCP6: "false", Sources: "-nn--"}},
		"gateway of the other family":         {none, func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("2001:db8::1") }, record{Addresses: "10.0.0.5/24", DHCP4: "false", DHCP6: "false", Sources: "iib--"}},
		"gateway without address":             {none, func(nic *network.Interface) { nic.Gateway6 = text("2001:db8::1") }, record{DHCP4: "true", DHCP6: "false", Sources: "-bb--"}},
		"empty gateway is none":               {pool4, func(nic *network.Interface) { nic.Gateway4 = text("") }, record{Addresses: "192.168.5.2/24", DHCP4: "false", DHCP6: "false", Gateway4: "192.168.5.1", Sources: "nnnn-"}},
		"DHCP under addresses keeps no gateway": {
			pool4, func(nic *network.Interface) { nic.DHCP4, nic.Addresses = known.Of(true), list("192.168.5.7/24") },
			record{Addresses: "192.168.5.7/24", DHCP4: "true", DHCP6: "false", Sources: "iin--"},
		},
		"mixed order is kept": {none, addresses("2001:db8::6/64", "10.0.0.6/24", "10.0.0.5/24"), record{Addresses: "2001:db8::6/64 10.0.0.6/24 10.0.0.5/24", DHCP4: "false", DHCP6: "false", Sources: "iii--"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.want
			want.Name, want.Device, want.AcceptRA, want.Sources = "eth0", "eth0", want.DHCP6, want.Sources+"b----"
			expectRecords(t, network.Resolve(machine(eth(0, test.change)), cloudInit, offers(test.network)), want)
		})
	}
}

func TestRemainingFieldsAreResolved(t *testing.T) {
	t.Parallel()
	nic := eth(0, func(nic *network.Interface) {
		nic.GuestDeviceName, nic.MTU, nic.DHCP4 = text(""), known.Of[int64](0), known.Of(true)
		nic.Routes = known.Of([]network.Route{
			{To: text("junk"), Via: text("10.0.0.1")},
			{To: text("10.0.0.5/8"), Via: text("10.0.0.1"), Metric: known.Of[int64](0)},
			{To: text("default"), Via: text("junk")},
			{To: known.Unknown[string](), Via: known.Unknown[string](), Metric: known.Unknown[int64]()},
		})
	})
	want := record{
		Name: "eth0", Device: "eth0", DHCP4: "true", DHCP6: "false", AcceptRA: "false",
		Routes: "10.0.0.5/8>10.0.0.1 ?>?@?", Sources: "-ib--b---i",
	}
	expectRecords(t, network.Resolve(machine(nic), cloudInit, network.Defaults{}), want)

	nic.Routes = known.Of([]network.Route{{To: text("junk"), Via: text("10.0.0.1")}})
	want.Routes, want.Sources = "", "-ib--b----"
	expectRecords(t, network.Resolve(machine(nic), cloudInit, network.Defaults{}), want)
}

func TestInterfacesThatTheMachineHas(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spec network.Spec
		want string
	}{
		"none named":              {machine(), "1"},
		"no block":                {network.Spec{Interfaces: known.Of([]network.Interface{})}, "1"},
		"two named":               {machine(eth(0), eth(1)), "2"},
		"unknown":                 {network.Spec{Interfaces: known.Unknown[[]network.Interface]()}, "?"},
		"disabled":                {network.Spec{Disabled: known.Of(true)}, "0"},
		"disabled, unknown":       {network.Spec{Disabled: known.Of(true), Interfaces: known.Unknown[[]network.Interface]()}, "0"},
		"disabled, two named":     {network.Spec{Disabled: known.Of(true), Interfaces: known.Of([]network.Interface{eth(0), eth(1)})}, "0"},
		"enabled":                 {network.Spec{Disabled: known.Of(false)}, "1"},
		"perhaps disabled":        {network.Spec{Disabled: known.Unknown[bool]()}, "?"},
		"perhaps disabled, named": {network.Spec{Disabled: known.Unknown[bool](), Interfaces: known.Of([]network.Interface{eth(0)})}, "?"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := facts(network.Resolve(test.spec, cloudInit, network.Defaults{}))["interfaces"]; got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	expectRecords(t, network.Resolve(machine(), cloudInit, offers(network.NetworkDefaults{Address4: prefix("10.0.0.10/24")})), record{
		Name: "eth0", Device: "eth0", Addresses: "10.0.0.10/24", DHCP4: "false", DHCP6: "false", AcceptRA: "false", Sources: "nnn--b----",
	})
}

// A network that says one thing about addressing has a profile, whatever else it leaves out.
func TestANetworkThatSaysSomethingLeavesNoDHCPByDefault(t *testing.T) {
	t.Parallel()
	for name, offer := range map[string]network.NetworkDefaults{
		"profile": {HasProfile: true},
		"IPv6":    {Address6: prefix("2001:db8::5/64")},
		"DHCPv6":  {DHCP6: known.Of(false)},
	} {
		if got := facts(network.Resolve(machine(), cloudInit, offers(offer)))["0.dhcp4"]; got != "false" {
			t.Errorf("%s: DHCPv4 is %s", name, got)
		}
	}
	for name, offer := range map[string]network.NetworkDefaults{"IPv4": {Address4: prefix("10.0.0.5/24")}, "DHCPv4": {DHCP4: known.Of(true)}} {
		config := network.Resolve(machine(), cloudInit, offers(offer))
		if got := config.Interfaces.Or(nil)[0].Sources["dhcp6"]; got != network.SourceNetwork {
			t.Errorf("%s: DHCPv6 is decided by the %s", name, got)
		}
	}
}

func TestANameIsNotNeededWhereNoNetworkOffersAnything(t *testing.T) {
	t.Parallel()
	got := facts(network.Resolve(machine(network.Interface{Name: known.Unknown[string]()}), cloudInit, network.Defaults{}))
	if got["0.dhcp4"] != "true" || got["0.addresses"] != "" || got["0.name"] != "?" {
		t.Errorf("got %v", got)
	}
}
