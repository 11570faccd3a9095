package cloudinit

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// compareRecords looks into known values and compares addresses with ==.
var compareRecords = gocmp.Options{
	cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}),
	cmpopts.EquateEmpty(),
	gocmp.Exporter(func(kind reflect.Type) bool { return strings.HasPrefix(kind.Name(), "Value[") }),
}

// canonical returns what a document keeps of a record: interfaces and VLANs by name, static
// addresses only without DHCP, IPv4 before IPv6, and no sources.
func canonical(settings Settings, config network.Config, macs map[string]network.MAC) Document {
	want := Document{MACs: macs}
	want.Settings.InstanceID = settings.InstanceID
	want.Settings.SSHAuthorizedKeys = settings.SSHAuthorizedKeys
	wait4, wait6 := settings.WaitOnNetwork4.Or(false), settings.WaitOnNetwork6.Or(false)
	if settings.WaitOnNetwork4.IsSet() || settings.WaitOnNetwork6.IsSet() {
		if wait4 || !wait6 {
			want.Settings.WaitOnNetwork4 = known.Of(wait4)
		}
		if wait6 || !wait4 {
			want.Settings.WaitOnNetwork6 = known.Of(wait6)
		}
	}
	want.Config.DNS.HostName, want.Config.DNS.DomainName = config.DNS.HostName, config.DNS.DomainName
	interfaces := slices.Clone(config.Interfaces.Or(nil))
	for i, record := range interfaces {
		interfaces[i] = canonicalInterface(record)
	}
	slices.SortFunc(interfaces, func(a, b network.InterfaceConfig) int { return cmp.Compare(a.Name.Or(""), b.Name.Or("")) })
	want.Config.Interfaces = known.Of(interfaces)
	if vlans := slices.Clone(config.VLANs.Or(nil)); len(vlans) > 0 {
		slices.SortFunc(vlans, func(a, b network.VLANConfig) int { return cmp.Compare(a.Name.Or(""), b.Name.Or("")) })
		want.Config.VLANs = known.Of(vlans)
	}
	return want
}

func canonicalInterface(record network.InterfaceConfig) network.InterfaceConfig {
	record.Sources = nil
	if record.DHCP4.Or(false) {
		record.Gateway4 = known.Value[netip.Addr]{}
	}
	if record.DHCP6.Or(false) {
		record.Gateway6 = known.Value[netip.Addr]{}
	}
	var v4, v6 []netip.Prefix
	prefixes, _ := known.Elements(record.Addresses)
	for _, prefix := range prefixes {
		switch {
		case prefix.Addr().Is4() && !record.DHCP4.Or(false):
			v4 = append(v4, prefix)
		case prefix.Addr().Is6() && !record.DHCP6.Or(false):
			v6 = append(v6, prefix)
		}
	}
	record.Addresses = known.List[netip.Prefix]{}
	if kept := slices.Concat(v4, v6); len(kept) > 0 {
		record.Addresses = known.ListOf(kept...)
	}
	return record
}

func TestMetadataIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, example := range examples(t) {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			text, err := Metadata(example.settings, example.config, example.macs)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseMetadata(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(canonical(example.settings, example.config, example.macs), got, compareRecords); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnyMetadataIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		settings, config, macs := invent(rand.New(rand.NewPCG(seed, 1)))
		text, err := Metadata(settings, config, macs)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got, err := ParseMetadata(text)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if diff := gocmp.Diff(canonical(settings, config, macs), got, compareRecords); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s\n%s", seed, diff, text)
		}
		again, err := Metadata(got.Settings, got.Config, got.MACs)
		if err != nil || again != text {
			t.Fatalf("seed %d: %v\n%s", seed, err, gocmp.Diff(text, again))
		}
	}
}

