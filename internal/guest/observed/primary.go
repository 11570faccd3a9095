package observed

import (
	"net/netip"
	"strings"
)

// The ExtraConfig keys by which cloud-init in the guest tells its primary addresses.
const (
	keyLocalIPv4 = "guestinfo.local-ipv4"
	keyLocalIPv6 = "guestinfo.local-ipv6"
)

// primaries decides on the addresses that stand for the machine. vCenter names one;
// cloud-init's own report goes before it. A family that nobody names is taken from the
// interfaces only where there is one candidate: it is never guessed.
func primaries(in Input, interfaces []Interface) (ip4, ip6 string) {
	if address, ok := usable(in.Guest.IpAddress); ok {
		if address.Is4() {
			ip4 = in.Guest.IpAddress
		} else {
			ip6 = in.Guest.IpAddress
		}
	}
	if in.cloudInit() {
		if text := in.ExtraConfig[keyLocalIPv4]; isUsable(text, netip.Addr.Is4) {
			ip4 = text
		}
		if text := in.ExtraConfig[keyLocalIPv6]; isUsable(text, netip.Addr.Is6) {
			ip6 = text
		}
	}
	switch {
	case ip4 != "" && ip6 == "":
		ip6 = onlyOther(interfaces, ip4, netip.Addr.Is6)
	case ip4 == "" && ip6 != "":
		ip4 = onlyOther(interfaces, ip6, netip.Addr.Is4)
	case ip4 == "" && ip6 == "" && len(interfaces) == 1:
		ip4 = only(interfaces[0], netip.Addr.Is4)
		ip6 = only(interfaces[0], netip.Addr.Is6)
	}
	return ip4, ip6
}

// onlyOther returns the address of the other family on the interface that carries a primary
// address, if that interface has exactly one.
func onlyOther(interfaces []Interface, primary string, family func(netip.Addr) bool) string {
	for _, entry := range interfaces {
		if entry.carries(primary) {
			return only(entry, family)
		}
	}
	return ""
}

// only returns the one usable address of a family that an interface has, if it is one.
func only(entry Interface, family func(netip.Addr) bool) string {
	found := map[netip.Addr]bool{}
	var last netip.Addr
	for _, address := range entry.Addresses {
		if candidate, ok := usable(address.Address); ok && family(candidate) {
			found[candidate], last = true, candidate
		}
	}
	if len(found) != 1 {
		return ""
	}
	return last.String()
}

// carries reports whether the interface has an address, however the text spells it.
func (i Interface) carries(text string) bool {
	wanted, ok := parse(text)
	if !ok {
		return false
	}
	for _, address := range i.Addresses {
		if found, ok := parse(address.Address); ok && found == wanted {
			return true
		}
	}
	return false
}

func isUsable(text string, family func(netip.Addr) bool) bool {
	address, ok := usable(text)
	return ok && family(address)
}

// usable parses an address that others can reach: not unspecified, not loopback, not
// link-local. Private addresses are.
func usable(text string) (netip.Addr, bool) {
	address, ok := parse(text)
	if !ok || address.IsUnspecified() || address.IsLoopback() || address.IsLinkLocalUnicast() || address.IsLinkLocalMulticast() {
		return netip.Addr{}, false
	}
	return address, true
}

// parse reads an address with or without prefix length. An IPv4 address in IPv6 clothes is an IPv4 address.
func parse(text string) (netip.Addr, bool) {
	text, _, _ = strings.Cut(text, "/")
	address, err := netip.ParseAddr(text)
	return address.Unmap(), err == nil
}
