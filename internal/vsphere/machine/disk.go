package machine

import (
	"github.com/vmware/govmomi/vim25/types"
)

// Provisioning is how the file of a disk takes up space, in the words of vSphere's OVF service.
type Provisioning string

// The kinds of provisioning.
const (
	Thin             Provisioning = "thin"
	Thick            Provisioning = "thick"
	EagerZeroedThick Provisioning = "eagerZeroedThick"
)

// Disk is a virtual disk.
type Disk struct {
	Key           int32
	ControllerKey int32
	UnitNumber    int32 // -1 when not attached
	Place         Place
	Label         string
	CapacityBytes int64
	// UUID of the file, which a move to another controller or datastore does not change. A disk
	// without a file of its own has none.
	UUID string
	File string // like "[datastore1] web/web.vmdk"
	Mode string // persistent and the like
	// MultiWriter says that other machines may write to the disk as well.
	MultiWriter bool
	Thin        *bool
	// EagerlyScrubbed says that the file was filled with zeros when it was made.
	EagerlyScrubbed bool
	// Delta says that the file holds the differences to another one: of a snapshot, or of the
	// disk that it was cloned from. vSphere does not let it grow.
	Delta bool
	// Device is the disk as vCenter reports it: the base of an edit.
	Device *types.VirtualDisk
}

// Provisioning is how the file of the disk takes up space; empty where vCenter does not say, or
// where it is the storage's business.
func (d *Disk) Provisioning() Provisioning {
	switch {
	case d.Thin == nil:
		return ""
	case *d.Thin:
		return Thin
	case d.EagerlyScrubbed:
		return EagerZeroedThick
	}
	return Thick
}

// provision has a new file take up space in that way; nothing where that is the storage's business.
func provision(backing *types.VirtualDiskFlatVer2BackingInfo, how Provisioning) {
	switch how {
	case Thin:
		backing.ThinProvisioned = types.NewBool(true)
	case Thick, EagerZeroedThick:
		backing.ThinProvisioned, backing.EagerlyScrub = types.NewBool(false), types.NewBool(how == EagerZeroedThick)
	}
}

func newDisk(device *types.VirtualDisk, controllers []Controller) Disk {
	disk := Disk{
		Key: device.Key, ControllerKey: device.ControllerKey, UnitNumber: unit(device.UnitNumber),
		Place: placeOf(controllers, device.ControllerKey, device.UnitNumber),
		Label: label(device.DeviceInfo), CapacityBytes: device.CapacityInBytes, Device: device,
	}
	if disk.CapacityBytes == 0 { // from before vSphere 5.5
		disk.CapacityBytes = device.CapacityInKB * 1024
	}
	switch backing := device.Backing.(type) {
	case *types.VirtualDiskFlatVer2BackingInfo:
		disk.UUID, disk.File, disk.Mode, disk.Thin = backing.Uuid, backing.FileName, backing.DiskMode, backing.ThinProvisioned
		disk.EagerlyScrubbed, disk.Delta = isTrue(backing.EagerlyScrub), backing.Parent != nil
		disk.MultiWriter = backing.Sharing == string(types.VirtualDiskSharingSharingMultiWriter)
	case *types.VirtualDiskSeSparseBackingInfo:
		disk.UUID, disk.File, disk.Mode, disk.Delta = backing.Uuid, backing.FileName, backing.DiskMode, backing.Parent != nil
	case *types.VirtualDiskRawDiskMappingVer1BackingInfo:
		disk.UUID, disk.File, disk.Mode, disk.Delta = backing.Uuid, backing.FileName, backing.DiskMode, backing.Parent != nil
		disk.MultiWriter = backing.Sharing == string(types.VirtualDiskSharingSharingMultiWriter)
	case types.BaseVirtualDeviceFileBackingInfo:
		disk.File = backing.GetVirtualDeviceFileBackingInfo().FileName
	}
	return disk
}
