package virtualmachine_test

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// cloud-init is told at once, and listens when the guest boots: a plan says so where nothing boots it.
func TestAPlanTellsWhenAGuestReadsWhatCloudInitIsTold(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := tree{
		"name": "web", "image_name": "Photon OS 5.0", "bootstrap": tree{"cloud_init": tree{}},
		"network": tree{"interface": []any{tree{"name": "eth0", "addresses": []any{"10.0.1.100/24"}}}},
	}
	p, diags := d.plan(d.nothing(), config)
	d.clean("plan of a new machine", diags)
	made, diags := p.apply()
	d.clean("apply", diags)
	sim.Settle()
	made = d.refreshed(made)
	changed := with(config, "network.interface[0].addresses", []any{"10.0.1.101/24"})
	for name, other := range map[string]tree{
		"restarted":         with(changed, "next_restart_time", "2026-01-01T00:00:00Z"),
		"powered off":       with(changed, "power_state", "PoweredOff"),
		"powered off, on":   with(with(changed, "allow_power_cycle", true), "advanced", tree{"extra_config": tree{"svga.present": "TRUE"}}),
		"another attribute": with(config, "power_off_mode", "Hard"),
	} {
		_, diags = d.plan(made, other)
		if says(diags, reads) {
			t.Errorf("%s: it says %s", name, said(diags))
		}
	}
	p, diags = d.plan(made, changed)
	warned(t, diags, "bootstrap.cloud_init", "at its next boot")
	made, diags = p.apply()
	d.clean("apply", diags)
	sim.Settle()
	d.clean("the next plan", d.unchanged(d.refreshed(made), changed))
}

// What validation does not know of a machine without a bootstrap block, whose image makes it one of
// LinuxPrep, the plan says.
func TestAPlanTellsWhatLinuxPrepLosesThatIsNotWritten(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(with(losing(), "bootstrap", nil), "network.nameservers", nil)
	d.clean("validate", d.validate(config))
	p, diags := d.plan(d.nothing(), config)
	warning(t, diags, "Only the first IPv4 address reaches the guest")
	warning(t, diags, "LinuxPrep loses this gateway")
	made, diags := p.apply()
	d.clean("apply", diags)
	sim.Settle()
	d.clean("the next plan", d.unchanged(d.refreshed(made), config))
}