// invent makes up a configuration.
func invent(random *rand.Rand) (Settings, network.Config, map[string]network.MAC) {
	chance := func() bool { return random.IntN(2) == 0 }
	ip4 := func() netip.Addr {
		return netip.AddrFrom4([4]byte{10, byte(random.IntN(256)), byte(random.IntN(256)), byte(random.IntN(256))})
	}
	ip6 := func() netip.Addr {
		address := [16]byte{0x20, 0x01, 0x0d, 0xb8}
		for i := 4; i < len(address); i++ {
			address[i] = byte(random.IntN(256) * random.IntN(2))
		}
		return netip.AddrFrom16(address)
	}
	flag := func() known.Value[bool] {
		return []known.Value[bool]{{}, known.Of(true), known.Of(false)}[random.IntN(3)]
	}
	settings := Settings{
		InstanceID:     known.Of([]string{"iid-1", "010", "no", "1e3", "=", "b5a0f172-0123"}[random.IntN(6)]),
		WaitOnNetwork4: flag(), WaitOnNetwork6: flag(),
	}
	if chance() {
		settings.SSHAuthorizedKeys = known.ListOf([]string{"ssh-rsa " + strings.Repeat("A", 300) + " a@b", "ssh-ed25519 BB"}[:1+random.IntN(2)]...)
	}
	config := network.Config{DNS: network.DNS{HostName: known.Of([]string{"vm", "192.0.2.1", "no", "1"}[random.IntN(4)])}}
	if host := config.DNS.HostName.Or(""); host != "192.0.2.1" && chance() {
		config.DNS.DomainName = known.Of("a.example.com")
	}
	macs := map[string]network.MAC{}
	var interfaces []network.InterfaceConfig
	for _, i := range random.Perm(10)[:random.IntN(5)] {
		name := []string{"eth0", "eth1", "eth10", "no", "010", "1e3", "ens192", "on", "null", "22"}[i]
		macs[name] = network.MAC(fmt.Sprintf("%02d:%02d:%02d:%02d:%02d:%02d", i, random.IntN(60), random.IntN(60), random.IntN(60), random.IntN(100), random.IntN(60)))
		record := network.InterfaceConfig{
			Name: known.Of(name), GuestDeviceName: known.Of([]string{name, "ens160", "010"}[random.IntN(3)]),
			DHCP4: known.Of(chance()), DHCP6: known.Of(chance()), AcceptRA: known.Of(chance()),
			Sources: map[string]network.Source{"dhcp4": network.SourceInterface},
		}
		var prefixes []netip.Prefix
		for range random.IntN(4) {
			if chance() {
				prefixes = append(prefixes, netip.PrefixFrom(ip4(), 1+random.IntN(32)))
			} else {
				prefixes = append(prefixes, netip.PrefixFrom(ip6(), 1+random.IntN(128)))
			}
		}
		if prefixes != nil {
			record.Addresses = known.ListOf(prefixes...)
		}
		if chance() {
			record.MTU, record.Gateway4, record.Gateway6 = known.Of(int64(68+random.IntN(9000))), known.Of(ip4()), known.Of(ip6())
		}
		if chance() {
			record.Nameservers, record.SearchDomains = known.ListOf(ip4(), ip6()), known.ListOf("example.com", "no", "1.12")
		}
		if chance() {
			record.Routes = known.Of([]network.RouteConfig{
				{To: known.Of("default"), Via: known.Of(ip4())},
				{To: known.Of("default"), Via: known.Of(ip6()), Metric: known.Of(int64(1 + random.IntN(1000)))},
				{To: known.Of(netip.PrefixFrom(ip4(), 24).Masked().String()), Via: known.Of(ip4())},
			})
		}
		interfaces = append(interfaces, record)
	}
	config.Interfaces = known.Of(interfaces)
	if len(interfaces) > 0 && chance() {
		config.VLANs = known.Of([]network.VLANConfig{
			{Name: known.Of("vlan100"), ID: known.Of[int64](100), Link: interfaces[0].Name},
			{Name: known.Of("2030-13-45"), ID: known.Of[int64](0), Link: interfaces[0].Name},
		})
	}
	return settings, config, macs
}

func TestParseMetadataReadsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/metadata-by-hand.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseMetadata(string(text))
	if err != nil {
		t.Fatal(err)
	}
	want := Document{
		Settings: Settings{
			InstanceID: known.Of("42"), SSHAuthorizedKeys: known.ListOf("ssh-rsa A", "ssh-rsa B"), WaitOnNetwork6: known.Of(true),
		},
		Config: named("web", "example.com",
			nic("backend", func(record *network.InterfaceConfig) { record.GuestDeviceName = known.Value[string]{} },
				addresses("10.0.1.100/24"), dns("10.0.1.53", "2001:db8::53"), search("example.com"), mtu(9000),
				hop("default", "10.0.1.1", 0), hop("10.0.2.0/24", "10.0.1.254", 100), hop("10.0.3.7/32", "10.0.1.254", 0),
				hop("default", "2001:db8::1", 0), hop("::/0", "10.0.1.1", 0)),
			nic("ens192", dhcp4, func(record *network.InterfaceConfig) { record.DHCP6, record.AcceptRA = known.Of(true), known.Of(true) }),
			nic("unmatched", func(record *network.InterfaceConfig) {
				record.GuestDeviceName = known.Value[string]{}
				record.AcceptRA = known.Of(true)
			}),
		),
		MACs: macsOf(t, "backend", "12:34:56:10:20:30"),
		Unread: []string{
			"hostname",
			"network.ethernets.backend.addresses[1]",
			"network.ethernets.backend.routes[3]", "network.ethernets.backend.routes[4].on-link",
			"network.ethernets.backend.nameservers.options",
			"network.ethernets.ens192.dhcp4-overrides", "network.ethernets.ens192.optional",
			"network.ethernets.unmatched.match.name",
			"network.vlans.vlan5.dhcp4", "network.vlans.vlan5.mtu",
			"network.bonds", "network.renderer",
			"meta", "wait-on-network.also",
		},
	}
	want.Config.VLANs = known.Of([]network.VLANConfig{{Name: known.Of("vlan5"), ID: known.Of[int64](5), Link: known.Of("backend")}})
	slices.Sort(want.Unread)
	slices.Sort(got.Unread)
	if diff := gocmp.Diff(want, got, compareRecords); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseMetadataReadsItsOtherForms(t *testing.T) {
	t.Parallel()
	ethernet := known.Of([]network.InterfaceConfig{nic("eth0", dhcp4)})
	const plan = "version: 2\nethernets:\n  eth0:\n    dhcp4: yes\n"
	for _, test := range []struct {
		name, text string
		want       Document
	}{
		{"JSON", `{"instance-id": "i", "network": {"version": 2, "ethernets": {"eth0": {"dhcp4": true}}}}`, Document{
			Settings: Settings{InstanceID: known.Of("i")}, Config: network.Config{Interfaces: ethernet},
		}},
		{"an encoded network", "network: " + b64(plan) + "\nnetwork.encoding: b64\n", Document{Config: network.Config{Interfaces: ethernet}}},
		{"a packed network", "network: " + Encode(plan) + "\nnetwork.encoding: gzip+base64\n", Document{Config: network.Config{Interfaces: ethernet}}},
		{"a network as text", "network: |\n  " + strings.ReplaceAll(plan, "\n", "\n  ") + "\n", Document{Config: network.Config{Interfaces: ethernet}}},
		{"no network", "hostname: vm\n", Document{Config: network.Config{DNS: network.DNS{HostName: known.Of("vm")}}}},
		{"a network of version 1", "network:\n  version: 1\n  config: []\n", Document{Unread: []string{"network"}}},
		{"a network without version", "network:\n  config: []\n", Document{Unread: []string{"network"}}},
		{"an address as host name", "local-hostname: 192.0.2.1\n", Document{Config: network.Config{DNS: network.DNS{HostName: known.Of("192.0.2.1")}}}},
		{"a host name that ends with a dot", "local-hostname: vm.\n", Document{Config: network.Config{DNS: network.DNS{HostName: known.Of("vm")}}}},
		{"a host name that begins with a dot", "local-hostname: .vm\n", Document{Config: network.Config{DNS: network.DNS{HostName: known.Of(".vm")}}}},
		{"keys in a list", "public-keys: [a, ' b ', '']\n", Document{Settings: Settings{SSHAuthorizedKeys: known.ListOf("a", "b")}}},
		{"keys by name", "public-keys: {a: b}\n", Document{Unread: []string{"public-keys"}}},
		{"no keys", "public-keys: ''\n", Document{}},
		{"values that are null or empty", "hostname:\nnetwork:\ninstance-id: ''\nwait-on-network:\n", Document{}},
		{"nobody waits", "wait-on-network: {ipv4: false}\n", Document{Settings: Settings{WaitOnNetwork4: known.Of(false), WaitOnNetwork6: known.Of(false)}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseMetadata(test.text)
			if err != nil {
				t.Fatal(err)
			}
			test.want.MACs = map[string]network.MAC{}
			if diff := gocmp.Diff(test.want, got, compareRecords); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseMetadataNamesThePlaceOfAnError(t *testing.T) {
	t.Parallel()
	eth := func(line string) string {
		return "network:\n  version: 2\n  ethernets:\n    eth0:\n      " + line + "\n"
	}
	for text, place := range map[string]string{
		"a: b: c":                               "mapping values are not allowed",
		"":                                      "the document: null",
		"- a":                                   "the document: a list",
		"just text":                             "the document: a string",
		"instance-id: [a]":                      "instance-id: a list",
		"hostname: {a: b}":                      "hostname: an object",
		"public-keys: [1]":                      "public-keys[0]: a number",
		"wait-on-network: yes":                  "wait-on-network: a boolean",
		"wait-on-network: {ipv4: maybe}":        "wait-on-network.ipv4: a string",
		"network: [a]":                          "network: a list",
		"network: aGVsbG8=":                     "network: a string",
		"network: '!'\nnetwork.encoding: b64":   "network: the guestinfo value cannot be decoded",
		"network: 'a: b: c'":                    "network: ",
		"network: {version: 2, ethernets: [a]}": "network.ethernets: a list",
		"network: {version: 2, ethernets: {a: b}}":   "network.ethernets.a: a string",
		"network: {version: 2, vlans: {v: {id: 1}}}": "network.vlans.v: a VLAN needs",
		eth("addresses: 10.0.0.1/24"):                "network.ethernets.eth0.addresses: a string",
		eth("addresses: [10.0.0.1]"):                 `network.ethernets.eth0.addresses[0]: "10.0.0.1" is not in CIDR`,
		eth("addresses: [7]"):                        "network.ethernets.eth0.addresses[0]: a number",
		eth("gateway4: 2001:db8::1"):                 "network.ethernets.eth0.gateway4: 2001:db8::1 is no IPv4",
		eth("gateway6: 10.0.0.1"):                    "network.ethernets.eth0.gateway6: 10.0.0.1 is no IPv6",
		eth("gateway4: none"):                        "network.ethernets.eth0.gateway4: ",
		eth("dhcp4: 'yes'"):                          "network.ethernets.eth0.dhcp4: a string",
		eth("mtu: '9000'"):                           "network.ethernets.eth0.mtu: a whole number",
		eth("mtu: -1"):                               "network.ethernets.eth0.mtu: a whole number",
		eth("mtu: 1.5"):                              "network.ethernets.eth0.mtu: a whole number",
		eth("match: {macaddress: 'zz'}"):             "network.ethernets.eth0.match.macaddress: ",
		eth("nameservers: [a]"):                      "network.ethernets.eth0.nameservers: a list",
		eth("nameservers: {addresses: [dns]}"):       "network.ethernets.eth0.nameservers.addresses[0]: ",
		eth("routes: {to: a}"):                       "network.ethernets.eth0.routes: an object",
		eth("routes: [a]"):                           "network.ethernets.eth0.routes[0]: a string",
		eth("routes: [{to: x, via: 10.0.0.1}]"):      "network.ethernets.eth0.routes[0].to: ",
		eth("routes: [{to: default, via: x}]"):       "network.ethernets.eth0.routes[0].via: ",
	} {
		got, err := ParseMetadata(text)
		if !errors.Is(err, ErrMetadata) || !strings.Contains(err.Error(), place) {
			t.Errorf("%q: got %v", text, err)
		}
		if diff := gocmp.Diff(Document{}, got, compareRecords); diff != "" {
			t.Errorf("%q: a document comes with the error: %s", text, diff)
		}
	}
}

func FuzzParseMetadata(f *testing.F) {
	for _, name := range []string{"metadata-by-hand", "metadata/dhcp-and-static", "metadata/dual-stack-routes-keys-wait", "metadata/vlans"} {
		text, err := os.ReadFile("testdata/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("network: " + Encode("version: 2") + "\nnetwork.encoding: gzip+base64\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := ParseMetadata(text)
		if err != nil {
			if !errors.Is(err, ErrMetadata) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		written, err := Metadata(first.Settings, first.Config, first.MACs)
		if err != nil {
			return // without an id, a name or a MAC address there is nothing to write
		}
		second, err := ParseMetadata(written)
		if err != nil {
			t.Fatalf("%q becomes\n%s\n%v", text, written, err)
		}
		again, err := Metadata(second.Settings, second.Config, second.MACs)
		if err != nil || again != written {
			t.Fatalf("%q: %v (-want +got):\n%s", text, err, gocmp.Diff(written, again))
		}
	})
}
