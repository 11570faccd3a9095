package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// losing is a machine whose guest does not get all of its network by LinuxPrep.
func losing() tree {
	return with(prepared(), "network.interface", []any{
		tree{"name": "eth0", "addresses": []any{"10.0.0.10/24", "10.0.0.11/24"}, "gateway4": "10.0.0.1"},
		tree{"name": "eth1", "addresses": []any{"10.0.1.10/24"}, "gateway4": "10.0.1.1"},
	})
}

// A CLI shows what validation says beside what the plan says.
func TestAPlanDoesNotRepeatTheWarningsOfValidation(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim)
	told := said(d.validate(losing()))
	for _, summary := range []string{"Only the first IPv4 address reaches the guest", "LinuxPrep loses this gateway"} {
		if !strings.Contains(told, summary) {
			t.Errorf("validation does not say %q: %s", summary, told)
		}
	}
	p, diags := d.plan(d.nothing(), losing())
	d.clean("plan of a new machine", diags)
	made, diags := p.apply()
	d.clean("apply", diags)
	sim.Settle()
	made = d.refreshed(made)
	d.clean("plan of nothing", d.unchanged(made, losing()))
	_, diags = d.plan(made, with(losing(), "power_off_mode", "Hard"))
	d.clean("plan of a change", diags)
}
