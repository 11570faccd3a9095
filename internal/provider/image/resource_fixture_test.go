package image_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/vmware/govmomi"
	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/acceptance"
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
	acceptance.Export(t, to.Server, to.User, to.Password, to.CAFile)
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

// What the tests of this package say in short.
var (
	needCLI = acceptance.NeedCLI
	story   = acceptance.Story
	planned = acceptance.Planned
	pathTo  = acceptance.PathTo
	fails   = acceptance.Fails
	is      = acceptance.Is
)

// check looks at the world between two commands of the CLI.
type check = acceptance.Check

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

func shows(path string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(golden, pathTo(path), want)
}

func does(action plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(golden, action)
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

// remember keeps a value of the image's state in to; unchanged compares it.
func remember(path string, to *string) statecheck.StateCheck {
	return acceptance.Remember(golden, path, to)
}

func unchanged(path string, from *string) statecheck.StateCheck {
	return acceptance.Unchanged(golden, path, from)
}
