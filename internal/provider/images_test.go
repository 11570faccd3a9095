package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// listing is a data source of images, and an output of its name with the kinds and display
// names of what it lists.
func listing(name string, arguments ...string) string {
	return fmt.Sprintf(`
data "vmoperator_virtual_machine_images" %[1]q {
  %[2]s
}
output %[1]q {
  value = [for i in data.vmoperator_virtual_machine_images.%[1]s.images : "${i.kind} ${i.status.name}"]
}
`, name, strings.Join(arguments, "\n  "))
}

// lists checks an output against a list of texts.
func lists(output string, want ...string) statecheck.StateCheck {
	checks := make([]knownvalue.Check, len(want))
	for i, text := range want {
		checks[i] = is(text)
	}
	return statecheck.ExpectKnownOutputValue(output, knownvalue.ListExact(checks))
}

func TestImagesAreListedAndSelected(t *testing.T) {
	t.Parallel()
	start(t)
	const (
		cluster, own = "ClusterVirtualMachineImage ", "VirtualMachineImage "
		address      = "data.vmoperator_virtual_machine_images."
		teamB        = "namespace {\n    name              = \"team-b\"\n    content_libraries = [\"partner-images\"]\n  }\n}"
	)
	both := strings.TrimSuffix(strings.TrimSpace(namespaces), "}") + teamB + "\n"
	base := []string{
		cluster + "Broken Appliance", cluster + "CentOS Stream 9", cluster + "Custom Appliance", cluster + "Debian 12",
		cluster + "Photon OS 5.0", cluster + "Ubuntu 22.04 Installer", cluster + "Ubuntu 22.04 LTS", cluster + "Windows Server 2022",
	}
	ours := []string{own + "Debian 12", own + "Rocky Linux 9"}
	story(t, resource.TestStep{
		Config: both +
			listing("all") +
			listing("shared", `kind = "ClusterVirtualMachineImage"`) +
			listing("ours", `kind = "VirtualMachineImage"`) +
			listing("theirs", `namespace = "team-b"`, `kind = "VirtualMachineImage"`) +
			listing("gpu", `label_selector = "capability.image.vmoperator.vmware.com/nvidia-gpu"`) +
			listing("cloud_init", `kind = "VirtualMachineImage"`, `label_selector = "os.image.vmoperator.vmware.com/type=Linux,capability.image.vmoperator.vmware.com/cloud-init"`) +
			listing("windows", `label_selector = "os.image.vmoperator.vmware.com/type=Windows"`) +
			listing("no_system", `label_selector = "!os.image.vmoperator.vmware.com/type"`) +
			listing("none", `label_selector = "os.image.vmoperator.vmware.com/type=Solaris"`) + `
			data "vmoperator_virtual_machine_image" "photon" { image_name = "Photon OS 5.0" }
			output "as_one" {
			  value = [for i in data.vmoperator_virtual_machine_images.gpu.images :
			    i == { for name, value in data.vmoperator_virtual_machine_image.photon : name => value if name != "image_name" }]
			}
			output "not_ready" {
			  value = [for i in data.vmoperator_virtual_machine_images.all.images :
			    "${i.status.name}: ${i.status.conditions[0].reason}" if anytrue([for c in i.status.conditions : c.type == "Ready" && c.status == "False"])]
			}
		`,
		ConfigStateChecks: []statecheck.StateCheck{
			lists("all", slices.Concat(base, ours)...),
			lists("shared", base...),
			lists("ours", ours...),
			lists("theirs", own+"CentOS Stream 9"),
			lists("gpu", cluster+"Photon OS 5.0"),
			lists("cloud_init", ours...),
			lists("windows", cluster+"Windows Server 2022"),
			lists("no_system", cluster+"Broken Appliance", cluster+"Ubuntu 22.04 Installer"),
			lists("none"),
			statecheck.ExpectKnownOutputValue("as_one", knownvalue.ListExact([]knownvalue.Check{knownvalue.Bool(true)})),
			statecheck.ExpectKnownOutputValue("not_ready", knownvalue.ListExact([]knownvalue.Check{is("Broken Appliance: VirtualMachineImageNotSynced")})),
			statecheck.ExpectKnownValue(address+"all", pathTo("namespace"), is("team-a")),
			statecheck.ExpectKnownValue(address+"theirs", pathTo("namespace"), is("team-b")),
			statecheck.ExpectKnownValue(address+"theirs", pathTo("images.0.namespace"), is("team-b")),
			statecheck.ExpectKnownValue(address+"shared", pathTo("images.0.namespace"), is("team-a")),
			statecheck.ExpectKnownValue(address+"none", pathTo("images"), knownvalue.ListSizeExact(0)),
		},
	})
}

