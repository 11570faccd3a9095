package provider_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// What an ISO image cannot do for a machine is said in plan, at its line.
func TestWhatAnInstallationNeedsIsSaidInPlan(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	const (
		noVolume = "  volume {\n    name     = \"boot\"\n    capacity = \"16Gi\"\n  }\n\n"
		noOrder  = "    boot_order {\n      type = \"Disk\"\n      name = \"boot\"\n    }\n"
		cdOrder  = "    boot_order {\n      type = \"CDRom\"\n    }\n"
		medium   = "The image is an installation medium"
		machine  = `resource "vmoperator_virtual_machine" "web"`
		said     = `"Debian 12 Installer" (` + installerImage + `) is an ISO image`
		disc     = `image = { kind = "ClusterVirtualMachineImage", name = `
		brokenID = "vmi-40f40c844456003ff"
	)
	refused := func(config, summary, line string, details ...string) resource.TestStep {
		return resource.TestStep{Config: config, ExpectError: fails(summary, line, details...)}
	}
	without := func(pairs ...string) string { return everyLibrary + edited(t, isoVM, pairs...) }
	story(t,
		refused(without("  guest_id   = \"debian12_64Guest\"\n", ""), medium, machine, said, "needs a guest id", "Set guest_id"),
		refused(without("  class_name = \"best-effort-small\"\n", ""), medium, machine, said, "needs a size", "Set class_name, or cpu and memory of resources.size"),
		refused(without("class_name = \"best-effort-small\"\n", "resources {\n    size {\n      cpu = \"2\"\n    }\n  }\n"), medium, "size {", said, "needs a size"),
		refused(without(noVolume, "", noOrder, ""), medium, machine, said, "needs a disk to install to", "Add a volume block"),
		refused(without("  boot_options {\n", "  advanced {\n    boot_disk_capacity = \"40Gi\"\n  }\n  boot_options {\n"), medium, `boot_disk_capacity = "40Gi"`, said, "set that one's capacity"),
		refused(withDrive(t, "  hardware {}\n"), "There is no CD-ROM drive", `type = "CDRom"`),
		refused(edited(t, withDrive(t, "  hardware {}\n"), cdOrder, ""), medium, "hardware {", said, "needs a CD-ROM drive that holds it"),
		refused(withDrive(t, drive(ubuntuISOImage)), medium, disc, said, "needs a CD-ROM drive that holds it", installerImage, "leave the hardware block out"),
		refused(driveIn(t, imageVM(`image_name = "Photon OS 5.0"`), drive(photonImage)), "A CD-ROM drive holds an ISO image", disc, `"Photon OS 5.0"`, "is of the type OVF"),
		refused(driveIn(t, imageVM(`image_name = "Photon OS 5.0"`), drive(templateImage)), "A CD-ROM drive holds an ISO image", disc, `"Ubuntu 24.04 Template"`, "is of the type VM"),
		refused(driveIn(t, imageVM(`image_name = "Photon OS 5.0"`), drive(brokenID)), "A CD-ROM drive holds an ISO image", disc, `"Broken Appliance"`),
		refused(driveIn(t, imageVM(`image_name = "Photon OS 5.0"`), drive("vmi-00000000000000000")), "No such image", disc, "No image has the VMI ID"),
		// Both halves of a size are a size.
		resource.TestStep{
			Config:   without("class_name = \"best-effort-small\"\n", "resources {\n    size {\n      cpu    = \"2\"\n      memory = \"4Gi\"\n    }\n  }\n"),
			PlanOnly: true, ExpectNonEmptyPlan: true,
		},
	)
	if got := operations(sim.Requests(changing...)); len(got) != 0 {
		t.Errorf("vCenter was changed: %v", got)
	}
}

// guarded makes a library with a security policy, which no item of it meets, and an item of each
// type in it, and returns their names by type.
func guarded(t *testing.T, sim *simulator.Simulator) map[string]string {
	t.Helper()
	ctx, libraryID := t.Context(), ""
	made := map[string]string{"OVF": "Guarded OVF", "ISO": "Guarded ISO", "VM": "Guarded VM"}
	inLibraries(t, sim, func(items *library.Manager) error {
		base, err := items.GetLibraryByID(ctx, simulator.LibraryBaseImagesID)
		if err != nil {
			return err
		}
		policies, err := items.ListSecurityPolicies(ctx)
		if err != nil || len(policies) == 0 {
			return fmt.Errorf("security policies %v: %w", policies, err)
		}
		libraryID, err = items.CreateLibrary(ctx, library.Library{Name: "guarded", Type: "LOCAL", Storage: base.Storage, SecurityPolicyID: policies[0].Policy})
		for kind, item := range map[string]string{"OVF": library.ItemTypeOVF, "ISO": library.ItemTypeISO} {
			if err == nil {
				_, err = items.CreateLibraryItem(ctx, library.Item{LibraryID: libraryID, Name: made[kind], Type: item})
			}
		}
		return err
	})
	makeTemplate(t, sim, libraryID, simulator.FolderTemplates+"/"+simulator.TemplateMachine, made["VM"])
	return made
}

func TestAnImageThatIsNotReadyIsRefusedWhateverItsType(t *testing.T) {
	t.Parallel()
	sim := startWithEveryType(t)
	names := guarded(t, sim)
	library := edited(t, everyLibrary, `"subscribed-images"]`, `"subscribed-images", "guarded"]`)
	before := sim.Machines()
	sim.ResetRequests()
	var steps []resource.TestStep
	for _, kind := range []string{"OVF", "ISO", "VM"} {
		line := `image_name = "` + names[kind] + `"`
		steps = append(steps, resource.TestStep{
			Config:      library + imageVM(line),
			ExpectError: fails("The image is not ready", line, `"`+names[kind]+`"`, `library "guarded"`, image.ReasonNotCompliant, "Repair the library item"),
		})
	}
	// In a drive.
	const byName = `one([for i in data.vmoperator_virtual_machine_images.all.images : i.name if i.status.name == "Guarded ISO"])`
	inDrive := edited(t, driveIn(t, imageVM(`image_name = "Photon OS 5.0"`), drive("?")), `"?"`, byName, everyLibrary, library)
	steps = append(steps, resource.TestStep{
		Config:      inDrive + "data \"vmoperator_virtual_machine_images\" \"all\" {}\n",
		ExpectError: fails("The image is not ready", "image = {", `"Guarded ISO"`, image.ReasonNotCompliant),
	})
	// A template whose machine is gone: what the item keeps cannot be read.
	steps = append(steps, resource.TestStep{
		PreConfig: func() {
			if err := sim.Destroy(simulator.TemplateMachine); err != nil {
				t.Error(err)
			}
		},
		Config:      library + imageVM(`image_name = "Ubuntu 24.04 Template"`),
		ExpectError: fails("The image is not ready", `image_name = "Ubuntu 24.04 Template"`, image.ReasonNotSynced),
	})
	story(t, steps...)
	if got := operations(sim.Requests(changing...)); len(got) != 0 {
		t.Errorf("vCenter was changed: %v", got)
	}
	if after := sim.Machines(); len(after) != len(before)-1 {
		t.Errorf("machines (-before +after):\n%s", cmp.Diff(before, after))
	}
}
