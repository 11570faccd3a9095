package vapp

import (
	"errors"
	"strings"
	"testing"
)

func TestValuesAreHeldAgainstTheirType(t *testing.T) {
	t.Parallel()
	const ok = ""
	long := strings.Repeat("x", maxTextBytes)
	for _, test := range []struct {
		propertyType, value string
		stored              string // the value itself where empty
		wrong               string // what the error says after the property and its type
	}{
		{"string", long, "", ok},
		{"string", long + "x", "", "the value has 65536 bytes, the maximum is 65535"},
		{"password", long, "", ok},
		{"password", long + "x", "", "the value has 65536 bytes, the maximum is 65535"},
		{"string(3..)", "abc", "", ok},
		{"string(3..)", long + "more", "", ok},
		{"string(3..)", "ab", "", "the value has 2 bytes, the minimum is 3"},
		{"string(2..)", "ü", "", ok}, // two bytes
		{"string(..3)", "", "", ok},
		{"string(..3)", "abc", "", ok},
		{"string(..3)", "abü", "", "the value has 4 bytes, the maximum is 3"},
		{"string(2..3)", "ab", "", ok},
		{"string(2..3)", "abc", "", ok},
		{"string(2..3)", "a", "", "the value has 1 byte, the minimum is 2 and the maximum 3"},
		{"string(2..3)", "abcd", "", "the value has 4 bytes, the minimum is 2 and the maximum 3"},
		{"string(3..2)", "abc", "", "the value cannot be judged: the minimum 3 of the type is greater than its maximum 2"},
		{"password(8..)", "hunter2", "", "the value has 7 bytes, the minimum is 8"},
		{"password(..6)", "hunter2", "", "the value has 7 bytes, the maximum is 6"},
		{"password(8..9)", "hunter22", "", ok},
		{"password(9..8)", "hunter22", "", "the value cannot be judged: the minimum 9 of the type is greater than its maximum 8"},

		{"boolean", "1", "True", ok},
		{"boolean", "t", "True", ok},
		{"boolean", "T", "True", ok},
		{"boolean", "true", "True", ok},
		{"boolean", "True", "True", ok},
		{"boolean", "TRUE", "True", ok},
		{"boolean", "yes", "False", ok},
		{"boolean", "on", "False", ok},
		{"boolean", " true", "False", ok},
		{"boolean", "tRUE", "False", ok},
		{"boolean", "", "False", ok},
		{"boolean", "false", "False", ok},

		{"int", "-2147483648", "", ok},
		{"int", "+2147483647", "", ok},
		{"int", "2147483648", "", `"2147483648" is not a whole number of 32 bits with sign`},
		{"int", "", "", `"" is not a whole number of 32 bits with sign`},
		{"int", "1.0", "", `"1.0" is not a whole number of 32 bits with sign`},
		{"int(0..5)", "5", "", ok},
		{"int(0..5)", "0", "", ok},
		{"int(0..5)", "6", "", `"6" is out of range, the minimum is 0 and the maximum 5`},
		{"int(0..5)", "-1", "", `"-1" is not a whole number of 64 bits without sign`},
		{"int(0..5)", "+1", "", `"+1" is not a whole number of 64 bits without sign`},
		{"int(0..18446744073709551615)", "18446744073709551615", "", ok},
		{"int(-5..5)", "-5", "", ok},
		{"int(-5..5)", "-6", "", `"-6" is out of range, the minimum is -5 and the maximum 5`},
		{"int(-5..5)", "9223372036854775808", "", `"9223372036854775808" is not a whole number of 64 bits with sign`},
		{"int(5..1)", "3", "", "the value cannot be judged: the minimum 5 of the type is greater than its maximum 1"},

		{"real", "1e3", "", ok},
		{"real", "NaN", "", ok},
		{"real", "Inf", "", ok},
		{"real", "0x1p-2", "", ok},
		{"real", " 1", "", `" 1" is not a number of 64 bits with floating point`},
		{"real(-1.5..2.)", "-1.5", "", ok},
		{"real(.5..2.)", "2", "", ok},
		{"real(.5..2.)", "0.4", "", `"0.4" is out of range, the minimum is .5 and the maximum 2.`},
		{"real(.5..2.)", "NaN", "", ok},
		{"real(.5..2.)", "two", "", `"two" is not a number of 64 bits with floating point`},
		{"real(2..1)", "1", "", "the value cannot be judged: the minimum 2 of the type is greater than its maximum 1"},
		{"real(-1e+308..5)", "6", "", `"6" is out of range, the minimum is -1e+308 and the maximum 5`},

		{"ip", "192.168.1.37", "", ok},
		{"ip", "2001:db8::1", "", ok},
		{"ip", "192.168.1.37/24", "", ok},
		{"ip", "192.168.1.37/33", "", `"192.168.1.37/33" is neither an IP address nor one in CIDR notation`},
		{"ip", "fe80::1%eth0", "", `"fe80::1%eth0" is neither an IP address nor one in CIDR notation`},
		{"ip", "", "", `"" is neither an IP address nor one in CIDR notation`},

		{"expression", "x", "", "the value is unsupported: vSphere computes the values of this type"},
		{"ip:VM Network", "192.168.1.37", "", "the value is unsupported: vSphere computes the values of this type"},

		{"", "anything", "", ok},
		{`string["a", "b"]`, "c", "", ok},
		{"int(5..)", "x", "", ok},
		{"string()", "x", "", ok},
		{"String", "x", "", ok},
	} {
		stored, err := ParseType(test.propertyType).convert("key", test.value, false)
		if test.wrong != "" {
			want := `property "key" of type "` + test.propertyType + `": ` + test.wrong
			if err == nil || err.Error() != want {
				t.Errorf("%s %.40q: error %v\nwant %s", test.propertyType, test.value, err, want)
			}
			continue
		}
		want := test.stored
		if want == "" {
			want = test.value
		}
		if err != nil || stored != want {
			t.Errorf("%s %.40q: %.40q, %v", test.propertyType, test.value, stored, err)
		}
	}
}

