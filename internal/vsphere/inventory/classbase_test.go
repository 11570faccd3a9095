package inventory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

// option is a member of an extraConfig as vCenter writes it.
func option(key, kind, value string) string {
	return `{"_typeName":"OptionValue","key":"` + key + `","value":{"_typeName":"` + kind + `","_value":` + value + `}}`
}

func TestAClassIsTheBaseOfMachines(t *testing.T) {
	t.Parallel()
	yes, no := types.NewBool(true), types.NewBool(false)
	for name, test := range map[string]struct {
		members string // of the config_spec
		want    Class
	}{
		"nothing":       {``, Class{}},
		"a size":        {`"numCPUs":8,"memoryMB":1,"cpuAllocation":{"_typeName":"ResourceAllocationInfo","reservation":10}`, Class{}},
		"one machine's": {`"name":"n","uuid":"u","instanceUuid":"i","guestId":"otherGuest64","locationId":"l","changeVersion":"7"`, Class{}},
		"hardware":      {`"version":"vmx-21","firmware":"EFI"`, Class{HardwareVersion: 21, Firmware: "efi"}},
		"a bare number": {`"version":"19"`, Class{HardwareVersion: 19}},
		"processors and memory": {
			`"numCoresPerSocket":2,"cpuHotAddEnabled":true,"cpuHotRemoveEnabled":false,"memoryHotAddEnabled":true,"memoryReservationLockedToMax":true,
			 "latencySensitivity":{"_typeName":"LatencySensitivity","level":"high"},"nestedHVEnabled":true,"vPMCEnabled":true`,
			Class{Base: &types.VirtualMachineConfigSpec{
				NumCoresPerSocket: types.NewInt32(2), CpuHotAddEnabled: yes, CpuHotRemoveEnabled: no, MemoryHotAddEnabled: yes, MemoryReservationLockedToMax: yes,
				LatencySensitivity: &types.LatencySensitivity{Level: types.LatencySensitivitySensitivityLevelHigh}, NestedHVEnabled: yes, VPMCEnabled: yes,
			}},
		},
		"the rest": {
			`"annotation":"gold","changeTrackingEnabled":true,"flags":{"_typeName":"VirtualMachineFlagInfo","vvtdEnabled":true,"snapshotDisabled":false}`,
			Class{Base: &types.VirtualMachineConfigSpec{
				Annotation: "gold", ChangeTrackingEnabled: yes, Flags: &types.VirtualMachineFlagInfo{VvtdEnabled: yes, SnapshotDisabled: no},
			}},
		},
		"no flags": {`"flags":{"_typeName":"VirtualMachineFlagInfo"}`, Class{}},
		"settings, as text and in order": {
			`"extraConfig":[` + option("sched.mem.pin", "boolean", "true") + `,` + option("a", "string", `"x"`) + `,` + option("n", "int", "3") + `]`,
			Class{Base: &types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{
				&types.OptionValue{Key: "a", Value: "x"}, &types.OptionValue{Key: "n", Value: "3"}, &types.OptionValue{Key: "sched.mem.pin", Value: "true"},
			}}},
		},
		"settings of one machine": {
			`"extraConfig":[` + option("guestinfo.userdata", "string", `"x"`) + `,` + option("VMService.namespacedName", "string", `"a/b"`) + `,` +
				option("imageregistry.x", "string", `"x"`) + `,` + option("vmoperator.create", "string", `"x"`) + `,` +
				option("Maintenance.vm.evacuation.poweroff", "string", `"true"`) + `,` + option("", "string", `"x"`) + `]`,
			Class{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			members := `"_typeName":"VirtualMachineConfigSpec"`
			if test.members != "" {
				members += "," + test.members
			}
			class := read(t, `,"config_spec":{`+members+`}`)
			got := Class{HardwareVersion: class.HardwareVersion, Firmware: class.Firmware, Base: class.Base}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The members that are applied are those of the type that Base is made of: one that is in the
// list only would be read and ignored.
func TestWhatIsAppliedIsInTheBase(t *testing.T) {
	t.Parallel()
	for member, value := range map[string]string{
		"annotation": `"gold"`, "numCoresPerSocket": `2`,
		"cpuHotAddEnabled": `true`, "cpuHotRemoveEnabled": `true`, "memoryHotAddEnabled": `true`,
		"latencySensitivity": `{"_typeName":"LatencySensitivity","level":"high"}`, "memoryReservationLockedToMax": `true`,
		"nestedHVEnabled": `true`, "vPMCEnabled": `true`, "changeTrackingEnabled": `true`,
		"flags": `{"_typeName":"VirtualMachineFlagInfo","vvtdEnabled":true}`,
	} {
		if !applied[member] {
			t.Errorf("%s is not applied", member)
		}
		class := read(t, `,"config_spec":{"_typeName":"VirtualMachineConfigSpec","`+member+`":`+value+`}`)
		if class.Base == nil || class.Unusable != nil {
			t.Errorf("%s: base %v, %v", member, class.Base, class.Unusable)
		}
	}
	if len(applied) != 11 {
		t.Errorf("%d members are applied, and this test knows 11", len(applied))
	}
}
