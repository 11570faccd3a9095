package observed_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
)

func TestAPartIsSyncedOrSaysWhatItTakes(t *testing.T) {
	t.Parallel()
	part := func(impossible string, lacks ...observed.Lack) observed.Part {
		return observed.Part{Type: observed.TypeComputeSynced, Mismatch: observed.ReasonComputeMismatch, Impossible: impossible, Lacks: lacks}
	}
	live, off := observed.Lack{Attribute: "resources.requests.cpu", Why: "it is hot"}, observed.Lack{Attribute: "resources.size.memory", PowerOff: true, Why: "no hot-add"}
	for name, test := range map[string]struct {
		part observed.Part
		want observed.Condition
	}{
		"the same":   {part(""), observed.Condition{Status: "True", Reason: "True"}},
		"a mismatch": {part("", live), observed.Condition{Status: "False", Reason: "ComputeConfigMismatch", Message: "The machine differs from its configuration in resources.requests.cpu"}},
		"power off":  {part("", live, off), observed.Condition{Status: "False", Reason: "PowerOffRequired", Message: "The machine differs from its configuration in resources.requests.cpu, resources.size.memory (no hot-add)"}},
		"impossible": {part("the memory is locked", off), observed.Condition{Status: "False", Reason: "PrerequisiteNotMet", Message: "the memory is locked"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.Type = observed.TypeComputeSynced
			if diff := cmp.Diff(test.want, test.part.Synced()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDevicesAreVerifiedWhereAllPartsAre(t *testing.T) {
	t.Parallel()
	volumes := observed.Condition{Type: observed.TypeVolumesVerified, Status: "True"}
	drives := observed.Condition{Type: observed.TypeDrivesVerified, Status: "False"}
	if got := observed.Devices(); got != nil {
		t.Errorf("without parts: %v", got)
	}
	if got := observed.Devices(volumes); got.Status != "True" || got.Message != "" {
		t.Errorf("%v", got)
	}
	want := &observed.Condition{Type: observed.TypeDevicesVerified, Status: "False", Reason: "HardwareDeviceConfigMismatch", Message: "Not as configured: VirtualMachineHardwareCDROMVerified"}
	if diff := cmp.Diff(want, observed.Devices(volumes, drives)); diff != "" {
		t.Error(diff)
	}
}

func TestConditionsOfThePlaceAndThePower(t *testing.T) {
	t.Parallel()
	here := observed.Location{Folder: "group-1", ResourcePool: "resgroup-1"}
	elsewhere := observed.Location{ResourcePool: "resgroup-2"}
	for name, test := range map[string]struct{ got, want observed.Condition }{
		"created":     {observed.Created(false), observed.Condition{Type: observed.TypeCreated, Status: "True", Reason: "True"}},
		"not created": {observed.Created(true), observed.Condition{Type: observed.TypeCreated, Status: "False", Reason: "NotCreated", Message: "The machine bears the mark of a creation that has not come to its end"}},
		"power":       {observed.PowerStateSynced("PoweredOn", "PoweredOn"), observed.Condition{Type: observed.TypePowerStateSynced, Status: "True", Reason: "True"}},
		"other power": {observed.PowerStateSynced("PoweredOn", "Suspended"), observed.Condition{Type: observed.TypePowerStateSynced, Status: "False", Reason: "NotSynced", Message: "The machine is Suspended and was left PoweredOn"}},
		"here":        {observed.LocationValid("a", here, here, "/dc/vm/a/web"), observed.Condition{Type: observed.TypeLocationValid, Status: "True", Reason: "True"}},
		"elsewhere": {observed.LocationValid("a", here, elsewhere, "/dc/vm/web"), observed.Condition{
			Type: observed.TypeLocationValid, Status: "False", Reason: "Moved", Message: `/dc/vm/web is not in the folder and resource pool of the namespace "a"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
