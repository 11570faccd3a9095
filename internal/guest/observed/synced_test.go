package observed_test

import (
	"strings"
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

func TestAClassIsSyncedUnlessItOrTheMachineWasChanged(t *testing.T) {
	t.Parallel()
	two, four, none := observed.Size{CPUs: 2, MemoryMB: 1024}, observed.Size{CPUs: 4, MemoryMB: 1024}, observed.Size{}
	for name, test := range map[string]struct {
		applied, want, have observed.Size
		reason, says        string
	}{
		"as it was":                      {two, two, two, "True", ""},
		"the machine was changed":        {two, two, four, "MachineChanged", `The class "small" has 2 processors and the machine 4. The machine was changed since the class was applied`},
		"the class was changed":          {two, four, two, "ClassUpdated", `The class "small" has 4 processors and the machine 2. The class was changed since it was applied.`},
		"both were":                      {two, four, observed.Size{CPUs: 3, MemoryMB: 1024}, "ClassUpdated", "Both were changed"},
		"both were, to one size":         {two, four, four, "True", ""},
		"nobody remembers":               {none, two, four, "ClassUpdated", "and the machine 4. A class is applied when"},
		"what is written does not count": {two, observed.Size{MemoryMB: 1024}, four, "True", ""},
		"memory":                         {two, two, observed.Size{CPUs: 2, MemoryMB: 2048}, "MachineChanged", "has 1024 MiB of memory and the machine 2048 MiB."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := observed.ClassSynced("small", test.applied, test.want, test.have)
			if got.Reason != test.reason || !strings.Contains(got.Message, test.says) || (got.Status == "True") != (test.says == "") {
				t.Errorf("got %v, want the reason %s and %q", got, test.reason, test.says)
			}
		})
	}
}
