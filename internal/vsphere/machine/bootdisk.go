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

// BootDiskChange grows the first disk in device order, which vSphere boots from, to a capacity
// in bytes. It is nil when the disk has it. A disk cannot shrink.
func BootDiskChange(disks []Disk, capacity int64) (types.BaseVirtualDeviceConfigSpec, error) {
	if len(disks) == 0 {
		return nil, fmt.Errorf("%w: boot disk of %s: the machine has no disk that came with an image. Set the capacity of its volumes instead",
			vsphere.ErrNotFound, quantity(capacity))
	}
	boot := disks[0]
	switch {
	case boot.CapacityBytes == capacity:
		return nil, nil
	case boot.CapacityBytes > capacity:
		return nil, fmt.Errorf("%w: %w: the boot disk %q has %s, and %s is asked for. Ask for at least what it has",
			vsphere.ErrInvalidArgument, ErrShrinks, boot.Label, quantity(boot.CapacityBytes), quantity(capacity))
	}
	device := *boot.Device
	// vCenter believes the first and checks the second against it.
	device.CapacityInBytes, device.CapacityInKB = capacity, capacity/1024
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: &device}, nil
}
