package provider_test

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// What an update of everything sends, and what a machine with a volume that is to be retained is
// deleted with: the disk is detached, and keeps its file, before the machine is destroyed.
func TestAFullUpdateAndADeletionAreSentAsRecorded(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	reset := look(func() { sim.ResetRequests() })
	recorded := func(name string) check {
		return func() error {
			text, err := transcript(sim.Requests(slices.DeleteFunc(slices.Clone(changing), func(op string) bool { return op == opDeploy })...))
			if err != nil {
				return err
			}
			return golden(name, text)
		}
	}
	before := life{name: "lively", power: "PoweredOn", class: "best-effort-small", cards: lifeCard0 + lifeCard1, volumes: lifeData + lifeScratch, advanced: lifeKeys}
	after := life{
		name: "renamed", power: "PoweredOn", class: "best-effort-medium", resources: lifeResource, cards: lifeMoved + lifeCard2,
		volumes:  lifeData + "  volume {\n    name     = \"more\"\n    capacity = \"2Gi\"\n  }\n  min_hardware_version = 21\n  boot_options {\n    boot_delay = \"2s\"\n    boot_order {\n      type = \"Disk\"\n      name = \"more\"\n    }\n  }\n  hardware {\n    cdrom {\n      name  = \"cd1\"\n      image = { kind = \"ClusterVirtualMachineImage\", name = \"" + ubuntuISOImage + "\" }\n    }\n  }\n",
		advanced: "    extra_config = { \"numa.vcpu.maxPerVirtualNode\" = \"2\" }\n    boot_disk_capacity = \"40Gi\"\n    change_block_tracking = true\n",
	}
	story(t,
		resource.TestStep{Config: before.hcl()},
		resource.TestStep{
			Config: after.hcl(), ConfigPlanChecks: planned(does(plancheck.ResourceActionUpdate), reset),
			ConfigStateChecks: stateChecks(recorded("update.txt")),
		},
		resource.TestStep{
			Config: namespaces, ConfigPlanChecks: planned(does(plancheck.ResourceActionDestroy), reset),
			ConfigStateChecks: stateChecks(recorded("delete.txt")),
		},
	)
}
