package virtualmachine

import (
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// Words of a machine's hardware, as VM Operator and Kubernetes spell them.
const (
	// How a new disk takes its space.
	provisionThin           = "Thin"
	provisionThick          = "Thick"
	provisionThickEagerZero = "ThickEagerZero"

	// What becomes of a volume's file when the volume goes.
	reclaimDelete = "Delete"
	reclaimRetain = "Retain"

	firmwareBIOS = "bios"
	firmwareEFI  = "efi"

	switchEnabled  = "Enabled"
	switchDisabled = "Disabled"
)

// The words that each argument takes.
var (
	provisioningWords = []string{provisionThin, provisionThick, provisionThickEagerZero}
	reclaimWords      = []string{reclaimDelete, reclaimRetain}
	firmwareWords     = []string{firmwareBIOS, firmwareEFI}
	switchWords       = []string{switchEnabled, switchDisabled}
	networkBootWords  = []string{string(machine.NetworkBootIP4), string(machine.NetworkBootIP6)}
	bootDeviceWords   = []string{string(machine.BootDisk), string(machine.BootNetwork), string(machine.BootCDROM)}
	diskModeWords     = []string{
		string(machine.Persistent), string(machine.IndependentPersistent), string(machine.NonPersistent), string(machine.IndependentNonPersistent),
	}
	sharingWords          = []string{string(machine.NoDiskSharing), string(machine.MultiWriter)}
	applicationWords      = []string{string(machine.OracleRAC), string(machine.MicrosoftWSFC)}
	volumeControllerWords = []string{string(machine.SCSI), string(machine.SATA), string(machine.NVME), string(machine.IDE)}
	driveControllerWords  = []string{string(machine.IDE), string(machine.SATA)}
	imageKindWords        = []string{string(image.VirtualMachineImage), string(image.ClusterVirtualMachineImage)}
)
