package vapp

import (
	"net/netip"
	"strconv"
	"strings"
)

// Equal tells whether a property that reads back as current needs no change to have the
// desired value: vSphere trims values and capitalises booleans, and numbers and addresses
// have more than one spelling. An empty current value is the absence of one, where the
// property's default applies, and only an empty desired value equals it. A password reads
// back empty, so that it is never equal to what was sent.
func (t Type) Equal(desired, current string) bool {
	desired, current = strings.TrimSpace(desired), strings.TrimSpace(current)
	if desired == current {
		return true
	}
	if desired == "" || current == "" {
		return false
	}
	switch t.kind {
	case kindBoolean:
		return truth(desired) == truth(current)
	case kindInt:
		a, errA := wholeNumber(desired)
		b, errB := wholeNumber(current)
		return errA == nil && errB == nil && a == b
	case kindReal:
		a, errA := strconv.ParseFloat(desired, 64)
		b, errB := strconv.ParseFloat(current, 64)
		return errA == nil && errB == nil && (a == b || a != a && b != b) // NaN differs from itself
	case kindIP:
		a, okA := parseIP(desired)
		b, okB := parseIP(current)
		return okA && okB && sameIP(a, b)
	default:
		return false
	}
}

func truth(text string) bool {
	truth, err := strconv.ParseBool(text)
	return err == nil && truth
}

// wholeNumber reads a number in the widest range that a type can have, to one spelling.
func wholeNumber(text string) (string, error) {
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(number, 10), nil
	}
	number, err := strconv.ParseUint(text, 10, 64)
	return strconv.FormatUint(number, 10), err
}

// sameIP compares addresses and prefix lengths; a prefix without length has none.
func sameIP(a, b netip.Prefix) bool { return a.Addr() == b.Addr() && a.Bits() == b.Bits() }
