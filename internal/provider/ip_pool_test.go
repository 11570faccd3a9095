package provider_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// pooledVM is the machine of the example whose interface has its addresses from a pool, as web.
func pooledVM(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examplesDir, "guest-network", "ip-pool", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	return edited(t, string(text), `"vmoperator_virtual_machine" "pooled"`, `"vmoperator_virtual_machine" "web"`, `"small"`, `"best-effort-small"`,
		"vmoperator_virtual_machine.pooled.status.network.config\n", "vmoperator_virtual_machine.web.status.network.config\n",
		"one(vmoperator_virtual_machine.pooled.", "one(vmoperator_virtual_machine.web.")
}

// held checks how many addresses are allocated from a profile.
func held(sim *simulator.Simulator, profile string, want int) check {
	return func() error {
		got, err := sim.IPAllocations(profile)
		if err == nil && len(got) != want {
			err = fmt.Errorf("of %s, %d addresses are allocated instead of %d: %v", profile, len(got), want, got)
		}
		return err
	}
}

func TestAddressesOfAPoolFromPlanToDestruction(t *testing.T) {
	t.Parallel()
	sim := start(t)
	photon := pooledVM(t)
	const told = "status.network.config.interfaces.0."
	later := func(path string) plancheck.PlanCheck { return plancheck.ExpectUnknownValue(web, pathTo(path)) }
	both := edited(t, photon, "network { name = \"pooled\" }\n    }\n", "network { name = \"pooled\" }\n    }\n    interface {\n      name = \"eth1\"\n      network { name = \"scarce\" }\n    }\n",
		"one(vmoperator_virtual_machine.web.status.network.config.interfaces)", "vmoperator_virtual_machine.web.status.network.config.interfaces[0]")
	second := edited(t, both, `"pooled-vm"`, `"second-vm"`)
	ubuntu := edited(t, photon, "Photon OS 5.0", "Ubuntu 22.04 LTS")
	moved := edited(t, ubuntu, `name = "pooled" }`, `name = "scarce" }`)
	static := edited(t, ubuntu, `name = "eth0"`, "name = \"eth0\"\n      addresses = [\"10.20.0.5/22\"]")
	inPool := edited(t, ubuntu, `name = "eth0"`, "name = \"eth0\"\n      addresses = [\"10.20.0.250/22\"]")
	story(t,
		resource.TestStep{
			Config: namespaces + photon,
			ConfigPlanChecks: planned(
				later(told+"ip.addresses.0"), later(told+"ip.addresses.1"), later(told+"sources"),
				plans(told+"ip.gateway4", is("10.20.0.1")), plans(told+"ip.gateway6", is("2001:db8:20::1")),
				plans(told+"ip.dhcp.ip4.enabled", knownvalue.Bool(false)), plans(told+"dns.nameservers.0", is("10.20.0.2")),
				plans("status.network.config.dns.domain_name", is("pooled.example")), held(sim, "pooled", 0),
			),
			ConfigStateChecks: stateChecks(
				shows(told+"ip.addresses.0", is("10.20.0.240/22")), shows(told+"ip.addresses.1", is("2001:db8:20::1000/64")),
				shows(told+"sources.addresses", is("network")), shows(told+"sources.gateway4", is("network")), shows(told+"sources.nameservers", is("network")),
				held(sim, "pooled", 2),
			),
		},
		resource.TestStep{Config: namespaces + photon, PlanOnly: true},
		resource.TestStep{ // Another card, with an address of another pool.
			Config:            namespaces + both,
			ConfigPlanChecks:  planned(plans(told+"ip.addresses.0", is("10.20.0.240/22")), later("status.network.config.interfaces.1.ip.addresses.0")),
			ConfigStateChecks: stateChecks(shows("status.network.config.interfaces.1.ip.addresses.0", is("10.30.0.11/28")), held(sim, "pooled", 2), held(sim, "scarce", 2)),
		},
		resource.TestStep{ // A state that forgot the machine gets it back, and its addresses.
			ResourceName: web, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
			ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionNoop)}},
		},
		resource.TestStep{ // There is no third one.
			Config:      namespaces + both + edited(t, second, `"vmoperator_virtual_machine" "web"`, `"vmoperator_virtual_machine" "other"`, `output "config"`, `output "other"`, `output "address"`, `output "others"`),
			ExpectError: fails("The network's address pool is used up", `network { name = "scarce" }`, `network protocol profile "scarce"`, `interface "eth1"`, "10.30.0.10-10.30.0.11", "write addresses at the interface"),
		},
		resource.TestStep{ // Its replacement needs none but what it has itself.
			Config:            namespaces + edited(t, both, "Photon OS 5.0", "Ubuntu 22.04 LTS"),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionReplace), later(told+"ip.addresses.0")),
			ConfigStateChecks: stateChecks(held(sim, "pooled", 2), held(sim, "scarce", 2)),
		},
		resource.TestStep{
			Config:            namespaces + ubuntu,
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: stateChecks(held(sim, "pooled", 2), held(sim, "scarce", 1)),
		},
		resource.TestStep{
			Config:            namespaces + moved,
			ConfigPlanChecks:  planned(later(told + "ip.addresses.0")),
			ConfigStateChecks: stateChecks(shows(told+"ip.addresses.0", is("10.30.0.11/28")), held(sim, "pooled", 0), held(sim, "scarce", 2)),
		},
		resource.TestStep{
			Config:            namespaces + static,
			ConfigPlanChecks:  planned(plans(told+"ip.addresses.0", is("10.20.0.5/22")), plans(told+"ip.gateway4", is("10.20.0.1"))),
			ConfigStateChecks: stateChecks(shows(told+"sources.addresses", is("interface")), held(sim, "pooled", 0), held(sim, "scarce", 1)),
		},
		resource.TestStep{ // A warning is no error; see the tests of the resource for its text.
			Config:            namespaces + inPool,
			ConfigStateChecks: stateChecks(shows(told+"ip.addresses.0", is("10.20.0.250/22")), held(sim, "pooled", 0)),
		},
		resource.TestStep{Config: namespaces + ubuntu, ConfigStateChecks: stateChecks(held(sim, "pooled", 2))},
		resource.TestStep{
			Config: namespaces + ubuntu, Destroy: true,
			ConfigPlanChecks: planned(planJSON(func(plan *tfjson.Plan) error {
				if len(plan.ResourceChanges) != 1 || !plan.ResourceChanges[0].Change.Actions.Delete() {
					return errors.New("the machine is not destroyed")
				}
				return nil
			})),
		},
	)
	if err := errors.Join(held(sim, "pooled", 0)(), held(sim, "scarce", 1)()); err != nil {
		t.Error(err)
	}
}
