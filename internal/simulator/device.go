package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/object"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// vSphere numbers network cards from here on, by their unit numbers, which begin at 7.
const (
	firstCardKey  = 4000
	firstCardUnit = 7
	pciController = 100
)

// cards makes MAC addresses. vcsim's own generator has 4096 values and repeats them.
type cards struct {
	mu   sync.Mutex
	last uint32
}

func newCards() *cards { return &cards{} }

// mac returns an address from the range that vCenter assigns from, never twice.
func (c *cards) mac() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	return fmt.Sprintf("00:50:56:%02x:%02x:%02x", 0x80|(c.last>>16)&0x3f, byte(c.last>>8), byte(c.last))
}

// devices checks the device changes of a specification and completes them as vCenter does.
// existing are the devices of the machine, those that it gets by itself for a new one.
func (s *Simulator) devices(ctx *vcsim.Context, existing object.VirtualDeviceList, on bool, changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	list := slices.Clone(existing)
	for i, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		invalid := types.InvalidDeviceSpec{DeviceIndex: int32(i)}
		invalid.Property = "configSpec.deviceChange.device"
		if spec.Device == nil {
			return &invalid
		}
		device := spec.Device.GetVirtualDevice()
		old := list.FindByKey(device.Key)
		switch spec.Operation {
		case types.VirtualDeviceConfigSpecOperationAdd:
		case types.VirtualDeviceConfigSpecOperationEdit, types.VirtualDeviceConfigSpecOperationRemove:
			if old == nil {
				invalid.FaultMessage = explain("there is no device with the key %d", device.Key)
				return &invalid
			}
			if spec.Operation == types.VirtualDeviceConfigSpecOperationRemove {
				spec.Device = old // the key is enough for vCenter; vcsim ends the process without a backing
			}
			list = slices.DeleteFunc(list, func(d types.BaseVirtualDevice) bool { return d.GetVirtualDevice().Key == device.Key })
		default:
			invalid.Property = "configSpec.deviceChange.operation"
			return &invalid
		}
		if on {
			if f := checkHot(existing, spec); f != nil {
				return f
			}
		}
		if spec.Operation == types.VirtualDeviceConfigSpecOperationRemove {
			continue
		}
		if f := s.device(ctx, list, spec, old, on, invalid); f != nil {
			return f
		}
		list = append(list, spec.Device)
	}
	return checkLayout(existing, changes)
}

// device checks and completes one device that is added or edited.
func (s *Simulator) device(ctx *vcsim.Context, list object.VirtualDeviceList, spec *types.VirtualDeviceConfigSpec, old types.BaseVirtualDevice, on bool, invalid types.InvalidDeviceSpec) types.BaseMethodFault {
	if f := checkFile(ctx.Map, spec.Device); f != nil {
		return f
	}
	card, ok := spec.Device.(types.BaseVirtualEthernetCard)
	if !ok {
		return checkMedium(ctx.Map, spec.Device, old)
	}
	if f := checkBacking(ctx.Map, card.GetVirtualEthernetCard(), invalid); f != nil {
		return f
	}
	if spec.Operation == types.VirtualDeviceConfigSpecOperationEdit {
		return editCard(card.GetVirtualEthernetCard(), old, on, invalid)
	}
	return s.addCard(list, card.GetVirtualEthernetCard(), invalid)
}

// checkFile checks that the file behind a device is on a datastore that exists.
func checkFile(reg *vcsim.Registry, device types.BaseVirtualDevice) types.BaseMethodFault {
	b, ok := device.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo)
	if !ok {
		return nil
	}
	return checkPath(reg, b.GetVirtualDeviceFileBackingInfo().FileName)
}

// checkBacking checks that the network behind a card exists.
func checkBacking(reg *vcsim.Registry, c *types.VirtualEthernetCard, invalid types.InvalidDeviceSpec) types.BaseMethodFault {
	fault := &types.InvalidDeviceBacking{InvalidDeviceSpec: invalid}
	fault.Property = "virtualDeviceSpec.device.backing"
	switch b := c.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		for _, e := range reg.All("Network") {
			if n, ok := e.(*mo.Network); ok && n.Name == b.DeviceName {
				return nil
			}
		}
		fault.FaultMessage = explain("there is no network %q", b.DeviceName)
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		pg, ok := reg.Get(reference("DistributedVirtualPortgroup", b.Port.PortgroupKey)).(*vcsim.DistributedVirtualPortgroup)
		if ok && pg.Config.DistributedVirtualSwitch != nil {
			return nil
		}
		fault.FaultMessage = explain("there is no distributed port group with the key %q", b.Port.PortgroupKey)
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		return nil // vcsim answers NotFound
	default:
		fault.FaultMessage = explain("the network card has no network behind it")
	}
	return fault
}

var macSyntax = regexp.MustCompile(`^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$`)

