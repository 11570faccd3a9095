package library_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// The size of a large vCenter's catalogue, and how many of its items are broken.
const (
	manyLibraries, manyItems = 10, 200
	brokenItems              = 3
)

// newLargeWorld is a vCenter with ten libraries of two hundred items, of which three are broken,
// each in its own way, and the scopes of a namespace that sees these libraries.
func newLargeWorld(t testing.TB) (*world, library.Scopes) {
	t.Helper()
	w := newWorld(t)
	photon, err := w.items.GetLibraryItem(t.Context(), simulator.ItemPhoton)
	if err != nil {
		t.Fatal(err)
	}
	base, err := w.items.GetLibraryByID(t.Context(), simulator.LibraryBaseImagesID)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := w.items.ListLibraryItemStorage(t.Context(), simulator.ItemPhoton)
	if err != nil {
		t.Fatal(err)
	}
	// Where the simulator keeps the files: contentlib-LIBRARY/ITEM/NAME on its datastore.
	path := stored[0].StorageURIs[0]
	descriptor, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	datastore := filepath.Dir(filepath.Dir(filepath.Dir(path)))
	broken := map[string][]byte{
		"library-2 image-20": descriptor[:len(descriptor)/2],
		"library-5 image-50": bytes.Replace(descriptor, []byte(`ovf:type="string"`), []byte(`ovf:type="uint8"`), 1),
		"library-8 image-80": []byte("<html>Bad gateway</html>"),
	}
	if len(broken) != brokenItems {
		t.Fatalf("%d items are broken", len(broken))
	}
	scopes := library.Scopes{Namespace: "large"}
	for l := range manyLibraries {
		name := fmt.Sprintf("library-%d", l)
		scopes.ClusterLibraries = append(scopes.ClusterLibraries, name)
		libraryID, err := w.items.CreateLibrary(t.Context(), vapi.Library{Name: name, Type: "LOCAL", Storage: base.Storage})
		if err != nil {
			t.Fatal(err)
		}
		for i := range manyItems {
			title := fmt.Sprintf("%s image-%d", name, i)
			itemID, err := w.items.CopyLibraryItem(t.Context(), photon, vapi.Item{Name: title, LibraryID: libraryID})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.items.UpdateLibraryItem(t.Context(), &vapi.Item{ID: itemID, Name: title}); err != nil {
				t.Fatal(err)
			}
			content := broken[title]
			if content == nil {
				content = descriptor
			}
			dir := filepath.Join(datastore, "contentlib-"+libraryID, itemID)
			if err := os.MkdirAll(dir, 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w, scopes
}

func TestALargeCatalogueCostsWhatItsItemsCost(t *testing.T) {
	w, scopes := newLargeWorld(t)
	const items = manyLibraries * manyItems
	began := time.Now()
	calls := w.calls(func() {
		images := w.list(t, scopes)
		notReady := map[string]string{}
		for _, img := range images {
			if ready, reason, _ := img.Status.Ready(); !ready {
				notReady[img.DisplayName] = reason
			}
		}
		if len(images) != items || len(notReady) != brokenItems {
			t.Errorf("%d images, of which %v are not ready, want %d and %d", len(images), notReady, items, brokenItems)
		}
		for name, reason := range notReady {
			if reason != image.ReasonNotSynced {
				t.Errorf("%s is not ready: %s", name, reason)
			}
		}
	})
	t.Logf("%d images with %d calls in %v", items, calls, time.Since(began).Round(time.Millisecond))
	// Each library by its name, itself and its items' ids; each item, and a download session of
	// five requests for its descriptor.
	if want := int64(manyLibraries*3 + items*(1+5)); calls != want {
		t.Errorf("a list cost %d calls, want %d", calls, want)
	}

	t.Run("a name costs the same as in a small one", func(t *testing.T) {
		title := "library-9 image-199"
		found, _, err := w.catalogue.Resolve(t.Context(), scopes, library.Query{Name: title})
		if err != nil {
			t.Fatal(err)
		}
		for _, asked := range []string{title, found.ID.String(), "c" + found.ID.String()} {
			fresh := library.New(w.client)
			// The ids of the items of that name or type, the item, its library.
			if calls := w.calls(func() {
				got, _, err := fresh.Resolve(t.Context(), library.Scopes{}, library.Query{Name: asked})
				if err != nil || got.ItemID != found.ItemID {
					t.Errorf("%q is item %s, %v, want %s", asked, got.ItemID, err, found.ItemID)
				}
			}); calls != 3 {
				t.Errorf("%q cost %d calls, want 3", asked, calls)
			}
		}
	})
	t.Run("a mistyped name", func(t *testing.T) {
		_, _, err := w.catalogue.Resolve(t.Context(), scopes, library.Query{Name: "library-9 image-1999"})
		if err == nil || !strings.Contains(err.Error(), `"library-9 image-199"`) {
			t.Errorf("error %v, want one that offers the nearest name", err)
		}
	})
}

// BenchmarkALargeList measures a list of two thousand images that nothing is known of, at
// 20 ms per request: go test -bench LargeList -benchtime 1x.
func BenchmarkALargeList(b *testing.B) {
	w, scopes := newLargeWorld(b)
	w.sim.SetLatency(20 * time.Millisecond)
	for b.Loop() {
		if _, _, err := library.New(w.client).List(b.Context(), scopes); err != nil {
			b.Fatal(err)
		}
	}
}
