package network

import (
	"fmt"
	"strings"
)

// MAC is an Ethernet address in the one form that everything compares: six pairs of
// lower-case hexadecimal digits with colons, as in "00:50:56:89:ab:cd".
type MAC string

// ParseMAC normalises a MAC address of six pairs of hexadecimal digits in any case,
// separated by colons or by dashes throughout. Anything else is an error that quotes it.
func ParseMAC(text string) (MAC, error) {
	const length = len("00:50:56:89:ab:cd")
	invalid := fmt.Errorf("%q is not a MAC address: six pairs of hexadecimal digits with colons between them are needed, as in \"00:50:56:89:ab:cd\"", text)
	if len(text) != length {
		return "", invalid
	}
	separator := text[2]
	if separator != ':' && separator != '-' {
		return "", invalid
	}
	for i := range length {
		switch char := text[i]; {
		case i%3 == 2:
			if char != separator {
				return "", invalid
			}
		case !isHexDigit(char):
			return "", invalid
		}
	}
	return MAC(strings.ToLower(strings.ReplaceAll(text, "-", ":"))), nil
}

func isHexDigit(char byte) bool {
	return char >= '0' && char <= '9' || char >= 'a' && char <= 'f' || char >= 'A' && char <= 'F'
}

// String returns the address with colons.
func (m MAC) String() string { return string(m) }

// Dashed returns the address with dashes, the form that OVF property templates get.
func (m MAC) Dashed() string { return strings.ReplaceAll(string(m), ":", "-") }

// Reserved says why a network card cannot well be given the address, as a clause, and whether
// that is impossible on any host. It is empty for an address that anybody may have.
//
// Addresses of groups and of nobody are none of a card. The ranges are those that vSphere's
// networking guide keeps: of VMware's 00:50:56, people may use 00 to 3f, and 00:0c:29 belongs
// to hosts. A host does not turn on a machine whose manual address is in a range that is kept,
// unless ethernetN.checkMACAddress in the machine's configuration tells it not to look.
func (m MAC) Reserved() (why string, impossible bool) {
	const (
		generated = "00:0c:29:"
		vmware    = "00:50:56:"
	)
	text := string(m)
	switch {
	case len(text) <= len(vmware):
		return "", false
	case text == "00:00:00:00:00:00":
		return "is all zeros, which stands for no address", true
	case text == "ff:ff:ff:ff:ff:ff":
		return "is the broadcast address, which stands for every card", true
	case strings.IndexByte("13579bdf", text[1]) >= 0:
		return "is a multicast address, its first octet being odd, which stands for a group of cards", true
	case strings.HasPrefix(text, generated):
		return "is in 00:0c:29:00:00:00 to 00:0c:29:ff:ff:ff, which ESXi hosts generate addresses from", false
	case strings.HasPrefix(text, vmware) && text[len(vmware)] > '3':
		return "is in 00:50:56:40:00:00 to 00:50:56:ff:ff:ff, which VMware keeps for addresses that vCenter assigns and for hosts", false
	}
	return "", false
}
