package library

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// templateProperties are what an image's status is made of.
var templateProperties = []string{
	"config.firmware", "config.guestId", "config.version", "config.vAppConfig",
	"config.hardware", "config.extraConfig",
}

// template describes an item of type vm-template by the virtual machine that it keeps: such
// items have no descriptor. The item's content version says which machine that is and not how it is
// configured, so that it is read again when the answer is no longer recent. Where vCenter does not
// say which machine it is, the image is described by the little that the item itself tells; nil
// means that this is nothing, and the image has no more than its name.
func (c *Catalogue) template(ctx context.Context, item image.Item) (*image.Descriptor, error) {
	return c.templates.of(item.ID).Since(ctx, c.recently())
}

func (c *Catalogue) readTemplate(ctx context.Context, itemID string) (*image.Descriptor, error) {
	doing := fmt.Sprintf("read the virtual machine template of content library item %s", itemID)
	manager, err := c.manager(ctx)
	if err != nil {
		return nil, err
	}
	info, err := vcenter.NewManager(manager.Client).GetLibraryTemplateInfo(ctx, itemID)
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	if info.VmTemplate == "" {
		return infoDescriptor(info), nil
	}
	client, err := c.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	machine := types.ManagedObjectReference{Type: "VirtualMachine", Value: info.VmTemplate}
	var vm mo.VirtualMachine
	err = property.DefaultCollector(client).RetrieveOne(ctx, machine, templateProperties, &vm)
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	if vm.Config == nil {
		return nil, fmt.Errorf("%w: virtual machine %s is not accessible", errContent, info.VmTemplate)
	}
	described := machineDescriptor(vm.Config)
	described.SystemID = info.VmTemplate
	return described, nil
}

// infoDescriptor describes an image by what the library item tells about the machine in it where it
// does not say which machine that is: its size, its guest and its disks. The firmware is not
// among it.
func infoDescriptor(info *vcenter.TemplateInfo) *image.Descriptor {
	if info.CPU.Count == 0 && info.Memory.SizeMB == 0 && len(info.Disks) == 0 {
		return nil
	}
	d := &image.Descriptor{MemoryBytes: int64(info.Memory.SizeMB) << 20}
	if count := info.CPU.Count; count > 0 && count <= math.MaxInt32 {
		d.CPUs = int32(count)
	}
	if id := guestID(info.GuestOS); id != "" {
		d.OS = &image.OSInfo{ID: id, Type: image.Family(id)}
	}
	for _, disk := range info.Disks {
		if disk.Value != nil {
			d.Disks = append(d.Disks, image.NewDisk(disk.Key, int64(disk.Value.Capacity)))
		}
	}
	return d
}

// guestID returns the vSphere guest id for the word that the vAPI has for it, such as
// rhel9_64Guest for RHEL_9_64, or an empty text where there is none.
func guestID(word string) string {
	plain := func(name string) string {
		return strings.NewReplacer("_", "", "guest", "").Replace(strings.ToLower(name))
	}
	for _, id := range types.VirtualMachineGuestOsIdentifier("").Strings() {
		if word != "" && plain(id) == plain(word) {
			return id
		}
	}
	return ""
}

