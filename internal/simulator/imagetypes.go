package simulator

import "github.com/vmware/govmomi/vapi/library"

// WithEveryImageType seeds images of the types that the catalogue lacks beside it: a virtual
// machine template, an installation medium in a library of its own, and a subscribed library that
// fetches on demand, with the library that it copies. The template is a machine in the inventory,
// which lists of machines show. The command cmd/vcsim does this unless it is told otherwise.
func WithEveryImageType() Option { return func(s *settings) { s.everyImageType = true } }

// Libraries of WithEveryImageType, with their ids, which are the same in every run.
const (
	// LibraryTemplates is the name of the library that holds virtual machine templates.
	LibraryTemplates = "templates"
	// LibraryInstallers is the name of the library that holds installation media.
	LibraryInstallers = "installers"
	// LibraryPublished is the name of the library that subscribed-images copies.
	LibraryPublished = "published-images"
	// LibrarySubscribed is the name of the library that is subscribed to published-images, on
	// demand: nothing of it has been fetched but descriptors.
	LibrarySubscribed = "subscribed-images"
	// LibraryTemplatesID is the id of templates.
	LibraryTemplatesID = "5f3a1a52-8c0e-4b35-9d5e-6f5a3c1f0a04"
	// LibraryInstallersID is the id of installers.
	LibraryInstallersID = "5f3a1a52-8c0e-4b35-9d5e-6f5a3c1f0a05"
	// LibraryPublishedID is the id of published-images.
	LibraryPublishedID = "5f3a1a52-8c0e-4b35-9d5e-6f5a3c1f0a06"
	// LibrarySubscribedID is the id of subscribed-images.
	LibrarySubscribedID = "5f3a1a52-8c0e-4b35-9d5e-6f5a3c1f0a07"
)

// Items of WithEveryImageType, with their ids, which are the same in every run.
const (
	// ItemTemplate is "Ubuntu 24.04 Template" in templates, a virtual machine template; its VMI ID
	// is vmi-28404dc9dfbf87ca6.
	ItemTemplate = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1401"
	// ItemInstaller is "Debian 12 Installer" in installers, an ISO: vmi-d3e131f98e98b770d.
	ItemInstaller = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1501"
	// ItemPublished is "AlmaLinux 9" in published-images, vmi-0ed4d168378b7ddc3, and
	// ItemPublishedISO its "AlmaLinux 9 Installer", vmi-6c2683e0af4e3abb6.
	ItemPublished    = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1601"
	ItemPublishedISO = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1602"
	// ItemSubscribed and ItemSubscribedISO are the copies of the same names in subscribed-images,
	// vmi-8e7789766cd2a8ec1 and vmi-6c1599b9e7c758a71 by their own ids.
	ItemSubscribed    = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1701"
	ItemSubscribedISO = "7b2f6a10-31c4-4d0a-8a55-0c5a2f8d1702"
)

// The machine behind ItemTemplate.
const (
	FolderTemplates      = "templates"             // /DC0/vm/templates
	TemplateMachine      = "Ubuntu 24.04 Template" // in it, with a disk of 12 GiB and a card on NetworkStandard
	TemplateInstanceUUID = "5024f3a0-6f0e-4a6f-9d11-0c5a2f8d1401"
	TemplateBIOSUUID     = "4224f3a0-6f0e-4a6f-9d11-0c5a2f8d1401"
)

const libraryTypeSubscribed = "SUBSCRIBED"

// imageTypes is the content of WithEveryImageType, without the template.
func imageTypes() []seedLibrary {
	alma, medium := almaLinux(), map[string][]byte{"AlmaLinux-9-x86_64-minimal.iso": iso()}
	return []seedLibrary{
		{id: LibraryTemplatesID, name: LibraryTemplates, description: "Virtual machine templates"},
		{id: LibraryInstallersID, name: LibraryInstallers, description: "Installation media", items: []seedItem{
			{id: ItemInstaller, name: "Debian 12 Installer", description: "Installation medium", kind: library.ItemTypeISO, files: map[string][]byte{"debian-12-amd64-netinst.iso": iso()}},
		}},
		{id: LibraryPublishedID, name: LibraryPublished, description: "Images that others subscribe to", published: true, items: []seedItem{
			{id: ItemPublished, name: "AlmaLinux 9", description: "AlmaLinux 9 cloud image", ovf: alma},
			{id: ItemPublishedISO, name: "AlmaLinux 9 Installer", description: "Installation medium", kind: library.ItemTypeISO, files: medium},
		}},
		{id: LibrarySubscribedID, name: LibrarySubscribed, description: "Copies on demand", source: LibraryPublishedID, items: []seedItem{
			{id: ItemSubscribed, name: "AlmaLinux 9", description: "AlmaLinux 9 cloud image", ovf: alma, source: ItemPublished},
			{id: ItemSubscribedISO, name: "AlmaLinux 9 Installer", description: "Installation medium", kind: library.ItemTypeISO, files: medium, source: ItemPublishedISO},
		}},
	}
}

func almaLinux() *descriptor {
	return linux("almalinux-9", "almalinux_64Guest", 101, "AlmaLinux", "9")
}

// templateMachine is what the template was made of.
func templateMachine() *descriptor {
	d := linux("ubuntu-24.04", "ubuntu64Guest", 94, "Ubuntu", "24.04 LTS")
	d.Products[0].Vendor, d.Hardware, d.CPUs, d.MemoryMB = "Canonical", "vmx-19", 2, 2048
	d.Disks = []descriptorDisk{{CapacityGiB: 12, PopulatedGiB: 2}}
	return d
}
