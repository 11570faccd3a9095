package image_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// envelope wraps the content of an OVF envelope.
func envelope(content string) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0"?><Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
		xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vmw="http://www.vmware.com/schema/ovf">%s</Envelope>`, content)
}

// machine wraps a disk section and a hardware section.
func machine(disks, hardware string) []byte {
	if disks != "" {
		disks = "<DiskSection>" + disks + "</DiskSection>"
	}
	return envelope(disks + `<VirtualSystem ovf:id="vm"><VirtualHardwareSection>` + hardware +
		`</VirtualHardwareSection></VirtualSystem>`)
}

// diskItem is a disk drive with the given elements.
func diskItem(elements string) string {
	return "<Item><ElementName>Hard disk 1</ElementName><InstanceID>9</InstanceID>" +
		"<ResourceType>17</ResourceType>" + elements + "</Item>"
}

const onDisk1 = "<HostResource>ovf:/disk/disk1</HostResource>"

func TestParseDescriptorSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		document []byte
		want     string
	}{
		"nothing":             {nil, "EOF"},
		"no XML":              {[]byte("PK\x03\x04"), "illegal character"},
		"not UTF-8":           {envelope("<VirtualSystem ovf:id=\"\xff\"/>"), "invalid UTF-8"},
		"foreign encoding":    {[]byte(`<?xml version="1.0" encoding="UTF-16"?><Envelope/>`), "UTF-16"},
		"an encoding of 1981": {[]byte(`<?xml version="1.0" encoding="IBM437"?><Envelope/>`), `encoding "IBM437", expected UTF-8 or UTF-16`},
		"half a character":    {[]byte("\xfe\xff\x00<\x00"), "ends in the middle of a character"},
		"another document":    {[]byte("<domain><name>kvm</name></domain>"), `root element is "domain"`},
		"no system":           {envelope(""), "describes no virtual system"},
		"empty collection":    {envelope(`<VirtualSystemCollection ovf:id="c"/>`), "describes no virtual system"},
		"two systems":         {envelope(`<VirtualSystem ovf:id="a"/><VirtualSystem ovf:id="b"/>`), "outside of a VirtualSystemCollection"},
		"system, collection":  {envelope(`<VirtualSystem ovf:id="a"/><VirtualSystemCollection ovf:id="b"/>`), "outside of a VirtualSystemCollection"},
		"bottomless":          {envelope(strings.Repeat("<VirtualSystem>", 20000)), "closed by"},
		"huge":                {envelope(strings.Repeat(" ", 16<<20)), "larger than"},
		"OS id is no number":  {envelope(`<VirtualSystem ovf:id="a"><OperatingSystemSection ovf:id="x"/></VirtualSystem>`), "not a well-formed OVF"},
		"unknown firmware":    {machine("", `<vmw:Config vmw:key="firmware" vmw:value="openfirmware"/>`), `firmware is "openfirmware"`},
		"property, no key":    {envelope(`<VirtualSystem ovf:id="a"><ProductSection><Property ovf:type="string"/></ProductSection></VirtualSystem>`), "no key"},
		"item without type":   {machine("", "<Item><InstanceID>5</InstanceID></Item>"), `item "5" has no ResourceType`},
		"item type no number": {
			machine("", "<Item><ResourceType>disk</ResourceType></Item>"), "not a well-formed OVF",
		},

		"no disk section":      {machine("", diskItem(onDisk1)), `"ovf:/disk/disk1" is not in the disk section`},
		"unknown disk":         {machine(`<Disk ovf:diskId="disk2" ovf:capacity="1"/>`, diskItem(onDisk1)), "not in the disk section"},
		"disk without an id":   {machine(`<Disk ovf:capacity="1"/>`, diskItem(onDisk1)), "not in the disk section"},
		"no resource":          {machine("", diskItem("")), "neither HostResource nor VirtualQuantity"},
		"two resources":        {machine("", diskItem(onDisk1+onDisk1)), "2 HostResource elements"},
		"no capacity":          {machine(`<Disk ovf:diskId="disk1"/>`, diskItem(onDisk1)), `capacity "" is not a whole number`},
		"negative capacity":    {machine(`<Disk ovf:diskId="disk1" ovf:capacity="-1"/>`, diskItem(onDisk1)), `capacity "-1"`},
		"capacity, unknown":    {machine(`<Disk ovf:diskId="disk1" ovf:capacity="${size}"/>`, diskItem(onDisk1)), `property "size", which has no value`},
		"unknown unit":         {machine(`<Disk ovf:diskId="disk1" ovf:capacity="1" ovf:capacityAllocationUnits="MB"/>`, diskItem(onDisk1)), `unit "MB"`},
		"unit out of range":    {machine(`<Disk ovf:diskId="disk1" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^64"/>`, diskItem(onDisk1)), "2^64"},
		"capacity beyond int":  {machine(`<Disk ovf:diskId="disk1" ovf:capacity="9223372036854775808"/>`, diskItem(onDisk1)), "out of range"},
		"capacity times unit":  {machine(`<Disk ovf:diskId="disk1" ovf:capacity="17179869184" ovf:capacityAllocationUnits="byte * 2^30"/>`, diskItem(onDisk1)), "out of range"},
		"negative populated":   {machine(`<Disk ovf:diskId="disk1" ovf:capacity="1" ovf:populatedSize="-1"/>`, diskItem(onDisk1)), "populatedSize is -1"},
		"unit number, a word":  {machine("", diskItem("<VirtualQuantity>1</VirtualQuantity><AddressOnParent>first</AddressOnParent>")), `AddressOnParent is "first"`},
		"quantity, wrong unit": {machine("", diskItem("<VirtualQuantity>1</VirtualQuantity><AllocationUnits>sectors</AllocationUnits>")), `unit "sectors"`},
		"bus number, a word": {
			machine("", "<Item><ElementName>SCSI 0</ElementName><InstanceID>3</InstanceID><Address>zero</Address><ResourceType>6</ResourceType></Item>"+
				diskItem("<VirtualQuantity>1</VirtualQuantity><Parent>3</Parent>")),
			`controller "SCSI 0": Address is "zero"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			descriptor, err := image.ParseDescriptor(test.document)
			if descriptor != nil || !errors.Is(err, image.ErrDescriptor) {
				t.Fatalf("ParseDescriptor = %+v, %v, want ErrDescriptor", descriptor, err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}

func TestFirmwareIsBIOSUnlessTheImageSaysEFI(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]image.Firmware{"": image.BIOS, "bios": image.BIOS, "efi": image.EFI, "EFI": image.EFI} {
		descriptor, err := image.ParseDescriptor(machine("", `<vmw:Config vmw:key="firmware" vmw:value="`+written+`"/>`))
		if err != nil {
			t.Errorf("firmware %q: %v", written, err)
		} else if descriptor.Firmware != want {
			t.Errorf("firmware %q = %s, want %s", written, descriptor.Firmware, want)
		}
	}
}

func TestHardwareVersionIsReadFromOneVersionOnly(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]*int32{
		"vmx-19":         ptr[int32](19),
		" VMX-07 ":       ptr[int32](7),
		"21":             ptr[int32](21),
		"vmx-99":         ptr[int32](99),
		"vmx-13 vmx-19":  nil,
		"virtualbox-2.2": nil,
		"vmx-0":          nil,
		"":               nil,
	} {
		descriptor, err := image.ParseDescriptor(machine("", "<System><VirtualSystemType>"+written+"</VirtualSystemType></System>"))
		if err != nil {
			t.Fatalf("version %q: %v", written, err)
		}
		if diff := cmp.Diff(want, descriptor.HardwareVersion); diff != "" {
			t.Errorf("version %q (-want +got):\n%s", written, diff)
		}
	}
}

func TestOperatingSystemIsThatOfVSphereOrLookedUp(t *testing.T) {
	t.Parallel()
	for section, want := range map[string]*image.OSInfo{
		"":                                      nil,
		`<OperatingSystemSection ovf:id="36"/>`: {ID: "otherLinuxGuest", Type: "Linux"},
		`<OperatingSystemSection ovf:id="80" ovf:version="9"/>`:                                {ID: "rhel9_64Guest", Type: "Linux", Version: "9"},
		`<OperatingSystemSection ovf:id="94" ovf:version="22.04" vmw:osType=""/>`:              {ID: "ubuntu64Guest", Type: "Linux", Version: "22.04"},
		`<OperatingSystemSection ovf:id="36" vmw:osType="windows2022srvNext_64Guest"/>`:        {ID: "windows2022srvNext_64Guest", Type: "Windows"},
		`<OperatingSystemSection ovf:id="77" ovf:version="6"/>`:                                {ID: "", Type: "Other", Version: "6"},
		`<OperatingSystemSection ovf:id="101" ovf:version=" 5.0" vmw:osType="photon64Guest"/>`: {ID: "photon64Guest", Type: "Linux", Version: "5.0"},
	} {
		descriptor, err := image.ParseDescriptor(envelope(`<VirtualSystem ovf:id="vm">` + section + `</VirtualSystem>`))
		if err != nil {
			t.Fatalf("%s: %v", section, err)
		}
		if diff := cmp.Diff(want, descriptor.OS); diff != "" {
			t.Errorf("%s (-want +got):\n%s", section, diff)
		}
		var guestID string
		if want != nil {
			guestID = want.ID
		}
		if got := descriptor.GuestID(); got != guestID {
			t.Errorf("%s: GuestID() = %q, want %q", section, got, guestID)
		}
	}
}

func TestFamilyKnowsEveryGuestIDThatIsLinuxOrBSD(t *testing.T) {
	t.Parallel()
	for guestID, want := range map[string]string{
		"photon64Guest":         "Linux",
		"vmwarePhoton64Guest":   "Linux",
		"almalinux_64Guest":     "Linux",
		"asianux8_64Guest":      "Linux",
		"fusionos_64Guest":      "Linux",
		"crxPod1Guest":          "Linux",
		"UBUNTU64GUEST":         "Linux",
		"windows9Server64Guest": "Windows",
		"winXPProGuest":         "Windows",
		"darwin22_64Guest":      "Darwin",
		"freebsd14_64Guest":     "BSD",
		"FreeBSD64Guest":        "BSD",
		"solaris11_64Guest":     "Solaris",
		"netware6Guest":         "Other",
		"vmkernel8Guest":        "Other",
		"otherGuest64":          "Other",
		"":                      "Other",
	} {
		if got := image.Family(guestID); got != want {
			t.Errorf("Family(%q) = %s, want %s", guestID, got, want)
		}
	}
	// What vSphere knows and nobody placed would be Other here; these few really are.
	for _, guestID := range types.VirtualMachineGuestOsIdentifier("").Values() {
		name := strings.ToLower(string(guestID))
		other := false
		for _, prefix := range []string{"dos", "ecom", "netware", "openserver", "os2", "otherguest", "unixware", "vmkernel"} {
			other = other || strings.HasPrefix(name, prefix)
		}
		if got := image.Family(string(guestID)); (got == "Other") != other {
			t.Errorf("Family(%q) = %s", guestID, got)
		}
	}
}

func TestDisksWithoutAControllerOfVSphereHaveNoControllerType(t *testing.T) {
	t.Parallel()
	for name, controller := range map[string]string{
		"no such item":        "",
		"item is no hardware": "<ResourceType>3</ResourceType>",
		"other storage":       "<ResourceType>20</ResourceType><ResourceSubType>VirtIO</ResourceSubType>",
		"storage, no subtype": "<ResourceType>20</ResourceType>",
	} {
		if controller != "" {
			controller = "<Item><InstanceID>3</InstanceID>" + controller + "</Item>"
		}
		descriptor, err := image.ParseDescriptor(machine("",
			controller+diskItem("<VirtualQuantity>1</VirtualQuantity><Parent>3</Parent>")))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := descriptor.Disks[0]; got.ControllerType != "" || got.ControllerBusNumber != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestFirstDeploymentOptionIsActiveWhereNoneIsDefault(t *testing.T) {
	t.Parallel()
	descriptor, err := image.ParseDescriptor(envelope(`
		<DiskSection><Disk ovf:diskId="disk1" ovf:capacity="${p}"/></DiskSection>
		<DeploymentOptionSection><Configuration ovf:id="a"/><Configuration ovf:id="b"/></DeploymentOptionSection>
		<VirtualSystem ovf:id="vm">
			<ProductSection ovf:class="c">
				<Property ovf:key="p" ovf:type="int"><Value ovf:value="3"/><Value ovf:value="7" ovf:configuration="b"/></Property>
				<Property ovf:key="q" ovf:type="string" ovf:configuration="b"/>
				<Property ovf:key="r" ovf:type="string" ovf:value="1"><Value ovf:value="2" ovf:configuration="b"/></Property>
			</ProductSection>
			<VirtualHardwareSection>` + diskItem(onDisk1) + `</VirtualHardwareSection>
		</VirtualSystem>`))
	if err != nil {
		t.Fatal(err)
	}
	if descriptor.Configuration != "a" || len(descriptor.Configurations) != 2 || descriptor.Configurations[0].ID != "a" {
		t.Errorf("active %q of %+v, want a of a, b", descriptor.Configuration, descriptor.Configurations)
	}
	var got []string
	for _, property := range descriptor.Properties {
		got = append(got, property.QualifiedKey()+"="+value(property.Default))
	}
	if diff := cmp.Diff([]string{"c.p=3", "c.r=1"}, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if capacity := descriptor.Disks[0].CapacityBytes; capacity != 3 {
		t.Errorf("capacity = %d, want that of the property under option a, 3", capacity)
	}
}

func TestElementsOfAnOptionDoNotCountWithoutOptions(t *testing.T) {
	t.Parallel()
	descriptor, err := image.ParseDescriptor(machine("",
		`<Item ovf:configuration="big"><ElementName>NIC</ElementName><ResourceType>10</ResourceType></Item>`))
	if err != nil {
		t.Fatal(err)
	}
	if len(descriptor.NICs) != 0 {
		t.Errorf("NICs = %+v, want none", descriptor.NICs)
	}
}
