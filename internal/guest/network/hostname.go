package network

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest names, by VM Operator's rules: a label counts characters, the rest bytes.
const (
	maxLabelCharacters  = 63
	maxDomainBytes      = 253
	maxFullNameBytes    = 255
	maxWindowsHostBytes = 15
	minTopLabelBytes    = 2
)

// CheckHostName returns nil for a host name that VM Operator accepts: an IP literal, or
// 1 to 63 letters, digits, symbols and inner dashes. The error quotes the name and says
// what is wrong with it.
func CheckHostName(name string) error {
	if isIPLiteral(name) {
		return nil
	}
	if err := checkLabel(name); err != nil {
		return fmt.Errorf("the host name %q %w", name, err)
	}
	return nil
}

// CheckDomainName returns nil for a DNS domain that VM Operator accepts: at most 253
// bytes, labels like host names with dots between them, of which the last has 2 to 63
// ASCII letters, digits and inner dashes. The error quotes the name and says what is wrong.
func CheckDomainName(name string) error {
	if len(name) > maxDomainBytes {
		return fmt.Errorf("the domain name %q has %d bytes, %d is the most", name, len(name), maxDomainBytes)
	}
	labels := strings.Split(name, ".")
	top := labels[len(labels)-1]
	for _, label := range labels[:len(labels)-1] {
		if err := checkLabel(label); err != nil {
			return fmt.Errorf("the domain name %q has the label %q, which %w", name, label, err)
		}
	}
	if err := checkTopLabel(top); err != nil {
		return fmt.Errorf("the domain name %q has the last label %q, which %w", name, top, err)
	}
	return nil
}

// labelError completes a sentence whose subject is the label.
type labelError string

func (e labelError) Error() string { return string(e) }

func checkLabel(label string) error {
	switch count := utf8.RuneCountInString(label); {
	case label == "":
		return labelError("is empty")
	case !utf8.ValidString(label):
		return labelError("is not valid UTF-8")
	case count > maxLabelCharacters:
		return labelError(fmt.Sprintf("has %d characters, %d is the most", count, maxLabelCharacters))
	case label[0] == '-' || label[len(label)-1] == '-':
		return labelError("begins or ends with a dash")
	}
	for _, char := range label {
		if char != '-' && !isLabelCharacter(char) {
			return labelError(fmt.Sprintf("contains %q: allowed are letters, the digits 0 to 9, symbols such as + and ✓, and dashes that are neither first nor last", char))
		}
	}
	return nil
}

// isLabelCharacter accepts what VM Operator does: ASCII digits, and letters and symbols
// of any script. Digits of other scripts are neither.
func isLabelCharacter(char rune) bool {
	return char >= '0' && char <= '9' || unicode.IsLetter(char) || unicode.IsSymbol(char)
}

func checkTopLabel(label string) error {
	switch {
	case len(label) < minTopLabelBytes:
		return labelError("needs two characters or more")
	case len(label) > maxLabelCharacters:
		return labelError(fmt.Sprintf("has %d bytes, %d is the most", len(label), maxLabelCharacters))
	case label[0] == '-' || label[len(label)-1] == '-':
		return labelError("begins or ends with a dash")
	}
	for _, char := range label {
		if char != '-' && !isASCIILetterOrDigit(char) {
			return labelError(fmt.Sprintf("contains %q: allowed are the letters a to z, the digits 0 to 9, and dashes that are neither first nor last", char))
		}
	}
	return nil
}

func isASCIILetterOrDigit(char rune) bool {
	return char >= '0' && char <= '9' || char >= 'a' && char <= 'z' || char >= 'A' && char <= 'Z'
}

func isIPLiteral(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Zone() == ""
}
