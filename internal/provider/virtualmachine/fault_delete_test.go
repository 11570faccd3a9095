package virtualmachine_test

import (
	"path"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// Whatever call of a delete fails, and in whatever way, the next delete succeeds, and what there is
// then is what an uninterrupted one leaves: the file of the volume that is to be retained, and
// neither the machine, nor another file, nor an address that anybody holds.
func TestADeleteThatFailsAnywhereIsMadeGood(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	config := with(equipped("Photon OS 5.0"), "network", tree{"interface": []any{
		tree{"name": "eth0", "network": tree{"name": simulator.NetworkPooled}},
	}})
	config = with(config, "boot_options", nil)
	begin := func(w *workshop) machine {
		w.Helper()
		made, diags := w.applying(w.steady.nothing(), config).apply()
		if len(diags) > 0 {
			w.Fatal(said(diags))
		}
		w.sim.Settle()
		holders(t, w.sim, simulator.NetworkPooled, first4, first6)
		return w.steady.refreshed(made)
	}
	left := begin(w)
	w.sim.ResetRequests()
	w.again(left)
	points := w.points()
	w.deleted()
	w.sweep()
	count := w.each(points, func(w *workshop, rule simulator.Rule) {
		left := begin(w)
		defer w.sweep()
		d := w.fresh(w.TB)
		if err := w.sim.Inject(rule); err != nil {
			w.Fatal(err)
		}
		diags := d.destroy(left)
		w.sim.ClearRules()
		w.Logf("it says: %s", said(diags))
		if failed(diags) {
			w.again(left)
		}
		w.deleted()
	})
	t.Logf("%d requests, %d faults", len(points), count)
}

// again deletes a machine that may be gone.
func (w *workshop) again(left machine) {
	w.Helper()
	if diags := w.fresh(w.TB).destroy(left); len(diags) > 0 {
		w.Fatal(said(diags))
	}
}

// deleted checks what a deleted machine leaves.
func (w *workshop) deleted() {
	w.Helper()
	w.sim.Settle()
	if got := w.sim.Machines(); len(got) != 1 || got[0] != simulator.TemplateMachine {
		w.Errorf("there are still %v", got)
	}
	if kept := w.disks(); len(kept) != 1 || !strings.HasPrefix(path.Base(kept[0]), "faulty") {
		w.Errorf("of the volumes one is to be retained, and %v are left", kept)
	}
	if list, err := w.sim.IPAllocations(simulator.NetworkPooled); err != nil || len(list) > 0 {
		w.Errorf("of the pool is allocated: %v, %v", list, err)
	}
}
