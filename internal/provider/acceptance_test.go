package provider_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// needCLI skips a test where there is no Terraform and no OpenTofu to run it with.
func needCLI(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC_TERRAFORM_PATH") != "" {
		return
	}
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("no CLI: put terraform on PATH, or set TF_ACC_TERRAFORM_PATH to terraform or tofu; make test builds one")
	}
}

// factories serve the provider in process, and log its sessions out when the test ends.
func factories(t *testing.T) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	sessions := new(provider.Sessions)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		sessions.Close(ctx)
	})
	return map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: providerserver.NewProtocol6WithError(provider.New("test", sessions)()),
	}
}

// connect lets the provider find the simulator in the environment.
func connect(t *testing.T, to simulator.Connection) {
	t.Helper()
	t.Setenv("VSPHERE_SERVER", to.Server)
	t.Setenv("VSPHERE_USER", to.User)
	t.Setenv("VSPHERE_PASSWORD", to.Password)
	t.Setenv("VSPHERE_CA_CERTIFICATES", to.CAFile)
}

// namespaces is the provider configuration of most tests.
const namespaces = `
provider "vmoperator" {
  default_namespace         = "team-a"
  cluster_content_libraries = ["base-images"]
  namespace {
    name              = "team-a"
    content_libraries = ["team-a-images"]
    resource_pool     = "team-a"
    folder            = "team-a"
    datastore         = "LocalDS_0"
    default_network   = "VM Network"
  }
}
`

// story runs the steps of a test.
func story(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	needCLI(t)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(t), Steps: steps})
}

func hcl(format string, arguments ...any) string {
	return namespaces + fmt.Sprintf(format, arguments...)
}
