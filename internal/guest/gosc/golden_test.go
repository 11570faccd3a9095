package gosc_test

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The versions of the vSphere API before and after IPv4 could be turned off.
const (
	vSphere8  = "8.0.3.0"
	vSphere91 = "9.1.0.0"
)

// golden compares a specification with a file under testdata.
func golden(t *testing.T, name string, spec types.CustomizationSpec) {
	t.Helper()
	data, err := xml.MarshalIndent(spec, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got := string(data) + "\n"
	file := filepath.Join("testdata", filepath.FromSlash(name)+".xml")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
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

// example is a machine as somebody writes it.
type example struct {
	name     string
	settings gosc.Settings
	spec     network.Spec
	// cards of the machine, in device order.
	cards      []gosc.Card
	apiVersion string
}

// examples are those of VM Operator's documents, and one for each way to write Sysprep.
func examples() []example {
	linux := network.Spec{
		HostName: known.Of("my-linux-vm"), DomainName: known.Of("example.com"),
		Nameservers: known.ListOf("192.168.1.1", "8.8.8.8"), SearchDomains: known.ListOf("example.com", "local"),
		Interfaces: known.Of([]network.Interface{
			{Name: known.Of("eth0"), Addresses: known.ListOf("192.168.1.100/24"), Gateway4: known.Of("192.168.1.1")},
			{Name: known.Of("eth1"), DHCP4: known.Of(true)},
		}),
	}
	windows := network.Spec{
		HostName: known.Of("my-windows-vm"), DomainName: known.Of("example.com"),
		Nameservers: known.ListOf("192.168.1.1", "8.8.8.8"),
		Interfaces: known.Of([]network.Interface{{
			Name: known.Of("ethernet0"), Addresses: known.ListOf("192.168.1.101/24"), Gateway4: known.Of("192.168.1.1"),
		}}),
	}
	standalone := network.Spec{VMName: known.Of("my-vm")}
	two := []gosc.Card{{Interface: "eth0", MAC: "00:50:56:89:ab:cd"}, {Interface: "eth1", MAC: "00:50:56:89:ab:ce"}}
	one := []gosc.Card{{Interface: "eth0", MAC: "00:50:56:89:ab:cd"}}
	ethernet0 := []gosc.Card{{Interface: "ethernet0", MAC: "00:50:56:89:ab:cd"}}
	inline := func(answers gosc.Answers) gosc.SysprepSettings {
		return gosc.SysprepSettings{Sysprep: known.Of(answers)}
	}
	account := gosc.Identification{DomainAdmin: known.Of(`EXAMPLE\administrator`), DomainAdminPassword: known.Of("join me")}
	withDomain := account
	withDomain.JoinDomain = known.Of("example.com")
	logon := known.Of(gosc.GUIUnattended{
		AutoLogon: known.Of(true), AutoLogonCount: known.Of[int64](1), Password: known.Of("let me in"),
	})

	return []example{{
		name: "linuxprep/documents",
		settings: gosc.LinuxPrepSettings{
			HardwareClockIsUTC: known.Of(true), TimeZone: known.Of("America/Los_Angeles"),
		},
		spec: linux, cards: two, apiVersion: vSphere8,
	}, {
		name:     "linuxprep/implicit",
		settings: gosc.LinuxPrepSettings{HardwareClockIsUTC: known.Of(true)},
		spec:     standalone, cards: one, apiVersion: vSphere8,
	}, {
		name: "linuxprep/everything",
		settings: gosc.LinuxPrepSettings{
			HardwareClockIsUTC: known.Of(false), TimeZone: known.Of("Etc/UTC"), ExpirePasswordAfterNextLogin: known.Of(true),
			Password: known.Of("root & <co>"), ScriptText: known.Of("#!/bin/sh\nexit 0\n"),
		},
		spec: linux, cards: two, apiVersion: vSphere91,
	}, {
		name:     "sysprep/documents",
		settings: inline(gosc.Answers{Identification: known.Of(withDomain), GUIUnattended: logon}),
		spec:     windows, cards: ethernet0, apiVersion: vSphere8,
	}, {
		name: "sysprep/corrected",
		settings: inline(gosc.Answers{
			Identification: known.Of(account), GUIUnattended: logon,
			UserData: known.Of(gosc.UserData{FullName: known.Of("Jo Doe"), OrgName: known.Of("Example Inc.")}),
		}),
		spec: windows, cards: ethernet0, apiVersion: vSphere8,
	}, {
		name:     "sysprep/nothing-said",
		settings: inline(gosc.Answers{}),
		spec:     standalone, cards: one, apiVersion: vSphere8,
	}, {
		name: "sysprep/everything",
		settings: inline(gosc.Answers{
			UserData: known.Of(gosc.UserData{
				FullName: known.Of("Jo Doe"), OrgName: known.Of("Example Inc."), ProductID: known.Of("AAAAA-BBBBB-CCCCC-DDDDD-12345"),
			}),
			GUIUnattended: known.Of(gosc.GUIUnattended{
				AutoLogon: known.Of(true), AutoLogonCount: known.Of[int64](2), TimeZone: known.Of[int64](4), Password: known.Of("let me in"),
			}),
			GUIRunOnce: known.Of(gosc.GUIRunOnce{Commands: known.ListOf("winrm quickconfig -q", "shutdown /r")}),
			Identification: known.Of(gosc.Identification{
				JoinDomain: known.Of("example.com"), DomainAdmin: known.Of("join@example.com"),
				DomainAdminPassword: known.Of("join me"), DomainOU: known.Of("OU=Servers,DC=example,DC=com"),
			}),
			LicenseFilePrintData: known.Of(gosc.LicenseFilePrintData{
				AutoMode: known.Of("perServer"), AutoUsers: known.Of[int64](5),
			}),
			ExpirePasswordAfterNextLogin: known.Of(true),
			ScriptTextFrom:               known.Of("@echo off\r\nexit /b 0\r\n"),
		}),
		spec: windows, cards: ethernet0, apiVersion: vSphere91,
	}, {
		name: "sysprep/workgroup",
		settings: inline(gosc.Answers{
			Identification:       known.Of(gosc.Identification{JoinWorkgroup: known.Of("LAB")}),
			LicenseFilePrintData: known.Of(gosc.LicenseFilePrintData{AutoMode: known.Of("perSeat")}),
		}),
		spec: standalone, cards: one, apiVersion: vSphere8,
	}, {
		name:     "sysprep/raw",
		settings: gosc.SysprepSettings{RawSysprep: known.Of(answerFile)},
		spec:     windows, cards: ethernet0, apiVersion: vSphere8,
	}}
}

const answerFile = `<?xml version="1.0" encoding="utf-8"?>
<unattend xmlns="urn:schemas-microsoft-com:unattend">
  <settings pass="specialize">
    <component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64" publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">
      <ComputerName>my-windows-vm</ComputerName>
    </component>
  </settings>
</unattend>
`

// render validates and resolves an example, and makes its specification.
func (e example) render(t *testing.T) types.CustomizationSpec {
	t.Helper()
	bootstrap := network.Bootstrap{}
	_, bootstrap.LinuxPrep = e.settings.(gosc.LinuxPrepSettings)
	bootstrap.Sysprep = !bootstrap.LinuxPrep
	config := network.Resolve(e.spec, bootstrap, network.Defaults{})
	problems := append(network.Validate(e.spec, bootstrap), gosc.Validate(e.settings, e.spec)...)
	if problems = append(problems, gosc.CheckAPI(e.settings, config, e.apiVersion)...); len(problems) > 0 {
		t.Fatalf("%s is refused: %v", e.name, problems)
	}
	spec, warnings, err := customize(e.settings, config, e.cards, e.apiVersion)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%s: %v, %v", e.name, warnings, err)
	}
	return spec
}

// customize is LinuxPrep or Sysprep, as the settings are.
func customize(settings gosc.Settings, config network.Config, cards []gosc.Card, apiVersion string) (types.CustomizationSpec, []network.Problem, error) {
	switch settings := settings.(type) {
	case gosc.LinuxPrepSettings:
		return gosc.LinuxPrep(settings, config, cards, apiVersion)
	case gosc.SysprepSettings:
		return gosc.Sysprep(settings, config, cards, apiVersion)
	default:
		panic("no such settings")
	}
}

func TestExamplesAsVCenterGetsThem(t *testing.T) {
	t.Parallel()
	for _, example := range examples() {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			golden(t, example.name, example.render(t))
		})
	}
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

