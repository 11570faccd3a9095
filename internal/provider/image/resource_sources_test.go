package image_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi/vim25/soap"
)

// An OVF folder, other files of it, and an ISO, which is another image.
func TestAnImageOfAFolderAndOfAnISO(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	ovf, iso := filepath.Join(dir, "golden.ovf"), filepath.Join(dir, "golden.iso")
	put(t, ovf, descriptor("1.0").text, time.Hour)
	put(t, filepath.Join(dir, "golden.vmdk"), diskHeader(), time.Hour)
	put(t, iso, disc("boot"), time.Hour)
	var id string
	story(t,
		resource.TestStep{
			Config: image(file(ovf)),
			ConfigStateChecks: []statecheck.StateCheck{
				remember("id", &id), shows("status.type", is("OVF")), shows("source.checksum", is(fmt.Sprintf("sha256:%x", sha256.Sum256(descriptor("1.0").text)))),
				w.asked("POST", "POST /update-session", "PUT /golden.ovf", "PUT /golden.vmdk", "POST /update-session complete", "PATCH"),
			},
		},
		resource.TestStep{ // A file that the descriptor names has changed, and not the descriptor.
			PreConfig:         func() { put(t, filepath.Join(dir, "golden.vmdk"), append(diskHeader(), 1), 0) },
			Config:            image(file(ovf)),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id), shows("status.provider_content_version", is("3"))},
		},
		resource.TestStep{ // Of the same name, and in place of the other.
			Config:           image(file(iso), `description = "An installer"`),
			ConfigPlanChecks: planned(does(plancheck.ResourceActionReplace), plancheck.ExpectUnknownValue(golden, pathTo("id"))),
			ConfigStateChecks: []statecheck.StateCheck{
				shows("status.type", is("ISO")), shows("status.disks", knownvalue.ListSizeExact(0)), shows("description", is("An installer")), w.one(),
			},
		},
		resource.TestStep{ // In another library, which is shared: another image of another kind.
			Config: strings.Replace(image(file(iso)), `"team-a-images"
  name`, `"base-images"
  name`, 1),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionReplace), plancheck.ExpectKnownValue(golden, pathTo("kind"), is("ClusterVirtualMachineImage"))),
			ConfigStateChecks: []statecheck.StateCheck{shows("image.kind", is("ClusterVirtualMachineImage")), shows("spec.provider_ref.kind", is("ClusterContentLibraryItem")), remember("id", &id)},
		},
		resource.TestStep{ // The same library by its id.
			Config:            strings.Replace(image(file(iso)), `content_library = "team-a-images"`, `content_library = "5f3a1a52-8c0e-4b35-9d5e-6f5a3c1f0a01"`, 1),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id)},
		},
	)
}

func TestAnImageAtAURLIsFetchedByVCenter(t *testing.T) {
	w := newWorld(t)
	version := "1.0"
	server := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/golden.ova" {
			http.NotFound(rw, r)
			return
		}
		_, _ = rw.Write(archive(version))
	}))
	t.Cleanup(server.Close)
	thumbprint := strings.ToLower(strings.ReplaceAll(soap.ThumbprintSHA1(server.Certificate()), ":", ""))
	source := func(checksum string) string {
		return fmt.Sprintf("url = \"%s/golden.ova\"\n    ssl_thumbprint = %q\n    %s", server.URL, thumbprint, checksum)
	}
	sum := func(version string) string {
		return fmt.Sprintf(`checksum = "sha256:%x"`, sha256.Sum256(archive(version)))
	}
	var id string
	story(t,
		resource.TestStep{
			Config: image(source("")),
			ConfigStateChecks: []statecheck.StateCheck{
				remember("id", &id), shows("status.product_info.version", is("1.0")), shows("source.checksum", knownvalue.Null()), w.one(),
				w.asked("POST", "POST /update-session", "POST /update-session complete", "PATCH"), // nothing is sent from here
			},
		},
		resource.TestStep{ // Nobody can see that there is other content.
			PreConfig:        func() { version = "1.1" },
			Config:           image(source("")),
			ConfigPlanChecks: planned(plancheck.ExpectEmptyPlan()),
		},
		resource.TestStep{ // A checksum says so. vCenter compares none of an OVA.
			Config:           image(source(sum("1.1"))),
			ConfigPlanChecks: planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{
				unchanged("id", &id), shows("status.product_info.version", is("1.1")),
				w.asked("POST /update-session", "PUT /golden.ovf", "PUT /golden.vmdk", "POST /update-session complete"),
			},
		},
		resource.TestStep{
			Config:      image(source(sum("1.2"))),
			ExpectError: fails("Not the expected content", "checksum =", "golden.ova is sha256:", "What was changed until then stays"),
		},
		resource.TestStep{ // Without its checksum it is what it is.
			Config:            image(source("")),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id), shows("status.product_info.version", is("1.1")), w.one()},
		},
		resource.TestStep{
			Config:      image(fmt.Sprintf("url = \"%s/none.iso\"\n    ssl_thumbprint = %q", server.URL, thumbprint)),
			ExpectError: fails("Unable to create the image", "", "404", "was removed"),
		},
	)
}

func TestAMachineIsPublishedAsAnImage(t *testing.T) {
	w := newWorld(t)
	config := func(from string, more ...string) string {
		return image("virtual_machine = vmoperator_virtual_machine."+from+".id", more...) + `
resource "vmoperator_virtual_machine" "first" {
  name        = "first"
  image_name  = "Photon OS 5.0"
  power_state = "PoweredOff"
}
resource "vmoperator_virtual_machine" "second" {
  name        = "second"
  image_name  = "Ubuntu 22.04 LTS"
  power_state = "PoweredOff"
}
`
	}
	var id, vmi string
	story(t,
		resource.TestStep{
			Config:           config("first", `description = "From a machine"`),
			ConfigPlanChecks: planned(plancheck.ExpectUnknownValue(golden, pathTo("source.virtual_machine"))),
			ConfigStateChecks: []statecheck.StateCheck{
				remember("id", &id), remember("image.name", &vmi), shows("description", is("From a machine")),
				shows("status.type", is("OVF")), shows("status.os_info.id", is("vmwarePhoton64Guest")), shows("source.checksum", knownvalue.Null()), w.one(),
				w.asked("POST /ovf/library-item", "PATCH"),
			},
		},
		resource.TestStep{ // Another machine, and the same image.
			Config:           config("second", `description = "From a machine"`),
			ConfigPlanChecks: planned(does(plancheck.ResourceActionUpdate)),
			ConfigStateChecks: []statecheck.StateCheck{
				unchanged("id", &id), unchanged("image.name", &vmi), shows("status.os_info.id", is("ubuntu64Guest")), w.one(), w.asked("POST /ovf/library-item"),
			},
		},
		resource.TestStep{
			Config:      image(`virtual_machine = "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a"`),
			ExpectError: fails("No such virtual machine", "virtual_machine =", "instance UUID 5f4c2a8e"),
		},
	)
}
