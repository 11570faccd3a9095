package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// handMade adds a drive to a machine that is off, as somebody else would.
func handMade(t *testing.T, sim *simulator.Simulator, controller, unit int32) {
	t.Helper()
	if err := sim.Reconfigure("small", altering(govmomi.VirtualDeviceConfigSpecOperationAdd, &govmomi.VirtualCdrom{VirtualDevice: govmomi.VirtualDevice{
		Key: -1, ControllerKey: controller, UnitNumber: &unit, Backing: &govmomi.VirtualCdromRemotePassthroughBackingInfo{},
		Connectable: &govmomi.VirtualDeviceConnectInfo{AllowGuestControl: true},
	}})); err != nil {
		t.Fatal(err)
	}
}

func drivesOf(devices object.VirtualDeviceList) int {
	return len(devices.SelectByType((*govmomi.VirtualCdrom)(nil)))
}

// Drives that no cdrom block ever had are named before the first hardware block removes them.
func TestAHardwareBlockSaysWhichDrivesItRemoves(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(small(), "power_state", "PoweredOff")
	made := d.refreshed(d.applied(d.nothing(), config))
	admin, id := administrator(t, sim), textAt(made.state, "id")
	before := drivesOf(devicesOf(t, admin, id))
	handMade(t, sim, 201, 0)
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, config))

	for name, block := range map[string]tree{"empty": {}, "with a drive": {"cdrom": []any{tree{"name": "cd1"}}}} {
		_, diags := d.plan(made, with(config, "hardware", block))
		if len(diags) != before+1 || failed(diags) {
			t.Fatalf("%s: want %d warnings, got %s", name, before+1, said(diags))
		}
		for _, one := range diags {
			if dotted(one.Attribute) != "hardware" || !strings.Contains(one.Summary, "not written will be removed") {
				t.Errorf("%s: it says %s", name, said(diags))
			}
		}
	}
}

// When the block goes, the drives go that it had, and no other.
func TestAHardwareBlockThatGoesTakesItsDrives(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(small(), "power_state", "PoweredOff")
	block := with(config, "hardware", tree{"cdrom": []any{tree{"name": "cd1", "controller_type": "SATA"}}})
	made := d.refreshed(d.applied(d.nothing(), block))
	admin, id := administrator(t, sim), textAt(made.state, "id")
	handMade(t, sim, 201, 0)
	if got := drivesOf(devicesOf(t, admin, id)); got != 2 {
		t.Fatalf("%d drives", got)
	}
	p, diags := d.plan(d.refreshed(made), config)
	d.clean("plan", diags)
	made, diags = p.apply()
	d.clean("apply", diags)
	left := devicesOf(t, admin, id).SelectByType((*govmomi.VirtualCdrom)(nil))
	if len(left) != 1 || left[0].GetVirtualDevice().ControllerKey != 201 {
		t.Errorf("left: %v", left)
	}
	if broken := emptyPlan(d, d.refreshed(made), config); len(broken) > 0 {
		t.Errorf("the next plan is not empty: %v", broken)
	}
}