func TestImagesOfOneNameAreOrderedByID(t *testing.T) {
	t.Parallel()
	start(t)
	var want []string
	for _, item := range []string{simulator.ItemCentOSBase, simulator.ItemCentOSPartner} {
		want = append(want, image.NewID(item).String())
	}
	slices.Sort(want)
	story(t, resource.TestStep{
		Config: bothLibraries + listing("all") + `
			output "ids" {
			  value = [for i in data.vmoperator_virtual_machine_images.all.images : i.name if i.status.name == "CentOS Stream 9"]
			}
		`,
		ConfigStateChecks: []statecheck.StateCheck{lists("ids", want...)},
	})
}

func TestImagesThatCannotBeListedAreSaid(t *testing.T) {
	t.Parallel()
	sim := start(t)
	const selector = `label_selector = "os.image.vmoperator.vmware.com/type in Linux"`
	story(t,
		resource.TestStep{
			PreConfig:   func() { sim.ResetRequests() },
			Config:      namespaces + listing("bad", selector),
			ExpectError: fails("Not a label selector", selector, `"os.image.vmoperator.vmware.com/type in Linux"`, "capability.image.vmoperator.vmware.com/cloud-init"),
		},
		resource.TestStep{
			PreConfig: func() {
				if got := sim.Requests(opLogin, opLoginREST); len(got) != 0 {
					t.Errorf("vCenter was asked %d times before the selector was read", len(got))
				}
			},
			Config:      namespaces + listing("bad", `kind = "ContentLibraryItem"`),
			ExpectError: fails("Invalid Attribute Value Match", `kind = "ContentLibraryItem"`, "ClusterVirtualMachineImage"),
		},
		resource.TestStep{
			Config:      namespaces + listing("bad", `namespace = "team-z"`),
			ExpectError: fails("No such namespace", `namespace = "team-z"`, `"team-a"`),
		},
		resource.TestStep{
			Config:      strings.Replace(namespaces, `["base-images"]`, `["bass-images"]`, 1) + listing("bad"),
			ExpectError: fails("Unable to list the images", "", "bass-images"),
		},
	)
}

// What an argument is may be known during apply only, and so may be that it is wrong.
func TestImagesAreListedWhenTheSelectorIsKnown(t *testing.T) {
	t.Parallel()
	start(t)
	config := func(selector string) string {
		return namespaces + fmt.Sprintf("resource \"terraform_data\" \"selector\" {\n  input            = %[1]q\n  triggers_replace = %[1]q\n}\n", selector) +
			listing("known", "label_selector = terraform_data.selector.output")
	}
	story(t,
		resource.TestStep{
			Config:            config("os.image.vmoperator.vmware.com/type=Windows"),
			ConfigStateChecks: []statecheck.StateCheck{lists("known", "ClusterVirtualMachineImage Windows Server 2022")},
		},
		resource.TestStep{
			Config:      config("a=b c=d"),
			ExpectError: fails("Not a label selector", "label_selector = terraform_data.selector.output", `"a=b c=d"`),
		},
	)
}

func TestImagesNeedAConfiguredProvider(t *testing.T) {
	t.Parallel()
	sim := start(t)
	config := strings.Replace(namespaces, "{", "{\n  vsphere_server = terraform_data.server.output", 1) +
		fmt.Sprintf("resource \"terraform_data\" \"server\" {\n  input = %q\n}\n", sim.Host)
	const without = "The provider's configuration is not known yet"
	story(t,
		resource.TestStep{
			Config:      config + "data \"vmoperator_virtual_machine_image\" \"photon\" {\n  image_name = \"Photon OS 5.0\"\n}\n",
			ExpectError: fails("The provider is not configured", `data "vmoperator_virtual_machine_image" "photon"`, without),
		},
		resource.TestStep{
			Config:      config + listing("all"),
			ExpectError: fails("The provider is not configured", `data "vmoperator_virtual_machine_images" "all"`, without),
		},
	)
}

func TestTheVMIIDOfAnItemIsComputed(t *testing.T) {
	t.Parallel()
	needCLI(t)
	story(t, resource.TestStep{
		Config: `
			locals { items = ["e1968c25-dd84-4506-8dc7-9beacb6b688e", "e1968c25dd8445068dc79beacb6b688e", "E1968C25-DD84-4506-8DC7-9BEACB6B688E", ""] }
			output "ids" { value = [for item in local.items : provider::vmoperator::vmi_id(item)] }
		`,
		ConfigStateChecks: []statecheck.StateCheck{
			lists("ids", "vmi-0a0044d7c690bcbea", "vmi-0a0044d7c690bcbea", "vmi-bc631e4757b1bd1c1", "vmi-da39a3ee5e6b4b0d3"),
		},
	})
}
