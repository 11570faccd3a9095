package network

import (
	"net/netip"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// addressing is everything that decides on the addresses of one interface.
type addressing struct {
	written  known.List[netip.Prefix]
	anything answer // the interface names an address, of whatever family
	v4, v6   family
}

// family is everything that decides on one address family of one interface.
type family struct {
	// What the interface says.
	userDHCP    known.Value[bool]
	userGateway known.Value[string]
	written     answer // an address of this family
	anyWritten  answer // an address of either family
	// What the connected network says.
	network          NetworkDefaults
	assigned         known.Value[netip.Prefix]
	networkGateway   known.Value[netip.Addr]
	networkDHCP      known.Value[bool]
	matches          func(netip.Addr) bool
	dhcpWithoutHints bool // what to do when nobody says anything
}

func addressingOf(nic Interface, network NetworkDefaults) addressing {
	written := parsedList(nic.Addresses, ParseCIDR)
	anything := hasElements(nic.Addresses)
	return addressing{
		written:  written,
		anything: anything,
		v4: family{
			userDHCP: nic.DHCP4, userGateway: nic.Gateway4,
			written: hasFamily(written, netip.Addr.Is4), anyWritten: anything,
			network: network, assigned: network.Address4, networkGateway: network.Gateway4, networkDHCP: network.DHCP4,
			matches: netip.Addr.Is4, dhcpWithoutHints: true,
		},
		v6: family{
			userDHCP: nic.DHCP6, userGateway: nic.Gateway6,
			written: hasFamily(written, isIPv6), anyWritten: anything,
			network: network, assigned: network.Address6, networkGateway: network.Gateway6, networkDHCP: network.DHCP6,
			matches: isIPv6,
		},
	}
}

// hasFamily asks whether a list has an address of a family.
func hasFamily(list known.List[netip.Prefix], matches func(netip.Addr) bool) answer {
	if list.IsUnknown() {
		return maybe
	}
	found := no
	for _, element := range list.Or(nil) {
		if element.IsUnknown() {
			found = either(found, maybe)
		} else if prefix, ok := element.Get(); ok {
			found = either(found, answerOf(matches(prefix.Addr())))
		}
	}
	return found
}

// addresses returns the interface's own addresses, or else those that the network
// assigned. The former replace the latter in both families, whichever they name.
func (a addressing) addresses() origin[[]known.Value[netip.Prefix]] {
	if a.anything == yes {
		return origin[[]known.Value[netip.Prefix]]{a.written, SourceInterface}
	}
	var addresses []known.Value[netip.Prefix]
	for _, f := range []family{a.v4, a.v6} {
		switch f.usesAssigned() {
		case yes:
			addresses = append(addresses, f.assigned)
		case maybe:
			return origin[[]known.Value[netip.Prefix]]{value: known.Unknown[[]known.Value[netip.Prefix]]()}
		case no:
		}
	}
	if a.anything == maybe {
		return origin[[]known.Value[netip.Prefix]]{value: known.Unknown[[]known.Value[netip.Prefix]]()}
	}
	if len(addresses) == 0 {
		return origin[[]known.Value[netip.Prefix]]{}
	}
	return origin[[]known.Value[netip.Prefix]]{known.Of(addresses), SourceNetwork}
}

// usesAssigned asks whether the interface takes the address that the network assigns: it
// names none of its own, and does not ask for DHCP instead.
func (f family) usesAssigned() answer {
	return both(both(not(f.anyWritten), not(isTrue(f.userDHCP))), f.isAssigned())
}

// isAssigned asks whether the network assigns an address, even one that is only known later.
func (f family) isAssigned() answer {
	if f.network.Unknown {
		return maybe
	}
	return answerOf(!f.assigned.IsAbsent())
}

// dhcp decides whether the family is configured by DHCP. It is never absent.
func (f family) dhcp() origin[bool] {
	if !f.userDHCP.IsAbsent() {
		return origin[bool]{f.userDHCP, SourceInterface}
	}
	static := origin[bool]{known.Of(false), SourceInterface}
	if f.written == yes {
		return static
	}
	fallback := f.dhcpWithoutAddress()
	if f.written == no {
		return fallback
	}
	return agreed(static, fallback)
}

// dhcpWithoutAddress decides for an interface that names no address of the family.
func (f family) dhcpWithoutAddress() origin[bool] {
	if f.network.Unknown {
		return origin[bool]{value: known.Unknown[bool]()}
	}
	if !f.networkDHCP.IsAbsent() {
		fromNetwork := origin[bool]{f.networkDHCP, SourceNetwork}
		assigned := origin[bool]{known.Of(false), SourceNetwork}
		switch both(f.isAssigned(), not(f.anyWritten)) {
		case yes:
			return assigned
		case maybe:
			return agreed(assigned, fromNetwork)
		case no:
		}
		return fromNetwork
	}
	if f.network.hasProfile() {
		return origin[bool]{known.Of(false), SourceNetwork}
	}
	other := origin[bool]{known.Of(false), SourceBootstrap}
	if !f.dhcpWithoutHints {
		return other
	}
	silent := origin[bool]{known.Of(true), SourceBootstrap}
	switch f.anyWritten {
	case yes:
		return other
	case no:
		return silent
	case maybe:
	}
	return agreed(silent, other)
}

// agreed returns what two possible outcomes have in common.
func agreed(a, b origin[bool]) origin[bool] {
	valueA, okA := a.value.Get()
	valueB, okB := b.value.Get()
	if okA && okB && valueA == valueB {
		return b
	}
	return origin[bool]{value: known.Unknown[bool]()}
}

// hasProfile tells whether the network says anything about addressing.
func (n NetworkDefaults) hasProfile() bool {
	return n.HasProfile || !n.Address4.IsAbsent() || !n.Address6.IsAbsent() || !n.DHCP4.IsAbsent() || !n.DHCP6.IsAbsent()
}

// defaultGateway decides on the gateway. A gateway belongs to addresses: without one of
// the family there is none, and under DHCP it comes with the lease. An interface that
// names addresses and no gateway keeps the network's.
func (f family) defaultGateway() origin[netip.Addr] {
	addressed := either(f.written, f.usesAssigned())
	absent := origin[netip.Addr]{}
	unknown := origin[netip.Addr]{value: known.Unknown[netip.Addr]()}
	if addressed == no {
		return absent
	}

	from := origin[netip.Addr]{f.networkGateway, SourceNetwork}
	switch hasText(f.userGateway) {
	case maybe:
		return unknown
	case yes:
		from = origin[netip.Addr]{f.parsedGateway(), SourceInterface}
	case no:
		if f.network.Unknown {
			from = unknown
		}
		if isTrue(f.userDHCP) == yes {
			return absent
		}
	}
	if from.value.IsAbsent() || addressed == yes {
		return from
	}
	return unknown
}

// parsedGateway is the interface's own gateway; absent when it is GatewayNone, and when it
// is none of this family, which Validate refuses.
func (f family) parsedGateway() known.Value[netip.Addr] {
	return known.FlatMap(parsed(f.userGateway, ParseAddress), func(address netip.Addr) known.Value[netip.Addr] {
		return presentIf(f.matches(address), address)
	})
}
