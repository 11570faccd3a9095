package virtualmachine_test

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A class is applied once: a machine does not need it afterwards.
func TestAMachineOutlivesItsClass(t *testing.T) {
	sim := simulator.Start(t)
	with4 := providerTree(sim)
	with4["virtual_machine_class"] = []any{tree{"name": "mine", "hardware": tree{"cpus": 3, "memory": "3Gi"}}}
	d := serve(t)
	d.clean("configure", d.configure(with4))
	config := with(with(small(), "class_name", "mine"), "allow_power_cycle", true)
	made := d.applied(d.nothing(), config)
	sim.Settle()
	made = d.refreshed(made)

	without := connected(t, sim)
	config = with(config, "name", "renamed")
	made = without.applied(made, config)
	if got := textAt(without.refreshed(made).state, "name"); got != "renamed" {
		t.Errorf("the machine is called %s", got)
	}
	made = without.applied(without.refreshed(made), with(config, "resources", tree{"size": tree{"cpu": "2"}}))
	sim.Settle()
	sim.ResetRequests()
	// The memory is what the class made it, so that only the record changes.
	made = without.applied(without.refreshed(made), with(config, "resources", tree{"size": tree{"cpu": "2", "memory": "3Gi"}}))
	if calls := powerCalls(sim); len(calls) > 0 {
		t.Errorf("the machine is of another size than was written and applied: %v", calls)
	}
	_, diags := without.plan(made, with(config, "class_name", "yours"))
	oneError(t, diags, "class_name", "Unable to find the class")
	_, diags = without.plan(without.nothing(), with(config, "name", "another"))
	oneError(t, diags, "class_name", "Unable to find the class")
}
