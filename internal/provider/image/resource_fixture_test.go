package image_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/vmware/govmomi"
	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const golden = "vmoperator_virtual_machine_image.golden"

// world is a vCenter for the provider to find.
type world struct {
	*testing.T
	sim   *simulator.Simulator // nil if it is a process of its own
	items *vapi.Manager        // somebody else's hands on the libraries
}

func newWorld(t *testing.T) *world {
	t.Helper()
	sim := simulator.Start(t)
	w := worldOf(t, sim.Connection())
	w.sim = sim
	return w
}

// worldOf is a vCenter that runs anywhere.
func worldOf(t *testing.T, to simulator.Connection) *world {
	t.Helper()
	t.Setenv("VSPHERE_SERVER", to.Server)
	t.Setenv("VSPHERE_USER", to.User)
	t.Setenv("VSPHERE_PASSWORD", to.Password)
	t.Setenv("VSPHERE_CA_CERTIFICATES", to.CAFile)
	client, err := govmomi.NewClient(t.Context(), &url.URL{Scheme: "https", Host: to.Server, Path: "/sdk"}, true)
	if err != nil {
		t.Fatal(err)
	}
	session := rest.NewClient(client.Client)
	if err := session.Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Logout(context.WithoutCancel(t.Context())) })
	return &world{T: t, items: vapi.NewManager(session)}
}

// needCLI skips a test where there is no Terraform and no OpenTofu to run it with.
func needCLI(t *testing.T) string {
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

// providerBlock is the provider's configuration.
const providerBlock = `
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

// image is the configuration of an image with a source, and more arguments.
func image(source string, more ...string) string {
	return fmt.Sprintf(`%s
resource "vmoperator_virtual_machine_image" "golden" {
  content_library = "team-a-images"
  name            = "golden"
  %s
  source {
    %s
  }
}
`, providerBlock, strings.Join(more, "\n  "), source)
}

func file(path string) string { return fmt.Sprintf("file = %q", path) }

// story runs the steps of a test.
func story(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	needCLI(t)
	sessions := new(provider.Sessions)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		sessions.Close(ctx)
	})
	resource.UnitTest(t, resource.TestCase{Steps: steps, ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
		provider.TypeName: providerserver.NewProtocol6WithError(provider.New("test", sessions)()),
	}})
}

// pathTo is a path in a resource's values.
func pathTo(path string) tfjsonpath.Path {
	var out tfjsonpath.Path
	for i, step := range strings.Split(path, ".") {
		index := 0
		_, err := fmt.Sscanf(step, "%d", &index)
		switch {
		case i == 0:
			out = tfjsonpath.New(step)
		case err == nil:
			out = out.AtSliceIndex(index)
		default:
			out = out.AtMapKey(step)
		}
	}
	return out
}

func shows(path string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(golden, pathTo(path), want)
}

func is(text string) knownvalue.Check { return knownvalue.StringExact(text) }

func planned(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: checks}
}

func does(action plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(golden, action)
}

// check looks at the world between two commands of the CLI.
type check func() error

// CheckPlan implements plancheck.PlanCheck.
func (c check) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = c()
}

// CheckState implements statecheck.StateCheck.
func (c check) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c()
}

// changing are the requests that change a library.
var changing = []string{
	"POST */content/library/item", "PATCH *", "DELETE */content/library/item/{id}", "PUT *", "POST */update-session*complete", "POST */update-session",
	"POST */updatesession/file*remove", "POST /rest/com/vmware/vcenter/ovf/library-item",
}

// asked compares the requests that changed a library since the last time, in short.
func (w *world) asked(want ...string) check {
	return func() error {
		var got []string
		for _, request := range w.sim.Requests(changing...) {
			got = append(got, strings.TrimSpace(strings.NewReplacer("/rest/com/vmware/content/library/item", "", "/rest/com/vmware/vcenter", "", "/{id}", "", "?~action=", " ", "/cls/data", "").Replace(request.Operation)))
		}
		w.sim.ResetRequests()
		if g, w := strings.Join(got, ", "), strings.Join(want, ", "); g != w {
			return fmt.Errorf("the libraries were changed by\n\t%s\nand not by\n\t%s", g, w)
		}
		return nil
	}
}

// one checks that there is exactly one golden item in the team's library.
func (w *world) one() check {
	return func() error {
		if got := w.found(); len(got) != 1 {
			return fmt.Errorf("there are %v", got)
		}
		if left := w.updates(); len(left) > 0 {
			return fmt.Errorf("update sessions are left: %v", left)
		}
		return nil
	}
}

// updates are the update sessions that are under way, by id.
func (w *world) updates() []string {
	w.Helper()
	ctx := context.WithoutCancel(w.Context())
	ids, err := w.items.ListLibraryItemUpdateSession(ctx)
	if err != nil {
		w.Error(err)
	}
	return slices.DeleteFunc(ids, func(id string) bool {
		session, err := w.items.GetLibraryItemUpdateSession(ctx, id)
		return err != nil || session.State != "ACTIVE"
	})
}

// found are the golden items in the team's library.
func (w *world) found() []string {
	w.Helper()
	ids, err := w.items.FindLibraryItems(context.WithoutCancel(w.Context()), vapi.FindItem{LibraryID: simulator.LibraryTeamAImagesID, Name: "golden"})
	if err != nil {
		w.Error(err)
	}
	return ids
}

// remember keeps a value of the state in to; unchanged compares it.
func remember(path string, to *string) statecheck.StateCheck { return memory{path, to, false} }

func unchanged(path string, from *string) statecheck.StateCheck { return memory{path, from, true} }

type memory struct {
	path    string
	value   *string
	compare bool
}

// CheckState implements statecheck.StateCheck.
func (m memory) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = errors.New(golden + " is not in state")
	for _, r := range req.State.Values.RootModule.Resources {
		if r.Address != golden {
			continue
		}
		value, err := tfjsonpath.Traverse(r.AttributeValues, pathTo(m.path))
		found := fmt.Sprint(value)
		switch resp.Error = err; {
		case err != nil:
		case !m.compare:
			*m.value = found
		case found != *m.value:
			resp.Error = fmt.Errorf("%s was %s and is %s", m.path, *m.value, found)
		}
	}
}

// fails matches an error or a warning of the CLI: its summary, the line of configuration that it
// points at, and texts of its detail in the order in which they come.
func fails(summary, line string, details ...string) *regexp.Regexp {
	spaced := func(text string) string { return strings.Join(strings.Fields(regexp.QuoteMeta(text)), `\s+`) }
	pattern := `(?s)Error:\s+` + spaced(summary)
	if line != "" {
		pattern += `(?:\s+with[^\n]*)?\s+on\s+terraform_plugin_test\.tf\s+line\s+\d+[^\n]*\n\s+\d+:\s+` + spaced(line)
	}
	for _, detail := range details {
		pattern += `.*?` + spaced(detail)
	}
	return regexp.MustCompile(pattern)
}
