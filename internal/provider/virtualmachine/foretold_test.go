package virtualmachine_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmware/govmomi/vapi/namespace"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// quick is a machine that its power is not waited for.
func quick() tree { return with(small(), "power_off_mode", "Hard") }

// A class may ask for a hardware version: the plan tells which one the machine gets, and that it
// is the class that asks for it.
func TestAPlanTellsOfTheHardwareVersionOfAClass(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	addClass(t, sim, namespace.VirtualMachineClassCreateSpec{
		Id: classOfVersion, CpuCount: 2, MemoryMb: 4096, ConfigSpec: json.RawMessage(`{"_typeName":"VirtualMachineConfigSpec","version":"vmx-21"}`),
	})
	d := connected(t, sim)
	config := with(with(quick(), "class_name", simulator.ClassBestSmall), "min_hardware_version", 15)
	made := d.refreshed(d.applied(d.nothing(), config))
	upgraded := with(config, "class_name", classOfVersion)
	_, diags := d.plan(made, upgraded)
	oneError(t, diags, "class_name", "The change needs the machine powered off")
	if text := said(diags); !strings.Contains(text, "Changing class_name (") || strings.Contains(text, "min_hardware_version") {
		t.Errorf("it says %s", text)
	}
	upgraded["allow_power_cycle"] = true
	p := d.planned(made, upgraded)
	want := tftypes.NewValue(tftypes.Number, 21)
	if got := within(p.planned, "status.hardware_version"); !got.Equal(want) {
		t.Errorf("planned: %s", got)
	}
	if got := within(d.refreshed(d.applied(made, upgraded)).state, "status.hardware_version"); !got.Equal(want) {
		t.Errorf("applied: %s", got)
	}
}

// What a suspended machine that is to run lacks is counted as that of a running one, which it is
// when it is changed.
func TestAResumedMachineActsLaterOnWhatARunningOneDoes(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.refreshed(d.applied(d.nothing(), quick()))
	made = d.refreshed(d.applied(made, with(quick(), "power_state", "Suspended")))
	for place, value := range map[string]any{"extra_config": tree{"mine": "1"}, "change_block_tracking": true} {
		changed := with(quick(), "advanced", tree{place: value})
		_, diags := d.plan(made, changed)
		warned(t, diags, "advanced."+place, "at the next power-on")
		p := d.planned(made, with(changed, "allow_power_cycle", true))
		if open := unknownIn(within(p.planned, "status.network")); len(open) == 0 {
			t.Errorf("%s: the machine is powered off and on, and the plan keeps what its guest reports", place)
		}
	}
	changed := with(with(quick(), "advanced", tree{"extra_config": tree{"mine": "1"}}), "allow_power_cycle", true)
	sim.ResetRequests()
	made = d.applied(made, changed)
	if calls := sim.Requests("PowerOffVM_Task"); len(calls) != 1 {
		t.Errorf("the machine is powered off %d times", len(calls))
	}
	sim.Settle()
	if broken := emptyPlan(d, d.refreshed(made), changed); len(broken) > 0 {
		t.Errorf("the next plan is not empty: %v", broken)
	}
}

// A boot order may name a volume or an interface of which something is not known yet.
func TestABootOrderMayNameWhatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(quick(), "allow_power_cycle", true)
	made := d.refreshed(d.applied(d.nothing(), config))
	for _, test := range []struct {
		place   string
		value   any
		changed tree
	}{
		{"volume[0].capacity", "1Gi", tree{
			"volume":       []any{tree{"name": "data", "capacity": "1Gi"}},
			"boot_options": tree{"boot_order": []any{tree{"type": "Disk", "name": "data"}}},
		}},
		{"network.interface[1].network.name", simulator.NetworkBackend, tree{
			"network":      tree{"interface": []any{tree{"name": "eth0"}, tree{"name": "eth1", "network": tree{"name": simulator.NetworkBackend}}}},
			"boot_options": tree{"boot_order": []any{tree{"type": "Network", "name": "eth1"}}},
		}},
	} {
		maps.Copy(test.changed, config)
		d.foretold(t, made, test.changed, test.place, []any{test.value})
	}
}

// A state of an older provider, and an import that knows nothing of a machine, do not name every
// argument that has a default.
func TestAStateWithoutDefaultsPlansNothing(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.refreshed(d.applied(d.nothing(), quick()))
	older := made
	var err error
	older.state, err = tftypes.Transform(made.state, func(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if text := at.String(); text == `AttributeName("restart_mode")` || text == `AttributeName("min_hardware_version")` {
			return tftypes.NewValue(value.Type(), nil), nil
		}
		return value, nil
	})
	if err != nil || older.state.Equal(made.state) {
		t.Fatalf("%v, %s", err, older.state)
	}
	if broken := emptyPlan(d, d.refreshed(older), quick()); len(broken) > 0 {
		t.Errorf("a state of an older provider: %v", broken)
	}
	if err := sim.Reconfigure("small", govmomi.VirtualMachineConfigSpec{
		ExtraConfig: []govmomi.BaseOptionValue{&govmomi.OptionValue{Key: "vmoperator.record", Value: ""}},
	}); err != nil {
		t.Fatal(err)
	}
	read := d.imported(textAt(made.state, "id"))
	for _, place := range []string{"restart_mode", "power_off_mode", "min_hardware_version", "allow_power_cycle"} {
		if within(read.state, place).IsNull() {
			t.Errorf("an import without a record leaves out %s", place)
		}
	}
}
