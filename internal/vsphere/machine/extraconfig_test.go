package machine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

func TestExtraConfig(t *testing.T) {
	t.Parallel()
	have := ExtraConfig{"guestinfo.userdata": "x", "Disk.EnableUUID": "TRUE", "stale": "1"}
	if value, ok := have.Get("disk.enableuuid"); value != "TRUE" || !ok {
		t.Errorf("Get in another case = %q, %v", value, ok)
	}
	if _, ok := have.Get("absent"); ok {
		t.Error("Get finds a key that is absent")
	}
	got := have.Changes(map[string]string{
		"disk.enableUUID":    "TRUE", // as it is
		"stale":              "",     // to be removed
		"absent":             "",     // has nothing to remove
		"guestinfo.userdata": "y",
		"a":                  "new",
	})
	want := []types.BaseOptionValue{
		&types.OptionValue{Key: "a", Value: "new"},
		&types.OptionValue{Key: "guestinfo.userdata", Value: "y"},
		&types.OptionValue{Key: "stale", Value: ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got := have.Changes(map[string]string{"stale": "1"}); len(got) != 0 {
		t.Errorf("changes %v for what is there", got)
	}
}

func TestExtraConfigChangesTouchManagedKeysOnly(t *testing.T) {
	t.Parallel()
	have := Observation{ExtraConfig: ExtraConfig{"mine": "1", "Old": "2", "foreign": "3", "kept": "4"}}
	want, managed := map[string]string{"MINE": "9", "kept": "4", "new": "5"}, []string{"mine", "old", "kept", "gone"}
	option := func(key, value string) types.BaseOptionValue { return &types.OptionValue{Key: key, Value: value} }
	for power, tc := range map[types.VirtualMachinePowerState]struct {
		options   []types.BaseOptionValue
		nextStart []string
	}{
		off: {[]types.BaseOptionValue{option("MINE", "9"), option("new", "5"), option("old", "")}, nil},
		on: {
			[]types.BaseOptionValue{option("MINE", "9"), option("new", "5"), option("old", ""), option("vmx.reboot.powerCycle", "TRUE")},
			[]string{
				`extra_config "MINE": the machine reads it when it is powered on, or its guest restarts`,
				`extra_config "new": the machine reads it when it is powered on, or its guest restarts`,
				`extra_config "old": the machine reads it when it is powered on, or its guest restarts`,
			},
		},
	} {
		have.PowerState = power
		change := ExtraConfigChanges(want, managed, &have)
		if diff := cmp.Diff(tc.options, change.Spec.ExtraConfig); diff != "" {
			t.Errorf("%s: options (-want +got):\n%s", power, diff)
		}
		if diff := cmp.Diff(tc.nextStart, spoken(change.NextStart)); diff != "" || len(change.Offline) > 0 {
			t.Errorf("%s: next start (-want +got):\n%s", power, diff)
		}
		same := ExtraConfigChanges(map[string]string{"mine": "1", "Old": "2"}, []string{"mine"}, &have)
		if !same.Empty() {
			t.Errorf("%s: change %v of nothing", power, same.Spec.ExtraConfig)
		}
	}
}
