package image_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// A machine that names an image by reference is replaced with it, and the plan says so.
func TestAMachineIsReplacedWithItsImage(t *testing.T) {
	newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	const web = "vmoperator_virtual_machine.web"
	machine := `
resource "vmoperator_virtual_machine" "web" {
  name        = "web"
  power_state = "PoweredOff"
  image       = vmoperator_virtual_machine_image.golden.image
}
`
	shared := strings.Replace(image(file(ova)), `"team-a-images"
  name`, `"base-images"
  name`, 1)
	var before string
	story(t,
		resource.TestStep{Config: image(file(ova)) + machine, ConfigStateChecks: []statecheck.StateCheck{remember("image.name", &before)}},
		resource.TestStep{
			Config: shared + machine,
			ConfigPlanChecks: planned(
				does(plancheck.ResourceActionReplace), plancheck.ExpectResourceAction(web, plancheck.ResourceActionReplace),
				plancheck.ExpectUnknownValue(web, pathTo("image.name")),
			),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(web, pathTo("image.kind"), is("ClusterVirtualMachineImage")),
				statecheck.ExpectKnownValue(web, pathTo("image.name"), knownvalue.StringFunc(func(now string) error {
					if now == before {
						t.Errorf("the machine is still one of the image %s", before)
					}
					return nil
				})),
			},
		},
	)
}
