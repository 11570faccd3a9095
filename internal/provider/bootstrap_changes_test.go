package provider_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// applianceVM reads OVF properties.
const applianceVM = `
resource "vmoperator_virtual_machine" "web" {
  name       = "appliance-vm"
  image_name = "Custom Appliance"

  network {
    interface {
      name      = "eth0"
      addresses = ["10.0.0.30/24"]
    }
  }

  bootstrap {
    secrets_wo = { appliance = { password = "first-one", other = "second" } }
    vapp_config {
      property {
        key   = "ip0"
        value = "{{ V1alpha6_FirstIP }}"
      }
      property {
        key   = "gateway"
        value = "10.0.0.1"
      }
      property {
        key = "password"
        from {
          name = "appliance"
          key  = "password"
        }
      }
    }
  }
}
`

const gatewayProperty = `      property {
        key   = "gateway"
        value = "10.0.0.1"
      }
`

// edits are the values of OVF properties that a ReconfigVM_Task sets, by qualified key.
func edits(request simulator.Request) map[string]string {
	root, err := parseXML(request.Body)
	if err != nil {
		return nil
	}
	out := map[string]string{}
	for _, config := range root.find("vAppConfig") {
		for _, info := range config.find("info") {
			key := info.child("id")
			if class := info.child("classId"); class != "" {
				key = class + "." + key
			}
			if instance := info.child("instanceId"); instance != "" {
				key += "." + instance
			}
			out[key] = info.child("value")
		}
	}
	return out
}

// setsOnly checks which OVF properties the only ReconfigVM_Task of an apply sets.
func setsOnly(t *testing.T, sim *simulator.Simulator, want map[string]string) check {
	return reconfigured(t, sim, func(request simulator.Request) {
		t.Helper()
		if diff := cmp.Diff(want, edits(request), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("other properties are set (-want +got):\n%s", diff)
		}
	})
}

func TestOnlyAChangedPropertyIsPlannedAndSent(t *testing.T) {
	t.Parallel()
	sim := start(t)
	reset := look(func() { sim.ResetRequests() })
	settle := look(sim.Settle)
	revision := func(want int64) statecheck.StateCheck {
		return shows("status.bootstrap.revision", knownvalue.Int64Exact(want))
	}
	record := []string{"vmoperator.record"}
	both := []string{"extraConfig", "vAppConfig"}
	step := func(config string, plan resource.ConfigPlanChecks, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{Config: namespaces + config, ConfigPlanChecks: plan, ConfigStateChecks: append([]statecheck.StateCheck{settle}, checks...)}
	}
	moved := edited(t, applianceVM, `"10.0.0.1"`, `"10.0.0.254"`)
	rotated := edited(t, moved, "first-one", "other-one")
	reordered := edited(t, edited(t, rotated, strings.Replace(gatewayProperty, `"10.0.0.1"`, `"10.0.0.254"`, 1), ""),
		"    vapp_config {\n", "    vapp_config {\n"+strings.Replace(gatewayProperty, `"10.0.0.1"`, `"10.0.0.254"`, 1))
	secrets := edited(t, reordered, `{ password = "other-one", other = "second" }`, `{ other = "third", password = "other-one", more = "x" }`)
	addressed := edited(t, secrets, `"10.0.0.30/24"`, `"10.0.0.31/24"`)
	same := edited(t, addressed, `V1alpha6_FirstIP }}`, `V1alpha1_FirstIP }}`)
	without := edited(t, same, strings.Replace(gatewayProperty, `"10.0.0.1"`, `"10.0.0.254"`, 1), "")
	story(t,
		step(applianceVM, planned(does(plancheck.ResourceActionCreate)), revision(1)),
		step(moved, planned(does(plancheck.ResourceActionUpdate), changesOnly{"bootstrap.vapp_config.property.1.value", "status.bootstrap.revision"}, reset),
			sends(t, sim, both, record), setsOnly(t, sim, map[string]string{"network.gateway": "10.0.0.254"}), asked(t, sim, opReconfigure), revision(2)),
		step(rotated, planned(does(plancheck.ResourceActionUpdate), changesOnly{"status.bootstrap.revision"}, reset),
			sends(t, sim, both, record), setsOnly(t, sim, map[string]string{"app.password.main": "other-one"}), asked(t, sim, opReconfigure), revision(3)),
		// Another order is no other value: only what the machine remembers of its configuration changes.
		step(reordered, planned(does(plancheck.ResourceActionUpdate), reset),
			sends(t, sim, []string{"extraConfig"}, record), asked(t, sim, opReconfigure), revision(3)),
		step(secrets, planned(plancheck.ExpectEmptyPlan()), revision(3)),
		// What a template makes of another address is another value.
		step(addressed, planned(changesOnly{"network.interface.0.addresses.0", "status.bootstrap.revision", "status.conditions.3.message", "status.conditions.3.reason", "status.conditions.3.status", "status.network.config.interfaces.0.ip.addresses.0"}, reset),
			sends(t, sim, both, record), setsOnly(t, sim, map[string]string{"network.ip0": "10.0.0.31/24"}), asked(t, sim, opReconfigure), revision(4)),
		// Another template that makes the same of it is not.
		step(same, planned(changesOnly{"bootstrap.vapp_config.property.1.value"}, reset),
			sends(t, sim, []string{"extraConfig"}, record), asked(t, sim, opReconfigure), revision(4)),
		// A property that nobody writes any more stays as it is.
		step(without, planned(does(plancheck.ResourceActionUpdate), reset), setsOnly(t, sim, nil), asked(t, sim, opReconfigure)),
	)
}