// checkMAC checks an address that somebody chose: of VMware's own prefix 00:50:56, only
// 00 to 3f are free for that.
func checkMAC(c *types.VirtualEthernetCard, invalid types.InvalidDeviceSpec) types.BaseMethodFault {
	mac := strings.ToLower(strings.ReplaceAll(c.MacAddress, "-", ":"))
	invalid.Property = "virtualDeviceSpec.device.macAddress"
	switch {
	case !macSyntax.MatchString(c.MacAddress):
		invalid.FaultMessage = explain("%q is not a MAC address", c.MacAddress)
		return &invalid
	case strings.HasPrefix(mac, "00:50:56:") && mac[9:11] > "3f" && c.AddressType == string(types.VirtualEthernetCardMacTypeManual):
		invalid.FaultMessage = explain("the MAC address %s is reserved: of 00:50:56, only 00 to 3f can be chosen", mac)
		return &invalid
	}
	return nil
}

// addCard gives a new card its unit number, key and MAC address.
func (s *Simulator) addCard(list object.VirtualDeviceList, c *types.VirtualEthernetCard, invalid types.InvalidDeviceSpec) types.BaseMethodFault {
	units := map[int32]bool{}
	for _, d := range list {
		if x, ok := d.(types.BaseVirtualEthernetCard); ok {
			units[unit(x.GetVirtualEthernetCard())] = true
		}
	}
	if len(units) >= maxNICs {
		f := &types.TooManyDevices{}
		f.FaultMessage = explain("a virtual machine has at most %d network cards", maxNICs)
		return f
	}
	if c.UnitNumber == nil || units[*c.UnitNumber] || *c.UnitNumber < firstCardUnit {
		free := int32(firstCardUnit)
		for units[free] {
			free++
		}
		c.UnitNumber = &free
	}
	c.Key = firstCardKey + *c.UnitNumber - firstCardUnit
	c.ControllerKey = pciController
	if c.MacAddress != "" && c.AddressType != string(types.VirtualEthernetCardMacTypeGenerated) && c.AddressType != string(types.VirtualEthernetCardMacTypeAssigned) {
		c.AddressType = string(types.VirtualEthernetCardMacTypeManual)
		return checkMAC(c, invalid)
	}
	c.MacAddress, c.AddressType = s.cards.mac(), string(types.VirtualEthernetCardMacTypeAssigned)
	return nil
}

// editCard keeps of the old card what the change leaves out.
func editCard(c *types.VirtualEthernetCard, old types.BaseVirtualDevice, on bool, invalid types.InvalidDeviceSpec) types.BaseMethodFault {
	was, ok := old.(types.BaseVirtualEthernetCard)
	if !ok {
		return &invalid
	}
	before := was.GetVirtualEthernetCard()
	c.UnitNumber, c.ControllerKey = before.UnitNumber, before.ControllerKey
	if c.MacAddress == "" {
		c.MacAddress, c.AddressType = before.MacAddress, before.AddressType
	}
	if strings.EqualFold(c.MacAddress, before.MacAddress) {
		return nil
	}
	if on {
		return &types.InvalidPowerState{
			RequestedState: types.VirtualMachinePowerStatePoweredOff,
			ExistingState:  types.VirtualMachinePowerStatePoweredOn,
		}
	}
	c.AddressType = string(types.VirtualEthernetCardMacTypeManual)
	return checkMAC(c, invalid)
}

// settleDevices puts the devices back in the order of their keys, and guest.net in the
// order of the cards: vcsim moves what was edited to the end and forgets what the guest
// had reported. The caller holds the machine's lock; before is guest.net as it was.
func settleDevices(ctx *vcsim.Context, vm *vcsim.VirtualMachine, before []types.GuestNicInfo) {
	devices := slices.Clone(vm.Config.Hardware.Device)
	slices.SortStableFunc(devices, func(a, b types.BaseVirtualDevice) int {
		return int(a.GetVirtualDevice().Key - b.GetVirtualDevice().Key)
	})
	infos := []types.GuestNicInfo{}
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn && vm.Guest.ToolsRunningStatus == string(types.VirtualMachineToolsRunningStatusGuestToolsRunning) {
		for _, n := range inspect(ctx, vm).nics {
			at := slices.IndexFunc(before, func(i types.GuestNicInfo) bool {
				return i.DeviceConfigId == n.key && strings.EqualFold(i.MacAddress, n.mac)
			})
			if at >= 0 {
				infos = append(infos, before[at])
				continue
			}
			infos = append(infos, types.GuestNicInfo{Network: n.network, MacAddress: n.mac, Connected: n.connected, DeviceConfigId: n.key})
		}
	}
	ctx.Update(vm, []types.PropertyChange{
		{Name: "config.hardware.device", Val: devices},
		{Name: "guest.net", Val: infos},
	})
}
