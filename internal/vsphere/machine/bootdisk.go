package machine

import (
	"fmt"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// BootDiskChange grows the first disk in device order, which vSphere boots from, to a capacity
// in bytes. It is empty when the disk has it. What is true of volumes is true of this disk: see
// DiskChanges.
//
// Errors: vsphere.ErrNotFound for a machine without such a disk; vsphere.ErrInvalidArgument for a
// capacity below the disk's; vsphere.ErrInvalidState for a disk with snapshots, and for one that is
// linked to that of its image.
func BootDiskChange(disks []Disk, capacity int64) (Change, error) {
	var c Change
	if len(disks) == 0 {
		return c, fmt.Errorf("%w: boot disk of %s: the machine has no disk that came with an image. Set the capacity of its volumes instead",
			vsphere.ErrNotFound, quantity(capacity))
	}
	device := duplicate(disks[0].Device)
	grown, err := c.grow(PartBootDisk, "", &disks[0], device, capacity, false)
	if grown {
		c.device(edit(device))
	}
	return c, err
}