func acceptRA(record *network.InterfaceConfig) { record.AcceptRA = known.Of(true) }

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

func dns(text string) func(*network.InterfaceConfig) {
	return func(record *network.InterfaceConfig) { record.Nameservers = known.ListOf(netip.MustParseAddr(text)) }
}

// named returns a configuration of interfaces, and a card for each.
func named(interfaces ...network.InterfaceConfig) (network.Config, []gosc.Card) {
	macs := []network.MAC{"00:50:56:89:ab:01", "00:50:56:89:ab:02", "00:50:56:89:ab:03"}
	cards := make([]gosc.Card, len(interfaces))
	for i, record := range interfaces {
		cards[i] = gosc.Card{Interface: record.Name.Or(""), MAC: macs[i]}
	}
	return network.Config{DNS: network.DNS{HostName: known.Of("my-vm")}, Interfaces: known.Of(interfaces)}, cards
}

// inline is a Sysprep without answers.
var inline = gosc.SysprepSettings{Sysprep: known.Of(gosc.Answers{})}

// rows are the resolved interfaces whose adapters VM Operator documents.
var rows = map[string]network.InterfaceConfig{
	"dhcp4":              nic("eth0", dhcp4),
	"static-with-dns":    nic("eth0", addresses("10.0.1.100/24"), gateway("10.0.1.1"), dns("10.0.1.53")),
	"static-no-gateway":  nic("eth0", addresses("10.0.1.100/24")),
	"dual-stack":         nic("eth0", addresses("192.168.1.10/24", "fd8e:b5a0:f172:123::f/48"), gateway("192.168.1.1"), gateway("fd8e:b5a0:f172:123::1")),
	"dhcp4-and-static6":  nic("eth0", dhcp4, addresses("2001:db8::100/64", "2001:db8::101/64"), gateway("2001:db8::1")),
	"static6-no-gateway": nic("eth0", dhcp4, addresses("2001:db8::100/64")),
	"dhcp4-and-dhcp6":    nic("eth0", dhcp4, dhcp6),
	"dhcp6-over-static":  nic("eth0", dhcp4, dhcp6, addresses("10.0.0.5/24", "2001:db8::5/64"), gateway("10.0.0.1"), gateway("2001:db8::1")),
	"two-ipv4":           nic("eth0", addresses("192.168.5.7/24", "192.168.5.8/24"), gateway("192.168.5.1")),
	"ipv6-only":          nic("eth0", addresses("2001:db8::100/64"), gateway("2001:db8::1")),
	"dhcp6-only":         nic("eth0", dhcp6),
	"slaac-only":         nic("eth0", acceptRA),
	"nothing":            nic("eth0"),
}

