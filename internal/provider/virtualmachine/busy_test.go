package virtualmachine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A machine that somebody else works on, or that changed under a request, is waited for: no task of
// a create, an update or a delete fails because of that, and nobody is told.
func TestAMachineThatIsBusyIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	before := with(equipped("Photon OS 5.0"), "allow_power_cycle", true)
	after := refitted(before)
	var made machine
	for _, step := range []struct {
		name string
		run  func() string
	}{
		{"create", func() string {
			var all string
			made, all = w.carriedOut(w.steady.nothing(), before)
			return all
		}},
		{"update", func() string {
			var all string
			made, all = w.carriedOut(made, after)
			return all
		}},
		{"delete", func() string { return said(w.fresh(w.TB).destroy(made)) }},
	} {
		for i, fault := range []struct {
			name string
			task bool
		}{{"TaskInProgress", false}, {"ConcurrentAccess", true}} {
			// Of each operation the request that comes i-th is the one that fails; it goes again.
			for _, operation := range []string{"ReconfigVM_Task", "PowerOnVM_Task", "PowerOffVM_Task", "UpgradeVM_Task", "Destroy_Task"} {
				rule := simulator.Rule{Operation: operation, After: i, Fault: fault.name, Task: fault.task, Message: "injected"}
				if err := w.sim.Inject(rule); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.sim.ResetRequests()
		if text := step.run(); text != "" {
			t.Fatalf("%s: %s", step.name, text)
		}
		t.Logf("%s: %s", step.name, changesIn(w.sim.Calls()))
		w.sim.ClearRules()
		if step.name != "delete" {
			made = w.settled(made, map[string]tree{"create": before, "update": after}[step.name], textAt(made.state, "name"))
		}
	}
}

// carriedOut plans and applies a configuration, and is what was said to it.
func (w *workshop) carriedOut(prior machine, config tree) (machine, string) {
	w.Helper()
	made, diags := w.applying(prior, config).apply()
	return made, said(diags)
}

// changesIn are the operations of calls that change something, with their numbers.
func changesIn(calls map[string]int) string {
	var out []string
	for operation, n := range calls {
		if isChange(operation) {
			out = append(out, fmt.Sprintf("%s %d", operation, n))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
