package machine

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestObservationTellsWhatVCenterDoes(t *testing.T) {
	t.Parallel()
	yes, began, ended := types.NewBool(true), time.Unix(100, 0), time.Unix(200, 0)
	question := lockQuestion("Yes", "No")
	boot, drive := diskAt(2000, 1000, 0), driveAt(3000, 200, 0, iso(isoA), true)
	got := newObservation(&mo.VirtualMachine{
		ManagedEntity: mo.ManagedEntity{Name: "web-1", ExtensibleManagedObject: mo.ExtensibleManagedObject{Self: Ref{Type: "VirtualMachine", Value: "vm-1"}}, Parent: &Ref{Type: "Folder", Value: "group-v3"}},
		Config: &types.VirtualMachineConfigInfo{
			InstanceUuid: uuid(1), Uuid: "bios", Version: "vmx-21", GuestId: "ubuntu64Guest", GuestFullName: "Ubuntu Linux (64-bit)", Firmware: "efi", ChangeVersion: "7",
			CpuHotAddEnabled: yes, CpuHotRemoveEnabled: yes, MemoryHotAddEnabled: yes, HotPlugMemoryLimit: 65536, HotPlugMemoryIncrementSize: 128, MemoryReservationLockedToMax: yes,
			LatencySensitivity: &types.LatencySensitivity{Level: "high"}, NestedHVEnabled: yes, VPMCEnabled: yes, Flags: types.VirtualMachineFlagInfo{VvtdEnabled: yes},
			Files: types.VirtualMachineFileInfo{VmPathName: "[ds] web/web.vmx"}, ChangeTrackingEnabled: yes, BootOptions: &types.VirtualMachineBootOptions{BootDelay: 5},
			Hardware: types.VirtualHardware{NumCPU: 4, NumCoresPerSocket: types.NewInt32(2), AutoCoresPerSocket: yes, MemoryMB: 8192, Device: []types.BaseVirtualDevice{pci(), ide(0), pvscsi(0, noSharing), boot, drive}},
		},
		Runtime: types.VirtualMachineRuntimeInfo{PowerState: on, ConnectionState: "connected", Question: &question},
		Guest: &types.GuestInfo{
			ToolsRunningStatus: "guestToolsRunning", ToolsVersionStatus2: "guestToolsUnmanaged", ToolsVersion: "12389",
			CustomizationInfo: &types.GuestInfoCustomizationInfo{CustomizationStatus: "TOOLSDEPLOYPKG_FAILED", ErrorMsg: "no card", StartTime: &began, EndTime: &ended},
		},
		GuestHeartbeatStatus: "green",
	})
	want := &Observation{
		Ref: Ref{Type: "VirtualMachine", Value: "vm-1"}, Name: "web-1", Folder: Ref{Type: "Folder", Value: "group-v3"}, ConfigFile: "[ds] web/web.vmx",
		InstanceUUID: uuid(1), BIOSUUID: "bios", PowerState: on, ConnectionState: "connected", HardwareVersion: 21,
		GuestID: "ubuntu64Guest", GuestFullName: "Ubuntu Linux (64-bit)", CPUs: 4, CoresPerSocket: 2, AutoCores: true, MemoryMB: 8192, MemoryLocked: true,
		Latency: "high", NestedHV: true, VPMC: true, Flags: types.VirtualMachineFlagInfo{VvtdEnabled: yes},
		HotPlug:  HotPlug{CPUs: true, RemoveCPUs: true, Memory: true, MemoryLimitMB: 65536, MemoryStepMB: 128},
		Firmware: "efi", BootOptions: &types.VirtualMachineBootOptions{BootDelay: 5}, ChangeTracking: yes, ChangeVersion: "7", ExtraConfig: ExtraConfig{},
		Disks: []Disk{{
			Key: 2000, ControllerKey: 1000, Place: Place{SCSI, 0, 0}, Label: "Hard disk 2000", CapacityBytes: 10 * gib, UUID: diskUUID(2000), File: "[ds] web/web_2000.vmdk",
			Mode: "persistent", Thin: yes, Device: boot.(*types.VirtualDisk),
		}},
		CDROMs: []ObservedCDROM{{
			Key: 3000, Place: Place{IDE, 0, 0}, Label: "CD/DVD drive 3000", ISO: isoA, Connected: true, StartConnected: true, AllowGuestControl: true, Device: drive.(*types.VirtualCdrom),
		}},
		Controllers: []Controller{
			{Key: 1000, Type: SCSI, Model: "ParaVirtual", Sharing: NoBusSharing, Units: []int32{0}}, {Key: 200, Type: IDE, Sharing: NoBusSharing, Units: []int32{0}},
		},
		Question:        &question,
		Customization:   Customization{Status: broken, Message: "no card", Began: began, Ended: ended},
		Tools:           Tools{RunningStatus: "guestToolsRunning", VersionStatus: "guestToolsUnmanaged", Version: "12389"},
		HeartbeatStatus: "green",
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Observation{}, "Guest"), cmpopts.IgnoreUnexported(Observation{})); diff != "" {
		t.Errorf("observation (-want +got):\n%s", diff)
	}
}

func TestDisksTellHowTheirFilesTakeUpSpace(t *testing.T) {
	t.Parallel()
	yes, no := types.NewBool(true), types.NewBool(false)
	for want, backing := range map[Provisioning]types.VirtualDiskFlatVer2BackingInfo{
		"":               {},
		Thin:             {ThinProvisioned: yes},
		Thick:            {ThinProvisioned: no},
		EagerZeroedThick: {ThinProvisioned: no, EagerlyScrub: yes},
	} {
		disk := newDisk(&types.VirtualDisk{VirtualDevice: types.VirtualDevice{Backing: &backing}}, nil)
		if got := disk.Provisioning(); got != want {
			t.Errorf("%+v is %q, want %q", backing, got, want)
		}
	}
}
