package network_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestListsAreInheritedFromTheHighestLevel(t *testing.T) {
	t.Parallel()
	declined := network.Bootstrap{CloudInit: true, UseGlobalNameserversAsDefault: known.Of(false)}
	static := func(nic *network.Interface) { nic.Addresses = list("192.0.2.5/24") }
	dynamic := func(nic *network.Interface) { nic.DHCP4 = known.Of(true) }
	dynamic6 := func(nic *network.Interface) { nic.Addresses, nic.DHCP6 = list("192.0.2.5/24"), known.Of(true) }

	tests := []struct {
		name      string
		bootstrap network.Bootstrap
		change    func(*network.Interface)
		levels    string // who has a list: i, v, n, b
		nic       string // the level of the interface's list, "" for none
		global    string // the level of the machine's list, "" for none
	}{
		{"cloud-init: interface first", cloudInit, static, "ivnb", "i", "v"},
		{"cloud-init: machine second", cloudInit, static, "vnb", "v", "v"},
		{"cloud-init: network third", cloudInit, static, "nb", "n", ""},
		{"cloud-init: namespace last", cloudInit, static, "b", "b", "b"},
		{"cloud-init: nobody", cloudInit, static, "", "", ""},
		{"cloud-init: interface only", cloudInit, static, "ib", "i", ""},
		{"cloud-init: DHCP inherits from the machine", cloudInit, dynamic, "vnb", "v", "v"},
		{"cloud-init: DHCP inherits from the network", cloudInit, dynamic, "nb", "n", ""},
		{"cloud-init: DHCP is told by its server", cloudInit, dynamic, "b", "", ""},
		{"cloud-init: DHCPv6 is told by its server", cloudInit, dynamic6, "b", "", ""},
		{"declined: nobody", declined, static, "", "", ""},
		{"declined: interface", declined, static, "i", "i", ""},
		{"declined: refused machine's list is not inherited", declined, static, "vnb", "", "v"},
		{"declined: network", declined, static, "n", "n", ""},
		{"declined: namespace", declined, static, "b", "b", "b"},
		{"LinuxPrep: machine's list is global only", linuxPrep, static, "vnb", "", "v"},
		{"LinuxPrep: network's list is global only", linuxPrep, static, "nb", "", "n"},
		{"LinuxPrep: network's list with DHCP", linuxPrep, dynamic, "nb", "", "n"},
		{"LinuxPrep: namespace's list is global only", linuxPrep, static, "b", "", "b"},
		{"LinuxPrep: DHCP is told by its server", linuxPrep, dynamic, "b", "", ""},
		{"vAppConfig: network", vAppConfig, static, "nb", "n", "n"},
		{"vAppConfig: namespace", vAppConfig, static, "b", "b", "b"},
		{"nothing: namespace", nothing, static, "b", "b", "b"},
	}
	run := func(name string, test func(*testing.T)) { t.Run(name, func(t *testing.T) { t.Parallel(); test(t) }) }
	for _, test := range tests {
		has := func(level string) bool { return strings.Contains(test.levels, level) }
		run("nameservers/"+test.name, func(t *testing.T) {
			servers := map[string]string{"i": "10.0.0.1", "v": "10.0.0.2", "n": "10.0.0.3", "b": "10.0.0.4", "": ""}
			spec, d := machine(eth(0, test.change)), network.Defaults{}
			if has("i") {
				spec.Interfaces.Or(nil)[0].Nameservers = list(servers["i"])
			}
			if has("v") {
				spec.Nameservers = list(servers["v"])
			}
			if has("n") {
				d = offers(network.NetworkDefaults{Nameservers: addrs(servers["n"])})
			}
			if has("b") {
				d.Nameservers = addrs(servers["b"])
			}
			config := network.Resolve(spec, test.bootstrap, d)
			nic := recordsOf(config)[0]
			if nic.Nameservers != servers[test.nic] || facts(config)["dns"] != servers[test.global] {
				t.Errorf("got %q, globally %q", nic.Nameservers, facts(config)["dns"])
			}
			if source := nic.Sources[7:8]; source != test.nic && source+test.nic != "-" {
				t.Errorf("source is %s", source)
			}
		})
		run("search domains/"+test.name, func(t *testing.T) {
			b := test.bootstrap
			b.UseGlobalSearchDomainsAsDefault, b.UseGlobalNameserversAsDefault = b.UseGlobalNameserversAsDefault, known.Value[bool]{}
			domains := map[string]string{"i": "i.example", "v": "v.example", "n": "n.example", "b": "b.example", "": ""}
			spec, d := machine(eth(0, test.change)), network.Defaults{}
			if has("i") {
				spec.Interfaces.Or(nil)[0].SearchDomains = list(domains["i"])
			}
			if has("v") {
				spec.SearchDomains = list(domains["v"])
			}
			if has("n") {
				d = offers(network.NetworkDefaults{SearchDomains: []string{domains["n"]}})
			}
			if has("b") {
				d.SearchDomains = []string{domains["b"]}
			}
			config := network.Resolve(spec, b, d)
			nic := recordsOf(config)[0]
			if nic.Search != domains[test.nic] || facts(config)["search"] != domains[test.global] {
				t.Errorf("got %q, globally %q", nic.Search, facts(config)["search"])
			}
			if source := nic.Sources[8:9]; source != test.nic && source+test.nic != "-" {
				t.Errorf("source is %s", source)
			}
		})
	}
}

