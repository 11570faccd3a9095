package machine

import (
	"reflect"

	"github.com/vmware/govmomi/vim25/types"
)

// duplicate copies a device that was observed, so that an edit does not change what was seen.
// Its backing is shared: whoever changes that replaces it.
func duplicate[T any](device T) T {
	original := reflect.ValueOf(device).Elem()
	copied := reflect.New(original.Type())
	copied.Elem().Set(original)
	return copied.Interface().(T) //nolint:forcetypeassert // of the type it came from
}

// removal removes a device. What backs it stays.
func removal(device types.BaseVirtualDevice) *types.VirtualDeviceConfigSpec {
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: device}
}

// edit changes a device in place.
func edit(device types.BaseVirtualDevice) *types.VirtualDeviceConfigSpec {
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: device}
}

// addition adds a device.
func addition(device types.BaseVirtualDevice) *types.VirtualDeviceConfigSpec {
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: device}
}

// policy binds a device, or a machine's home, to a storage policy; nil without one.
func policy(profileID string) []types.BaseVirtualMachineProfileSpec {
	if profileID == "" {
		return nil
	}
	return []types.BaseVirtualMachineProfileSpec{&types.VirtualMachineDefinedProfileSpec{ProfileId: profileID}}
}
