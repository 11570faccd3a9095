package machine

import (
	"fmt"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// BootDiskChange grows the disk that a machine boots from to a capacity in bytes. It is empty when
// the disk has it. What is true of volumes is true of this disk: see DiskChanges.
//
// Errors: vsphere.ErrNotFound for a machine without such a disk, which is nil; vsphere.ErrInvalidArgument for a
// capacity below the disk's; vsphere.ErrInvalidState for a disk with snapshots, and for one that is
// linked to that of its image.
func BootDiskChange(disk *Disk, capacity int64) (Change, error) {
	var c Change
	if disk == nil {
		return c, fmt.Errorf("%w: boot disk of %s: the machine has no disk that came with an image, or it has it no more. "+
			"Set the capacity of its volumes instead: one with the whole address of a disk that is there takes that one over",
			vsphere.ErrNotFound, quantity(capacity))
	}
	device := duplicate(disk.Device)
	grown, err := c.grow(PartBootDisk, "", disk, device, capacity, false)
	if grown {
		c.device(edit(device))
	}
	return c, err
}
