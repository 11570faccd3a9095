package network_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// offence breaks one rule in one way, and nothing else than what is in want.
type offence struct {
	rule      string
	spec      network.Spec
	bootstrap network.Bootstrap
	defaults  network.Defaults
	// want is "path" for an error, "? path" for a warning; the rule stands before each.
	want []string
}

// one makes an offence of one interface that is changed.
func one(rule string, b network.Bootstrap, change func(*network.Interface), want ...string) offence {
	return offence{rule: rule, bootstrap: b, spec: machine(eth(0, change)), want: want}
}

// oneVLAN makes an offence of VLANs on a machine with the interfaces eth0, which is the
// device ens192, and eth1.
func oneVLAN(rule string, b network.Bootstrap, want string, vlans ...network.VLAN) offence {
	spec := machine(eth(0, func(nic *network.Interface) { nic.GuestDeviceName = text("ens192") }), eth(1))
	if !b.CloudInit {
		spec = machine(eth(0), eth(1))
	}
	spec.VLANs = known.Of(vlans)
	return offence{rule: rule, bootstrap: b, spec: spec, want: []string{want}}
}

// withGlobal makes an offence of the machine's own lists.
func withGlobal(rule string, b network.Bootstrap, nameservers, searchDomains known.List[string], want ...string) offence {
	spec := machine()
	spec.Nameservers, spec.SearchDomains = nameservers, searchDomains
	return offence{rule: rule, bootstrap: b, spec: spec, want: want}
}

// addressed sets addresses, and gateway4 and gateway6 where they are not empty.
func addressed(gateway4, gateway6 string, addresses ...string) func(*network.Interface) {
	return func(nic *network.Interface) {
		nic.Addresses = list(addresses...)
		if gateway4 != "" {
			nic.Gateway4 = text(gateway4)
		}
		if gateway6 != "" {
			nic.Gateway6 = text(gateway6)
		}
	}
}

func routed(to, via string) func(*network.Interface) {
	return func(nic *network.Interface) {
		nic.Routes = known.Of([]network.Route{{To: text("default"), Via: text("10.0.0.1")}, {To: text(to), Via: text(via)}})
	}
}

