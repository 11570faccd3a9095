package image_test

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

func TestMemoryIsReadInItsUnit(t *testing.T) {
	t.Parallel()
	for unit, want := range map[string]int64{
		"": 512 << 20, "byte * 2^20": 512 << 20, "MegaBytes": 512 << 20, "MB": 512 << 20, "megabyte": 512 << 20,
		"GigaBytes": 512 << 30, "GB": 512 << 30, "byte * 2^30": 512 << 30, "kibibytes": 512 << 10, "bytes": 512,
	} {
		descriptor, err := image.ParseDescriptor(machine("",
			"<Item><ResourceType>4</ResourceType><AllocationUnits>"+unit+"</AllocationUnits><VirtualQuantity>512</VirtualQuantity></Item>"))
		if err != nil || descriptor.MemoryBytes != want {
			t.Errorf("512 of %q: %+v, %v, want %d bytes", unit, descriptor, err, want)
		}
	}
	for name, item := range map[string]string{
		"an unknown unit":     "<ResourceType>4</ResourceType><AllocationUnits>pages</AllocationUnits><VirtualQuantity>1</VirtualQuantity>",
		"too many processors": "<ResourceType>3</ResourceType><VirtualQuantity>2147483648</VirtualQuantity>",
	} {
		if descriptor, err := image.ParseDescriptor(machine("", "<Item>"+item+"</Item>")); err == nil {
			t.Errorf("%s: %+v", name, descriptor)
		}
	}
	if descriptor, err := image.ParseDescriptor(machine("", "<Item><ResourceType>4</ResourceType></Item>")); err != nil || descriptor.MemoryBytes != 0 {
		t.Errorf("without an amount: %+v, %v", descriptor, err)
	}
}
