package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// imageVM deploys an image and nothing else; what is written beside it can be more arguments.
func imageVM(arguments ...string) string {
	return fmt.Sprintf("\nresource \"vmoperator_virtual_machine\" \"web\" {\n  name        = \"image-vm\"\n  power_state = \"PoweredOff\"\n  %s\n}\n", strings.Join(arguments, "\n  "))
}

// bothLibraries are namespaces for which two libraries hold cluster images.
var bothLibraries = strings.Replace(namespaces, `["base-images"]`, `["base-images", "partner-images"]`, 1)

// addItem adds an item to a library, as somebody who uploads another image does.
func addItem(t *testing.T, sim *simulator.Simulator, libraryID, name string) {
	t.Helper()
	ctx := t.Context()
	session, out := provider.SignInREST(t, sim)
	defer out()
	if _, err := library.NewManager(session).CreateLibraryItem(ctx, library.Item{LibraryID: libraryID, Name: name, Type: library.ItemTypeOVF}); err != nil {
		t.Fatal(err)
	}
}

func TestTheImageOfAMachineIsPinned(t *testing.T) {
	t.Parallel()
	sim := start(t)
	var id string
	photon := knownvalue.ObjectExact(map[string]knownvalue.Check{"kind": is("ClusterVirtualMachineImage"), "name": is("vmi-0a0044d7c690bcbea")})
	story(t,
		resource.TestStep{
			Config:            namespaces + imageVM(`image_name = "Photon OS 5.0"`),
			ConfigPlanChecks:  planned(plans("image", photon), plans("status.image.provider_item_id", is(simulator.ItemPhoton))),
			ConfigStateChecks: []statecheck.StateCheck{remember("id", &id), shows("status.image.provider_content_version", is("1"))},
		},
		resource.TestStep{ // An image of the same name in another library, and one in the namespace, which would win.
			PreConfig: func() {
				addItem(t, sim, simulator.LibraryPartnerImagesID, "Photon OS 5.0")
				addItem(t, sim, simulator.LibraryTeamAImagesID, "Photon OS 5.0")
			},
			Config: bothLibraries + imageVM(`image_name = "Photon OS 5.0"`), PlanOnly: true,
		},
		resource.TestStep{ // The image's content is another one by now.
			PreConfig: func() {
				if err := sim.TouchItem(simulator.ItemPhoton, "2"); err != nil {
					t.Error(err)
				}
			},
			Config: namespaces + imageVM(`image_name = "Photon OS 5.0"`), PlanOnly: true,
		},
		resource.TestStep{ // The same image, by its id: another way of writing it replaces nothing.
			Config:            namespaces + imageVM(`image_name = "vmi-0a0044d7c690bcbea"`),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate), changesOnly{"image_name"}),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id)},
		},
		resource.TestStep{ // Both ways at once.
			Config:            namespaces + imageVM(`image_name = "vmi-0a0044d7c690bcbea"`, `image = { kind = "ClusterVirtualMachineImage", name = "vmi-0a0044d7c690bcbea" }`),
			ConfigPlanChecks:  planned(plancheck.ExpectEmptyPlan()),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id)},
		},
		resource.TestStep{
			Config:            namespaces + imageVM(`image = { kind = "ClusterVirtualMachineImage", name = "vmi-0a0044d7c690bcbea" }`),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate), changesOnly{"image_name"}),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id), shows("image", photon)},
		},
		resource.TestStep{
			Config:           namespaces + imageVM(`image_name = "Ubuntu 22.04 LTS"`),
			ConfigPlanChecks: planned(does(plancheck.ResourceActionReplace)),
			ConfigStateChecks: []statecheck.StateCheck{
				shows("status.image.provider_item_id", is(simulator.ItemUbuntu)),
				look(func() {
					if got := sim.Machines(); len(got) != 1 {
						t.Errorf("there are %v", got)
					}
				}),
			},
		},
		resource.TestStep{ // In the namespace and in the cluster: the namespace's.
			Config: namespaces + imageVM(`image_name = "Debian 12"`),
			ConfigPlanChecks: planned(does(plancheck.ResourceActionReplace),
				plans("image.kind", is("VirtualMachineImage")), plans("status.image.provider_item_id", is(simulator.ItemDebianTeamA))),
		},
	)
}

