package virtualmachine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// backingOf is how a card is connected to a network.
func backingOf(t *testing.T, client *vim25.Client, name string) govmomi.BaseVirtualDeviceBackingInfo {
	t.Helper()
	network, err := find.NewFinder(client).Network(t.Context(), "/"+simulator.Datacenter+"/network/"+name)
	if err != nil {
		t.Fatal(err)
	}
	info, err := network.EthernetCardBackingInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// nicsOf are the network cards among devices, in words.
func nicsOf(devices object.VirtualDeviceList) []string {
	var out []string
	for _, device := range devices.SelectByType((*govmomi.VirtualEthernetCard)(nil)) {
		card := device.(govmomi.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		on := fmt.Sprintf("%T", card.Backing)
		switch backing := card.Backing.(type) {
		case *govmomi.VirtualEthernetCardNetworkBackingInfo:
			on = backing.DeviceName
		case *govmomi.VirtualEthernetCardDistributedVirtualPortBackingInfo:
			on = backing.Port.PortgroupKey
		}
		out = append(out, card.MacAddress+" on "+on)
	}
	return out
}

// tampering is what somebody does to the cards of a machine behind Terraform's back.
type tampering struct {
	change func(devices object.VirtualDeviceList) govmomi.VirtualMachineConfigSpec
	// says are texts of the plan's warning; MAC stands for the address of the machine's first card.
	says []string
}

const strangeMAC = "00:50:56:0a:0b:77"

func tamperings(t *testing.T, client *vim25.Client) map[string]tampering {
	t.Helper()
	first := func(devices object.VirtualDeviceList) govmomi.BaseVirtualDevice {
		return devices.SelectByType((*govmomi.VirtualEthernetCard)(nil))[0]
	}
	backend := backingOf(t, client, simulator.NetworkBackend)
	return map[string]tampering{
		"added": {func(object.VirtualDeviceList) govmomi.VirtualMachineConfigSpec {
			card := &govmomi.VirtualVmxnet3{}
			card.Key, card.Backing, card.MacAddress, card.AddressType = -1, backend, strangeMAC, string(govmomi.VirtualEthernetCardMacTypeManual)
			return altering(govmomi.VirtualDeviceConfigSpecOperationAdd, card)
		}, []string{"loses a network card", strangeMAC, simulator.NetworkBackend, "is removed"}},
		"moved": {func(devices object.VirtualDeviceList) govmomi.VirtualMachineConfigSpec {
			card := first(devices)
			card.GetVirtualDevice().Backing = backend
			return altering(govmomi.VirtualDeviceConfigSpecOperationEdit, card)
		}, []string{"is connected to another network", "MAC", simulator.NetworkBackend, fmt.Sprintf("%q", simulator.NetworkStandard)}},
		"deleted": {func(devices object.VirtualDeviceList) govmomi.VirtualMachineConfigSpec {
			return altering(govmomi.VirtualDeviceConfigSpecOperationRemove, first(devices))
		}, []string{"gets a network card", "eth0", fmt.Sprintf("%q", simulator.NetworkStandard)}},
	}
}

// warning wants a warning with all of the texts among diagnostics.
func warning(t *testing.T, diags []*tfprotov6.Diagnostic, texts ...string) {
	t.Helper()
	for _, diagnostic := range diags {
		whole, all := diagnostic.Summary+": "+diagnostic.Detail, diagnostic.Severity == tfprotov6.DiagnosticSeverityWarning
		for _, text := range texts {
			all = all && strings.Contains(whole, text)
		}
		if all {
			return
		}
	}
	t.Errorf("no warning says %q: %s", texts, said(diags))
}

// What somebody does to the cards of a machine whose configuration has no interface to show it is
// said by the plan, whatever else it is about, and set right by the apply.
func TestAPlanTellsOfCardsThatNoInterfaceShows(t *testing.T) {
	for kind, config := range map[string]tree{
		"no network block":      with(small(), "bootstrap", tree{}),
		"no interface":          with(with(small(), "bootstrap", tree{}), "network", tree{"host_name": "web"}),
		"cloud-init":            with(small(), "bootstrap", tree{"cloud_init": tree{}}),
		"LinuxPrep, by default": small(),
	} {
		for _, change := range []string{"added", "moved", "deleted"} {
			t.Run(kind+", "+change, func(t *testing.T) {
				t.Parallel()
				sim := simulator.Start(t)
				admin := administrator(t, sim)
				d := connected(t, sim)
				made := d.applied(d.nothing(), config)
				sim.Settle()
				made = d.refreshed(made)
				d.clean("plan", d.unchanged(made, config))
				id := textAt(made.state, "id")
				before := nicsOf(devicesOf(t, admin, id))
				if len(before) != 1 {
					t.Fatalf("the machine has the cards %v", before)
				}
				does := tamperings(t, admin)[change]
				mac, _, _ := strings.Cut(before[0], " ")
				for i := range does.says {
					does.says[i] = strings.ReplaceAll(does.says[i], "MAC", mac)
				}
				if err := sim.Reconfigure("small", does.change(devicesOf(t, admin, id))); err != nil {
					t.Fatal(err)
				}
				made = d.refreshed(made)
				p, diags := d.plan(made, config)
				warning(t, diags, does.says...)
				if len(moved(made.state, p.planned)) == 0 {
					t.Error("the plan is empty")
				}
				// Another change does not do it silently either.
				changed := with(config, "power_off_mode", "Hard")
				p, diags = d.plan(made, changed)
				warning(t, diags, does.says...)
				made, diags = p.apply()
				if failed(diags) {
					t.Fatal(said(diags))
				}
				sim.Settle()
				after := nicsOf(devicesOf(t, admin, id))
				if len(after) != 1 || change != "deleted" && after[0] != before[0] || change == "deleted" && after[0] == before[0] {
					t.Errorf("the cards were %v and are %v", before, after)
				}
				made = d.refreshed(made)
				d.clean("the next plan", d.unchanged(made, changed))
			})
		}
	}
}
