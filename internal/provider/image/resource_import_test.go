package image_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestAnImageIsImportedByItsItemAndByItsVMIID(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	vmi := func(s *terraform.State) (string, error) {
		return s.RootModule().Resources[golden].Primary.Attributes["image.name"], nil
	}
	var id string
	story(t,
		resource.TestStep{Config: image(file(ova), `description = "Ours"`), ConfigStateChecks: []statecheck.StateCheck{remember("id", &id)}},
		// What it was made of is not in vCenter.
		resource.TestStep{ResourceName: golden, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"source"}},
		resource.TestStep{ResourceName: golden, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"source"}, ImportStateIdFunc: vmi},
		// Who leaves the content as it is says so.
		resource.TestStep{
			ResourceName: golden, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
			Config: image(file(ova), `description = "Ours"`, "lifecycle {\n    ignore_changes = [source]\n  }"),
		},
		resource.TestStep{ResourceName: golden, ImportState: true, ImportStateId: "golden", ExpectError: fails("Not the id of an image", "", "vmi-0a0044d7c690bcbea")},
		resource.TestStep{ResourceName: golden, ImportState: true, ImportStateId: "vmi-0a0044d7c690bcbe0", ExpectError: fails("Unable to find the image", "")},
	)
	if got := w.found(); len(got) > 0 {
		t.Errorf("%v are left", got)
	}
}

// An imported image has the content that it has, until a file says which it should have. A machine
// is not captured again.
func TestAnImportedImageGetsTheContentOfItsFile(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	d := connected(t, w.sim)
	found, diags := d.Import(simulator.ItemRocky)
	if failed(diags) {
		t.Fatal(said(diags))
	}
	imported, diags := d.refresh(state{found})
	if failed(diags) || imported.at("name") != "Rocky Linux 9" || imported.at("content_library") != "team-a-images" {
		t.Fatalf("%v, %s", imported.Value, said(diags))
	}
	of := func(source values) values {
		return values{"content_library": "team-a-images", "name": "Rocky Linux 9", "description": imported.at("description"), "source": source}
	}
	machine, diags := d.plan(imported, of(values{"virtual_machine": "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a"}))
	if failed(diags) || !parts(machine.Planned)["status"].IsKnown() {
		t.Errorf("a machine is captured again: %s", said(diags))
	}
	got, diags := d.apply(t.Context(), imported, of(values{"file": ova}))
	if failed(diags) || got.at("id") != simulator.ItemRocky || got.at("status", "product_info", "version") != "1.0" {
		t.Errorf("%v, %s", got.Value, said(diags))
	}
}

// What the documentation shows is applied, with a file where it says there is one.
func TestTheDocumentationsExamplesApply(t *testing.T) {
	newWorld(t)
	text, err := os.ReadFile("../../../templates/resources/virtual_machine_image.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "photon.ova"), archive("1.0"), 0)
	put(t, filepath.Join(dir, "installer.iso"), disc("boot"), 0)
	blocks := strings.Split(string(text), "```terraform\n")[1:]
	if len(blocks) < 2 {
		t.Fatalf("the template shows %d examples", len(blocks))
	}
	for i, block := range blocks {
		config, _, found := strings.Cut(block, "```")
		if !found {
			t.Fatalf("example %d does not end", i)
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			story(t, resource.TestStep{Config: providerBlock + strings.ReplaceAll(config, "${path.module}", dir)})
		})
	}
}