func TestImagesThatCannotBeDeployedAreRefused(t *testing.T) {
	t.Parallel()
	sim := start(t)
	refused := func(config string, want *regexp.Regexp) resource.TestStep {
		return resource.TestStep{Config: config, ExpectError: want}
	}
	named := func(name string) (config, line string) {
		line = fmt.Sprintf("image_name = %q", name)
		return namespaces + imageVM(line), line
	}
	var steps []resource.TestStep
	for _, test := range []struct {
		name, summary string
		details       []string
	}{
		{"Photon OS 50", "No such image", []string{`No image has the display name "Photon OS 50" in libraries`, "Near:", `"Photon OS 5.0" (vmi-0a0044d7c690bcbea`, "Set image_name to one of these"}},
		{"photon os 5.0", "No such image", []string{`"Photon OS 5.0" (vmi-0a0044d7c690bcbea`}},
		{"vmi-0a0044d7c690bcbeb", "No such image", []string{"No image has the VMI ID", "vmi-0a0044d7c690bcbea"}},
		{"vmi-0a0044d7c690bcbez", "Not a VMI ID", []string{"never a display name"}},
		{"CentOS Stream 9", "", nil},
		{"Broken Appliance", "The image is not ready", []string{`library "base-images"`, "cannot be deployed:", "Repair the library item"}},
	} {
		config, line := named(test.name)
		if test.summary == "" {
			config = strings.Replace(config, `["base-images"]`, `["base-images", "partner-images"]`, 1)
			test.summary = "The image name is ambiguous"
			test.details = []string{"2 images in the cluster", "vmi-", simulator.ItemCentOSBase, "vmi-", simulator.ItemCentOSPartner, "Set image_name to one of these VMI IDs"}
		}
		steps = append(steps, refused(config, fails(test.summary, line, test.details...)))
	}
	steps = append(steps,
		refused(namespaces+imageVM(), fails("Missing image", "", "Neither image_name nor image")),
		refused(namespaces+imageVM(`image = { kind = "ClusterVirtualMachineImage" }`), fails("Incomplete image", `image = {`, "The image has no name")),
		refused(namespaces+imageVM(`image = { kind = "ClusterImage", name = "vmi-0a0044d7c690bcbea" }`), fails("Not a kind of images", "image = {", "has to be one of")),
		refused(namespaces+imageVM(`image = { kind = "VirtualMachineImage", name = "vmi-0a0044d7c690bcbea" }`),
			fails("No such image", "image = {", `No VirtualMachineImage has the VMI ID "vmi-0a0044d7c690bcbea"`, "Set kind to ClusterVirtualMachineImage")),
		refused(namespaces+imageVM(`image_name = "Ubuntu 22.04 LTS"`, `image = { kind = "ClusterVirtualMachineImage", name = "vmi-0a0044d7c690bcbea" }`),
			fails("Two images", `image_name = "Ubuntu`, "image_name resolves to ClusterVirtualMachineImage vmi-")),
	)
	story(t, steps...)
	nothingWasMade(t, sim)
}

// nothingWasMade checks that no machine was asked for.
func nothingWasMade(t *testing.T, sim *simulator.Simulator) {
	t.Helper()
	if got := operations(sim.Requests(changing...)); len(got) != 0 {
		t.Errorf("vCenter was changed: %v", got)
	}
	if got := sim.Machines(); len(got) != 0 {
		t.Errorf("there are machines: %v", got)
	}
}

