package image_test

import (
	"bytes"
	stdcmp "cmp"
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/ovf"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// propertyDocument is a descriptor with one property that has the given attributes.
func propertyDocument(attributes ...string) []byte {
	return fmt.Appendf(nil, `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
		xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vmw="http://www.vmware.com/schema/ovf">
		<VirtualSystem ovf:id="vm"><ProductSection>
		<Property ovf:key="p" ovf:userConfigurable="true" %s/>
		</ProductSection></VirtualSystem></Envelope>`, strings.Join(attributes, " "))
}

func attribute(name, value string) string { return name + `="` + html.EscapeString(value) + `"` }

// undefined stands for an overflow in govmomi, whose result depends on the processor.
const undefined = "undefined"

// TestPropertyTypesAreThoseOfVApps also holds the types against govmomi's own translation,
// which VM Operator uses: where the two differ, the test says what govmomi has instead.
func TestPropertyTypesAreThoseOfVApps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ovfType, qualifiers string
		password            bool
		want, wantDefault   string
		govmomi             string // where it differs
	}{
		{ovfType: "string", want: "string"},
		{ovfType: " String ", want: "string"},
		{ovfType: "boolean", want: "boolean"},
		{ovfType: "uint8", want: "int"},
		{ovfType: "sint8", want: "int"},
		{ovfType: "uint16", want: "int"},
		{ovfType: "sint16", want: "int"},
		{ovfType: "uint32", want: "int"},
		{ovfType: "sint32", want: "int"},
		{ovfType: "uint64", want: "int"},
		{ovfType: "sint64", want: "int"},
		{ovfType: "int", want: "int"},
		{ovfType: "real32", want: "real"},
		{ovfType: "real64", want: "real"},
		{ovfType: "string(3..5)", want: "string(3..5)"},
		{ovfType: "ip", want: "ip"},
		{ovfType: "string", password: true, want: "password"},
		{ovfType: "uint8", password: true, want: "int"},

		{ovfType: "string", qualifiers: "MinLen(1),MaxLen(8)", want: "string(1..8)"},
		{ovfType: "string", qualifiers: "MaxLen(8) MinLen(1)", want: "string(1..8)"},
		{ovfType: "string", qualifiers: "MaxLen( 8 )", want: "string(..8)", govmomi: "string"},
		{ovfType: "string", qualifiers: "MaxLen(8)", want: "string(..8)", govmomi: "string(0..8)"},
		{ovfType: "string", qualifiers: "MinLen(4)", want: "string(4..)"},
		{ovfType: "string", qualifiers: "MinLen(0)", want: "string"},
		{ovfType: "string", qualifiers: "MinLen(many)", want: "string"},
		{ovfType: "string", qualifiers: "MinLen(8) MaxLen(64)", password: true, want: "password(8..64)"},
		{ovfType: "string", qualifiers: `ValueMap{"a","b"}`, want: `string["a", "b"]`},
		{ovfType: "string", qualifiers: `ValueMap{"a", "b"} MaxLen(1)`, want: `string["a", "b"]`},
		{ovfType: "string", qualifiers: `ValueMap{"MaxLen(3)"}`, want: `string["MaxLen(3)"]`},
		{ovfType: "string", qualifiers: `ValueMap{"Net","Disk"}`, want: `string["Net", "Disk"]`, govmomi: "expression"},
		{ovfType: "string", qualifiers: `ValueMap{"say \"hi\""}`, want: `string["say \"hi\""]`, govmomi: `string["say \\\"hi\\\""]`},
		{ovfType: "string", qualifiers: `ValueMap{one, two}`, want: `string["one", "two"]`},

		{ovfType: "int", qualifiers: "MinValue(1),MaxValue(5)", want: "int(1..5)"},
		{ovfType: "int", qualifiers: "MinValue(-5) MaxValue(1e2)", want: "int(-5..100)"},
		{ovfType: "int", qualifiers: "MinValue(1)", want: "int(1..2147483647)"},
		{ovfType: "uint16", qualifiers: "MaxValue(5)", want: "int(-2147483648..5)"},
		{ovfType: "uint8", qualifiers: "ValueMap{4,1,2}", want: "int(1..4)"},
		{ovfType: "uint8", qualifiers: `ValueMap{1,"two"}, MaxValue(9)`, want: "int(-2147483648..9)"},
		{ovfType: "sint64", qualifiers: "MinValue(-1e30),MaxValue(9223372036854775807)", want: "int(-9223372036854775808..9223372036854775807)", govmomi: undefined},
		{ovfType: "sint64", qualifiers: "MinValue(0),MaxValue(1e30)", want: "int(0..9223372036854775807)", govmomi: undefined},
		{ovfType: "int", qualifiers: "MinLen(3)", want: "int"},
		{ovfType: "real32", qualifiers: "MinValue(0.5) MaxValue(1.5)", want: "real(0.5..1.5)"},
		{ovfType: "real64", qualifiers: "MaxValue(2)", want: "real(-1e+308..2)"},
		{ovfType: "boolean", qualifiers: "MinValue(1)", want: "boolean"},

		{ovfType: "string", qualifiers: "Ip", want: "ip"},
		{ovfType: "string", qualifiers: "Ip()", want: "ip"},
		{ovfType: "string", qualifiers: "Ip ( )", want: "ip"},
		{ovfType: "string", qualifiers: `Ip("net")`, want: "ip:net"},
		{ovfType: "string", qualifiers: `Ip('VM Network')`, want: "ip:VM Network"},
		{ovfType: "string", qualifiers: `Ip("Mgmt Net")`, want: "ip:Mgmt Net", govmomi: "expression"},
		{ovfType: "string", qualifiers: "MaxLen(15), Ip", want: "ip"},
		{ovfType: "int", qualifiers: "Ip", want: "int"},
		{ovfType: "string", qualifiers: "AutoIp", want: "expression", wantDefault: "${autoIp:}"},
		{ovfType: "string", qualifiers: "VimIp()", want: "expression", wantDefault: "${vimIp:}"},
		{ovfType: "string", qualifiers: `Net("Mgmt")`, want: "expression", wantDefault: "${net:Mgmt}"},
		{ovfType: "string", qualifiers: "Netmask(Mgmt)", want: "expression", wantDefault: "${netmask:Mgmt}"},
		{ovfType: "string", qualifiers: "Gateway", want: "expression", wantDefault: "${gateway:}"},
		{ovfType: "string", qualifiers: "Dns", want: "expression", wantDefault: "${dns:}"},
		{ovfType: "string", qualifiers: "DomainName", want: "expression", wantDefault: "${domainName:}"},
		{ovfType: "string", qualifiers: "HostPrefix", want: "expression", wantDefault: "${hostPrefix:}"},
		{ovfType: "string", qualifiers: "SearchPath", want: "expression", wantDefault: "${searchPath:}"},
		{ovfType: "string", qualifiers: "Subnet", want: "expression", wantDefault: "${subnet:}"},
		{ovfType: "string", qualifiers: "HttpProxy", want: "expression", wantDefault: "${httpProxy:}"},

		{ovfType: "string", qualifiers: "Future(1), MinLen(2", want: "string(2..)", govmomi: "string"},
		{ovfType: "string", qualifiers: `ValueMap{"open`, want: `string["open"]`, govmomi: "string"},
		{ovfType: "string", qualifiers: "\u00a7 ,; ", want: "string"},
	} {
		t.Run(test.ovfType+" "+test.qualifiers, func(t *testing.T) {
			t.Parallel()
			attributes := []string{attribute("ovf:type", test.ovfType)}
			if test.qualifiers != "" {
				attributes = append(attributes, attribute("ovf:qualifiers", test.qualifiers))
			}
			if test.password {
				attributes = append(attributes, attribute("ovf:password", "true"))
			}
			document := propertyDocument(attributes...)

			descriptor, err := image.ParseDescriptor(document)
			if err != nil {
				t.Fatal(err)
			}
			got := descriptor.Properties[0]
			if got.Type != test.want {
				t.Errorf("Type = %s, want %s", got.Type, test.want)
			}
			if got := value(got.Default); got != test.wantDefault {
				t.Errorf("Default = %q, want %q", got, test.wantDefault)
			}

			theirs := stdcmp.Or(test.govmomi, test.want)
			if theirs == undefined {
				return
			}
			envelope, err := ovf.Unmarshal(bytes.NewReader(document))
			if err != nil {
				t.Fatal(err)
			}
			spec, err := envelope.ToConfigSpec()
			if err != nil {
				t.Fatal(err)
			}
			if got := spec.VAppConfig.GetVmConfigSpec().Property[0].Info.Type; got != theirs {
				t.Errorf("govmomi's type = %s, expected %s", got, theirs)
			}
		})
	}
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func TestBothQualifierAttributesCountInEitherOrder(t *testing.T) {
	t.Parallel()
	length, network := attribute("ovf:qualifiers", "MaxLen(15)"), attribute("vmw:qualifiers", "Ip")
	for _, attributes := range [][]string{{length, network}, {network, length}} {
		descriptor, err := image.ParseDescriptor(propertyDocument(append(attributes, attribute("ovf:type", "string"))...))
		if err != nil {
			t.Fatal(err)
		}
		if got := descriptor.Properties[0].Type; got != "ip" {
			t.Errorf("Type with %v = %s, want ip", attributes, got)
		}
	}
}

