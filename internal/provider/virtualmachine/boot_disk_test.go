package virtualmachine_test

import (
	"strings"
	"testing"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A disk that somebody added is never taken for the one that the machine was made with.
func TestABootDiskIsNotMistakenForAnother(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(with(small(), "power_state", "PoweredOff"), "advanced", tree{"boot_disk_capacity": "27Gi"})
	made := d.refreshed(d.applied(d.nothing(), config))
	admin := administrator(t, sim)
	boot, unit := diskOf(devicesOf(t, admin, textAt(made.state, "id")), 27), int32(5)
	added := altering(govmomi.VirtualDeviceConfigSpecOperationAdd, &govmomi.VirtualDisk{
		VirtualDevice: govmomi.VirtualDevice{Key: -1, ControllerKey: boot.ControllerKey, UnitNumber: &unit, Backing: &govmomi.VirtualDiskFlatVer2BackingInfo{DiskMode: "persistent"}},
		CapacityInKB:  4 << 20, CapacityInBytes: 4 << 30,
	})
	added.DeviceChange[0].GetVirtualDeviceConfigSpec().FileOperation = govmomi.VirtualDeviceConfigSpecFileOperationCreate
	if err := sim.Reconfigure("small", added); err != nil {
		t.Fatal(err)
	}
	if err := sim.Reconfigure("small", altering(govmomi.VirtualDeviceConfigSpecOperationRemove, boot)); err != nil {
		t.Fatal(err)
	}
	made = d.refreshed(made)
	_, diags := d.plan(made, with(config, "power_off_mode", "Hard"))
	oneError(t, diags, "advanced.boot_disk_capacity", "cannot have this")
	if !strings.Contains(said(diags), "no disk that came with an image, or it has it no more") {
		t.Errorf("it says %s", said(diags))
	}
	// It goes on as the error says: with the disk as a volume.
	volume := tree{"name": "system", "capacity": "6Gi", "controller_type": "SCSI", "controller_bus_number": 0, "unit_number": 5}
	adopted := with(with(config, "advanced", nil), "volume", []any{volume})
	p, diags := d.plan(made, adopted)
	warned(t, diags, "volume[0]", "takes over a disk")
	made, diags = p.apply()
	d.clean("apply", diags)
	if broken := emptyPlan(d, d.refreshed(made), adopted); len(broken) > 0 {
		t.Errorf("the next plan is not empty: %v", broken)
	}
	if disk := diskOf(devicesOf(t, admin, textAt(made.state, "id")), 6); disk == nil {
		t.Error("the volume's disk did not grow")
	}
}
