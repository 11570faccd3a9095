package gosc_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// labVariable names a directory that receives specifications as vCenter gets them, and what a
// Linux guest makes of them, for programs that read them in a real guest.
const labVariable = "GUEST_LAB"

// guestNIC is what should be found in a guest.
type guestNIC struct {
	DHCP4     bool           `json:"dhcp4"`
	DHCP6     bool           `json:"dhcp6"`
	Addresses []string       `json:"addresses"`
	Gateways  []guestGateway `json:"gateways"`
	DNS       []string       `json:"dns"`
}

type guestGateway struct {
	Via string `json:"via"`
}

// labMachine is a network for LinuxPrep, and what of it a guest loses, by the paths of the warnings.
type labMachine struct {
	name string
	spec network.Spec
	lost []string
}

func labMachines() []labMachine {
	nic := func(name, gateway4, gateway6 string, addresses ...string) network.Interface {
		n := network.Interface{Name: known.Of(name), Addresses: known.ListOf(addresses...)}
		if gateway4 != "" {
			n.Gateway4 = known.Of(gateway4)
		}
		if gateway6 != "" {
			n.Gateway6 = known.Of(gateway6)
		}
		return n
	}
	dhcp := func(name string, v4, v6 bool) network.Interface {
		return network.Interface{Name: known.Of(name), DHCP4: known.Of(v4), DHCP6: known.Of(v6)}
	}
	machine := func(interfaces ...network.Interface) network.Spec {
		return network.Spec{
			VMName: known.Of("my-vm"), DomainName: known.Of("example.com"), Interfaces: known.Of(interfaces),
			Nameservers: known.ListOf("192.168.1.53", "2001:db8::53"), SearchDomains: known.ListOf("example.com", "corp.example"),
		}
	}
	const first, second = "network.interface[0].", "network.interface[1]."
	static4 := nic("eth0", "192.168.1.1", "", "192.168.1.10/24")
	dual := nic("eth0", "192.168.1.1", "2001:db8::1", "192.168.1.10/24", "2001:db8::10/64", "2001:db8::11/64")
	return []labMachine{
		{"static4", machine(static4), nil},
		{"static4-no-gateway", machine(nic("eth0", "None", "", "192.168.1.10/24")), nil},
		{"dual-stack", machine(dual), nil},
		{"link-local-gateway", machine(nic("eth0", "192.168.1.1", "fe80::1", "192.168.1.10/24", "2001:db8::10/64")), nil},
		{"dhcp4", machine(dhcp("eth0", true, false)), nil},
		{"static4-and-dhcp4", machine(static4, dhcp("eth1", true, false)), nil},
		{"two-static4", machine(static4, nic("eth1", "None", "", "10.0.0.10/24")), nil},
		{"second-gateway4", machine(static4, nic("eth1", "10.0.0.1", "", "10.0.0.10/24")), []string{second + "gateway4"}},
		{"second-gateway6", machine(static4, nic("eth1", "", "2001:db8:1::1", "10.0.0.10/24", "2001:db8:1::10/64")), []string{second + "gateway6"}},
		{"dhcp4-then-gateway4", machine(dhcp("eth0", true, false), nic("eth1", "10.0.0.1", "", "10.0.0.10/24")), []string{second + "gateway4"}},
		{"dhcp6", machine(dhcp("eth0", true, true)), []string{first + "dhcp6"}},
		{"ipv6-only", machine(nic("eth0", "", "2001:db8::1", "2001:db8::10/64")), []string{first + "dhcp4"}},
		{"nothing", machine(dhcp("eth0", false, false)), []string{first + "dhcp4"}},
		{"two-addresses", machine(nic("eth0", "192.168.1.1", "", "192.168.1.10/24", "192.168.1.11/24")), []string{first + "addresses"}},
	}
}

// The losses that are warned of are those that guests have: a specification for each network, and
// what a guest is expected to make of it, go to the laboratory where there is one.
func TestWhatGuestsOfLinuxPrepLose(t *testing.T) {
	t.Parallel()
	linuxPrep := network.Bootstrap{LinuxPrep: true}
	settings := gosc.LinuxPrepSettings{HardwareClockIsUTC: known.Of(true), TimeZone: known.Of("Europe/Sofia")}
	for _, machine := range labMachines() {
		t.Run(machine.name, func(t *testing.T) {
			t.Parallel()
			var lost []string
			problems := append(network.Validate(machine.spec, linuxPrep), network.Review(machine.spec, linuxPrep, network.Defaults{})...)
			for _, problem := range problems {
				if problem.Rule != "P28" {
					t.Errorf("another problem: %+v", problem)
				}
				lost = append(lost, problem.Path.String())
			}
			if diff := cmp.Diff(machine.lost, lost); diff != "" {
				t.Errorf("lost (-want +got):\n%s", diff)
			}
			config := network.Resolve(machine.spec, linuxPrep, network.Defaults{})
			_, cards := named(config.Interfaces.Or(nil)...)
			spec, warnings, err := gosc.LinuxPrep(settings, config, cards, vSphere91)
			if err != nil || len(warnings) > 0 {
				t.Fatal(warnings, err)
			}
			toLab(t, machine, spec, guestOf(config, cards, lost))
		})
	}
}

// guestOf is what a guest makes of a network, minus what it loses.
func guestOf(config network.Config, cards []gosc.Card, lost []string) map[string]guestNIC {
	loses := func(what string) bool { return strings.Contains(strings.Join(lost, " ")+" ", what+" ") }
	servers, _ := known.Elements(config.DNS.Nameservers)
	guest := map[string]guestNIC{}
	for i, record := range config.Interfaces.Or(nil) {
		nic := guestNIC{DHCP4: record.DHCP4.Or(false), DHCP6: record.DHCP6.Or(false), Addresses: []string{}, Gateways: []guestGateway{}, DNS: []string{}}
		at := "network.interface[" + string(rune('0'+i)) + "]."
		nic.DHCP6 = nic.DHCP6 && !loses(at+"dhcp6")
		nic.DHCP4 = nic.DHCP4 || loses(at+"dhcp4")
		prefixes, _ := known.Elements(record.Addresses)
		for k, prefix := range prefixes {
			if k == 0 || prefix.Addr().Is6() || !loses(at+"addresses") {
				nic.Addresses = append(nic.Addresses, prefix.String())
			}
		}
		for name, gateway := range map[string]known.Value[netip.Addr]{"gateway4": record.Gateway4, "gateway6": record.Gateway6} {
			if address, ok := gateway.Get(); ok && !loses(at+name) {
				nic.Gateways = append(nic.Gateways, guestGateway{address.String()})
			}
		}
		for _, server := range servers {
			nic.DNS = append(nic.DNS, server.String())
		}
		guest[cards[i].MAC.String()] = nic
	}
	return guest
}

// toLab writes linuxprep-<name>.xml and linuxprep-<name>.expect.json.
func toLab(t *testing.T, machine labMachine, spec types.CustomizationSpec, guest map[string]guestNIC) {
	t.Helper()
	dir := os.Getenv(labVariable)
	if dir == "" {
		return
	}
	specification, err := xml.MarshalIndent(spec, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	expectation, err := json.MarshalIndent(map[string]any{"expect": map[string]any{
		"hostname": "my-vm", "fqdn": "my-vm.example.com", "only": true, "interfaces": guest,
	}}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "linuxprep-"+machine.name)
	for suffix, data := range map[string][]byte{".xml": specification, ".expect.json": expectation} {
		if err := os.WriteFile(path+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
