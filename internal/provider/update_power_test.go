package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const smallVM = `
resource "vmoperator_virtual_machine" "web" {
  name              = "small-vm"
  image_name        = "Photon OS 5.0"
  class_name        = "best-effort-small"
  power_state       = "PoweredOn"
  allow_power_cycle = false
}
`

func TestPowerAndSizeFollowTheConfiguration(t *testing.T) {
	t.Parallel()
	sim := start(t)
	reset := look(func() { sim.ResetRequests() })
	power := func(want string) statecheck.StateCheck {
		return check(func() error {
			report, err := sim.GuestReport("small-vm")
			if err == nil && report.PowerState != want {
				t.Errorf("the machine is %s", report.PowerState)
			}
			return err
		})
	}
	step := func(config string, plan resource.ConfigPlanChecks, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{Config: namespaces + config, ConfigPlanChecks: plan, ConfigStateChecks: checks}
	}
	off := edited(t, smallVM, `"PoweredOn"`, `"PoweredOff"`)
	suspended := edited(t, smallVM, `"PoweredOn"`, `"Suspended"`)
	medium := edited(t, smallVM, `"best-effort-small"`, `"best-effort-medium"`)
	cycled := edited(t, medium, "false", "true")
	reserved := edited(t, cycled, `"best-effort-medium"`, `"guaranteed-medium"`)
	large := edited(t, off, `"best-effort-small"`, `"best-effort-large"`)
	story(t,
		step(off, planned(plans("power_state", is("PoweredOff"))), power("poweredOff"), shows("status.power_state", is("PoweredOff"))),
		// Without a bootstrap block LinuxPrep gives the guest its name when it is first turned on.
		step(smallVM, planned(does(plancheck.ResourceActionUpdate), reset), asked(t, sim, opReconfigure, "CustomizeVM_Task", opPowerOn, opReconfigure), power("poweredOn")),
		step(suspended, planned(does(plancheck.ResourceActionUpdate), reset), power("suspended"), shows("status.power_state", is("Suspended"))),
		// One that was suspended is resumed first, and changed when it runs.
		step(smallVM, planned(does(plancheck.ResourceActionUpdate), reset), asked(t, sim, opPowerOn, opReconfigure), power("poweredOn")),
		resource.TestStep{
			Config: namespaces + medium,
			ExpectError: fails("The change needs the machine powered off", `class_name        = "best-effort-medium"`,
				"Changing class_name (", "takes a machine that is powered off", "small-vm"),
		},
		step(cycled, planned(does(plancheck.ResourceActionUpdate), plans("status.class", is("best-effort-medium")), reset),
			look(func() {
				got := strings.Join(operations(sim.Requests(changing...)), " ")
				if got != "ShutdownGuest ReconfigVM_Task PowerOnVM_Task" {
					t.Errorf("the power cycle was %s", got)
				}
			}),
			reconfigured(t, sim, func(request simulator.Request) {
				if got := strings.Join(changes(request), " "); got != "extraConfig memoryMB" {
					t.Errorf("the reconfiguration has %s", got)
				}
			}),
			power("poweredOn"), shows("status.class", is("best-effort-medium"))),
		// A reservation is changed while the machine runs.
		step(reserved, planned(does(plancheck.ResourceActionUpdate), reset),
			sends(t, sim, []string{"cpuAllocation", "extraConfig", "memoryAllocation"}, []string{"vmoperator.record"}), asked(t, sim, opReconfigure)),
		step(large, planned(does(plancheck.ResourceActionUpdate), reset), power("poweredOff"), shows("class_name", is("best-effort-large")),
			shows("status.network.primary_ip4", knownvalue.Null())),
		resource.TestStep{
			Config:      namespaces + edited(t, suspended, `"small-vm"`, `"another-vm"`, `"web"`, `"other"`) + large,
			ExpectError: fails("A machine cannot be created suspended", `power_state       = "Suspended"`, `power_state = "PoweredOn"`),
		},
	)
}
