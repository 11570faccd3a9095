package simulator

import (
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxText is how many characters a property has at most.
const maxText = 65535

// propertyType is the type of a vApp property, in the notation of vim.vApp.PropertyInfo.
type propertyType struct {
	base      string // string, password, int, real, boolean, ip, "ip:" or expression
	low, high string // limits, empty where there is none
	choices   []string
	network   string // of "ip:network"
}

var (
	textType   = regexp.MustCompile(`^(string|password)(?:\((?:(\d+)\.\.(\d+)?|\.\.(\d+))\))?$`)
	choiceType = regexp.MustCompile(`^string\[(.*)\]$`)
	choice     = regexp.MustCompile(`^\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)`)
	intType    = regexp.MustCompile(`^int(?:\(([+-]?\d+)\.\.([+-]?\d+)\))?$`)
	realType   = regexp.MustCompile(`^real(?:\((` + realNumber + `)\.\.(` + realNumber + `)\))?$`)
	realSyntax = regexp.MustCompile(`^` + realNumber + `$`)
)

// realNumber is a number as CIM writes it, or without a fraction.
const realNumber = `[+-]?(?:\d*\.\d+|\d+)(?:[eE][+-]?\d+)?`

// parsePropertyType reads a type; no type is a string.
func parsePropertyType(text string) (propertyType, bool) {
	switch text {
	case "":
		return propertyType{base: "string"}, true
	case "boolean", "ip", "expression":
		return propertyType{base: text}, true
	}
	if network, ok := strings.CutPrefix(text, "ip:"); ok {
		return propertyType{base: "ip:", network: network}, network != ""
	}
	if m := textType.FindStringSubmatch(text); m != nil {
		return propertyType{base: m[1], low: m[2], high: m[3] + m[4]}, true
	}
	if m := intType.FindStringSubmatch(text); m != nil {
		return propertyType{base: "int", low: m[1], high: m[2]}, true
	}
	if m := realType.FindStringSubmatch(text); m != nil {
		return propertyType{base: "real", low: m[1], high: m[2]}, true
	}
	if m := choiceType.FindStringSubmatch(text); m != nil {
		choices, ok := parseChoices(m[1])
		return propertyType{base: "string", choices: choices}, ok
	}
	return propertyType{}, false
}

func parseChoices(text string) ([]string, bool) {
	var choices []string
	for text != "" {
		m := choice.FindStringSubmatch(text)
		if m == nil {
			return nil, false
		}
		choices = append(choices, strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(m[1]))
		text = text[len(m[0]):]
	}
	return choices, len(choices) > 0
}

// normalise checks a value that is not empty and returns it as vCenter stores it.
func (t propertyType) normalise(value string) (string, error) {
	switch t.base {
	case "boolean":
		switch strings.ToLower(value) {
		case "true":
			return "True", nil
		case "false":
			return "False", nil
		}
		return "", errors.New("it is neither True nor False")
	case "int":
		return value, t.checkInt(value)
	case "real":
		return value, t.checkReal(value)
	case "ip", "ip:":
		if a, err := netip.ParseAddr(value); err != nil || a.Zone() != "" {
			return "", errors.New("it is not an IP address")
		}
		return value, nil
	default:
		return value, t.checkText(value)
	}
}

func (t propertyType) checkText(value string) error {
	if len(t.choices) > 0 {
		if !slices.Contains(t.choices, value) {
			return fmt.Errorf("it is none of %q", t.choices)
		}
		return nil
	}
	length, low, high := utf8.RuneCountInString(value), t.minLength(), maxText
	if n, err := strconv.Atoi(t.high); err == nil {
		high = n
	}
	if length < low || length > high {
		return fmt.Errorf("it has %d characters, not %d to %d", length, low, high)
	}
	return nil
}

// minLength is how many characters a text has at least.
func (t propertyType) minLength() int {
	n, err := strconv.Atoi(t.low)
	if err != nil {
		return 0
	}
	return n
}

func (t propertyType) checkInt(value string) error {
	low, high := "-2147483648", "2147483647"
	if t.low != "" {
		low, high = t.low, t.high
	}
	n, ok := new(big.Int).SetString(value, 10)
	least, _ := new(big.Int).SetString(low, 10)
	most, _ := new(big.Int).SetString(high, 10)
	switch {
	case !ok:
		return errors.New("it is not an integer")
	case n.Cmp(least) < 0 || n.Cmp(most) > 0:
		return fmt.Errorf("it is not from %s to %s", low, high)
	}
	return nil
}

func (t propertyType) checkReal(value string) error {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || !realSyntax.MatchString(value) {
		return errors.New("it is not a real number")
	}
	if t.low == "" {
		return nil
	}
	low, _ := strconv.ParseFloat(t.low, 64)
	high, _ := strconv.ParseFloat(t.high, 64)
	if n < low || n > high {
		return fmt.Errorf("it is not from %s to %s", t.low, t.high)
	}
	return nil
}

// takesEmpty tells whether a machine starts while a property of the type has no value.
func (t propertyType) takesEmpty() bool {
	switch t.base {
	case "string", "password":
		return t.minLength() == 0 && (len(t.choices) == 0 || slices.Contains(t.choices, ""))
	default:
		return false
	}
}
