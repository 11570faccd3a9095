package simulator

import (
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

// checkHot checks a device change of a machine that is on: what can be plugged in and out
// then, and what can be edited. list are the devices of the machine.
func checkHot(list object.VirtualDeviceList, spec *types.VirtualDeviceConfigSpec) types.BaseMethodFault {
	allowed := pluggable(list, spec.Device)
	if spec.Operation == types.VirtualDeviceConfigSpecOperationEdit {
		allowed = editable(spec.Device)
	}
	if allowed {
		return nil
	}
	return needsOff(types.VirtualMachinePowerStatePoweredOn)
}

// pluggable tells whether a running machine takes a device, and lets it go: everything on the
// PCI bus that guests know to come and go, but nothing on an IDE controller.
func pluggable(list object.VirtualDeviceList, device types.BaseVirtualDevice) bool {
	switch d := device.(type) {
	case types.BaseVirtualEthernetCard, types.BaseVirtualSCSIController, types.BaseVirtualSATAController,
		*types.VirtualNVMEController, *types.VirtualUSBController, *types.VirtualUSBXHCIController, *types.VirtualUSB:
		return true
	case *types.VirtualDisk, *types.VirtualCdrom:
		_, ide := list.FindByKey(d.GetVirtualDevice().ControllerKey).(*types.VirtualIDEController)
		return !ide
	default:
		return false
	}
}

// editable tells whether a running machine lets a device be edited: its backing, its
// connection, the size of a disk.
func editable(device types.BaseVirtualDevice) bool {
	switch device.(type) {
	case types.BaseVirtualEthernetCard, *types.VirtualDisk, *types.VirtualCdrom, *types.VirtualFloppy,
		*types.VirtualSerialPort, *types.VirtualParallelPort, *types.VirtualUSB:
		return true
	default:
		return false
	}
}
