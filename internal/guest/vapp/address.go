package vapp

import (
	"fmt"
	"math/bits"
	"net/netip"
	"strings"
)

// parseAddress reads an IP address without zone. An IPv4 address in IPv6 notation is IPv4.
func parseAddress(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Addr{}, false
	}
	return address.Unmap(), true
}

// parseAddressOrCIDR reads an address and passes over its prefix length.
func parseAddressOrCIDR(text string) (netip.Addr, bool) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Addr().Unmap(), true
	}
	return parseAddress(text)
}

// subnetMask returns the dotted mask of an address in CIDR notation. The older versions
// take IPv6 too, and show the first four bytes of its mask.
func (f functions) subnetMask(cidr string) (string, error) {
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		return "", &argumentError{cidr, "is not an address in CIDR notation, such as 192.168.1.37/24"}
	case isIPv6(prefix) && f.ipv6:
		return "", &argumentError{cidr, "is an IPv6 address, which has no subnet mask. Use V1alpha6_PrefixLength"}
	}
	return dotted(min(prefix.Bits(), 32)), nil
}

// dotted is the IPv4 mask of a prefix length.
func dotted(length int) string {
	mask := ^uint32(0) << (32 - length)
	return netip.AddrFrom4([4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)}).String()
}

// withClassfulPrefix appends the prefix length of the address's class. The older versions take
// IPv6 too, which has no classes, and append 0.
func (f functions) withClassfulPrefix(text string) (string, error) {
	address, ok := parseAddress(text)
	switch {
	case !ok:
		return "", &argumentError{text, "is not an IP address"}
	case address.Is4():
		return fmt.Sprintf("%s/%d", address, classfulLength(address)), nil
	case f.ipv6:
		return "", &argumentError{text, "is an IPv6 address, which has no class. Use V1alpha6_FormatIP"}
	}
	return address.String() + "/0", nil
}

// classfulLength is the prefix length of class A, B or C; what comes after counts as C.
func classfulLength(address netip.Addr) int {
	switch first := address.As4()[0]; {
	case first < 128:
		return 8
	case first < 192:
		return 16
	default:
		return 24
	}
}

// formatIP returns an address with another prefix length: none, one with a slash, or that
// of a mask of the address's family.
func formatIP(text, mask string) (string, error) {
	address, ok := parseAddressOrCIDR(text)
	if !ok {
		return "", &argumentError{text, "is not an IP address, with or without prefix length"}
	}
	if mask == "" {
		return address.String(), nil
	}
	if strings.HasPrefix(mask, "/") {
		prefix, err := netip.ParsePrefix(address.String() + mask)
		if err != nil {
			return "", &argumentError{mask, "is not a prefix length of the address"}
		}
		return prefix.String(), nil
	}
	length, ok := maskLength(mask, address)
	if !ok {
		return "", &argumentError{mask, "is neither a prefix length with a slash, such as /24, nor a subnet mask of the address"}
	}
	return fmt.Sprintf("%s/%d", address, length), nil
}

// maskLength counts the ones of a mask, which has them all in front.
func maskLength(text string, address netip.Addr) (length int, ok bool) {
	mask, err := netip.ParseAddr(text)
	if err != nil || mask.Zone() != "" || mask.BitLen() != address.BitLen() {
		return 0, false
	}
	zeros := false
	for _, part := range mask.AsSlice() {
		ones := bits.LeadingZeros8(^part)
		if zeros && ones > 0 || part != byte(uint(0xff00)>>ones) {
			return 0, false
		}
		length += ones
		zeros = zeros || ones < 8
	}
	return length, true
}

// isUsableIP tells whether other machines can reach an address, with or without prefix
// length. What is no address is not usable.
func isUsableIP(text string) bool {
	address, ok := parseAddressOrCIDR(text)
	return ok && isUsable(address)
}

func isUsable(address netip.Addr) bool {
	return !address.IsUnspecified() && !address.IsLoopback() &&
		!address.IsLinkLocalUnicast() && !address.IsLinkLocalMulticast()
}

// prefixLength returns the prefix length of an address in CIDR notation.
func prefixLength(cidr string) (int, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return 0, &argumentError{cidr, "is not an address in CIDR notation, such as 2001:db8::1/64"}
	}
	return prefix.Bits(), nil
}
