package machine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

func TestChangesMergeIntoOneSpec(t *testing.T) {
	t.Parallel()
	device := func(key int32) *types.VirtualDeviceConfigSpec {
		return &types.VirtualDeviceConfigSpec{Device: &types.VirtualDisk{VirtualDevice: types.VirtualDevice{Key: key}}}
	}
	var whole Change
	if !whole.Empty() {
		t.Error("a change of nothing is not empty")
	}
	first := Change{
		Spec:    types.VirtualMachineConfigSpec{NumCPUs: 2, DeviceChange: []types.BaseVirtualDeviceConfigSpec{device(1)}},
		Offline: []Reason{{PartCPU, "", "cold"}},
	}
	whole.Merge(first)
	whole.Merge(Change{
		Spec: types.VirtualMachineConfigSpec{
			MemoryMB: 4096, NumCPUs: 4, DeviceChange: []types.BaseVirtualDeviceConfigSpec{device(2), device(3)},
			ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: "a", Value: "b"}},
		},
		Offline: []Reason{{PartVolume, "data", "full"}}, NextStart: []Reason{{PartExtraConfig, "a", "later"}},
	})
	whole.Merge(Change{})
	want := Change{
		Spec: types.VirtualMachineConfigSpec{
			NumCPUs: 4, MemoryMB: 4096, DeviceChange: []types.BaseVirtualDeviceConfigSpec{device(1), device(2), device(3)},
			ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: "a", Value: "b"}},
		},
		Offline: []Reason{{PartCPU, "", "cold"}, {PartVolume, "data", "full"}}, NextStart: []Reason{{PartExtraConfig, "a", "later"}},
	}
	if diff := cmp.Diff(want, whole); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
	if len(first.Spec.DeviceChange) != 1 {
		t.Error("merging changed a part")
	}
}

func TestChangesAreCheckedAgainstThePowerState(t *testing.T) {
	t.Parallel()
	suspended := types.VirtualMachinePowerStateSuspended
	live := Change{Spec: types.VirtualMachineConfigSpec{Annotation: "x"}}
	cold := Change{Spec: types.VirtualMachineConfigSpec{NumCPUs: 4}, Offline: []Reason{{PartCPU, "", "no hot-add"}, {PartVolume, "data", "on IDE"}}}
	for name, tc := range map[string]struct {
		change Change
		power  types.VirtualMachinePowerState
		want   error
		text   string
	}{
		"nothing, suspended": {Change{}, suspended, nil, ""},
		"live, off":          {live, off, nil, ""},
		"live, on":           {live, on, nil, ""},
		"live, suspended":    {live, suspended, ErrSuspended, "Power it on or off first"},
		"cold, off":          {cold, off, nil, ""},
		"cold, on":           {cold, on, ErrNeedsPowerOff, `cpu: no hot-add; volume "data": on IDE`},
		"cold, suspended":    {cold, suspended, ErrSuspended, "vm-1"},
	} {
		err := tc.change.Check(seen(tc.power))
		if !errors.Is(err, tc.want) || tc.want != nil && (!errors.Is(err, vsphere.ErrInvalidState) || !contains(err, tc.text)) {
			t.Errorf("%s: error %v, want %v with %q", name, err, tc.want, tc.text)
		}
	}
}

func TestCardsAreAChangeLikeOthers(t *testing.T) {
	t.Parallel()
	have := seen(types.VirtualMachinePowerStateSuspended)
	have.NICs = []ObservedNIC{card(4000, "00:50:56:aa:00:01", placed("pg-1"))}
	change, plan, err := NICChange([]NIC{{Name: "eth0", Backing: portgroup("pg-1"), MAC: "00:50:56:00:00:01"}}, have, map[string]int32{"eth0": 4000})
	if err != nil || len(plan.Edit) != 1 || len(change.Spec.DeviceChange) != 1 || len(change.Offline) != 1 {
		t.Fatalf("change %+v, plan %+v, %v", change, plan, err)
	}
	if err := change.Check(have); !errors.Is(err, ErrSuspended) {
		t.Errorf("suspended: %v", err)
	}
	have.PowerState = on
	if err := change.Check(have); !errors.Is(err, ErrNeedsPowerOff) || !contains(err, `interface "eth0": the MAC address`) {
		t.Errorf("running: %v", err)
	}
	if change, _, err := NICChange([]NIC{{Name: "eth0", Backing: portgroup("pg-1")}}, have, nil); err != nil || !change.Empty() {
		t.Errorf("change %+v of nothing, %v", change, err)
	}
	if change, _, err := NICChange([]NIC{{Name: "eth0", Backing: portgroup("pg-2")}}, have, map[string]int32{"eth0": 4000}); err != nil || change.Check(have) != nil {
		t.Errorf("a running machine does not move between networks: %+v, %v", change, err)
	}
}
