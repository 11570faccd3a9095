package virtualmachine_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/protocol"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// refitted is equipped after a change of everything that an update changes.
func refitted(before tree) tree {
	out := with(before, "name", "faulty-2")
	out = with(out, "class_name", simulator.ClassBestMedium)
	out = with(out, "resources", tree{"size": tree{"cpu": "4"}, "limits": tree{"cpu": "6000"}})
	out = with(out, "min_hardware_version", 21)
	out = with(out, "network", tree{"interface": []any{
		tree{"name": "eth0", "mac_addr": "00:50:56:01:02:03", "network": tree{"name": simulator.NetworkFrontend}},
		tree{"name": "eth2", "mac_addr": "00:50:56:01:02:05", "network": tree{"name": simulator.NetworkBackend}, "addresses": []any{"10.0.1.101/24"}},
	}})
	out = with(out, "advanced", tree{"boot_disk_capacity": "60Gi", "change_block_tracking": false, "extra_config": tree{"numa.vcpu.maxPerVirtualNode": "2"}})
	out = with(out, "boot_options", tree{"boot_delay": "2s", "boot_order": []any{tree{"type": "Disk", "name": "more"}, tree{"type": "Network", "name": "eth2"}}})
	out = with(out, "hardware", tree{"cdrom": []any{
		tree{"name": "cd1", "image": tree{"kind": "ClusterVirtualMachineImage", "name": ubuntuInstaller}},
		tree{"name": "cd2"},
	}})
	return with(out, "volume", []any{
		tree{"name": "data", "capacity": "20Gi", "reclaim_policy": "Retain"},
		tree{"name": "more", "capacity": "3Gi"},
	})
}

// ubuntuInstaller is the VMI ID of simulator.ItemISO.
const ubuntuInstaller = "vmi-c0073e97e18fa6dac"

// Whatever call of an update fails, and in whatever way, the next apply succeeds, and what there is
// then is the machine as it would have become without the fault: running, with its own disks and
// cards and no more.
func TestAnUpdateThatFailsAnywhereIsMadeGood(t *testing.T) {
	t.Parallel()
	for _, boot := range []struct {
		name          string
		before, after tree
	}{
		{"cloud-init", tree{"cloud_init": tree{"cloud_config": tree{"timezone": "Etc/UTC"}}}, tree{"cloud_init": tree{"cloud_config": tree{"timezone": "Europe/Sofia"}}}},
		{"LinuxPrep", tree{"linux_prep": tree{"time_zone": "Etc/UTC"}}, tree{"linux_prep": tree{"time_zone": "Europe/Sofia"}}},
	} {
		t.Run(boot.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkshop(t)
			before := with(with(equipped("Photon OS 5.0"), "allow_power_cycle", true), "bootstrap", boot.before)
			after := with(refitted(before), "bootstrap", boot.after)
			begin := func(w *workshop) machine {
				w.Helper()
				made, diags := w.applying(w.steady.nothing(), before).apply()
				if len(diags) > 0 {
					w.Fatal(said(diags))
				}
				w.sim.Settle()
				return w.steady.refreshed(made)
			}
			p := w.applying(begin(w), after)
			w.sim.ResetRequests()
			made, diags := p.apply()
			if len(diags) > 0 {
				t.Fatal(said(diags))
			}
			points := w.points()
			made = w.settled(made, after, "faulty-2")
			like := uninterrupted{likenessOf(w.observed(textAt(made.state, "id"))), made.state, w.disks()}
			w.gone(made)
			w.sweep()
			t.Logf("%d requests, with the disks %v", len(points), like.disks)
			early, late := halves(points)
			if boot.name != "cloud-init" {
				// Of what is the same for both, only what changes something.
				early, late = nil, slices.DeleteFunc(late, func(at point) bool { return !isChange(at.operation) })
			}
			left := begin(w)
			w.each(early, func(w *workshop, rule simulator.Rule) {
				if w.steady.refreshed(left).state.IsNull() {
					left = begin(w)
				}
				w.refuse(w.applying(left, after), rule, after)
			})
			w.gone(left)
			w.sweep()
			apart(t, "changing", late, func(w *workshop, points []point) {
				count := w.each(points, func(w *workshop, rule simulator.Rule) {
					left := begin(w)
					defer w.sweep()
					defer w.gone(left)
					w.interruptUpdate(left, after, rule, &like)
				})
				w.Logf("%d faults", count)
			})
		})
	}
}

// interruptUpdate makes one request of an update fail, and applies again.
func (w *workshop) interruptUpdate(left machine, config tree, rule simulator.Rule, like *uninterrupted) {
	w.Helper()
	p := w.applying(left, config)
	if err := w.sim.Inject(rule); err != nil {
		w.Fatal(err)
	}
	changed, diags := p.apply()
	w.sim.ClearRules()
	for try := 0; len(diags) > 0; try++ {
		w.Logf("it says: %s", said(diags))
		if try > 1 {
			w.Fatal("and does not get better")
		}
		changed, diags = w.applying(w.steady.refreshed(changed), config).apply()
	}
	changed = w.settled(changed, config, textAt(changed.state, "name"))
	w.alike(like.likeness, changed)
	w.sameState(like.state, changed.state)
	if got := w.disks(); len(got) != len(like.disks) {
		w.Errorf("the disks are %v instead of %v", got, like.disks)
	}
}

// Two applies at once on one machine, which a backend without locks does not prevent, wait for each
// other's tasks. Whichever of them fails, the next one makes the machine what it is to be.
func TestTwoUpdatesAtOnceEndInOneMachine(t *testing.T) {
	w := newWorkshop(t)
	before := with(equipped("Photon OS 5.0"), "allow_power_cycle", true)
	after := refitted(before)
	made, diags := w.applying(w.steady.nothing(), before).apply()
	if len(diags) > 0 {
		t.Fatal(said(diags))
	}
	w.sim.Settle()
	made = w.steady.refreshed(made)
	plans := []plan{w.applying(made, after), w.applying(made, after)}
	var both sync.WaitGroup
	said := make([]string, len(plans))
	for i := range plans {
		both.Go(func() {
			_, diags := plans[i].apply()
			said[i] = protocol.Said(diags)
		})
	}
	both.Wait()
	t.Logf("they say: %q", said)
	if made, diags = w.applying(w.steady.refreshed(made), after).apply(); len(diags) > 0 {
		t.Fatal(protocol.Said(diags))
	}
	made = w.settled(made, after, "faulty-2")
	o := w.observed(textAt(made.state, "id"))
	if got := likenessOf(o); len(got.Cards) != 2 || len(got.Disks) != 3 || len(got.Drives) != 2 || got.Power != "poweredOn" {
		t.Errorf("the machine is %+v", got)
	}
	if got := w.disks(); len(got) != 3 {
		t.Errorf("the disks are %v", got)
	}
	w.gone(made)
}
