package network_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// dnsCase is everything that decides on a list of servers or domains of one interface.
type dnsCase struct {
	bootstrap network.Bootstrap
	declined  bool   // use_global_…_as_default is false
	dhcp      bool   // of one family or both
	levels    string // who has a list: i, v, n, b
	servers   bool   // nameservers, or else search domains
}

func (c dnsCase) has(level string) bool { return strings.Contains(c.levels, level) }

// want says by the words of the specification which level the list of the interface, and
// which that of the whole guest, is from; "" for none.
func (c dnsCase) want() (nic, guest string) {
	b := c.bootstrap
	// Linux has no servers per interface; only cloud-init has search domains per interface.
	carried := !b.LinuxPrep && (c.servers || !b.Sysprep)
	switch {
	case c.has("i"):
		nic = "i"
	case c.has("v"):
		if b.CloudInit && !c.declined {
			nic = "v"
		}
	case !carried:
	case c.has("n"):
		nic = "n"
	case c.has("b") && !c.dhcp: // a DHCP server tells its own
		nic = "b"
	}
	switch {
	case c.has("v"):
		guest = "v"
	case c.has("n") && !b.CloudInit: // cloud-init takes them at the interface
		guest = "n"
	case c.has("b") && !c.dhcp && (nic == "" || nic == "b"):
		guest = "b"
	}
	return nic, guest
}

// What each level has, as servers and as domains.
var dnsOf = map[bool]map[string]string{
	true:  {"": "", "i": "10.0.0.1", "v": "10.0.0.2", "n": "10.0.0.3", "b": "10.0.0.4"},
	false: {"": "", "i": "i.example", "v": "v.example", "n": "n.example", "b": "b.example"},
}

func (c dnsCase) resolve(addressing func(*network.Interface)) network.Config {
	text := dnsOf[c.servers]
	nic, spec := eth(0, addressing), machine()
	var offer network.NetworkDefaults
	var d network.Defaults
	for _, level := range strings.Split(c.levels, "") {
		switch {
		case level == "i" && c.servers:
			nic.Nameservers = list(text["i"])
		case level == "i":
			nic.SearchDomains = list(text["i"])
		case level == "v" && c.servers:
			spec.Nameservers = list(text["v"])
		case level == "v":
			spec.SearchDomains = list(text["v"])
		case level == "n" && c.servers:
			offer.Nameservers = addrs(text["n"])
		case level == "n":
			offer.SearchDomains = []string{text["n"]}
		case level == "b" && c.servers:
			d.Nameservers = addrs(text["b"])
		case level == "b":
			d.SearchDomains = []string{text["b"]}
		}
	}
	spec.Interfaces = known.Of([]network.Interface{nic})
	d.Networks = map[string]network.NetworkDefaults{"eth0": offer}
	b := c.bootstrap
	if c.declined {
		b.UseGlobalNameserversAsDefault, b.UseGlobalSearchDomainsAsDefault = known.Of(!c.servers), known.Of(c.servers)
	}
	return network.Resolve(spec, b, d)
}

func TestEveryCombinationOfLevelsForLists(t *testing.T) {
	t.Parallel()
	providers := []network.Bootstrap{
		cloudInit, linuxPrep, sysprep, vAppConfig, nothing,
		{LinuxPrep: true, VAppConfig: true},
		{Sysprep: true, VAppConfig: true},
	}
	addressings := []struct {
		dhcp   bool
		change func(*network.Interface)
	}{
		{false, func(nic *network.Interface) { nic.Addresses = list("192.0.2.5/24") }},
		{false, func(nic *network.Interface) { nic.DHCP4 = known.Of(false) }},
		{true, func(*network.Interface) {}},
		{true, func(nic *network.Interface) { nic.DHCP4, nic.DHCP6 = known.Of(false), known.Of(true) }},
		{true, func(nic *network.Interface) { nic.Addresses, nic.DHCP6 = list("192.0.2.5/24"), known.Of(true) }},
	}
	for _, b := range providers {
		for subset := range 1 << 4 {
			for i, addressing := range addressings {
				for variant := range 4 {
					c := dnsCase{bootstrap: b, declined: variant&1 != 0, servers: variant&2 != 0, dhcp: addressing.dhcp}
					for bit, level := range []string{"i", "v", "n", "b"} {
						if subset>>bit&1 != 0 {
							c.levels += level
						}
					}
					config := c.resolve(addressing.change)
					record, all := recordsOf(config)[0], facts(config)
					got, guest, source := record.Search, all["search"], record.Sources[8:9]
					if c.servers {
						got, guest, source = record.Nameservers, all["dns"], record.Sources[7:8]
					}
					wantNIC, wantGuest := c.want()
					text := dnsOf[c.servers]
					if got != text[wantNIC] || guest != text[wantGuest] || strings.TrimSuffix(source, "-") != wantNIC {
						t.Errorf("%+v, addressing %d: interface %q from %s, guest %q; want %q and %q",
							c, i, got, source, guest, text[wantNIC], text[wantGuest])
					}
					if other := fmt.Sprint(all["dns"], record.Nameservers); !c.servers && other != "" {
						t.Errorf("%+v: servers from nowhere: %s", c, other)
					}
				}
			}
		}
	}
}
