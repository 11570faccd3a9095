package image_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	vapi "github.com/vmware/govmomi/vapi/library"
)

func TestAnImageOfAnOVAIsDeployedAndUpdatedInPlace(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	machine := `
resource "vmoperator_virtual_machine" "web" {
  name        = "web"
  power_state = "PoweredOff"
  image       = vmoperator_virtual_machine_image.golden.image
}
`
	updates := []string{"POST /update-session", "PUT /golden.ovf", "PUT /golden.vmdk", "POST /update-session complete"}
	var id, vmi string
	story(t,
		resource.TestStep{
			Config:           image(file(ova)) + machine,
			ConfigPlanChecks: planned(does(plancheck.ResourceActionCreate), plancheck.ExpectKnownValue(golden, pathTo("kind"), is("VirtualMachineImage"))),
			ConfigStateChecks: []statecheck.StateCheck{
				shows("kind", is("VirtualMachineImage")), shows("namespace", is("team-a")), shows("description", knownvalue.Null()),
				shows("image.kind", is("VirtualMachineImage")), shows("image.name", knownvalue.NotNull()),
				shows("source.checksum", is(fmt.Sprintf("sha256:%x", sha256.Sum256(archive("1.0"))))),
				shows("labels", knownvalue.MapPartial(map[string]knownvalue.Check{"os.image.vmoperator.vmware.com/type": is("Linux")})),
				shows("spec.provider_ref.kind", is("ContentLibraryItem")),
				shows("status.name", is("golden")), shows("status.type", is("OVF")), shows("status.product_info.version", is("1.0")),
				shows("status.provider_content_version", is("2")), shows("status.conditions.0.status", is("True")),
				statecheck.ExpectKnownValue("vmoperator_virtual_machine.web", pathTo("status.image.provider_content_version"), is("2")),
				remember("id", &id), remember("image.name", &vmi), w.one(),
				w.asked(slices.Concat([]string{"POST"}, updates, []string{"PATCH"})...),
			},
		},
		resource.TestStep{ // A checkout makes new files of the same content.
			PreConfig:        func() { put(t, ova, archive("1.0"), 0) },
			Config:           image(file(ova)) + machine,
			ConfigPlanChecks: planned(plancheck.ExpectEmptyPlan()),
		},
		resource.TestStep{
			PreConfig: func() { put(t, ova, archive("1.1"), time.Minute) },
			Config:    image(file(ova)) + machine,
			ConfigPlanChecks: planned(
				does(plancheck.ResourceActionUpdate), plancheck.ExpectUnknownValue(golden, pathTo("source.checksum")),
				plancheck.ExpectKnownValue(golden, pathTo("image.kind"), is("VirtualMachineImage")),
				plancheck.ExpectResourceAction("vmoperator_virtual_machine.web", plancheck.ResourceActionNoop),
			),
			ConfigStateChecks: []statecheck.StateCheck{
				unchanged("id", &id), unchanged("image.name", &vmi), shows("status.product_info.version", is("1.1")), shows("status.provider_content_version", is("3")),
				w.one(), w.asked(updates...),
			},
		},
		resource.TestStep{ // A name and a description, and nothing is uploaded.
			Config: image(file(ova), `description = "Ours"`) + machine,
			ConfigPlanChecks: planned(does(plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(golden, pathTo("status.provider_content_version"), is("3"))),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id), shows("description", is("Ours")), w.asked("PATCH")},
		},
		resource.TestStep{ // Renamed by somebody else, and back.
			PreConfig: func() {
				if err := w.items.UpdateLibraryItem(t.Context(), &vapi.Item{ID: id, Name: "theirs"}); err != nil {
					t.Error(err)
				}
				w.sim.ResetRequests()
			},
			Config:            image(file(ova), `description = "Ours"`) + machine,
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate), plancheck.ExpectKnownValue(golden, pathTo("status.name"), is("golden"))),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id), w.one(), w.asked("PATCH")},
		},
		resource.TestStep{ // Content by somebody else, and back.
			PreConfig: func() {
				if err := w.sim.TouchItem(id, "17"); err != nil {
					t.Error(err)
				}
			},
			Config:            image(file(ova)) + machine,
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate), plancheck.ExpectUnknownValue(golden, pathTo("status"))),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id), shows("status.provider_content_version", is("18")), shows("description", knownvalue.Null())},
		},
		resource.TestStep{ // The file has done its work.
			PreConfig: func() {
				if err := os.Remove(ova); err != nil {
					t.Error(err)
				}
			},
			Config:            image(file(ova)) + machine,
			ConfigPlanChecks:  planned(plancheck.ExpectEmptyPlan()),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("vmoperator_virtual_machine.web", pathTo("id"), knownvalue.NotNull())},
		},
		resource.TestStep{ // Deleted by somebody else.
			PreConfig: func() {
				put(t, ova, archive("1.1"), 0)
				if err := w.items.DeleteLibraryItem(t.Context(), &vapi.Item{ID: id}); err != nil {
					t.Error(err)
				}
			},
			Config:            image(file(ova)),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionCreate)),
			ConfigStateChecks: []statecheck.StateCheck{w.one()},
		},
	)
	if got := w.found(); len(got) != 0 {
		t.Errorf("after destroy there are %v", got)
	}
}
