package simulator

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/types"
)

// Paths of the requests that create, synchronize and evict what is subscribed.
const (
	subscribedLibraryPath = "/rest/com/vmware/content/subscribed-library"
	subscribedItemPath    = "/rest/com/vmware/content/library/subscribed-item"
)

// publish makes a library of the seed a published or a subscribed one. The URL is vcsim's, which
// ends in the id of the library; vCenter's ends in "/lib.json".
func (s *Simulator) publish(l *library.Library, lib seedLibrary) {
	at := func(id string) string { return fmt.Sprintf("https://%s/cls/vcsp/lib/%s", s.Host, id) }
	if lib.published {
		l.Publication = &library.Publication{
			AuthenticationMethod: "NONE", Published: types.NewBool(true), PersistJSON: types.NewBool(false), PublishURL: at(lib.id), UserName: "vcsp",
		}
	}
	if lib.source != "" {
		when := seeded
		l.Type, l.LastSyncTime = libraryTypeSubscribed, &when
		l.Subscription = &library.Subscription{
			AuthenticationMethod: "NONE", AutomaticSyncEnabled: types.NewBool(false), OnDemand: types.NewBool(true), SubscriptionURL: at(lib.source), UserName: "vcsp",
		}
	}
}

// subscribed answers a request about what is subscribed, and puts right what vcsim makes of it.
func (g *gate) subscribed(w http.ResponseWriter, r *http.Request) {
	a := newAnswer()
	g.next.ServeHTTP(a, r)
	if err := g.vapi.settle(g.sim.registry()); err != nil {
		restError(w, http.StatusInternalServerError, "error", err.Error())
		return
	}
	a.replay(w)
}

// fetch has the files of an item fetched from the publisher, on behalf of a request, as vCenter
// does by itself when an item is deployed that is not here.
func (g *gate) fetch(r *http.Request, item *libraryItem) error {
	if item.SourceID == "" || item.Cached {
		return nil
	}
	sync, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), http.MethodPost,
		subscribedItemPath+"/id:"+item.ID+"?~action=sync", strings.NewReader(`{"force_sync_content":true}`))
	if err != nil {
		return err
	}
	sync.Header = r.Header.Clone()
	a := newAnswer()
	g.subscribed(a, sync)
	now := g.vapi.item(item.ID, g.sim.registry())
	if a.code() != http.StatusOK || now == nil {
		return fmt.Errorf("the content of the library item %s cannot be fetched from its publisher", item.ID)
	}
	*item = *now
	return nil
}

// settle makes the items of subscribed libraries whole. What is fetched has the size of its
// files, which vcsim never tells, and of what is not there is nothing on the datastore but the
// descriptor, of which vcsim's eviction leaves everything.
func (v *vapi) settle(reg *vcsim.Registry) error {
	v.lock.Lock()
	defer v.lock.Unlock()
	for _, content := range v.value.FieldByName("Library").Seq2() {
		l, ok := content.Elem().FieldByName("Library").Interface().(*library.Library)
		if !ok || l.Type != libraryTypeSubscribed || len(l.Storage) == 0 {
			continue
		}
		ds, ok := reg.Get(reference("Datastore", l.Storage[0].DatastoreID)).(*vcsim.Datastore)
		if !ok {
			continue
		}
		for _, entry := range content.Elem().FieldByName("Item").Seq2() {
			item, okI := entry.Elem().FieldByName("Item").Interface().(*library.Item)
			files, okF := entry.Elem().FieldByName("File").Interface().([]library.File)
			if !okI || !okF {
				continue
			}
			files = slices.Clone(files) // vcsim's share their sizes with those of the publisher
			if err := settleItem(item, files, libraryDir(ds, l.ID, item.ID)); err != nil {
				return fmt.Errorf("library item %s: %w", item.ID, err)
			}
			entry.Elem().FieldByName("File").Set(reflect.ValueOf(files))
		}
	}
	return nil
}

// settleItem settles one item, whose files are in dir.
func settleItem(item *library.Item, files []library.File, dir string) error {
	described := func(file *library.File) bool {
		return strings.HasSuffix(file.Name, ".ovf") || strings.HasSuffix(file.Name, ".mf")
	}
	for i := range files {
		// vcsim leaves the files of an item that has changed to be fetched again.
		if file := &files[i]; !described(file) && !isTrue(file.Cached) {
			item.Cached = false
		}
	}
	item.Size = 0
	for i := range files {
		file := &files[i]
		file.Cached = types.NewBool(item.Cached || described(file))
		if *file.Cached {
			if file.Size != nil && item.Cached {
				item.Size += *file.Size
			}
			continue
		}
		none := int64(0)
		file.Size = &none
		if err := os.Truncate(filepath.Join(dir, file.Name), 0); err != nil {
			return err
		}
	}
	return nil
}
