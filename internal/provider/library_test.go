package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestImagesOfASubscribedLibraryAreNamedByTheirSource(t *testing.T) {
	t.Parallel()
	sim := start(t)
	item := provider.Subscribe(t, sim, simulator.ItemPhoton)
	own := string(image.NewID(item))
	const (
		published = "vmi-0a0044d7c690bcbea"
		byName    = "\ndata \"vmoperator_virtual_machine_image\" \"photon\" {\n  image_name = \"Photon OS 5.0\"\n}\n"
		source    = "data.vmoperator_virtual_machine_image.photon"
	)
	subscriber := strings.Replace(namespaces, `["base-images"]`, `["copies"]`, 1)
	named := func(library, strategy string) string {
		return edited(t, subscriber, "provider \"vmoperator\" {\n",
			"provider \"vmoperator\" {\n  content_library {\n    name            = \""+library+"\"\n    naming_strategy = \""+strategy+"\"\n  }\n")
	}
	bySource := named("copies", "PreferItemSourceID")
	deployed := func(id string) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"kind": is("ClusterVirtualMachineImage"), "name": is(id)})
	}
	shown := func(id string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(source, pathTo("name"), is(id))
	}
	machine := imageVM(`image_name = "Photon OS 5.0"`)
	story(t,
		resource.TestStep{
			Config:      named("copies", "PreferSourceID") + byName,
			ExpectError: fails("Invalid Attribute Value Match", `naming_strategy = "PreferSourceID"`, "FromItemID", "PreferItemSourceID"),
		},
		resource.TestStep{
			Config:      named("copy", "PreferItemSourceID") + byName,
			ExpectError: fails("Unable to find the image", `image_name = "Photon OS 5.0"`, `naming_strategy PreferItemSourceID of content_library "copy"`, `"copies"`),
		},
		resource.TestStep{
			Config:            bySource + byName + machine,
			ConfigPlanChecks:  planned(plans("image", deployed(published)), plans("status.image.provider_item_id", is(item))),
			ConfigStateChecks: []statecheck.StateCheck{shown(published), shows("image", deployed(published))},
		},
		// The machine keeps the image that it was made of, under the name that it had then.
		resource.TestStep{Config: subscriber + machine, PlanOnly: true},
		resource.TestStep{
			Config:            subscriber + byName + machine,
			ConfigStateChecks: []statecheck.StateCheck{shown(own), shows("image", deployed(published))},
		},
	)
}
