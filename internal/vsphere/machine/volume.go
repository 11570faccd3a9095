package machine

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// DiskMode says what becomes of writes to a disk, in VM Operator's words.
type DiskMode string

// The modes of a disk.
const (
	// Persistent disks keep what is written, and are part of snapshots.
	Persistent DiskMode = "Persistent"
	// IndependentPersistent disks keep what is written, and are not part of snapshots.
	IndependentPersistent DiskMode = "IndependentPersistent"
	// NonPersistent disks forget what is written at a power-off.
	NonPersistent DiskMode = "NonPersistent"
	// IndependentNonPersistent disks are both.
	IndependentNonPersistent DiskMode = "IndependentNonPersistent"
)

// DiskSharing says whether several machines may write to a disk, in VM Operator's words.
type DiskSharing string

// The modes of sharing.
const (
	NoDiskSharing DiskSharing = "None"
	MultiWriter   DiskSharing = "MultiWriter"
)

// Application presets mode and sharing of a disk for a cluster of machines, in VM Operator's
// words.
type Application string

// The applications.
const (
	// OracleRAC disks are independent and written to by several machines.
	OracleRAC Application = "OracleRAC"
	// MicrosoftWSFC disks are independent and on a controller whose bus is shared physically.
	MicrosoftWSFC Application = "MicrosoftWSFC"
)

// Volume is a disk as it is wanted, beside those of the image.
type Volume struct {
	Name          string
	CapacityBytes int64
	// Address on a controller. Open: a free unit of a SCSI controller.
	Address Address
	// Mode is Persistent when empty, or what Application asks for.
	Mode DiskMode
	// Sharing is None when empty, or what Application asks for.
	Sharing     DiskSharing
	Application Application // may be empty
	// Provisioning of a new disk. Empty leaves it to the storage policy; without one it is thin, or
	// eagerZeroedThick for a disk that machines share.
	Provisioning Provisioning
	// StorageProfileID is the id of the disk's storage policy; empty for none of its own.
	StorageProfileID string
	// Keep has the file survive the disk: when the volume is not wanted any more, and when
	// the machine is destroyed.
	Keep bool
}

// diskModes are vSphere's words for the modes.
var diskModes = map[DiskMode]types.VirtualDiskMode{
	Persistent:               types.VirtualDiskModePersistent,
	IndependentPersistent:    types.VirtualDiskModeIndependent_persistent,
	NonPersistent:            types.VirtualDiskModeNonpersistent,
	IndependentNonPersistent: types.VirtualDiskModeIndependent_nonpersistent,
}

// DiskModeOf is the mode of a disk; vSphere's own word for one that VM Operator has none for.
func DiskModeOf(disk *Disk) DiskMode {
	for mode, word := range diskModes {
		if string(word) == disk.Mode {
			return mode
		}
	}
	return DiskMode(disk.Mode)
}

// volumeTypes are the controllers that disks can be on.
var volumeTypes = []ControllerType{SCSI, SATA, NVME, IDE}

const kibibyte = 1024

// resolve fills in what is left open, and the bus sharing that the disk's controller needs.
func (v Volume) resolve() (Volume, BusSharing, error) {
	problem := func(format string, args ...any) (Volume, BusSharing, error) {
		return Volume{}, "", fmt.Errorf("%w: %s", vsphere.ErrInvalidArgument, fmt.Sprintf(format, args...))
	}
	if err := v.Address.check(volumeTypes...); err != nil {
		return Volume{}, "", err
	}
	bus, mode, sharing := NoBusSharing, Persistent, NoDiskSharing
	switch v.Application {
	case "":
	case OracleRAC:
		mode, sharing = IndependentPersistent, MultiWriter
	case MicrosoftWSFC:
		mode, bus = IndependentPersistent, PhysicalBusSharing
	default:
		return problem("application type %q: use OracleRAC or MicrosoftWSFC", v.Application)
	}
	switch {
	case v.Application != "" && v.Mode != "" && v.Mode != mode:
		return problem("application type %s needs disk mode %s, not %s", v.Application, mode, v.Mode)
	case v.Application == OracleRAC && v.Sharing != "" && v.Sharing != sharing:
		return problem("application type %s needs sharing mode %s, not %s", v.Application, sharing, v.Sharing)
	case bus != NoBusSharing && v.Address.Type != "" && v.Address.Type != SCSI && v.Address.Type != NVME:
		return problem("application type %s needs a SCSI or NVME controller, not %s", v.Application, v.Address.Type)
	}
	v.Mode, v.Sharing = cmp.Or(v.Mode, mode), cmp.Or(v.Sharing, sharing)
	switch {
	case diskModes[v.Mode] == "":
		return problem("disk mode %q: use Persistent, IndependentPersistent, NonPersistent or IndependentNonPersistent", v.Mode)
	case v.Sharing != NoDiskSharing && v.Sharing != MultiWriter:
		return problem("sharing mode %q: use None or MultiWriter", v.Sharing)
	case !slices.Contains([]Provisioning{"", Thin, Thick, EagerZeroedThick}, v.Provisioning):
		return problem("provisioning %q: use thin, thick or eagerZeroedThick", v.Provisioning)
	case v.CapacityBytes <= 0 || v.CapacityBytes%kibibyte != 0:
		return problem("capacity of %d bytes: it has to be a multiple of 1 KiB", v.CapacityBytes)
	}
	return v, bus, nil
}

// provisioning is that of a new disk on a controller with that bus sharing.
func (v *Volume) provisioning(bus BusSharing) Provisioning {
	switch {
	case v.Provisioning != "" || v.StorageProfileID != "":
		return v.Provisioning
	case v.Sharing == MultiWriter || bus == PhysicalBusSharing:
		return EagerZeroedThick // VMFS shares no other
	}
	return Thin
}