func TestValueOfASecretIsNotInTheError(t *testing.T) {
	t.Parallel()
	_, err := ParseType("int").convert("key", "canary", true)
	const want = `property "key" of type "int": the value is not a whole number of 32 bits with sign`
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant %s", err, want)
	}
}

func TestEqualComparesWhatATypeMakesOfAValue(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		propertyType, desired, current string
		want                           bool
	}{
		{"string", "a", "a", true},
		{"string", " a\n", "a", true}, // vCenter trims
		{"string", "a", "A", false},
		{"string", "", "", true},
		{"string", "", "a", false},
		{"boolean", "true", "True", true},
		{"boolean", "1", "True", true},
		{"boolean", "yes", "False", true},
		{"boolean", "yes", "True", false},
		{"boolean", "false", "", false}, // the default may be True
		{"boolean", "", "False", false}, // the default comes back
		{"int", "007", "7", true},
		{"int(0..18446744073709551615)", "18446744073709551615", "18446744073709551615", true},
		{"int(0..18446744073709551615)", "018446744073709551615", "18446744073709551615", true},
		{"int", "7", "8", false},
		{"int", "x", "7", false},
		{"real", "1.50", "1.5", true},
		{"real", "nan", "NaN", true},
		{"real", "1", "NaN", false},
		{"real", "x", "1", false},
		{"ip", "2001:DB8::1", "2001:db8::1", true},
		{"ip", "10.0.0.1", "10.0.0.1/24", false},
		{"ip", "10.0.0.1", "x", false},
		{"password", "a", "", false},
		{"ip:net", "a", "b", false},
		{`string["a"]`, "a", "A", false},
	} {
		if got := ParseType(test.propertyType).Equal(test.desired, test.current); got != test.want {
			t.Errorf("%s: Equal(%q, %q) = %v", test.propertyType, test.desired, test.current, got)
		}
	}
}

func TestNumberOfNoDigitsIsZero(t *testing.T) {
	t.Parallel()
	if got := number("x"); got.Sign() != 0 {
		t.Errorf("number(x) = %s", got)
	}
}

func FuzzType(f *testing.F) {
	for _, text := range []string{"string(1..8)", "password(..9)", "int(-1..5)", "real(-1.5..2.)", "ip:net", "boolean", `string["a"]`, "int(99999999999999999999..1)"} {
		f.Add(text, "1")
		f.Add(text, "")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		propertyType := ParseType(text)
		if propertyType.text != text {
			t.Fatalf("ParseType(%q) is %q", text, propertyType.text)
		}
		stored, err := propertyType.convert("key", value, false)
		if err != nil {
			var wrong *ValueError
			if !errors.As(err, &wrong) || wrong.ID != "key" || wrong.Type != text || err.Error() == "" {
				t.Fatalf("Convert(%q, %q): %v", text, value, err)
			}
			return
		}
		// What is stored is stored again as it is, and is what was asked for.
		again, err := propertyType.convert("key", stored, false)
		if err != nil || again != stored {
			t.Fatalf("Convert(%q, %q) = %q, then %q, %v", text, value, stored, again, err)
		}
		if strings.TrimSpace(value) != "" && !propertyType.Equal(value, stored) && strings.TrimSpace(value) == value {
			t.Fatalf("%q: %q is stored as %q and differs from it", text, value, stored)
		}
	})
}
