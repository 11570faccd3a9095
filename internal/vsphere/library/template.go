package library

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// templateProperties are what an image's status is made of.
var templateProperties = []string{
	"config.firmware", "config.guestId", "config.version", "config.vAppConfig",
	"config.hardware.device", "config.extraConfig",
}

// template describes an item of type vm-template by the virtual machine that it keeps: such
// items have no descriptor and no content version. nil means that vCenter does not say which
// machine it is; the image then has no more than its name.
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
		return nil, nil //nolint:nilnil // no description is an answer
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
	return machineDescriptor(vm.Config), nil
}

// machineDescriptor describes an image by the configuration of a virtual machine, as VM
// Operator does with images that are kept as machines.
func machineDescriptor(config *types.VirtualMachineConfigInfo) *image.Descriptor {
	d := &image.Descriptor{
		Firmware: image.Firmware(strings.ToUpper(config.Firmware)),
		OS:       &image.OSInfo{ID: config.GuestId, Type: image.Family(config.GuestId)},
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

// capabilitiesProperty is where an image says what it can do.
const capabilitiesProperty = "capabilities.image.vmoperator.vmware.com"

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
		if p.Id != capabilitiesProperty {
			continue
		}
		for word := range strings.SplitSeq(value, ",") {
			if word = strings.TrimSpace(word); word != "" && !slices.Contains(d.Capabilities, word) {
				d.Capabilities = append(d.Capabilities, word)
			}
		}
	}
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
	disk := image.Disk{
		Name: uuid, CapacityBytes: size, Capacity: resource.NewQuantity(size, resource.BinarySI).String(),
		UnitNumber: device.UnitNumber,
	}
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
