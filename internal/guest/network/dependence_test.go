package network_test

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// What is unknown makes nothing else unknown than what depends on it.
func TestOnlyWhatDependsOnAnUnknownIsUnknown(t *testing.T) {
	t.Parallel()
	tests := map[string]map[string][]string{
		"rich": {
			"name":                              nil,
			"host_name":                         {"host"},
			"domain_name":                       {"domain"},
			"disabled":                          {"interfaces", "vlans"},
			"nameservers":                       {"dns", "1.dns", "2.dns"},
			"nameservers[0]":                    {"dns", "1.dns", "2.dns"},
			"search_domains":                    {"search", "1.search", "2.search"},
			"interface":                         {"interfaces"},
			"vlan":                              {"vlans"},
			"bootstrap":                         {"1.dns", "2.dns", "1.search", "2.search"},
			"bootstrap.disabled":                nil,
			"guest_id":                          nil,
			"defaults":                          {"1.addresses", "1.dhcp4", "1.dhcp6", "1.ra", "1.gateway4", "1.gateway6", "2.dhcp6", "2.ra", "2.gateway4"},
			"interface[0].name":                 {"0.name"},
			"interface[0].network":              nil,
			"interface[0].mac_addr":             nil,
			"interface[0].type":                 nil,
			"interface[0].addresses":            {"0.addresses", "0.gateway4", "0.gateway6"},
			"interface[0].addresses[0]":         {"0.addresses", "0.gateway4"},
			"interface[0].dhcp4":                {"0.dhcp4"},
			"interface[0].dhcp6":                {"0.dhcp6", "0.ra"},
			"interface[0].gateway4":             {"0.gateway4"},
			"interface[0].gateway6":             {"0.gateway6"},
			"interface[0].mtu":                  {"0.mtu"},
			"interface[0].nameservers":          {"0.dns"},
			"interface[0].route":                {"0.routes"},
			"interface[0].route[0].to":          {"0.routes"},
			"interface[1].network":              {"1.addresses", "1.dhcp4", "1.dhcp6", "1.ra", "1.gateway4", "1.gateway6"},
			"interface[1].name":                 {"1.name", "1.device", "1.addresses", "1.dhcp4", "1.dhcp6", "1.ra", "1.gateway4", "1.gateway6"},
			"interface[1].dhcp4":                {"1.dhcp4", "1.addresses", "1.gateway4"},
			"interface[1].gateway4":             {"1.gateway4"},
			"interface[1].gateway6":             nil,
			"interface[2].addresses":            {"2.addresses", "2.gateway4"},
			"interface[2].gateway4":             {"2.gateway4"},
			"use_global_nameservers_as_default": {"1.dns", "2.dns"},
		},
		"bare": {
			"name":                   {"host", "domain"},
			"interface":              {"interfaces", "domain", "dns", "search"},
			"defaults":               {"domain", "dns", "search", "0.addresses", "0.dhcp4", "0.dhcp6", "0.ra", "0.gateway4", "0.gateway6", "0.dns", "0.search", "1.addresses", "1.dhcp4", "1.dhcp6", "1.ra", "1.gateway4", "1.gateway6", "1.dns", "1.search", "2.addresses", "2.dhcp4", "2.dhcp6", "2.ra", "2.gateway4", "2.gateway6", "2.dns", "2.search"},
			"interface[0].dhcp4":     {"0.dhcp4", "0.dns", "0.search"},
			"interface[0].addresses": {"0.addresses", "0.dhcp4", "0.dns", "0.search"},
			// The address is there, but may be of either family.
			"interface[0].addresses[0]":         {"0.addresses"},
			"interface[1].addresses":            {"1.addresses", "1.dhcp6", "1.ra", "1.gateway4"},
			"interface[2].addresses":            {"2.addresses", "2.gateway4"},
			"interface[2].network":              {"2.addresses", "2.dhcp4", "2.dhcp6", "2.ra", "2.gateway4", "2.gateway6", "2.dns", "2.search", "dns", "search"},
			"nameservers":                       {"dns", "0.dns", "1.dns", "2.dns"},
			"use_global_nameservers_as_default": nil,
		},
	}
	for _, m := range makers() {
		for name, want := range tests[m.name] {
			t.Run(m.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				all := gaps(m.interfaces)
				in := m.make()
				all[slices.IndexFunc(all, func(g gap) bool { return g.name == name })].unknown(&in)
				config := in.resolve()
				got := facts(config)
				maps.DeleteFunc(got, func(_, value string) bool { return !strings.Contains(value, "?") })
				slices.Sort(want)
				if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
					t.Errorf("unknown (-want +got):\n%s", diff)
				}
				if config.Complete() != (len(want) == 0) {
					t.Errorf("complete: %v, unknown: %v", config.Complete(), config.Unknown())
				}
			})
		}
	}
}

func TestWhatIsUnknownIsListedByItsPath(t *testing.T) {
	t.Parallel()
	u := known.Unknown[string]()
	config := network.Config{
		DNS: network.DNS{
			HostName: u, DomainName: u, Nameservers: known.Unknown[[]known.Value[netip.Addr]](),
			SearchDomains: known.Of([]known.Value[string]{text("a.example"), u}),
		},
		Interfaces: known.Of([]network.InterfaceConfig{{}, {
			Name: u, GuestDeviceName: u, MTU: known.Unknown[int64](), Addresses: known.Of([]known.Value[netip.Prefix]{known.Unknown[netip.Prefix]()}),
			DHCP4: known.Unknown[bool](), DHCP6: known.Unknown[bool](), Gateway4: known.Unknown[netip.Addr](), Gateway6: known.Unknown[netip.Addr](),
			Nameservers: known.Unknown[[]known.Value[netip.Addr]](), SearchDomains: known.Unknown[[]known.Value[string]](),
			Routes: known.Of([]network.RouteConfig{{To: u, Via: known.Unknown[netip.Addr](), Metric: known.Unknown[int64]()}}),
		}, {Routes: known.Unknown[[]network.RouteConfig]()}}),
		VLANs: known.Of([]network.VLANConfig{{Name: u, ID: known.Unknown[int64](), Link: u}}),
	}
	var got []string
	for _, path := range config.Unknown() {
		got = append(got, path.String())
	}
	const nic = "network.interface[1]."
	want := []string{
		"network.host_name", "network.domain_name", "network.nameservers", "network.search_domains[1]",
		nic + "name", nic + "guest_device_name", nic + "mtu", nic + "addresses[0]", nic + "dhcp4", nic + "dhcp6", nic + "gateway4", nic + "gateway6",
		nic + "nameservers", nic + "search_domains", nic + "route[0].to", nic + "route[0].via", nic + "route[0].metric",
		"network.interface[2].route", "network.vlan[0].name", "network.vlan[0].id", "network.vlan[0].link",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	for i, want := range []bool{true, false, false} {
		if got := config.Interfaces.Or(nil)[i].Complete(); got != want {
			t.Errorf("interface %d complete: %v", i, got)
		}
	}
	config = network.Config{Interfaces: known.Unknown[[]network.InterfaceConfig](), VLANs: known.Unknown[[]network.VLANConfig]()}
	if got := fmt.Sprint(config.Unknown()); got != "[network.interface network.vlan]" || config.Complete() {
		t.Errorf("unknown: %s", got)
	}
}
