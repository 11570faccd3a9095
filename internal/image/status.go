package image

import (
	"slices"
	"strings"
)

// Type is what an image is made of.
type Type string

// The types that can be deployed from: OVF and VM as templates, ISO as a CD-ROM.
const (
	TypeOVF Type = "OVF"
	TypeISO Type = "ISO"
	TypeVM  Type = "VM"
)

// Firmware is what boots the machine.
type Firmware string

// The two firmwares of vSphere. BIOS is vSphere's default.
const (
	BIOS Firmware = "BIOS"
	EFI  Firmware = "EFI"
)

// Status is what an image tells about itself. Fields that come from a descriptor are empty
// where the image has none or where it was not read.
type Status struct {
	// Name is the display name.
	Name string
	Type Type
	// Firmware is empty for images without descriptor.
	Firmware Firmware
	// HardwareVersion is the number of vmx-NN, nil where the descriptor names none or several.
	HardwareVersion *int32
	// Capabilities in the image's own order, without duplicates.
	Capabilities []string
	// OSInfo is nil where the descriptor has no operating system section.
	OSInfo *OSInfo
	// ProductInfo is nil where the descriptor has no product section.
	ProductInfo *ProductInfo
	Disks       []Disk
	// OVFProperties are those that a user may set, in document order. Keys may repeat,
	// since class and instance are not part of them.
	OVFProperties []Property
	// VMwareSystemProperties are those whose key begins "vmware-system".
	VMwareSystemProperties []KeyValue
	// ProviderItemID is the library item's UUID.
	ProviderItemID string
	// ProviderContentVersion is the content version that this status was read from; empty
	// where that failed.
	ProviderContentVersion string
	Conditions             []Condition
}

// OSInfo is the guest operating system.
type OSInfo struct {
	// ID is the vSphere guest id, such as ubuntu64Guest; empty where the descriptor
	// names an operating system that vSphere has no id for.
	ID string
	// Type is the family: Linux, Windows, Darwin, BSD, Solaris or Other.
	Type string
	// Version as the operating system section writes it.
	Version string
}

// ProductInfo is the first product section.
type ProductInfo struct {
	Product, Vendor, Version, FullVersion string
}

// Disk is one virtual disk of an image.
type Disk struct {
	// Name is unique within the image.
	Name string
	// Capacity is the virtual size as a Kubernetes quantity, such as 20Gi.
	Capacity string
	// CapacityBytes is the virtual size in bytes.
	CapacityBytes int64
	// Size is the populated size as a Kubernetes quantity, nil where the descriptor does not say.
	Size *string
	// SizeBytes is the populated size in bytes.
	SizeBytes *int64
	// ControllerType is IDE, SCSI, SATA or NVME; empty where the disk has no such controller.
	ControllerType string
	// ControllerBusNumber and UnitNumber are nil where the descriptor does not say.
	ControllerBusNumber, UnitNumber *int32
}

// KeyValue is a property with its value.
type KeyValue struct{ Key, Value string }

// Condition is one finding about an image.
type Condition struct {
	// Type is ConditionReady or ConditionV1Alpha1Compatible, Status is True or False.
	Type, Status string
	// Reason is one word for programs, Message a sentence for people.
	Reason, Message string
}

// Condition returns the condition of a type and whether there is one.
func (s Status) Condition(conditionType string) (Condition, bool) {
	for _, condition := range s.Conditions {
		if condition.Type == conditionType {
			return condition, true
		}
	}
	return Condition{}, false
}

// Ready tells whether the image can be deployed, and if not, the reason and the message of
// its condition.
func (s Status) Ready() (ready bool, reason, message string) {
	condition, ok := s.Condition(ConditionReady)
	if !ok {
		return false, ReasonNotSynced, "the image's content has not been read"
	}
	return condition.Status == statusTrue, condition.Reason, condition.Message
}

// describe fills in what comes from a descriptor.
func (s *Status) describe(d *Descriptor) {
	s.Firmware = d.Firmware
	s.HardwareVersion = d.HardwareVersion
	s.Capabilities = slices.Clone(d.Capabilities)
	s.OSInfo = d.OS
	s.ProductInfo = d.Product
	s.Disks = slices.Clone(d.Disks)
	for _, property := range d.Properties {
		switch {
		case strings.HasPrefix(property.Key, systemPropertyPrefix):
			var value string
			if property.Default != nil {
				value = *property.Default
			}
			s.VMwareSystemProperties = append(s.VMwareSystemProperties, KeyValue{property.Key, value})
		case property.UserConfigurable:
			s.OVFProperties = append(s.OVFProperties, property)
		}
	}
}
