package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// drive is a hardware block with one drive. Arguments are lines of it.
func drive(id string, arguments ...string) string {
	return fmt.Sprintf("  hardware {\n    cdrom {\n      name  = \"cd1\"\n      image = { kind = \"ClusterVirtualMachineImage\", name = %q }\n      %s\n    }\n  }\n",
		id, strings.Join(arguments, "\n      "))
}

// driveIn is a machine that ends in a hardware block.
func driveIn(t *testing.T, machine, block string) string {
	t.Helper()
	return everyLibrary + edited(t, machine, "\n}\n", "\n"+block+"}\n")
}

// withDrive is isoVM with a hardware block in it.
func withDrive(t *testing.T, block string) string {
	t.Helper()
	return everyLibrary + edited(t, isoVM, "  boot_options {\n", block+"\n  boot_options {\n")
}

func TestTheDriveOfAnInstalledMachineIsEjectedSwappedAndRemoved(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	const cd = "hardware.cdrom.0."
	reset := look(func() { sim.ResetRequests() })
	changed := func(config string, effect resource.ConfigPlanChecks, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{Config: config, ConfigPlanChecks: effect, ConfigStateChecks: checks}
	}
	noDrive := edited(t, withDrive(t, "  hardware {}\n"), "boot_order {\n      type = \"CDRom\"\n    }\n    ", "")
	steps := []resource.TestStep{
		changed(withDrive(t, drive(installerImage)), planned(does(plancheck.ResourceActionCreate), reset),
			asked(t, sim, opCreate, opReconfigure, opPowerOn, opReconfigure), holds(t, sim, "of-iso", debianISO+", connected"),
			shows(cd+"image.name", is(installerImage)), shows(cd+"connected", knownvalue.Null())),
	}
	steps = append(steps, importsUnchanged()...)
	story(t, append(steps,
		// Ejected, while the machine runs.
		changed(withDrive(t, drive(installerImage, "connected = false")), planned(does(plancheck.ResourceActionUpdate), reset),
			sends(t, sim, []string{"deviceChange", "extraConfig"}, []string{"vmoperator.record"}), asked(t, sim, opReconfigure), holds(t, sim, "of-iso", debianISO)),
		// Another medium, and connected again, while the machine runs.
		changed(withDrive(t, drive(ubuntuISOImage)), planned(does(plancheck.ResourceActionUpdate), reset),
			asked(t, sim, opReconfigure), holds(t, sim, "of-iso", ubuntuISO+", connected")),
		// A medium that has to be fetched first.
		changed(withDrive(t, drive(onDemandISOImage)), planned(does(plancheck.ResourceActionUpdate), reset),
			fetchedBefore(t, sim, opReconfigure), asked(t, sim, opReconfigure), holds(t, sim, "of-iso", almaISO+", connected")),
		// A drive does not go from a machine that runs.
		resource.TestStep{
			Config:      noDrive,
			ExpectError: fails("The change needs the machine powered off", "boot_order {", "hardware.cdrom[cd1]", "cannot be removed from a running machine", "allow_power_cycle = true"),
		},
		changed(edited(t, noDrive, "class_name =", "allow_power_cycle = true\n  class_name ="), planned(does(plancheck.ResourceActionUpdate), reset),
			asked(t, sim, "ShutdownGuest", opPowerOff, opReconfigure, opPowerOn), holds(t, sim, "of-iso")),
	)...)
}

// fetchedBefore checks that an item was synchronised once, and before an operation.
func fetchedBefore(t *testing.T, sim *simulator.Simulator, operation string) check {
	return look(func() {
		t.Helper()
		got := operations(sim.Requests(opSync, operation))
		if len(got) < 2 || got[0] != opSync || got[1] != operation || strings.Count(strings.Join(got, " "), opSync) != 1 {
			t.Errorf("the item was not fetched once, before: %v", got)
		}
	})
}

