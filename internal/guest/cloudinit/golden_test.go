package cloudinit

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// example is one of VM Operator's worked examples: a resolved network and its metadata.
type example struct {
	name     string
	settings Settings
	config   network.Config
	macs     map[string]network.MAC
}

func examples(t *testing.T) []example {
	t.Helper()
	iid := Settings{InstanceID: known.Of("iid-1")}
	waiting := func(wait4, wait6 known.Value[bool], keys ...string) Settings {
		settings := iid
		settings.WaitOnNetwork4, settings.WaitOnNetwork6 = wait4, wait6
		if keys != nil {
			settings.SSHAuthorizedKeys = known.ListOf(keys...)
		}
		return settings
	}
	one := macsOf(t, "eth0", "50-8A-80-9D-28-22")
	return []example{{
		name: "dhcp-and-static", settings: iid,
		config: named("my-vm", "example.com",
			nic("eth0", device("ens160"), dhcp4, dns("8.8.8.8", "8.8.4.4"), search("example.com")),
			nic("eth1", addresses("10.0.1.100/24"), gateway("10.0.1.1"), dns("10.0.1.53"), search("example.com"),
				hop("10.0.2.0/24", "10.0.1.254", 100)),
		),
		macs: macsOf(t, "eth0", "00:50:56:89:AB:CD", "eth1", "00:50:56:89:AB:CE"),
	}, {
		name:     "dual-stack-routes-keys-wait",
		settings: waiting(known.Of(true), known.Value[bool]{}, "ssh-rsa AAA", "ssh-rsa BBB"),
		config: named("my-vm", "",
			nic("my0interface", device("eth42"), addresses("192.168.1.10/24", "fd8e:b5a0:f172:123::f/48"),
				gateway("192.168.1.1"), gateway("fd8e:b5a0:f172:123::1"), mtu(1500), dns("9.9.9.9"), search("foobar.local"),
				hop("185.107.56.0/24", "10.1.1.1", 42), hop("default", "192.168.1.1", 0), hop("default", "fe80::478:cbfd:455:c5fe", 0)),
		),
		macs: macsOf(t, "my0interface", "50-8A-80-9D-28-22"),
	}, {
		name: "dhcp-both-families", settings: waiting(known.Of(false), known.Of(false)),
		config: named("my-vm", "", nic("eth0", dhcp4, dhcp6, mtu(9000), dns("9.9.9.9"), search("foobar.local"))),
		macs:   one,
	}, {
		name: "nothing-known", settings: iid,
		config: named("my-vm", "", nic("eth0")),
		macs:   one,
	}, {
		name: "vlans", settings: iid,
		config: withVLANs(named("my-vm", "", nic("eth0", device("ens192"), dhcp4)),
			network.VLANConfig{Name: known.Of("vlan100"), ID: known.Of[int64](100), Link: known.Of("eth0")},
			network.VLANConfig{Name: known.Of("eth0.200"), ID: known.Of[int64](200), Link: known.Of("eth0")}),
		macs: one,
	}, {
		name: "network-defaults", settings: iid,
		config: named("my-vm", "",
			nic("eth0", addresses("10.0.0.10/24"), gateway("10.0.0.1"), dns("1.1.1.1")),
			nic("eth1", addresses("10.0.1.10/24"), dns("1.1.1.1")),
			nic("eth2", dhcp4, addresses("2001:db8::100/64", "2001:db8::101/64"), gateway("2001:db8::1"), dns("1.1.1.1")),
			nic("eth3", addresses("192.168.5.7/24", "192.168.5.8/24"), gateway("192.168.5.1"), dns("1.1.1.1")),
		),
		macs: macsOf(t, "eth0", "00:00:00:00:00:01", "eth1", "00:00:00:00:00:02", "eth2", "00:00:00:00:00:03", "eth3", "00:00:00:00:00:04"),
	}, {
		name: "order-and-suppression", settings: iid,
		config: named("my-vm", "",
			nic("eth0", dhcp4, addresses("10.0.0.5/24", "2001:db8::5/64"), gateway("10.0.0.1"), gateway("2001:db8::1")),
			nic("eth1", dhcp6, addresses("2001:db8::6/64", "10.0.0.6/24", "10.0.0.7/24"), gateway("10.0.0.1"), gateway("2001:db8::1")),
			nic("eth2", func(record *network.InterfaceConfig) { record.AcceptRA = known.Of(true) }),
			nic("eth3", addresses("2001:db8::6/64", "10.0.0.6/24"), gateway("10.0.0.1"), gateway("2001:db8::1")),
		),
		macs: macsOf(t, "eth0", "00:50:56:9A:BC:DE", "eth1", "00:50:56:9A:BC:DF", "eth2", "00:50:56:9A:BC:E0", "eth3", "00:50:56:9A:BC:E1"),
	}}
}

