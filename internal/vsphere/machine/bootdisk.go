package machine

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// BootDiskChange grows the first disk in device order, which vSphere boots from, to a capacity
// in bytes. It is nil when the disk has it. A disk cannot shrink.
func BootDiskChange(disks []Disk, capacity int64) (types.BaseVirtualDeviceConfigSpec, error) {
	if len(disks) == 0 {
		return nil, fmt.Errorf("%w: boot disk of %d bytes: the machine has no disk", vsphere.ErrNotFound, capacity)
	}
	boot := disks[0]
	switch {
	case boot.CapacityBytes == capacity:
		return nil, nil
	case boot.CapacityBytes > capacity:
		return nil, fmt.Errorf("%w: boot disk %q has %d bytes and cannot shrink to %d. Ask for at least what it has",
			vsphere.ErrInvalidArgument, boot.Label, boot.CapacityBytes, capacity)
	}
	device := *boot.Device
	// vCenter believes the first and checks the second against it.
	device.CapacityInBytes, device.CapacityInKB = capacity, capacity/1024
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: &device}, nil
}
