// Package network decides what network a guest gets. Spec is what somebody wrote,
// Validate judges it, and Resolve turns it, together with what the connected networks
// and the namespace offer, into one record per interface with the source of each value.
// The package is pure: no I/O, no clock, no Terraform.
//
// The rules are VM Operator's (vmoperator.vmware.com/v1alpha6 spec.network), with the
// differences that a plan needs: a value may be unknown, and an unknown value is never judged.
package network

import "github.com/vmoperator/terraform-provider-vmoperator/internal/known"

// MaxInterfaces is the number of network interfaces that vSphere gives a virtual machine.
const MaxInterfaces = 10

// GatewayNone, as a gateway, asks for no default gateway even where the connected
// network has one. The spelling is exact.
const GatewayNone = "None"

// Spec is the network that was asked for, as it was written.
type Spec struct {
	// VMName is the machine's name: the host name where HostName is absent.
	VMName known.Value[string]
	// Disabled leaves the machine without network interfaces.
	Disabled known.Value[bool]
	// HostName is the guest's short host name.
	HostName known.Value[string]
	// DomainName is the guest's DNS domain.
	DomainName known.Value[string]
	// Nameservers are IP literals for the whole guest.
	Nameservers known.List[string]
	// SearchDomains are DNS search suffixes for the whole guest.
	SearchDomains known.List[string]
	// Interfaces, in the order of the machine's network cards. The whole is unknown
	// when it comes from a dynamic block over an unknown value.
	Interfaces known.Value[[]Interface]
	// VLANs are VLAN sub-interfaces of Interfaces.
	VLANs known.Value[[]VLAN]
}

// Interface is one network interface as it was written.
type Interface struct {
	// Name identifies the interface: lower-case letters and digits, two or more.
	Name known.Value[string]
	// Network is the name or inventory path of the connected network.
	Network known.Value[string]
	// Type is the virtual network card, VMXNet3 when absent.
	Type known.Value[string]
	// GuestDeviceName is the name of the device in the guest, Name when absent.
	GuestDeviceName known.Value[string]
	// MACAddr asks for a MAC address; vCenter generates one when absent.
	MACAddr known.Value[string]
	// Addresses are IPv4 and IPv6 addresses in CIDR notation.
	Addresses known.List[string]
	// DHCP4 and DHCP6 force DHCP on or off; absent leaves it to the connected network.
	DHCP4, DHCP6 known.Value[bool]
	// Gateway4 and Gateway6 are IP literals without prefix length, or GatewayNone.
	Gateway4, Gateway6 known.Value[string]
	// MTU is in bytes.
	MTU known.Value[int64]
	// Nameservers are IP literals for this interface.
	Nameservers known.List[string]
	// SearchDomains are DNS search suffixes for this interface.
	SearchDomains known.List[string]
	// Routes are static routes through this interface.
	Routes known.Value[[]Route]
}

// Route is a static route as it was written.
type Route struct {
	// To is a network in CIDR notation, or "default".
	To known.Value[string]
	// Via is the IP literal of the next hop.
	Via known.Value[string]
	// Metric is 1 or more; absent leaves it to the guest.
	Metric known.Value[int64]
}

// VLAN is a VLAN sub-interface as it was written.
type VLAN struct {
	// Name is the device name in the guest, 1 to 15 characters.
	Name known.Value[string]
	// ID is the VLAN id, 0 to 4094.
	ID known.Value[int64]
	// Link is the Name of the interface that carries the VLAN.
	Link known.Value[string]
}

// Bootstrap says what carries the configuration into the guest, as far as the network
// rules depend on it.
type Bootstrap struct {
	// CloudInit, LinuxPrep, Sysprep and VAppConfig tell which providers are configured.
	CloudInit, LinuxPrep, Sysprep, VAppConfig bool
	// Unknown tells that it is not known yet which providers are configured.
	Unknown bool
	// Disabled turns guest configuration off altogether.
	Disabled known.Value[bool]
	// UseGlobalNameserversAsDefault lets interfaces inherit the machine's nameservers
	// (cloud-init only, true when absent).
	UseGlobalNameserversAsDefault known.Value[bool]
	// UseGlobalSearchDomainsAsDefault lets interfaces inherit the machine's search domains
	// (cloud-init only, true when absent).
	UseGlobalSearchDomainsAsDefault known.Value[bool]
	// GuestID is the vSphere guest id, where known: from the configuration or the image.
	GuestID known.Value[string]
}