// A machine that is installed by its OVF item may have drives of its own all the same.
func TestAMachineOfAnOVFItemHasTheDrivesThatAreWritten(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	config := func(block string) string { return driveIn(t, imageVM(`image_name = "Photon OS 5.0"`), block) }
	story(t,
		resource.TestStep{
			Config:            config(drive(onDemandISOImage)),
			ConfigPlanChecks:  planned(look(func() { sim.ResetRequests() })),
			ConfigStateChecks: stateChecks(fetchedBefore(t, sim, opDeploy), holds(t, sim, "image-vm", almaISO+", connected")),
		},
		resource.TestStep{
			Config:            config(drive(onDemandISOImage, "connected = false")),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: stateChecks(holds(t, sim, "image-vm", almaISO)),
		},
		resource.TestStep{
			Config:            config("  hardware {}\n"),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: stateChecks(holds(t, sim, "image-vm")),
		},
	)
}

func TestAMachineOfAnItemOnDemandIsFetchedFirst(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	cached := func(status string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.vmoperator_virtual_machine_image.alma", pathTo("status.conditions"), knownvalue.ListPartial(map[int]knownvalue.Check{
			1: knownvalue.ObjectPartial(map[string]knownvalue.Check{"type": is("VirtualMachineImageCached"), "status": is(status)}),
		}))
	}
	const source = "\ndata \"vmoperator_virtual_machine_image\" \"alma\" {\n  image_name = \"AlmaLinux 9\"\n}\n"
	story(t,
		resource.TestStep{Config: everyLibrary + source, ConfigStateChecks: stateChecks(cached("False"))},
		resource.TestStep{
			Config:           everyLibrary + source + imageVM(`image_name = "AlmaLinux 9"`, `storage_class = "silver"`),
			ConfigPlanChecks: planned(plans("image.name", is(onDemandImage)), look(func() { sim.ResetRequests() })),
			ConfigStateChecks: stateChecks(
				fetchedBefore(t, sim, opDeploy), shows("status.image.provider_item_id", is(simulator.ItemSubscribed)), shows("guest_id", is("almalinux_64Guest")),
			),
		},
		resource.TestStep{
			Config:            everyLibrary + source + imageVM(`image_name = "AlmaLinux 9"`, `storage_class = "silver"`),
			ConfigPlanChecks:  planned(plancheck.ExpectEmptyPlan()),
			ConfigStateChecks: stateChecks(cached("True")),
		},
	)
}

// A template may keep a drive, with what was in it. It stays, or goes, as those of other images do.
func TestTheDrivesOfATemplateStayUnlessTheyAreWritten(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	golden := driveIn(t, imageVM(`image_name = "Photon OS 5.0"`), drive(ubuntuISOImage))
	copies := func(block string) string {
		copied := strings.NewReplacer(`"web"`, `"copy"`, "image-vm", "copy-vm").Replace(imageVM(`image_name = "Golden"`))
		return golden + edited(t, copied, "\n}\n", "\n"+block+"}\n")
	}
	story(t,
		resource.TestStep{Config: golden},
		resource.TestStep{
			PreConfig: func() {
				makeTemplate(t, sim, simulator.LibraryTemplatesID, simulator.FolderTeamA+"/image-vm", "Golden")
			},
			Config:            copies(""),
			ConfigStateChecks: stateChecks(holds(t, sim, "copy-vm", ubuntuISO+", connected")),
		},
		resource.TestStep{Config: copies("  hardware {}\n"), ConfigStateChecks: stateChecks(holds(t, sim, "copy-vm"))},
		resource.TestStep{Config: golden},
		resource.TestStep{Config: copies("  hardware {}\n"), ConfigStateChecks: stateChecks(holds(t, sim, "copy-vm"))},
		resource.TestStep{Config: golden},
		resource.TestStep{Config: copies(drive(installerImage)), ConfigStateChecks: stateChecks(holds(t, sim, "copy-vm", debianISO+", connected"))},
	)
}
