package vapp

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// nic is a resolved interface with static addresses.
func nic(name string, addresses ...string) network.InterfaceConfig {
	prefixes := make([]netip.Prefix, len(addresses))
	for i, address := range addresses {
		prefixes[i] = netip.MustParsePrefix(address)
	}
	return network.InterfaceConfig{
		Name: known.Of(name), Addresses: known.ListOf(prefixes...),
		DHCP4: known.Of(false), DHCP6: known.Of(false),
	}
}

// twoNICs are the facts of VM Operator's own vectors.
func twoNICs() Facts {
	first, second := nic("eth0", "192.168.1.37/24"), nic("eth1", "10.0.0.5/16", "10.0.0.6/16")
	first.Gateway4 = known.Of(netip.MustParseAddr("192.168.1.1"))
	return Facts{
		Network: network.Config{
			DNS:        network.DNS{Nameservers: known.ListOf(netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"))},
			Interfaces: known.Of([]network.InterfaceConfig{first, second}),
		},
		MACs: map[string]network.MAC{"eth0": "50:8a:80:9d:28:22"},
		VM:   exampleVM(),
	}
}

func exampleVM() VM {
	return VM{
		Name: known.Of("my-vm"), Namespace: known.Of("team-a"),
		Labels: map[string]string{"app": "web"}, Annotations: map[string]string{"owner": "me"},
		ImageName: known.Of("Photon OS"), ImageKind: known.Of("VirtualMachineImage"), ImageID: known.Of("vmi-0123456789abcdef0"),
		ClassName: known.Of("small"), StorageClass: known.Of("gold"), PowerState: known.Of("PoweredOn"),
		GuestID: known.Of("photon64Guest"), MinHardwareVersion: known.Of[int64](19),
		InstanceUUID: known.Of("5000-instance"), BiosUUID: known.Of("4200-bios"), UniqueID: known.Of("vm-42"),
		Network: network.Spec{
			HostName: known.Of("host"), DomainName: known.Of("example.com"),
			Nameservers: known.ListOf("9.9.9.9"), SearchDomains: known.ListOf("a.example", "b.example"),
			Interfaces: known.Of([]network.Interface{{
				Name: known.Of("eth0"), Network: known.Of("VM Network"), GuestDeviceName: known.Of("ens160"),
				MACAddr: known.Of("50:8a:80:9d:28:22"), Addresses: known.ListOf("192.168.1.37/24"),
				DHCP6: known.Of(true), Gateway4: known.Of("192.168.1.1"), MTU: known.Of[int64](1500),
				Nameservers: known.ListOf("1.1.1.1"), SearchDomains: known.ListOf("c.example"),
			}}),
		},
	}
}

// oneNIC are facts with a single interface.
func oneNIC(addresses ...string) Facts {
	return Facts{Network: network.Config{Interfaces: known.Of([]network.InterfaceConfig{nic("eth0", addresses...)})}}
}

func TestTemplatesRender(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{ V1alpha1_FirstIP }}`:                                                                      "192.168.1.37/24",
		`{{ V1alpha6_FirstIP }}`:                                                                      "192.168.1.37/24",
		`{{ V1alpha6_FirstIPv4 }}`:                                                                    "192.168.1.37/24",
		`{{ V1alpha6_FirstIPv4FromNIC 1 }}`:                                                           "10.0.0.5/16",
		`{{ V1alpha2_FirstIPFromNIC 1 }}`:                                                             "10.0.0.5/16",
		`{{ V1alpha1_IP "192.168.1.37" }}`:                                                            "192.168.1.37/24",
		`{{ V1alpha1_IP "10.1.1.1" }}`:                                                                "10.1.1.1/8",
		`{{ V1alpha1_IP "127.1.1.1" }}`:                                                               "127.1.1.1/8",
		`{{ V1alpha1_IP "128.1.1.1" }}`:                                                               "128.1.1.1/16",
		`{{ V1alpha1_IP "191.1.1.1" }}`:                                                               "191.1.1.1/16",
		`{{ V1alpha6_IP "224.0.0.1" }}`:                                                               "224.0.0.1/24",
		`{{ V1alpha5_IP "2001:db8::1" }}`:                                                             "2001:db8::1/0",
		`{{ V1alpha1_IP "::ffff:192.168.1.37" }}`:                                                     "192.168.1.37/24",
		`{{ V1alpha3_FormatIP V1alpha1_FirstIP "" }}`:                                                 "192.168.1.37",
		`{{ V1alpha1_FormatIP "192.168.1.37" "/24" }}`:                                                "192.168.1.37/24",
		`{{ V1alpha1_FormatIP "192.168.1.37" "255.255.255.0" }}`:                                      "192.168.1.37/24",
		`{{ V1alpha1_FormatIP "192.168.1.37/28" "255.255.255.0" }}`:                                   "192.168.1.37/24",
		`{{ V1alpha1_FormatIP "192.168.1.37/28" "/24" }}`:                                             "192.168.1.37/24",
		`{{ V1alpha1_FormatIP "192.168.1.37" "0.0.0.0" }}`:                                            "192.168.1.37/0",
		`{{ V1alpha1_FormatIP "192.168.1.37" "255.255.255.255" }}`:                                    "192.168.1.37/32",
		`{{ V1alpha1_FormatIP "192.168.1.37" "255.255.254.0" }}`:                                      "192.168.1.37/23",
		`{{ V1alpha6_FormatIP "2001:db8::1/64" "" }}`:                                                 "2001:db8::1",
		`{{ V1alpha6_FormatIP "2001:db8::1" "/48" }}`:                                                 "2001:db8::1/48",
		`{{ V1alpha6_FormatIP "2001:db8::1" "ffff:ffff:ff00::" }}`:                                    "2001:db8::1/40",
		`{{ V1alpha6_FormatIP "192.168.1.37" (printf "/%d" (V1alpha6_PrefixLength "10.0.0.0/26")) }}`: "192.168.1.37/26",
		`{{ V1alpha1_IPsFromNIC 0 }}`:                                                                 "[192.168.1.37/24]",
		`{{ V1alpha6_IPsFromNIC 1 }}`:                                                                 "[10.0.0.5/16 10.0.0.6/16]",
		`{{ V1alpha4_FirstNicMacAddr }}`:                                                              "50-8a-80-9d-28-22",
		`{{ V1alpha1_SubnetMask "192.168.1.37/26" }}`:                                                 "255.255.255.192",
		`{{ V1alpha6_SubnetMask "192.168.1.37/0" }}`:                                                  "0.0.0.0",
		`{{ V1alpha5_SubnetMask "2001:db8::1/64" }}`:                                                  "255.255.255.255",
		`{{ V1alpha5_SubnetMask "2001:db8::1/20" }}`:                                                  "255.255.240.0",
		`{{ V1alpha1_FormatNameservers 1 "-"}}`:                                                       "10.0.0.1",
		`{{ V1alpha1_FormatNameservers -1 "-"}}`:                                                      "10.0.0.1-10.0.0.2",
		`{{ V1alpha6_FormatNameservers 2 ","}}`:                                                       "10.0.0.1,10.0.0.2",
		`{{ V1alpha6_FormatNameservers 9 ","}}`:                                                       "10.0.0.1,10.0.0.2",
		`{{ V1alpha1_FormatNameservers 0 "-"}}`:                                                       "",
		`{{ V1alpha6_PrefixLength "2001:db8::/64" }}`:                                                 "64",
		`{{ V1alpha6_IsUsableIP "169.254.1.1" }}`:                                                     "false",
		`{{ V1alpha6_IsUsableIP "127.0.0.1" }}`:                                                       "false",
		`{{ V1alpha6_IsUsableIP "0.0.0.0" }}`:                                                         "false",
		`{{ V1alpha6_IsUsableIP "fe80::1" }}`:                                                         "false",
		`{{ V1alpha6_IsUsableIP "ff02::1" }}`:                                                         "false",
		`{{ V1alpha6_IsUsableIP "not-an-ip" }}`:                                                       "false",
		`{{ V1alpha6_IsUsableIP "192.168.1.37/24" }}`:                                                 "true",
		`{{ V1alpha6_IsUsableIP "2001:db8::1" }}`:                                                     "true",
		`{{ (index (index .V1alpha1.Net.Devices 0).IPAddresses 0) }}`:                                 "192.168.1.37/24",
		`{{ (index .V1alpha1.Net.Devices 0).Gateway4 }}`:                                              "192.168.1.1",
		`{{ (index .V1alpha6.Net.Devices 1).Gateway4 }}`:                                              "",
		`{{ (index .V1alpha6.Net.Devices 1).Gateway6 }}`:                                              "",
		`{{ (index .V1alpha6.Net.Devices 0).IPv6Addresses }}`:                                         "[]",
		`{{ (index .V1alpha5.Net.Devices 0).MacAddress }}`:                                            "50-8a-80-9d-28-22",
		`{{ index .V1alpha4.Net.Nameservers 1 }}`:                                                     "10.0.0.2",
		`{{ index .V1alpha6.Net.Nameservers 0 }}`:                                                     "10.0.0.1",
		`{{ range .V1alpha2.Net.Devices }}{{ index .IPAddresses 0 }};{{ end }}`:                       "192.168.1.37/24;10.0.0.5/16;",
		`{{ len .V1alpha3.Net.Devices }}`:                                                             "2",

		// An answer file keeps its markup.
		`<Identifier>{{ V1alpha1_FirstNicMacAddr }}</Identifier><Key>{4d36e972}</Key><Name>"a" & 'b'</Name>`: `<Identifier>50-8a-80-9d-28-22</Identifier><Key>{4d36e972}</Key><Name>"a" & 'b'</Name>`,

		// Escapes are removed everywhere, also where nothing is executed.
		`plain`:              "plain",
		``:                   "",
		`\{\{ x \}\}`:        "{{ x }}",
		`\{\{ x }}`:          "{{ x }}",
		`\{"a": "b"\}`:       `{"a": "b"}`,
		`\\ \a`:              `\\ \a`,
		`{{ "\\{" }}`:        "{",
		`\{{ len "abc" }}\}`: `\3}`,
	} {
		got, err := RenderText("key", text, false, twoNICs())
		if err != nil || got != want {
			t.Errorf("%s\n  gives %q, %v\n  want  %q", text, got, err, want)
		}
	}
}

func TestMachineHasTheShapeOfEachVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{ .V1alpha1.VM.Name }}`:                                               "my-vm",
		`{{ .V1alpha6.VM.ObjectMeta.Name }}`:                                    "my-vm",
		`{{ .V1alpha2.VM.Namespace }}`:                                          "team-a",
		`{{ .V1alpha3.VM.Labels.app }}`:                                         "web",
		`{{ index .V1alpha4.VM.Annotations "owner" }}`:                          "me",
		`{{ index .V1alpha4.VM.Annotations "nobody" }}`:                         "",
		`{{ .V1alpha4.VM.Annotations.nobody }}`:                                 "<no value>",
		`{{ .V1alpha1.VM.Spec.ImageName }}`:                                     "Photon OS",
		`{{ .V1alpha1.VM.Spec.ClassName }}`:                                     "small",
		`{{ .V1alpha1.VM.Spec.StorageClass }}`:                                  "gold",
		`{{ .V1alpha1.VM.Spec.PowerState }}`:                                    "poweredOn",
		`{{ (index .V1alpha1.VM.Spec.NetworkInterfaces 0).NetworkName }}`:       "VM Network",
		`{{ .V1alpha2.VM.Spec.PowerState }}`:                                    "PoweredOn",
		`{{ .V1alpha2.VM.Spec.MinHardwareVersion }}`:                            "19",
		`{{ .V1alpha2.VM.Spec.Network.HostName }}`:                              "host",
		`{{ .V1alpha2.VM.Spec.Network.Disabled }}`:                              "false",
		`{{ (index .V1alpha2.VM.Spec.Network.Interfaces 0).Name }}`:             "eth0",
		`{{ .V1alpha3.VM.Spec.Network.DomainName }}`:                            "example.com",
		`{{ .V1alpha5.VM.Spec.Network.Nameservers }}`:                           "[9.9.9.9]",
		`{{ .V1alpha5.VM.Spec.Network.SearchDomains }}`:                         "[a.example b.example]",
		`{{ .V1alpha6.VM.Spec.Image.Kind }}/{{ .V1alpha6.VM.Spec.Image.Name }}`: "VirtualMachineImage/vmi-0123456789abcdef0",
		`{{ .V1alpha6.VM.Spec.GuestID }}`:                                       "photon64Guest",
		`{{ .V1alpha6.VM.Spec.InstanceUUID }}`:                                  "5000-instance",
		`{{ .V1alpha6.VM.Spec.BiosUUID }}`:                                      "4200-bios",
		`{{ .V1alpha6.VM.Spec.PowerState }}`:                                    "PoweredOn",
		`{{ .V1alpha1.VM.Status.UniqueID }}`:                                    "vm-42",
		`{{ .V1alpha1.VM.Status.InstanceUUID }}`:                                "5000-instance",
		`{{ .V1alpha1.VM.Status.BiosUUID }}`:                                    "4200-bios",
		`{{ with index .V1alpha6.VM.Spec.Network.Interfaces 0 }}{{ .Name }} {{ .Network.Name }} {{ .GuestDeviceName }} {{ .MACAddr }} ` +
			`{{ .Addresses }} {{ .DHCP4 }} {{ .DHCP6 }} {{ .Gateway4 }} {{ .Gateway6 }} {{ .MTU }} {{ .Nameservers }} {{ .SearchDomains }}{{ end }}`: "eth0 VM Network ens160 50:8a:80:9d:28:22 [192.168.1.37/24] false true 192.168.1.1  1500 [1.1.1.1] [c.example]",
	} {
		got, err := RenderText("key", text, false, twoNICs())
		if err != nil || got != want {
			t.Errorf("%s\n  gives %q, %v\n  want  %q", text, got, err, want)
		}
	}
	if got, err := RenderText("key", `{{ .V1alpha1.VM.Spec.PowerState }}`, false, Facts{}); got != "" || err != nil {
		t.Errorf("no power state: %q, %v", got, err)
	}
}

