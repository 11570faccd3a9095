package observed

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

func TestGuestCustomization(t *testing.T) {
	t.Parallel()
	reported := func(status, message string) *types.GuestInfo {
		return &types.GuestInfo{CustomizationInfo: &types.GuestInfoCustomizationInfo{CustomizationStatus: status, ErrorMsg: message}}
	}
	const waits = "A guest customization waits for the next power-on"
	const deferred = "A changed guest customization has not been handed to vSphere, because the virtual machine is powered on"
	deployed := map[string]string{keyDeployedPkg: "imcf-AbCdEf"}
	for _, test := range []struct {
		name string
		in   Input
		want Condition
	}{
		{"no guest information", Input{}, Condition{Status: "Unknown", Reason: "NoGuestInfo"}},
		{"no customization information", Input{Guest: &types.GuestInfo{}}, Condition{Status: "Unknown", Reason: "NoGuestInfo"}},
		{"idle", Input{Guest: reported("TOOLSDEPLOYPKG_IDLE", "")}, Condition{Status: "True", Reason: "True"}},
		{"empty", Input{Guest: reported("", "")}, Condition{Status: "True", Reason: "True"}},
		{"pending", Input{Guest: reported("TOOLSDEPLOYPKG_PENDING", "")}, Condition{Status: "False", Reason: "GuestCustomizationPending"}},
		{"running", Input{Guest: reported("TOOLSDEPLOYPKG_RUNNING", "")}, Condition{Status: "False", Reason: "GuestCustomizationRunning"}},
		{"succeeded", Input{Guest: reported("TOOLSDEPLOYPKG_SUCCEEDED", "")}, Condition{Status: "True", Reason: "True"}},
		{
			"failed, with the guest's message",
			Input{Guest: reported("TOOLSDEPLOYPKG_FAILED", "no perl")},
			Condition{Status: "False", Reason: "GuestCustomizationFailed", Message: "no perl"},
		},
		{
			"failed, without a message",
			Input{Guest: reported("TOOLSDEPLOYPKG_FAILED", "")},
			Condition{Status: "False", Reason: "GuestCustomizationFailed", Message: "The guest reports a failed customization without saying why"},
		},
		{
			"anything else, with a message",
			Input{Guest: reported("TOOLSDEPLOYPKG_NEW", "eh")},
			Condition{Status: "False", Reason: "Unknown", Message: "eh"},
		},
		{
			"anything else, without a message",
			Input{Guest: reported("TOOLSDEPLOYPKG_NEW", "")},
			Condition{Status: "False", Reason: "Unknown", Message: "Unexpected customization status TOOLSDEPLOYPKG_NEW"},
		},
		{
			"a package that waits is not success",
			Input{Guest: reported("TOOLSDEPLOYPKG_SUCCEEDED", ""), ExtraConfig: deployed},
			Condition{Status: "False", Reason: "GuestCustomizationPending", Message: waits},
		},
		{
			"the machine's own flag is not idleness",
			Input{Guest: reported("TOOLSDEPLOYPKG_IDLE", ""), PendingCustomization: "/tmp/imcf"},
			Condition{Status: "False", Reason: "GuestCustomizationPending", Message: waits},
		},
		{
			"a package waits where the guest says nothing",
			Input{ExtraConfig: deployed},
			Condition{Status: "False", Reason: "GuestCustomizationPending", Message: waits},
		},
		{
			"pending both ways",
			Input{Guest: reported("TOOLSDEPLOYPKG_PENDING", ""), ExtraConfig: deployed},
			Condition{Status: "False", Reason: "GuestCustomizationPending", Message: waits},
		},
		{
			"the key without a value",
			Input{Guest: reported("TOOLSDEPLOYPKG_IDLE", ""), ExtraConfig: map[string]string{keyDeployedPkg: ""}},
			Condition{Status: "True", Reason: "True"},
		},
		{
			"a run is under way while the package is there",
			Input{Guest: reported("TOOLSDEPLOYPKG_RUNNING", ""), ExtraConfig: deployed},
			Condition{Status: "False", Reason: "GuestCustomizationRunning"},
		},
		{
			"a failure is not hidden by the package",
			Input{Guest: reported("TOOLSDEPLOYPKG_FAILED", "no perl"), ExtraConfig: deployed},
			Condition{Status: "False", Reason: "GuestCustomizationFailed", Message: "no perl"},
		},
		{
			"a changed one has not been handed over",
			Input{Guest: reported("TOOLSDEPLOYPKG_SUCCEEDED", ""), DeferredCustomization: true},
			Condition{Status: "False", Reason: "GuestCustomizationPending", Message: deferred},
		},
		{
			"the package that waits is told before the one that is not handed over",
			Input{Guest: reported("TOOLSDEPLOYPKG_IDLE", ""), DeferredCustomization: true, ExtraConfig: deployed},
			Condition{Status: "False", Reason: "GuestCustomizationPending", Message: waits},
		},
		{
			"a failure is not hidden by what is not handed over",
			Input{Guest: reported("TOOLSDEPLOYPKG_FAILED", "no perl"), DeferredCustomization: true},
			Condition{Status: "False", Reason: "GuestCustomizationFailed", Message: "no perl"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.Type = TypeGuestCustomization
			if diff := cmp.Diff(test.want, conditionOf(test.in, TypeGuestCustomization)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The end of a customization stays in vCenter until the guest begins another one.
func TestAnEarlierCustomizationIsNotTakenForTheNewOne(t *testing.T) {
	t.Parallel()
	at := func(minute int) *time.Time {
		moment := time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC)
		return &moment
	}
	elsewhere := at(1).In(time.FixedZone("elsewhere", 3600))
	info := func(status, message string, began, ended *time.Time) *types.GuestInfoCustomizationInfo {
		return &types.GuestInfoCustomizationInfo{CustomizationStatus: status, ErrorMsg: message, StartTime: began, EndTime: ended}
	}
	const (
		succeeded = "TOOLSDEPLOYPKG_SUCCEEDED"
		failed    = "TOOLSDEPLOYPKG_FAILED"
		running   = "TOOLSDEPLOYPKG_RUNNING"
		idle      = "TOOLSDEPLOYPKG_IDLE"
	)
	begins := Condition{
		Type: TypeGuestCustomization, Status: "False", Reason: "GuestCustomizationPending",
		Message: "The guest has not begun the customization that vSphere was last asked for",
	}
	done := Condition{Type: TypeGuestCustomization, Status: "True", Reason: "True"}
	for _, test := range []struct {
		name    string
		earlier time.Time
		now     *types.GuestInfoCustomizationInfo
		want    Condition
	}{
		{"the same success", *at(1), info(succeeded, "", at(1), at(2)), begins},
		{"the same success, told in another time zone", *at(1), info(succeeded, "", &elsewhere, at(2)), begins},
		{"the same failure", *at(1), info(failed, "no perl", at(1), at(2)), begins},
		{"another beginning", *at(1), info(succeeded, "", at(2), at(2)), done},
		{"no times", *at(1), info(succeeded, "", nil, nil), done},
		{
			"another failure", *at(1), info(failed, "no python", at(3), at(4)),
			Condition{Type: TypeGuestCustomization, Status: "False", Reason: "GuestCustomizationFailed", Message: "no python"},
		},
		{
			"still running", *at(1), info(running, "", at(1), nil),
			Condition{Type: TypeGuestCustomization, Status: "False", Reason: "GuestCustomizationRunning"},
		},
		{"idle is no end", *at(1), info(idle, "", nil, nil), done},
		{"the first one", time.Time{}, info(succeeded, "", at(1), at(2)), done},
		{"the first one, without times", time.Time{}, info(succeeded, "", nil, nil), done},
		{"a guest that does not report any more", *at(1), nil, Condition{Type: TypeGuestCustomization, Status: "Unknown", Reason: "NoGuestInfo"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := Input{Provider: ProviderLinuxPrep, EarlierCustomization: test.earlier, Guest: &types.GuestInfo{CustomizationInfo: test.now}}
			if diff := cmp.Diff(test.want, conditionOf(in, TypeGuestCustomization)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := conditionOf(Input{EarlierCustomization: *at(1)}, TypeGuestCustomization); got.Reason != ReasonNoGuestInfo {
		t.Errorf("without guest information: %v", got)
	}
}
