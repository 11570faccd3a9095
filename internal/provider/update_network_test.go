package provider_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const (
	eth0Block = `    interface {
      name              = "eth0"
      guest_device_name = "ens160"
      dhcp4             = true
      dhcp6             = false
    }
`
	eth1Block = `    interface {
      name        = "eth1"
      addresses   = ["10.0.1.100/24"]
      gateway4    = "10.0.1.1"
      nameservers = ["10.0.1.53"]
      network { name = "backend" }
      route {
        to     = "10.0.2.0/24"
        via    = "10.0.1.254"
        metric = 100
      }
    }
`
	eth2Block = `    interface {
      name      = "eth2"
      addresses = ["192.168.7.10/24"]
      network { name = "frontend" }
    }
`
)

func TestAChangeOfTheNetworkIsOneReconfiguration(t *testing.T) {
	t.Parallel()
	sim := start(t)
	var id, mac0, mac1, mac2 string
	live := planned(does(plancheck.ResourceActionUpdate), look(func() { sim.ResetRequests() }))
	metadata := []string{"guestinfo.metadata", "vmoperator.record"}
	extraConfig := []string{"extraConfig"}

	otherMetric := edited(t, cloudInitVM, "metric = 100", "metric = 200")
	otherServer := edited(t, otherMetric, "10.0.1.53", "10.0.1.54")
	reordered := edited(t, cloudInitVM, eth0Block+"\n"+eth1Block, eth1Block+eth0Block)
	added := edited(t, cloudInitVM, eth0Block, eth2Block+eth0Block)
	removed := edited(t, added, eth0Block, "")
	moved := edited(t, removed, `"backend"`, `"DC0_DVPG0"`)
	retyped := edited(t, moved, `name      = "eth2"`, `name = "eth2"`+"\n      type = \"E1000e\"")
	renamed := edited(t, retyped, `"cloud-init-vm"`, `"renamed-vm"`)
	story(t,
		resource.TestStep{
			Config:            namespaces + cloudInitVM,
			ConfigStateChecks: []statecheck.StateCheck{remember("id", &id), remember("network.interface.0.mac_addr", &mac0), remember("network.interface.1.mac_addr", &mac1)},
		},
		resource.TestStep{ // a route
			Config: namespaces + otherMetric,
			ConfigPlanChecks: planned(does(plancheck.ResourceActionUpdate), changesOnly{
				"network.interface.1.route.0.metric", "status.bootstrap.revision", "status.conditions.3.message", "status.conditions.3.reason", "status.conditions.3.status", "status.network.config.interfaces.1.routes.0.metric",
			}, look(func() { sim.ResetRequests() })),
			ConfigStateChecks: []statecheck.StateCheck{
				sends(t, sim, extraConfig, metadata),
				reconfigured(t, sim, func(request simulator.Request) {
					if text := extraConfigValue(request, "guestinfo.metadata"); !strings.Contains(text, "metric: 200") {
						t.Errorf("the guest is sent\n%s", text)
					}
				}),
				asked(t, sim, opReconfigure),
				shows("status.bootstrap.revision", knownvalue.Int64Exact(2)),
				unchanged("network.interface.0.mac_addr", &mac0), unchanged("network.interface.1.mac_addr", &mac1),
			},
		},
		resource.TestStep{ // a nameserver
			Config: namespaces + otherServer,
			ConfigPlanChecks: planned(changesOnly{
				"network.interface.1.nameservers.0", "status.bootstrap.revision", "status.conditions.3.message", "status.conditions.3.reason", "status.conditions.3.status", "status.network.config.interfaces.1.dns.nameservers.0",
			}, look(func() { sim.ResetRequests() })),
			ConfigStateChecks: []statecheck.StateCheck{sends(t, sim, extraConfig, metadata), asked(t, sim, opReconfigure)},
		},
		resource.TestStep{Config: namespaces + cloudInitVM, ConfigPlanChecks: live, ConfigStateChecks: []statecheck.StateCheck{asked(t, sim, opReconfigure)}},
		resource.TestStep{ // another order
			Config:           namespaces + reordered,
			ConfigPlanChecks: live,
			ConfigStateChecks: []statecheck.StateCheck{
				sends(t, sim, extraConfig, []string{"vmoperator.record"}),
				asked(t, sim, opReconfigure),
				shows("network.interface.0.name", is("eth1")), unchanged("network.interface.0.mac_addr", &mac1),
				shows("network.interface.1.name", is("eth0")), unchanged("network.interface.1.mac_addr", &mac0),
				shows("status.bootstrap.revision", knownvalue.Int64Exact(4)),
			},
		},
		resource.TestStep{ // one more interface, in front of the others
			Config: namespaces + added,
			ConfigPlanChecks: planned(does(plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(web, pathTo("network.interface.0.mac_addr")),
				look(func() { sim.ResetRequests() })),
			ConfigStateChecks: []statecheck.StateCheck{
				look(func() {
					requests := sim.Requests(opReconfigure)
					if len(requests) != 2 {
						t.Errorf("there were %d reconfigurations, not one for the card and one for the guest", len(requests))
						return
					}
					if diff := cmp.Diff([]string{"deviceChange"}, changes(requests[0])); diff != "" {
						t.Error(diff)
					}
					if diff := cmp.Diff(metadata, extraConfigKeys(requests[1])); diff != "" {
						t.Error(diff)
					}
				}),
				asked(t, sim, opReconfigure, opReconfigure),
				remember("network.interface.0.mac_addr", &mac2),
				unchanged("network.interface.1.mac_addr", &mac0), unchanged("network.interface.2.mac_addr", &mac1),
			},
		},
		resource.TestStep{ // one interface less, in the middle
			Config:           namespaces + removed,
			ConfigPlanChecks: live,
			ConfigStateChecks: []statecheck.StateCheck{
				sends(t, sim, []string{"deviceChange", "extraConfig"}, metadata),
				asked(t, sim, opReconfigure),
				unchanged("network.interface.0.mac_addr", &mac2), unchanged("network.interface.1.mac_addr", &mac1),
			},
		},
		resource.TestStep{ // another network
			Config:           namespaces + moved,
			ConfigPlanChecks: live,
			ConfigStateChecks: []statecheck.StateCheck{
				sends(t, sim, []string{"deviceChange", "extraConfig"}, []string{"vmoperator.record"}),
				asked(t, sim, opReconfigure),
				unchanged("network.interface.0.mac_addr", &mac2), unchanged("network.interface.1.mac_addr", &mac1),
			},
		},
		resource.TestStep{ // another type takes another card
			Config: namespaces + retyped,
			ConfigPlanChecks: planned(does(plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(web, pathTo("network.interface.0.mac_addr"))),
			ConfigStateChecks: []statecheck.StateCheck{
				unchanged("network.interface.1.mac_addr", &mac1), remember("network.interface.0.mac_addr", &mac2),
			},
		},
		resource.TestStep{ // another name
			Config:           namespaces + renamed,
			ConfigPlanChecks: planned(does(plancheck.ResourceActionUpdate), changesOnly{"name"}, look(func() { sim.ResetRequests() })),
			ConfigStateChecks: []statecheck.StateCheck{
				asked(t, sim, "Rename_Task"), unchanged("id", &id),
				look(func() {
					// The guest sees its cards, and reads its configuration, when it boots.
					if err := errors.Join(sim.PowerOff("renamed-vm"), sim.PowerOn("renamed-vm")); err != nil {
						t.Error(err)
					}
					sim.Settle()
					report, err := sim.GuestReport("renamed-vm")
					if err != nil || len(report.Interfaces) != 2 || len(report.Problems) != 0 {
						t.Errorf("%v, %+v", err, report)
						return
					}
					networks := map[string]string{}
					for _, card := range report.Interfaces {
						networks[card.MAC] = card.Name + " on " + card.Network
					}
					if diff := cmp.Diff(map[string]string{mac1: "eth1 on DC0_DVPG0", mac2: "eth2 on frontend"}, networks); diff != "" {
						t.Error(diff)
					}
				}),
			},
		},
	)
	if got := sim.Machines(); len(got) != 0 {
		t.Errorf("machines are left: %v", got)
	}
}
