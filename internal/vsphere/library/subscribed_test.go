package library_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

const (
	syncItem = "POST /rest/com/vmware/content/library/subscribed-item/{id}?~action=sync"
	copies   = "copies"
)

// subscribe makes a library that is subscribed to base-images, and returns the ids of its items
// by those of which they are copies.
func (w *world) subscribe(t *testing.T, onDemand bool) map[string]string {
	t.Helper()
	base, err := w.items.GetLibraryByID(t.Context(), simulator.LibraryBaseImagesID)
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.items.CreateLibrary(t.Context(), vapi.Library{
		Name: copies, Type: "SUBSCRIBED", Storage: base.Storage,
		Subscription: &vapi.Subscription{OnDemand: &onDemand, SubscriptionURL: "http://publisher.example.com/" + base.ID, AuthenticationMethod: "NONE"},
	})
	if err != nil {
		t.Fatal(err)
	}
	items, err := w.items.GetLibraryItems(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	bySource := make(map[string]string, len(items))
	for _, item := range items {
		bySource[item.SourceID] = item.ID
	}
	return bySource
}

// ofCopies sees the subscribed library only.
func ofCopies(naming image.NamingStrategy) library.Scopes {
	return library.Scopes{
		Namespace: "n", ClusterLibraries: []string{copies}, NamingStrategies: map[string]image.NamingStrategy{copies: naming},
	}
}

func TestAnImageOnDemandIsReadyAndSaysThatItIsNotThere(t *testing.T) {
	w := newWorld(t)
	w.subscribe(t, true)
	for _, img := range w.list(t, ofCopies("")) {
		condition, ok := img.Status.Condition(image.ConditionCached)
		if !ok || condition.Status != "False" || condition.Reason != image.ReasonOnDemand || !strings.Contains(condition.Message, copies) {
			t.Errorf("%s: condition %+v, %t", img.DisplayName, condition, ok)
		}
		broken := img.DisplayName == "Broken Appliance"
		if ready, _, message := img.Status.Ready(); ready == broken {
			t.Errorf("%s is ready: %t, %s", img.DisplayName, ready, message)
		}
		if described := img.Descriptor != nil; described != (img.Status.Type == image.TypeOVF && !broken) {
			t.Errorf("%s has a descriptor: %t", img.DisplayName, described)
		}
	}
}

func TestACopyThatIsThereSaysSo(t *testing.T) {
	w := newWorld(t)
	ids := w.subscribe(t, false)
	images := w.list(t, ofCopies(""))
	if len(images) != len(ids) {
		t.Errorf("%d images of %d copies", len(images), len(ids))
	}
	for _, img := range images {
		if condition, _ := img.Status.Condition(image.ConditionCached); condition.Status != "True" {
			t.Errorf("%s: condition %+v", img.DisplayName, condition)
		}
	}
}

func TestSyncFetchesTheFilesOnce(t *testing.T) {
	w := newWorld(t)
	ids := w.subscribe(t, true)
	iso := library.Query{Name: string(image.NewID(ids[simulator.ItemISO]))}
	cached := func() string {
		t.Helper()
		img, _, err := w.catalogue.Image(t.Context(), ofCopies(""), iso)
		if err != nil {
			t.Fatal(err)
		}
		condition, _ := img.Status.Condition(image.ConditionCached)
		return condition.Status
	}
	if got := cached(); got != "False" {
		t.Fatalf("before, the ISO is cached: %s", got)
	}
	w.sim.SetLatency(20 * time.Millisecond) // so that all callers come while the first one syncs
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if err := w.catalogue.Sync(t.Context(), ids[simulator.ItemISO]); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if synced := len(w.sim.Requests(syncItem)); synced != 1 {
		t.Errorf("%d synchronizations for 20 callers, want 1", synced)
	}
	if got := cached(); got != "True" {
		t.Errorf("afterwards, the ISO is cached: %s", got)
	}
}

func TestSyncLeavesAloneWhatIsThere(t *testing.T) {
	w := newWorld(t)
	w.resolve(t, teamA(), "Ubuntu 22.04 Installer")
	calls := w.calls(func() {
		if err := w.catalogue.Sync(t.Context(), simulator.ItemISO); err != nil {
			t.Error(err)
		}
	})
	if calls != 0 || len(w.sim.Requests(syncItem)) != 0 {
		t.Errorf("%d calls for an item that was just read from a local library", calls)
	}
	// Nobody publishes what is in a local library, even if nothing is there.
	empty, err := w.items.CreateLibraryItem(t.Context(), vapi.Item{Name: "empty", LibraryID: simulator.LibraryBaseImagesID, Type: vapi.ItemTypeISO})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.catalogue.Sync(t.Context(), empty); err != nil || len(w.sim.Requests(syncItem)) != 0 {
		t.Errorf("error %v for an empty item of a local library", err)
	}
	err = w.catalogue.Sync(t.Context(), "00000000-0000-0000-0000-000000000000")
	wantError(t, err, vsphere.ErrNotFound)
}

func TestSyncOfWhatThePublisherRemovedFails(t *testing.T) {
	w := newWorld(t)
	ids := w.subscribe(t, true)
	if err := w.items.DeleteLibraryItem(t.Context(), &vapi.Item{ID: simulator.ItemISO}); err != nil {
		t.Fatal(err)
	}
	err := w.catalogue.Sync(t.Context(), ids[simulator.ItemISO])
	wantError(t, err, vsphere.ErrNotFound, "synchronize", ids[simulator.ItemISO])
	drift, err := w.catalogue.Drift(t.Context(), ids[simulator.ItemISO], "1")
	if err != nil || !drift.Gone {
		t.Errorf("drift %+v, %v, want an image that is gone", drift, err)
	}
}

func TestSyncEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	ids := w.subscribe(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	// A transfer that never ends: vCenter takes the request, and the item stays as it is.
	if err := w.sim.Inject(simulator.Rule{Operation: syncItem, Status: http.StatusNoContent, Times: -1}); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	err := w.catalogue.Sync(ctx, ids[simulator.ItemISO])
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}

func TestCopiesBearTheirSourcesID(t *testing.T) {
	w := newWorld(t)
	ids := w.subscribe(t, true)
	own := string(image.NewID(ids[simulator.ItemPhoton]))
	bySource, byItem := ofCopies(image.PreferItemSourceID), ofCopies(image.FromItemID)
	for _, test := range []struct {
		name   string
		scopes library.Scopes
		asked  string
		id     string
	}{
		{"the source's id", bySource, photonID, photonID},
		{"the source's id, of the cluster", bySource, "c" + photonID, photonID},
		{"by display name", bySource, "Photon OS 5.0", photonID},
		{"their own id", byItem, own, own},
		{"their own id by display name", byItem, "Photon OS 5.0", own},
	} {
		got := w.resolve(t, test.scopes, test.asked)
		if got.ItemID != ids[simulator.ItemPhoton] || got.ID.String() != test.id {
			t.Errorf("%s: %s of item %s, want %s of item %s", test.name, got.ID, got.ItemID, test.id, ids[simulator.ItemPhoton])
		}
		described, err := w.catalogue.Describe(t.Context(), got)
		if err != nil || described.ID != got.ID || described.ProviderRef != got.ProviderRef {
			t.Errorf("%s: described as %s, %v, %v", test.name, described.ID, described.ProviderRef, err)
		}
	}
	for name, test := range map[string]struct {
		scopes library.Scopes
		asked  string
	}{
		"the source's id does not name copies by item": {byItem, photonID},
		"their own id does not name copies by source":  {bySource, own},
	} {
		_, _, err := w.catalogue.Resolve(t.Context(), test.scopes, library.Query{Name: test.asked})
		if !errors.Is(err, vsphere.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Run("in a list", func(t *testing.T) {
		found := slices.ContainsFunc(w.list(t, bySource), func(img image.Image) bool { return img.ID == photonID })
		if !found {
			t.Errorf("no copy has the id %s", photonID)
		}
	})
	t.Run("ambiguous beside the source", func(t *testing.T) {
		both := bySource
		both.ClusterLibraries = []string{copies, simulator.LibraryBaseImages}
		_, _, err := w.catalogue.Resolve(t.Context(), both, library.Query{Name: photonID})
		wantError(t, err, vsphere.ErrAmbiguous, simulator.ItemPhoton, ids[simulator.ItemPhoton], "copies of one image")
	})
	t.Run("a library that is not there", func(t *testing.T) {
		lost := bySource
		lost.NamingStrategies = map[string]image.NamingStrategy{"copy": image.PreferItemSourceID}
		_, _, err := w.catalogue.Resolve(t.Context(), lost, library.Query{Name: photonID})
		wantError(t, err, vsphere.ErrNotFound, `no content library "copy"`, `content_library "copy"`, "PreferItemSourceID")
	})
	t.Run("a library that is named twice", func(t *testing.T) {
		base := simulator.LibraryBaseImagesID
		twice := library.Scopes{NamingStrategies: map[string]image.NamingStrategy{base: image.FromItemID, simulator.LibraryBaseImages: image.PreferItemSourceID}}
		_, _, err := w.catalogue.Resolve(t.Context(), twice, library.Query{Name: photonID})
		wantError(t, err, vsphere.ErrAmbiguous, base, simulator.LibraryBaseImages, "same library")
	})
	t.Run("a library that is not subscribed", func(t *testing.T) {
		local := library.Scopes{
			ClusterLibraries: []string{simulator.LibraryBaseImages},
			NamingStrategies: map[string]image.NamingStrategy{simulator.LibraryBaseImages: image.PreferItemSourceID},
		}
		if got := w.resolve(t, local, photonID); got.ItemID != simulator.ItemPhoton {
			t.Errorf("%s is item %s", photonID, got.ItemID)
		}
	})
}
