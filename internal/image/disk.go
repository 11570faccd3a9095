package image

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/ovf"
	"k8s.io/apimachinery/pkg/api/resource"
)

// diskReader reads the disks of a hardware section.
type diskReader struct {
	// items are those of the active configuration; each has a ResourceType.
	items        []ovf.ResourceAllocationSettingData
	descriptions []ovf.VirtualDiskDesc
	properties   []Property
}

// read returns one disk for each disk drive, in document order.
func (r diskReader) read() ([]Disk, error) {
	var disks []Disk
	names := uniqueNames{}
	for _, item := range r.items {
		if *item.ResourceType != ovf.DiskDrive {
			continue
		}
		disk, err := r.disk(item)
		if err != nil {
			return nil, fmt.Errorf("disk %q: %w", elementName(item), err)
		}
		disk.Name = names.add(elementName(item))
		disks = append(disks, disk)
	}
	return disks, nil
}

func (r diskReader) disk(item ovf.ResourceAllocationSettingData) (Disk, error) {
	var disk Disk
	var err error
	switch len(item.HostResource) {
	case 0:
		if item.VirtualQuantity == nil {
			return Disk{}, errors.New("it has neither HostResource nor VirtualQuantity")
		}
		disk.CapacityBytes, err = multiply(uint64(*item.VirtualQuantity), trimmed(item.AllocationUnits))
	case 1:
		disk.CapacityBytes, disk.SizeBytes, err = r.described(strings.TrimSpace(item.HostResource[0]))
	default:
		err = fmt.Errorf("it has %d HostResource elements, expected one", len(item.HostResource))
	}
	if err != nil {
		return Disk{}, err
	}
	disk.Capacity = quantity(disk.CapacityBytes)
	if disk.SizeBytes != nil {
		size := quantity(*disk.SizeBytes)
		disk.Size = &size
	}

	if disk.UnitNumber, err = optionalInt("AddressOnParent", item.AddressOnParent); err != nil {
		return Disk{}, err
	}
	if controller := r.controller(trimmed(item.Parent)); controller != nil {
		disk.ControllerType = controllerType(*controller)
		if disk.ControllerBusNumber, err = optionalInt("Address", controller.Address); err != nil {
			return Disk{}, fmt.Errorf("controller %q: %w", elementName(*controller), err)
		}
	}
	return disk, nil
}

// described returns the virtual and the populated size from the disk section.
func (r diskReader) described(hostResource string) (capacity int64, populated *int64, err error) {
	description, ok := r.description(hostResource)
	if !ok {
		return 0, nil, fmt.Errorf("HostResource %q is not in the disk section", hostResource)
	}
	count, err := r.count(strings.TrimSpace(description.Capacity))
	if err != nil {
		return 0, nil, err
	}
	if capacity, err = multiply(count, trimmed(description.CapacityAllocationUnits)); err != nil {
		return 0, nil, err
	}
	if description.PopulatedSize != nil {
		size := int64(*description.PopulatedSize)
		if size < 0 {
			return 0, nil, fmt.Errorf("populatedSize is %d, expected a number of bytes", size)
		}
		populated = &size
	}
	return capacity, populated, nil
}

// description finds a disk by its host resource: exactly, else by the end of the path, as
// descriptors of before OVF 1.0 have it.
func (r diskReader) description(hostResource string) (ovf.VirtualDiskDesc, bool) {
	id := strings.TrimPrefix(hostResource, "ovf:/disk/")
	for _, description := range r.descriptions {
		if description.DiskID == id {
			return description, true
		}
	}
	for _, description := range r.descriptions {
		if description.DiskID != "" && strings.HasSuffix(id, description.DiskID) {
			return description, true
		}
	}
	return ovf.VirtualDiskDesc{}, false
}

// count reads a capacity without its unit: a number, or ${key} for the value of a property.
func (r diskReader) count(capacity string) (uint64, error) {
	text := capacity
	if reference, ok := strings.CutPrefix(capacity, "${"); ok && strings.HasSuffix(reference, "}") {
		key := strings.TrimSpace(strings.TrimSuffix(reference, "}"))
		value, ok := propertyValue(r.properties, key)
		if !ok {
			return 0, fmt.Errorf("its capacity is that of the property %q, which has no value", key)
		}
		text = value
	}
	count, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("capacity %q is not a whole number", capacity)
	}
	return count, nil
}

// multiply returns the bytes of a count of units, of which bytes are the default.
func multiply(count uint64, unit string) (int64, error) {
	bytesPerUnit := ovf.ParseCapacityAllocationUnits(unit)
	if bytesPerUnit <= 0 {
		return 0, fmt.Errorf(`the allocation unit %q cannot be read, expected one such as "byte * 2^30"`, unit)
	}
	high, low := bits.Mul64(count, uint64(bytesPerUnit))
	if total := int64(low); high == 0 && total >= 0 {
		return total, nil
	}
	return 0, fmt.Errorf("a capacity of %d times %q is out of range", count, unit)
}

// NewDisk returns a disk of a name and a virtual size in bytes, of which no more is known.
func NewDisk(name string, size int64) Disk {
	return Disk{Name: name, CapacityBytes: size, Capacity: quantity(size)}
}

// quantity writes a number of bytes as Kubernetes does: 20Gi, or the number itself where
// no binary unit divides it.
func quantity(size int64) string { return resource.NewQuantity(size, resource.BinarySI).String() }

func (r diskReader) controller(instanceID string) *ovf.ResourceAllocationSettingData {
	if instanceID == "" {
		return nil
	}
	for i := range r.items {
		if strings.TrimSpace(r.items[i].InstanceID) == instanceID {
			return &r.items[i]
		}
	}
	return nil
}

// controllerType names the controllers that vSphere has for disks.
func controllerType(item ovf.ResourceAllocationSettingData) string {
	switch *item.ResourceType {
	case ovf.IdeController:
		return "IDE"
	case ovf.ParallelScsiHba:
		return "SCSI"
	case ovf.OtherStorage:
		switch strings.ToLower(trimmed(item.ResourceSubType)) {
		case ovf.ResourceSubTypeSATAAHCI, ovf.ResourceSubTypeSATAAHCIAlter:
			return "SATA"
		case ovf.ResourceSubTypeNVMEController:
			return "NVME"
		}
		return ""
	default:
		return ""
	}
}

// optionalInt reads the number in an element that may be absent or empty.
func optionalInt(element string, text *string) (*int32, error) {
	value := trimmed(text)
	if value == "" {
		return nil, nil
	}
	number, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("%s is %q, expected a number", element, value)
	}
	result := int32(number)
	return &result, nil
}

// uniqueNames makes names unique: a repeated one gets _1, the next _2, and so on. It holds
// the number to try next for each name that is taken.
type uniqueNames map[string]int

func (names uniqueNames) add(name string) string {
	unique := name
	for {
		if _, taken := names[unique]; !taken {
			names[unique] = 1
			return unique
		}
		unique = name + "_" + strconv.Itoa(names[name])
		names[name]++
	}
}
