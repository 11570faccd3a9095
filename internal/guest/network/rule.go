package network

// The rules that Validate and Review apply, by the identifiers that a Problem carries.
// H, I, N and V rules are those of VM Operator's admission; P rules are this provider's
// own, because a guest would end without network. The others restate VM Operator's schema
// (S) and its tables of what the bootstrap providers carry (B0, F, G).
const (
	ruleProviders = "B0" // cloud-init stands alone; LinuxPrep and Sysprep exclude each other

	ruleHostName       = "H1" // the host name, or the machine's name in its place, is valid
	ruleHostIPDomain   = "H2" // a host name that is an IP literal takes no domain
	ruleHostWindows    = "H3" // Windows takes 15 bytes of host name
	ruleDomainName     = "H4" // the domain name is valid
	ruleFullNameLength = "H5" // host and domain name together take 255 bytes

	ruleGlobalNameserversProvider = "G1" // the machine's nameservers need a provider that uses them
	ruleGlobalSearchProvider      = "G2" // so do its search domains
	ruleGlobalNameserver          = "G3" // each of the machine's nameservers is an IP literal

	ruleDeviceNameProvider  = "F1" // guest_device_name needs cloud-init
	ruleMTUProvider         = "F2" // mtu needs cloud-init
	ruleRoutesProvider      = "F3" // routes need cloud-init
	ruleSearchProvider      = "F4" // an interface's search domains need cloud-init
	ruleNameserversProvider = "F5" // an interface's nameservers need cloud-init or Sysprep

	ruleAddress         = "I1"  // an address is in CIDR notation
	ruleGateway4Address = "I2"  // gateway4 needs an IPv4 address
	ruleGateway4        = "I3"  // gateway4 is an IPv4 literal or None
	ruleGateway6Address = "I4"  // gateway6 needs an IPv6 address
	ruleGateway6        = "I5"  // gateway6 is an IPv6 literal or None
	ruleDHCP4Address    = "I6"  // dhcp4 excludes IPv4 addresses
	ruleDHCP4Gateway    = "I7"  // dhcp4 excludes gateway4
	ruleDHCP6Address    = "I8"  // dhcp6 excludes IPv6 addresses
	ruleDHCP6Gateway    = "I9"  // dhcp6 excludes gateway6
	ruleNameserver      = "I10" // an interface's nameserver is an IP literal
	ruleRouteTo         = "I11" // a route leads to a network in CIDR notation or to default
	ruleRouteVia        = "I12" // a route's next hop is an IP literal
	ruleRouteFamily     = "I13" // a route's network and next hop are of one family

	ruleInterface = "N1" // ten interfaces at most, with unique names of the right form

	ruleType       = "S1" // the network card is of a type that exists
	ruleDeviceName = "S2" // a device name has two word characters or more
	ruleMAC        = "S3" // a MAC address is well formed, one of a card, and used once
	ruleMetric     = "S4" // a route's metric is a positive 32-bit number
	ruleVLANName   = "S5" // a VLAN has a unique name of the right form
	ruleVLANID     = "S6" // a VLAN id is 0 to 4094
	ruleNull       = "S7" // a list has no null elements
	ruleEmpty      = "S8" // a search domain is not empty

	ruleVLANProvider   = "V2" // VLANs need cloud-init
	ruleVLANInterface  = "V3" // a VLAN is not named like an interface
	ruleVLANDevice     = "V4" // a VLAN is not named like a guest device
	ruleVLANLink       = "V5" // a VLAN has a link
	ruleVLANLinkTarget = "V6" // a VLAN's link is the name of an interface
	ruleVLANUnique     = "V7" // a VLAN id is used once on a link

	rulePool       = "P1"  // a static address is not one that the connected network hands out
	ruleReachable  = "P14" // what leaves a guest without network, and what nearly does
	ruleGuestID    = "P21" // the bootstrap provider suits the guest's operating system
	ruleIPv4Mapped = "P25" // an IPv4-mapped IPv6 address is refused
	ruleLinuxPrep  = "P28" // what guest OS customization loses on its way into the guest
)
