package virtualmachine

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// volumeDisk is the disk of a volume.
type volumeDisk struct {
	Volume string
	Disk   machine.Disk
	// Keep tells that the file survives the disk.
	Keep bool
}

// String names the disk: of which volume it is, its capacity and its file.
func (d volumeDisk) String() string {
	return fmt.Sprintf("volume %q (%s, %s)", d.Volume, fwtypes.QuantityOfBytes(d.Disk.CapacityBytes).ValueString(), d.Disk.File)
}

// volumeDisks are those of some disks that belong to volumes, by the names of these.
func volumeDisks(disks []machine.Disk, recorded map[string]machine.DiskRecord) []volumeDisk {
	var out []volumeDisk
	for _, name := range slices.Sorted(maps.Keys(recorded)) {
		if disk := recorded[name].Find(disks); disk != nil {
			out = append(out, volumeDisk{name, *disk, recorded[name].Keep})
		}
	}
	return out
}

// renamed is the volume that comes in the place of one that goes, in the list of blocks: the same
// one by another name, as it seems. Empty where there is none.
func renamed(gone string, before, now []volumeSpec, added []string) string {
	i := slices.IndexFunc(before, func(v volumeSpec) bool { return v.Name.Or("") == gone })
	if i < 0 || i >= len(now) || !slices.Contains(added, now[i].Name.Or("")) {
		return ""
	}
	return now[i].Name.Or("")
}

// planDisks warns of the disks that the change takes away. Terraform compares blocks by their places
// in the list, so that what a plan shows of volumes does not tell which of them goes.
func (p *planner) planDisks(before *hardwareSpec) {
	d := p.compared.Difference
	volumes, _ := p.hardware.Volumes.Get()
	for _, gone := range volumeDisks(d.Disks.Remove, p.compared.Recorded.Volumes) {
		at, instead := volumePath, ""
		if name := renamed(gone.Volume, before.Volumes.Or(nil), volumes, d.Disks.Add); name != "" {
			at = volumePath.AtListIndex(slices.IndexFunc(volumes, func(v volumeSpec) bool { return v.Name.Or("") == name }))
			instead = fmt.Sprintf(" A volume is known by its name: %q is another one, and gets a new, empty disk. Keep the name to keep the disk.", name)
		}
		size := fwtypes.QuantityOfBytes(gone.Disk.CapacityBytes).ValueString()
		if gone.Keep {
			p.resp.Diagnostics.AddAttributeWarning(at, detaches,
				fmt.Sprintf("There is no volume %q any more: its disk of %s is taken off the machine, and its file %s stays where it is, since its reclaim_policy is %q. Nothing removes that file later.%s",
					gone.Volume, size, gone.Disk.File, reclaimRetain, instead))
			continue
		}
		if instead == "" {
			instead = fmt.Sprintf(" To keep the file, apply the volume with reclaim_policy = %q before it goes.", reclaimRetain)
		}
		p.resp.Diagnostics.AddAttributeWarning(at, destroys,
			fmt.Sprintf("There is no volume %q any more: its disk of %s, %s, is destroyed, and what is on it is lost.%s", gone.Volume, size, gone.Disk.File, instead))
	}
}

// The warnings of disks that a change takes away.
const (
	destroys = "The disk of a volume will be destroyed"
	detaches = "The disk of a volume will be detached"
)

// drivesPath is where drives are written.
var drivesPath = path.Root("hardware")

// planDrives warns of drives that the change takes away and that no configuration ever had: those of
// the image, and what somebody added by hand.
func (p *planner) planDrives() {
	for i := range p.compared.Difference.CDROMs.Remove {
		drive := &p.compared.Difference.CDROMs.Remove[i]
		ours := false
		for _, key := range p.compared.Recorded.CDROMs {
			ours = ours || key == drive.Key
		}
		if ours {
			continue
		}
		holds := "holds nothing"
		if drive.ISO != "" {
			holds = "holds " + drive.ISO
		}
		p.resp.Diagnostics.AddAttributeWarning(drivesPath, "A CD-ROM drive that is not written will be removed",
			fmt.Sprintf("The machine has the CD-ROM drive %q (%s), which %s and is in no cdrom block: it came with the image, or somebody added it. "+
				"Where there is a hardware block, the machine has the drives that are in it and no other. Write a cdrom block for it, or remove the hardware block, which leaves it alone.",
				drive.Label, drive.Place, holds))
	}
}
