// Package observed turns what vCenter and VMware Tools report about a running guest into
// the status that VM Operator shows: its network, its primary addresses, and conditions.
// It is pure: the caller reads, this package decides.
package observed

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

// Input is what was read about one virtual machine.
type Input struct {
	// Guest is the guest information (VirtualMachine.guest); nil when there is none.
	Guest *types.GuestInfo
	// ExtraConfig holds the values of VirtualMachine.config.extraConfig by key.
	ExtraConfig map[string]string
	// PowerState of the machine. A machine that is off has no network, whatever its last
	// report says.
	PowerState types.VirtualMachinePowerState
	// InterfaceNames are the names of the configured interfaces by the keys of their devices.
	InterfaceNames map[int32]string
	// Provider configures the guest. A report of cloud-init about the primary addresses counts
	// where it is ProviderCloudInit.
	Provider Provider
	// PendingCustomization is VirtualMachine.config.tools.pendingCustomization: not empty
	// while the guest has still to be customized. The file name of the package in
	// ExtraConfig (tools.deployPkg.fileName) says the same.
	PendingCustomization string
	// DeferredCustomization tells that the guest is to be customized otherwise than it was, and that
	// vSphere has not been asked yet, because the machine is on.
	DeferredCustomization bool
	// EarlierCustomization is when the guest had begun the customization before the one that vSphere
	// was last handed; zero where that was the first one, or where the guest has ended the last one.
	// As long as the guest reports the end of that, it has not begun the new one.
	EarlierCustomization time.Time
	// Bootstrap is what became of the bootstrap configuration on its way to vSphere; nil for a
	// machine whose configuration has no bootstrap block.
	Bootstrap *BootstrapOutcome
	// Cards are the network cards that the machine really has, for the condition that each
	// interface has one; nil leaves the condition out.
	Cards *Cards
	// Config is what the guest was told, for the message about what it does not report.
	// The zero value is allowed.
	Config network.Config
}

// Provider is what carries the configuration into the guest, with the names that status has for it.
type Provider string

// The bootstrap providers. The zero Provider is a machine whose guest nobody configures. A vApp
// configuration beside LinuxPrep or Sysprep makes no difference here.
const (
	ProviderCloudInit  Provider = "CloudInit"
	ProviderLinuxPrep  Provider = "LinuxPrep"
	ProviderSysprep    Provider = "Sysprep"
	ProviderVAppConfig Provider = "VAppConfig"
)

// cloudInit reports whether cloud-init configures the guest.
func (in Input) cloudInit() bool { return in.Provider == ProviderCloudInit }

// Network is the network that the guest reports. The zero value is a guest of which
// nothing is known.
type Network struct {
	// HostName is the guest's own, with or without a domain.
	HostName string
	// PrimaryIP4 and PrimaryIP6 are addresses without prefix length; empty when none can be
	// told to be the primary one.
	PrimaryIP4, PrimaryIP6 string
	// Interfaces in the order of the report; routes name their gateway device by its place
	// in that order.
	Interfaces []Interface
	// IPStacks in the order of the report.
	IPStacks []IPStack
}

// Interface is a network card as the guest sees it.
type Interface struct {
	// Name of the configured interface; empty for a card that belongs to none.
	Name      string
	DeviceKey int32
	// MACAddr is in lower case.
	MACAddr string
	// Addresses, IPv4 before IPv6 and each family by value.
	Addresses []Address
	DHCP      DHCP
	// DNS is nil when the guest reports none for the interface.
	DNS *DNS
}

// Address is an address of an interface.
type Address struct {
	// Address with its prefix length, as in 192.168.1.100/24; without when the guest does
	// not report the length.
	Address string
	// Origin is dhcp, linklayer, manual, other or random; State is deprecated, duplicate, inaccessible,
	// invalid, preferred, tentative or unknown. Both may be empty.
	Origin, State string
}

// DHCP tells for each family whether the interface is configured by DHCP; nil where the
// guest does not say.
type DHCP struct {
	IP4, IP6 *bool
}