// Windows takes nameservers at each interface, and search domains for the whole machine only.
func TestSysprepCarriesNameserversPerInterface(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0, func(nic *network.Interface) { nic.Addresses = list("192.0.2.5/24") }))
	d := offers(network.NetworkDefaults{Nameservers: addrs("10.0.0.3"), SearchDomains: []string{"n.example"}})
	got := facts(network.Resolve(spec, sysprep, d))
	if got["0.dns"] != "10.0.0.3" || got["0.search"] != "" || got["search"] != "n.example" {
		t.Errorf("got %v", got)
	}
	spec.Nameservers = list("10.0.0.2")
	got = facts(network.Resolve(spec, sysprep, d))
	if got["0.dns"] != "" || got["dns"] != "10.0.0.2" {
		t.Errorf("the network's list takes precedence over the machine's: %v", got)
	}
}

func TestListsAreReplacedOneByOne(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0, func(nic *network.Interface) { nic.Nameservers = list("10.0.0.53") }), eth(1, func(nic *network.Interface) { nic.SearchDomains = list("b.example") }))
	spec.Nameservers, spec.SearchDomains = list("8.8.8.8", "8.8.4.4"), list("a.example")
	got := facts(network.Resolve(spec, cloudInit, network.Defaults{}))
	for key, want := range map[string]string{"0.dns": "10.0.0.53", "0.search": "a.example", "1.dns": "8.8.8.8 8.8.4.4", "1.search": "b.example"} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
}

func TestOneInterfaceWithoutListIsEnoughForTheNamespace(t *testing.T) {
	t.Parallel()
	spec := machine(
		eth(0, func(nic *network.Interface) { nic.DHCP4 = known.Of(true) }),
		eth(1, func(nic *network.Interface) { nic.Addresses, nic.Nameservers = list("10.0.0.5/24"), list("10.0.0.53") }),
		eth(2, func(nic *network.Interface) { nic.Addresses = list("10.0.1.5/24") }),
	)
	d := network.Defaults{Nameservers: addrs("10.9.9.9")}
	got := facts(network.Resolve(spec, cloudInit, d))
	for key, want := range map[string]string{"dns": "10.9.9.9", "0.dns": "", "1.dns": "10.0.0.53", "2.dns": "10.9.9.9"} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
}

func TestListsOfNothingParsableAreAbsent(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0, func(nic *network.Interface) { nic.Nameservers = list("junk") }))
	spec.Nameservers = known.Of([]known.Value[string]{known.Of("junk"), {}, known.Of("10.0.0.1")})
	got := facts(network.Resolve(spec, cloudInit, network.Defaults{}))
	if got["dns"] != "10.0.0.1" || got["0.dns"] != "10.0.0.1" {
		t.Errorf("got %v", got)
	}
}

func TestHostAndDomainNameAreResolved(t *testing.T) {
	t.Parallel()
	corp := offers(network.NetworkDefaults{}, network.NetworkDefaults{DomainName: "corp.example"}, network.NetworkDefaults{DomainName: "other.example"})
	three := func(spec network.Spec) network.Spec {
		spec.Interfaces = known.Of([]network.Interface{eth(0), eth(1), eth(2)})
		return spec
	}
	long := strings.Repeat("a.", 123) + "defg" // 250 bytes
	tests := map[string]struct {
		spec         network.Spec
		defaults     network.Defaults
		host, domain string
	}{
		"machine's name":               {names("my-vm", "-", "-"), network.Defaults{}, "my-vm", ""},
		"host name":                    {names("my-vm", "web", "example.com"), network.Defaults{}, "web", "example.com"},
		"empty host name":              {names("my-vm", "", ""), network.Defaults{}, "my-vm", ""},
		"no name":                      {names("-", "-", "-"), network.Defaults{}, "", ""},
		"first network with a domain":  {three(names("my-vm", "-", "-")), corp, "my-vm", "corp.example"},
		"user before network":          {three(names("my-vm", "-", "example.com")), corp, "my-vm", "example.com"},
		"IP literals take no domain":   {three(names("my-vm", "192.0.2.1", "-")), corp, "192.0.2.1", ""},
		"network with a bad domain":    {machine(eth(0)), offers(network.NetworkDefaults{DomainName: "c"}), "my-vm", ""},
		"network with a long domain":   {machine(eth(0)), offers(network.NetworkDefaults{DomainName: long}), "my-vm", ""},
		"longest that fits":            {names("vm-1", "-", "-"), offers(network.NetworkDefaults{DomainName: long}), "vm-1", long},
		"disabled network":             {network.Spec{VMName: text("my-vm"), Disabled: known.Of(true)}, corp, "my-vm", ""},
		"unknown host, network domain": {three(network.Spec{VMName: known.Unknown[string]()}), corp, "?", "?"},
		"unknown host, no domain":      {three(network.Spec{HostName: known.Unknown[string](), VMName: text("my-vm")}), network.Defaults{}, "?", ""},
		"unknown domain":               {three(network.Spec{VMName: text("my-vm"), DomainName: known.Unknown[string]()}), corp, "my-vm", "?"},
		"unknown networks":             {three(names("my-vm", "-", "-")), network.Defaults{Unknown: true}, "my-vm", "?"},
		"unknown networks, user":       {three(names("my-vm", "-", "example.com")), network.Defaults{Unknown: true}, "my-vm", "example.com"},
		"unknown interfaces":           {network.Spec{VMName: text("my-vm"), Interfaces: known.Unknown[[]network.Interface]()}, corp, "my-vm", "?"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := facts(network.Resolve(test.spec, cloudInit, test.defaults))
			if got["host"] != test.host || got["domain"] != test.domain {
				t.Errorf("got %q and %q, want %q and %q", got["host"], got["domain"], test.host, test.domain)
			}
		})
	}
}
