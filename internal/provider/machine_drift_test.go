package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// fleetOfEveryType is a machine of an image of each type.
const fleetOfEveryType = `
resource "vmoperator_virtual_machine" "template" {
  name       = "template"
  image_name = "Ubuntu 24.04 Template"
}
resource "vmoperator_virtual_machine" "iso" {
  name       = "iso"
  image_name = "Debian 12 Installer"
  guest_id   = "debian12_64Guest"
  class_name = "best-effort-small"
  volume {
    name     = "boot"
    capacity = "8Gi"
  }
}
resource "vmoperator_virtual_machine" "ovf" {
  name       = "ovf"
  image_name = "AlmaLinux 9"
}
`

// Images change and go: machines stay as they are, and data sources tell.
func TestMachinesOfEveryTypeOutliveTheirImages(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	items := map[string]string{
		simulator.TemplateMachine: simulator.ItemTemplate, "Debian 12 Installer": simulator.ItemInstaller, "AlmaLinux 9": simulator.ItemSubscribed,
	}
	const sources = `
		data "vmoperator_virtual_machine_image" "template" { image_name = "Ubuntu 24.04 Template" }
		data "vmoperator_virtual_machine_image" "iso" { image_name = "Debian 12 Installer" }
		data "vmoperator_virtual_machine_image" "ovf" { image_name = "AlmaLinux 9" }
		output "versions" {
		  value = [
		    data.vmoperator_virtual_machine_image.template.status.provider_content_version,
		    data.vmoperator_virtual_machine_image.iso.status.provider_content_version,
		    data.vmoperator_virtual_machine_image.ovf.status.provider_content_version,
		  ]
		}
	`
	story(t,
		resource.TestStep{Config: everyLibrary + fleetOfEveryType},
		resource.TestStep{
			PreConfig: func() {
				for _, item := range items {
					if err := sim.TouchItem(item, "9"); err != nil {
						t.Error(err)
					}
				}
			},
			Config: everyLibrary + fleetOfEveryType, PlanOnly: true,
		},
		resource.TestStep{Config: everyLibrary + fleetOfEveryType + sources, ConfigStateChecks: []statecheck.StateCheck{lists("versions", "9", "9", "9")}},
		resource.TestStep{Config: everyLibrary + fleetOfEveryType}, // without the data sources, which would find nothing
		resource.TestStep{
			PreConfig: func() {
				for _, item := range items {
					deleteItem(t, sim, item)
				}
			},
			Config: everyLibrary + fleetOfEveryType, PlanOnly: true,
		},
		resource.TestStep{
			Config:      everyLibrary + fleetOfEveryType + sources,
			ExpectError: fails("Unable to find the image", `data "vmoperator_virtual_machine_image" "template"`, "No image has the display name"),
		},
	)
}
