package observed

import (
	"fmt"
	"net/netip"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Difference is a static address that the guest was told to have and does not use as it was told.
type Difference struct {
	// Interface is the interface's name, Address what it was told.
	Interface string
	Address   netip.Prefix
	// Found is what the guest reports in its place: the address with another prefix
	// length, or in a state in which it cannot be used. It is nil when there is none.
	Found *Address
}

// String is a clause for a message.
func (d Difference) String() string {
	switch {
	case d.Found == nil:
		return fmt.Sprintf("%s does not report %s", d.Interface, d.Address)
	case d.Found.Address == d.Address.String():
		return fmt.Sprintf("%s reports %s as %s", d.Interface, d.Address, d.Found.State)
	default:
		return fmt.Sprintf("%s reports %s for %s", d.Interface, d.Found.Address, d.Address)
	}
}

// Compare lists the resolved static addresses that the guest does not report, in the order
// of the configuration. An address of a family that is configured by DHCP is not one, and
// what is not known is not compared.
func Compare(config network.Config, seen Network) []Difference {
	reported := map[string][]Address{}
	for _, entry := range seen.Interfaces {
		if entry.Name != "" {
			reported[entry.Name] = append(reported[entry.Name], entry.Addresses...)
		}
	}
	var differences []Difference
	for _, record := range config.Interfaces.Or(nil) {
		name, ok := record.Name.Get()
		if !ok {
			continue
		}
		addresses, _ := known.Elements(record.Addresses)
		for _, address := range addresses {
			byDHCP := record.DHCP6
			if address.Addr().Is4() {
				byDHCP = record.DHCP4
			}
			if byDHCP.IsUnknown() || byDHCP.Or(false) {
				continue
			}
			if found, ok := lookUp(reported[name], address); !ok {
				differences = append(differences, Difference{Interface: name, Address: address, Found: found})
			}
		}
	}
	return differences
}

// lookUp searches an address in a report and tells whether it is there and in use.
func lookUp(reported []Address, wanted netip.Prefix) (found *Address, ok bool) {
	for _, address := range reported {
		if parsed, valid := parse(address.Address); !valid || parsed != wanted.Addr() {
			continue
		}
		prefix, err := netip.ParsePrefix(address.Address)
		if (err != nil || prefix.Bits() == wanted.Bits()) && inUse(address.State) {
			return &address, true
		}
		found = &address
	}
	return found, false
}

// inUse reports whether an address in a state carries traffic, or will in a moment.
func inUse(state string) bool {
	switch types.NetIpConfigInfoIpAddressStatus(state) {
	case types.NetIpConfigInfoIpAddressStatusDuplicate, types.NetIpConfigInfoIpAddressStatusInaccessible,
		types.NetIpConfigInfoIpAddressStatusInvalid:
		return false
	case types.NetIpConfigInfoIpAddressStatusDeprecated, types.NetIpConfigInfoIpAddressStatusPreferred,
		types.NetIpConfigInfoIpAddressStatusTentative, types.NetIpConfigInfoIpAddressStatusUnknown:
		return true
	default:
		return true // an older Tools reports no state
	}
}
