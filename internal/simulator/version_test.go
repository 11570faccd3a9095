package simulator_test

import (
	"testing"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestAPIVersionIsTheOneThatWasAskedFor(t *testing.T) {
	for want, opts := range map[string][]simulator.Option{
		simulator.DefaultAPIVersion: nil,
		"9.1.0.0":                   {simulator.WithAPIVersion("9.1.0.0")},
	} {
		s, c := start(t, opts...)
		if about := c.c.ServiceContent.About; about.ApiVersion != want || about.Version != want[:5] || s.APIVersion() != want {
			t.Errorf("about: %+v", about)
		}
		if err := c.c.UseServiceVersion(); err != nil || c.c.Version != want {
			t.Errorf("the versions that it serves: %s, %v", c.c.Version, err)
		}
	}
	if _, err := simulator.New(simulator.WithAPIVersion("newest")); err == nil {
		t.Error("a version that is none was taken")
	}
}

func TestAPIRefusesWhatItsVersionDoesNotKnow(t *testing.T) {
	s, c := start(t)
	vm := c.customizable(simulator.ItemPhoton, "web")
	password := linuxPrep("")
	password.Identity.(*types.CustomizationLinuxPrep).Password = &types.CustomizationPassword{Value: "s3cret", PlainText: true}
	tagged := types.VirtualMachineConfigSpec{TagSpecs: []types.TagSpec{{}}}
	for version, tooNew := range map[string]bool{"8.0.3.0": true, "9.0.0.0": true, "9.1.0.0": false, "10.0": false} {
		if err := s.SetAPIVersion(version); err != nil {
			t.Fatal(err)
		}
		if err := c.reconfigure(vm, tagged); fault.Is(err, &types.InvalidRequest{}) != tooNew {
			t.Errorf("%s: a tag: %v", version, err)
		}
	}
	if err := s.SetAPIVersion("8.0.3.0"); err != nil {
		t.Fatal(err)
	}
	if err := tryCustomize(t, vm, password); !fault.Is(err, &types.InvalidRequest{}) {
		t.Errorf("a password: %v", err)
	}
	if err := s.SetAPIVersion("9.1.0.0"); err != nil {
		t.Fatal(err)
	}
	if err := tryCustomize(t, vm, password); err != nil {
		t.Errorf("a password for 9.1: %v", err)
	}
}
