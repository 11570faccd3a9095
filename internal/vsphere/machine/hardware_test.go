package machine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const gib = int64(1) << 30

// seen is the observation of a machine with these devices, hardware version 19.
func seen(power types.VirtualMachinePowerState, devices ...types.BaseVirtualDevice) *Observation {
	return newObservation(&mo.VirtualMachine{
		ManagedEntity: mo.ManagedEntity{Name: "web-1", ExtensibleManagedObject: mo.ExtensibleManagedObject{Self: Ref{Type: "VirtualMachine", Value: "vm-1"}}},
		Config: &types.VirtualMachineConfigInfo{
			InstanceUuid: uuid(1), Version: "vmx-19", Firmware: "efi",
			Hardware: types.VirtualHardware{NumCPU: 2, MemoryMB: 4096, Device: devices},
		},
		Runtime: types.VirtualMachineRuntimeInfo{PowerState: power, ConnectionState: types.VirtualMachineConnectionStateConnected},
	})
}

func pci() types.BaseVirtualDevice {
	return &types.VirtualPCIController{VirtualController: types.VirtualController{VirtualDevice: types.VirtualDevice{Key: 100}}}
}

func ide(bus int32) types.BaseVirtualDevice {
	return &types.VirtualIDEController{VirtualController: types.VirtualController{VirtualDevice: types.VirtualDevice{Key: 200 + bus}, BusNumber: bus}}
}

func sata(bus int32) types.BaseVirtualDevice {
	return &types.VirtualAHCIController{VirtualSATAController: types.VirtualSATAController{
		VirtualController: types.VirtualController{VirtualDevice: types.VirtualDevice{Key: 15000 + bus, ControllerKey: 100}, BusNumber: bus},
	}}
}

func nvme(bus int32) types.BaseVirtualDevice {
	return &types.VirtualNVMEController{VirtualController: types.VirtualController{VirtualDevice: types.VirtualDevice{Key: 31000 + bus, ControllerKey: 100}, BusNumber: bus}}
}

func pvscsi(bus int32, sharing types.VirtualSCSISharing) types.BaseVirtualDevice {
	return &types.ParaVirtualSCSIController{VirtualSCSIController: types.VirtualSCSIController{
		VirtualController:  types.VirtualController{VirtualDevice: types.VirtualDevice{Key: 1000 + bus, ControllerKey: 100, UnitNumber: types.NewInt32(3 + bus)}, BusNumber: bus},
		SharedBus:          sharing,
		ScsiCtlrUnitNumber: 7,
	}}
}

func lsilogic(bus int32) types.BaseVirtualDevice {
	return &types.VirtualLsiLogicController{VirtualSCSIController: types.VirtualSCSIController{
		VirtualController: types.VirtualController{VirtualDevice: types.VirtualDevice{Key: 1000 + bus, ControllerKey: 100}, BusNumber: bus},
		SharedBus:         types.VirtualSCSISharingNoSharing, ScsiCtlrUnitNumber: 7,
	}}
}

// diskAt is a thin disk of 10 GiB, whose UUID is made of its key.
func diskAt(key, controller, unit int32, change ...func(*types.VirtualDisk, *types.VirtualDiskFlatVer2BackingInfo)) types.BaseVirtualDevice {
	backing := &types.VirtualDiskFlatVer2BackingInfo{
		VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: fmt.Sprintf("[ds] web/web_%d.vmdk", key), Datastore: &Ref{Type: "Datastore", Value: "datastore-5"}},
		DiskMode:                     "persistent", ThinProvisioned: types.NewBool(true), Uuid: diskUUID(key), Sharing: "sharingNone",
	}
	disk := &types.VirtualDisk{
		VirtualDevice:   types.VirtualDevice{Key: key, ControllerKey: controller, UnitNumber: &unit, Backing: backing, DeviceInfo: &types.Description{Label: fmt.Sprint("Hard disk ", key), Summary: "10,485,760 KB"}},
		CapacityInBytes: 10 * gib, CapacityInKB: 10 << 20,
	}
	for _, f := range change {
		f(disk, backing)
	}
	return disk
}

func diskUUID(key int32) string { return fmt.Sprintf("6000c290-0000-0000-0000-%012d", key) }

// driveAt is a CD-ROM drive.
func driveAt(key, controller, unit int32, backing types.BaseVirtualDeviceBackingInfo, connected bool) types.BaseVirtualDevice {
	return &types.VirtualCdrom{VirtualDevice: types.VirtualDevice{
		Key: key, ControllerKey: controller, UnitNumber: &unit, Backing: backing, DeviceInfo: &types.Description{Label: fmt.Sprint("CD/DVD drive ", key), Summary: "CD"},
		Connectable: &types.VirtualDeviceConnectInfo{Connected: connected, StartConnected: connected, AllowGuestControl: true, Status: "ok"},
	}}
}

func iso(file string) types.BaseVirtualDeviceBackingInfo {
	return &types.VirtualCdromIsoBackingInfo{VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: file}}
}

func client() types.BaseVirtualDeviceBackingInfo {
	return &types.VirtualCdromRemotePassthroughBackingInfo{}
}

// step is what a test says of a change of a disk, a drive or a controller.
type step struct {
	What    string // operation, kind and key
	At      string // controller key and unit; the bus of a controller
	Is      string // what a drive or a disk is after it
	File    types.VirtualDeviceConfigSpecFileOperation
	Profile string
}

func steps(t *testing.T, changes []types.BaseVirtualDeviceConfigSpec) []step {
	t.Helper()
	var out []step
	for _, change := range changes {
		c := change.GetVirtualDeviceConfigSpec()
		d := c.Device.GetVirtualDevice()
		s := step{What: string(c.Operation) + " ", At: fmt.Sprintf("%d:%d", d.ControllerKey, unit(d.UnitNumber)), File: c.FileOperation}
		for _, profile := range c.Profile {
			if p, ok := profile.(*types.VirtualMachineDefinedProfileSpec); ok {
				s.Profile = p.ProfileId
			}
		}
		switch device := c.Device.(type) {
		case *types.VirtualCdrom:
			drive := newObservedCDROM(device, nil)
			s.What += fmt.Sprint("drive ", d.Key)
			s.Is = fmt.Sprintf("%s now %t, start %t, guest %t", drive.ISO, drive.Connected, drive.StartConnected, drive.AllowGuestControl)
		case *types.VirtualDisk:
			disk := newDisk(device, nil)
			s.What += fmt.Sprint("disk ", d.Key)
			s.Is = fmt.Sprintf("%d GiB %s %s %q shared %t", disk.CapacityBytes/gib, disk.Provisioning(), disk.Mode, disk.File, disk.MultiWriter)
			if device.CapacityInKB != disk.CapacityBytes/1024 {
				t.Errorf("disk %d: %d KB are not %d bytes", d.Key, device.CapacityInKB, disk.CapacityBytes)
			}
		default:
			controller := newController(c.Device)
			if controller == nil {
				t.Fatalf("change of %T", c.Device)
			}
			s.What += fmt.Sprintf("%s %d %s", controller.Type, d.Key, controller.Model)
			s.At = fmt.Sprintf("%d bus %d %s", d.ControllerKey, controller.Bus, controller.Sharing)
		}
		out = append(out, s)
	}
	return out
}

// spoken are the texts of reasons.
func spoken(reasons []Reason) []string {
	var out []string
	for _, reason := range reasons {
		out = append(out, reason.String())
	}
	return out
}

func contains(err error, text string) bool { return err != nil && strings.Contains(err.Error(), text) }
