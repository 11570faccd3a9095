package inventory

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// classRemoving is the config_status of a class that is being removed.
const classRemoving = "REMOVING"

// decided are the members of a config_spec, beside those of Base, that a machine gets, or that VM
// Operator's order of precedence gives to somebody else. Everything else would have to be
// applied, and is not.
var decided = map[string]bool{
	"_typeName": true,
	// The class's own size comes before.
	"numCPUs": true, "memoryMB": true,
	// Applied; see Allocation.
	"cpuAllocation": true, "memoryAllocation": true,
	// The machine's own.
	"name": true, "uuid": true, "instanceUuid": true, "files": true, "vmProfile": true, "managedBy": true,
	// VM Operator drops it: the image's comes before.
	"guestId": true,
	// Members of Class; see judge.
	"version": true, "firmware": true,
	// Looked at by what is in them; see devices and settings.
	"deviceChange": true, "extraConfig": true,
}

// judge says why no machine can be made of the class, from vCenter's config_status and the error
// that reading its config_spec ended with.
func (c *Class) judge(status string, unreadable error) error {
	refuse := func(format string, args ...any) error {
		return failure(vsphere.ErrInvalidArgument,
			"no machine can be made of vCenter's virtual machine class %q: %s. Use another class, or a virtual_machine_class block of this name",
			c.Name, fmt.Sprintf(format, args...))
	}
	if status == classRemoving {
		return refuse("it is being removed")
	}
	if unreadable != nil {
		return refuse("its config_spec cannot be read: %v", unreadable)
	}
	if spec := c.ConfigSpec; spec != nil && spec.Version != "" && c.HardwareVersion == 0 {
		return refuse("its config_spec has the hardware version %q, and one like vmx-21 is needed", spec.Version)
	}
	if c.Firmware != "" && c.Firmware != string(types.GuestOsDescriptorFirmwareTypeBios) && c.Firmware != string(types.GuestOsDescriptorFirmwareTypeEfi) {
		return refuse("its config_spec has the firmware %q, and there are bios and efi", c.ConfigSpec.Firmware)
	}
	var asked []string
	if c.InstanceStorage != nil {
		asked = append(asked, fmt.Sprintf("instance storage of %d volumes", len(c.InstanceStorage.VolumeBytes)))
	}
	asked = append(asked, c.devices()...)
	if ignored := c.ignored(); len(ignored) > 0 {
		asked = append(asked, "the config_spec's "+strings.Join(ignored, ", "))
	}
	if len(asked) == 0 {
		return nil
	}
	return refuse("it asks for %s, which this provider does not apply", strings.Join(asked, ", "))
}

// devices are the devices that the class has, by what they are.
func (c *Class) devices() []string {
	if c.ConfigSpec == nil {
		return nil
	}
	var kinds []string
	for _, change := range c.ConfigSpec.DeviceChange {
		kind := "a device"
		switch device := change.GetVirtualDeviceConfigSpec().Device.(type) {
		case nil:
		case *types.VirtualPCIPassthrough:
			kind = "a PCI device"
			if gpu, ok := device.Backing.(*types.VirtualPCIPassthroughVmiopBackingInfo); ok {
				kind = fmt.Sprintf("the vGPU %q", gpu.Vgpu)
			}
		case types.BaseVirtualEthernetCard:
			kind = "a network card"
		default:
			kind = "a " + strings.TrimPrefix(fmt.Sprintf("%T", device), "*types.")
		}
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// ignored are the members of the config_spec that ask for something and are neither decided nor
// applied. They are read from the text: what this provider has no type for must not be overlooked.
func (c *Class) ignored() []string {
	var members map[string]any
	if c.ConfigJSON == "" || json.Unmarshal([]byte(c.ConfigJSON), &members) != nil {
		return nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch {
		case decided[name] || !asks(members[name]):
		case applied[name]:
			names = append(names, lost(name, members[name], c.Base)...)
		default:
			names = append(names, name)
		}
	}
	return names
}

// asks tells a member from one that is there and empty.
func asks(member any) bool {
	switch value := member.(type) {
	case nil:
		return false
	case string:
		return value != ""
	case []any:
		return len(value) > 0
	case map[string]any:
		delete(value, "_typeName")
		return slices.ContainsFunc(slices.Collect(maps.Values(value)), asks)
	default:
		return true
	}
}
