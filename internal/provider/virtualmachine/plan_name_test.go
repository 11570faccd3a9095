package virtualmachine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// off is a small machine that does not run, so that nothing else is said about its guest.
func off() tree { return with(small(), "power_state", "PoweredOff") }

// nameTaken wants one warning that the name is taken, and what it says.
func nameTaken(t *testing.T, diags []*tfprotov6.Diagnostic, says ...string) {
	t.Helper()
	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityWarning || dotted(diags[0].Attribute) != "name" || diags[0].Summary != "The name is taken" {
		t.Errorf("it says %q, want one warning at name", said(diags))
		return
	}
	for _, text := range says {
		if !strings.Contains(diags[0].Detail, text) {
			t.Errorf("it says %q, and not %q", diags[0].Detail, text)
		}
	}
}

// freeOrTaken leaves out that the name is taken, where it may be by what a creation has left.
func freeOrTaken(diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	return slices.DeleteFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Summary == "The name is taken" })
}

// A name that somebody else's machine has is told in plan, with the machine and how to import it.
func TestAPlanWarnsOfANameThatAnotherMachineHas(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	foreign(t, sim)
	says := []string{`Virtual machine "/DC0/vm/team-a/foreign" (vm-`, "instance UUID " + foreignID, "terraform import ADDRESS " + foreignID}
	sim.ResetRequests()
	_, diags := d.plan(d.nothing(), with(off(), "name", "foreign"))
	nameTaken(t, diags, says...)
	if n := len(sim.Requests("FindChild")); n != 1 {
		t.Errorf("%d requests looked for it", n)
	}
	made := d.refreshed(d.applied(d.nothing(), off()))
	p, diags := d.plan(made, with(off(), "name", "foreign"))
	nameTaken(t, diags, says...)
	_, diags = p.apply()
	oneError(t, diags, "name", "Unable to update the virtual machine")
	if got := said(diags); !strings.Contains(got, `virtual machine "/DC0/vm/team-a/foreign" (vm-`) || strings.Contains(got, `VirtualMachine "vm-`) {
		t.Errorf("the error names the other machine by its id: %s", got)
	}
	// Nobody is asked about a name that stays, or another one that is free.
	sim.ResetRequests()
	d.planned(made, with(off(), "power_off_mode", "Hard"))
	if n := len(sim.Requests("FindChild")); n != 0 {
		t.Errorf("%d requests look for a name that stays", n)
	}
	d.planned(made, with(off(), "name", "big"))
}

// Machines of one configuration may change places, but not names in one apply.
func TestAPlanWarnsOfANameThatAManagedMachineHas(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	big := with(off(), "name", "big")
	first, second := d.applied(d.nothing(), off()), d.applied(d.nothing(), big)
	first, second = d.refreshed(first), d.refreshed(second)
	says := []string{"Terraform manages it", "a third name"}
	_, diags := d.plan(first, big)
	nameTaken(t, diags, append(says, textAt(second.state, "id"))...)
	_, diags = d.plan(second, off())
	nameTaken(t, diags, says...)
	_, diags = d.plan(d.nothing(), big)
	nameTaken(t, diags, says...)
	// A replacement is planned for its own name, with the private state of what it replaces.
	anew := d.nothing()
	anew.private = first.private
	d.planned(anew, off())
}

// What an interrupted creation left makes room for the next one.
func TestAPlanDoesNotWarnOfAnUnfinishedMachine(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	p := d.planned(d.nothing(), off())
	if err := sim.Inject(simulator.Rule{Operation: "ReconfigVM_Task", Fault: "RuntimeFault", Message: "injected"}); err != nil {
		t.Fatal(err)
	}
	if _, diags := p.apply(); !failed(diags) {
		t.Fatal("the creation is complete")
	}
	connected(t, sim).planned(d.nothing(), off())
}