func TestMetadataIsThatOfTheWorkedExamples(t *testing.T) {
	t.Parallel()
	for _, example := range examples(t) {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			got, err := Metadata(example.settings, example.config, example.macs)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "metadata/"+example.name+".yaml", got)
		})
	}
}

func TestNetplanIsTheNetworkOfTheMetadata(t *testing.T) {
	t.Parallel()
	for _, example := range examples(t) {
		metadata, err := Metadata(example.settings, example.config, example.macs)
		if err != nil {
			t.Fatal(err)
		}
		netplan, err := netplanText(example.config, example.macs)
		if err != nil {
			t.Fatal(err)
		}
		indented := "network:\n  " + strings.ReplaceAll(strings.TrimSuffix(netplan, "\n"), "\n", "\n  ") + "\n"
		if !strings.Contains(metadata, indented) {
			t.Errorf("%s: the metadata does not contain\n%s", example.name, indented)
		}
	}
}

// named returns a configuration with a host name and interfaces.
func named(host, domain string, interfaces ...network.InterfaceConfig) network.Config {
	config := network.Config{DNS: network.DNS{HostName: known.Of(host)}, Interfaces: known.Of(interfaces)}
	if domain != "" {
		config.DNS.DomainName = known.Of(domain)
	}
	return config
}

func withVLANs(config network.Config, vlans ...network.VLANConfig) network.Config {
	config.VLANs = known.Of(vlans)
	return config
}

// nic returns a resolved interface.
func nic(name string, options ...func(*network.InterfaceConfig)) network.InterfaceConfig {
	record := network.InterfaceConfig{
		Name: known.Of(name), GuestDeviceName: known.Of(name),
		DHCP4: known.Of(false), DHCP6: known.Of(false), AcceptRA: known.Of(false),
	}
	for _, option := range options {
		option(&record)
	}
	return record
}

func dhcp4(record *network.InterfaceConfig) { record.DHCP4 = known.Of(true) }

func dhcp6(record *network.InterfaceConfig) {
	record.DHCP6, record.AcceptRA = known.Of(true), known.Of(true)
}

func device(name string) func(*network.InterfaceConfig) {
	return func(record *network.InterfaceConfig) { record.GuestDeviceName = known.Of(name) }
}

func mtu(bytes int64) func(*network.InterfaceConfig) {
	return func(record *network.InterfaceConfig) { record.MTU = known.Of(bytes) }
}

func addresses(texts ...string) func(*network.InterfaceConfig) {
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		prefixes[i] = netip.MustParsePrefix(text)
	}
	return func(record *network.InterfaceConfig) { record.Addresses = known.ListOf(prefixes...) }
}

func gateway(text string) func(*network.InterfaceConfig) {
	address := netip.MustParseAddr(text)
	return func(record *network.InterfaceConfig) {
		if address.Is4() {
			record.Gateway4 = known.Of(address)
		} else {
			record.Gateway6 = known.Of(address)
		}
	}
}

func dns(texts ...string) func(*network.InterfaceConfig) {
	servers := make([]netip.Addr, len(texts))
	for i, text := range texts {
		servers[i] = netip.MustParseAddr(text)
	}
	return func(record *network.InterfaceConfig) { record.Nameservers = known.ListOf(servers...) }
}

func search(domains ...string) func(*network.InterfaceConfig) {
	return func(record *network.InterfaceConfig) { record.SearchDomains = known.ListOf(domains...) }
}

// hop adds a route; metric 0 is none.
func hop(to, via string, metric int64) func(*network.InterfaceConfig) {
	entry := network.RouteConfig{To: known.Of(to), Via: known.Of(netip.MustParseAddr(via))}
	if metric > 0 {
		entry.Metric = known.Of(metric)
	}
	return func(record *network.InterfaceConfig) {
		record.Routes = known.Of(append(record.Routes.Or(nil), entry))
	}
}

// macsOf returns MAC addresses by interface name, from pairs of name and address.
func macsOf(t *testing.T, pairs ...string) map[string]network.MAC {
	t.Helper()
	macs := map[string]network.MAC{}
	for i := 0; i < len(pairs); i += 2 {
		mac, err := network.ParseMAC(pairs[i+1])
		if err != nil {
			t.Fatal(err)
		}
		macs[pairs[i]] = mac
	}
	return macs
}
