package virtualmachine

import "github.com/vmoperator/terraform-provider-vmoperator/internal/known"

// hardwareSpec is what was written of a machine's hardware, beside its class and its network
// cards. What is absent was not written, and is left as the image or the machine has it; what has
// a default of its own, such as the connection of a drive, is never absent. The same type holds
// what was observed of a machine: see setHardware.
type hardwareSpec struct {
	GuestID known.Value[string]
	// MinHardware is the number of a hardware version; 0 asks for none. Observed, it is the one that
	// the machine has.
	MinHardware known.Value[int64]
	Resources   resourcesSpec
	Boot        bootSpec
	Advanced    advancedSpec
	Volumes     known.Value[[]volumeSpec]
	// Managed tells that the hardware block is there: then the drives of the machine are those of
	// CDROMs, and no other.
	Managed known.Value[bool]
	CDROMs  known.Value[[]cdromSpec]
}

// resourcesSpec is the resources block: Size in processors and bytes, the others in MHz and
// bytes, where -1 is no limit.
type resourcesSpec struct{ Size, Requests, Limits amounts }

// amounts are of processors and of memory.
type amounts struct{ CPU, Memory known.Value[int64] }

// bootSpec is the boot_options block. Firmware is bios or efi; delays are milliseconds.
type bootSpec struct {
	Firmware            known.Value[string]
	DelayMS             known.Value[int64]
	Retry               known.Value[bool]
	RetryDelayMS        known.Value[int64]
	SecureBoot          known.Value[bool]
	NetworkBootProtocol known.Value[string]
	// Order is absent where no entry is written.
	Order known.Value[[]bootEntry]
}

// bootEntry is a device to boot from: Disk with the name of a volume (none for the first disk),
// Network with the name of an interface, CDRom without a name.
type bootEntry struct{ Type, Name known.Value[string] }

// advancedSpec is the advanced block.
type advancedSpec struct {
	BootDiskBytes  known.Value[int64]
	Provisioning   known.Value[string] // Thin, Thick or ThickEagerZero
	ChangeTracking known.Value[bool]
	ExtraConfig    known.Value[map[string]known.Value[string]]
}

// volumeSpec is a volume block.
type volumeSpec struct {
	Name            known.Value[string]
	CapacityBytes   known.Value[int64]
	StorageClass    known.Value[string]
	Provisioning    known.Value[string] // Thin, Thick or ThickEagerZero
	DiskMode        known.Value[string]
	SharingMode     known.Value[string]
	ApplicationType known.Value[string]
	At              addressSpec
	Removable       known.Value[bool]
	// ReclaimPolicy is Delete or Retain: what becomes of the file when the volume goes.
	ReclaimPolicy known.Value[string]
}

// cdromSpec is a cdrom block.
type cdromSpec struct {
	Name known.Value[string]
	// ImageKind and ImageName are absent for a drive that holds none, which is a client device's.
	ImageKind, ImageName known.Value[string]
	Connected            known.Value[bool]
	AllowGuestControl    known.Value[bool]
	At                   addressSpec
}

// addressSpec is a place on a controller.
type addressSpec struct {
	ControllerType        known.Value[string]
	BusNumber, UnitNumber known.Value[int64]
}
