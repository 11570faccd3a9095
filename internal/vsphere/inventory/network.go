package inventory

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// NetworkKind says what a network is made of.
type NetworkKind string

// The kinds of networks that a virtual machine can be connected to.
const (
	NetworkStandard    NetworkKind = "Standard"    // a port group of standard switches
	NetworkDistributed NetworkKind = "Distributed" // a port group of a distributed switch, NSX segments on one included
	NetworkOpaque      NetworkKind = "Opaque"      // managed outside vSphere: an NSX segment on an N-VDS
)

// fallbackNetwork is the port group that ESXi's installer makes.
const fallbackNetwork = "VM Network"

// Network is a network that a virtual machine can be connected to.
type Network struct {
	Object
	Kind NetworkKind
	// Switch is the distributed switch of a port group; nil for other networks.
	Switch *Object
	// Default says that the interfaces of the namespace that name no network are connected to it.
	Default bool

	reference    types.ManagedObjectReference
	portgroupKey string
	switchUUID   string
	opaque       types.OpaqueNetworkSummary
}

// Reference is the network for API calls.
func (n Network) Reference() types.ManagedObjectReference { return n.reference }

// Backing is what connects a network card to the network. Everything it needs is known: it
// makes no request.
func (n Network) Backing() types.BaseVirtualDeviceBackingInfo {
	switch n.Kind {
	case NetworkDistributed:
		return &types.VirtualEthernetCardDistributedVirtualPortBackingInfo{
			Port: types.DistributedVirtualSwitchPortConnection{PortgroupKey: n.portgroupKey, SwitchUuid: n.switchUUID},
		}
	case NetworkOpaque:
		return &types.VirtualEthernetCardOpaqueNetworkBackingInfo{
			OpaqueNetworkId:   n.opaque.OpaqueNetworkId,
			OpaqueNetworkType: n.opaque.OpaqueNetworkType,
		}
	case NetworkStandard:
	}
	reference := n.reference
	return &types.VirtualEthernetCardNetworkBackingInfo{
		VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: n.Name},
		Network:                        &reference,
	}
}

// Backs reports whether a network card with this backing is connected to the network. What
// vSphere reports is compared by identity, because it fills in more than was sent.
func (n Network) Backs(backing types.BaseVirtualDeviceBackingInfo) bool {
	switch b := backing.(type) {
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		return n.Kind == NetworkDistributed && b.Port.PortgroupKey == n.portgroupKey
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		return n.Kind == NetworkOpaque && b.OpaqueNetworkId == n.opaque.OpaqueNetworkId
	case *types.VirtualEthernetCardNetworkBackingInfo:
		if n.Kind != NetworkStandard {
			return false
		}
		if b.Network != nil {
			return *b.Network == n.reference
		}
		return b.DeviceName == n.Name
	default:
		return false
	}
}

// Network finds a network by its name or inventory path. A distributed port group can also be
// named below its switch, as in "DVS0/backend": NSX gives the port groups of one segment on
// several switches the same name and folder. An empty name means the namespace's default
// network, else "VM Network", else the only network there is.
//
// Where several port groups bear the name, the one that the namespace's cluster is connected
// to is meant; several of those are an error that wraps vsphere.ErrAmbiguous and lists their
// paths. A network that no host of the cluster has is vsphere.ErrNotFound.
func (i *Inventory) Network(ctx context.Context, namespace Namespace, name string) (Network, error) {
	var network Network
	err := i.tree.Find(ctx, func(t *tree) error {
		n, err := t.networkFor(namespace, name)
		if err != nil {
			return err
		}
		network, err = t.network(n)
		network.Default = n == t.standing(namespace)
		return err
	})
	return network, err
}