func TestAnImageIsDescribed(t *testing.T) {
	t.Parallel()
	start(t)
	const photon = "data.vmoperator_virtual_machine_image.photon"
	value := func(path string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(photon, pathTo(path), want)
	}
	null := knownvalue.Null()
	story(t,
		resource.TestStep{
			Config: namespaces + `
				data "vmoperator_virtual_machine_image" "photon" { image_name = "Photon OS 5.0" }
				data "vmoperator_virtual_machine_image" "same" {
				  kind = data.vmoperator_virtual_machine_image.photon.kind
				  name = data.vmoperator_virtual_machine_image.photon.name
				}
				data "vmoperator_virtual_machine_image" "debian" { image_name = "Debian 12" }
				data "vmoperator_virtual_machine_image" "broken" { image_name = "Broken Appliance" }
				data "vmoperator_virtual_machine_image" "iso" { image_name = "Ubuntu 22.04 Installer" }
				data "vmoperator_virtual_machine_image" "appliance" { image_name = "Custom Appliance" }
			`,
			ConfigStateChecks: []statecheck.StateCheck{
				value("kind", is("ClusterVirtualMachineImage")), value("name", is("vmi-0a0044d7c690bcbea")),
				value("namespace", is("team-a")), value("image_name", is("Photon OS 5.0")),
				value("labels", knownvalue.MapPartial(map[string]knownvalue.Check{
					"os.image.vmoperator.vmware.com/id":                 is("vmwarePhoton64Guest"),
					"os.image.vmoperator.vmware.com/type":               is("Linux"),
					"os.image.vmoperator.vmware.com/version":            is("5.0"),
					"capability.image.vmoperator.vmware.com/cloud-init": is(""),
					"capability.image.vmoperator.vmware.com/nvidia-gpu": is(""),
				})),
				value("spec.provider_ref.kind", is("ClusterContentLibraryItem")),
				value("status", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"name": is("Photon OS 5.0"), "type": is("OVF"), "firmware": is("EFI"),
					"hardware_version": knownvalue.Int64Exact(19),
					"capabilities":     knownvalue.ListExact([]knownvalue.Check{is("cloud-init"), is("nvidia-gpu")}),
					"os_info": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"id": is("vmwarePhoton64Guest"), "type": is("Linux"), "version": is("5.0"),
					}),
					"product_info": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"product": is("Photon OS"), "vendor": is("VMware"), "version": is("5.0"), "full_version": is("5.0.0-20230629"),
					}),
					"disks": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
						"name": is("Hard Disk 1"), "capacity": is("20Gi"), "size": is("2Gi"),
						"capacity_bytes": knownvalue.Int64Exact(20 << 30), "size_bytes": knownvalue.Int64Exact(2 << 30),
						"controller_type": is("SCSI"), "controller_bus_number": knownvalue.Int64Exact(0), "unit_number": knownvalue.Int64Exact(0),
					})}),
					"ovf_properties": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
						"key": is("hostname"), "type": is("string"), "default": is("photon-vm"), "label": is("Host name"), "description": null,
					})}),
					"vmware_system_properties": knownvalue.ListSizeExact(0),
					"provider_item_id":         is(simulator.ItemPhoton), "provider_content_version": is("1"),
					"conditions": knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"type": is("Ready"), "status": is("True"),
					})}),
				})),
				statecheck.ExpectKnownValue("data.vmoperator_virtual_machine_image.same", pathTo("status.provider_item_id"), is(simulator.ItemPhoton)),
				statecheck.ExpectKnownValue("data.vmoperator_virtual_machine_image.debian", pathTo("kind"), is("VirtualMachineImage")),
				statecheck.ExpectKnownValue("data.vmoperator_virtual_machine_image.iso", pathTo("status.type"), is("ISO")),
				statecheck.ExpectKnownValue("data.vmoperator_virtual_machine_image.appliance", pathTo("status.disks"), knownvalue.ListSizeExact(2)),
				statecheck.ExpectKnownValue("data.vmoperator_virtual_machine_image.broken", pathTo("status.conditions"),
					knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectPartial(map[string]knownvalue.Check{"type": is("Ready"), "status": is("False")})})),
			},
		},
	)
}

func TestAnImageThatCannotBeFoundIsSaid(t *testing.T) {
	t.Parallel()
	start(t)
	story(t,
		resource.TestStep{
			Config:      namespaces + `data "vmoperator_virtual_machine_image" "photon" { image_name = "Foton OS 5.0" }`,
			ExpectError: fails("Unable to find the image", "", `"Photon OS 5.0" (vmi-0a0044d7c690bcbea`),
		},
		resource.TestStep{
			Config:      bothLibraries + "data \"vmoperator_virtual_machine_image\" \"photon\" {\n  image_name = \"CentOS Stream 9\"\n}",
			ExpectError: fails("Unable to find the image", `image_name = "CentOS Stream 9"`, "2 images in the cluster"),
		},
		resource.TestStep{
			Config:      namespaces + `data "vmoperator_virtual_machine_image" "photon" { name = "vmi-0a0044d7c690bcbea" }`,
			ExpectError: fails("Invalid Attribute Combination", ""),
		},
	)
}
