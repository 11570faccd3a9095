package vapp

import (
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// maxTextBytes is the longest text that vSphere keeps for a property.
const maxTextBytes = 65535

// kind is a property type without its limits.
type kind uint8

const (
	kindAny kind = iota // a type that is not checked, such as string["a", "b"]
	kindText
	kindPassword
	kindBoolean
	kindInt
	kindReal
	kindIP
	kindComputed
)

// Type is the type of a vApp property, as vSphere writes it (vim.vApp.PropertyInfo.type).
// The zero Type takes anything.
type Type struct {
	kind kind
	text string
	// low and high are the limits, of bytes for a text, empty where there is none.
	low, high string
}

// The forms of a type with limits.
var (
	textLimits = regexp.MustCompile(`^(string|password)\((?:([0-9]+)\.\.([0-9]+)?|\.\.([0-9]+))\)$`)
	intLimits  = regexp.MustCompile(`^int\(([-+]?[0-9]+)\.\.([-+]?[0-9]+)\)$`)
	realLimits = regexp.MustCompile(`^real\((` + decimal + `)\.\.(` + decimal + `)\)$`)
)

// decimal is a number with or without a fraction. Large limits come with an exponent.
const decimal = `[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?`

// ParseType reads a property type. It knows no errors: a type that it does not know takes
// anything, as it does for VM Operator.
func ParseType(text string) Type {
	t := Type{text: text}
	switch text {
	case "string":
		t.kind = kindText
	case "password":
		t.kind = kindPassword
	case "boolean":
		t.kind = kindBoolean
	case "int":
		t.kind = kindInt
	case "real":
		t.kind = kindReal
	case "ip":
		t.kind = kindIP
	case "expression":
		t.kind = kindComputed
	default:
		return t.parseLimits()
	}
	return t
}

func (t Type) parseLimits() Type {
	if strings.HasPrefix(t.text, "ip:") {
		t.kind = kindComputed
	} else if found := textLimits.FindStringSubmatch(t.text); found != nil {
		t.kind, t.low, t.high = kindText, found[2], found[3]+found[4]
		if found[1] == "password" {
			t.kind = kindPassword
		}
	} else if found := intLimits.FindStringSubmatch(t.text); found != nil {
		t.kind, t.low, t.high = kindInt, found[1], found[2]
	} else if found := realLimits.FindStringSubmatch(t.text); found != nil {
		t.kind, t.low, t.high = kindReal, found[1], found[2]
	}
	return t
}

// IsPassword tells whether vSphere keeps the value to itself: it reads back empty.
func (t Type) IsPassword() bool { return t.kind == kindPassword }

// IsComputed tells whether vSphere computes the value when it powers the machine on, from
// the networks of a vApp: an expression, or an address on a network. Such a property takes
// no value before it is turned into a text.
func (t Type) IsComputed() bool { return t.kind == kindComputed }

// convert checks a value and returns it as vSphere is to keep it. Only a boolean changes:
// what Go takes for true becomes True, and everything else False. The error is a
// *ValueError for the property of the given id. The value may be a secret, whatever its type.
func (t Type) convert(id, value string, secret bool) (string, error) {
	var wrong reason
	switch t.kind {
	case kindText, kindPassword:
		wrong = t.checkText(value)
	case kindBoolean:
		if truth, err := strconv.ParseBool(value); err == nil && truth {
			return "True", nil
		}
		return "False", nil
	case kindInt:
		wrong = t.checkInt(value)
	case kindReal:
		wrong = t.checkReal(value)
	case kindIP:
		if _, ok := parseIP(value); !ok {
			wrong = quoting(value, "is neither an IP address nor one in CIDR notation")
		}
	case kindComputed:
		wrong = plain("is unsupported: vSphere computes the values of this type")
	case kindAny:
	}
	if wrong.text == "" {
		return value, nil
	}
	return "", &ValueError{ID: id, Type: t.text, Secret: secret || t.IsPassword(), reason: wrong}
}

func (t Type) checkText(value string) reason {
	low, high := big.NewInt(0), big.NewInt(maxTextBytes)
	if t.low != "" {
		low = number(t.low)
		high = nil
	}
	if t.high != "" {
		high = number(t.high)
	}
	if high != nil && low.Cmp(high) > 0 {
		return t.crossed()
	}
	length := big.NewInt(int64(len(value)))
	has := fmt.Sprintf("has %d bytes", length)
	if len(value) == 1 {
		has = "has 1 byte"
	}
	if length.Cmp(low) >= 0 && (high == nil || length.Cmp(high) <= 0) {
		return reason{}
	}
	switch {
	case high == nil:
		return plain(has + ", the minimum is " + low.String())
	case low.Sign() == 0:
		return plain(has + ", the maximum is " + high.String())
	default:
		return plain(has + ", the minimum is " + low.String() + " and the maximum " + high.String())
	}
}

func (t Type) checkInt(value string) reason {
	if t.low == "" {
		if _, err := strconv.ParseInt(value, 10, 32); err != nil {
			return quoting(value, "is not a whole number of 32 bits with sign")
		}
		return reason{}
	}
	low, high := number(t.low), number(t.high)
	if low.Cmp(high) > 0 {
		return t.crossed()
	}
	if low.Sign() >= 0 {
		if _, err := strconv.ParseUint(value, 10, 64); err != nil {
			return quoting(value, "is not a whole number of 64 bits without sign")
		}
	} else if _, err := strconv.ParseInt(value, 10, 64); err != nil {
		return quoting(value, "is not a whole number of 64 bits with sign")
	}
	if given := number(value); given.Cmp(low) < 0 || given.Cmp(high) > 0 {
		return t.outside(value)
	}
	return reason{}
}

func (t Type) checkReal(value string) reason {
	given, err := strconv.ParseFloat(value, 64)
	if t.low == "" {
		if err != nil {
			return quoting(value, "is not a number of 64 bits with floating point")
		}
		return reason{}
	}
	// A limit that no float64 holds becomes infinite, and as good as none.
	low, _ := strconv.ParseFloat(t.low, 64)
	high, _ := strconv.ParseFloat(t.high, 64)
	switch {
	case low > high:
		return t.crossed()
	case err != nil:
		return quoting(value, "is not a number of 64 bits with floating point")
	case given < low || given > high: // NaN is neither
		return t.outside(value)
	default:
		return reason{}
	}
}

// outside refuses a number that is not between the limits.
func (t Type) outside(value string) reason {
	return quoting(value, "is out of range, the minimum is "+t.low+" and the maximum "+t.high)
}

// crossed refuses every value of a type that has none.
func (t Type) crossed() reason {
	return plain("cannot be judged: the minimum " + t.low + " of the type is greater than its maximum " + t.high)
}

// number reads digits, with or without sign.
func number(digits string) *big.Int {
	value, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return new(big.Int)
	}
	return value
}

// parseIP reads an IP address, with or without prefix length, and without zone.
func parseIP(text string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix, true
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(address, -1), true
}
