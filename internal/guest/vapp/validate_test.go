package vapp

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// set are settings of properties.
func set(properties ...Property) Settings { return Settings{Properties: known.Of(properties)} }

// inline is a property with a value in the configuration, secret one with a value from a secret.
func inline(key, value string) Property {
	return Property{Key: known.Of(key), Value: known.Of(value)}
}

func secret(key, value string) Property {
	return Property{Key: known.Of(key), From: known.Of(value)}
}

// raw are settings of a whole secret.
func raw(pairs ...string) Settings {
	entries := map[string]known.Value[string]{}
	for i := 0; i < len(pairs); i += 2 {
		entries[pairs[i]] = known.Of(pairs[i+1])
	}
	return Settings{RawProperties: known.Of(entries)}
}

// found is a problem in one line.
func found(problems []network.Problem) []string {
	lines := []string{}
	for _, p := range problems {
		severity := ""
		if p.Severity == network.Warning {
			severity = "warning "
		}
		lines = append(lines, severity+p.Rule+" "+p.Path.String()+": "+p.Summary+": "+p.Detail)
	}
	return lines
}

func TestValidateRefusesWhatIsWrittenWrong(t *testing.T) {
	t.Parallel()
	unknown := known.Unknown[string]()
	for name, test := range map[string]struct {
		settings Settings
		want     []string
	}{
		"nothing":        {Settings{}, []string{}},
		"properties":     {set(inline("a", "1"), secret("b", "{{ V1alpha1_FirstIP }}"), Property{Key: known.Of("c")}), []string{}},
		"raw properties": {raw("a", "1", "b", `\{\{ x \}\}`), []string{}},
		"no properties and raw properties": {
			Settings{Properties: known.Of([]Property{}), RawProperties: raw("a", "1").RawProperties}, []string{},
		},
		"unknown": {
			Settings{Properties: known.Unknown[[]Property](), RawProperties: known.Unknown[map[string]known.Value[string]]()}, []string{},
		},
		"unknown key and value": {
			set(Property{Key: unknown, Value: unknown}, Property{Key: unknown, Value: unknown, From: unknown}), []string{},
		},
		"both": {
			Settings{Properties: set(inline("a", "1")).Properties, RawProperties: raw("", "1").RawProperties},
			[]string{"B14 bootstrap.vapp_config: property and raw_properties exclude each other: " +
				"Either each property is written, or all of them come from one secret. Keep one of the two."},
		},
		"no key": {
			set(inline("", "1"), Property{Value: known.Of("1")}),
			[]string{
				"B15 bootstrap.vapp_config.property[0].key: A property has no key: Set key to the key of one of the image's OVF properties.",
				"B15 bootstrap.vapp_config.property[1].key: A property has no key: Set key to the key of one of the image's OVF properties.",
			},
		},
		"no key in a secret": {
			raw("", "1"),
			[]string{"B15 bootstrap.vapp_config.raw_properties: A property has no key: " +
				"Every key of the secret is the key of a property, and one is empty. Remove it."},
		},
		"two values": {
			set(Property{Key: known.Of("a"), Value: known.Of(""), From: known.Of("1")}),
			[]string{"B16 bootstrap.vapp_config.property[0].value: A property has both value and from: " +
				"The value is either written inline or taken from a secret. Keep one of the two."},
		},
		"a key twice": {
			set(inline("a", "1"), inline("b", "1"), inline("a", "1")),
			[]string{`A1 bootstrap.vapp_config.property[2].key: The property "a" is there twice: It is property 1, too. Remove one of the two blocks.`},
		},
		"templates": {
			set(inline("a", `{{ V1alpha1_IP "192.1.0" }}`), secret("b", "{{ canary }}"),
				Property{Key: unknown, Value: known.Of("{{ V1alpha6_FirstIP }")}),
			[]string{
				`P12 bootstrap.vapp_config.property[0].value: The template of a property does not render: ` +
					`The template "a" does not render: line 1: V1alpha1_IP: "192.1.0" is not an IP address.`,
				`P12 bootstrap.vapp_config.property[1].from: The template of a property does not render: ` +
					`The template "b" does not render: line 1: it is not a valid template, or uses a field or an index that does not exist. ` +
					`Where the text is none, write \{\{ for {{ and \}\} for }}.`,
				`P12 bootstrap.vapp_config.property[2].value: The template of a property does not render: ` +
					`The template "bootstrap.vapp_config.property[2].key" does not render: line 1: unexpected "}" in operand. ` +
					`Where the text is none, write \{\{ for {{ and \}\} for }}.`,
			},
		},
		"a template in a secret": {
			raw("b", "1", "a", "{{"),
			[]string{`P12 bootstrap.vapp_config.raw_properties: The template of a property does not render: ` +
				`The template "a" does not render: line 1: it is not a valid template, or uses a field or an index that does not exist. ` +
				`Where the text is none, write \{\{ for {{ and \}\} for }}.`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, found(Validate(test.settings))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// properties of an image, some with a class.
func imageProperties() []image.Property {
	return []image.Property{
		{Key: "hostname", Type: "string(1..8)", UserConfigurable: true},
		{Key: "port", Type: "int(1..65535)", UserConfigurable: true},
		{Key: "password", Type: "password(8..)", UserConfigurable: true},
		{Key: "color", Type: `string["red", "blue"]`, UserConfigurable: true, Choices: []string{"red", "blue"}},
		{Key: "build", Type: "string"},
		{Key: "ip", ClassID: "net", InstanceID: "0", Type: "ip", UserConfigurable: true},
		{Key: "ip", ClassID: "net", InstanceID: "1", Type: "ip", UserConfigurable: true},
		{Key: "mask", ClassID: "net", Type: "ip", UserConfigurable: true},
		{Key: "mask", ClassID: "old", Type: "ip"},
		{Key: "gateway", Type: "expression"},
		{Key: "address", Type: "ip:VM Network"},
		{Key: "pin", Type: "int", UserConfigurable: true, Password: true},
	}
}

func TestCheckHoldsPropertiesAgainstTheImage(t *testing.T) {
	t.Parallel()
	const twoNames = `P13 bootstrap.vapp_config.property[0].key: `
	for name, test := range map[string]struct {
		settings Settings
		want     []string
	}{
		"all is well": {
			set(inline("hostname", "web"), inline("port", "{{ len .V1alpha1.Net.Devices }}"), secret("password", "long enough"),
				inline("color", "red"), inline("net.ip.0", "{{ V1alpha1_FirstIP }}"), inline("net.ip.1", "10.0.0.1"), inline("mask", "255.255.255.0")),
			[]string{},
		},
		"what vSphere would compute is a text": {set(inline("gateway", "10.0.0.1"), inline("address", "10.0.0.2")), []string{}},
		"an empty value of any type":           {set(inline("hostname", ""), inline("port", ""), secret("password", "")), []string{}},
		"unknown": {
			set(Property{Key: known.Unknown[string](), Value: known.Of("x")}, Property{Key: known.Of("port"), Value: known.Unknown[string]()},
				inline("hostname", "{{ V1alpha1_FirstNicMacAddr }}{{ (index .V1alpha1.Net.Devices 1).MacAddress }}")),
			[]string{},
		},
		"what Validate refuses": {
			set(inline("", "x"), inline("port", "{{"), inline("hostname", `{{ V1alpha1_IP "x" }}`), inline("hostname", "web")), []string{},
		},
		"a misspelt key": {
			set(inline("hostnmae", "web")),
			[]string{twoNames + `The image has no such property: Property "hostnmae": there is no such property. Did you mean "hostname"?`},
		},
		"a misspelt key of a class": {
			set(inline("Mask", "web")),
			[]string{twoNames + `The image has no such property: Property "Mask": there is no such property. Did you mean "net.mask"?`},
		},
		"a key like no other": {
			set(inline("x", "web")),
			[]string{twoNames + `The image has no such property: Property "x": there is no such property. Those that can be set are ` +
				`"hostname", "port", "password", "color", "net.ip.0", "net.ip.1", "net.mask", "gateway", "address", "pin".`},
		},
		"not configurable": {
			set(inline("build", "7")),
			[]string{twoNames + `The property cannot be set: Property "build": the property is not user-configurable. Those that can be set are ` +
				`"hostname", "port", "password", "color", "net.ip.0", "net.ip.1", "net.mask", "gateway", "address", "pin".`},
		},
		"ambiguous": {
			set(inline("ip", "10.0.0.1")),
			[]string{twoNames + `The property's key is ambiguous: Property "ip": several properties have this id. ` +
				`Use the key of one of them with its class and instance: "net.ip.0", "net.ip.1".`},
		},
		"two keys of one property": {
			set(inline("net.mask", "10.0.0.1"), inline("mask", "10.0.0.1")),
			[]string{`A1 bootstrap.vapp_config.property[1].key: The property "net.mask" is there twice: Both "net.mask" and "mask" mean it. Keep one of the two.`},
		},
		"values of the wrong type": {
			set(inline("hostname", "{{ .V1alpha1.VM.ObjectMeta.Name }}-is-too-long"), inline("port", "ssh"), secret("net.ip.1", "canary"),
				inline("password", "canary"), inline("pin", "canary")),
			[]string{
				`P13 bootstrap.vapp_config.property[0].value: The value does not fit the type of the property: ` +
					`Property "hostname" of type "string(1..8)": the value has 17 bytes, the minimum is 1 and the maximum 8.`,
				`P13 bootstrap.vapp_config.property[1].value: The value does not fit the type of the property: ` +
					`Property "port" of type "int(1..65535)": "ssh" is not a whole number of 64 bits without sign.`,
				`P13 bootstrap.vapp_config.property[2].from: The value does not fit the type of the property: ` +
					`Property "net.ip.1" of type "ip": the value is neither an IP address nor one in CIDR notation.`,
				`P13 bootstrap.vapp_config.property[3].value: The value does not fit the type of the property: ` +
					`Property "password" of type "password(8..)": the value has 6 bytes, the minimum is 8.`,
				`P13 bootstrap.vapp_config.property[4].value: The value does not fit the type of the property: ` +
					`Property "pin" of type "int": the value is not a whole number of 32 bits with sign.`,
			},
		},
		"a template that fails with what is known": {
			set(inline("hostname", "{{ V1alpha6_FirstIPv6 }}")),
			[]string{`P12 bootstrap.vapp_config.property[0].value: The template of a property does not render: ` +
				`The template "hostname" does not render: line 1: V1alpha6_FirstIPv6: interface "eth0" has no IPv6 address.`},
		},
		"none of the choices": {
			set(inline("color", "green")),
			[]string{`warning P13 bootstrap.vapp_config.property[0].value: The value is none of the image's choices: ` +
				`The property "color" offers "red", "blue". Something else is written as it is, and the guest may not know it.`},
		},
		"a secret": {
			raw("port", "canary", "prot", "1"),
			[]string{
				`P13 bootstrap.vapp_config.raw_properties: The value does not fit the type of the property: ` +
					`Property "port" of type "int(1..65535)": the value is not a whole number of 64 bits without sign.`,
				`P13 bootstrap.vapp_config.raw_properties: The image has no such property: Property "prot": there is no such property. Did you mean "port"?`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, found(Check(test.settings, twoNICs(), imageProperties()))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckOfAnImageWithoutPropertiesSaysSo(t *testing.T) {
	t.Parallel()
	want := []string{`P13 bootstrap.vapp_config.property[0].key: The image has no such property: Property "a": there is no such property. None can be set.`}
	if diff := cmp.Diff(want, found(Check(set(inline("a", "1")), Facts{}, nil))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestListOfManyKeysEnds(t *testing.T) {
	t.Parallel()
	var many []candidate
	for _, id := range "abcdefghijklm" {
		many = append(many, candidate{id: strings.Repeat(string(id), 9), configurable: true})
	}
	_, err := find("x", many)
	if err == nil || !strings.HasSuffix(err.Error(), `"jjjjjjjjj" and 3 more.`) {
		t.Errorf("error %v", err)
	}
}

func TestRenderKeepsTheOrderAndSaysWhatIsSecret(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings Settings
		want     []Value
	}{
		"nothing": {Settings{}, nil},
		"properties": {
			set(inline("b", "{{ V1alpha1_FirstIP }}"), Property{Key: known.Of("none")}, secret("a", `\{\}`), inline("c", "")),
			[]Value{{Key: "b", Text: "192.168.1.37/24"}, {Key: "a", Text: "{}", Secret: true}, {Key: "c"}},
		},
		"a secret": {
			raw("b", "2", "a", "{{ V1alpha1_FirstNicMacAddr }}"),
			[]Value{{Key: "a", Text: "50-8a-80-9d-28-22", Secret: true}, {Key: "b", Text: "2", Secret: true}},
		},
		"properties win over a secret": {
			Settings{Properties: known.Of([]Property{inline("a", "1")}), RawProperties: raw("b", "2").RawProperties},
			[]Value{{Key: "a", Text: "1"}},
		},
	} {
		got, err := Render(test.settings, twoNICs())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRenderNamesWhatIsUnknownAndReturnsTheRest(t *testing.T) {
	t.Parallel()
	unknown := known.Unknown[string]()
	got, err := Render(set(Property{Key: unknown, Value: known.Of("1")}, Property{Key: known.Of("a"), From: unknown},
		inline("b", "{{ V1alpha1_FirstIP }}"), inline("c", "3")), NoFacts())
	const want = `bootstrap.vapp_config.property[0].key is not known yet
bootstrap.vapp_config.property[1].from is not known yet
the template "b" does not render: line 1: V1alpha1_FirstIP: the list of the machine's interfaces is not known yet`
	if !errors.Is(err, ErrUnknown) || err.Error() != want {
		t.Errorf("error %v\nwant %s", err, want)
	}
	if diff := cmp.Diff([]Value{{Key: "c", Text: "3"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, settings := range []Settings{
		{Properties: known.Unknown[[]Property]()},
		{RawProperties: known.Unknown[map[string]known.Value[string]]()},
	} {
		if _, err := Render(settings, twoNICs()); !errors.Is(err, ErrUnknown) {
			t.Errorf("unknown list: %v", err)
		}
	}
	_, err = Render(set(inline("a", "{{ V1alpha6_FirstIPv6 }}")), twoNICs())
	var wrong *RenderError
	if errors.Is(err, ErrUnknown) || !errors.As(err, &wrong) || wrong.Name != "a" || wrong.Function != "V1alpha6_FirstIPv6" || wrong.Line != 1 {
		t.Errorf("error %v", err)
	}
}