// offences breaks each rule at each of the paths that it blames.
func offences() []offence {
	const nic = "network.interface[0]."
	on, off := known.Of(true), known.Of(false)
	long, none := strings.Repeat("a", 16), known.List[string]{}
	declined := network.Bootstrap{CloudInit: true, UseGlobalNameserversAsDefault: off, UseGlobalSearchDomainsAsDefault: off}
	onWindows := network.Bootstrap{LinuxPrep: true, GuestID: text("windows9_64Guest")}
	pool := offers(network.NetworkDefaults{HasProfile: true, Gateway4: addr("192.168.5.1")})
	domain := strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 61)
	return []offence{
		{rule: "B0", bootstrap: network.Bootstrap{CloudInit: true, Sysprep: true}, spec: machine(), want: []string{"bootstrap.cloud_init", "bootstrap.sysprep"}},
		{rule: "H1", spec: names("bad_name", "-", "-"), want: []string{"name"}},
		{rule: "H1", spec: names("good", "bad_name", "-"), want: []string{"network.host_name"}},
		{rule: "H2", spec: names("192.0.2.1", "-", "example.com"), want: []string{"name"}},
		{rule: "H2", spec: names("good", "::1", "example.com"), want: []string{"network.host_name"}},
		{rule: "H3", bootstrap: sysprep, spec: names(long, "-", "-"), want: []string{"name"}},
		{rule: "H3", bootstrap: sysprep, spec: names("good", long, "-"), want: []string{"network.host_name"}},
		{rule: "H4", spec: names("good", "-", "example.c"), want: []string{"network.domain_name"}},
		{rule: "H5", spec: names("ab", "-", domain), want: []string{"network"}},

		withGlobal("G1", nothing, list("8.8.8.8"), none, "network.nameservers"),
		withGlobal("G1", vAppConfig, list("8.8.8.8"), none, "network.nameservers"),
		withGlobal("G1", declined, list("8.8.8.8"), none, "network.nameservers"),
		withGlobal("G2", nothing, none, list("example.com"), "network.search_domains"),
		withGlobal("G2", declined, none, list("example.com"), "network.search_domains"),
		withGlobal("G3", cloudInit, list("8.8.8.8", "008.8.8.8"), none, "network.nameservers[1]"),

		one("F1", linuxPrep, func(nic *network.Interface) { nic.GuestDeviceName = text("ens160") }, nic+"guest_device_name"),
		one("F2", sysprep, func(nic *network.Interface) { nic.MTU = known.Of[int64](1500) }, nic+"mtu"),
		one("F3", vAppConfig, routed("10.2.0.0/16", "10.0.0.1"), nic+"route[0]"),
		one("F4", sysprep, func(nic *network.Interface) { nic.SearchDomains = list("example.com") }, nic+"search_domains"),
		one("F5", linuxPrep, func(nic *network.Interface) { nic.Nameservers = list("10.0.0.53") }, nic+"nameservers"),

		one("I1", nothing, addressed("", "", "10.0.0.5/24", "10.0.0.6"), nic+"addresses[1]"),
		one("I2", nothing, addressed("10.0.0.1", ""), nic+"gateway4"),
		one("I3", nothing, addressed("none", "", "10.0.0.5/24"), nic+"gateway4"),
		one("I4", nothing, addressed("", "2001:db8::1", "10.0.0.5/24"), nic+"gateway6"),
		one("I5", nothing, addressed("", "::ffff:10.0.0.1", "2001:db8::5/64"), nic+"gateway6"),
		one("I6", nothing, func(nic *network.Interface) { nic.DHCP4, nic.Addresses = on, list("10.0.0.5/24") }, nic+"dhcp4"),
		one("I7", nothing, func(nic *network.Interface) { nic.DHCP4, nic.Gateway4 = on, text("None") }, nic+"gateway4"),
		one("I8", nothing, func(nic *network.Interface) { nic.DHCP6, nic.Addresses = on, list("2001:db8::5/64") }, nic+"dhcp6"),
		one("I9", nothing, func(nic *network.Interface) { nic.DHCP6, nic.Gateway6 = on, text("None") }, nic+"gateway6"),
		one("I7", nothing, func(nic *network.Interface) { nic.Gateway4 = text("None") }, "? "+nic+"gateway4"), // DHCPv4 by default
		one("I10", cloudInit, func(nic *network.Interface) { nic.Nameservers = list("10.0.0.53", "dns") }, nic+"nameservers[1]"),
		one("I11", cloudInit, routed("10.2.0.1", "10.0.0.254"), nic+"route[1].to"),
		one("I12", cloudInit, routed("2001:db8::/64", "gateway"), nic+"route[1].via"),
		one("I13", cloudInit, routed("10.0.0.0/8", "2001:db8::1"), nic+"route[1]"),

		{rule: "N1", spec: machine(network.Interface{Name: text("Eth0")}), want: []string{nic + "name"}},
		{rule: "N1", spec: machine(eth(0), eth(0)), want: []string{"network.interface[1].name"}},
		{rule: "N1", spec: machine(eth(0), eth(1), eth(2), eth(3), eth(4), eth(5), eth(6), eth(7), eth(8), eth(9), eth(10)), want: []string{"network.interface[10].name"}},

		one("S1", nothing, func(nic *network.Interface) { nic.Type = text("vmxnet3") }, nic+"type"),
		one("S2", cloudInit, func(nic *network.Interface) { nic.GuestDeviceName = text("eth0.1") }, nic+"guest_device_name"),
		one("S3", nothing, func(nic *network.Interface) { nic.MACAddr = text("01:00:5e:00:00:01") }, nic+"mac_addr"),
		one("S3", nothing, func(nic *network.Interface) { nic.MACAddr = text("00:50:56:80:00:01") }, "? "+nic+"mac_addr"),
		one("S4", cloudInit, func(nic *network.Interface) {
			nic.Routes = known.Of([]network.Route{{To: text("default"), Via: text("10.0.0.1"), Metric: known.Of[int64](0)}})
		}, nic+"route[0].metric"),
		oneVLAN("S5", cloudInit, "network.vlan[0].name", vlan("a b", 1, "eth0")),
		oneVLAN("S6", cloudInit, "network.vlan[0].id", vlan("a", 4095, "eth0")),
		one("S7", cloudInit, func(nic *network.Interface) {
			nic.SearchDomains = known.Of([]known.Value[string]{text("a.example"), {}})
		}, nic+"search_domains[1]"),
		one("S8", cloudInit, func(nic *network.Interface) { nic.SearchDomains = list("a.example", "") }, nic+"search_domains[1]"),

		oneVLAN("V2", linuxPrep, "network.vlan[0]", vlan("a", 1, "eth0")),
		oneVLAN("V3", cloudInit, "network.vlan[0].name", vlan("eth1", 1, "eth0")),
		oneVLAN("V4", cloudInit, "network.vlan[0].name", vlan("ens192", 1, "eth0")),
		oneVLAN("V5", cloudInit, "network.vlan[0].link", vlan("a", 1, "")),
		oneVLAN("V6", cloudInit, "network.vlan[0].link", vlan("a", 1, "ens192")),
		oneVLAN("V7", cloudInit, "network.vlan[1].id", vlan("a", 1, "eth0"), vlan("b", 1, "eth0")),

		one("P14", nothing, addressed("10.0.1.1", "", "10.0.0.5/24"), nic+"gateway4"),
		one("P14", nothing, addressed("", "2001:db8:1::1", "2001:db8::5/64"), nic+"gateway6"),
		{rule: "P14", bootstrap: cloudInit, spec: machine(eth(0, addressed("", "", "172.16.0.7/24"))), defaults: pool, want: []string{nic + "gateway4"}},
		one("P14", cloudInit, func(nic *network.Interface) { nic.GuestDeviceName = text(long) }, nic+"guest_device_name"),
		{rule: "P14", bootstrap: cloudInit, spec: machine(network.Interface{Name: text(long)}), want: []string{nic + "name"}},
		{rule: "P14", bootstrap: cloudInit, spec: machine(eth(0, func(nic *network.Interface) { nic.GuestDeviceName = text("eth1") }), eth(1)), want: []string{nic + "guest_device_name"}},
		one("P14", cloudInit, func(nic *network.Interface) { nic.MTU = known.Of[int64](67) }, nic+"mtu"),
		one("P14", cloudInit, func(nic *network.Interface) { nic.MTU = known.Of[int64](65536) }, nic+"mtu"),
		one("P14", cloudInit, func(nic *network.Interface) { nic.MTU = known.Of[int64](9217) }, "? "+nic+"mtu"),
		one("P14", cloudInit, func(nic *network.Interface) { nic.MTU, nic.DHCP6 = known.Of[int64](1279), on }, "? "+nic+"mtu"),
		withGlobal("P14", cloudInit, list("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"), none, "? network.nameservers"),
		one("P14", cloudInit, func(nic *network.Interface) { nic.Nameservers = list("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4") }, "? "+nic+"nameservers"),
		one("P14", nothing, addressed("", "", "10.0.0.5/24", "10.0.0.5/16"), "? "+nic+"addresses[1]"),
		one("P14", nothing, addressed("", "", "10.0.0.0/24"), "? "+nic+"addresses[0]"),
		one("P14", nothing, addressed("", "", "10.0.0.255/24"), "? "+nic+"addresses[0]"),
		one("P14", nothing, addressed("10.0.0.5", "", "10.0.0.5/24"), "? "+nic+"gateway4"),
		one("P14", nothing, addressed("", "", "127.0.0.5/8"), "? "+nic+"addresses[0]"),
		one("P14", cloudInit, func(nic *network.Interface) {
			nic.Addresses, nic.Routes = list("10.0.0.5/24"), known.Of([]network.Route{{To: text("10.9.0.0/16"), Via: text("10.1.1.1")}})
		}, "? "+nic+"route[0].via"),
		{rule: "P21", bootstrap: onWindows, spec: machine(), want: []string{"bootstrap.linux_prep"}},
		one("P25", nothing, addressed("", "", "::ffff:10.0.0.1/120"), nic+"addresses[0]"),
		one("P25", nothing, addressed("::ffff:10.0.0.1", "", "10.0.0.5/24"), nic+"gateway4"),
		withGlobal("P25", cloudInit, list("::ffff:8.8.8.8"), none, "network.nameservers[0]"),
		one("P28", linuxPrep, func(nic *network.Interface) { nic.DHCP6 = on }, "? "+nic+"dhcp6"),
		one("P28", linuxPrep, func(nic *network.Interface) { nic.DHCP4 = off }, "? "+nic+"dhcp4"),
		one("P28", sysprep, addressed("", "", "10.0.0.5/24", "10.0.0.6/24"), "? "+nic+"addresses"),
		{rule: "P28", bootstrap: linuxPrep, spec: machine(eth(0), eth(1, addressed("10.0.0.1", "", "10.0.0.5/24"))), want: []string{"? network.interface[1].gateway4"}},
		{rule: "P28", bootstrap: linuxPrep, spec: machine(eth(0), eth(1, addressed("", "fe80::1", "2001:db8::5/64", "10.0.0.5/24"))), want: []string{"? network.interface[1].gateway6"}},
	}
}

func TestEachRuleIsBrokenAtItsPath(t *testing.T) {
	t.Parallel()
	for i, o := range offences() {
		t.Run(o.rule+"/"+strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			want := make([]string, len(o.want))
			for i, path := range o.want {
				kind := "error "
				if strings.HasPrefix(path, "? ") {
					kind = "warning "
				}
				want[i] = kind + o.rule + " " + strings.TrimPrefix(path, "? ")
			}
			expect(t, append(network.Validate(o.spec, o.bootstrap), network.Review(o.spec, o.bootstrap, o.defaults)...), want...)
		})
	}
}

// A rule without a test by its name is not one.
func TestNoRuleIsForgotten(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "rule.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			rule, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			declared[rule] = true
		}
		return true
	})
	broken := map[string]bool{"P1": true} // ReviewPools has a test of its own
	for _, o := range offences() {
		broken[o.rule] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(declared)), slices.Sorted(maps.Keys(broken))); diff != "" {
		t.Errorf("rules and those that are tested (-declared +tested):\n%s", diff)
	}
}
