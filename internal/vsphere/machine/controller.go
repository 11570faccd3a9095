package machine

import (
	"fmt"
	"slices"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// ControllerType is a kind of controllers that disks and CD-ROMs are attached to, in VM
// Operator's words.
type ControllerType string

// The kinds of controllers.
const (
	SCSI ControllerType = "SCSI"
	SATA ControllerType = "SATA"
	NVME ControllerType = "NVME"
	IDE  ControllerType = "IDE"
)

// BusSharing says whether other machines use the disks of a controller as well.
type BusSharing string

// The modes of sharing, in VM Operator's words.
const (
	NoBusSharing       BusSharing = "None"
	PhysicalBusSharing BusSharing = "Physical"
	VirtualBusSharing  BusSharing = "Virtual"
)

// reservedUnit is the unit of a SCSI controller that the controller itself takes.
const reservedUnit int32 = 7

// Controller is a controller of disks and CD-ROMs as it is.
type Controller struct {
	Key  int32
	Type ControllerType
	// Model of a SCSI controller: ParaVirtual, LsiLogic, LsiLogicSAS or BusLogic; else empty.
	Model   string
	Bus     int32
	Sharing BusSharing
	// Units that are taken, whatever by, in ascending order.
	Units []int32
}

// String names the controller as people do: SCSI 0.
func (c *Controller) String() string { return fmt.Sprintf("%s %d", c.Type, c.Bus) }

// sharings are vSphere's words for sharing.
var sharings = map[BusSharing]types.VirtualSCSISharing{
	NoBusSharing:       types.VirtualSCSISharingNoSharing,
	PhysicalBusSharing: types.VirtualSCSISharingPhysicalSharing,
	VirtualBusSharing:  types.VirtualSCSISharingVirtualSharing,
}

func newSharing(bus string) BusSharing {
	for sharing, word := range sharings {
		if string(word) == bus {
			return sharing
		}
	}
	return NoBusSharing
}

// newController reads a device that is a controller of disks and CD-ROMs; nil for any other.
func newController(device types.BaseVirtualDevice) *Controller {
	switch d := device.(type) {
	case types.BaseVirtualSCSIController:
		c := d.GetVirtualSCSIController()
		return &Controller{Key: c.Key, Type: SCSI, Model: scsiModel(d), Bus: c.BusNumber, Sharing: newSharing(string(c.SharedBus))}
	case types.BaseVirtualSATAController:
		c := d.GetVirtualSATAController()
		return &Controller{Key: c.Key, Type: SATA, Bus: c.BusNumber, Sharing: NoBusSharing}
	case *types.VirtualNVMEController:
		return &Controller{Key: d.Key, Type: NVME, Bus: d.BusNumber, Sharing: newSharing(d.SharedBus)}
	case *types.VirtualIDEController:
		return &Controller{Key: d.Key, Type: IDE, Bus: d.BusNumber, Sharing: NoBusSharing}
	}
	return nil
}

func scsiModel(device types.BaseVirtualSCSIController) string {
	switch device.(type) {
	case *types.ParaVirtualSCSIController:
		return "ParaVirtual"
	case *types.VirtualLsiLogicSASController:
		return "LsiLogicSAS"
	case *types.VirtualLsiLogicController:
		return "LsiLogic"
	case *types.VirtualBusLogicController:
		return "BusLogic"
	}
	return ""
}

// observeControllers reads the controllers among devices, in the order of type and bus, and
// which of their units are taken.
func observeControllers(devices []types.BaseVirtualDevice) []Controller {
	var controllers []Controller
	for _, device := range devices {
		if c := newController(device); c != nil {
			controllers = append(controllers, *c)
		}
	}
	for _, device := range devices {
		d := device.GetVirtualDevice()
		for i := range controllers {
			if d.UnitNumber != nil && d.ControllerKey == controllers[i].Key && newController(device) == nil {
				controllers[i].Units = append(controllers[i].Units, *d.UnitNumber)
			}
		}
	}
	for i := range controllers {
		slices.Sort(controllers[i].Units)
	}
	slices.SortStableFunc(controllers, func(a, b Controller) int {
		if a.Type != b.Type {
			return slices.Index(controllerTypes, a.Type) - slices.Index(controllerTypes, b.Type)
		}
		return int(a.Bus - b.Bus)
	})
	return controllers
}

var controllerTypes = []ControllerType{SCSI, SATA, NVME, IDE}

// Limits of vSphere ("Virtual Machine Compatibility", VMware vSphere documentation).
const (
	maxControllers    = 4 // of a type; two of IDE
	maxIDEControllers = 2
	unitsOfIDE        = 2
	unitsOfSATA       = 30
	unitsOfSCSI       = 16 // the reserved one included
	unitsOfPVSCSI     = 65 // likewise, from hardware version 14 on
	unitsOfNVMe       = 15
	unitsOfNVMe21     = 64 // from hardware version 21 on
	hardwarePVSCSI    = 14
	hardwareNVMe      = 21
)

// Limits are those of a type of controllers.
type Limits struct {
	// Buses is how many controllers of the type a machine can have, and Units how many units each
	// has at the most, which takes the latest hardware version.
	Buses, Units int32
	// Reserved is the unit that the controller itself takes; -1 for none.
	Reserved int32
}

// Usable is how many devices a controller takes.
func (l Limits) Usable() int32 {
	if l.Reserved >= 0 {
		return l.Units - 1
	}
	return l.Units
}

// Limits returns the limits of the type; false for no type of controllers.
func (t ControllerType) Limits() (Limits, bool) {
	if !slices.Contains(controllerTypes, t) {
		return Limits{}, false
	}
	most := Controller{Type: t}
	l := Limits{Buses: t.buses(), Reserved: -1}
	if t == SCSI {
		most.Model, l.Reserved = "ParaVirtual", reservedUnit
	}
	l.Units = most.units(0)
	return l, true
}

// buses is how many controllers of a type a machine can have.
func (t ControllerType) buses() int32 {
	if t == IDE {
		return maxIDEControllers
	}
	return maxControllers
}

// units is how many units the controller has, those included that cannot be used. Of a
// hardware version that is not known (0) it takes the latest.
func (c *Controller) units(hardware int) int32 {
	atLeast := func(version int) bool { return hardware == 0 || hardware >= version }
	switch c.Type {
	case IDE:
		return unitsOfIDE
	case SATA:
		return unitsOfSATA
	case NVME:
		if atLeast(hardwareNVMe) {
			return unitsOfNVMe21
		}
		return unitsOfNVMe
	case SCSI:
		if c.Model == "ParaVirtual" && atLeast(hardwarePVSCSI) {
			return unitsOfPVSCSI
		}
	}
	return unitsOfSCSI
}

// usable says whether a device can have a unit of the controller at all.
func (c *Controller) usable(unit int32, hardware int) bool {
	return unit >= 0 && unit < c.units(hardware) && (c.Type != SCSI || unit != reservedUnit)
}

// addController is the addition of a controller. Its key is temporary; vCenter chooses another.
func (c *Controller) addController(pci int32) (types.BaseVirtualDeviceConfigSpec, error) {
	base := types.VirtualController{VirtualDevice: types.VirtualDevice{Key: c.Key, ControllerKey: pci}, BusNumber: c.Bus}
	var device types.BaseVirtualDevice
	switch c.Type {
	case SCSI:
		device = &types.ParaVirtualSCSIController{VirtualSCSIController: types.VirtualSCSIController{
			VirtualController: base, SharedBus: sharings[c.Sharing], HotAddRemove: types.NewBool(true), ScsiCtlrUnitNumber: reservedUnit,
		}}
	case SATA:
		device = &types.VirtualAHCIController{VirtualSATAController: types.VirtualSATAController{VirtualController: base}}
	case NVME:
		nvme := &types.VirtualNVMEController{VirtualController: base}
		if c.Sharing == PhysicalBusSharing {
			nvme.SharedBus = string(sharings[c.Sharing]) // vSphere 8.0 Update 2
		}
		device = nvme
	case IDE:
		base.ControllerKey = 0 // not on the PCI bus
		device = &types.VirtualIDEController{VirtualController: base}
	default:
		return nil, fmt.Errorf("%w: controller type %q: use SCSI, SATA, NVME or IDE", vsphere.ErrInvalidArgument, c.Type)
	}
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: device}, nil
}
