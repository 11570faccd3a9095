package vapp

import (
	"net/netip"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Facts are what templates can ask for. A value that is not known yet only matters to a
// template that uses it.
type Facts struct {
	// Network is the resolved network.
	Network network.Config
	// MACs are the addresses of the machine's network cards by interface name. An
	// interface that is not in it has no address that is known yet.
	MACs map[string]network.MAC
	// VM is the machine.
	VM VM
}

// VM is the machine itself, as it was asked for and as vCenter knows it for good.
type VM struct {
	Name, Namespace     known.Value[string]
	Labels, Annotations map[string]string
	// ImageName is as it was written, ImageKind and ImageID (a VMI ID) what it resolved to.
	ImageName, ImageKind, ImageID known.Value[string]
	ClassName, StorageClass       known.Value[string]
	// PowerState is PoweredOn, PoweredOff or Suspended, as it was asked for.
	PowerState         known.Value[string]
	GuestID            known.Value[string]
	MinHardwareVersion known.Value[int64]
	// UniqueID is the machine's managed object id.
	InstanceUUID, BiosUUID, UniqueID known.Value[string]
	// Network is the network as it was written.
	Network network.Spec
}

// NoFacts are facts of which none is known yet.
func NoFacts() Facts {
	unknown := known.Unknown[string]()
	list := known.Unknown[[]known.Value[string]]()
	return Facts{
		Network: network.Config{
			DNS: network.DNS{
				HostName: unknown, DomainName: unknown,
				Nameservers: known.Unknown[[]known.Value[netip.Addr]](), SearchDomains: list,
			},
			Interfaces: known.Unknown[[]network.InterfaceConfig](),
			VLANs:      known.Unknown[[]network.VLANConfig](),
		},
		VM: VM{
			Name: unknown, Namespace: unknown, ImageName: unknown, ImageKind: unknown, ImageID: unknown,
			ClassName: unknown, StorageClass: unknown, PowerState: unknown, GuestID: unknown,
			MinHardwareVersion: known.Unknown[int64](),
			InstanceUUID:       unknown, BiosUUID: unknown, UniqueID: unknown,
			Network: network.Spec{
				VMName: unknown, Disabled: known.Unknown[bool](), HostName: unknown, DomainName: unknown,
				Nameservers: list, SearchDomains: list,
				Interfaces: known.Unknown[[]network.Interface](), VLANs: known.Unknown[[]network.VLAN](),
			},
		},
	}
}