func TestIPv6IsTheFallbackOfV1alpha6(t *testing.T) {
	t.Parallel()
	const failure = ""
	gateway := oneNIC("10.0.0.5/24", "2001:db8::5/64")
	gateway.Network.Interfaces.Or(nil)[0].Gateway6 = known.Of(netip.MustParseAddr("fe80::1"))
	for _, test := range []struct {
		facts      Facts
		text, want string
	}{
		{gateway, `{{ V1alpha6_FirstIP }}`, "10.0.0.5/24"},
		{gateway, `{{ V1alpha6_IPsFromNIC 0 }}`, "[10.0.0.5/24]"},
		{gateway, `{{ V1alpha6_FirstIPv6 }}`, "2001:db8::5/64"},
		{gateway, `{{ V1alpha6_FirstIPv6FromNIC 0 }}`, "2001:db8::5/64"},
		{gateway, `{{ (index .V1alpha6.Net.Devices 0).Gateway6 }}`, "fe80::1"},
		{gateway, `{{ (index .V1alpha6.Net.Devices 0).IPv6Addresses }}`, "[2001:db8::5/64]"},
		{gateway, `{{ (index .V1alpha5.Net.Devices 0).IPAddresses }}`, "[10.0.0.5/24]"},
		{oneNIC("2001:db8::5/64"), `{{ V1alpha6_FirstIP }}`, "2001:db8::5/64"},
		{oneNIC("2001:db8::5/64"), `{{ V1alpha6_IPsFromNIC 0 }}`, "[2001:db8::5/64]"},
		{oneNIC("2001:db8::5/64"), `{{ V1alpha6_FirstIPv4 }}`, failure},
		{oneNIC("2001:db8::5/64"), `{{ V1alpha5_FirstIP }}`, failure},
		{oneNIC("2001:db8::5/64"), `{{ V1alpha5_IPsFromNIC 0 }}`, "[]"},
		{oneNIC("fe80::5/64"), `{{ V1alpha6_FirstIP }}`, "fe80::5/64"},
		{oneNIC("fe80::5/64"), `{{ V1alpha6_FirstIPv6 }}`, "fe80::5/64"},
		{oneNIC("fe80::5/64"), `{{ V1alpha6_IsUsableIP V1alpha6_FirstIP }}`, "false"},
		{oneNIC("fe80::5/64", "2001:db8::5/64"), `{{ V1alpha6_FirstIP }}`, "2001:db8::5/64"},
		{oneNIC("fe80::5/64", "2001:db8::5/64"), `{{ V1alpha6_FirstIPv6 }}`, "fe80::5/64"},
		{oneNIC("fe80::5/64", "2001:db8::5/64"), `{{ V1alpha6_IPsFromNIC 0 }}`, "[fe80::5/64 2001:db8::5/64]"},
		{oneNIC(), `{{ V1alpha6_IPsFromNIC 0 }}`, "[]"},
		{oneNIC(), `{{ V1alpha6_FirstIP }}`, failure},
	} {
		got, err := RenderText("key", test.text, false, test.facts)
		if (err != nil) != (test.want == failure) || got != test.want || errors.Is(err, ErrUnknown) {
			t.Errorf("%s\n  gives %q, %v\n  want  %q", test.text, got, err, test.want)
		}
	}
}

