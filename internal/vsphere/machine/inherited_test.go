package machine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

func TestAMachineInheritsWhatIsNotAboutAnotherOne(t *testing.T) {
	t.Parallel()
	image := ExtraConfig{
		"guestinfo.userdata": "x", "GuestInfo.Metadata": "x", "guestinfo.class": "image", "vmservice.vmi.labels": "a:b", "vmservice.note": "1",
		"imageregistry.id": "1", "vmoperator.record": "{}", "vmoperator.deploy": "1", CreateMark: "old", "custom": "stays",
	}
	spec := DeploySpec{
		ExtraConfig: map[string]string{"vmoperator.record": "new"},
		Base:        &types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: "GUESTINFO.class", Value: "class"}}},
	}
	want := map[string]string{"guestinfo.userdata": "", "GuestInfo.Metadata": "", "vmservice.note": "", "imageregistry.id": "", "vmoperator.deploy": ""}
	if diff := cmp.Diff(want, Inherited(image, spec.Given())); diff != "" {
		t.Errorf("what is removed (-want +got):\n%s", diff)
	}
}
