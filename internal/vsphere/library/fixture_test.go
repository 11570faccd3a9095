package library_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// world is the seeded vCenter and a catalogue of it.
type world struct {
	sim       *simulator.Simulator
	client    *vsphere.Client
	catalogue *library.Catalogue
	items     *vapi.Manager // somebody else's hands on the libraries
}

func newWorld(t testing.TB, options ...simulator.Option) *world {
	t.Helper()
	sim := simulator.Start(t, options...)
	w := &world{sim: sim}
	w.client = connect(t, sim)
	w.catalogue = library.New(w.client)
	other, err := connect(t, sim).REST(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.items = vapi.NewManager(other)
	if _, err := w.client.REST(t.Context()); err != nil { // the login is not what tests count
		t.Fatal(err)
	}
	return w
}

func connect(t testing.TB, sim *simulator.Simulator) *vsphere.Client {
	t.Helper()
	client, err := vsphere.New(vsphere.Config{
		Server: sim.Host, User: simulator.User, Password: simulator.Password, CACertificates: sim.CAPEM,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Logout(context.Background()) })
	return client
}

// calls returns the number of requests that do makes.
func (w *world) calls(do func()) int64 {
	before := w.client.Calls()
	do()
	return w.client.Calls() - before
}

func (w *world) resolve(t *testing.T, scopes library.Scopes, name string) image.Image {
	t.Helper()
	img, _, err := w.catalogue.Resolve(t.Context(), scopes, library.Query{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// teamA sees its own library, and every other as the cluster's.
func teamA() library.Scopes {
	return library.Scopes{Namespace: "team-a", NamespaceLibraries: []string{simulator.LibraryTeamAImages}}
}

// teamB has no library of its own, and team-a's is none of its business.
func teamB() library.Scopes {
	return library.Scopes{Namespace: "team-b", OtherLibraries: []string{simulator.LibraryTeamAImages}}
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