// Networks lists the networks that machines of the namespace can be connected to, in the order
// of their inventory paths: those that its cluster is connected to, without port groups whose
// switch the user may not see.
func (i *Inventory) Networks(ctx context.Context, namespace Namespace) ([]Network, error) {
	t, err := i.tree.Since(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	standing := t.standing(namespace)
	var networks []Network
	for _, n := range t.reachable(namespace, t.networks()) {
		network, err := t.network(n)
		if err != nil {
			continue
		}
		network.Default = n == standing
		networks = append(networks, network)
	}
	return networks, nil
}

// NetworkOf finds the network that a network card with this backing is connected to.
func (i *Inventory) NetworkOf(ctx context.Context, backing types.BaseVirtualDeviceBackingInfo) (Network, error) {
	var found Network
	err := i.tree.Find(ctx, func(t *tree) error {
		for _, n := range t.networks() {
			if network, err := t.network(n); err == nil && network.Backs(backing) {
				found = network
				return nil
			}
		}
		return failure(vsphere.ErrNotFound, "no network of datacenter %s belongs to a network card's backing of type %T", t.path, backing)
	})
	return found, err
}

func (t *tree) networkFor(namespace Namespace, name string) (*node, error) {
	all := t.networks()
	here := t.reachable(namespace, all)
	if name == "" && namespace.DefaultNetwork != "" {
		n, err := t.networkFor(namespace, namespace.DefaultNetwork)
		if err != nil {
			return nil, fmt.Errorf("namespace %q, default_network: %w", namespace.Name, err)
		}
		return n, nil
	}
	if name == "" {
		return t.defaultNetwork(namespace, here)
	}
	switch found := t.matchNetworks(here, name); len(found) {
	case 1:
		return found[0], nil
	case 0:
	default:
		return nil, t.ambiguous("network", found, name)
	}
	if elsewhere := t.matchNetworks(all, name); len(elsewhere) > 0 {
		return nil, failure(vsphere.ErrNotFound,
			"network %q exists (%s), but no host of %s, where namespace %q has its resource pool, is connected to it. %s",
			name, elsewhere[0].path, namespace.Compute.Path, namespace.Name, offer("network", name, titles(here)))
	}
	return nil, t.missing("network", here, name)
}

// matchNetworks returns the networks that a reference means.
func (t *tree) matchNetworks(networks []*node, reference string) []*node {
	folder := t.folder("networkFolder")
	found := t.match(networks, folder, reference)
	if len(found) > 0 {
		return found
	}
	for _, n := range networks {
		owner := t.owner(n)
		if owner == nil {
			continue
		}
		below := []string{path.Join(owner.path, n.name), path.Join(owner.path, n.title()), path.Join(owner.title(), n.title())}
		if folder != nil && strings.HasPrefix(owner.path, folder.path+"/") {
			below = append(below, path.Join(strings.TrimPrefix(owner.path, folder.path+"/"), n.title()))
		}
		if slices.Contains(below, reference) {
			found = append(found, n)
		}
	}
	return found
}

// owner is the distributed switch of a port group; nil for other networks, and where the user
// may not see it.
func (t *tree) owner(n *node) *node { return t.nodes[reference(n, "config.distributedVirtualSwitch")] }

func (t *tree) defaultNetwork(namespace Namespace, here []*node) (*node, error) {
	named := slices.DeleteFunc(slices.Clone(here), func(n *node) bool { return n.title() != fallbackNetwork })
	switch {
	case len(named) == 1:
		return named[0], nil
	case len(here) == 1:
		return here[0], nil
	default:
		return nil, failure(vsphere.ErrAmbiguous,
			"an interface names no network, and namespace %q has no default. Set default_network of the namespace, or the interface's own network. %s",
			namespace.Name, offer("network", fallbackNetwork, titles(here)))
	}
}

// networks returns what virtual machines can be connected to: no uplink port groups.
func (t *tree) networks() []*node {
	return slices.DeleteFunc(t.of(typeNetwork, typePortgroup, typeOpaque), func(n *node) bool {
		return value[bool](n, "config.uplink")
	})
}

// reachable returns those networks that the namespace's cluster or host is connected to, and
// all where that is not known.
func (t *tree) reachable(namespace Namespace, networks []*node) []*node {
	compute := t.nodes[namespace.compute]
	if compute == nil {
		return networks
	}
	connected := compute.references("network")
	return slices.DeleteFunc(slices.Clone(networks), func(n *node) bool { return !slices.Contains(connected, n.ref) })
}

// standing is the network of interfaces that name none; nil where there is no such network.
func (t *tree) standing(namespace Namespace) *node {
	n, err := t.networkFor(namespace, "")
	if err != nil {
		return nil
	}
	return n
}

func (t *tree) network(n *node) (Network, error) {
	network := Network{Object: n.object(), Kind: NetworkStandard, reference: n.ref}
	switch n.ref.Type {
	case typePortgroup:
		network.Kind = NetworkDistributed
		network.portgroupKey = value[string](n, "key")
		if owner := t.owner(n); owner != nil {
			object := owner.object()
			network.Switch, network.switchUUID = &object, value[string](owner, "uuid")
		}
		if network.portgroupKey == "" || network.switchUUID == "" {
			return Network{}, failure(vsphere.ErrNotFound,
				"the distributed switch of port group %s cannot be read. Grant the user System.Read on the switch",
				n.path)
		}
	case typeOpaque:
		network.Kind = NetworkOpaque
		network.opaque = value[types.OpaqueNetworkSummary](n, "summary")
	}
	return network, nil
}

func titles(nodes []*node) []string {
	list := make([]string, len(nodes))
	for i, n := range nodes {
		list[i] = n.title()
	}
	return list
}
