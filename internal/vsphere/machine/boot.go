package machine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// BootKind is a kind of devices that a machine can boot from, in VM Operator's words.
type BootKind string

// The kinds of boot devices.
const (
	BootDisk    BootKind = "Disk"
	BootNetwork BootKind = "Network"
	BootCDROM   BootKind = "CDRom" // the first drive that holds something bootable
)

// BootDevice is an entry of a boot order.
type BootDevice struct {
	Kind BootKind
	// Key of the disk or of the network card; of no meaning for CD-ROM drives.
	Key int32
}

// NetworkBoot is the protocol by which a machine boots from a network, in VM Operator's words.
type NetworkBoot string

// The protocols.
const (
	NetworkBootIP4 NetworkBoot = "IP4"
	NetworkBootIP6 NetworkBoot = "IP6"
)

var networkBoots = map[NetworkBoot]types.VirtualMachineBootOptionsNetworkBootProtocolType{
	NetworkBootIP4: types.VirtualMachineBootOptionsNetworkBootProtocolTypeIpv4,
	NetworkBootIP6: types.VirtualMachineBootOptionsNetworkBootProtocolTypeIpv6,
}

// BootOptions are how a machine boots, as it is wanted. What is nil or empty is left as it is.
type BootOptions struct {
	Firmware string // bios or efi
	// DelayMS is the time between power-on and the boot, RetryDelayMS that between a boot that
	// failed and the next, in milliseconds.
	DelayMS, RetryDelayMS *int64
	Retry                 *bool
	SecureBoot            *bool // needs the firmware efi
	NetworkBoot           NetworkBoot
	// Order of the devices to boot from; empty, but not nil, for the firmware's own.
	Order []BootDevice
}

// BootChange compares the wanted boot options with those of a machine. All of them need it
// powered off: as in VM Operator they are one thing, and the firmware is part of it. Errors:
// vsphere.ErrInvalidArgument.
func BootChange(want BootOptions, have *Observation) (Change, error) {
	var c Change
	firmware := strings.ToLower(want.Firmware)
	if firmware != "" && firmware != have.Firmware {
		if firmware != string(types.GuestOsDescriptorFirmwareTypeBios) && firmware != string(types.GuestOsDescriptorFirmwareTypeEfi) {
			return Change{}, fmt.Errorf("%w: firmware %q: use bios or efi", vsphere.ErrInvalidArgument, want.Firmware)
		}
		c.Spec.Firmware = firmware
		c.offline(PartFirmware, "", "%s cannot become %s while the machine runs", have.Firmware, firmware)
	} else {
		firmware = have.Firmware
	}
	if isTrue(want.SecureBoot) && firmware != string(types.GuestOsDescriptorFirmwareTypeEfi) {
		return Change{}, fmt.Errorf("%w: EFI secure boot needs the firmware efi, and the machine has %q", vsphere.ErrInvalidArgument, firmware)
	}
	has := have.BootOptions
	if has == nil {
		has = &types.VirtualMachineBootOptions{}
	}
	var options types.VirtualMachineBootOptions
	var changed []string
	boolean := func(name string, want, has *bool, into **bool) {
		if want != nil && *want != isTrue(has) {
			*into = want
			changed = append(changed, name)
		}
	}
	milliseconds := func(name string, want *int64, has int64, into *int64) {
		// Zero is not sent by govmomi, so the least there is stands for it.
		if want != nil && max(*want, 1) != max(has, 1) {
			*into = max(*want, 1)
			changed = append(changed, name)
		}
	}
	milliseconds("boot delay", want.DelayMS, has.BootDelay, &options.BootDelay)
	milliseconds("boot retry delay", want.RetryDelayMS, has.BootRetryDelay, &options.BootRetryDelay)
	boolean("boot retry", want.Retry, has.BootRetryEnabled, &options.BootRetryEnabled)
	boolean("EFI secure boot", want.SecureBoot, has.EfiSecureBootEnabled, &options.EfiSecureBootEnabled)
	if want.NetworkBoot != "" {
		protocol, known := networkBoots[want.NetworkBoot]
		if !known {
			return Change{}, fmt.Errorf("%w: network boot protocol %q: use IP4 or IP6", vsphere.ErrInvalidArgument, want.NetworkBoot)
		}
		is := has.NetworkBootProtocol
		if is == "" {
			is = string(types.VirtualMachineBootOptionsNetworkBootProtocolTypeIpv4) // vSphere's default
		}
		if is != string(protocol) {
			options.NetworkBootProtocol = string(protocol)
			changed = append(changed, "network boot protocol")
		}
	}
	if want.Order != nil && !slices.Equal(want.Order, bootOrder(has.BootOrder)) {
		order, err := newBootOrder(want.Order)
		if err != nil {
			return Change{}, err
		}
		options.BootOrder = order
		changed = append(changed, "boot order")
	}
	if len(changed) > 0 {
		if firmware == string(types.GuestOsDescriptorFirmwareTypeBios) && isTrue(has.EfiSecureBootEnabled) {
			// What an image with EFI has left behind: vSphere refuses any change that leaves it there.
			options.EfiSecureBootEnabled = types.NewBool(false)
		}
		c.Spec.BootOptions = &options
		c.offline(PartBootOptions, "", "%s cannot change while the machine runs", strings.Join(changed, ", "))
	}
	return c, nil
}

