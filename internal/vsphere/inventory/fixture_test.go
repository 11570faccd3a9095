package inventory_test

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	_ "github.com/vmware/govmomi/pbm/simulator"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// world is a vCenter with one datacenter DC0 and whatever a test puts into it.
type world struct {
	client    *vsphere.Client
	inventory *inventory.Inventory
	vim       *vim25.Client
	finder    *find.Finder
	folders   *object.DatacenterFolders
	registry  *simulator.Registry // for what the simulator leaves out; only before the first question
	service   *simulator.Service
}

// newWorld starts a simulator of the given shape.
func newWorld(t *testing.T, shape func(*simulator.Model)) *world {
	t.Helper()
	model := simulator.VPX()
	model.Machine, model.Host = 0, 0
	shape(model)
	if err := model.Create(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Remove)
	model.Service.TLS = new(tls.Config)
	model.Service.RegisterEndpoints = true
	server := model.Service.NewServer()
	t.Cleanup(server.Close)

	client, err := vsphere.New(vsphere.Config{
		Server: server.URL.Host, User: "user", Password: "pass", AllowUnverifiedSSL: true, Datacenter: "DC0",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Logout(context.Background()) })
	w := &world{client: client, inventory: inventory.New(client), registry: model.Map(), service: model.Service}
	if w.vim, err = client.Vim(t.Context()); err != nil {
		t.Fatal(err)
	}
	datacenter, err := client.Datacenter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.finder = find.NewFinder(w.vim).SetDatacenter(datacenter)
	if w.folders, err = datacenter.Folders(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// calls returns the number of requests that do makes.
func (w *world) calls(do func()) int64 {
	before := w.client.Calls()
	do()
	return w.client.Calls() - before
}

func (w *world) namespace(t *testing.T, spec inventory.NamespaceSpec) inventory.Namespace {
	t.Helper()
	namespace, err := w.inventory.Namespace(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return namespace
}

// wantError checks the kind of an error and that its text contains all parts.
func wantError(t *testing.T, err, kind error, parts ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error is %v, want %v", err, kind)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not contain %q", err, part)
		}
	}
}
