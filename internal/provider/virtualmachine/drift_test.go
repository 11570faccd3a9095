package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// read reads a machine that can be read, and returns what is said with it.
func (d *direct) read(of machine) (machine, []*tfprotov6.Diagnostic) {
	d.Helper()
	read, diags, err := d.resource.Refresh(of.kept())
	if err != nil || failed(diags) {
		d.Fatal(err, said(diags))
	}
	return machineOf(read), diags
}

// What became of an image is told once, as soon as the state is kept that says it was told.
func TestARefreshTellsOnceWhatBecameOfTheImage(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), small())
	sim.Settle()
	made = d.refreshed(made)
	config := small()
	for _, step := range []struct{ version, says, mode string }{{"7", "version 7 now", "Soft"}, {"8", "version 8 now", "Hard"}} {
		if err := sim.TouchItem(simulator.ItemPhoton, step.version); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a plan keeps nothing
			_, diags := connected(t, sim).read(made)
			warned(t, diags, "image_name", step.says)
			if !strings.Contains(said(diags), "Photon OS 5.0") {
				t.Errorf("the image is not named: %s", said(diags))
			}
		}
		later := connected(t, sim)
		made, _ = later.read(made)
		made = later.refreshed(made)
		later.clean("plan", later.unchanged(made, config))
		config = with(config, "power_off_mode", step.mode) // an update keeps what was told
		made = connected(t, sim).refreshed(later.applied(made, config))
	}
}

// A machine whose image is gone is that of its image all the same, in whatever way that is written.
func TestTheImageOfAMachineIsNotLookedUpAgain(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), small())
	sim.Settle()
	id := image.NewID(simulator.ItemPhoton).String()
	pinned := tree{"kind": string(image.ClusterVirtualMachineImage), "name": id}
	deleteItem(t, sim, simulator.ItemPhoton)
	later := connected(t, sim)
	made, diags := later.read(made)
	warned(t, diags, "image_name", "The machine's image is gone")
	for name, config := range map[string]tree{
		"id":        with(small(), "image_name", id),
		"both":      with(small(), "image", pinned),
		"object":    with(with(small(), "image_name", nil), "image", pinned),
		"id, twice": with(with(small(), "image_name", id), "image", pinned),
	} {
		p, diags := later.plan(made, config)
		if len(diags) > 0 || len(p.replace) > 0 {
			t.Errorf("%s: replaced for %v, %s", name, p.replace, said(diags))
		}
	}
	for name, config := range map[string]tree{
		"another":      with(small(), "image_name", image.NewID("somebody").String()),
		"another name": with(small(), "image_name", "Photon"),
		"two":          with(small(), "image", tree{"kind": string(image.VirtualMachineImage), "name": id}),
	} {
		if _, diags := later.plan(made, config); !failed(diags) {
			t.Errorf("%s: it is taken for the machine's own: %s", name, said(diags))
		}
	}
}

// The VMI ID of an image that is yet to be made is not that of the machine's image.
func TestAnImageThatIsYetToBeMadeReplacesTheMachine(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(with(small(), "image_name", nil), "image", tree{"kind": string(image.ClusterVirtualMachineImage), "name": image.NewID(simulator.ItemPhoton).String()})
	made := d.refreshed(d.applied(d.nothing(), config))
	p, diags := d.plan(made, with(config, "image.name", unknown{}))
	if len(diags) > 0 || len(p.replace) != 1 || p.replace[0] != "image" {
		t.Errorf("replaced for %v, %s", p.replace, said(diags))
	}
}
