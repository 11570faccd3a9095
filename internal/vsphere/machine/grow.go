package machine

import (
	"errors"
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// ErrShrinks says that a disk would have to become smaller.
var ErrShrinks = errors.New("a disk cannot shrink")

// quantity writes bytes as people do: 20Gi.
func quantity(bytes int64) string { return resource.NewQuantity(bytes, resource.BinarySI).String() }

// grow gives device, a copy of the disk's, a capacity in bytes, and notes what a running machine
// does not take of that. It is false for a disk that has the capacity. shared says that machines are
// to share the disk by its controller. Errors: as DiskChanges.
func (c *Change) grow(part Part, name string, disk *Disk, device *types.VirtualDisk, capacity int64, shared bool) (bool, error) {
	switch {
	case disk.CapacityBytes == capacity:
		return false, nil
	case disk.CapacityBytes > capacity:
		return false, fmt.Errorf("%w: %w: the disk %q has %s, and %s is asked for. Ask for at least what it has",
			vsphere.ErrInvalidArgument, ErrShrinks, disk.Label, quantity(disk.CapacityBytes), quantity(capacity))
	case disk.Delta:
		return false, fmt.Errorf("%w: the disk %q has snapshots, or is linked to that of its image, and cannot grow until these are removed",
			vsphere.ErrInvalidState, disk.Label)
	}
	// vCenter believes the first and checks the second against it.
	device.CapacityInBytes, device.CapacityInKB = capacity, capacity/kibibyte
	switch {
	case disk.Place.Type == IDE:
		c.offline(part, name, "a disk on an IDE controller cannot grow while the machine runs")
	case disk.MultiWriter || shared:
		c.offline(part, name, "a disk that machines share cannot grow while the machine runs")
	}
	return true, nil
}
