package network_test

import (
	"fmt"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// The vectors of VM Operator's behaviour that are about a resolved interface, in their order.
// Where this provider decides otherwise, the decision is named.
func TestVectorsOfResolution(t *testing.T) {
	t.Parallel()
	pool := network.NetworkDefaults{HasProfile: true, Address4: prefix("192.168.5.2/24"), Gateway4: addr("192.168.5.1")}
	dhcp := network.NetworkDefaults{HasProfile: true, DHCP4: known.Of(true)}
	none := network.NetworkDefaults{}
	with := func(dhcp4 known.Value[bool], gateway4 string, addresses ...string) func(*network.Interface) {
		return func(nic *network.Interface) {
			nic.DHCP4 = dhcp4
			if len(addresses) > 0 {
				nic.Addresses = list(addresses...)
			}
			if gateway4 != "" {
				nic.Gateway4 = text(gateway4)
			}
		}
	}
	unset := known.Value[bool]{}
	for _, test := range []struct {
		name    string
		network network.NetworkDefaults
		change  func(*network.Interface)
		want    map[string]string
	}{
		{"gateway: adopted", pool, with(unset, "", "192.168.5.7/24"), map[string]string{"0.gateway4": "192.168.5.1"}},
		{"gateway: adopted from another subnet", pool, with(unset, "", "172.16.0.7/24"), map[string]string{"0.gateway4": "192.168.5.1"}},
		{"gateway: None", pool, with(unset, "None", "192.168.5.7/24"), map[string]string{"0.gateway4": ""}},
		{"addresses: one is bad", none, with(unset, "", "bad", "10.0.0.1/24"), map[string]string{"0.addresses": "10.0.0.1/24"}},
		{"addresses: all are bad", pool, with(unset, "", "bad"), map[string]string{"0.addresses": ""}},
		{"dhcp: forced off", dhcp, with(known.Of(false), "", "10.0.0.5/24"), map[string]string{"0.dhcp4": "false", "0.addresses": "10.0.0.5/24"}},
		{"dhcp: static addresses turn it off (P3)", dhcp, with(unset, "", "10.0.0.5/24"), map[string]string{"0.dhcp4": "false", "0.addresses": "10.0.0.5/24"}},
		{"dhcp: a network that says nothing (P1)", none, with(unset, ""), map[string]string{"0.dhcp4": "true", "0.dhcp6": "false"}},
		{
			"dhcp6: router advertisements follow on every network (P2)", none,
			func(nic *network.Interface) { nic.DHCP6 = known.Of(true) },
			map[string]string{"0.dhcp6": "true", "0.ra": "true"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := facts(network.Resolve(machine(eth(0, test.change)), cloudInit, offers(test.network)))
			for key, want := range test.want {
				if got[key] != want {
					t.Errorf("%s is %q, want %q", key, got[key], want)
				}
			}
		})
	}
}

func TestVectorsOfDNS(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0))
	spec.Nameservers = list("1.1.1.1")
	if got := facts(network.Resolve(spec, cloudInit, network.Defaults{})); got["0.dns"] != "1.1.1.1" {
		t.Errorf("cloud-init: %v", got)
	}
	if got := facts(network.Resolve(spec, linuxPrep, network.Defaults{})); got["0.dns"] != "" || got["dns"] != "1.1.1.1" {
		t.Errorf("LinuxPrep: %v", got)
	}
	declined := network.Bootstrap{CloudInit: true, UseGlobalNameserversAsDefault: known.Of(false)}
	if got := facts(network.Resolve(machine(eth(0)), declined, network.Defaults{})); got["0.dns"] != "" || got["dns"] != "" {
		t.Errorf("declined: %v", got)
	}
}

func TestVectorsOfValidation(t *testing.T) {
	t.Parallel()
	const at = " network.interface[0]."
	servers := machine()
	servers.Nameservers = list("008.8.8.8", "fe80::1%eth0", "8.8.8.8/32")
	route := func(to, via string) network.Spec {
		return machine(eth(0, func(nic *network.Interface) { nic.Routes = known.Of([]network.Route{{To: text(to), Via: text(via)}}) }))
	}
	withVLAN := func(id int64) network.Spec {
		spec := machine()
		spec.VLANs = known.Of([]network.VLAN{vlan("a", id, "eth0")})
		return spec
	}
	for i, test := range []struct {
		spec      network.Spec
		bootstrap network.Bootstrap
		want      []string
	}{
		{servers, cloudInit, []string{"error G3 network.nameservers[0]", "error G3 network.nameservers[1]", "error G3 network.nameservers[2]"}},
		{route("10.0.0.1", "10.0.0.254"), cloudInit, []string{"error I11" + at + "route[0].to"}},
		{route("10.0.0.0/8", "2001:db8::1"), cloudInit, []string{"error I13" + at + "route[0]"}},
		{route("default", "2001:db8::1"), cloudInit, nil},
		{machine(eth(0, func(nic *network.Interface) { nic.DHCP4, nic.Gateway4 = known.Of(true), text("None") })), nothing, []string{"error I7" + at + "gateway4"}},
		{
			machine(eth(0, addressed("", "2001:db8::1", "2001:db8::1/64"), func(nic *network.Interface) { nic.DHCP4 = known.Of(true) })),
			nothing,
			[]string{"warning P14" + at + "gateway6"}, // legal, and the gateway is the machine itself
		},
		{machine(eth(0, addressed("", "::ffff:10.0.0.1", "2001:db8::5/64"))), nothing, []string{"error I5" + at + "gateway6"}},
		{machine(eth(0, addressed("10.0.0.2", "", "::ffff:10.0.0.1/120"))), nothing, []string{"error P25" + at + "addresses[0]"}}, // VM Operator takes it
		{withVLAN(0), cloudInit, nil},
		{withVLAN(4094), cloudInit, nil},
		{withVLAN(4095), cloudInit, []string{"error S6 network.vlan[0].id"}},
		{withVLAN(-1), cloudInit, []string{"error S6 network.vlan[0].id"}},
		{names("my-windows-server-01", "-", "-"), sysprep, []string{"error H3 name"}},
		{names("vm", "192.0.2.1", "example.com"), cloudInit, []string{"error H2 network.host_name"}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			expect(t, network.Validate(test.spec, test.bootstrap), test.want...)
		})
	}
}