// customizedWith looks at the only customization of an apply.
func customizedWith(t *testing.T, sim *simulator.Simulator, texts ...string) check {
	return look(func() {
		t.Helper()
		requests := sim.Requests("CustomizeVM_Task")
		if len(requests) != 1 {
			t.Errorf("there were %d customizations instead of one", len(requests))
			return
		}
		for _, text := range texts {
			if !strings.Contains(requests[0].Body, text) {
				t.Errorf("the guest is not told %q", text)
			}
		}
	})
}

// cycled checks that an apply powered the machine off, customized its guest and powered it on
// again. What the machine's record says afterwards is not counted.
func cycled(t *testing.T, sim *simulator.Simulator) check {
	return look(func() {
		t.Helper()
		requests := sim.Requests(changing...)
		if last := len(requests) - 1; last > 3 && cmp.Equal([]string{"vmoperator.record"}, extraConfigKeys(requests[last])) {
			requests = requests[:last]
		}
		if diff := cmp.Diff([]string{"PowerOffVM_Task", opReconfigure, "CustomizeVM_Task", opPowerOn}, operations(requests)); diff != "" {
			t.Errorf("the apply changed vCenter otherwise (-want +got):\n%s", diff)
		}
		sim.ResetRequests()
	})
}

func TestACustomizationThatChangesIsPutOffOrTakesAPowerCycle(t *testing.T) {
	t.Parallel()
	sim := start(t)
	if err := sim.SetAPIVersion("9.1.0.0"); err != nil {
		t.Fatal(err)
	}
	reset := look(func() { sim.ResetRequests() })
	settle := look(sim.Settle)
	record := []string{"vmoperator.record"}
	step := func(config string, plan resource.ConfigPlanChecks, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{Config: namespaces + config, ConfigPlanChecks: plan, ConfigStateChecks: append([]statecheck.StateCheck{settle}, checks...)}
	}
	base := edited(t, exampleVM(t, "linux-prep"), `"linux_prep" {`, `"web" {`, "vmoperator_virtual_machine.linux_prep.", "vmoperator_virtual_machine.web.",
		`name       = "linuxprep-vm"`, "name       = \"linuxprep-vm\"\n  power_off_mode = \"Hard\"",
		"    linux_prep {", "    secrets_wo = { root = { password = \"r00t\" } }\n    linux_prep {\n      password {\n        from { name = \"root\" }\n      }")
	base, _, _ = strings.Cut(base, "# GuestCustomization says")
	later := edited(t, base, `"192.168.1.1", "8.8.8.8"`, `"192.168.1.2", "8.8.8.8"`)
	now := edited(t, later, `power_off_mode = "Hard"`, "power_off_mode = \"Hard\"\n  allow_power_cycle = true")
	again := edited(t, now, `"192.168.1.2"`, `"192.168.1.3"`)
	rotated := edited(t, again, `"r00t"`, `"other"`)
	interface1 := "    interface {\n      name  = \"eth1\"\n      dhcp4 = true\n    }\n"
	reordered := edited(t, edited(t, rotated, interface1, ""), "    interface {\n      name      = \"eth0\"", interface1+"    interface {\n      name      = \"eth0\"")
	trigger := edited(t, reordered, "    linux_prep {", "    customize_trigger = \"again\"\n    linux_prep {")
	beside := edited(t, trigger, "    linux_prep {", "    vapp_config {\n      property {\n        key   = \"hostname\"\n        value = \"one\"\n      }\n    }\n    linux_prep {")
	two := edited(t, beside, `"one"`, `"two"`)
	nameserver := changesOnly{
		"network.nameservers.0", "status.conditions.0.message", "status.conditions.0.reason", "status.conditions.0.status", // GuestCustomization
		"status.conditions.3.message", "status.conditions.3.reason", "status.conditions.3.status", // VirtualMachineGuestNetworkConfigSynced
		"status.network.config.dns.nameservers.0",
	}
	story(t,
		step(base, planned(does(plancheck.ResourceActionCreate))),
		step(later, planned(does(plancheck.ResourceActionUpdate), nameserver, reset),
			sends(t, sim, []string{"extraConfig"}, record), asked(t, sim, opReconfigure), shows("status.bootstrap.revision", knownvalue.Int64Exact(1))),
		step(later, planned(plancheck.ExpectEmptyPlan(), reset), asked(t, sim)),
		step(now, planned(does(plancheck.ResourceActionUpdate), reset), customizedWith(t, sim, "192.168.1.2"), cycled(t, sim),
			shows("status.bootstrap.revision", knownvalue.Int64Exact(2))),
		step(again, planned(does(plancheck.ResourceActionUpdate), plans("status.bootstrap.revision", knownvalue.Int64Exact(3)), reset),
			customizedWith(t, sim, "192.168.1.3"), cycled(t, sim)),
		step(rotated, planned(does(plancheck.ResourceActionUpdate), plans("status.bootstrap.revision", knownvalue.Int64Exact(4)), reset),
			customizedWith(t, sim, "other"), cycled(t, sim)),
		step(reordered, planned(does(plancheck.ResourceActionUpdate), reset),
			sends(t, sim, []string{"extraConfig"}, record), asked(t, sim, opReconfigure), shows("status.bootstrap.revision", knownvalue.Int64Exact(4))),
		step(trigger, planned(does(plancheck.ResourceActionUpdate), reset), customizedWith(t, sim), cycled(t, sim)),
		// Properties beside a customization go with a power cycle, and need none of the customizations.
		step(beside, planned(does(plancheck.ResourceActionUpdate), reset),
			setsOnly(t, sim, map[string]string{"hostname": "one"}), asked(t, sim, "PowerOffVM_Task", opReconfigure, opPowerOn)),
		step(two, planned(does(plancheck.ResourceActionUpdate), plans("status.bootstrap.revision", knownvalue.Int64Exact(7)), reset),
			setsOnly(t, sim, map[string]string{"hostname": "two"}), asked(t, sim, "PowerOffVM_Task", opReconfigure, opPowerOn), check(func() error {
				environment, err := sim.OVFEnvironment("linuxprep-vm")
				if err == nil && environment.Properties["hostname"] != "two" {
					t.Errorf("the guest has %v", environment.Properties)
				}
				return err
			})),
		step(two, planned(plancheck.ExpectEmptyPlan(), reset), asked(t, sim)),
	)
}

// A guest that reports a failure leaves a machine that the next apply replaces.
func TestAFailedCustomizationOfANewMachineIsMadeGood(t *testing.T) {
	t.Parallel()
	sim := start(t)
	config := edited(t, besideLinuxPrep, "      expire", "      # expire", "      password {\n        from { name = \"root\" }\n      }\n", "")
	var id string
	story(t,
		resource.TestStep{
			PreConfig:   func() { sim.FailNextCustomization("the disk is full") },
			Config:      namespaces + config,
			ExpectError: fails("Unable to finish the virtual machine", "", "the disk is full", "kept in state as tainted: the next apply replaces it"),
		},
		resource.TestStep{
			Config:           namespaces + config,
			ConfigPlanChecks: planned(does(plancheck.ResourceActionReplace)),
			ConfigStateChecks: stateChecks(remember("id", &id), look(func() {
				if got := sim.Machines(); len(got) != 1 {
					t.Errorf("there are %v", got)
				}
				withoutProblems(t, sim)
			})),
		},
		resource.TestStep{Config: namespaces + config, ConfigPlanChecks: planned(plancheck.ExpectEmptyPlan()), ConfigStateChecks: stateChecks(unchanged("id", &id))},
	)
}
