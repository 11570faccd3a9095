package virtualmachine_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/acceptance"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// adoption imports the machine that foreign makes, and describes it.
const adoption = `
provider "vmoperator" {
  default_namespace         = "team-a"
  cluster_content_libraries = ["base-images"]
  namespace {
    name              = "team-a"
    content_libraries = ["team-a-images"]
    resource_pool     = "team-a"
    folder            = "team-a"
  }
}

import {
  to = vmoperator_virtual_machine.web
  id = "` + foreignID + `"
}

resource "vmoperator_virtual_machine" "web" {
  name        = "foreign"
  image_name  = "Photon OS 5.0"
  guest_id    = "ubuntu64Guest"
  power_state = "PoweredOff"

  resources {
    size {
      cpu    = 2
      memory = "4Gi"
    }
  }

  advanced {
    extra_config = { "svga.present" = "TRUE" }
  }

  network {
    interface {
      name     = "eth0"
      mac_addr = "00:50:56:0a:0b:01"
      network { name = "frontend" }
    }
    interface {
      name     = "eth1"
      mac_addr = "00:50:56:0a:0b:02"
      network { name = "backend" }
    }
  }

  bootstrap {
    cloud_init {
      raw_cloud_config { value = "#cloud-config\ntimezone: UTC\n" }
    }
  }

  volume {
    name                  = "data"
    capacity              = "20Gi"
    controller_type       = "SCSI"
    controller_bus_number = 0
    unit_number           = 1
  }

  hardware {
    cdrom {
      name  = "cd1"
      image = { kind = "ClusterVirtualMachineImage", name = "` + ubuntuISO + `" }
    }
  }

  boot_options {
    firmware = "EFI"
  }
}
`

// The whole way with a CLI: the import is an update in place, and nothing is left to do.
func TestAnImportBlockAdoptsAMachineMadeByOtherMeans(t *testing.T) {
	t.Parallel()
	acceptance.NeedCLI(t)
	sim := simulator.Start(t)
	to := sim.Connection()
	acceptance.Connect(t, to.Server, to.User, to.Password, to.CAFile)
	foreign(t, sim)
	const web = "vmoperator_virtual_machine.web"
	shows := func(path string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(web, acceptance.PathTo(path), want)
	}
	acceptance.Story(t,
		resource.TestStep{
			Config: adoption,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:            []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate)},
				PostApplyPreRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				shows("id", knownvalue.StringExact(foreignID)), shows("volume.0.name", knownvalue.StringExact("data")),
				shows("status.volumes", knownvalue.ListSizeExact(2)), shows("status.hardware.memory.total", knownvalue.StringExact("4Gi")),
			},
		},
		resource.TestStep{ResourceName: web, ImportState: true, ImportStateVerify: true},
	)
}
