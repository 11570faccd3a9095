package image_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// beyondGovmomi are the descriptors that govmomi refuses, or reads as something else.
var beyondGovmomi = map[string]string{
	"bad-default": "neither reads it",
	"broken":      "neither reads it",
	"broken-disk": "govmomi panics where there is no disk section",
	"html":        "govmomi takes any root element for an envelope",
	"latin1":      "govmomi reads UTF-8 only",
	"non-ascii":   "govmomi counts bytes where MaxLen counts characters",
	"ovf09":       "govmomi sees no section in OVF 0.9",
	"prefixes":    "govmomi takes the white space around a reference for a part of it",
	"units":       "govmomi does not find a property by its qualified key",
	"utf16":       "govmomi reads UTF-8 only",
}

// likeGovmomi are what govmomi reads otherwise, and what it is read like instead.
var likeGovmomi = map[string]*strings.Replacer{
	"appliance": strings.NewReplacer(
		`"medium large"`, `"large"`, // a list of deployment options is one name to govmomi
		"4294967295", "2147483647", // and a uint32 has 31 bits
		"Mgmt Net", "Mgmt", // and a qualifier is one wherever its name stands
		"&quot;Net&quot;,&quot;Gateway&quot;", "&quot;Nat&quot;,&quot;Bridge&quot;", `ovf:value="Net"`, `ovf:value="Nat"`,
		`\&quot;hi\&quot;`, "hi", // and an escape escapes itself
	),
	"firewall": strings.NewReplacer(
		`"m l"`, `"m"`,
		"18446744073709551615", "2147483647",
		"-9223372036854775808", "-2147483648",
	),
	"text": strings.NewReplacer("&#10;", " "),
}

// TestDescriptorsAgreeWithGovmomi holds firmware, guest id, disks, network cards and properties
// against the ConfigSpec that VM Operator derives them from.
func TestDescriptorsAgreeWithGovmomi(t *testing.T) {
	t.Parallel()
	for name := range beyondGovmomi {
		if !slices.Contains(descriptorNames(t), name) {
			t.Errorf("there is no descriptor %q", name)
		}
	}
	for _, name := range descriptorNames(t) {
		if beyondGovmomi[name] != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := readDescriptor(t, name)
			if replacer := likeGovmomi[name]; replacer != nil {
				document = []byte(replacer.Replace(string(document)))
			}
			descriptor, err := image.ParseDescriptor(document)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := ovf.Unmarshal(bytes.NewReader(document))
			if err != nil {
				t.Fatal(err)
			}
			spec, err := parsed.ToConfigSpec()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(factsOfSpec(spec), factsOfDescriptor(descriptor)); diff != "" {
				t.Errorf("(-govmomi +ours):\n%s", diff)
			}
		})
	}
}

// facts are what a descriptor and a ConfigSpec both say.
type facts struct {
	System, GuestID, Firmware string
	Disks                     []int64
	NICs                      int
	Properties                []string
}

func factsOfDescriptor(d *image.Descriptor) facts {
	f := facts{System: d.SystemID, GuestID: d.GuestID(), Firmware: string(d.Firmware), NICs: len(d.NICs)}
	for _, disk := range d.Disks {
		f.Disks = append(f.Disks, disk.CapacityBytes)
	}
	for _, property := range d.Properties {
		f.Properties = append(f.Properties, property.Key+" "+property.Type+" "+strings.ToLower(value(property.Default)))
	}
	return f
}

func factsOfSpec(spec types.VirtualMachineConfigSpec) facts {
	f := facts{System: spec.Name, GuestID: spec.GuestId, Firmware: strings.ToUpper(spec.Firmware)}
	if f.Firmware == "" {
		f.Firmware = string(image.BIOS)
	}
	for _, change := range spec.DeviceChange {
		switch device := change.GetVirtualDeviceConfigSpec().Device.(type) {
		case *types.VirtualDisk:
			f.Disks = append(f.Disks, device.CapacityInBytes)
		case types.BaseVirtualEthernetCard:
			f.NICs++
		}
	}
	if spec.VAppConfig == nil {
		return f
	}
	for _, property := range spec.VAppConfig.GetVmConfigSpec().Property {
		// Where a length has a maximum alone, govmomi writes a minimum of zero, and it capitalises booleans.
		kind := strings.NewReplacer("string(0..", "string(..", "password(0..", "password(..").Replace(property.Info.Type)
		f.Properties = append(f.Properties, property.Info.Id+" "+kind+" "+strings.ToLower(property.Info.DefaultValue))
	}
	return f
}
