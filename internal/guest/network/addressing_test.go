package network_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestAddressingOfAnInterface(t *testing.T) {
	t.Parallel()
	const at = " network.interface[0]."
	tests := map[string]struct {
		change func(*network.Interface)
		want   []string
	}{
		"nothing": {func(*network.Interface) {}, nil},
		"every kind of CIDR": {func(nic *network.Interface) {
			nic.Addresses = list("10.0.0.5/8", "10.1.0.0/31", "10.2.0.1/32", "2001:db8::5/64", "2001:db8:1::/127", "2001:db8:2::1/128", "2001:DB8:3::1/64")
		}, nil},
		"no CIDR": {func(nic *network.Interface) {
			nic.Addresses = list("10.0.0.5", "fe80::1%eth0/64", "junk", "10.0.0.5/33", "10.0.0.05/24", "", "10.0.0.5/24/24", " 10.0.0.5/24", "10.0.0.5/255.255.255.0")
		}, []string{
			"error I1" + at + "addresses[0]", "error I1" + at + "addresses[1]", "error I1" + at + "addresses[2]",
			"error I1" + at + "addresses[3]", "error I1" + at + "addresses[4]", "error I1" + at + "addresses[5]",
			"error I1" + at + "addresses[6]", "error I1" + at + "addresses[7]", "error I1" + at + "addresses[8]",
		}},
		"IPv4-mapped address": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway4 = list("::ffff:10.0.0.1/120"), text("10.0.0.2")
		}, []string{"error P25" + at + "addresses[0]"}},
		"network and broadcast address": {func(nic *network.Interface) {
			nic.Addresses = list("10.0.0.0/24", "10.0.1.255/24", "10.0.3.255/23", "2001:db8::/64", "0.0.0.0/0", "255.255.255.255/0", "10.0.2.255/23", "2001:db8:1::ffff/112", "10.4.0.0/30", "10.4.0.7/30")
		}, []string{
			"warning P14" + at + "addresses[0]", "warning P14" + at + "addresses[1]", "warning P14" + at + "addresses[2]",
			"warning P14" + at + "addresses[3]", "warning P14" + at + "addresses[4]", "warning P14" + at + "addresses[5]",
			"warning P14" + at + "addresses[8]", "warning P14" + at + "addresses[9]",
		}},
		"addresses of no host": {func(nic *network.Interface) {
			nic.Addresses = list("0.0.0.0/24", "127.0.0.5/8", "::1/128", "224.0.0.5/24", "ff02::5/64", "::/0", "169.254.3.4/16", "fe80::5/64", "240.0.0.5/24")
		}, []string{
			"warning P14" + at + "addresses[0]", "warning P14" + at + "addresses[1]", "warning P14" + at + "addresses[2]",
			"warning P14" + at + "addresses[3]", "warning P14" + at + "addresses[4]", "warning P14" + at + "addresses[5]",
		}},

		"gateways": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway4, nic.Gateway6 = list("10.0.0.5/24", "2001:db8::5/64"), text("10.0.0.1"), text("2001:db8::1")
		}, nil},
		"gateway4 without address":      {func(nic *network.Interface) { nic.Gateway4 = text("10.0.0.1") }, []string{"error I2" + at + "gateway4"}},
		"gateway4 without IPv4 address": {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("2001:db8::5/64"), text("10.0.0.1") }, []string{"error I2" + at + "gateway4"}},
		"gateway4 with invalid address": {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5"), text("10.0.0.1") }, []string{"error I1" + at + "addresses[0]", "error I2" + at + "gateway4"}},
		"gateway4 is junk":              {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("junk") }, []string{"error I3" + at + "gateway4"}},
		"gateway4 with prefix length":   {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("10.0.0.1/24") }, []string{"error I3" + at + "gateway4"}},
		"gateway4 is IPv6":              {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("2001:db8::1") }, []string{"error I3" + at + "gateway4"}},
		"gateway4 is junk, no address":  {func(nic *network.Interface) { nic.Gateway4 = text("junk") }, []string{"error I2" + at + "gateway4", "error I3" + at + "gateway4"}},
		"gateway4 is mapped": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("::ffff:10.0.0.1")
		}, []string{"error P25" + at + "gateway4"}},
		"gateway4 none, misspelt":         {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("none") }, []string{"error I3" + at + "gateway4"}},
		"gateway4 NONE, misspelt":         {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("NONE") }, []string{"error I3" + at + "gateway4"}},
		"gateways None without addresses": {func(nic *network.Interface) { nic.Gateway4, nic.Gateway6 = text("None"), text("None") }, nil},
		"gateways None with addresses": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway4, nic.Gateway6 = list("10.0.0.5/24", "2001:db8::5/64"), text("None"), text("None")
		}, nil},
		"empty gateways": {func(nic *network.Interface) {
			nic.Gateway4, nic.Gateway6, nic.DHCP4 = text(""), text(""), known.Of(true)
		}, nil},
		"gateway6 without address":      {func(nic *network.Interface) { nic.Gateway6 = text("2001:db8::1") }, []string{"error I4" + at + "gateway6"}},
		"gateway6 without IPv6 address": {func(nic *network.Interface) { nic.Addresses, nic.Gateway6 = list("10.0.0.5/24"), text("2001:db8::1") }, []string{"error I4" + at + "gateway6"}},
		"gateway6 is IPv4":              {func(nic *network.Interface) { nic.Addresses, nic.Gateway6 = list("2001:db8::5/64"), text("10.0.0.1") }, []string{"error I5" + at + "gateway6"}},
		"gateway6 is mapped": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway6 = list("2001:db8::5/64"), text("::ffff:10.0.0.1")
		}, []string{"error I5" + at + "gateway6"}},
		"gateway6 none, misspelt": {func(nic *network.Interface) { nic.Addresses, nic.Gateway6 = list("2001:db8::5/64"), text("none") }, []string{"error I5" + at + "gateway6"}},
		"gateway6 link-local":     {func(nic *network.Interface) { nic.Addresses, nic.Gateway6 = list("2001:db8::5/64"), text("fe80::1") }, nil},
		"gateway6 with zone": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway6 = list("2001:db8::5/64"), text("fe80::1%eth0")
		}, []string{"error I5" + at + "gateway6"}},

		"dhcp4 and IPv4 address": {func(nic *network.Interface) { nic.DHCP4, nic.Addresses = known.Of(true), list("10.0.0.5/24") }, []string{"error I6" + at + "dhcp4"}},
		"dhcp4 and IPv6 address": {func(nic *network.Interface) { nic.DHCP4, nic.Addresses = known.Of(true), list("2001:db8::5/64") }, nil},
		"dhcp4 and IPv6 with gateway6": {func(nic *network.Interface) {
			nic.DHCP4, nic.Addresses, nic.Gateway6 = known.Of(true), list("2001:db8::5/64"), text("2001:db8::1")
		}, nil},
		"dhcp4 and gateway4":      {func(nic *network.Interface) { nic.DHCP4, nic.Gateway4 = known.Of(true), text("10.0.0.1") }, []string{"error I2" + at + "gateway4", "error I7" + at + "gateway4"}},
		"dhcp4 and gateway4 None": {func(nic *network.Interface) { nic.DHCP4, nic.Gateway4 = known.Of(true), text("None") }, []string{"error I7" + at + "gateway4"}},
		"dhcp4 false, address, gateway": {func(nic *network.Interface) {
			nic.DHCP4, nic.Addresses, nic.Gateway4 = known.Of(false), list("10.0.0.5/24"), text("10.0.0.1")
		}, nil},
		"dhcp4, address and gateway": {func(nic *network.Interface) {
			nic.DHCP4, nic.Addresses, nic.Gateway4 = known.Of(true), list("10.0.0.5/24"), text("10.0.0.1")
		}, []string{"error I6" + at + "dhcp4", "error I7" + at + "gateway4"}},
		"dhcp6 and IPv6 address":  {func(nic *network.Interface) { nic.DHCP6, nic.Addresses = known.Of(true), list("2001:db8::5/64") }, []string{"error I8" + at + "dhcp6"}},
		"dhcp6 and IPv4 address":  {func(nic *network.Interface) { nic.DHCP6, nic.Addresses = known.Of(true), list("10.0.0.5/24") }, nil},
		"dhcp6 and gateway6":      {func(nic *network.Interface) { nic.DHCP6, nic.Gateway6 = known.Of(true), text("fe80::1") }, []string{"error I4" + at + "gateway6", "error I9" + at + "gateway6"}},
		"dhcp6 and gateway6 None": {func(nic *network.Interface) { nic.DHCP6, nic.Gateway6 = known.Of(true), text("None") }, []string{"error I9" + at + "gateway6"}},
		"both DHCPs":              {func(nic *network.Interface) { nic.DHCP4, nic.DHCP6 = known.Of(true), known.Of(true) }, nil},

		"gateway4 outside its subnet": {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("10.0.1.1") }, []string{"error P14" + at + "gateway4"}},
		"gateway4 outside all subnets": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway4 = list("10.0.0.5/24", "10.0.2.5/24"), text("10.0.1.1")
		}, []string{"error P14" + at + "gateway4"}},
		"gateway4 in the second subnet": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway4 = list("10.0.0.5/24", "10.0.1.5/24"), text("10.0.1.1")
		}, nil},
		"gateway6 outside its subnet": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway6 = list("2001:db8::5/64"), text("2001:db8:1::1")
		}, []string{"error P14" + at + "gateway6"}},
		"gateway4 link-local is not reachable from elsewhere": {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("169.254.0.1") }, []string{"error P14" + at + "gateway4"}},
		"gateway4 may belong to the invalid address": {func(nic *network.Interface) {
			nic.Addresses, nic.Gateway4 = list("10.0.0.5/24", "10.0.1.5"), text("10.0.1.1")
		}, []string{"error I1" + at + "addresses[1]"}},
		"gateway4 is the interface itself": {func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("10.0.0.5") }, []string{"warning P14" + at + "gateway4"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, b := range []network.Bootstrap{cloudInit, vAppConfig, nothing} {
				expect(t, network.Validate(machine(eth(0, test.change)), b), test.want...)
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	const at = " network.interface[0].route[0]"
	unknown := known.Unknown[string]()
	tests := map[string]struct {
		route network.Route
		want  []string
	}{
		"IPv4":                   {network.Route{To: text("10.0.2.0/24"), Via: text("10.0.1.254")}, nil},
		"IPv6":                   {network.Route{To: text("2001:db8::/32"), Via: text("fe80::1")}, nil},
		"host bits":              {network.Route{To: text("10.0.0.5/8"), Via: text("10.0.1.254")}, nil},
		"everything":             {network.Route{To: text("0.0.0.0/0"), Via: text("10.0.1.254")}, nil},
		"one address":            {network.Route{To: text("10.0.0.5/32"), Via: text("10.0.1.254")}, nil},
		"default by IPv4":        {network.Route{To: text("default"), Via: text("10.0.1.254")}, nil},
		"default by IPv6":        {network.Route{To: text("default"), Via: text("2001:db8::1")}, nil},
		"default, misspelt":      {network.Route{To: text("Default"), Via: text("10.0.1.254")}, []string{"error I11" + at + ".to"}},
		"address":                {network.Route{To: text("10.0.0.1"), Via: text("10.0.0.254")}, []string{"error I11" + at + ".to"}},
		"junk":                   {network.Route{To: text("junk"), Via: text("10.0.0.254")}, []string{"error I11" + at + ".to"}},
		"no destination":         {network.Route{Via: text("10.0.0.254")}, []string{"error I11" + at + ".to"}},
		"mapped destination":     {network.Route{To: text("::ffff:10.0.0.0/104"), Via: text("10.0.0.254")}, []string{"error P25" + at + ".to"}},
		"mapped short":           {network.Route{To: text("::ffff:0.0.0.0/95"), Via: text("10.0.0.254")}, []string{"error P25" + at + ".to"}},
		"IPv4 by junk":           {network.Route{To: text("10.0.0.0/8"), Via: text("junk")}, []string{"error I12" + at + ".via", "error I13" + at}},
		"IPv6 by junk":           {network.Route{To: text("2001:db8::/32"), Via: text("junk")}, []string{"error I12" + at + ".via"}},
		"default by junk":        {network.Route{To: text("default"), Via: text("junk")}, []string{"error I12" + at + ".via"}},
		"via with prefix length": {network.Route{To: text("default"), Via: text("10.0.0.1/24")}, []string{"error I12" + at + ".via"}},
		"via mapped":             {network.Route{To: text("10.0.0.0/8"), Via: text("::ffff:10.0.0.1")}, []string{"error P25" + at + ".via"}},
		"no next hop":            {network.Route{To: text("10.0.0.0/8")}, []string{"error I12" + at + ".via"}},
		"IPv4 by IPv6":           {network.Route{To: text("10.0.0.0/8"), Via: text("2001:db8::1")}, []string{"error I13" + at}},
		"IPv6 by IPv4":           {network.Route{To: text("2001:db8::/32"), Via: text("10.0.0.1")}, []string{"error I13" + at}},
		"unknown destination":    {network.Route{To: unknown, Via: text("2001:db8::1")}, nil},
		"unknown next hop":       {network.Route{To: text("10.0.0.0/8"), Via: unknown}, nil},
		"metric":                 {network.Route{To: text("default"), Via: text("10.0.0.1"), Metric: known.Of[int64](1)}, nil},
		"highest metric":         {network.Route{To: text("default"), Via: text("10.0.0.1"), Metric: known.Of[int64](2147483647)}, nil},
		"metric of zero":         {network.Route{To: text("default"), Via: text("10.0.0.1"), Metric: known.Of[int64](0)}, []string{"error S4" + at + ".metric"}},
		"metric too high":        {network.Route{To: text("default"), Via: text("10.0.0.1"), Metric: known.Of[int64](2147483648)}, []string{"error S4" + at + ".metric"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nic := eth(0, func(nic *network.Interface) { nic.Routes = known.Of([]network.Route{test.route}) })
			expect(t, network.Validate(machine(nic), cloudInit), test.want...)
		})
	}
}

func TestTextsSayWhatToWriteInstead(t *testing.T) {
	t.Parallel()
	nic := func(change func(*network.Interface)) network.Spec { return machine(eth(0, change)) }
	route := func(to, via string) network.Spec {
		return nic(func(nic *network.Interface) { nic.Routes = known.Of([]network.Route{{To: text(to), Via: text(via)}}) })
	}
	tests := map[string]struct {
		spec network.Spec
		want string
	}{
		"prefix length of an address": {nic(func(nic *network.Interface) { nic.Addresses = list("10.0.0.5") }), `"10.0.0.5/24"`},
		"prefix length, IPv6":         {nic(func(nic *network.Interface) { nic.Addresses = list("2001:db8::5") }), `"2001:db8::5/64"`},
		"white space":                 {nic(func(nic *network.Interface) { nic.Addresses = list(" 10.0.0.5/24") }), `write "10.0.0.5/24"`},
		"example of a CIDR":           {nic(func(nic *network.Interface) { nic.Addresses = list("junk") }), `such as "10.0.0.5/24"`},
		"mapped address":              {nic(func(nic *network.Interface) { nic.Addresses = list("::ffff:10.0.0.1/120") }), `write "10.0.0.1/24"`},
		"None":                        {nic(func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("none") }), `write exactly "None"`},
		"gateway with prefix length":  {nic(func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("10.0.0.1/24") }), `write "10.0.0.1"`},
		"mapped network":              {nic(func(nic *network.Interface) { nic.Addresses = list("::ffff:10.0.0.1/96") }), `write "10.0.0.1/0"`},
		"mapped, short prefix":        {nic(func(nic *network.Interface) { nic.Addresses = list("::ffff:10.0.0.1/95") }), `with an IPv4 prefix length`},
		"gateway outside, dual stack": {nic(func(nic *network.Interface) {
			nic.Addresses, nic.Gateway4 = list("2001:db8::5/64", "10.0.0.5/24", "10.2.0.5/16"), text("10.0.1.1")
		}), "are in 10.0.0.0/24, 10.2.0.0/16, so"},
		"gateway outside":              {nic(func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("10.0.1.1") }), "in 10.0.0.0/24"},
		"nameserver with white space":  {nic(func(nic *network.Interface) { nic.Nameservers = list("8.8.8.8 ") }), `write "8.8.8.8"`},
		"nameserver with zone":         {nic(func(nic *network.Interface) { nic.Nameservers = list("fe80::1%eth0") }), `write "fe80::1"`},
		"nameserver with leading zero": {nic(func(nic *network.Interface) { nic.Nameservers = list("008.8.8.8") }), "without leading zeros"},
		"destination of one address":   {route("10.0.0.1", "10.0.0.254"), `write "10.0.0.1/32"`},
		"destination of one IPv6":      {route("2001:db8::1", "2001:db8::2"), `write "2001:db8::1/128"`},
		"default":                      {route("DEFAULT", "10.0.0.254"), `Write exactly "default"`},
		"host name":                    {names("my_vm", "-", "-"), `contains '_'`},
		"MAC with dashes":              {nic(func(nic *network.Interface) { nic.MACAddr = text("00-50-56-89-AB-CD") }), `Write "00:50:56:89:ab:cd"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := network.Validate(test.spec, cloudInit)
			if len(problems) != 1 || !strings.Contains(problems[0].Detail, test.want) {
				t.Errorf("%s is not in %+v", test.want, problems)
			}
		})
	}
}

func TestANonsensicalProviderIsToldWhatToUse(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0, func(nic *network.Interface) { nic.Nameservers = list("10.0.0.53") }))
	for _, test := range []struct {
		bootstrap network.Bootstrap
		want      string
	}{
		{linuxPrep, "Move them to network.nameservers"},
		{vAppConfig, "only vapp_config is configured"},
		{nothing, "no bootstrap provider is configured"},
	} {
		problems := network.Validate(spec, test.bootstrap)
		if len(problems) != 1 || !strings.Contains(problems[0].Detail, test.want) {
			t.Errorf("%s is not in %+v", test.want, problems)
		}
	}
}
