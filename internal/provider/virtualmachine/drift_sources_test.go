package virtualmachine_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// everyType is the provider configuration for a vCenter with images of every type.
func everyType(sim *simulator.Simulator) tree {
	return with(providerTree(sim), "cluster_content_libraries",
		[]any{simulator.LibraryBaseImages, simulator.LibraryTemplates, simulator.LibraryInstallers, simulator.LibrarySubscribed})
}

// deleteItem deletes a library item, as somebody does who needs the space.
func deleteItem(t *testing.T, sim *simulator.Simulator, id string) {
	t.Helper()
	transport := soap.NewClient(sim.URL, false)
	if err := transport.SetRootCAs(sim.CAFile); err != nil {
		t.Fatal(err)
	}
	client, err := vim25.NewClient(t.Context(), transport)
	if err != nil {
		t.Fatal(err)
	}
	session := rest.NewClient(client)
	if err := session.Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := session.Logout(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if err := library.NewManager(session).DeleteLibraryItem(t.Context(), &library.Item{ID: id}); err != nil {
		t.Fatal(err)
	}
}

// A machine of whatever image is not affected by what becomes of it, and a plan says it once.
func TestAPlanTellsWhatBecameOfImagesOfEveryType(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		item, image, deployed string
		more                  tree
	}{
		"template": {simulator.ItemTemplate, simulator.TemplateMachine, "2", tree{}},
		"ISO": {simulator.ItemInstaller, "Debian 12 Installer", "1", tree{
			"guest_id": "debian12_64Guest", "class_name": simulator.ClassBestSmall, "volume": []any{tree{"name": "boot", "capacity": "8Gi"}},
		}},
		"on demand": {simulator.ItemSubscribed, "AlmaLinux 9", "1", tree{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulator.Start(t, simulator.WithEveryImageType())
			connect := func() *direct {
				d := serve(t)
				d.clean("configure the provider", d.configure(everyType(sim)))
				return d
			}
			config := with(small(), "image_name", test.image)
			for argument, value := range test.more {
				config[argument] = value
			}
			d := connect()
			made := d.applied(d.nothing(), config)
			sim.Settle()
			made = d.refreshed(made)
			if got := textAt(made.state, "status.image.provider_content_version"); got != test.deployed {
				t.Errorf("made of version %q, want %q", got, test.deployed)
			}
			d.clean("plan", d.unchanged(made, config))

			if err := sim.TouchItem(test.item, "7"); err != nil {
				t.Fatal(err)
			}
			later := connect()
			made, diags := later.read(made)
			warned(t, diags, "image_name", "made of version "+test.deployed)
			if !strings.Contains(said(diags), "at version 7 now") || !strings.Contains(said(diags), test.image) {
				t.Errorf("the image is not named: %s", said(diags))
			}

			deleteItem(t, sim, test.item)
			last := connect()
			made, diags = last.read(made)
			warned(t, diags, "image_name", "The machine's image is gone")
			last.clean("plan", last.unchanged(made, config))
			// To make it anew is another matter.
			anew, diags := last.plan(last.nothing(), config)
			if !failed(diags) || !strings.Contains(said(diags), "No such image") {
				t.Errorf("a new machine of an image that is gone: %s, %v", said(diags), anew.planned)
			}
			last.clean("destroy", last.destroy(made))
		})
	}
}
