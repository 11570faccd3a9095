package image_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// TestAccLiveImage shows what only a vCenter can show: that it takes the files of an OVA one by
// one, agrees with them, and lets go of those of the former content when it gets another.
//
// It needs VSPHERE_SERVER and its companions, VMOPERATOR_LIVE_LIBRARY, a local content library,
// and VMOPERATOR_LIVE_OVA and VMOPERATOR_LIVE_OVA2, two OVAs of files with different names. With
// VMOPERATOR_LIVE_OVA_URL, a URL that vCenter can read, it also fetches one.
func TestAccLiveImage(t *testing.T) {
	settings := map[string]string{}
	for _, name := range []string{"LIBRARY", "OVA", "OVA2"} {
		if settings[name] = os.Getenv("VMOPERATOR_LIVE_" + name); settings[name] == "" {
			t.Skipf("VMOPERATOR_LIVE_%s is not set: the test needs a real vCenter", name)
		}
	}
	name := fmt.Sprintf("tfacc-%d", time.Now().Unix())
	config := func(name, source string) string {
		return fmt.Sprintf(`
resource "vmoperator_virtual_machine_image" "golden" {
  content_library = %q
  name            = %q
  description     = "Made by a test"
  source {
    %s
  }
}
`, settings["LIBRARY"], name, source)
	}
	ready := shows("status.conditions.0.status", is("True"))
	var id, vmi, version string
	steps := []resource.TestStep{
		{
			Config: config(name, file(settings["OVA"])),
			ConfigStateChecks: []statecheck.StateCheck{
				ready, remember("id", &id), remember("image.name", &vmi), remember("status.provider_content_version", &version), shows("description", is("Made by a test")),
			},
		},
		{
			Config:            config(name+"-renamed", file(settings["OVA"])),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{ready, unchanged("id", &id), unchanged("status.provider_content_version", &version)},
		},
		{
			Config:            config(name+"-renamed", file(settings["OVA2"])),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{ready, unchanged("id", &id), unchanged("image.name", &vmi), shows("status.disks", knownvalue.NotNull())},
		},
	}
	if from := os.Getenv("VMOPERATOR_LIVE_OVA_URL"); from != "" {
		steps = append(steps, resource.TestStep{
			Config:            config(name+"-renamed", fmt.Sprintf("url = %q", from)),
			ConfigStateChecks: []statecheck.StateCheck{ready, unchanged("id", &id)},
		})
	}
	story(t, steps...)
}
