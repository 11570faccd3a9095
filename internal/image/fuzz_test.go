package image_test

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// FuzzParseDescriptor looks for documents that panic, and for descriptors that make
// impossible images.
func FuzzParseDescriptor(f *testing.F) {
	for _, name := range descriptorNames(f) {
		f.Add(readDescriptor(f, name))
	}
	f.Add(machine("", diskItem(onDisk1)))
	f.Add(propertyDocument(attribute("ovf:type", "string"), attribute("ovf:qualifiers", `ValueMap{"a\`)))
	f.Fuzz(func(t *testing.T, document []byte) {
		descriptor, err := image.ParseDescriptor(document)
		if (descriptor == nil) == (err == nil) {
			t.Fatalf("descriptor %v with error %v", descriptor, err)
		}
		described := image.Describe(libraryItem("fuzz"), descriptor, err)
		if ready, reason, _ := described.Status.Ready(); ready != (err == nil) || reason == "" {
			t.Errorf("ready = %t, %q with error %v", ready, reason, err)
		}
		if err != nil {
			return
		}
		if descriptor.Firmware != image.BIOS && descriptor.Firmware != image.EFI {
			t.Errorf("firmware %q", descriptor.Firmware)
		}
		names := map[string]bool{}
		for _, disk := range descriptor.Disks {
			if disk.CapacityBytes < 0 || disk.Capacity == "" || names[disk.Name] {
				t.Errorf("disk %+v", disk)
			}
			names[disk.Name] = true
		}
	})
}
