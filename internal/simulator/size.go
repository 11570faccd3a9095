package simulator

import (
	"slices"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// checkHardware checks processors, memory, guest and firmware that a specification gives. cpus and
// cores are what the machine has where the specification is silent; 1 for a new one.
func checkHardware(spec *types.VirtualMachineConfigSpec, cpus, cores int32) types.BaseMethodFault {
	invalid := func(property string) types.BaseMethodFault {
		return &types.InvalidArgument{InvalidProperty: "configSpec." + property}
	}
	if spec.NumCPUs != 0 {
		cpus = spec.NumCPUs
	}
	if given := spec.NumCoresPerSocket; given != nil && *given != 0 {
		cores = *given
	}
	knownGuest := func(id types.VirtualMachineGuestOsIdentifier) bool { return string(id) == spec.GuestId }
	switch {
	case spec.NumCPUs < 0:
		return invalid("numCPUs")
	case cores < 0 || (spec.NumCPUs != 0 || spec.NumCoresPerSocket != nil) && cores > 0 && cpus%cores != 0:
		return invalid("numCoresPerSocket")
	case spec.MemoryMB < 0 || spec.MemoryMB%4 != 0:
		return invalid("memoryMB")
	case spec.GuestId != "" && !slices.ContainsFunc(vcsim.GuestID, knownGuest):
		return invalid("guestId")
	case spec.Firmware != "" && spec.Firmware != string(types.GuestOsDescriptorFirmwareTypeBios) && spec.Firmware != string(types.GuestOsDescriptorFirmwareTypeEfi):
		return invalid("firmware")
	}
	return nil
}
