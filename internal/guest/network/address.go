package network

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// ErrIPv4Mapped tells that an address is IPv4 in IPv6 clothes (::ffff:10.0.0.1). The
// programs in a guest disagree on the family of such an address, so it is refused.
var ErrIPv4Mapped = errors.New("an IPv4-mapped IPv6 address belongs to neither family")

// ParseAddress parses an IP literal: no prefix length, no zone, no leading zeros. It
// returns ErrIPv4Mapped, wrapped, for an IPv4-mapped IPv6 address; every error quotes
// the text and says what to write instead.
func ParseAddress(text string) (netip.Addr, error) {
	address, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		return netip.Addr{}, fmt.Errorf("%q is not an IP address%s", text, addressAdvice(text))
	case address.Zone() != "":
		return netip.Addr{}, fmt.Errorf("%q has a zone: write %q, the interface is known from its place", text, address.WithZone(""))
	case address.Is4In6():
		return netip.Addr{}, fmt.Errorf("%q: %w: write %q", text, ErrIPv4Mapped, address.Unmap())
	}
	return address, nil
}

// addressAdvice ends a sentence about a text that is no IP literal.
func addressAdvice(text string) string {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return fmt.Sprintf(": a prefix length does not belong here, write %q", prefix.Addr())
	}
	if trimmed := strings.TrimSpace(text); trimmed != text {
		if _, err := netip.ParseAddr(trimmed); err == nil {
			return fmt.Sprintf(": remove the white space, write %q", trimmed)
		}
	}
	return ": write an IPv4 address without leading zeros, such as \"10.0.0.1\", or an IPv6 address, such as \"2001:db8::1\""
}

// ParseCIDR parses an address with its prefix length; bits of the host part may be set.
// It returns ErrIPv4Mapped, wrapped, for an IPv4-mapped IPv6 address; every error quotes
// the text and says what to write instead.
func ParseCIDR(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("%q is not in CIDR notation%s", text, cidrAdvice(text))
	case prefix.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("%q: %w: write %s", text, ErrIPv4Mapped, unmapAdvice(prefix))
	}
	return prefix, nil
}

// cidrAdvice ends a sentence about a text that is no CIDR.
func cidrAdvice(text string) string {
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" && !address.Is4In6() {
		return fmt.Sprintf(": the prefix length is missing, write for example %q", netip.PrefixFrom(address, usualBits(address)))
	}
	if trimmed := strings.TrimSpace(text); trimmed != text {
		if _, err := netip.ParsePrefix(trimmed); err == nil {
			return fmt.Sprintf(": remove the white space, write %q", trimmed)
		}
	}
	return ": write an address and a prefix length, such as \"10.0.0.5/24\" or \"2001:db8::5/64\""
}

// usualBits is the prefix length that most networks of the address's family have.
func usualBits(address netip.Addr) int {
	if address.Is4() {
		return 24
	}
	return 64
}

// unmapAdvice is the IPv4 form of a mapped prefix, where it has one.
func unmapAdvice(prefix netip.Prefix) string {
	const mappedBits = 96
	if prefix.Bits() < mappedBits {
		return "the IPv4 address with an IPv4 prefix length"
	}
	return fmt.Sprintf("%q", netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-mappedBits))
}

// isIPv6 tells a family from the other for an address that is not IPv4-mapped.
func isIPv6(address netip.Addr) bool { return address.Is6() }
