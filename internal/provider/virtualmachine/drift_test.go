package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestAPlanTellsWhatBecameOfTheImage(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), small())
	sim.Settle()
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, small()))
	if err := sim.TouchItem(simulator.ItemPhoton, "7"); err != nil {
		t.Fatal(err)
	}
	later := connected(t, sim)
	diags := later.unchanged(later.refreshed(made), small())
	warned(t, diags, "image_name", "version 7 now")
	if !strings.Contains(said(diags), "Photon OS 5.0") {
		t.Errorf("the image is not named: %s", said(diags))
	}
}
