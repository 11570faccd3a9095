package inventory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Class is the size of a virtual machine, with what it reserves and what it may use at most.
// Classes come from the provider's configuration or from vCenter.
type Class struct {
	Name        string
	CPUs        int32
	MemoryBytes int64
	Resources

	// FromVCenter says that vCenter keeps the class. The members below are only of such classes.
	FromVCenter bool
	Description string
	// VGPUs are the names of vGPU profiles.
	VGPUs      []string
	DirectPath []DirectPathDevice
	// InstanceStorage is nil where the class has none.
	InstanceStorage *InstanceStorage
	// ConfigSpec is what the class holds beyond its size, such as PCI devices and vGPUs; nil
	// where there is nothing. VM Operator overrules its processors and memory with the above,
	// and drops what belongs to one machine only; so does this. Allocation and Base say what of
	// it machines get.
	ConfigSpec *types.VirtualMachineConfigSpec
	// HardwareVersion that machines get at least, like 21; 0 where the class asks for none.
	HardwareVersion int
	// Firmware is bios or efi, or empty: that of machines where neither they nor their images
	// say one.
	Firmware string
	// Base is what else a machine gets of the class, to be merged under its own configuration:
	// no size, allocation, hardware version, firmware or device. nil where there is nothing. All
	// callers share it, so nobody changes it.
	Base *types.VirtualMachineConfigSpec
	// ConfigJSON is the config_spec as vCenter keeps it, in a form that does not change from
	// one answer to the next; empty where there is none.
	ConfigJSON string
	// Unusable says why no machine can be made of the class, and wraps vsphere.ErrInvalidArgument;
	// nil where one can. A class that asks for what this provider does not apply is not usable:
	// a machine would silently be another one than the class says.
	Unusable error
}

// DirectPathDevice is a PCI device of a host that DirectPath I/O gives to a machine.
type DirectPathDevice struct {
	VendorID, DeviceID int64
	// CustomLabel is empty where the class does not ask for one.
	CustomLabel string
}

// InstanceStorage is storage that lives as long as a machine.
type InstanceStorage struct {
	// PolicyID is the profile id of a storage policy.
	PolicyID string
	// VolumeBytes are the sizes of the volumes.
	VolumeBytes []int64
}

// Resources are requests (reservations) and limits. Nil members were not asked for.
type Resources struct {
	// CPU in thousandths of a core.
	CPURequestMilli, CPULimitMilli *int64
	// Memory in bytes.
	MemoryRequestBytes, MemoryLimitBytes *int64
}

// Class finds a class for a machine by its exact name: in the configured ones first, then in
// vCenter's, which are only asked when the first have no such class. One that is not usable is
// an error; see Class.Unusable.
func (i *Inventory) Class(ctx context.Context, configured []Class, name string) (Class, error) {
	class, err := i.class(ctx, configured, name, ", or leave class_name out to keep the size of the image")
	if err != nil {
		return Class{}, err
	}
	if class.Unusable != nil {
		return Class{}, class.Unusable
	}
	return class, nil
}

// DescribeClass finds a class as Class does, to be looked at: usable or not.
func (i *Inventory) DescribeClass(ctx context.Context, configured []Class, name string) (Class, error) {
	return i.class(ctx, configured, name, "")
}

func (i *Inventory) class(ctx context.Context, configured []Class, name, instead string) (Class, error) {
	if at := classAt(configured, name); at >= 0 {
		return configured[at], nil
	}
	var class Class
	err := i.classes.Find(ctx, func(known []Class) error {
		at := classAt(known, name)
		if at < 0 {
			return failure(vsphere.ErrNotFound,
				"neither the provider's configuration nor vCenter has a virtual machine class %q. %s. Add a virtual_machine_class block to the provider%s",
				name, offer("class", name, classNames(configured, known)), instead)
		}
		class = known[at]
		return nil
	})
	return class, err
}

// Classes lists the configured classes and those of vCenter that they do not hide, in the
// order of their names. It costs one request.
func (i *Inventory) Classes(ctx context.Context, configured []Class) ([]Class, error) {
	known, err := i.classes.Since(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	all := slices.Clone(configured)
	for _, class := range known {
		if classAt(configured, class.Name) < 0 {
			all = append(all, class)
		}
	}
	slices.SortFunc(all, func(a, b Class) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func classAt(classes []Class, name string) int {
	return slices.IndexFunc(classes, func(c Class) bool { return c.Name == name })
}

func classNames(lists ...[]Class) []string {
	var names []string
	for _, list := range lists {
		for _, class := range list {
			names = append(names, class.Name)
		}
	}
	return names
}
