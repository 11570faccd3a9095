package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const cloudInitVM = `
resource "vmoperator_virtual_machine" "web" {
  name       = "cloud-init-vm"
  image_name = "Photon OS 5.0"
  class_name = "best-effort-small"

  network {
    host_name      = "my-vm"
    domain_name    = "example.com"
    nameservers    = ["8.8.8.8", "8.8.4.4"]
    search_domains = ["example.com"]

    interface {
      name              = "eth0"
      guest_device_name = "ens160"
      dhcp4             = true
      dhcp6             = false
    }

    interface {
      name        = "eth1"
      addresses   = ["10.0.1.100/24"]
      gateway4    = "10.0.1.1"
      nameservers = ["10.0.1.53"]
      network { name = "backend" }
      route {
        to     = "10.0.2.0/24"
        via    = "10.0.1.254"
        metric = 100
      }
    }
  }

  bootstrap {
    cloud_init {
      cloud_config {
        user {
          name = "vmware"
          sudo = "ALL=(ALL) NOPASSWD:ALL"
        }
      }
    }
  }
}
`

const web = "vmoperator_virtual_machine.web"

func TestMachineIsDeployedWithItsNetworkPlanned(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	connect(t, sim.Connection())
	config := tfjsonpath.New("status").AtMapKey("network").AtMapKey("config")
	story(t,
		resource.TestStep{
			Config: hcl(cloudInitVM),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(web, tfjsonpath.New("image"), knownvalue.ObjectExact(map[string]knownvalue.Check{
					"kind": knownvalue.StringExact("ClusterVirtualMachineImage"),
					"name": knownvalue.StringExact("vmi-0a0044d7c690bcbea"),
				})),
				plancheck.ExpectKnownValue(web, config.AtMapKey("interfaces").AtSliceIndex(1).AtMapKey("ip").AtMapKey("gateway4"), knownvalue.StringExact("10.0.1.1")),
				plancheck.ExpectUnknownValue(web, tfjsonpath.New("id")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(web, tfjsonpath.New("status").AtMapKey("network").AtMapKey("host_name"), knownvalue.StringExact("my-vm.example.com")),
			},
		},
		resource.TestStep{
			ResourceName: web, ImportState: true, ImportStateVerify: true,
		},
	)
}
