package image

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/vim25/types"
)

// ErrDescriptor is what every error of ParseDescriptor is.
var ErrDescriptor = errors.New("the OVF descriptor cannot be used")

// Descriptor is what an OVF descriptor says about the machines made of it, under its
// default deployment option.
type Descriptor struct {
	// SystemID is the id of the virtual system that is described, and the managed object id of the
	// virtual machine that a VM template is. A template without one cannot be deployed.
	SystemID string
	// Configuration is the deployment option that everything here was read under: the default
	// one, else the first; empty where the descriptor has none.
	Configuration string
	// Configurations are all deployment options, in document order.
	Configurations []Configuration
	Firmware       Firmware
	// HardwareVersion is the number of vmx-NN, nil where none or several are named.
	HardwareVersion *int32
	// CPUs and MemoryBytes are the size of the machine, 0 where the descriptor does not say.
	CPUs        int32
	MemoryBytes int64
	OS          *OSInfo
	Product     *ProductInfo
	// HasVApp tells that there are product sections: a machine gets vApp options.
	HasVApp bool
	// Properties are all properties of the configuration, also those no user may set.
	Properties   []Property
	Capabilities []string
	// Transports are the ways into the guest that the OVF environment takes, such as
	// com.vmware.guestInfo and iso.
	Transports []string
	Disks      []Disk
	// Networks are the descriptor's own networks, which a deployment maps to real ones.
	Networks []Network
	// NICs are the network cards, in document order.
	NICs []NIC
	// ExtraConfig is the descriptor's vmw:ExtraConfig.
	ExtraConfig map[string]string
}

// Configuration is a deployment option.
type Configuration struct {
	ID, Label, Description string
	Default                bool
}

// Network is one of the descriptor's own networks.
type Network struct{ Name, Description string }

// NIC is a network card of the descriptor.
type NIC struct {
	// Name is the item's element name, Network the descriptor's network it is connected to.
	Name, Network string
	// Adapter is the resource subtype, such as VmxNet3.
	Adapter string
}

// GuestID returns the vSphere guest id, or an empty string where there is none.
func (d *Descriptor) GuestID() string {
	if d.OS == nil {
		return ""
	}
	return d.OS.ID
}

// ParseDescriptor reads an OVF descriptor. Of a collection of virtual systems it describes
// the first. Errors wrap ErrDescriptor and say what in the document is wrong; no document
// makes it panic.
func ParseDescriptor(document []byte) (*Descriptor, error) {
	descriptor, err := parseDescriptor(document)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDescriptor, err)
	}
	return descriptor, nil
}

