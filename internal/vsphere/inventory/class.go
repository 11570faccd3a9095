package inventory

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/vapi/namespace"
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
	// ConfigSpec is what vCenter's class holds beyond that, such as PCI devices and vGPUs; nil
	// where there is nothing. VM Operator overrules its processors and memory with the above.
	ConfigSpec *types.VirtualMachineConfigSpec
}

// Resources are requests (reservations) and limits. Nil members were not asked for.
type Resources struct {
	// CPU in thousandths of a core.
	CPURequestMilli, CPULimitMilli *int64
	// Memory in bytes.
	MemoryRequestBytes, MemoryLimitBytes *int64
}

// Class finds a class by its exact name: in the configured ones first, then in vCenter's,
// which are only asked when the first have no such class.
func (i *Inventory) Class(ctx context.Context, configured []Class, name string) (Class, error) {
	if at := classAt(configured, name); at >= 0 {
		return configured[at], nil
	}
	var class Class
	err := i.classes.Find(ctx, func(known vcenterClasses) error {
		classes := known.classes
		at := classAt(classes, name)
		if at < 0 {
			return failure(vsphere.ErrNotFound,
				"neither the provider's configuration nor vCenter has a virtual machine class %q. %s. Add a virtual_machine_class block to the provider, or leave class_name out to keep the size of the image",
				name, offer("class", name, classNames(configured, classes)))
		}
		class = classes[at]
		return known.unreadable[name]
	})
	if err != nil {
		return Class{}, err
	}
	return class, nil
}

// vcenterClasses are the classes of vCenter. One whose ConfigSpec cannot be read is among them
// without it, and unreadable says why: it must not hide the others, nor be used.
type vcenterClasses struct {
	classes    []Class
	unreadable map[string]error
}

// Classes lists the configured classes and those of vCenter that they do not hide, in the
// order of their names.
func (i *Inventory) Classes(ctx context.Context, configured []Class) ([]Class, error) {
	known, err := i.classes.Since(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	all := slices.Clone(configured)
	for _, class := range known.classes {
		if classAt(configured, class.Name) < 0 {
			all = append(all, class)
		}
	}
	slices.SortFunc(all, func(a, b Class) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (i *Inventory) readClasses(ctx context.Context) (vcenterClasses, error) {
	client, err := i.client.REST(ctx)
	if err != nil {
		return vcenterClasses{}, err
	}
	infos, err := namespace.NewManager(client).ListVmClasses(ctx)
	if err = vsphere.Translate(err, "read the virtual machine classes"); errors.Is(err, vsphere.ErrNotFound) {
		return vcenterClasses{}, nil // a vCenter without the service that keeps classes
	}
	if err != nil {
		return vcenterClasses{}, err
	}
	known := vcenterClasses{classes: make([]Class, len(infos)), unreadable: make(map[string]error)}
	for n := range infos {
		known.classes[n], err = vcenterClass(&infos[n])
		if err != nil {
			known.unreadable[infos[n].Id] = err
		}
	}
	return known, nil
}

// vcenterClass takes over a class of vCenter, whose reservations are percentages of its size.
func vcenterClass(info *namespace.VirtualMachineClassInfo) (Class, error) {
	class := Class{Name: info.Id, CPUs: int32(info.CpuCount), MemoryBytes: info.MemoryMb * mebibyte}
	if info.CpuReservation > 0 {
		milli := info.CpuCount * info.CpuReservation * 10
		class.CPURequestMilli = &milli
	}
	if info.MemoryReservation > 0 {
		reserved := class.MemoryBytes * info.MemoryReservation / 100
		class.MemoryRequestBytes = &reserved
	}
	spec, err := decodeConfigSpec(info.ConfigSpec)
	if err != nil {
		return class, failure(vsphere.ErrUnsupported,
			"the virtual machine class %q of vCenter has a config_spec that cannot be read: %v. Use another class, or a virtual_machine_class block of this name",
			info.Id, err)
	}
	class.ConfigSpec = spec
	if class.ConfigSpec == nil {
		class.ConfigSpec = deviceSpec(info.Devices)
	}
	return class, nil
}

func decodeConfigSpec(text []byte) (*types.VirtualMachineConfigSpec, error) {
	if text = bytes.TrimSpace(text); len(text) == 0 || bytes.Equal(text, []byte("null")) || bytes.Equal(text, []byte("{}")) {
		return nil, nil //nolint:nilnil // no spec is an answer
	}
	var spec types.VirtualMachineConfigSpec
	if err := types.NewJSONDecoder(bytes.NewReader(text)).Decode(&spec); err != nil {
		return nil, err
	}
	return &spec, nil
}

// deviceSpec is the specification of a class that lists devices but has no config_spec: vGPUs
// first, then dynamic DirectPath I/O devices, with keys from -200 downwards, as VM Operator
// numbers them.
func deviceSpec(devices namespace.VirtualDevices) *types.VirtualMachineConfigSpec {
	var changes []types.BaseVirtualDeviceConfigSpec
	add := func(backing types.BaseVirtualDeviceBackingInfo) {
		device := &types.VirtualPCIPassthrough{}
		device.Key = int32(-200 - len(changes))
		device.Backing = backing
		changes = append(changes, &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: device})
	}
	for _, gpu := range devices.VgpuDevices {
		add(&types.VirtualPCIPassthroughVmiopBackingInfo{Vgpu: gpu.ProfileName})
	}
	for _, direct := range devices.DirectPathIoDevices {
		add(&types.VirtualPCIPassthroughDynamicBackingInfo{
			AllowedDevice: []types.VirtualPCIPassthroughAllowedDevice{{VendorId: int32(direct.VendorId), DeviceId: int32(direct.DeviceId)}},
			CustomLabel:   direct.CustomLabel,
		})
	}
	if changes == nil {
		return nil
	}
	return &types.VirtualMachineConfigSpec{DeviceChange: changes}
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