func TestWhatDoesNotRenderIsAnErrorThatSaysWhere(t *testing.T) {
	t.Parallel()
	dhcp := oneNIC()
	dhcp.Network.Interfaces.Or(nil)[0].DHCP4 = known.Of(true)
	dhcp6 := oneNIC()
	dhcp6.Network.Interfaces.Or(nil)[0].DHCP6 = known.Of(true)
	none := Facts{Network: network.Config{Interfaces: known.Of([]network.InterfaceConfig{})}}
	const waiting = ": DHCP assigns it one in the running guest, after the properties are written. Give it a static address, or leave the function out"
	const escape = `. Where the text is none, write \{\{ for {{ and \}\} for }}.`
	for _, test := range []struct {
		facts      Facts
		text, want string
	}{
		{twoNICs(), `{{ V1alpha1_IP "192.1.0" }}`, `line 1: V1alpha1_IP: "192.1.0" is not an IP address`},
		{twoNICs(), `{{ V1alpha1_IP "fe80::1%eth0" }}`, `line 1: V1alpha1_IP: "fe80::1%eth0" is not an IP address`},
		{twoNICs(), `{{ V1alpha6_IP "2001:db8::1" }}`, `line 1: V1alpha6_IP: "2001:db8::1" is an IPv6 address, which has no class. Use V1alpha6_FormatIP`},
		{twoNICs(), `{{ V1alpha1_FirstIPFromNIC 5 }}`, `line 1: V1alpha1_FirstIPFromNIC: there is no interface 5, the indexes are 0 to 1`},
		{twoNICs(), `{{ V1alpha6_FirstIPv4FromNIC -1 }}`, `line 1: V1alpha6_FirstIPv4FromNIC: there is no interface -1, the indexes are 0 to 1`},
		{twoNICs(), "a\nb {{ V1alpha1_IPsFromNIC 2 }}", `line 2: V1alpha1_IPsFromNIC: there is no interface 2, the indexes are 0 to 1`},
		{twoNICs(), `{{ V1alpha1_FormatIP "192.168.1.37" "127.255.255.255" }}`, `line 1: V1alpha1_FormatIP: "127.255.255.255" is neither a prefix length with a slash, such as /24, nor a subnet mask of the address`},
		{twoNICs(), `{{ V1alpha1_FormatIP "192.168.1.37" "255.0.255.0" }}`, `line 1: V1alpha1_FormatIP: "255.0.255.0" is neither a prefix length with a slash, such as /24, nor a subnet mask of the address`},
		{twoNICs(), `{{ V1alpha1_FormatIP "192.168.1.37" "ffff::" }}`, `line 1: V1alpha1_FormatIP: "ffff::" is neither a prefix length with a slash, such as /24, nor a subnet mask of the address`},
		{twoNICs(), `{{ V1alpha1_FormatIP "192.168.1.37" "24" }}`, `line 1: V1alpha1_FormatIP: "24" is neither a prefix length with a slash, such as /24, nor a subnet mask of the address`},
		{twoNICs(), `{{ V1alpha1_FormatIP "192.168.1.37" "/33" }}`, `line 1: V1alpha1_FormatIP: "/33" is not a prefix length of the address`},
		{twoNICs(), `{{ V1alpha1_FormatIP "192.168.1" "255.0.0.0" }}`, `line 1: V1alpha1_FormatIP: "192.168.1" is not an IP address, with or without prefix length`},
		{twoNICs(), `{{ (index .V1alpha1.Net.NameServers 0) }}`, `line 1: <.V1alpha1.Net.NameServers>: can't evaluate field NameServers`},
		{twoNICs(), `{{ (index .V1alpha5.Net.Devices 0).Gateway6 }}`, `line 1: <0>: can't evaluate field Gateway6`},
		{twoNICs(), `{{ .V1alpha2.VM.Spec.Image.Kind }}`, `line 1: <.V1alpha2.VM.Spec.Image.Kind>: can't evaluate field Image`},
		{twoNICs(), `{{ V1alpha6_SubnetMask "2001:db8::1/64" }}`, `line 1: V1alpha6_SubnetMask: "2001:db8::1/64" is an IPv6 address, which has no subnet mask. Use V1alpha6_PrefixLength`},
		{twoNICs(), `{{ V1alpha1_SubnetMask "192.168.1.37" }}`, `line 1: V1alpha1_SubnetMask: "192.168.1.37" is not an address in CIDR notation, such as 192.168.1.37/24`},
		{twoNICs(), `{{ V1alpha6_FirstIPv6 }}`, `line 1: V1alpha6_FirstIPv6: interface "eth0" has no IPv6 address`},
		{twoNICs(), `{{ V1alpha6_FirstIPv6FromNIC 1 }}`, `line 1: V1alpha6_FirstIPv6FromNIC: interface "eth1" has no IPv6 address`},
		{twoNICs(), `{{ V1alpha6_PrefixLength "not-a-cidr" }}`, `line 1: V1alpha6_PrefixLength: "not-a-cidr" is not an address in CIDR notation, such as 2001:db8::1/64`},
		{dhcp, `{{ V1alpha1_FirstIP }}`, `line 1: V1alpha1_FirstIP: interface "eth0" has no static IPv4 address` + waiting},
		{dhcp, `{{ V1alpha6_FirstIP }}`, `line 1: V1alpha6_FirstIP: interface "eth0" has no static IP address` + waiting},
		{dhcp, `{{ V1alpha6_FirstIPv6 }}`, `line 1: V1alpha6_FirstIPv6: interface "eth0" has no IPv6 address`},
		{dhcp6, `{{ V1alpha6_FirstIPv6 }}`, `line 1: V1alpha6_FirstIPv6: interface "eth0" has no static IPv6 address` + waiting},
		{dhcp6, `{{ V1alpha6_FirstIPv4 }}`, `line 1: V1alpha6_FirstIPv4: interface "eth0" has no IPv4 address`},
		{none, `{{ V1alpha1_FirstIP }}`, `line 1: V1alpha1_FirstIP: the machine has no interface`},
		{none, `{{ V1alpha6_FirstIPv6 }}`, `line 1: V1alpha6_FirstIPv6: the machine has no interface`},
		{none, `{{ V1alpha1_IPsFromNIC 0 }}`, `line 1: V1alpha1_IPsFromNIC: the machine has no interface`},
		{none, `{{ V1alpha6_FirstNicMacAddr }}`, `line 1: V1alpha6_FirstNicMacAddr: the machine has no interface`},
		{none, `{{ V1alpha1_FormatNameservers 1 "," }}`, `line 1: V1alpha1_FormatNameservers: the machine has no nameservers. Those of an interface do not count`},
		{none, `{{ x \}\}`, `line 1: function "x" not defined` + escape},
		{none, `{{ V1alpha5_FirstIPv6 }}`, `line 1: function "V1alpha5_FirstIPv6" not defined` + escape},
		{none, `{{ .V1alpha1.VM }}`, `VM is an object and has no text of its own: name one of its fields`},
		{none, `{{ printf "%d" .V1alpha6.Net }}`, `Net is an object and has no text of its own: name one of its fields`},
		{twoNICs(), `{{ .V1alpha6.Net.Devices }}`, `a device is an object and has no text of its own: name one of its fields`},
		{none, `{{ . }}`, `the root is an object and has no text of its own: name one of its fields`},
		{none, `{{ range 2000000 }}x{{ end }}`, `the result has more than 1048576 bytes`},
	} {
		got, err := RenderText("key", test.text, false, test.facts)
		want := `the template "key" does not render: ` + test.want
		if err == nil || err.Error() != want || got != "" || errors.Is(err, ErrUnknown) {
			t.Errorf("%s\n  gives %q, %v\n  want  %s", test.text, got, err, want)
		}
	}
}

func TestTemplateOfASecretIsNotInItsErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{{ canary }}`:                           `line 1: it is not a valid template, or uses a field or an index that does not exist. Where the text is none, write \{\{ for {{ and \}\} for }}.`,
		"\n{{ .V1alpha1.canary }}":               `line 2: it is not a valid template, or uses a field or an index that does not exist`,
		`{{ V1alpha1_IP "canary" }}`:             `line 1: V1alpha1_IP: an argument is not an IP address`,
		`{{ "canary" | V1alpha6_PrefixLength}}`:  `line 1: V1alpha6_PrefixLength: an argument is not an address in CIDR notation, such as 2001:db8::1/64`,
		`canary {{ V1alpha1_FirstIPFromNIC 7 }}`: `line 1: V1alpha1_FirstIPFromNIC: there is no interface 7, the indexes are 0 to 1`,
	} {
		_, err := RenderText("key", text, true, twoNICs())
		want = `the template "key" does not render: ` + want
		if err == nil || err.Error() != want {
			t.Errorf("%s\n  gives %v\n  want  %s", text, err, want)
			continue
		}
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			if strings.Contains(cause.Error(), "canary") {
				t.Errorf("%s: a cause shows the secret: %v", text, cause)
			}
		}
	}
	_, err := RenderText("key", `canary {{ V1alpha1_FirstIP }}`, true, NoFacts())
	if !errors.Is(err, ErrUnknown) || strings.Contains(err.Error(), "canary") {
		t.Errorf("an unknown input of a secret: %v", err)
	}
}

func TestOnlyWhatATemplateUsesMustBeKnown(t *testing.T) {
	t.Parallel()
	pool := nic("eth1")
	pool.Addresses = known.Unknown[[]known.Value[netip.Prefix]]()
	pool.Gateway4, pool.Gateway6 = known.Unknown[netip.Addr](), known.Unknown[netip.Addr]()
	late := nic("eth2", "10.0.0.1/24")
	late.Addresses = known.Of(append(late.Addresses.Or(nil), known.Unknown[netip.Prefix]()))
	nameless := nic("eth3")
	nameless.Name = known.Unknown[string]()
	facts := NoFacts()
	facts.Network.Interfaces = known.Of([]network.InterfaceConfig{nic("eth0", "192.168.1.37/24"), pool, late, nameless})

	for text, want := range map[string]string{
		"plain":                                          "plain",
		`{{ V1alpha1_FirstIP }}`:                         "192.168.1.37/24",
		`{{ V1alpha6_IPsFromNIC 0 }}`:                    "[192.168.1.37/24]",
		`{{ V1alpha6_FirstIPFromNIC 2 }}`:                "10.0.0.1/24", // whatever comes after
		`{{ if false }}{{ .V1alpha6.VM.Name }}{{ end }}`: "",
		`{{ len .V1alpha6.Net.Devices }}`:                "4",
	} {
		if got, err := RenderText("key", text, false, facts); err != nil || got != want {
			t.Errorf("%s gives %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		`{{ V1alpha1_FirstIPFromNIC 1 }}`:                            `V1alpha1_FirstIPFromNIC: an address of interface "eth1" is not known yet`,
		`{{ V1alpha6_FirstIPv6FromNIC 2 }}`:                          `V1alpha6_FirstIPv6FromNIC: an address of interface "eth2" is not known yet`,
		`{{ V1alpha6_IPsFromNIC 2 }}`:                                `V1alpha6_IPsFromNIC: an address of interface "eth2" is not known yet`,
		`{{ V1alpha1_FirstNicMacAddr }}`:                             `V1alpha1_FirstNicMacAddr: the MAC address of interface "eth0" is not known yet`,
		`{{ (index .V1alpha1.Net.Devices 3).MacAddress }}`:           `the MAC address of interface 3 is not known yet`,
		`{{ (index .V1alpha1.Net.Devices 1).Gateway4 }}`:             `the IPv4 gateway of interface "eth1" is not known yet`,
		`{{ (index .V1alpha6.Net.Devices 1).Gateway6 }}`:             `the IPv6 gateway of interface "eth1" is not known yet`,
		`{{ (index .V1alpha6.Net.Devices 1).IPv6Addresses }}`:        `an address of interface "eth1" is not known yet`,
		`{{ V1alpha6_FormatNameservers 1 "," }}`:                     `V1alpha6_FormatNameservers: the list of the machine's nameservers is not known yet`,
		`{{ .V1alpha1.Net.Nameservers }}`:                            `the list of the machine's nameservers is not known yet`,
		`{{ .V1alpha6.VM.Name }}`:                                    `the machine's name is not known yet`,
		`{{ .V1alpha6.VM.Status.InstanceUUID }}`:                     `the machine's instance UUID is not known yet`,
		`{{ .V1alpha1.VM.Spec.PowerState }}`:                         `power_state is not known yet`,
		`{{ .V1alpha2.VM.Spec.MinHardwareVersion }}`:                 `min_hardware_version is not known yet`,
		`{{ range .V1alpha3.VM.Spec.Network.Interfaces }}x{{ end }}`: `the list of the machine's interfaces is not known yet`,
		`{{ .V1alpha3.VM.Spec.Network.SearchDomains }}`:              `network.search_domains is not known yet`,
	} {
		_, err := RenderText("key", text, false, facts)
		want = `the template "key" does not render: line 1: ` + want
		if !errors.Is(err, ErrUnknown) || err.Error() != want {
			t.Errorf("%s gives %v\n  want %s", text, err, want)
		}
	}
	for _, text := range []string{`{{ V1alpha1_FirstIP }}`, `{{ V1alpha6_FirstIPv4 }}`, `{{ V1alpha1_FirstNicMacAddr }}`, `{{ V1alpha6_IPsFromNIC 0 }}`} {
		_, err := RenderText("key", text, false, NoFacts())
		if !errors.Is(err, ErrUnknown) || !strings.HasSuffix(err.Error(), ": the list of the machine's interfaces is not known yet") {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

func TestTemplateRendersAsOftenAsItIsAsked(t *testing.T) {
	t.Parallel()
	parsed, err := ParseTemplate("key", `{{ V1alpha6_FirstIP }}`, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"10.0.0.1/24", "10.0.0.2/24"} {
		if got, err := parsed.Render(oneNIC(address)); err != nil || got != address {
			t.Errorf("gives %q, %v, want %q", got, err, address)
		}
	}
}

func FuzzEscapes(f *testing.F) {
	for _, text := range []string{`\{\{ x \}\}`, `{ "a": 1 }`, `\`, `\\{`, "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "{{") {
			t.Skip("that is a template")
		}
		got, err := RenderText("key", text, true, NoFacts())
		if err != nil {
			t.Fatalf("%q has nothing to execute: %v", text, err)
		}
		// Escaped braces come out as they were.
		escaped := strings.NewReplacer("{", `\{`, "}", `\}`).Replace(got)
		if again, err := RenderText("key", escaped, true, NoFacts()); err != nil || again != got {
			t.Fatalf("%q renders to %q, which escaped renders to %q, %v", text, got, again, err)
		}
	})
}
