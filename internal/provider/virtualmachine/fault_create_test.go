package virtualmachine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// equipped is a machine with something of everything that a create makes, and with fixed
// identities, so that two of them are alike.
func equipped(image string) tree {
	out := tree{
		"name": "faulty", "image_name": image, "class_name": simulator.ClassBestSmall, "power_off_mode": "Hard",
		"instance_uuid": "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4b", "bios_uuid": "4219c3a0-7f3e-4a53-8c4f-2f8d1c9b7a12",
		"resources": tree{"requests": tree{"memory": "1Gi"}, "limits": tree{"cpu": "4000"}},
		"network": tree{"interface": []any{
			tree{"name": "eth0", "mac_addr": "00:50:56:01:02:03"},
			tree{"name": "eth1", "mac_addr": "00:50:56:01:02:04", "network": tree{"name": simulator.NetworkBackend}, "addresses": []any{"10.0.1.100/24"}},
		}},
		"bootstrap": tree{"cloud_init": tree{"cloud_config": tree{"timezone": "Etc/UTC"}}},
		"advanced":  tree{"boot_disk_capacity": "40Gi", "change_block_tracking": true, "extra_config": tree{"numa.nodeAffinity": "0"}},
		"boot_options": tree{"boot_delay": "1s", "boot_order": []any{
			tree{"type": "Disk", "name": "logs"}, tree{"type": "Network", "name": "eth1"}, tree{"type": "CDRom"},
		}},
		"hardware": tree{"cdrom": []any{
			tree{"name": "cd1", "image": tree{"kind": "ClusterVirtualMachineImage", "name": debianInstaller}},
		}},
		"volume": []any{
			tree{"name": "data", "capacity": "10Gi", "reclaim_policy": "Retain"},
			tree{"name": "logs", "capacity": "2Gi"},
		},
	}
	if image == "Debian 12 Installer" {
		out["guest_id"] = "debian12_64Guest"
		out = with(out, "advanced.boot_disk_capacity", nil)
	}
	return out
}

// debianInstaller is the VMI ID of simulator.ItemInstaller.
const debianInstaller = "vmi-d3e131f98e98b770d"

// halves are the requests before the first change, and those from it on.
func halves(points []point) (early, late []point) {
	first := slices.IndexFunc(points, func(at point) bool { return isChange(at.operation) })
	return points[:first], points[first:]
}

// refuse makes a request fail before anything was changed: then nothing is. What happens to
// come about all the same, because nobody minds the answer, goes again.
func (w *workshop) refuse(p plan, rule simulator.Rule, config tree) {
	w.Helper()
	w.sim.ResetRequests()
	if err := w.sim.Inject(rule); err != nil {
		w.Fatal(err)
	}
	made, diags := p.apply()
	w.sim.ClearRules()
	if !failed(diags) {
		w.gone(w.settled(made, config, textAt(made.state, "name")))
		w.sweep()
		return
	}
	for _, request := range w.sim.Requests() {
		if isChange(request.Operation) {
			w.Errorf("%s, and there was a %s", said(diags), request.Operation)
		}
	}
}

// isChange tells that an operation changes something in vCenter.
func isChange(operation string) bool {
	return strings.HasSuffix(operation, "_Task") || strings.Contains(operation, "action=deploy")
}

// Whatever call of a create fails, and in whatever way, the next apply succeeds, and what there is
// then is one machine like any other, with its own disks and no more: with the state that the failed
// create left, where Terraform replaces the machine, and with none, as after a process that was
// killed.
func TestACreateOfEverySourceThatFailsAnywhereIsMadeGood(t *testing.T) {
	t.Parallel()
	for _, source := range []struct{ name, image string }{
		{"OVF", "Photon OS 5.0"}, {"template", simulator.TemplateMachine}, {"ISO", "Debian 12 Installer"},
	} {
		t.Run(source.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkshop(t)
			config := equipped(source.image)
			p := w.applying(w.steady.nothing(), config)
			w.sim.ResetRequests()
			made, diags := p.apply()
			if len(diags) > 0 {
				t.Fatal(said(diags))
			}
			points := w.points()
			made = w.settled(made, config, "faulty")
			like := uninterrupted{likenessOf(w.observed(textAt(made.state, "id"))), made.state, w.disks()}
			w.gone(made)
			if kept := w.disks(); len(kept) != 1 {
				t.Errorf("of the volumes one is to be retained, and %v are left", kept)
			}
			w.sweep()
			t.Logf("%d requests, with the disks %v", len(points), like.disks)
			early, late := halves(points)
			if source.name != "OVF" {
				// Of what is the same for all of them, only what changes something.
				early, late = nil, slices.DeleteFunc(late, func(at point) bool { return !isChange(at.operation) })
			}
			w.each(early, func(w *workshop, rule simulator.Rule) {
				p := w.applying(w.steady.nothing(), config)
				w.refuse(p, rule, config)
			})
			for _, killed := range []bool{false, true} {
				points := slices.Clone(late)
				if killed { // which is of interest where something was done before
					points = slices.DeleteFunc(points, func(at point) bool { return !isChange(at.operation) })
				}
				apart(t, fmt.Sprintf("killed=%t", killed), points, func(w *workshop, points []point) {
					count := w.each(points, func(w *workshop, rule simulator.Rule) { w.interruptCreate(config, rule, killed, &like) })
					w.Logf("%d faults", count)
				})
			}
		})
	}
}

// uninterrupted is a machine that nothing happened to.
type uninterrupted struct {
	likeness likeness
	state    tftypes.Value
	disks    []string
}

// interruptCreate makes one request of a create fail, and applies again: with the state that is
// left, or without one, as if the process had been killed.
func (w *workshop) interruptCreate(config tree, rule simulator.Rule, killed bool, like *uninterrupted) {
	w.Helper()
	defer w.sweep()
	nothing := w.steady.nothing()
	p := w.applying(nothing, config)
	if err := w.sim.Inject(rule); err != nil {
		w.Fatal(err)
	}
	made, diags := p.apply()
	w.sim.ClearRules()
	disks := len(like.disks)
	switch {
	case failed(diags) || killed:
		w.Logf("it says: %s", said(diags))
		// What a guest may have written to is retained, as is asked for.
		report, err := w.sim.GuestReport("faulty")
		ran := err == nil && report.PowerState == "poweredOn"
		if !killed && !made.state.IsNull() {
			if !strings.Contains(said(diags), "kept in state as tainted") {
				w.Errorf("it does not say what becomes of the machine: %s", said(diags))
			}
			w.gone(made) // Terraform replaces what is tainted
		}
		left := w.sim.Machines()
		again, more := w.applying(nothing, config).apply()
		switch {
		case !failed(more):
			made = again
			if ran {
				disks++
			}
		case !killed || !slices.Contains(left, "faulty") || !strings.Contains(said(more), "Import it"):
			w.Fatal(said(more))
		}
		// Without its mark, a machine that no state knows is somebody's, and it is finished.
	case len(diags) > 0:
		// It runs, and lacks something.
		w.Logf("it says: %s", said(diags))
		if made, diags = w.applying(w.steady.refreshed(made), config).apply(); len(diags) > 0 {
			w.Fatal(said(diags))
		}
	}
	made = w.settled(made, config, "faulty")
	w.alike(like.likeness, made)
	w.sameState(like.state, made.state)
	if got := w.disks(); len(got) != disks {
		w.Errorf("the disks are %v instead of %v", got, like.disks)
	}
	w.gone(made)
}
