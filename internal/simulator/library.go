package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/types"
)

// seeded is when everything in the seed was made; content does not depend on the clock.
var seeded = time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC)

// vapi gives access to the content of vcsim's content libraries. Its type is unexported
// and ids cannot be chosen over its API, so its exported fields are set by reflection.
type vapi struct {
	value reflect.Value
	lock  sync.Locker
}

// vapiOf finds the handler behind the REST endpoint.
func vapiOf(mux *http.ServeMux) (*vapi, error) {
	h, _ := mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/rest/"}})
	lock, ok := h.(sync.Locker)
	v := reflect.ValueOf(h)
	if !ok || v.Kind() != reflect.Pointer || !v.Elem().FieldByName("Library").IsValid() {
		return nil, errors.New("govmomi's REST simulator has changed: no Library to seed")
	}
	return &vapi{value: v.Elem(), lock: lock}, nil
}

// addLibrary adds an empty library.
func (v *vapi) addLibrary(l *library.Library) {
	v.lock.Lock()
	defer v.lock.Unlock()
	libraries := v.value.FieldByName("Library")
	content := reflect.New(libraries.Type().Elem().Elem())
	content.Elem().FieldByName("Library").Set(reflect.ValueOf(l))
	for _, name := range []string{"Item", "Subs", "VMTX"} {
		field := content.Elem().FieldByName(name)
		field.Set(reflect.MakeMap(field.Type()))
	}
	libraries.SetMapIndex(reflect.ValueOf(l.ID), content)
}

// addItem adds an item with its files to a library; template is the machine that an item of the
// type vm-template keeps, nil for others.
func (v *vapi) addItem(item *library.Item, files []library.File, template *types.ManagedObjectReference) {
	v.lock.Lock()
	defer v.lock.Unlock()
	items := v.value.FieldByName("Library").MapIndex(reflect.ValueOf(item.LibraryID)).Elem().FieldByName("Item")
	entry := reflect.New(items.Type().Elem().Elem())
	entry.Elem().FieldByName("Item").Set(reflect.ValueOf(item))
	entry.Elem().FieldByName("File").Set(reflect.ValueOf(files))
	entry.Elem().FieldByName("Template").Set(reflect.ValueOf(template))
	items.SetMapIndex(reflect.ValueOf(item.ID), entry)
}

// libraryItem is a copy of an item, its files and where they are.
type libraryItem struct {
	library.Item
	files    []library.File
	dir      string
	template *types.ManagedObjectReference // the machine that a vm-template item keeps
}

// ovf returns the name of the item's descriptor, empty when it has none.
func (i *libraryItem) ovf() string {
	for _, f := range i.files {
		if filepath.Ext(f.Name) == ".ovf" {
			return f.Name
		}
	}
	return ""
}

// item returns a copy of the item, nil when there is none with that id.
func (v *vapi) item(id string, reg *vcsim.Registry) *libraryItem {
	v.lock.Lock()
	defer v.lock.Unlock()
	for _, content := range v.value.FieldByName("Library").Seq2() {
		entry := content.Elem().FieldByName("Item").MapIndex(reflect.ValueOf(id))
		if !entry.IsValid() {
			continue
		}
		l, okL := content.Elem().FieldByName("Library").Interface().(*library.Library)
		item, okI := entry.Elem().FieldByName("Item").Interface().(*library.Item)
		files, okF := entry.Elem().FieldByName("File").Interface().([]library.File)
		template, okT := entry.Elem().FieldByName("Template").Interface().(*types.ManagedObjectReference)
		if !okL || !okI || !okF || !okT || len(l.Storage) == 0 {
			return nil
		}
		ds, ok := reg.Get(reference("Datastore", l.Storage[0].DatastoreID)).(*vcsim.Datastore)
		if !ok {
			return nil
		}
		return &libraryItem{Item: *item, files: slices.Clone(files), dir: libraryDir(ds, l.ID, id), template: template}
	}
	return nil
}

// update changes an item in place and reports whether it exists.
func (v *vapi) update(id string, change func(*library.Item)) bool {
	v.lock.Lock()
	defer v.lock.Unlock()
	for _, content := range v.value.FieldByName("Library").Seq2() {
		entry := content.Elem().FieldByName("Item").MapIndex(reflect.ValueOf(id))
		if !entry.IsValid() {
			continue
		}
		item, ok := entry.Elem().FieldByName("Item").Interface().(*library.Item)
		if ok {
			change(item)
		}
		return ok
	}
	return false
}

// libraryDir is where vcsim expects the files of an item.
func libraryDir(ds *vcsim.Datastore, libraryID, itemID string) string {
	return filepath.Join(ds.Info.GetDatastoreInfo().Url, "contentlib-"+libraryID, itemID)
}

// seedLibraries fills content libraries. Those that are copied come before their copies.
func (s *Simulator) seedLibraries(v *vapi, ds *vcsim.Datastore, libraries []seedLibrary) error {
	for _, lib := range libraries {
		when := seeded
		l := &library.Library{
			ID: lib.id, Name: lib.name, Description: &lib.description, Type: "LOCAL", Version: "1",
			CreationTime: &when, LastModifiedTime: &when,
			Storage:   []library.StorageBacking{{DatastoreID: ds.Self.Value, Type: "DATASTORE"}},
			StateInfo: &library.StateInfo{State: "ACTIVE"},
		}
		s.publish(l, lib)
		v.addLibrary(l)
		for _, item := range lib.items {
			if err := seedFiles(v, ds, lib.id, item); err != nil {
				return fmt.Errorf("seed %q in %s: %w", item.name, lib.name, err)
			}
		}
	}
	return v.settle(s.registry())
}

// seedFiles writes the files of an item and adds the item.
func seedFiles(v *vapi, ds *vcsim.Datastore, libraryID string, item seedItem) error {
	files := item.files
	if item.ovf != nil {
		text, err := item.ovf.render()
		if err != nil {
			return err
		}
		files = map[string][]byte{item.ovf.ID + ".ovf": text}
		for i, d := range item.ovf.Disks {
			name := item.ovf.File(i)
			if files[name], err = disk(name, int64(d.CapacityGiB)<<30); err != nil {
				return err
			}
		}
	}
	dir := libraryDir(ds, libraryID, item.id)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	kind := item.kind
	if kind == "" {
		kind = library.ItemTypeOVF
	}
	when := seeded
	entry := &library.Item{
		ID: item.id, LibraryID: libraryID, Name: item.name, Description: &item.description, Type: kind, Cached: item.source == "", SourceID: item.source,
		ContentVersion: "1", MetadataVersion: "1", Version: "1", CreationTime: &when, LastModifiedTime: &when,
	}
	var list []library.File
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
		size := int64(len(content))
		entry.Size += size
		list = append(list, library.File{Name: name, Cached: types.NewBool(true), Size: &size, Version: "1"})
	}
	// The descriptor first, as vCenter lists it.
	slices.SortFunc(list, func(a, b library.File) int {
		if (filepath.Ext(a.Name) == ".ovf") != (filepath.Ext(b.Name) == ".ovf") {
			if filepath.Ext(a.Name) == ".ovf" {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	v.addItem(entry, list, nil)
	return nil
}
