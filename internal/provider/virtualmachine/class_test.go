package virtualmachine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A class is applied once: a machine does not need it afterwards.
func TestAMachineOutlivesItsClass(t *testing.T) {
	t.Parallel()
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

// A class is applied once, but what was written over one of its keys is not there to stay.
func TestAKeyThatIsNotWrittenAnyMoreIsTheClassesAgain(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	addClass(t, sim, namespace.VirtualMachineClassCreateSpec{Id: "tuned", CpuCount: 1, MemoryMb: 1024, ConfigSpec: json.RawMessage(`{
		"_typeName": "VirtualMachineConfigSpec", "extraConfig": [
			{"_typeName": "OptionValue", "key": "class.key", "value": {"_typeName": "string", "_value": "of the class"}},
			{"_typeName": "OptionValue", "key": "numa.nodeAffinity", "value": {"_typeName": "string", "_value": "0,1"}}
		]}`)})
	d := connected(t, sim)
	config := with(with(small(), "class_name", "tuned"), "allow_power_cycle", true)
	made := d.applied(d.nothing(), with(config, "advanced", tree{"extra_config": tree{"Numa.NodeAffinity": "0", "mine": "yes"}}))
	sim.Settle()
	made = d.applied(d.refreshed(made), config)
	var vm mo.VirtualMachine
	ref := types.ManagedObjectReference{Type: "VirtualMachine", Value: textAt(made.state, "status.unique_id")}
	if err := property.DefaultCollector(administrator(t, sim)).RetrieveOne(t.Context(), ref, []string{"config.extraConfig"}, &vm); err != nil {
		t.Fatal(err)
	}
	found := map[string]any{}
	for _, option := range vm.Config.ExtraConfig {
		found[strings.ToLower(option.GetOptionValue().Key)] = option.GetOptionValue().Value
	}
	for key, want := range map[string]any{"numa.nodeaffinity": "0,1", "mine": nil, "class.key": "of the class"} {
		if found[key] != want {
			t.Errorf("%s is %v, want %v", key, found[key], want)
		}
	}
	sim.Settle()
	d.clean("plan", d.unchanged(d.refreshed(made), config))
}

// A class is applied once. What somebody changes of the machine afterwards is told apart from what is
// changed of the class, and what is written is what the machine gets back.
func TestAConditionTellsWhetherTheClassOrTheMachineWasChanged(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	sized := func(cpus int) tree {
		return with(providerTree(sim), "virtual_machine_class", []any{tree{"name": "mine", "hardware": tree{"cpus": cpus, "memory": "1Gi"}}})
	}
	d := serve(t)
	d.clean("configure", d.configure(sized(2)))
	config := with(with(small(), "class_name", "mine"), "power_state", "PoweredOff")
	made := d.refreshed(d.applied(d.nothing(), config))
	const name = "VirtualMachineClassConfigurationSynced"
	want := func(begin string) {
		t.Helper()
		made = d.refreshed(made)
		if got := condition(made.state, name); !strings.HasPrefix(got, begin) {
			t.Errorf("the condition is %s, want %s", got, begin)
		}
		d.clean("plan", d.unchanged(made, config))
	}
	want("True True")
	if err := sim.Reconfigure("small", types.VirtualMachineConfigSpec{NumCPUs: 4}); err != nil {
		t.Fatal(err)
	}
	want(`False MachineChanged The class "mine" has 2 processors and the machine 4. The machine was changed`)
	// It gets its size back by what is written, and the class once more when that is not any more.
	made = d.applied(made, with(config, "resources", tree{"size": tree{"cpu": "2"}}))
	made = d.applied(d.refreshed(made), config)
	want("True True")

	d = serve(t)
	d.clean("configure", d.configure(sized(3)))
	want(`False ClassUpdated The class "mine" has 3 processors and the machine 2. The class was changed`)
}