func TestEachKindOfAdapter(t *testing.T) {
	t.Parallel()
	for name, record := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, cards := named(record)
			spec, warnings, err := gosc.Sysprep(inline, config, cards, vSphere91)
			if err != nil || len(warnings) > 0 {
				t.Fatal(warnings, err)
			}
			golden(t, "adapter/"+name, spec)
		})
	}
}

// Without a way to turn IPv4 off, DHCP is the closest that an older vCenter can express.
func TestInterfacesWithoutIPv4UseDHCPBeforeVSphere91(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ipv6-only", "dhcp6-only", "slaac-only", "nothing"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, cards := named(rows[name])
			spec, warnings, err := gosc.Sysprep(inline, config, cards, vSphere8)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "adapter/"+name+"-vsphere8", spec)
			if len(warnings) != 1 || warnings[0].Rule != gosc.RuleDisabledIPv4 || warnings[0].Severity != network.Warning ||
				warnings[0].Path.String() != "network.interface[0].dhcp4" {
				t.Errorf("warnings: %+v", warnings)
			}
			if diff := cmp.Diff(gosc.CheckAPI(inline, config, vSphere8), warnings); diff != "" {
				t.Errorf("plan and apply warn of different things (-plan +apply):\n%s", diff)
			}
		})
	}
}
