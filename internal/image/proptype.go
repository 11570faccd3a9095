package image

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The vApp types without their limits (vim.vApp.PropertyInfo).
const (
	typeString     = "string"
	typePassword   = "password"
	typeBoolean    = "boolean"
	typeInt        = "int"
	typeReal       = "real"
	typeIP         = "ip"
	typeExpression = "expression"
)

// maxStringLength is the longest value that vSphere keeps for a property.
const maxStringLength = 65535

// intTypes are the OVF types that become int, with the limits of their own.
var intTypes = map[string]struct {
	low  int64
	high uint64
}{
	"uint8":  {0, math.MaxUint8},
	"sint8":  {math.MinInt8, math.MaxInt8},
	"uint16": {0, math.MaxUint16},
	"sint16": {math.MinInt16, math.MaxInt16},
	"uint32": {0, math.MaxUint32},
	"sint32": {math.MinInt32, math.MaxInt32},
	"uint64": {0, math.MaxUint64},
	"sint64": {math.MinInt64, math.MaxInt64},
	"int":    {math.MinInt32, math.MaxInt32},
}

// baseType translates an OVF type. A type that OVF does not have – descriptors carry vApp
// types too – stays as it is written.
func baseType(ovfType string) string {
	word := strings.ToLower(strings.TrimSpace(ovfType))
	if _, ok := intTypes[word]; ok {
		return typeInt
	}
	switch word {
	case typeString, typeBoolean:
		return word
	case "real32", "real64":
		return typeReal
	default:
		return strings.TrimSpace(ovfType)
	}
}

// vAppType returns the vApp type of a property, in which vSphere writes limits as part of
// the type's name.
func vAppType(ovfType string, secret bool, q qualifiers) string {
	base := baseType(ovfType)
	text := base == typeString
	if text && secret {
		base = typePassword
	}
	switch {
	case q.expression != "":
		return typeExpression
	case text && q.isIP && q.ipNetwork == "":
		return typeIP
	case text && q.isIP:
		return typeIP + ":" + q.ipNetwork
	case text:
		return base + textLimits(q)
	case base == typeInt:
		if low, high, limited := intLimits(q); limited {
			return fmt.Sprintf("int(%d..%d)", low, high)
		}
	case base == typeReal:
		if low, high, limited := realLimits(q); limited {
			return fmt.Sprintf("real(%v..%v)", low, high)
		}
	}
	return base
}

// textLimits writes the choices or the lengths of a string.
func textLimits(q qualifiers) string {
	if len(q.choices) > 0 {
		escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
		choices := make([]string, len(q.choices))
		for i, choice := range q.choices {
			choices[i] = `"` + escape.Replace(choice) + `"`
		}
		return "[" + strings.Join(choices, ", ") + "]"
	}
	low, hasLow := length(q.minLen)
	high, hasHigh := length(q.maxLen)
	switch {
	case hasLow && hasHigh:
		return fmt.Sprintf("(%d..%d)", low, high)
	case hasHigh:
		return fmt.Sprintf("(..%d)", high)
	case low > 0:
		return fmt.Sprintf("(%d..)", low)
	default:
		return ""
	}
}

// length reads a MinLen or MaxLen.
func length(text string) (int, bool) {
	number, err := strconv.Atoi(text)
	return number, err == nil && number >= 0
}

// intLimits returns the limits of an int: those of its choices, or MinValue and MaxValue, of
// which the missing one is that of a vApp int, 32 bits wide.
func intLimits(q qualifiers) (low, high int64, limited bool) {
	for i, choice := range q.choices {
		number, err := strconv.ParseInt(choice, 10, 64)
		if err != nil {
			limited = false
			break
		}
		if i == 0 {
			low, high = number, number
		}
		low, high, limited = min(low, number), max(high, number), true
	}
	if limited {
		return low, high, true
	}
	low, hasLow := wholeNumber(q.minValue, math.MinInt32)
	high, hasHigh := wholeNumber(q.maxValue, math.MaxInt32)
	return low, high, hasLow || hasHigh
}

// wholeNumber reads a limit, which OVF allows to be written as a real number.
func wholeNumber(text string, fallback int64) (int64, bool) {
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number, true
	}
	number, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.IsNaN(number):
		return fallback, false
	case number >= math.MaxInt64:
		return math.MaxInt64, true
	case number <= math.MinInt64:
		return math.MinInt64, true
	default:
		return int64(number), true
	}
}

// realLimits returns MinValue and MaxValue of a real.
func realLimits(q qualifiers) (low, high float64, limited bool) {
	low, high = -1e308, 1e308
	if number, err := strconv.ParseFloat(q.minValue, 64); err == nil {
		low, limited = number, true
	}
	if number, err := strconv.ParseFloat(q.maxValue, 64); err == nil {
		high, limited = number, true
	}
	return low, high, limited
}

// checkDefault judges a default by the property's type. The error does not show the value of
// a secret.
func checkDefault(value string, property Property, q qualifiers) error {
	err := checkValue(value, property, q)
	if err == nil {
		return nil
	}
	if property.Password {
		return fmt.Errorf("its default does not fit its type %s: %w", property.Type, err)
	}
	return fmt.Errorf("its default %q does not fit its type %s: %w", value, property.Type, err)
}

func checkValue(value string, property Property, q qualifiers) error {
	switch base := baseType(property.OVFType); {
	case property.Type == typeExpression:
		return nil // calculated by vSphere
	case property.Type == typeIP:
		return checkIP(value)
	case base == typeString && !q.isIP:
		return checkLength(value, q)
	case base == typeBoolean:
		if _, err := strconv.ParseBool(value); err != nil {
			return errors.New("it is neither true nor false")
		}
	case base == typeInt:
		return checkInt(value, property.OVFType, q)
	case base == typeReal:
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return errors.New("it is not a number")
		}
		if low, high, limited := realLimits(q); limited && (number < low || number > high) {
			return errors.New("it is out of range")
		}
	}
	return nil
}

// checkIP accepts an address of either family, with or without prefix length.
func checkIP(value string) error {
	if address, err := netip.ParseAddr(value); err == nil && address.Zone() == "" {
		return nil
	}
	if _, err := netip.ParsePrefix(value); err == nil {
		return nil
	}
	return errors.New("it is not an IP address")
}

func checkLength(value string, q qualifiers) error {
	count := utf8.RuneCountInString(value)
	if low, ok := length(q.minLen); ok && count < low {
		return fmt.Errorf("it has %d characters, at least %d are needed", count, low)
	}
	high := maxStringLength
	if limit, ok := length(q.maxLen); ok {
		high = min(high, limit)
	}
	if count > high {
		return fmt.Errorf("it has %d characters, at most %d are allowed", count, high)
	}
	return nil
}

func checkInt(value, ovfType string, q qualifiers) error {
	own := intTypes[strings.ToLower(strings.TrimSpace(ovfType))]
	if own.high > math.MaxInt64 {
		if _, err := strconv.ParseUint(value, 10, 64); err == nil && !hasIntLimits(q) {
			return nil
		}
	}
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return errors.New("it is not a whole number")
	}
	low, high := own.low, int64(min(own.high, math.MaxInt64))
	if hasIntLimits(q) {
		low, high, _ = intLimits(q)
	}
	if number < low || number > high {
		return errors.New("it is out of range")
	}
	return nil
}

func hasIntLimits(q qualifiers) bool {
	_, _, limited := intLimits(q)
	return limited
}
