package provider_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestAWrongConfigurationSaysWhatToDo(t *testing.T) {
	sim := export(t)
	other, err := simulator.New()
	if err != nil {
		t.Fatal(err)
	}
	otherCA := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(otherCA, []byte(other.CAPEM), 0o600); err != nil {
		t.Fatal(err)
	}
	unreachable := other.Host // nobody listens there any more
	other.Close()

	provider := func(arguments ...string) string {
		return "provider \"vmoperator\" {\n  cluster_content_libraries = [\"base-images\"]\n  " + strings.Join(arguments, "\n  ") + "\n}\n"
	}
	machine := imageVM(`image_name = "Photon OS 5.0"`)
	image := "data \"vmoperator_virtual_machine_image\" \"photon\" {\n  image_name = \"Photon OS 5.0\"\n}\n"
	logins := func(want int) func() {
		return func() {
			if got := len(sim.Requests(opLogin, opLoginREST)); got != want {
				t.Errorf("there were %d attempts to log in instead of %d", got, want)
			}
			sim.ResetRequests()
		}
	}
	story(t,
		resource.TestStep{Config: provider(`password = "wrong"`) + machine + image, PreConfig: func() { sim.ResetRequests() }, ExpectError: fails("vCenter refuses the login", "", "refused the user name or password")},
		// Two objects of one run, one attempt: an account is not locked by a plan.
		resource.TestStep{PreConfig: logins(1), Config: provider(fmt.Sprintf("vsphere_server = %q", unreachable)) + machine, ExpectError: fails("vCenter cannot be reached", "", unreachable)},
		resource.TestStep{PreConfig: logins(0), Config: provider(fmt.Sprintf("ca_certificates = %q", otherCA)) + machine, ExpectError: fails("vCenter's certificate is not trusted", "", "certificate", "thumbprint")},
		resource.TestStep{PreConfig: logins(0), Config: provider(`thumbprint = "00:11"`) + machine, ExpectError: fails("Invalid provider configuration", "", "is not a certificate hash")},
		resource.TestStep{Config: provider(`datacenter = "DC9"`) + machine, ExpectError: fails("", "", "DC9", "DC0")},
		resource.TestStep{Config: provider(`default_namespace = "team-z"`) + machine, ExpectError: fails("No such namespace", `default_namespace = "team-z"`, `"default"`)},
		resource.TestStep{Config: provider("namespace { name = \"a\" }\n  namespace { name = \"a\" }") + machine, ExpectError: fails("Duplicate name", `namespace { name = "a" }`)},
		resource.TestStep{Config: provider("namespace {\n    name = \"default\"\n    resource_pool = \"nowhere\"\n  }") + machine, ExpectError: fails("Unable to find what the namespace is made of", "", "nowhere")},
		resource.TestStep{
			PreConfig: func() {
				t.Setenv("VSPHERE_SERVER", "")
				t.Setenv("VSPHERE_PASSWORD", "")
			},
			Config: provider() + machine, ExpectError: fails("Missing provider configuration", "", "vsphere_server", "VSPHERE_SERVER"),
		},
	)
	nothingWasMade(t, sim)
}

func TestTheConfigurationIsReadFromTheBlockAndTheEnvironment(t *testing.T) {
	sim := export(t)
	connection := sim.Connection()
	t.Setenv("VSPHERE_CA_CERTIFICATES", "")
	image := "data \"vmoperator_virtual_machine_image\" \"photon\" {\n  image_name = \"Photon OS 5.0\"\n}\n"
	t.Setenv("VSPHERE_SERVER", "nowhere.invalid") // the configuration wins
	server := fmt.Sprintf("vsphere_server = %q", connection.Server)
	story(t,
		resource.TestStep{Config: fmt.Sprintf("provider \"vmoperator\" {\n  %s\n  thumbprint = %q\n}\n", server, thumbprint(t, sim)) + image},
		resource.TestStep{Config: fmt.Sprintf("provider \"vmoperator\" {\n  %s\n  ca_certificates = <<-PEM\n%s\nPEM\n  datacenter = \"DC0\"\n}\n", server, sim.CAPEM) + image},
		resource.TestStep{Config: fmt.Sprintf("provider \"vmoperator\" {\n  %s\n  allow_unverified_ssl = true\n}\n", server) + image},
	)
}

func thumbprint(t *testing.T, sim *simulator.Simulator) string {
	t.Helper()
	certificate := servedCertificate(t, sim)
	sum := sha256.Sum256(certificate)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// A provider whose configuration is not known at plan plans what it can without vCenter, does
// not take another vCenter from the environment, and applies when it knows.
func TestAnUnknownConfigurationWaitsForApply(t *testing.T) {
	sim := export(t)
	t.Setenv("VSPHERE_SERVER", "nowhere.invalid")
	config := func(generation int) string {
		return strings.Replace(namespaces, "{", "{\n  vsphere_server = terraform_data.server.output", 1) +
			fmt.Sprintf("\nresource \"terraform_data\" \"server\" {\n  input            = %q\n  triggers_replace = %d\n}\n", sim.Host, generation) + whole
	}
	var uuid string
	story(t,
		resource.TestStep{
			Config: config(1),
			ConfigPlanChecks: planned(does(plancheck.ResourceActionCreate),
				plancheck.ExpectUnknownValue(web, pathTo("image")), plancheck.ExpectUnknownValue(web, pathTo("status"))),
			ConfigStateChecks: stateChecks(remember("id", &uuid), shows("image.name", is("vmi-0a0044d7c690bcbea"))),
		},
		resource.TestStep{ // Unknown once more, with a machine in state: it stays.
			Config:            config(2),
			ConfigPlanChecks:  planned(plancheck.ExpectResourceAction("terraform_data.server", plancheck.ResourceActionReplace)),
			ConfigStateChecks: stateChecks(unchanged("id", &uuid)),
		},
	)
}