// BootOrder is the boot order of a machine; empty for the firmware's own.
func BootOrder(have *Observation) []BootDevice {
	if have.BootOptions == nil {
		return nil
	}
	return bootOrder(have.BootOptions.BootOrder)
}

// bootOrder reads a boot order; what is no disk, card or CD-ROM is passed over.
func bootOrder(devices []types.BaseVirtualMachineBootOptionsBootableDevice) []BootDevice {
	var order []BootDevice
	for _, device := range devices {
		switch d := device.(type) {
		case *types.VirtualMachineBootOptionsBootableDiskDevice:
			order = append(order, BootDevice{BootDisk, d.DeviceKey})
		case *types.VirtualMachineBootOptionsBootableEthernetDevice:
			order = append(order, BootDevice{BootNetwork, d.DeviceKey})
		case *types.VirtualMachineBootOptionsBootableCdromDevice:
			order = append(order, BootDevice{Kind: BootCDROM})
		}
	}
	return order
}

func newBootOrder(want []BootDevice) ([]types.BaseVirtualMachineBootOptionsBootableDevice, error) {
	if len(want) == 0 {
		// An empty list is no change to vSphere; a device of no kind brings back the default order.
		return []types.BaseVirtualMachineBootOptionsBootableDevice{&types.VirtualMachineBootOptionsBootableDevice{}}, nil
	}
	order := make([]types.BaseVirtualMachineBootOptionsBootableDevice, len(want))
	for i, device := range want {
		switch device.Kind {
		case BootDisk:
			order[i] = &types.VirtualMachineBootOptionsBootableDiskDevice{DeviceKey: device.Key}
		case BootNetwork:
			order[i] = &types.VirtualMachineBootOptionsBootableEthernetDevice{DeviceKey: device.Key}
		case BootCDROM:
			order[i] = &types.VirtualMachineBootOptionsBootableCdromDevice{}
		default:
			return nil, fmt.Errorf("%w: boot device type %q: use Disk, Network or CDRom", vsphere.ErrInvalidArgument, device.Kind)
		}
	}
	return order, nil
}

// ChangeTrackingChange turns the tracking of changed disk blocks on or off. A running machine
// takes it and goes on as before until it is powered off and on, suspended and resumed, or a
// snapshot of it is taken or removed.
func ChangeTrackingChange(want bool, have *Observation) Change {
	var c Change
	if want == isTrue(have.ChangeTracking) {
		return c
	}
	c.Spec.ChangeTrackingEnabled = &want
	if have.PowerState == types.VirtualMachinePowerStatePoweredOn {
		c.nextStart(PartChangeTracking, "", "vSphere begins and ends it when the machine is powered on")
	}
	return c
}