// DNS is the name resolution of an interface or of a stack.
type DNS struct {
	DHCP                       bool
	HostName, DomainName       string
	Nameservers, SearchDomains []string
}

// IPStack is a TCP/IP stack of the guest.
type IPStack struct {
	// DNS is nil when the guest reports none for the stack.
	DNS *DNS
	// Routes by network, IPv4 before IPv6. Link-local and multicast networks and IPv4 host
	// routes are left out.
	Routes []Route
}

// Route is a route of the guest.
type Route struct {
	// NetworkAddress with prefix length.
	NetworkAddress string
	// GatewayDevice and GatewayAddress are as reported; the address is empty for networks on the link.
	GatewayDevice, GatewayAddress string
}

// Observe returns the status of a machine: its network and its conditions, the latter in
// alphabetical order of their types.
func Observe(in Input) (Network, []Condition) {
	seen := observeNetwork(in)
	var conditions []Condition
	for _, condition := range []*Condition{
		guestBootstrap(in.ExtraConfig),
		guestCustomization(in),
		bootstrapReady(in.Bootstrap),
		networkSynced(in, seen),
		networkReady(in),
		tools(in.Guest),
	} {
		if condition != nil {
			conditions = append(conditions, *condition)
		}
	}
	return seen, conditions
}

func observeNetwork(in Input) Network {
	if in.Guest == nil || in.PowerState == types.VirtualMachinePowerStatePoweredOff {
		return Network{}
	}
	var seen Network
	for _, nic := range in.Guest.Net {
		if nic.DeviceConfigId < 0 {
			continue // a device of the guest's own, such as a bridge
		}
		seen.Interfaces = append(seen.Interfaces, newInterface(nic, in.InterfaceNames[nic.DeviceConfigId]))
	}
	for _, stack := range in.Guest.IpStack {
		seen.IPStacks = append(seen.IPStacks, IPStack{DNS: newDNS(stack.DnsConfig), Routes: newRoutes(stack.IpRouteConfig)})
	}
	seen.PrimaryIP4, seen.PrimaryIP6 = primaries(in, seen.Interfaces)
	if seen.PrimaryIP4 == "" && seen.PrimaryIP6 == "" && len(seen.Interfaces) == 0 && len(seen.IPStacks) == 0 {
		return Network{}
	}
	seen.HostName = in.Guest.HostName
	return seen
}

func newInterface(nic types.GuestNicInfo, name string) Interface {
	entry := Interface{
		Name: name, DeviceKey: nic.DeviceConfigId, MACAddr: strings.ToLower(nic.MacAddress), DNS: newDNS(nic.DnsConfig),
	}
	if nic.IpConfig == nil {
		return entry
	}
	entry.Addresses = newAddresses(nic.IpConfig.IpAddress)
	if dhcp := nic.IpConfig.Dhcp; dhcp != nil {
		entry.DHCP = DHCP{IP4: enabled(dhcp.Ipv4), IP6: enabled(dhcp.Ipv6)}
	}
	return entry
}

func enabled(options *types.NetDhcpConfigInfoDhcpOptions) *bool {
	if options == nil {
		return nil
	}
	enable := options.Enable
	return &enable
}

// newDNS copies the name resolution; Tools lists a server once for each family or device.
func newDNS(config *types.NetDnsConfigInfo) *DNS {
	if config == nil {
		return nil
	}
	return &DNS{
		DHCP: config.Dhcp, HostName: config.HostName, DomainName: config.DomainName,
		Nameservers: distinct(config.IpAddress), SearchDomains: distinct(config.SearchDomain),
	}
}

// distinct keeps the first of equal texts.
func distinct(texts []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			kept = append(kept, text)
		}
	}
	return kept
}

// withBits appends a prefix length that fits the address; Tools reports 0 where it does not know.
func withBits(text string, bits int32) string {
	address, err := netip.ParseAddr(text)
	if err != nil || bits <= 0 || int(bits) > address.BitLen() {
		return text
	}
	return address.String() + "/" + strconv.Itoa(int(bits))
}
