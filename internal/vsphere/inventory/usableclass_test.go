package inventory

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// read reads a class as vCenter describes it: its own members beside an id and a size.
func read(t *testing.T, members string) Class {
	t.Helper()
	text := `{"id":"c","cpu_count":2,"memory_mb":2048,"config_status":"READY"` + members + `}`
	var info classInfo
	if err := json.Unmarshal([]byte(text), &info); err != nil {
		t.Fatal(err)
	}
	return vcenterClass(&info)
}

func TestAClassThatAsksForMoreThanIsAppliedIsNotUsable(t *testing.T) {
	t.Parallel()
	spec := func(members string) string {
		return `,"config_spec":{"_typeName":"VirtualMachineConfigSpec",` + members + `}`
	}
	device := func(device string) string {
		return spec(`"deviceChange":[{"_typeName":"VirtualDeviceConfigSpec","operation":"add","device":` + device + `}]`)
	}
	for _, test := range []struct {
		name, members string
		// want are parts of the reason; none for a class that is usable.
		want []string
	}{
		{"nothing but a size", ``, nil},
		{"an empty config_spec", `,"config_spec":{}`, nil},
		{"no config_spec", `,"config_spec":null`, nil},
		{"only a type", `,"config_spec":{"_typeName":"VirtualMachineConfigSpec"}`, nil},
		{"what comes from elsewhere", spec(`"numCPUs":8,"memoryMB":1,"name":"n","uuid":"u","instanceUuid":"i","guestId":"otherGuest64","firmware":"efi","files":{"_typeName":"VirtualMachineFileInfo","vmPathName":"[ds]"}`), nil},
		{"members that ask for nothing", spec(`"annotation":"","version":null,"swapPlacement":"","npivNodeWorldWideName":[],"flags":{"_typeName":"VirtualMachineFlagInfo"}`), nil},
		{"allocations", spec(`"cpuAllocation":{"_typeName":"ResourceAllocationInfo","reservation":10},"memoryAllocation":{"_typeName":"ResourceAllocationInfo","reservation":10}`), nil},
		{"what a machine gets", spec(`"annotation":"gold","version":"vmx-21","cpuHotAddEnabled":false,"nestedHVEnabled":true,"latencySensitivity":{"_typeName":"LatencySensitivity","level":"high","sensitivity":0}`), nil},
		{"an unreadable hardware version", spec(`"version":"vmx-next"`), []string{`hardware version "vmx-next"`, "vmx-21"}},
		{"a firmware that there is not", spec(`"firmware":"coreboot"`), []string{`firmware "coreboot"`, "bios and efi"}},
		{"a firmware in capitals", spec(`"firmware":"EFI"`), nil},
		{"one that is not applied", spec(`"swapPlacement":"hostLocal"`), []string{"config_spec's swapPlacement,"}},
		{"a switch that is off and not applied", spec(`"guestAutoLockEnabled":false`), []string{"guestAutoLockEnabled"}},
		{"several, in order", spec(`"tools":{"_typeName":"ToolsConfigInfo","syncTimeWithHost":true},"nestedHVEnabled":true,"bootOptions":{"_typeName":"VirtualMachineBootOptions","efiSecureBootEnabled":true},"crypto":{"_typeName":"CryptoSpecEncrypt","cryptoKeyId":{"_typeName":"CryptoKeyId","keyId":"k"}}`), []string{"config_spec's bootOptions, crypto, tools,"}},
		{"flags", spec(`"flags":{"_typeName":"VirtualMachineFlagInfo","vvtdEnabled":true,"vbsEnabled":false,"htSharing":"any"}`), nil},
		{"a flag that needs more", spec(`"flags":{"_typeName":"VirtualMachineFlagInfo","vvtdEnabled":true,"vbsEnabled":true}`), []string{"config_spec's flags.vbsEnabled,"}},
		{"a flag that nobody here knows", spec(`"flags":{"_typeName":"VirtualMachineFlagInfo","quantumEnabled":true}`), []string{"config_spec's flags.quantumEnabled,"}},
		{"a member that nobody here knows", spec(`"quantumCores":{"level":3}`), []string{"quantumCores"}},
		{"settings", spec(`"extraConfig":[{"_typeName":"OptionValue","key":"b","value":{"_typeName":"string","_value":"s3cret"}}]`), nil},
		{"the key that VM Operator drops", spec(`"extraConfig":[{"_typeName":"OptionValue","key":"maintenance.vm.evacuation.poweroff","value":{"_typeName":"string","_value":"true"}}]`), nil},
		{"a disk, which comes from the image", device(`{"_typeName":"VirtualDisk","key":-1,"capacityInKB":1,"backing":{"_typeName":"VirtualDiskFlatVer2BackingInfo","fileName":"","diskMode":"persistent"}}`), nil},
		{"a raw device mapping", device(`{"_typeName":"VirtualDisk","key":-1,"capacityInKB":1,"backing":{"_typeName":"VirtualDiskRawDiskMappingVer1BackingInfo","fileName":"","diskMode":""}}`), []string{"a VirtualDisk"}},
		{"a vGPU", device(`{"_typeName":"VirtualPCIPassthrough","key":-1,"backing":{"_typeName":"VirtualPCIPassthroughVmiopBackingInfo","vgpu":"grid"}}`), []string{`the vGPU "grid"`}},
		{"a network card", device(`{"_typeName":"VirtualVmxnet3","key":-1}`), []string{"a network card"}},
		{"a TPM", device(`{"_typeName":"VirtualTPM","key":-1}`), []string{"a VirtualTPM"}},
		{"listed devices", `,"devices":{"vgpu_devices":[{"profile_name":"grid"}],"dynamic_direct_path_io_devices":[{"vendor_id":1,"device_id":2}]}`, []string{"a PCI device", `the vGPU "grid"`}},
		{"listed devices, as an older interface has them", `,"devices":{"direct_path_io_devices":[{"vendor_id":1,"device_id":2}]}`, []string{"a PCI device"}},
		{"instance storage", `,"instance_storage":{"policy":"p","volumes":[{"size":1024},{"size":1}]}`, []string{"instance storage of 2 volumes"}},
		{"instance storage without volumes", `,"instance_storage":{"policy":"p","volumes":[]}`, nil},
		{"an end", `,"config_status":"REMOVING"`, []string{"being removed"}},
		{"a text that is no specification", `,"config_spec":[]`, []string{"config_spec cannot be read"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			class := read(t, test.members)
			if test.want == nil {
				if class.Unusable != nil {
					t.Errorf("it is not usable: %v", class.Unusable)
				}
				return
			}
			if !errors.Is(class.Unusable, vsphere.ErrInvalidArgument) {
				t.Fatalf("the reason is %v", class.Unusable)
			}
			for _, want := range append(test.want, `class "c"`, "virtual_machine_class") {
				if !strings.Contains(class.Unusable.Error(), want) {
					t.Errorf("%q does not say %q", class.Unusable, want)
				}
			}
		})
	}
}

func TestAClassOfVCenterIsReadWhole(t *testing.T) {
	t.Parallel()
	got := read(t, `,"description":"d","devices":{"vgpu_devices":[{"profile_name":"grid"}],"dynamic_direct_path_io_devices":[{"vendor_id":1,"device_id":2,"custom_label":"l"}]},
		"instance_storage":{"policy":"p","volumes":[{"size":1024}]}`)
	got.ConfigSpec, got.Unusable = nil, nil // see TestClassesOfVCenterReservePercentages
	want := Class{
		Name: "c", CPUs: 2, MemoryBytes: 2 << 30, FromVCenter: true, Description: "d",
		VGPUs: []string{"grid"}, DirectPath: []DirectPathDevice{{VendorID: 1, DeviceID: 2, CustomLabel: "l"}},
		InstanceStorage: &InstanceStorage{PolicyID: "p", VolumeBytes: []int64{1 << 30}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("class (-want +got):\n%s", diff)
	}
}
