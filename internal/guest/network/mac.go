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
