package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A guest that reports a failure is an error in an update, too. It did not take what it was
// sent, so that the next apply sends it once more.
func TestACustomizationThatFailsInAnUpdateIsMadeOnceMore(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(with(prepared(), "allow_power_cycle", true), "power_off_mode", "Hard")
	made := d.applied(d.nothing(), config)
	sim.Settle()
	made = d.refreshed(made)
	sim.FailNextCustomization("the domain does not answer")
	changed := with(config, "network.nameservers", []any{"10.0.0.54"})
	made, diags := d.planned(made, changed).apply()
	mentions(t, diags, tfprotov6.DiagnosticSeverityError, "the domain does not answer", "next apply continues from there")
	sim.Settle()
	made = d.refreshed(made)
	if got := condition(made.state, "GuestCustomization"); !strings.Contains(got, "the domain does not answer") {
		t.Errorf("the condition is %s", got)
	}
	sim.ResetRequests()
	made = d.applied(made, changed)
	if got := changing(sim); got != "PowerOffVM_Task ReconfigVM_Task CustomizeVM_Task PowerOnVM_Task ReconfigVM_Task" {
		t.Errorf("the machine was changed by %s", got)
	}
	sim.Settle()
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, changed))
	if told, err := sim.Customization("prep"); err != nil || told.Count != 2 || told.Pending != nil {
		t.Errorf("the guest was customized %d times, %v", told.Count, err)
	}
}

// A customization that vCenter refused has not happened, whatever the machine's record was about
// to say, and a machine that was powered off for it is powered on again.
func TestACustomizationThatIsRefusedIsNotForgotten(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(with(prepared(), "allow_power_cycle", true), "power_off_mode", "Hard")
	made := d.applied(d.nothing(), config)
	sim.Settle()
	made = d.refreshed(made)
	changed := with(config, "network.nameservers", []any{"10.0.0.54"})
	if err := sim.FailTask(opCustomize, "SystemError"); err != nil {
		t.Fatal(err)
	}
	_, diags := d.planned(made, changed).apply()
	mentions(t, diags, tfprotov6.DiagnosticSeverityError, "powered on again", "next apply continues from there")
	sim.ClearRules()
	sim.Settle()
	imported := d.imported(textAt(made.state, "id"))
	if got := textAt(imported.state, "power_state"); got != "PoweredOn" {
		t.Errorf("the machine is %s", got)
	}
	sim.ResetRequests()
	imported = d.applied(imported, changed)
	if got := len(sim.Requests(opCustomize)); got != 1 {
		t.Errorf("after an import the guest was customized %d times", got)
	}
	sim.Settle()
	d.clean("plan", d.unchanged(d.refreshed(imported), changed))
}

// What a plan does not know yet may turn out to be a customization, with or without a power cycle.
func TestAnUnknownValueMayBecomeACustomization(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	for _, cycle := range []bool{false, true} {
		config := with(with(prepared(), "allow_power_cycle", cycle), "bootstrap.customize_trigger", "1")
		made := d.applied(d.nothing(), config)
		sim.Settle()
		made = d.refreshed(made)
		for place, value := range map[string]any{"network.nameservers": []any{"10.0.0.54"}, "bootstrap.customize_trigger": "2", "bootstrap.linux_prep.time_zone": "Europe/Paris"} {
			first := d.planned(made, with(config, place, unknown{}))
			for _, same := range []bool{false, true} {
				outcome := config
				if !same {
					outcome = with(config, place, value)
				}
				final, diags := d.plan(made, outcome)
				if failed(diags) {
					t.Fatal(said(diags))
				}
				if broken := contradictions(first.planned, final.planned); len(broken) > 0 {
					t.Errorf("%s, power cycle %v: the final plan contradicts the first:\n%s", place, cycle, strings.Join(broken, "\n"))
				}
			}
		}
		d.clean("destroy", d.destroy(made))
	}
}

// What the guest's system does not take is found in plan for a machine that exists as well.
func TestAMachineThatExistsIsJudgedByItsGuest(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(prepared(), "network.nameservers", nil)
	made := d.applied(d.nothing(), with(config, "bootstrap", tree{}))
	sim.Settle()
	made = d.refreshed(made)
	_, diags := d.plan(made, with(config, "bootstrap", tree{"sysprep": tree{"sysprep": tree{}}}))
	if !failed(diags) || !strings.Contains(said(diags), "Sysprep configures Windows only") {
		t.Errorf("the plan says %s", said(diags))
	}
}
