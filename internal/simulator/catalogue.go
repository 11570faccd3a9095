package simulator

// Content libraries of the seed, with their ids, which are the same in every run.
const (
	// LibraryBaseImages is the name of the library that holds the images of the whole cluster.
	LibraryBaseImages = "base-images"
	// LibraryTeamAImages is the name of the library that holds the images of one namespace.
	LibraryTeamAImages = "team-a-images"
	// LibraryPartnerImages is the name of a second library for the whole cluster.
	LibraryPartnerImages = "partner-images"
	// LibraryBaseImagesID is the id of base-images.
	LibraryBaseImagesID = "5f3a1a52-8c0e-4b35-9d5e-6f5a3c1f0a01"
	// LibraryTeamAImagesID is the id of team-a-images.
	LibraryTeamAImagesID = "5f3a1a52-8c0e-4b35-9d5e-6f5a3c1f0a02"
	// LibraryPartnerImagesID is the id of partner-images.
	LibraryPartnerImagesID = "5f3a1a52-8c0e-4b35-9d5e-6f5a3c1f0a03"
)

// Library items of the seed, with their ids, which are the same in every run.
const (
	// ItemPhoton is "Photon OS 5.0" in base-images; its VMI ID is vmi-0a0044d7c690bcbea.
	ItemPhoton = "e1968c25-dd84-4506-8dc7-9beacb6b688e"
	// ItemUbuntu is "Ubuntu 22.04 LTS" in base-images.
	ItemUbuntu = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1101"
	// ItemWindows is "Windows Server 2022" in base-images.
	ItemWindows = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1102"
	// ItemAppliance is "Custom Appliance" in base-images, with OVF properties of many types. A
	// machine made of it turns on once network.ip0 has a value, and network.domain is no
	// expression any more or its network has a profile.
	ItemAppliance = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1103"
	// ItemISO is "Ubuntu 22.04 Installer" in base-images, an ISO.
	ItemISO = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1104"
	// ItemCentOSBase is "CentOS Stream 9" in base-images.
	ItemCentOSBase = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1105"
	// ItemDebianBase is "Debian 12" in base-images.
	ItemDebianBase = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1106"
	// ItemBroken is "Broken Appliance" in base-images; its descriptor does not parse.
	ItemBroken = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1107"
	// ItemCentOSPartner is "CentOS Stream 9" in partner-images: one name twice, if both
	// libraries serve one scope.
	ItemCentOSPartner = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1301"
	// ItemDebianTeamA is "Debian 12" in team-a-images: in the namespace and in the cluster.
	ItemDebianTeamA = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1201"
	// ItemRocky is "Rocky Linux 9" in team-a-images only.
	ItemRocky = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1202"
)

// capabilities is the property by which an image says what it can do.
const capabilities = "capabilities.image.vmoperator.vmware.com"

// seedLibrary and seedItem are one content library and what is in it.
type seedLibrary struct {
	id, name, description string
	items                 []seedItem
	published             bool
	source                string // id of the library that it is subscribed to, on demand
}

type seedItem struct {
	id, name, description string
	ovf                   *descriptor
	files                 map[string][]byte // instead of ovf
	kind                  string            // library item type, "ovf" when empty
	source                string            // id of the item that it is a copy of
}