func parseDescriptor(document []byte) (*Descriptor, error) {
	envelope, err := decodeEnvelope(document)
	if err != nil {
		return nil, err
	}
	system, err := firstSystem(envelope)
	if err != nil {
		return nil, err
	}

	d := &Descriptor{
		SystemID: system.ID,
		Firmware: BIOS,
		OS:       osInfo(system.OperatingSystem),
		HasVApp:  len(system.Product) > 0,
	}
	d.Configurations, d.Configuration = configurations(envelope.DeploymentOption)
	if d.HasVApp {
		first := system.Product[0]
		d.Product = &ProductInfo{
			Product:     strings.TrimSpace(first.Product),
			Vendor:      strings.TrimSpace(first.Vendor),
			Version:     strings.TrimSpace(first.Version),
			FullVersion: strings.TrimSpace(first.FullVersion),
		}
	}
	if d.Properties, err = properties(system.Product, d.Configuration); err != nil {
		return nil, err
	}
	d.Capabilities = Capabilities(d.Properties)
	if envelope.Network != nil {
		for _, network := range envelope.Network.Networks {
			d.Networks = append(d.Networks, Network{network.Name, strings.TrimSpace(network.Description)})
		}
	}
	if len(system.VirtualHardware) > 0 {
		if err := d.readHardware(envelope.Disk, system.VirtualHardware[0]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// firstSystem returns the virtual system to describe. One in a collection that has no product
// sections of its own has those of the collection.
func firstSystem(envelope *ovf.Envelope) (ovf.VirtualSystem, error) {
	if envelope.VirtualSystem != nil {
		return *envelope.VirtualSystem, nil
	}
	collection := envelope.VirtualSystemCollection
	if collection == nil || len(collection.VirtualSystem) == 0 {
		return ovf.VirtualSystem{}, errors.New("it describes no virtual system")
	}
	system := collection.VirtualSystem[0]
	if system.Product == nil {
		system.Product = collection.Product
	}
	return system, nil
}

// configurations returns the deployment options and the one that is active: that marked as
// default, else the first.
func configurations(section *ovf.DeploymentOptionSection) (all []Configuration, active string) {
	if section == nil || len(section.Configuration) == 0 {
		return nil, ""
	}
	active = section.Configuration[0].ID
	for _, option := range slices.Backward(section.Configuration) {
		isDefault := option.Default != nil && *option.Default
		if isDefault {
			active = option.ID
		}
		all = append(all, Configuration{
			ID:          option.ID,
			Label:       strings.TrimSpace(option.Label),
			Description: strings.TrimSpace(option.Description),
			Default:     isDefault,
		})
	}
	slices.Reverse(all)
	return all, active
}

// inConfiguration tells whether an element that is tagged with a list of deployment options
// counts under the active one. An untagged element always does.
func inConfiguration(tag *string, active string) bool {
	return tag == nil || slices.Contains(strings.Fields(*tag), active)
}

// isBound tells whether a hardware item is no item, but the least or the most of another one.
func isBound(item ovf.ResourceAllocationSettingData) bool {
	bound := trimmed(item.Bound)
	return bound == "min" || bound == "max"
}

// readHardware reads the hardware section: a machine is described by the first one.
func (d *Descriptor) readHardware(disks *ovf.DiskSection, hardware ovf.VirtualHardwareSection) error {
	if hardware.System != nil && hardware.System.VirtualSystemType != nil {
		d.HardwareVersion = hardwareVersion(*hardware.System.VirtualSystemType)
	}
	if hardware.Transport != nil {
		d.Transports = strings.Fields(*hardware.Transport)
	}
	for _, config := range hardware.Config {
		if config.Key != "firmware" || config.Value == "" {
			continue
		}
		firmware := Firmware(strings.ToUpper(strings.TrimSpace(config.Value)))
		if firmware != BIOS && firmware != EFI {
			return fmt.Errorf("firmware is %q, expected bios or efi", config.Value)
		}
		d.Firmware = firmware
	}
	if len(hardware.ExtraConfig) > 0 {
		d.ExtraConfig = make(map[string]string, len(hardware.ExtraConfig))
		for _, config := range hardware.ExtraConfig {
			d.ExtraConfig[config.Key] = config.Value
		}
	}

	items := slices.DeleteFunc(slices.Clone(hardware.Item), func(item ovf.ResourceAllocationSettingData) bool {
		return !inConfiguration(item.Configuration, d.Configuration) || isBound(item)
	})
	for _, item := range items {
		if item.ResourceType == nil {
			return fmt.Errorf("hardware item %q has no ResourceType", item.InstanceID)
		}
		if *item.ResourceType == ovf.EthernetAdapter {
			nic := NIC{Name: elementName(item), Adapter: trimmed(item.ResourceSubType)}
			if len(item.Connection) > 0 {
				nic.Network = strings.TrimSpace(item.Connection[0])
			}
			d.NICs = append(d.NICs, nic)
		}
		if *item.ResourceType == ovf.Processor || *item.ResourceType == ovf.Memory {
			if err := d.size(item); err != nil {
				return err
			}
		}
	}

	reader := diskReader{items: items, properties: d.Properties}
	if disks != nil {
		reader.descriptions = disks.Disks
	}
	var err error
	d.Disks, err = reader.read()
	return err
}

// size reads the number of processors or the amount of memory. Memory without a unit is in
// megabytes, as vSphere reads it, and a megabyte of memory is 2^20 bytes also where the unit is
// written as a word, as before OVF 1.0.
func (d *Descriptor) size(item ovf.ResourceAllocationSettingData) error {
	var count uint64
	switch {
	case item.VirtualQuantity != nil:
		count = uint64(*item.VirtualQuantity)
	case item.Reservation != nil: // before OVF 1.0
		count = *item.Reservation
	default:
		return nil
	}
	if *item.ResourceType == ovf.Processor {
		if count > math.MaxInt32 {
			return fmt.Errorf("hardware item %q: %d processors are out of range", item.InstanceID, count)
		}
		d.CPUs = int32(count)
		return nil
	}
	unit := trimmed(item.AllocationUnits)
	switch strings.ToLower(strings.TrimSuffix(unit, "s")) {
	case "", "megabyte", "mb":
		unit = "byte * 2^20"
	case "gigabyte", "gb":
		unit = "byte * 2^30"
	}
	memory, err := multiply(count, unit)
	if err != nil {
		return fmt.Errorf("hardware item %q: memory: %w", item.InstanceID, err)
	}
	d.MemoryBytes = memory
	return nil
}

// elementName is what a hardware item is called. Before OVF 1.0 that was its caption.
func elementName(item ovf.ResourceAllocationSettingData) string {
	if name := strings.TrimSpace(item.ElementName); name != "" {
		return name
	}
	return trimmed(item.Caption)
}

// hardwareVersion reads one vmx-NN, or its bare number. A list of versions, and another
// hypervisor's, is no version.
func hardwareVersion(systemType string) *int32 {
	version, err := types.ParseHardwareVersion(strings.TrimSpace(systemType))
	if err != nil || !version.IsValid() {
		return nil
	}
	number := int32(version)
	return &number
}

// trimmed returns a text without the white space around it, and an empty one for nil.
func trimmed(text *string) string {
	if text == nil {
		return ""
	}
	return strings.TrimSpace(*text)
}