// machineDescriptor describes an image by the configuration of a virtual machine, as VM
// Operator does with images that are kept as machines.
func machineDescriptor(config *types.VirtualMachineConfigInfo) *image.Descriptor {
	d := &image.Descriptor{
		Firmware:    image.Firmware(strings.ToUpper(config.Firmware)),
		CPUs:        config.Hardware.NumCPU,
		MemoryBytes: int64(config.Hardware.MemoryMB) << 20,
	}
	if d.Firmware == "" {
		d.Firmware = image.BIOS // vSphere's default
	}
	if config.GuestId != "" {
		d.OS = &image.OSInfo{ID: config.GuestId, Type: image.Family(config.GuestId)}
	}
	if version, err := types.ParseHardwareVersion(config.Version); err == nil && version.IsValid() {
		number := int32(version)
		d.HardwareVersion = &number
	}
	if config.VAppConfig != nil {
		describeVApp(d, config.VAppConfig.GetVmConfigInfo())
	}
	for _, option := range config.ExtraConfig {
		if text, ok := option.GetOptionValue().Value.(string); ok {
			if d.ExtraConfig == nil {
				d.ExtraConfig = make(map[string]string, len(config.ExtraConfig))
			}
			d.ExtraConfig[option.GetOptionValue().Key] = text
		}
	}
	controllers := make(map[int32]types.BaseVirtualDevice, len(config.Hardware.Device))
	for _, device := range config.Hardware.Device {
		controllers[device.GetVirtualDevice().Key] = device
	}
	for _, device := range config.Hardware.Device {
		switch device := device.(type) {
		case *types.VirtualDisk:
			if disk, ok := describeDisk(device, controllers[device.ControllerKey]); ok {
				d.Disks = append(d.Disks, disk)
			}
		case types.BaseVirtualEthernetCard:
			card := device.GetVirtualEthernetCard()
			nic := image.NIC{Adapter: strings.TrimPrefix(fmt.Sprintf("%T", device), "*types.Virtual")}
			if card.DeviceInfo != nil {
				nic.Name = card.DeviceInfo.GetDescription().Label
				nic.Network = card.DeviceInfo.GetDescription().Summary
			}
			d.NICs = append(d.NICs, nic)
		}
	}
	return d
}

func describeVApp(d *image.Descriptor, vApp *types.VmConfigInfo) {
	d.HasVApp = true
	d.Transports = vApp.OvfEnvironmentTransport
	if len(vApp.Product) > 0 {
		first := vApp.Product[0]
		d.Product = &image.ProductInfo{Product: first.Name, Vendor: first.Vendor, Version: first.Version, FullVersion: first.FullVersion}
	}
	for _, p := range vApp.Property {
		value := p.DefaultValue // a machine always has one, be it empty
		d.Properties = append(d.Properties, image.Property{
			Key: p.Id, Type: p.Type, Default: &value, Label: p.Label, Description: p.Description, Category: p.Category,
			UserConfigurable: p.UserConfigurable != nil && *p.UserConfigurable,
			Password:         strings.HasPrefix(p.Type, "password"),
			ClassID:          p.ClassId, InstanceID: p.InstanceId,
		})
	}
	d.Capabilities = image.Capabilities(d.Properties)
}

// describeDisk describes a disk by the identity of its backing, which is what VM Operator
// names the disks of such images by; disks without one are left out.
func describeDisk(device *types.VirtualDisk, controller types.BaseVirtualDevice) (image.Disk, bool) {
	var uuid string
	switch backing := device.Backing.(type) {
	case *types.VirtualDiskFlatVer2BackingInfo:
		uuid = backing.Uuid
	case *types.VirtualDiskSeSparseBackingInfo:
		uuid = backing.Uuid
	case *types.VirtualDiskSparseVer2BackingInfo:
		uuid = backing.Uuid
	case *types.VirtualDiskRawDiskMappingVer1BackingInfo:
		uuid = backing.Uuid
	case *types.VirtualDiskRawDiskVer2BackingInfo:
		uuid = backing.Uuid
	}
	if uuid == "" {
		return image.Disk{}, false
	}
	size := device.CapacityInBytes
	if size == 0 {
		size = device.CapacityInKB * 1024
	}
	disk := image.NewDisk(uuid, size)
	disk.UnitNumber = device.UnitNumber
	switch controller.(type) {
	case *types.VirtualIDEController:
		disk.ControllerType = "IDE"
	case *types.VirtualNVMEController:
		disk.ControllerType = "NVME"
	case types.BaseVirtualSATAController:
		disk.ControllerType = "SATA"
	case types.BaseVirtualSCSIController:
		disk.ControllerType = "SCSI"
	}
	if bus, ok := controller.(types.BaseVirtualController); ok {
		number := bus.GetVirtualController().BusNumber
		disk.ControllerBusNumber = &number
	}
	return disk, true
}