// catalogue is the seed's content.
func catalogue() []seedLibrary {
	return []seedLibrary{
		{id: LibraryBaseImagesID, name: LibraryBaseImages, description: "Images of the whole cluster", items: []seedItem{
			{id: ItemPhoton, name: "Photon OS 5.0", description: "Photon OS 5.0 with cloud-init", ovf: photon()},
			{id: ItemUbuntu, name: "Ubuntu 22.04 LTS", description: "Ubuntu Jammy cloud image", ovf: ubuntu()},
			{id: ItemWindows, name: "Windows Server 2022", description: "Windows Server 2022 Standard", ovf: windows()},
			{id: ItemAppliance, name: "Custom Appliance", description: "An appliance configured by OVF properties", ovf: appliance()},
			{
				id: ItemISO, name: "Ubuntu 22.04 Installer", description: "Installation medium", kind: "iso",
				files: map[string][]byte{"ubuntu-22.04-live-server-amd64.iso": iso()},
			},
			{id: ItemCentOSBase, name: "CentOS Stream 9", description: "CentOS Stream 9", ovf: linux("centos-stream-9", "centos9_64Guest", 107, "CentOS Stream", "9")},
			{id: ItemDebianBase, name: "Debian 12", description: "Debian Bookworm", ovf: linux("debian-12", "debian12_64Guest", 96, "Debian", "12")},
			{
				id: ItemBroken, name: "Broken Appliance", description: "Its descriptor ends in the middle",
				files: map[string][]byte{"broken.ovf": []byte("<?xml version=\"1.0\"?>\n<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"><References><File")},
			},
		}},
		{id: LibraryPartnerImagesID, name: LibraryPartnerImages, description: "Images of a partner, for the whole cluster", items: []seedItem{
			{id: ItemCentOSPartner, name: "CentOS Stream 9", description: "CentOS Stream 9, hardened", ovf: linux("centos-stream-9-hardened", "centos9_64Guest", 107, "CentOS Stream", "9")},
		}},
		{id: LibraryTeamAImagesID, name: LibraryTeamAImages, description: "Images of team-a", items: []seedItem{
			{id: ItemDebianTeamA, name: "Debian 12", description: "Debian Bookworm of team-a", ovf: linux("debian-12-team-a", "debian12_64Guest", 96, "Debian", "12")},
			{id: ItemRocky, name: "Rocky Linux 9", description: "Rocky Linux 9", ovf: linux("rocky-9", "rockylinux_64Guest", 101, "Rocky Linux", "9")},
		}},
	}
}

// photon is the image of the documents' examples. Its guest id is the one that the vSphere
// API has for Photon OS; the API refuses "photon64Guest".
func photon() *descriptor {
	return &descriptor{
		ID: "photon-5.0", GuestID: "vmwarePhoton64Guest", CIMOS: 36, OS: "5.0",
		Firmware: "efi", SecureBoot: true, Hardware: "vmx-19", CPUs: 1, MemoryMB: 2048, NICs: 1,
		Transport: "com.vmware.guestInfo",
		Disks:     []descriptorDisk{{CapacityGiB: 20, PopulatedGiB: 2}},
		Products: []product{{
			Name: "Photon OS", Vendor: "VMware", Version: "5.0", FullVersion: "5.0.0-20230629",
			Properties: []property{
				{Key: "hostname", Type: "string", Default: "photon-vm", Configurable: true, Label: "Host name"},
				{Key: capabilities, Type: "string", Default: "cloud-init,nvidia-gpu", Label: "Capabilities"},
			},
		}},
	}
}

func ubuntu() *descriptor {
	d := linux("ubuntu-22.04", "ubuntu64Guest", 94, "Ubuntu", "22.04 LTS")
	d.OS, d.Products[0].Vendor = "22.04", "Canonical"
	d.Disks = []descriptorDisk{{CapacityGiB: 10, PopulatedGiB: 1}}
	d.Products[0].Properties = append(d.Products[0].Properties,
		property{Key: "hostname", Type: "string", Default: "ubuntuguest", Configurable: true, Label: "Host name"},
		property{Key: "user-data", Type: "string", Configurable: true, Label: "Encoded user data"},
		property{Key: "password", Type: "string", Configurable: true, Password: true, Label: "Default user's password"})
	return d
}

// linux is a cloud-init image without anything special.
func linux(id, guestID string, cim int, name, version string) *descriptor {
	return &descriptor{
		ID: id, GuestID: guestID, CIMOS: cim, OS: version, Firmware: "efi", Hardware: "vmx-17",
		CPUs: 1, MemoryMB: 1024, NICs: 1, Transport: "com.vmware.guestInfo iso",
		Disks: []descriptorDisk{{CapacityGiB: 16, PopulatedGiB: 1}},
		Products: []product{{
			Name: name, Vendor: name, Version: version, FullVersion: version,
			Properties: []property{{Key: capabilities, Type: "string", Default: "cloud-init"}},
		}},
	}
}

func windows() *descriptor {
	return &descriptor{
		ID: "windows-2022", GuestID: "windows2019srvNext_64Guest", CIMOS: 102, OS: "10.0.20348",
		Firmware: "efi", SecureBoot: true, Hardware: "vmx-19", CPUs: 2, MemoryMB: 4096, NICs: 1,
		Disks: []descriptorDisk{{CapacityGiB: 60, PopulatedGiB: 12}},
		Products: []product{{
			Name: "Windows Server", Vendor: "Microsoft", Version: "2022",
			FullVersion: "10.0.20348.1",
		}},
	}
}

// appliance has OVF properties of every kind that a type check has to tell apart, with one
// id, site, in two classes, and an expression that only a network with a profile can answer.
func appliance() *descriptor {
	return &descriptor{
		ID: "custom-appliance", GuestID: "other5xLinux64Guest", CIMOS: 101, Hardware: "vmx-15",
		CPUs: 2, MemoryMB: 4096, NICs: 2, Transport: "com.vmware.guestInfo",
		Disks:       []descriptorDisk{{CapacityGiB: 8, PopulatedGiB: 1}, {CapacityGiB: 32}},
		ExtraConfig: [][2]string{{"appliance.role", "node"}},
		Products: []product{
			{
				Name: "Custom Appliance", Vendor: "Example", Version: "1.2", FullVersion: "1.2.3",
				Properties: []property{
					{Key: "role", Type: "string", Qualifiers: `ValueMap{"node","controller"}`, Default: "node", Configurable: true, Label: "Role"},
					{Key: "build", Type: "string", Default: "1234", Label: "Build"},
				},
			},
			{Class: "network", Properties: []property{
				{Key: "ip0", Type: "ip:nic0", Configurable: true, Label: "IP address", Description: "Address of the first network card"},
				{Key: "gateway", Type: "string", Qualifiers: "MinLen(0) MaxLen(15)", Configurable: true, Label: "Default gateway"},
				{Key: "dns", Type: "string", Configurable: true, Label: "DNS servers", Description: "Separated by commas"},
				{Key: "netmask", Type: "string", Default: "255.255.255.0", Configurable: true, Label: "Netmask"},
				{Key: "ntp", Type: "string", Qualifiers: "Ip", Default: "192.0.2.123", Configurable: true, Label: "Time server"},
				{Key: "domain", Type: "expression", Default: "${domainName:nic0}", Label: "DNS domain"},
				{Key: "mtu", Type: "uint16", Qualifiers: "MinValue(576) MaxValue(9000)", Default: "1500", Configurable: true, Label: "MTU"},
			}},
			{Class: "app", Instance: "main", Properties: []property{
				{Key: "ssh", Type: "boolean", Default: "False", Configurable: true, Label: "SSH enabled"},
				{Key: "workers", Type: "int", Qualifiers: "MinValue(1) MaxValue(64)", Default: "4", Configurable: true, Label: "Workers"},
				{Key: "level", Type: "sint8", Default: "0", Configurable: true, Label: "Level"},
				{Key: "ratio", Type: "real32", Default: "0.5", Configurable: true, Label: "Ratio"},
				{Key: "site", Type: "string", Qualifiers: "MaxLen(8)", Configurable: true, Label: "Site code"},
				{Key: "password", Type: "string", Qualifiers: "MinLen(8)", Default: "change-me", Configurable: true, Password: true, Label: "Administrator's password"},
				{Key: "serial", Type: "string", Default: "fixed", Label: "Serial number"},
			}},
			{Class: "backup", Properties: []property{
				{Key: "site", Type: "string", Default: "none", Configurable: true, Label: "Backup site"},
			}},
		},
	}
}

// iso is the smallest thing that is recognisably an ISO 9660 image: the volume descriptor.
func iso() []byte {
	b := make([]byte, 34*1024)
	copy(b[32*1024:], "\x01CD001\x01")
	return b
}
