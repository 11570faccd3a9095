package simulator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/vcenter"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// stored is the file of an item with an ending.
func (c *clients) stored(item, ending string) library.Storage {
	c.t.Helper()
	files, err := c.lib.ListLibraryItemStorage(c.t.Context(), item)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, file := range files {
		if filepath.Ext(file.Name) == ending {
			return file
		}
	}
	c.t.Fatalf("item %s has no file that ends in %s: %+v", item, ending, files)
	return library.Storage{}
}

func (c *clients) item(id string) *library.Item {
	c.t.Helper()
	item, err := c.lib.GetLibraryItem(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	return item
}

func TestASubscribedLibraryHasDescriptorsOnly(t *testing.T) {
	_, c := start(t, simulator.WithEveryImageType())
	l, err := c.lib.GetLibraryByID(t.Context(), simulator.LibrarySubscribedID)
	if err != nil {
		t.Fatal(err)
	}
	if l.Type != "SUBSCRIBED" || l.Subscription == nil || !*l.Subscription.OnDemand || !strings.HasSuffix(l.Subscription.SubscriptionURL, simulator.LibraryPublishedID) {
		t.Errorf("library %+v, %+v", l, l.Subscription)
	}
	for copied, source := range map[string]string{
		simulator.ItemSubscribed: simulator.ItemPublished, simulator.ItemSubscribedISO: simulator.ItemPublishedISO,
	} {
		item, of := c.item(copied), c.item(source)
		if item.Cached || item.Size != 0 || item.SourceID != source || item.Name != of.Name || item.ContentVersion != of.ContentVersion || !of.Cached || of.Size == 0 {
			t.Errorf("copy %+v\nof %+v", item, of)
		}
	}
	if file := c.stored(simulator.ItemSubscribed, ".ovf"); !file.Cached || file.Size == 0 {
		t.Errorf("descriptor %+v", file)
	}
	for item, ending := range map[string]string{simulator.ItemSubscribed: ".vmdk", simulator.ItemSubscribedISO: ".iso"} {
		if file := c.stored(item, ending); file.Cached || file.Size != 0 {
			t.Errorf("%s %+v", ending, file)
		}
	}
}

func TestSynchronizingFetchesAndEvictingDropsContent(t *testing.T) {
	_, c := start(t, simulator.WithEveryImageType())
	ctx := t.Context()
	iso, whole := c.item(simulator.ItemSubscribedISO), c.item(simulator.ItemPublishedISO).Size
	if err := c.lib.SyncLibraryItem(ctx, iso, false); err != nil {
		t.Fatal(err)
	}
	if item := c.item(iso.ID); item.Cached || item.Size != 0 {
		t.Errorf("without content: %+v", item)
	}
	for range 2 {
		if err := c.lib.SyncLibraryItem(ctx, iso, true); err != nil {
			t.Fatal(err)
		}
		file := c.stored(iso.ID, ".iso")
		if item := c.item(iso.ID); !item.Cached || item.Size != whole || !file.Cached || file.Size != whole {
			t.Errorf("fetched: %+v\n%+v", item, file)
		}
		if info, err := os.Stat(file.StorageURIs[0]); err != nil || info.Size() != whole {
			t.Errorf("on the datastore: %v, %v", info, err)
		}
		if err := c.lib.EvictSubscribedLibraryItem(ctx, iso); err != nil {
			t.Fatal(err)
		}
		file = c.stored(iso.ID, ".iso")
		if item := c.item(iso.ID); item.Cached || item.Size != 0 || file.Cached || file.Size != 0 {
			t.Errorf("evicted: %+v\n%+v", item, file)
		}
	}
	if published := c.stored(simulator.ItemPublishedISO, ".iso"); published.Size != whole || !published.Cached {
		t.Errorf("the publisher's: %+v", published)
	}
}

func TestADeployFetchesWhatIsNotHere(t *testing.T) {
	s, c := start(t, simulator.WithEveryImageType())
	vm := c.deploy(simulator.ItemSubscribed, "web", nil)
	if item := c.item(simulator.ItemSubscribed); !item.Cached || item.Size == 0 {
		t.Errorf("the item %+v", item)
	}
	if file := c.stored(simulator.ItemSubscribed, ".vmdk"); !file.Cached || file.Size == 0 {
		t.Errorf("its disk %+v", file)
	}
	if m := c.read(vm); m.Config.GuestId != "almalinux_64Guest" {
		t.Errorf("guest id %q", m.Config.GuestId)
	}
	c.power(vm, true)
	s.Settle()
	if r, err := s.GuestReport("web"); err != nil || !r.Running {
		t.Errorf("guest: %+v, %v", r, err)
	}
}

func TestADeployOfWhatThePublisherRemovedFails(t *testing.T) {
	s, c := start(t, simulator.WithEveryImageType())
	ctx := t.Context()
	if err := c.lib.DeleteLibraryItem(ctx, &library.Item{ID: simulator.ItemPublished}); err != nil {
		t.Fatal(err)
	}
	if _, err := vcenter.NewManager(c.rest).DeployLibraryItem(ctx, simulator.ItemSubscribed, c.deployment("web")); err == nil || !strings.Contains(err.Error(), "publisher") {
		t.Errorf("error %v", err)
	}
	if _, err := c.lib.GetLibraryItem(ctx, simulator.ItemSubscribed); !rest.IsStatusError(err, 404) || len(s.Machines()) != 1 {
		t.Errorf("the copy: %v; machines %v", err, s.Machines())
	}
}
