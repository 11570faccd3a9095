// Package acceptance runs the steps of a story with Terraform or OpenTofu against a simulated vCenter, and checks what
// there is between two commands. It is for tests.
package acceptance

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
)

// NeedCLI skips a test where there is no Terraform and no OpenTofu to run it with, and returns the path of the one that
// there is.
func NeedCLI(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("no CLI: put terraform on PATH, or set TF_ACC_TERRAFORM_PATH to terraform or tofu; make test builds one")
	}
	return path
}

// Factories serve the provider in process, and log its sessions out when the test ends. It finds the vCenter that the
// test, or one that it is a part of, is connected to, and what else it looks for in the environment.
func Factories(t *testing.T) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	sessions := new(provider.Sessions)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		sessions.Close(ctx)
	})
	connected := connectionOf(t.Name())
	environment := provider.WithEnvironment(func(variable string) string {
		if value, ok := connected[variable]; ok {
			return value
		}
		return os.Getenv(variable)
	})
	return map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: providerserver.NewProtocol6WithError(provider.New("test", sessions, environment)()),
	}
}

// Story runs the steps of a test.
func Story(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	NeedCLI(t)
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: Factories(t), Steps: steps})
}
