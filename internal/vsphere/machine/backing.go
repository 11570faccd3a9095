package machine

import (
	"cmp"

	"github.com/vmware/govmomi/vim25/types"
)

// BackingKind tells the kinds of networks apart that a card can be backed by.
type BackingKind string

// The kinds of networks. A card that is connected to nothing has none of them.
const (
	StandardNetwork      BackingKind = "Network"
	DistributedPortgroup BackingKind = "DistributedVirtualPortgroup"
	OpaqueNetwork        BackingKind = "OpaqueNetwork"
)

// Backing is what identifies the network behind a card.
type Backing struct {
	Kind BackingKind
	// Of a standard network: the name, and the reference where vCenter tells it.
	Name    string
	Network Ref
	// Of a distributed port group.
	PortgroupKey, SwitchUUID string
	// LogicalSwitch is the NSX segment that a distributed port group stands for; empty for one of
	// vSphere's own, and where it has not been read.
	LogicalSwitch string
	// Of an NSX network.
	OpaqueID, OpaqueType string
}

// BackingOf reads the backing of a card. Backings that are no network are the zero Backing.
func BackingOf(info types.BaseVirtualDeviceBackingInfo) Backing {
	switch b := info.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		backing := Backing{Kind: StandardNetwork, Name: b.DeviceName}
		if b.Network != nil {
			backing.Network = *b.Network
		}
		return backing
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		return Backing{Kind: DistributedPortgroup, PortgroupKey: b.Port.PortgroupKey, SwitchUUID: b.Port.SwitchUuid}
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		return Backing{Kind: OpaqueNetwork, OpaqueID: b.OpaqueNetworkId, OpaqueType: b.OpaqueNetworkType}
	}
	return Backing{}
}

// Same says whether both are the same network. What one side does not know does not count
// against it; two cards that are connected to nothing have no network in common. A card that was
// connected to an NSX segment by its id is reported with the port group that stands for it.
func (b Backing) Same(other Backing) bool {
	switch {
	case b.Kind == OpaqueNetwork && other.Kind == DistributedPortgroup:
		return other.LogicalSwitch != "" && b.OpaqueID == other.LogicalSwitch
	case b.Kind == DistributedPortgroup && other.Kind == OpaqueNetwork:
		return other.Same(b)
	case b.Kind != other.Kind:
		return false
	}
	switch b.Kind {
	case StandardNetwork:
		if b.Network.Value != "" && other.Network.Value != "" {
			return b.Network == other.Network
		}
		return b.Name == other.Name
	case DistributedPortgroup:
		return b.PortgroupKey == other.PortgroupKey && sameOrUnknown(b.SwitchUUID, other.SwitchUUID)
	case OpaqueNetwork:
		return b.OpaqueID == other.OpaqueID && sameOrUnknown(b.OpaqueType, other.OpaqueType)
	}
	return false
}

// String names the network as well as it can be told without asking vCenter.
func (b Backing) String() string {
	return cmp.Or(b.Name, b.PortgroupKey, b.OpaqueID, "no network")
}

func sameOrUnknown(a, b string) bool { return a == "" || b == "" || a == b }
