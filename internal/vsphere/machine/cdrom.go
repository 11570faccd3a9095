package machine

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// CDROM is a CD-ROM drive as it is wanted.
type CDROM struct {
	Name string
	// ISO is the datastore path of the file in the drive, as ISOFile returns it. Empty: the
	// drive is the client device's, which holds nothing until somebody at a console connects it.
	ISO string
	// Address on an IDE or SATA controller. Open: a free IDE unit, else a SATA one.
	Address Address
	// Connected also says whether the drive is connected when the machine is powered on.
	Connected bool
	// AllowGuestControl lets the guest eject and connect it.
	AllowGuestControl bool
}

// ObservedCDROM is a CD-ROM drive as it is.
type ObservedCDROM struct {
	Key   int32
	Place Place
	Label string
	// ISO is the datastore path of the file in the drive; empty for every other backing.
	ISO string
	// Client says that the drive is a client device's.
	Client bool
	// Connected now, which needs a running machine, and when it is powered on.
	Connected, StartConnected, AllowGuestControl bool
	// Device is the drive as vCenter reports it: the base of an edit.
	Device *types.VirtualCdrom
}

func newObservedCDROM(device *types.VirtualCdrom, controllers []Controller) ObservedCDROM {
	drive := ObservedCDROM{
		Key: device.Key, Label: label(device.DeviceInfo), Device: device,
		Place: placeOf(controllers, device.ControllerKey, device.UnitNumber),
	}
	switch backing := device.Backing.(type) {
	case *types.VirtualCdromIsoBackingInfo:
		drive.ISO = backing.FileName
	case *types.VirtualCdromRemotePassthroughBackingInfo, *types.VirtualCdromRemoteAtapiBackingInfo:
		drive.Client = true
	}
	if c := device.Connectable; c != nil {
		drive.Connected, drive.StartConnected, drive.AllowGuestControl = c.Connected, c.StartConnected, c.AllowGuestControl
	}
	return drive
}

// cdromTypes are the controllers of CD-ROM drives, in the order in which VM Operator tries them.
var cdromTypes = []ControllerType{IDE, SATA}

func (c *CDROM) check() error {
	if err := c.Address.check(cdromTypes...); err != nil {
		return err
	}
	if c.ISO == "" && c.Connected {
		return fmt.Errorf("%w: a client device is connected at its console. Name an ISO, or leave it disconnected", vsphere.ErrInvalidArgument)
	}
	return nil
}

// backing is what the drive holds.
func (c *CDROM) backing() types.BaseVirtualDeviceBackingInfo {
	if c.ISO == "" {
		return &types.VirtualCdromRemotePassthroughBackingInfo{
			VirtualDeviceRemoteDeviceBackingInfo: types.VirtualDeviceRemoteDeviceBackingInfo{UseAutoDetect: types.NewBool(false)},
		}
	}
	return &types.VirtualCdromIsoBackingInfo{VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: c.ISO}}
}

// connection is the state of the drive in a machine that runs or does not. What does not run
// connects nothing.
func (c *CDROM) connection(runs bool) *types.VirtualDeviceConnectInfo {
	return &types.VirtualDeviceConnectInfo{
		StartConnected: c.Connected, Connected: c.Connected && runs, AllowGuestControl: c.AllowGuestControl,
	}
}

// device is a new drive. Its key is temporary.
func (c *CDROM) device(key, controllerKey, unit int32, runs bool) *types.VirtualCdrom {
	return &types.VirtualCdrom{VirtualDevice: types.VirtualDevice{
		Key: key, ControllerKey: controllerKey, UnitNumber: &unit, Backing: c.backing(), Connectable: c.connection(runs),
	}}
}

// is says whether the drive is what is wanted of it, in a machine that runs or does not.
func (c *CDROM) is(have *ObservedCDROM, runs bool) bool {
	return c.holds(have) && have.StartConnected == c.Connected && have.AllowGuestControl == c.AllowGuestControl &&
		(!runs || have.Connected == c.Connected)
}

// holds says whether the drive has the wanted backing.
func (c *CDROM) holds(have *ObservedCDROM) bool {
	if c.ISO == "" {
		return have.Client
	}
	return have.ISO == c.ISO
}
