package simulator

import (
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/types"
)

// defaultDevices are what every new machine has without being asked for: its IDE controllers
// among others.
func defaultDevices() object.VirtualDeviceList { return esx.VirtualDevice }

// attached is a device where it is after a change.
type attached struct {
	device     types.BaseVirtualDevice
	controller types.BaseVirtualDevice // nil where it is unknown
	unit       *int32
	change     int // index of the change that put it there, -1 for what was there before
}

// checkLayout checks where disks and CD-ROM drives are attached once a change is done: each to a
// controller that there is, which takes such devices, at a place that it has and nobody else is
// at. vcsim compares devices of one kind only, and accepts any controller.
func checkLayout(existing object.VirtualDeviceList, changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	after, f := attach(existing, changes)
	if f != nil {
		return f
	}
	for i, a := range after {
		if a.change >= 0 {
			if reason := a.wrong(); reason != "" {
				return invalidDevice(a.change, "virtualDeviceSpec.device.controllerKey", reason)
			}
		}
		for _, b := range after[:i] {
			late := max(a.change, b.change)
			switch {
			case late < 0:
			case a.unit != nil && b.unit != nil && *a.unit == *b.unit && a.controller != nil && a.controller == b.controller:
				return invalidDevice(late, "virtualDeviceSpec.device.unitNumber", "another device of the controller has this unit number")
			case sameBus(a.device, b.device):
				return invalidDevice(late, "virtualDeviceSpec.device.busNumber", "another controller of the type has this bus number")
			}
		}
	}
	return nil
}

// attach lists the devices after a change, with their controllers. A device that is new, or moves,
// names its controller by the key that this has in the change, if it is new, too.
func attach(existing object.VirtualDeviceList, changes []types.BaseVirtualDeviceConfigSpec) ([]attached, types.BaseMethodFault) {
	var after []attached
	added, removed := map[int32]types.BaseVirtualDevice{}, map[int32]int{}
	for _, d := range existing {
		after = append(after, attached{device: d, change: -1})
	}
	for i, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		key := spec.Device.GetVirtualDevice().Key
		at := slices.IndexFunc(after, func(a attached) bool { return a.change < 0 && a.device.GetVirtualDevice().Key == key })
		switch spec.Operation {
		case types.VirtualDeviceConfigSpecOperationAdd:
			after = append(after, attached{device: spec.Device, change: i})
			if _, ok := spec.Device.(types.BaseVirtualController); ok {
				added[key] = spec.Device
			}
		case types.VirtualDeviceConfigSpecOperationRemove:
			if at >= 0 {
				after = slices.Delete(after, at, at+1)
				removed[key] = i
			}
		case types.VirtualDeviceConfigSpecOperationEdit:
			if d := spec.Device.GetVirtualDevice(); at >= 0 {
				// What an edit leaves out stays.
				was := after[at].device.GetVirtualDevice()
				if d.ControllerKey == 0 {
					d.ControllerKey = was.ControllerKey
				}
				if d.UnitNumber == nil {
					d.UnitNumber = was.UnitNumber
				}
				after[at] = attached{device: spec.Device, change: i}
			}
		}
	}
	for i := range after {
		a := &after[i]
		d := a.device.GetVirtualDevice()
		a.unit = d.UnitNumber
		if a.change >= 0 {
			a.controller = added[d.ControllerKey]
		}
		if a.controller != nil {
			continue
		}
		for _, c := range after {
			if _, ok := c.device.(types.BaseVirtualController); ok && c.change < 0 && c.device.GetVirtualDevice().Key == d.ControllerKey {
				a.controller = c.device
			}
		}
		if at, gone := removed[d.ControllerKey]; gone && a.change < 0 && a.controller == nil {
			return nil, invalidDevice(at, "virtualDeviceSpec.device.key", "the controller has devices")
		}
	}
	return after, nil
}

// wrong says what is wrong with where a disk or a CD-ROM drive is attached. Other devices find
// their controllers by themselves.
func (a *attached) wrong() string {
	_, disk := a.device.(*types.VirtualDisk)
	_, drive := a.device.(*types.VirtualCdrom)
	if !disk && !drive {
		return ""
	}
	var units int32
	switch a.controller.(type) {
	case *types.VirtualIDEController:
		units = 2
	case types.BaseVirtualSATAController:
		units = 30
	case *types.VirtualNVMEController, *types.ParaVirtualSCSIController:
		units = 64
	case types.BaseVirtualSCSIController:
		units = 16
	case nil:
		return "there is no controller with the device's controllerKey"
	default:
		return "the controller takes no such devices"
	}
	scsi, isSCSI := a.controller.(types.BaseVirtualSCSIController)
	_, isNVME := a.controller.(*types.VirtualNVMEController)
	switch {
	case drive && (isSCSI || isNVME):
		return "a CD-ROM drive is on an IDE or a SATA controller"
	case a.unit == nil:
		return ""
	case *a.unit < 0 || *a.unit >= units:
		return "the controller has no such unit number"
	case isSCSI && *a.unit == reservedUnit(scsi):
		return "the unit number is the SCSI controller's own"
	}
	return ""
}

// reservedUnit is the unit number that a SCSI controller has itself.
func reservedUnit(c types.BaseVirtualSCSIController) int32 {
	if own := c.GetVirtualSCSIController().ScsiCtlrUnitNumber; own != 0 {
		return own
	}
	return 7
}

// sameBus tells whether two controllers of one type have the same bus number. IDE controllers
// there are two of, which a specification may name or not.
func sameBus(a, b types.BaseVirtualDevice) bool {
	x, okX := a.(types.BaseVirtualController)
	y, okY := b.(types.BaseVirtualController)
	if !okX || !okY || family(a) == "" || family(a) != family(b) {
		return false
	}
	return x.GetVirtualController().BusNumber == y.GetVirtualController().BusNumber
}

func family(d types.BaseVirtualDevice) string {
	switch d.(type) {
	case types.BaseVirtualSCSIController:
		return "SCSI"
	case types.BaseVirtualSATAController:
		return "SATA"
	case *types.VirtualNVMEController:
		return "NVME"
	default:
		return ""
	}
}

func invalidDevice(index int, property, reason string) types.BaseMethodFault {
	f := &types.InvalidDeviceSpec{DeviceIndex: int32(index)}
	f.Property = property
	f.FaultMessage = explain("%s", reason)
	return f
}
