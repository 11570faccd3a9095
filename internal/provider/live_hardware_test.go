package provider_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// TestAccLiveHardware shows what only a vCenter can show of a machine's hardware: which changes a
// running machine takes, that one reconfiguration carries all of those that it does not, that the
// boot order may name a disk that was just added, and that a disk which is kept is still there
// when the machine is gone.
//
// It needs what TestAccLiveMachine needs, but no address. With VMOPERATOR_LIVE_TEMPLATE and
// VMOPERATOR_LIVE_ISO it makes machines of a VM template and of an ISO image, too.
func TestAccLiveHardware(t *testing.T) {
	image, network := live(t, "IMAGE"), live(t, "NETWORK")
	name := fmt.Sprintf("tfacc-hw-%d", time.Now().Unix())
	config := func(name, image, rest string) string {
		return liveProvider(t) + fmt.Sprintf(`
resource "vmoperator_virtual_machine" "web" {
  name       = %q
  image_name = %q
  network {
    interface {
      name = "eth0"
      network { name = %q }
    }
  }
  bootstrap {}
%s
}
`, name, image, network, rest)
	}
	update := resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
	is := func(what string, check func(*machine.Observation) bool) resource.TestCheckFunc {
		return liveMachine(t, func(o *machine.Observation) error {
			if !check(o) {
				return fmt.Errorf("%s: %s", o.Title(), what)
			}
			return nil
		})
	}
	const small = `
  resources {
    size {
      cpu    = 2
      memory = "2Gi"
    }
  }
`
	needCLI(t)
	steps := []resource.TestStep{
		{
			Config: config(name, image, small+`
  advanced { extra_config = { "tfacc.one" = "1" } }
  volume {
    name     = "data"
    capacity = "1Gi"
  }
`),
			Check: is("no disk of 1 GiB beside that of the image", func(o *machine.Observation) bool {
				return len(o.Disks) > 1 && o.Disks[len(o.Disks)-1].CapacityBytes == 1<<30
			}),
		},
		{
			// A running machine takes all of this.
			Config: config(name, image, `
  resources {
    size {
      cpu    = 2
      memory = "2Gi"
    }
    requests { cpu = "100" }
  }
  advanced { extra_config = { "tfacc.one" = "2" } }
  volume {
    name     = "data"
    capacity = "2Gi"
  }
  volume {
    name     = "logs"
    capacity = "1Gi"
  }
`),
			ConfigPlanChecks: update,
		},
		{
			// And this only one that is off.
			Config: config(name, image, `
  allow_power_cycle = true
  resources {
    size {
      cpu    = 4
      memory = "3Gi"
    }
  }
  boot_options {
    boot_delay = "2s"
    boot_order { type = "Disk" }
    boot_order {
      type = "Disk"
      name = "more"
    }
  }
  volume {
    name     = "data"
    capacity = "2Gi"
  }
  volume {
    name           = "more"
    capacity       = "1Gi"
    disk_mode      = "IndependentPersistent"
    reclaim_policy = "Retain"
  }
`),
			ConfigPlanChecks: update,
			Check: is("it does not run with 4 processors, 3 GiB and two devices to boot from", func(o *machine.Observation) bool {
				return o.CPUs == 4 && o.MemoryMB == 3072 && len(machine.BootOrder(o)) == 2 && o.PowerState == "poweredOn"
			}),
		},
		{ResourceName: web, ImportState: true, ImportStateVerify: true},
	}
	if template := os.Getenv("VMOPERATOR_LIVE_TEMPLATE"); template != "" {
		steps = append(steps, resource.TestStep{Config: config(name+"-copy", template, small), Check: is("it bears the mark of an unfinished creation", func(o *machine.Observation) bool { return !o.Unfinished() })})
	}
	if iso := os.Getenv("VMOPERATOR_LIVE_ISO"); iso != "" {
		steps = append(steps, resource.TestStep{Config: config(name+"-empty", iso, small+`
  guest_id = "debian12_64Guest"
  volume {
    name     = "root"
    capacity = "1Gi"
  }
`), Check: is("its drive is empty", func(o *machine.Observation) bool { return len(o.CDROMs) == 1 && o.CDROMs[0].ISO != "" })})
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories(t), Steps: steps})
}
