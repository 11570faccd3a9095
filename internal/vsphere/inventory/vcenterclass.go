package inventory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// classesPath is where vCenter keeps virtual machine classes.
const classesPath = "/api/vcenter/namespace-management/virtual-machine-classes"

// classInfo is a class as vCenter describes it. govmomi's type has another name for the
// DirectPath I/O devices than the documented one, and does not have the instance storage.
type classInfo struct {
	namespace.VirtualMachineClassInfo
	Devices         classDevices `json:"devices"`
	InstanceStorage *struct {
		Policy  string `json:"policy"`
		Volumes []struct {
			Size int64 `json:"size"` // MiB
		} `json:"volumes"`
	} `json:"instance_storage"`
}

type classDevices struct {
	namespace.VirtualDevices
	Dynamic []namespace.DirectPathIoDevice `json:"dynamic_direct_path_io_devices"`
}

func (i *Inventory) readClasses(ctx context.Context) ([]Class, error) {
	client, err := i.client.REST(ctx)
	if err != nil {
		return nil, err
	}
	var infos []classInfo
	err = client.Do(ctx, client.Resource(classesPath).Request(http.MethodGet), &infos)
	if err = vsphere.Translate(err, "read the virtual machine classes"); errors.Is(err, vsphere.ErrNotFound) {
		return nil, nil // a vCenter without the service that keeps classes
	}
	if err != nil {
		return nil, err
	}
	classes := make([]Class, len(infos))
	for n := range infos {
		classes[n] = vcenterClass(&infos[n])
	}
	return classes, nil
}

// vcenterClass takes over a class of vCenter, whose reservations are percentages of its size.
func vcenterClass(info *classInfo) Class {
	class := Class{
		Name: info.Id, Description: info.Description, FromVCenter: true,
		CPUs: int32(info.CpuCount), MemoryBytes: info.MemoryMb * mebibyte,
	}
	if info.CpuReservation > 0 {
		milli := info.CpuCount * info.CpuReservation * 10
		class.CPURequestMilli = &milli
	}
	if info.MemoryReservation > 0 {
		reserved := class.MemoryBytes * info.MemoryReservation / 100
		class.MemoryRequestBytes = &reserved
	}
	for _, gpu := range info.Devices.VgpuDevices {
		class.VGPUs = append(class.VGPUs, gpu.ProfileName)
	}
	for _, device := range slices.Concat(info.Devices.Dynamic, info.Devices.DirectPathIoDevices) {
		class.DirectPath = append(class.DirectPath, DirectPathDevice{
			VendorID: device.VendorId, DeviceID: device.DeviceId, CustomLabel: device.CustomLabel,
		})
	}
	if storage := info.InstanceStorage; storage != nil && len(storage.Volumes) > 0 {
		class.InstanceStorage = &InstanceStorage{PolicyID: storage.Policy}
		for _, volume := range storage.Volumes {
			class.InstanceStorage.VolumeBytes = append(class.InstanceStorage.VolumeBytes, volume.Size*mebibyte)
		}
	}
	var err error
	class.ConfigSpec, class.ConfigJSON, err = decodeConfigSpec(info.ConfigSpec)
	if class.ConfigSpec == nil && err == nil {
		class.ConfigSpec = class.deviceSpec()
	}
	if spec := class.ConfigSpec; spec != nil {
		class.Base = baseOf(spec)
		class.Firmware = strings.ToLower(spec.Firmware)
		if version, err := types.ParseHardwareVersion(spec.Version); err == nil {
			class.HardwareVersion = int(version)
		}
	}
	class.Unusable = class.judge(info.ConfigStatus, err)
	return class
}

// decodeConfigSpec reads a config_spec, and writes it with its members in order.
func decodeConfigSpec(text []byte) (*types.VirtualMachineConfigSpec, string, error) {
	if text = bytes.TrimSpace(text); len(text) == 0 || bytes.Equal(text, []byte("null")) || bytes.Equal(text, []byte("{}")) {
		return nil, "", nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, "", err
	}
	ordered, err := json.Marshal(tree)
	if err != nil {
		return nil, "", err
	}
	var spec types.VirtualMachineConfigSpec
	if err := types.NewJSONDecoder(bytes.NewReader(text)).Decode(&spec); err != nil {
		return nil, string(ordered), err
	}
	sanitize(&spec)
	return &spec, string(ordered), nil
}

// evacuationKey is the ExtraConfig key that VM Operator takes out of classes: it let DRS power
// machines with such devices off when a host goes into maintenance.
const evacuationKey = "maintenance.vm.evacuation.poweroff"

// sanitize takes out of a class's specification what VM Operator does: what belongs to one
// machine, and disks, which come from the image. Raw device mappings stay.
func sanitize(spec *types.VirtualMachineConfigSpec) {
	spec.Uuid, spec.InstanceUuid, spec.GuestId = "", "", ""
	spec.Files, spec.VmProfile = nil, nil
	spec.ExtraConfig = settings(spec.ExtraConfig)
	spec.DeviceChange = slices.DeleteFunc(spec.DeviceChange, func(change types.BaseVirtualDeviceConfigSpec) bool {
		disk, ok := change.GetVirtualDeviceConfigSpec().Device.(*types.VirtualDisk)
		if !ok {
			return false
		}
		switch disk.Backing.(type) {
		case *types.VirtualDiskRawDiskMappingVer1BackingInfo, *types.VirtualDiskRawDiskVer2BackingInfo, *types.VirtualDiskPartitionedRawDiskVer2BackingInfo:
			return false
		default:
			return true
		}
	})
}

// deviceSpec is the specification of a class that lists devices but has no config_spec: vGPUs
// first, then dynamic DirectPath I/O devices, with keys from -200 downwards, as VM Operator
// numbers them.
func (c *Class) deviceSpec() *types.VirtualMachineConfigSpec {
	var changes []types.BaseVirtualDeviceConfigSpec
	add := func(backing types.BaseVirtualDeviceBackingInfo) {
		device := &types.VirtualPCIPassthrough{}
		device.Key = int32(-200 - len(changes))
		device.Backing = backing
		changes = append(changes, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: device})
	}
	for _, profile := range c.VGPUs {
		add(&types.VirtualPCIPassthroughVmiopBackingInfo{Vgpu: profile})
	}
	for _, device := range c.DirectPath {
		add(&types.VirtualPCIPassthroughDynamicBackingInfo{
			AllowedDevice: []types.VirtualPCIPassthroughAllowedDevice{{VendorId: int32(device.VendorID), DeviceId: int32(device.DeviceID)}},
			CustomLabel:   device.CustomLabel,
		})
	}
	if changes == nil {
		return nil
	}
	return &types.VirtualMachineConfigSpec{DeviceChange: changes}
}
