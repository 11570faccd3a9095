package simulator_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

func gz(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestGuestReportsWhatMetadataSay(t *testing.T) {
	s, c := start(t)
	vm := boot(t, s, c, "web", []string{"backend", "frontend"}, func(macs []string) []types.BaseOptionValue {
		metadata := fmt.Sprintf(`
instance-id: one
local-hostname: web
hostname: ignored
network:
  version: 2
  ethernets:
    eth1:
      match: {macaddress: %q}
      set-name: eth1
      dhcp4: true
      dhcp6: true
      accept-ra: true
      mtu: 9000
    eth0:
      match: {macaddress: %q}
      set-name: eth0
      addresses: [10.1.2.3/24, "2001:db8::3/64"]
      gateway4: 10.1.2.1
      gateway6: "2001:db8::1"
      dhcp4: false
      nameservers: {addresses: [10.1.2.53], search: [example.com]}
      routes: [{to: 10.9.0.0/16, via: 10.1.2.254, metric: 50}]
`, strings.ToUpper(macs[1]), macs[0])
		return options("guestinfo.metadata", gz(t, metadata), "guestinfo.metadata.encoding", "gzip+base64",
			"guestinfo.userdata", b64("#cloud-config\n"), "guestinfo.userdata.encoding", "base64")
	})
	m := c.read(vm)
	g := m.Guest
	if g.HostName != "web" || g.IpAddress != "10.1.2.3" || g.ToolsRunningStatus != "guestToolsRunning" || g.GuestState != "running" ||
		m.GuestHeartbeatStatus != "green" || m.Summary.Guest.IpAddress != "10.1.2.3" || m.Summary.Guest.HostName != "web" {
		t.Errorf("guest: %+v", g)
	}
	var addresses []string
	for _, n := range g.Net {
		for _, a := range n.IpConfig.IpAddress {
			addresses = append(addresses, fmt.Sprintf("%s %d %s/%d %s %s", n.Network, n.DeviceConfigId, a.IpAddress, a.PrefixLength, a.Origin, a.State))
		}
	}
	if len(addresses) != 6 {
		t.Fatalf("addresses: %q", addresses)
	}
	want := []string{
		"backend 4000 10.1.2.3/24 manual preferred", "backend 4000 2001:db8::3/64 manual preferred",
	}
	if diff := cmp.Diff(want, addresses[:2]); diff != "" {
		t.Error(diff)
	}
	for i, prefix := range []string{"backend 4000 fe80::", "frontend 4001 198.51.100.", "frontend 4001 fd00:0:0:1::", "frontend 4001 fe80::"} {
		if !strings.HasPrefix(addresses[2+i], prefix) {
			t.Errorf("address %d: %s", 2+i, addresses[2+i])
		}
	}
	if dns := g.Net[0].DnsConfig; !slices.Equal(dns.IpAddress, []string{"10.1.2.53"}) || !slices.Equal(dns.SearchDomain, []string{"example.com"}) || dns.HostName != "web" {
		t.Errorf("dns: %+v", dns)
	}
	var routes []string
	for _, r := range g.IpStack[0].IpRouteConfig.IpRoute {
		if r.Gateway.IpAddress != "" {
			routes = append(routes, fmt.Sprintf("%s/%d %s %s", r.Network, r.PrefixLength, r.Gateway.IpAddress, r.Gateway.Device))
		}
	}
	wantRoutes := []string{"0.0.0.0/0 10.1.2.1 0", "::/0 2001:db8::1 0", "10.9.0.0/16 10.1.2.254 0", "0.0.0.0/0 198.51.100.1 1", "::/0 fe80::1 1"}
	if diff := cmp.Diff(wantRoutes, routes); diff != "" {
		t.Error(diff)
	}
	report, err := s.GuestReport("web")
	if err != nil {
		t.Fatal(err)
	}
	if report.UserData != "#cloud-config\n" || report.InstanceID != "one" || len(report.Problems) != 0 ||
		report.Interfaces[0].Name != "eth0" || report.Interfaces[1].Name != "eth1" || report.Interfaces[1].MTU != 9000 || !report.Interfaces[1].DHCP6 {
		t.Errorf("report: %+v", report)
	}
}

func TestEveryEncodingOfMetadataIsRead(t *testing.T) {
	s, c := start(t)
	for i, tc := range []struct {
		encoding string
		encode   func(string) string
	}{
		{"", func(x string) string { return x }},
		{"base64", b64},
		{"b64", b64},
		{"gzip+base64", func(x string) string { return gz(t, x) }},
		{"gz+b64", func(x string) string { return gz(t, x) }},
	} {
		name := fmt.Sprintf("vm%d", i)
		vm := boot(t, s, c, name, []string{"backend"}, func(macs []string) []types.BaseOptionValue {
			return options("guestinfo.metadata", tc.encode(static(macs[0])), "GuestInfo.Metadata.Encoding", tc.encoding)
		})
		if g := c.read(vm).Guest; g.IpAddress != "10.1.2.3" || g.HostName != "web.example.com" {
			t.Errorf("%q: %s, %s", tc.encoding, g.HostName, g.IpAddress)
		}
	}
}

func TestGuestStaysWithoutNetwork(t *testing.T) {
	s, c := start(t)
	replace := func(old, with string) func(string) []types.BaseOptionValue {
		return func(mac string) []types.BaseOptionValue {
			doc := static(mac)
			if !strings.Contains(doc, old) {
				t.Fatalf("the document has no %q", old)
			}
			return options("guestinfo.metadata", strings.ReplaceAll(doc, old, with))
		}
	}
	for i, tc := range []struct {
		name, problem string
		write         func(mac string) []types.BaseOptionValue
	}{
		{"wrong MAC", "no network card has", func(string) []types.BaseOptionValue {
			return options("guestinfo.metadata", static("02:00:00:00:00:01"))
		}},
		{"encoding that is not the data's", "it is not base64", func(mac string) []types.BaseOptionValue {
			return options("guestinfo.metadata", static(mac), "guestinfo.metadata.encoding", "base64")
		}},
		{"data that have an encoding nobody told", "not YAML", func(mac string) []types.BaseOptionValue {
			return options("guestinfo.metadata", "\t"+static(mac))
		}},
		{"encoding unknown", "not a mapping", func(mac string) []types.BaseOptionValue {
			return options("guestinfo.metadata", b64(static(mac)), "guestinfo.metadata.encoding", "base-64")
		}},
		{"not gzip", "not gzip", func(mac string) []types.BaseOptionValue {
			return options("guestinfo.metadata", b64(static(mac)), "guestinfo.metadata.encoding", "gzip+base64")
		}},
		{"damaged gzip", "damaged", func(mac string) []types.BaseOptionValue {
			z, err := base64.StdEncoding.DecodeString(gz(t, static(mac)))
			if err != nil {
				t.Fatal(err)
			}
			return options("guestinfo.metadata", base64.StdEncoding.EncodeToString(z[:len(z)-12]), "guestinfo.metadata.encoding", "gzip+base64")
		}},
		{"damaged user data", "guestinfo.userdata", func(mac string) []types.BaseOptionValue {
			return options("guestinfo.metadata", static(mac), "guestinfo.userdata", "%%%", "guestinfo.userdata.encoding", "base64")
		}},
		{"not YAML", "not YAML", func(string) []types.BaseOptionValue { return options("guestinfo.metadata", "network: [") }},
		{"not a mapping", "not a mapping", func(string) []types.BaseOptionValue { return options("guestinfo.metadata", "- a\n- b\n") }},
		{"unquoted MAC to the base of 60", "base of 60", func(string) []types.BaseOptionValue {
			return options("guestinfo.metadata", strings.ReplaceAll(static("12:34:56:10:20:30"), `"12:34:56:10:20:30"`, "12:34:56:10:20:30"))
		}},
		{"version 1", "its version is", replace("version: 2", "version: 1")},
		{"unknown key", "not a key that Netplan knows", replace("gateway4:", "gateway:")},
		{"gateway off its subnets", "outside of its subnets", replace("gateway4: 10.1.2.1", "gateway4: 10.9.9.1")},
		{"next hop off its subnets", "next hop", replace("gateway4: 10.1.2.1", "routes: [{to: 0.0.0.0/0, via: 10.9.9.1}]")},
		{"address without prefix", "no '/'", replace("10.1.2.3/24", "10.1.2.3")},
		{"boolean in quotes", "is not a boolean", replace("gateway4: 10.1.2.1", `dhcp4: "false"`)},
		{"device name too long", "longer than 15", replace("set-name: eth0", "set-name: a-name-of-16-byte")},
		{"MTU too small", "MTU", replace("gateway4: 10.1.2.1", "mtu: 67")},
		{"DHCPv6 without router advertisements", "", replace("addresses: [10.1.2.3/24]\n      gateway4: 10.1.2.1", "dhcp6: true\n      accept-ra: false")},
	} {
		vmName := fmt.Sprintf("vm%d", i)
		vm := boot(t, s, c, vmName, []string{"backend"}, func(macs []string) []types.BaseOptionValue { return tc.write(macs[0]) })
		g := c.read(vm).Guest
		if g.ToolsRunningStatus != "guestToolsRunning" || g.IpAddress != "" || len(g.Net) != 1 || g.Net[0].MacAddress == "" ||
			!g.Net[0].Connected || g.Net[0].IpConfig != nil || len(g.Net[0].IpAddress) != 0 {
			t.Errorf("%s: %+v", tc.name, g)
		}
		report, err := s.GuestReport(vmName)
		if err != nil || !strings.Contains(strings.Join(report.Problems, "; "), tc.problem) {
			t.Errorf("%s: %v, %v", tc.name, report.Problems, err)
		}
	}
}

func TestTwoCardsOfOneNameStayWithoutNetwork(t *testing.T) {
	s, c := start(t)
	vm := boot(t, s, c, "web", []string{"backend", "frontend"}, func(macs []string) []types.BaseOptionValue {
		first := static(macs[0])
		_, entry, _ := strings.Cut(static(macs[1]), "ethernets:\n")
		return options("guestinfo.metadata", first+strings.Replace(entry, "nic0", "nic1", 1))
	})
	if g := c.read(vm).Guest; g.IpAddress != "" || len(g.Net) != 2 {
		t.Errorf("guest: %+v", g)
	}
}

func TestKernelRefusesHostName(t *testing.T) {
	s, c := start(t)
	vm := boot(t, s, c, "web", []string{"backend"}, func(macs []string) []types.BaseOptionValue {
		return options("guestinfo.metadata", strings.Replace(static(macs[0]), "web.example.com", "web_1", 1))
	})
	if g := c.read(vm).Guest; g.HostName != "localhost" || g.IpAddress != "10.1.2.3" {
		t.Errorf("guest: %s %s", g.HostName, g.IpAddress)
	}
}

func TestVLANIsAnInterfaceOfItsOwn(t *testing.T) {
	s, c := start(t)
	vm := boot(t, s, c, "web", []string{"backend"}, func(macs []string) []types.BaseOptionValue {
		return options("guestinfo.metadata", static(macs[0])+"  vlans:\n    v100: {id: 100, link: nic0, addresses: [10.100.0.3/24]}\n")
	})
	g := c.read(vm).Guest
	if len(g.Net) != 2 || g.Net[1].DeviceConfigId != -1 || g.Net[1].MacAddress != g.Net[0].MacAddress || g.Net[1].IpAddress[0] != "10.100.0.3" {
		t.Errorf("guest: %+v", g.Net)
	}
	lost := boot(t, s, c, "lost", []string{"backend"}, func(macs []string) []types.BaseOptionValue {
		return options("guestinfo.metadata", static(macs[0])+"  vlans:\n    v100: {id: 100, link: nic9}\n")
	})
	if g := c.read(lost).Guest; g.IpAddress != "" {
		t.Errorf("a VLAN without link: %+v", g)
	}
}
