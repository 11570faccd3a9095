package network

import (
	"net/netip"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Source names the level of precedence that a resolved value came from.
type Source string

// The four levels, from the highest to the lowest.
const (
	SourceInterface Source = "interface" // written at the interface
	SourceVM        Source = "vm"        // written for the whole machine
	SourceNetwork   Source = "network"   // a default of the connected network
	SourceBootstrap Source = "bootstrap" // a default of the namespace or the bootstrap provider
)

// Config is the resolved configuration: what the guest will be told. Values are unknown
// where their inputs are.
type Config struct {
	DNS        DNS
	Interfaces known.Value[[]InterfaceConfig]
	VLANs      known.Value[[]VLANConfig]
}

// DNS is the name configuration of the whole guest.
type DNS struct {
	HostName      known.Value[string]
	DomainName    known.Value[string]
	Nameservers   known.List[netip.Addr]
	SearchDomains known.List[string]
}

// InterfaceConfig is the one record of an interface that every renderer reads.
type InterfaceConfig struct {
	Name            known.Value[string]
	GuestDeviceName known.Value[string]
	// MTU is in bytes; absent leaves it to the guest.
	MTU known.Value[int64]
	// Addresses in the order they were resolved, both families.
	Addresses known.List[netip.Prefix]
	// Gateway4 and Gateway6 are absent where the interface has no default gateway.
	Gateway4, Gateway6 known.Value[netip.Addr]
	// DHCP4 and DHCP6 are never absent.
	DHCP4, DHCP6 known.Value[bool]
	// AcceptRA says whether IPv6 router advertisements are honoured; it follows DHCP6.
	AcceptRA      known.Value[bool]
	Nameservers   known.List[netip.Addr]
	SearchDomains known.List[string]
	Routes        known.Value[[]RouteConfig]
	// Sources names the level of each value that is there. The keys are the names of the
	// Terraform surface: addresses, dhcp4, dhcp6, gateway4, gateway6, guest_device_name,
	// mtu, nameservers, search_domains, routes.
	Sources map[string]Source
}

// RouteConfig is a resolved static route.
type RouteConfig struct {
	// To is a network, or "default".
	To     known.Value[string]
	Via    known.Value[netip.Addr]
	Metric known.Value[int64]
}

// VLANConfig is a resolved VLAN sub-interface.
type VLANConfig struct {
	Name known.Value[string]
	ID   known.Value[int64]
	Link known.Value[string]
}

// Defaults is what an interface falls back to below the levels that the user writes.
type Defaults struct {
	// Networks holds the defaults of the connected networks, by interface name. An
	// interface that is not in it is connected to a network without defaults.
	Networks map[string]NetworkDefaults
	// Nameservers and SearchDomains are the namespace's.
	Nameservers   []netip.Addr
	SearchDomains []string
	// Unknown tells that neither the namespace nor the networks could be asked yet: what
	// depends on them is unknown.
	Unknown bool
}

// NetworkDefaults is what a connected network offers through its Network Protocol Profile.
// The zero value is a network without profile.
type NetworkDefaults struct {
	// Address4 and Address6 are what the network assigned to the interface, with prefix length; unknown
	// where an enabled address pool will assign one during apply.
	Address4, Address6 known.Value[netip.Prefix]
	// Gateway4 and Gateway6 of the network.
	Gateway4, Gateway6 known.Value[netip.Addr]
	// DHCP4 and DHCP6 tell that the network has a DHCP server for the family; absent
	// where the profile does not say or there is none.
	DHCP4, DHCP6 known.Value[bool]
	// Nameservers, SearchDomains and DomainName are the profile's DNS settings.
	Nameservers   []netip.Addr
	SearchDomains []string
	DomainName    string
	// HasProfile tells that the network has a Network Protocol Profile.
	HasProfile bool
	// Unknown tells that this network could not be asked yet, whatever else is here.
	Unknown bool
}
