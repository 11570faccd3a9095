package virtualmachine

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// adoptDisks gives volumes the disks that are where they are to be: those of a machine that was
// made by other means. A volume says so by its whole address, and has no disk yet; the disk is
// nobody's, and not the one that the machine boots from, which boot_disk_capacity is for. Whether
// it can be what the volume asks for is found out as for any other. It returns what each volume
// took.
func (r *record) adoptDisks(spec *hardwareSpec, observed *machine.Observation) map[string]machine.Disk {
	volumes, _ := spec.Volumes.Get()
	adopted := map[string]machine.Disk{}
	for i := range volumes {
		at, name := volumes[i].At, volumes[i].Name.Or("")
		_, has := r.Volumes[name]
		if name == "" || has || !at.ControllerType.IsSet() || !at.BusNumber.IsSet() || !at.UnitNumber.IsSet() {
			continue
		}
		free := r.recorded(observed).Spare(observed)
		for n := range free {
			if seenAt(free[n].Place) == at {
				r.Volumes = maps.Clone(r.Volumes) // the one that was read stays as it was
				if r.Volumes == nil {
					r.Volumes = map[string]machine.DiskRecord{}
				}
				r.Volumes[name] = machine.DiskRecord{Key: free[n].Key, UUID: free[n].UUID}
				adopted[name] = free[n]
			}
		}
	}
	return adopted
}

// howToAdopt says how a disk becomes a volume's again.
const howToAdopt = "Apply the volume with controller_type, controller_bus_number and unit_number of its disk, which takes that one over."

// lostVolumes refuses to give volumes new disks whose disks are somewhere in the machine, and nobody
// knows which: the machine has lost its record.
func lostVolumes(spec, before *hardwareSpec, remembered *record, observed *machine.Observation) diag.Diagnostics {
	var diags diag.Diagnostics
	if !remembered.lost() {
		return diags
	}
	volumes, _ := spec.Volumes.Get()
	for _, earlier := range before.Volumes.Or(nil) {
		name := earlier.Name.Or("")
		at := slices.IndexFunc(volumes, func(v volumeSpec) bool { return v.Name.Or("") == name })
		if _, adopted := remembered.Volumes[name]; at < 0 || adopted {
			continue
		}
		diags.AddAttributeError(path.Root("volume").AtListIndex(at), "The disk of the volume is not known",
			fmt.Sprintf("%s has lost its record (the ExtraConfig key %s), which said which of its %d disks belongs to the volume %q. %s",
				observed.Title(), recordKey, len(observed.Disks), name, howToAdopt))
	}
	return diags
}

// adopting warns of disks that volumes take over, since what is on them goes with the volume.
func adopting(spec *hardwareSpec, adopted map[string]machine.Disk) diag.Diagnostics {
	var diags diag.Diagnostics
	volumes, _ := spec.Volumes.Get()
	for _, name := range slices.Sorted(maps.Keys(adopted)) {
		disk := adopted[name]
		at := slices.IndexFunc(volumes, func(v volumeSpec) bool { return v.Name.Or("") == name })
		diags.AddAttributeWarning(path.Root("volume").AtListIndex(at), "The volume takes over a disk that is there",
			fmt.Sprintf("The machine has a disk of %s at %s (%s), which becomes the volume %q with what is on it. "+
				"Where that is not meant, give the volume another unit_number, or none.", fwtypes.QuantityOfBytes(disk.CapacityBytes).ValueString(), disk.Place, disk.File, name))
	}
	return diags
}
