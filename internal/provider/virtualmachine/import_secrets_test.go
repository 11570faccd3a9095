package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// What a machine does not remember of its configuration is sensitive: the first plan after an
// import shows it as added, and that is all that comes of it. The guest has it already.
func TestSecretsThatAnImportDoesNotFindDoNotCustomizeAGuestAgain(t *testing.T) {
	t.Parallel()
	const (
		linux   = "bootstrap.linux_prep."
		windows = "bootstrap.sysprep.sysprep."
	)
	for name, test := range map[string]struct {
		config tree
		added  []string
	}{
		"linux_prep": {
			with(prepared(), linux+"script_text", tree{"value": "#!/bin/sh\n# hunter2\n"}),
			[]string{linux + "script_text.value"},
		},
		"sysprep": {
			with(answered(), windows+"gui_unattended.password", tree{"value": "hunter2"}),
			[]string{windows + "gui_unattended.password.value"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			sim := simulator.Start(t)
			d := connected(t, sim)
			made := d.applied(d.nothing(), test.config)
			sim.Settle()
			imported := d.imported(textAt(made.state, "id"))
			if strings.Contains(imported.state.String()+string(imported.private), canary) {
				t.Error("the import found a secret")
			}
			p := d.planned(imported, test.config)
			if diff := cmp.Diff(test.added, moved(imported.state, p.planned)); diff != "" {
				t.Errorf("the plan after the import changes (-want +got):\n%s", diff)
			}
			sim.ResetRequests()
			after := d.applied(imported, test.config)
			for _, request := range strings.Fields(changing(sim)) {
				if request != opReconfigure {
					t.Errorf("the import ends in %s", request)
				}
			}
			sim.Settle()
			d.clean("plan", d.unchanged(d.refreshed(after), test.config))
		})
	}
}

// What a property is given inline is no secret: an import finds it.
func TestAnImportFindsTheValuesOfProperties(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), appliance())
	imported := d.imported(textAt(made.state, "id"))
	const place = "bootstrap.vapp_config.property[0].value"
	if got, want := textAt(imported.state, place), textAt(made.state, place); got != want || got == "" {
		t.Errorf("the value of the property is %q, want %q", got, want)
	}
}
