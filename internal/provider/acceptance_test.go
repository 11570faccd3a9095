package provider_test

import (
	"fmt"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/acceptance"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// What the tests of this package say in short.
var (
	needCLI   = acceptance.NeedCLI
	factories = acceptance.Factories
	story     = acceptance.Story
	planned   = acceptance.Planned
	pathTo    = acceptance.PathTo
	fails     = acceptance.Fails
	is        = acceptance.Is
)

// check looks at the world between two commands of the CLI.
type check = acceptance.Check

// connect lets the provider of this test find the simulator.
func connect(t *testing.T, to simulator.Connection) {
	t.Helper()
	acceptance.Connect(t, to.Server, to.User, to.Password, to.CAFile)
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

func hcl(format string, arguments ...any) string {
	return namespaces + fmt.Sprintf(format, arguments...)
}
