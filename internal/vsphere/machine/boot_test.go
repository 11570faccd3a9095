package machine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

func TestBootChange(t *testing.T) {
	t.Parallel()
	yes, no := types.NewBool(true), types.NewBool(false)
	order := []types.BaseVirtualMachineBootOptionsBootableDevice{
		&types.VirtualMachineBootOptionsBootableCdromDevice{},
		&types.VirtualMachineBootOptionsBootableDiskDevice{DeviceKey: 2000},
		&types.VirtualMachineBootOptionsBootableEthernetDevice{DeviceKey: 4000},
	}
	wanted := []BootDevice{{Kind: BootCDROM}, {BootDisk, 2000}, {BootNetwork, 4000}}
	for name, tc := range map[string]struct {
		firmware string
		has      *types.VirtualMachineBootOptions
		want     BootOptions
		spec     types.VirtualMachineConfigSpec
		offline  []string
	}{
		"nothing is wanted": {"efi", &types.VirtualMachineBootOptions{BootDelay: 5, BootOrder: order}, BootOptions{}, types.VirtualMachineConfigSpec{}, nil},
		"nothing differs": {
			"efi", &types.VirtualMachineBootOptions{BootDelay: 5, BootRetryEnabled: yes, BootRetryDelay: 10, EfiSecureBootEnabled: yes, NetworkBootProtocol: "ipv6", BootOrder: order},
			BootOptions{Firmware: "EFI", DelayMS: types.NewInt64(5), Retry: yes, RetryDelayMS: types.NewInt64(10), SecureBoot: yes, NetworkBoot: NetworkBootIP6, Order: wanted},
			types.VirtualMachineConfigSpec{},
			nil,
		},
		"what vSphere does by itself": {"bios", nil, BootOptions{DelayMS: types.NewInt64(0), Retry: no, SecureBoot: no, NetworkBoot: NetworkBootIP4, Order: []BootDevice{}}, types.VirtualMachineConfigSpec{}, nil},
		"firmware":                    {"bios", nil, BootOptions{Firmware: "efi", SecureBoot: yes}, types.VirtualMachineConfigSpec{Firmware: "efi", BootOptions: &types.VirtualMachineBootOptions{EfiSecureBootEnabled: yes}}, []string{"firmware: bios cannot become efi while the machine runs", "boot_options: EFI secure boot cannot change while the machine runs"}},
		"everything": {
			"efi", &types.VirtualMachineBootOptions{BootRetryEnabled: no},
			BootOptions{DelayMS: types.NewInt64(5000), Retry: yes, RetryDelayMS: types.NewInt64(9000), NetworkBoot: NetworkBootIP6, Order: wanted},
			types.VirtualMachineConfigSpec{BootOptions: &types.VirtualMachineBootOptions{BootDelay: 5000, BootRetryEnabled: yes, BootRetryDelay: 9000, NetworkBootProtocol: "ipv6", BootOrder: order}},
			[]string{"boot_options: boot delay, boot retry delay, boot retry, network boot protocol, boot order cannot change while the machine runs"},
		},
		// An image with EFI has left it on, and vSphere refuses it beside a BIOS, whatever else changes.
		"secure boot that is left of EFI": {
			"bios", &types.VirtualMachineBootOptions{EfiSecureBootEnabled: yes},
			BootOptions{Retry: yes},
			types.VirtualMachineConfigSpec{BootOptions: &types.VirtualMachineBootOptions{BootRetryEnabled: yes, EfiSecureBootEnabled: no}},
			[]string{"boot_options: boot retry cannot change while the machine runs"},
		},
		// Govmomi leaves a zero out, and vSphere would leave the delay as it is.
		"no delay":              {"efi", &types.VirtualMachineBootOptions{BootDelay: 5000}, BootOptions{DelayMS: types.NewInt64(0)}, types.VirtualMachineConfigSpec{BootOptions: &types.VirtualMachineBootOptions{BootDelay: 1}}, []string{"boot_options: boot delay cannot change while the machine runs"}},
		"no delay, after that":  {"efi", &types.VirtualMachineBootOptions{BootDelay: 1}, BootOptions{DelayMS: types.NewInt64(0)}, types.VirtualMachineConfigSpec{}, nil},
		"the firmware's order":  {"efi", &types.VirtualMachineBootOptions{BootOrder: order}, BootOptions{Order: []BootDevice{}}, types.VirtualMachineConfigSpec{BootOptions: &types.VirtualMachineBootOptions{BootOrder: []types.BaseVirtualMachineBootOptionsBootableDevice{&types.VirtualMachineBootOptionsBootableDevice{}}}}, []string{"boot_options: boot order cannot change while the machine runs"}},
		"another order of them": {"efi", &types.VirtualMachineBootOptions{BootOrder: order}, BootOptions{Order: wanted[1:]}, types.VirtualMachineConfigSpec{BootOptions: &types.VirtualMachineBootOptions{BootOrder: order[1:]}}, []string{"boot_options: boot order cannot change while the machine runs"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change, err := BootChange(tc.want, &Observation{Firmware: tc.firmware, BootOptions: tc.has})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.spec, change.Spec); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.offline, spoken(change.Offline)); diff != "" {
				t.Errorf("offline (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBootOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]BootOptions{
		"secure boot of a BIOS": {SecureBoot: types.NewBool(true)},
		"no such firmware":      {Firmware: "uefi"},
		"no such protocol":      {NetworkBoot: "ipv4"},
		"no such device":        {Order: []BootDevice{{Kind: "CDROM"}}},
	} {
		if _, err := BootChange(want, &Observation{Firmware: "bios"}); !errors.Is(err, vsphere.ErrInvalidArgument) {
			t.Errorf("%s: error %v, want ErrInvalidArgument", name, err)
		}
	}
}

func TestChangeTrackingOfARunningMachineBeginsLater(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		have      Observation
		want      bool
		sent      *bool
		nextStart []string
	}{
		"as it is":     {Observation{PowerState: on, ChangeTracking: types.NewBool(true)}, true, nil, nil},
		"off as it is": {Observation{PowerState: on}, false, nil, nil},
		"on, off":      {Observation{PowerState: off}, true, types.NewBool(true), nil},
		"on, running":  {Observation{PowerState: on}, true, types.NewBool(true), []string{"change_block_tracking: vSphere begins and ends it when the machine is powered on"}},
		"off, running": {Observation{PowerState: on, ChangeTracking: types.NewBool(true)}, false, types.NewBool(false), []string{"change_block_tracking: vSphere begins and ends it when the machine is powered on"}},
	} {
		change := ChangeTrackingChange(tc.want, &tc.have)
		if diff := cmp.Diff(tc.sent, change.Spec.ChangeTrackingEnabled); diff != "" {
			t.Errorf("%s: sent (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tc.nextStart, spoken(change.NextStart)); diff != "" || change.Offline != nil {
			t.Errorf("%s: next start (-want +got):\n%s", name, diff)
		}
	}
}
