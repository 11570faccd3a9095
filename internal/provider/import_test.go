package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

const rawVM = `
resource "vmoperator_virtual_machine" "web" {
  name        = "raw-vm"
  image_name  = "vmi-0a0044d7c690bcbea"
  power_state = "PoweredOff"

  bootstrap {
    cloud_init {
      raw_cloud_config {
        value = "#cloud-config\npassword: canary\n"
      }
    }
  }
}
`

// A state that forgot the machine gets it back by its id, and a plan of the same
// configuration changes nothing afterwards.
func TestAnImportedMachineNeedsNoChange(t *testing.T) {
	t.Parallel()
	start(t)
	for name, test := range map[string]struct {
		config string
		// forgotten are what no import can know.
		forgotten []string
	}{
		"interfaces, files, users and secrets": {everything, []string{"bootstrap.secrets_wo", "network.interface.1.mac_addr"}},
		"raw user data":                        {rawVM, nil},
		"nothing but an image": {`
			resource "vmoperator_virtual_machine" "web" {
			  name  = "bare-vm"
			  image = { kind = "ClusterVirtualMachineImage", name = "vmi-0a0044d7c690bcbea" }
			}
		`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var id string
			story(t,
				resource.TestStep{Config: namespaces + test.config, ConfigStateChecks: []statecheck.StateCheck{remember("id", &id)}},
				resource.TestStep{ResourceName: web, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: test.forgotten},
				// As an import block does it, plan included.
				resource.TestStep{
					ResourceName: web, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
					ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionNoop)}},
				},
			)
		})
	}
}

func TestAMachineIsImportedByItsIdentity(t *testing.T) {
	t.Parallel()
	start(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: factories(t),
		Steps: []resource.TestStep{
			{Config: namespaces + cloudInitVM},
			{ResourceName: web, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestWhatCannotBeImportedIsSaid(t *testing.T) {
	t.Parallel()
	start(t)
	story(t,
		resource.TestStep{
			Config: namespaces + rawVM, ResourceName: web, ImportState: true, ImportStateId: "raw-vm",
			ExpectError: fails("Not an import id", "", `"raw-vm" is no form of it`),
		},
		resource.TestStep{
			Config: namespaces + rawVM, ResourceName: web, ImportState: true, ImportStateId: "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a",
			ExpectError: fails("Cannot import non-existent remote object", ""),
		},
	)
}
