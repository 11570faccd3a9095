package library

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

const capabilities = "capabilities.image.vmoperator.vmware.com"

func pointer[T any](v T) *T { return &v }

// diskAt is a disk of 10 GiB behind the controller of the given key.
func diskAt(controller, unit int32, uuid string) *types.VirtualDisk {
	disk := &types.VirtualDisk{CapacityInBytes: 10 << 30}
	disk.ControllerKey, disk.UnitNumber = controller, &unit
	disk.Backing = &types.VirtualDiskFlatVer2BackingInfo{Uuid: uuid}
	return disk
}

func TestAVirtualMachineDescribesItsImage(t *testing.T) {
	t.Parallel()
	scsi := &types.ParaVirtualSCSIController{}
	scsi.Key, scsi.BusNumber = 1000, 1
	sata := &types.VirtualAHCIController{}
	sata.Key = 15000
	nvme := &types.VirtualNVMEController{}
	nvme.Key = 31000
	card := &types.VirtualVmxnet3{}
	card.DeviceInfo = &types.Description{Label: "Network adapter 1", Summary: "VM Network"}
	nameless := diskAt(1000, 1, "")
	old := diskAt(31000, 0, "uuid-nvme")
	old.CapacityInBytes, old.CapacityInKB = 0, 1<<20

	got := machineDescriptor(&types.VirtualMachineConfigInfo{
		Firmware: "efi", GuestId: "ubuntu64Guest", Version: "vmx-19",
		ExtraConfig: []types.BaseOptionValue{
			&types.OptionValue{Key: "guestinfo.vmservice.defer-cloud-init", Value: "ready"},
			&types.OptionValue{Key: "number", Value: int32(7)}, // vSphere's are strings; what is not is no setting of the image
		},
		Hardware: types.VirtualHardware{NumCPU: 2, MemoryMB: 4096, Device: []types.BaseVirtualDevice{
			diskAt(1000, 0, "uuid-scsi"), nameless, diskAt(15000, 3, "uuid-sata"), old, scsi, sata, nvme, card,
		}},
		VAppConfig: &types.VmConfigInfo{
			OvfEnvironmentTransport: []string{"com.vmware.guestInfo"},
			Product:                 []types.VAppProductInfo{{Name: "Ubuntu", Vendor: "Canonical", Version: "22.04", FullVersion: "22.04.3"}},
			Property: []types.VAppPropertyInfo{
				{Id: "hostname", Type: "string(1..8)", UserConfigurable: types.NewBool(true), Label: "Host name", Category: "System"},
				{Id: "secret", ClassId: "app", InstanceId: "main", Type: "password", DefaultValue: "x"},
				{Id: capabilities, Type: "string", DefaultValue: "cloud-init, nvidia-gpu,,cloud-init"},
			},
		},
	})
	want := &image.Descriptor{
		Firmware: image.EFI, HardwareVersion: pointer[int32](19), CPUs: 2, MemoryBytes: 4 << 30,
		OS:      &image.OSInfo{ID: "ubuntu64Guest", Type: "Linux"},
		Product: &image.ProductInfo{Product: "Ubuntu", Vendor: "Canonical", Version: "22.04", FullVersion: "22.04.3"},
		HasVApp: true,
		Properties: []image.Property{
			{Key: "hostname", Type: "string(1..8)", Default: pointer(""), Label: "Host name", Category: "System", UserConfigurable: true},
			{Key: "secret", Type: "password", Default: pointer("x"), Password: true, ClassID: "app", InstanceID: "main"},
			{Key: capabilities, Type: "string", Default: pointer("cloud-init, nvidia-gpu,,cloud-init")},
		},
		Capabilities: []string{"cloud-init", "nvidia-gpu"},
		Transports:   []string{"com.vmware.guestInfo"},
		Disks: []image.Disk{
			{Name: "uuid-scsi", Capacity: "10Gi", CapacityBytes: 10 << 30, ControllerType: "SCSI", ControllerBusNumber: pointer[int32](1), UnitNumber: pointer[int32](0)},
			{Name: "uuid-sata", Capacity: "10Gi", CapacityBytes: 10 << 30, ControllerType: "SATA", ControllerBusNumber: pointer[int32](0), UnitNumber: pointer[int32](3)},
			{Name: "uuid-nvme", Capacity: "1Gi", CapacityBytes: 1 << 30, ControllerType: "NVME", ControllerBusNumber: pointer[int32](0), UnitNumber: pointer[int32](0)},
		},
		NICs:        []image.NIC{{Name: "Network adapter 1", Network: "VM Network", Adapter: "Vmxnet3"}},
		ExtraConfig: map[string]string{"guestinfo.vmservice.defer-cloud-init": "ready"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("descriptor (-want +got):\n%s", diff)
	}
}

func TestABareVirtualMachineDescribesItsImage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config types.VirtualMachineConfigInfo
		want   image.Descriptor
	}{
		"of a version to come": {
			types.VirtualMachineConfigInfo{Firmware: "bios", GuestId: "windows2019srv_64Guest", Version: "vmx-next"},
			image.Descriptor{Firmware: image.BIOS, OS: &image.OSInfo{ID: "windows2019srv_64Guest", Type: "Windows"}},
		},
		"that says nothing": {types.VirtualMachineConfigInfo{}, image.Descriptor{Firmware: image.BIOS}},
	} {
		if diff := cmp.Diff(&test.want, machineDescriptor(&test.config)); diff != "" {
			t.Errorf("a machine %s (-want +got):\n%s", name, diff)
		}
	}
}

func TestALibraryItemTellsLittleOfItsTemplate(t *testing.T) {
	t.Parallel()
	got := infoDescriptor(&vcenter.TemplateInfo{
		CPU: vcenter.CPU{Count: 4, CoresPerSocket: 2}, Memory: vcenter.Memory{SizeMB: 2048}, GuestOS: "UBUNTU_64",
		Disks: []vcenter.Disks{{Key: "2000", Value: &vcenter.DiskInfo{Capacity: 20 << 30}}, {Key: "2001"}},
	})
	want := &image.Descriptor{
		CPUs: 4, MemoryBytes: 2 << 30, OS: &image.OSInfo{ID: "ubuntu64Guest", Type: "Linux"},
		Disks: []image.Disk{{Name: "2000", Capacity: "20Gi", CapacityBytes: 20 << 30}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("descriptor (-want +got):\n%s", diff)
	}
	if got := infoDescriptor(&vcenter.TemplateInfo{}); got != nil {
		t.Errorf("of an item that tells nothing it is %+v", got)
	}
}

func TestGuestsHaveTwoSpellings(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"RHEL_9_64": "rhel9_64Guest", "VMWARE_PHOTON_64": "vmwarePhoton64Guest", "WINDOWS_9_SERVER_64": "windows9Server64Guest",
		"OTHER_5X_LINUX_64": "other5xLinux64Guest", "OTHER_64": "otherGuest64", "OTHER": "otherGuest", "FREEBSD_13_64": "freebsd13_64Guest",
		"WIN_NET_ENTERPRISE_64": "winNetEnterprise64Guest", "UNHEARD_OF": "", "": "",
	} {
		if got := guestID(word); got != want {
			t.Errorf("guestID(%q) = %q, want %q", word, got, want)
		}
	}
}