func TestPropertyDefaultsAreTrimmedAndKeptAsWritten(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ovfType, qualifiers, written string
		want                         *string
	}{
		{"string", "", "  text ", ptr("text")},
		{"string", "", "", nil},
		{"string", "", "   ", nil},
		{"string", "MinLen(2)", "", nil},
		{"string", "MinLen(1),MaxLen(3)", "äöü", ptr("äöü")},
		{"boolean", "", "True", ptr("True")},
		{"boolean", "", "false", ptr("false")},
		{"uint8", "", "255", ptr("255")},
		{"uint32", "", "4294967295", ptr("4294967295")},
		{"uint64", "", "18446744073709551615", ptr("18446744073709551615")},
		{"sint64", "", "-9223372036854775808", ptr("-9223372036854775808")},
		{"int", "MinValue(1),MaxValue(5)", "5", ptr("5")},
		{"real64", "", "-1.5e3", ptr("-1.5e3")},
		{"real64", "MinValue(0)", "0", ptr("0")},
		{"string", "Ip", "192.0.2.1", ptr("192.0.2.1")},
		{"string", "Ip", "2001:db8::1/64", ptr("2001:db8::1/64")},
		{"string", `Ip("net")`, "anything", ptr("anything")},
		{"string", "VimIp", "${vimIp:other}", ptr("${vimIp:other}")},
		{"my own type", "", "anything", ptr("anything")},
	} {
		descriptor, err := image.ParseDescriptor(propertyDocument(attribute("ovf:type", test.ovfType),
			attribute("ovf:qualifiers", test.qualifiers), attribute("ovf:value", test.written)))
		if err != nil {
			t.Errorf("%s %s: %v", test.ovfType, test.qualifiers, err)
			continue
		}
		if diff := cmp.Diff(test.want, descriptor.Properties[0].Default); diff != "" {
			t.Errorf("default %q of %s %s (-want +got):\n%s", test.written, test.ovfType, test.qualifiers, diff)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestPropertyDefaultsThatDoNotFitTheTypeAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ ovfType, qualifiers, written, want string }{
		{"int", "", "abc", "not a whole number"},
		{"int", "", "2147483648", "out of range"},
		{"uint8", "", "256", "out of range"},
		{"uint8", "", "-1", "out of range"},
		{"uint64", "", "18446744073709551616", "not a whole number"},
		{"uint64", "", "-1", "out of range"},
		{"uint16", "MinValue(68),MaxValue(9000)", "67", "out of range"},
		{"real32", "", "one", "not a number"},
		{"real32", "MaxValue(1.5)", "1.6", "out of range"},
		{"boolean", "", "maybe", "neither true nor false"},
		{"string", "MinLen(3)", "ab", "at least 3"},
		{"string", "MaxLen(3)", "abcd", "at most 3"},
		{"string", "", strings.Repeat("x", 65536), "at most 65535"},
		{"string", "Ip", "10.0.0", "not an IP address"},
		{"ip", "", "fe80::1%eth0", "not an IP address"},
	} {
		_, err := image.ParseDescriptor(propertyDocument(attribute("ovf:type", test.ovfType),
			attribute("ovf:qualifiers", test.qualifiers), attribute("ovf:value", test.written)))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), `property "p"`) {
			t.Errorf("default %.20q of %s %s: %v, want it to say %q", test.written, test.ovfType, test.qualifiers, err, test.want)
		}
	}
}

func TestPasswordDefaultsStayOutOfErrors(t *testing.T) {
	t.Parallel()
	_, err := image.ParseDescriptor(propertyDocument(attribute("ovf:type", "string"), attribute("ovf:password", "true"),
		attribute("ovf:qualifiers", "MinLen(12)"), attribute("ovf:value", "hunter2")))
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "at least 12") {
		t.Errorf("error = %v, want the limit and not the value", err)
	}
}
