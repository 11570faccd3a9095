package library_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

func (w *world) drift(t *testing.T, itemID, contentVersion string) image.Drift {
	t.Helper()
	drift, err := w.catalogue.Drift(t.Context(), itemID, contentVersion)
	if err != nil {
		t.Error(err)
	}
	return drift
}

func TestDriftTellsWhatBecameOfAnImage(t *testing.T) {
	w := newWorld(t)
	if err := w.sim.TouchItem(simulator.ItemUbuntu, "2"); err != nil {
		t.Fatal(err)
	}
	if err := w.items.UpdateLibraryItem(t.Context(), &vapi.Item{ID: simulator.ItemRocky, Name: "Rocky Linux 9.4"}); err != nil {
		t.Fatal(err)
	}
	if err := w.items.DeleteLibraryItem(t.Context(), &vapi.Item{ID: simulator.ItemWindows}); err != nil {
		t.Fatal(err)
	}
	for itemID, want := range map[string]image.Drift{
		simulator.ItemPhoton:  {Name: "Photon OS 5.0", ContentVersion: "1"},
		simulator.ItemUbuntu:  {Newer: true, Name: "Ubuntu 22.04 LTS", ContentVersion: "2"},
		simulator.ItemRocky:   {Name: "Rocky Linux 9.4", ContentVersion: "1"},
		simulator.ItemWindows: {Gone: true},
	} {
		if diff := cmp.Diff(want, w.drift(t, itemID, "1")); diff != "" {
			t.Errorf("item %s (-want +got):\n%s", itemID, diff)
		}
	}
}

func TestAThousandMachinesAskOnceWhatBecameOfTheirImages(t *testing.T) {
	w := newWorld(t)
	images := []string{simulator.ItemPhoton, simulator.ItemUbuntu, "00000000-0000-0000-0000-000000000000"}
	calls := w.calls(func() {
		var machines sync.WaitGroup
		for i := range 1000 {
			machines.Go(func() {
				itemID := images[i%len(images)]
				if drift := w.drift(t, itemID, "1"); drift.Gone != (i%len(images) == 2) || drift.Newer {
					t.Errorf("item %s: %+v", itemID, drift)
				}
			})
		}
		machines.Wait()
		for range 10 { // and one after the other, as a plan may
			w.drift(t, images[2], "1")
		}
	})
	if calls != int64(len(images)) {
		t.Errorf("%d calls, want one for each of %d images", calls, len(images))
	}
}

func TestDriftSeesOurOwnChanges(t *testing.T) {
	w := newWorld(t)
	w.drift(t, simulator.ItemPhoton, "1")
	if err := w.sim.TouchItem(simulator.ItemPhoton, "2"); err != nil {
		t.Fatal(err)
	}
	if drift := w.drift(t, simulator.ItemPhoton, "1"); drift.Newer {
		t.Errorf("%+v at once, want the answer that is remembered", drift)
	}
	w.catalogue.Forget(simulator.ItemPhoton)
	if drift := w.drift(t, simulator.ItemPhoton, "1"); !drift.Newer {
		t.Errorf("%+v after Forget, want newer content", drift)
	}
}

func TestAnImageThatCannotBeReadIsNotGone(t *testing.T) {
	w := newWorld(t)
	if err := w.sim.FailREST(getItem, http.StatusForbidden); err != nil {
		t.Fatal(err)
	}
	_, err := w.catalogue.Drift(t.Context(), simulator.ItemPhoton, "1")
	wantError(t, err, vsphere.ErrNotPermitted)
	w.sim.ClearRules()
	if drift := w.drift(t, simulator.ItemPhoton, "1"); drift.Gone {
		t.Errorf("%+v", drift) // the failure is not remembered
	}
}

// The drift that a machine sees is of the item that was deployed, whatever has its name today.
func TestDriftGoesByTheItem(t *testing.T) {
	w := newWorld(t)
	deployed, _, err := w.catalogue.Image(t.Context(), teamA(), library.Query{Name: "Rocky Linux 9"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.items.DeleteLibraryItem(t.Context(), &vapi.Item{ID: deployed.ItemID}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.items.CreateLibraryItem(t.Context(), vapi.Item{
		Name: "Rocky Linux 9", LibraryID: simulator.LibraryTeamAImagesID, Type: vapi.ItemTypeOVF,
	}); err != nil {
		t.Fatal(err)
	}
	if drift := w.drift(t, deployed.Status.ProviderItemID, deployed.Status.ProviderContentVersion); !drift.Gone {
		t.Errorf("%+v, want that the image is gone", drift)
	}
}

// A machine that is checked in is other content of a template.
func TestDriftTellsOfTemplates(t *testing.T) {
	w := newWorld(t, simulator.WithEveryImageType())
	if drift := w.drift(t, simulator.ItemTemplate, "2"); drift.Newer || drift.Gone {
		t.Errorf("a template as it was made: %+v", drift)
	}
	if err := w.sim.TouchItem(simulator.ItemTemplate, "3"); err != nil {
		t.Fatal(err)
	}
	w.catalogue.Forget(simulator.ItemTemplate)
	want := image.Drift{Newer: true, Name: simulator.TemplateMachine, ContentVersion: "3"}
	if diff := cmp.Diff(want, w.drift(t, simulator.ItemTemplate, "2")); diff != "" {
		t.Errorf("a template with other content (-want +got):\n%s", diff)
	}
}
