package provider_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi/vapi/namespace"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// withClass is the provider configuration with a class of its own.
func withClass(t *testing.T) string {
	t.Helper()
	return edited(t, namespaces, `default_network   = "VM Network"
  }
`, `default_network   = "VM Network"
  }
  virtual_machine_class {
    name = "tuned"
    hardware {
      cpus   = 4
      memory = "8192Mi"
    }
    policies {
      resources {
        requests { cpu = "1500m" }
        limits { memory = "8Gi" }
      }
    }
  }
`)
}

// addClass adds a class to vCenter, as an administrator does.
func addClass(t *testing.T, sim *simulator.Simulator, spec namespace.VirtualMachineClassCreateSpec) {
	t.Helper()
	session, out := provider.SignInREST(t, sim)
	defer out()
	if err := namespace.NewManager(session).CreateVmClass(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}

// A machine of a class that asks for what is not applied would be another machine than the
// class says.
func TestClassesOfTheConfigurationAndOfVCenterAreShownAndJudged(t *testing.T) {
	t.Parallel()
	sim := start(t)
	addClass(t, sim, namespace.VirtualMachineClassCreateSpec{
		Id: "real-time", CpuCount: 2, MemoryMb: 4096,
		ConfigSpec: json.RawMessage(`{"_typeName":"VirtualMachineConfigSpec","latencySensitivity":{"_typeName":"LatencySensitivity","level":"high"},"firmware":"efi","swapPlacement":"hostLocal"}`),
	})
	const one = "data.vmoperator_virtual_machine_class."
	story(t,
		resource.TestStep{
			Config: withClass(t) + `
				data "vmoperator_virtual_machine_classes" "all" {}
				data "vmoperator_virtual_machine_class" "tuned" { name = "tuned" }
				data "vmoperator_virtual_machine_class" "real_time" { name = "real-time" }
				output "all" {
				  value = [for c in data.vmoperator_virtual_machine_classes.all.classes :
				    "${c.name} ${c.source} ${c.hardware.cpus} ${c.hardware.memory} ${one(c.status.conditions).status}"]
				}
			`,
			ConfigStateChecks: []statecheck.StateCheck{
				lists("all", "best-effort-large vcenter 4 16Gi True", "best-effort-medium vcenter 2 8Gi True", "best-effort-small vcenter 2 4Gi True",
					"guaranteed-medium vcenter 2 8Gi True", "guaranteed-small vcenter 2 4Gi True", "real-time vcenter 2 4Gi False", "tuned provider 4 8Gi True"),
				statecheck.ExpectKnownValue(one+"tuned", pathTo("namespace"), is("team-a")),
				statecheck.ExpectKnownValue(one+"tuned", pathTo("policies.resources.requests.cpu"), is("1500m")),
				statecheck.ExpectKnownValue(one+"tuned", pathTo("policies.resources.requests.memory"), knownvalue.Null()),
				statecheck.ExpectKnownValue(one+"tuned", pathTo("policies.resources.limits.memory"), is("8Gi")),
				statecheck.ExpectKnownValue(one+"real_time", pathTo("status.conditions.0.message"), knownvalue.StringRegexp(regexp.MustCompile(`^No machine can be made of .* config_spec's swapPlacement, which`))),
			},
		},
		resource.TestStep{
			Config: withClass(t) + imageVM(`image_name = "Photon OS 5.0"`, `class_name = "real-time"`),
			ExpectError: fails("Unable to use the class", `class_name = "real-time"`, `class "real-time"`, "swapPlacement, which this provider does not apply",
				"virtual_machine_class block"),
		},
		resource.TestStep{
			Config:      withClass(t) + "data \"vmoperator_virtual_machine_class\" \"typo\" {\n  name = \"tunde\"\n}\n",
			ExpectError: fails("Unable to find the class", `name = "tunde"`, `"tunde"`, `"tuned"`),
		},
	)
	nothingWasMade(t, sim)
}

// offers are the data sources that look from a namespace, with the name of something that each has.
var offers = map[string]string{
	"virtual_machine_class": "best-effort-small", "virtual_machine_classes": "",
	"storage_class": "gold", "storage_classes": "",
	"network": "backend", "networks": "",
}

func TestWhatANamespaceOffersIsReadWhenTheNamespaceIsKnown(t *testing.T) {
	t.Parallel()
	start(t)
	for source, name := range offers {
		t.Run(source, func(t *testing.T) {
			config := func(namespace string) string {
				argument := ""
				if name != "" {
					argument = fmt.Sprintf("name      = %q", name)
				}
				return namespaces + fmt.Sprintf(`
resource "terraform_data" "namespace" {
  input            = %[1]q
  triggers_replace = %[1]q
}
data "vmoperator_%[2]s" "it" {
  namespace = terraform_data.namespace.output
  %[3]s
}
`, namespace, source, argument)
			}
			story(t,
				resource.TestStep{
					Config:            config("team-a"),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.vmoperator_"+source+".it", pathTo("namespace"), is("team-a"))},
				},
				resource.TestStep{
					Config:      config("team-z"),
					ExpectError: fails("No such namespace", "namespace = terraform_data.namespace.output", `"team-z"`, `"team-a"`),
				},
			)
		})
	}
}

func TestWhatANamespaceOffersNeedsAConfiguredProvider(t *testing.T) {
	t.Parallel()
	sim := start(t)
	config := strings.Replace(namespaces, "{", "{\n  vsphere_server = terraform_data.server.output", 1) +
		fmt.Sprintf("resource \"terraform_data\" \"server\" {\n  input = %q\n}\n", sim.Host)
	var steps []resource.TestStep
	for source, name := range offers {
		argument := ""
		if name != "" {
			argument = fmt.Sprintf("name = %q", name)
		}
		steps = append(steps, resource.TestStep{
			Config:      config + fmt.Sprintf("data \"vmoperator_%s\" \"it\" {\n  %s\n}\n", source, argument),
			ExpectError: fails("The provider is not configured", fmt.Sprintf("data %q \"it\"", "vmoperator_"+source), "The provider's configuration is not known yet"),
		})
	}
	story(t, steps...)
}
