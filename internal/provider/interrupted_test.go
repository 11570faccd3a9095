package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestAnInterruptedApplyIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	sim := start(t)
	inject := func(rule simulator.Rule) func() {
		return func() {
			sim.ClearRules()
			sim.ResetRequests()
			if err := sim.Inject(rule); err != nil {
				t.Fatal(err)
			}
		}
	}
	oneMachine := look(func() {
		if got := sim.Machines(); len(got) != 1 {
			t.Errorf("there are %v", got)
		}
	})
	other := edited(t, cloudInitVM, "cloud-init-vm", "other-vm")
	moreMetric := edited(t, other, "metric = 100", "metric = 300")
	var id string
	story(t,
		resource.TestStep{ // The answer of the deploy is lost, and the machine is found.
			PreConfig: inject(simulator.Rule{Operation: opDeploy, Lose: true}),
			Config:    namespaces + cloudInitVM,
			ConfigStateChecks: stateChecks(oneMachine, look(func() {
				if got := len(sim.Requests(opDeploy)); got != 1 {
					t.Errorf("the image was deployed %d times", got)
				}
			})),
		},
		resource.TestStep{ // A replacement fails between its deploy and its power-on, and is made good.
			PreConfig:   inject(simulator.Rule{Operation: opPowerOn, Fault: "NoPermission"}),
			Config:      namespaces + edited(t, other, "Photon OS 5.0", "Ubuntu 22.04 LTS"),
			ExpectError: fails("Unable to finish the virtual machine", "", "kept in state as tainted: the next apply replaces it"),
		},
		resource.TestStep{
			PreConfig:         sim.ClearRules,
			Config:            namespaces + other,
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionReplace)),
			ConfigStateChecks: stateChecks(oneMachine, remember("id", &id)),
		},
		resource.TestStep{ // An update fails in its task; the next one does the same again.
			PreConfig:   inject(simulator.Rule{Operation: opReconfigure, Task: true, Fault: "GenericVmConfigFault", Message: "the disk is on fire"}),
			Config:      namespaces + moreMetric,
			ExpectError: fails("Unable to update the virtual machine", "", "the disk is on fire", "the next apply continues from there"),
		},
		resource.TestStep{
			PreConfig:         sim.ClearRules,
			Config:            namespaces + moreMetric,
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: stateChecks(oneMachine, unchanged("id", &id)),
		},
		resource.TestStep{ // Somebody ends the session between two runs' calls.
			PreConfig:        sim.ExpireSessions,
			Config:           namespaces + moreMetric,
			ConfigPlanChecks: planned(plancheck.ExpectEmptyPlan(), look(sim.ExpireSessions)),
		},
	)
}
