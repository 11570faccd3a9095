package virtualmachine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

func TestTheHardwareOfAMachineIsItsImages(t *testing.T) {
	t.Parallel()
	version := int32(19)
	for name, test := range map[string]struct {
		descriptor *image.Descriptor
		want       machine.DeploySpec
	}{
		"no descriptor": {nil, machine.DeploySpec{}},
		"one that says nothing": {
			&image.Descriptor{Firmware: image.BIOS},
			machine.DeploySpec{Firmware: "bios"},
		},
		"one that says everything, memory rounded up": {
			&image.Descriptor{
				OS: &image.OSInfo{ID: "ubuntu64Guest"}, Firmware: image.EFI, HardwareVersion: &version,
				CPUs: 2, MemoryBytes: 1<<30 + 1,
			},
			machine.DeploySpec{GuestID: "ubuntu64Guest", Firmware: "efi", HardwareVersion: 19, CPUs: 2, MemoryMB: 1025},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got machine.DeploySpec
			hardware(&got, test.descriptor)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
