package simulator

import (
	"fmt"
	"slices"
	"strings"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// hardware is what a guest sees of its virtual machine.
type hardware struct {
	name        string
	uuid        string
	ref         types.ManagedObjectReference
	extraConfig map[string]string // keys in lower case
	nics        []nic             // in the order of their unit numbers
}

// nic is one network card.
type nic struct {
	key       int32
	mac       string // lower case
	network   string // inventory name
	device    string // the kernel's name, such as ens192
	connected bool
}

// kernelNames are what Linux calls vmxnet3 cards, by their position on the virtual PCI bus.
var kernelNames = []string{"ens192", "ens224", "ens256", "ens161", "ens193", "ens225", "ens257", "ens162", "ens194", "ens226"}

// inspect reads the hardware. The caller holds the machine's lock.
func inspect(ctx *vcsim.Context, vm *vcsim.VirtualMachine) *hardware {
	h := &hardware{name: vm.Name, uuid: vm.Config.Uuid, ref: vm.Self, extraConfig: map[string]string{}}
	for _, o := range vm.Config.ExtraConfig {
		if v, ok := o.GetOptionValue().Value.(string); ok {
			h.extraConfig[strings.ToLower(o.GetOptionValue().Key)] = v
		}
	}
	var found []*types.VirtualEthernetCard
	for _, d := range vm.Config.Hardware.Device {
		if c, ok := d.(types.BaseVirtualEthernetCard); ok {
			found = append(found, c.GetVirtualEthernetCard())
		}
	}
	slices.SortStableFunc(found, func(a, b *types.VirtualEthernetCard) int { return int(unit(a) - unit(b)) })
	windows := types.GuestIDToFamily(vm.Config.GuestId) == types.VirtualMachineGuestOsFamilyWindowsGuest
	for i, c := range found {
		n := nic{key: c.Key, mac: strings.ToLower(c.MacAddress), network: networkName(ctx.Map, c), connected: true}
		switch {
		case windows:
			n.device = fmt.Sprintf("Ethernet%d", i)
		case i < len(kernelNames):
			n.device = kernelNames[i]
		}
		if c.Connectable != nil {
			n.connected = c.Connectable.Connected || c.Connectable.StartConnected
		}
		h.nics = append(h.nics, n)
	}
	return h
}

func unit(c *types.VirtualEthernetCard) int32 {
	if c.UnitNumber == nil {
		return c.Key
	}
	return *c.UnitNumber
}

// networkName is the inventory name of the network behind a card.
func networkName(reg *vcsim.Registry, c *types.VirtualEthernetCard) string {
	switch b := c.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return b.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		pg, ok := reg.Get(reference("DistributedVirtualPortgroup", b.Port.PortgroupKey)).(*vcsim.DistributedVirtualPortgroup)
		if ok {
			return pg.Name
		}
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		return b.OpaqueNetworkId
	}
	return ""
}
