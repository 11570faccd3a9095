// Package library is the catalogue of images: the content library items of a vCenter as a
// namespace sees them.
//
// # What is read when
//
// The catalogue is lazy. A VMI ID is a hash of the item's id, so the ids of all items have to
// be known, which is one request for each type of item; a display name is one request for the
// ids and one for each hit. The content of an item is read only when somebody wants its
// status, and only listings read every item.
//
// # What is remembered
//
// Answers about libraries and items serve further questions for half a minute, so that a plan
// of a thousand machines of one image asks once. An image that is missing, or ambiguous, is
// looked for once more in answers that were asked for after the question, before anybody is
// told so: what was uploaded or renamed a second ago is found. A rename or removal by somebody
// else can stay unseen for half a minute; Forget, after a change of our own, makes it seen at
// once. Listings ask anew which items there are. Descriptors are kept for the life of the
// process, by item and content version, and are read again when vCenter reports another version.
package library

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory/snapshot"
)

const (
	// life is how long an answer of vCenter serves further questions.
	life = 30 * time.Second
	// parallel bounds the items that a listing reads at the same time: half of the requests that
	// the provider has in flight by default, so that the rest of a plan goes on. A list of two
	// thousand images takes twelve thousand requests.
	parallel = 16
)

// Catalogue answers questions about the content libraries of one vCenter. There is one per
// provider process; it is safe for concurrent use.
type Catalogue struct {
	client      *vsphere.Client
	ids         *table[vapi.FindItem, []string]
	items       *table[string, *vapi.Item]
	libraryIDs  *table[vapi.Find, []string]
	libraries   *table[string, *vapi.Library]
	all         *snapshot.Snapshot[[]string] // ids of all libraries
	templates   *table[string, *image.Descriptor]
	present     *table[string, *vapi.Item] // nil: there is no such item
	synced      *table[string, struct{}]
	descriptors descriptors
	uploading   reservations
}

// New returns the catalogue of the client's vCenter. It makes no request.
func New(client *vsphere.Client) *Catalogue {
	c := &Catalogue{client: client}
	c.ids = newTable(c.findItems)
	c.items = newTable(c.getItem)
	c.libraryIDs = newTable(c.findLibraries)
	c.libraries = newTable(c.getLibrary)
	c.templates = newTable(c.readTemplate)
	c.present = newTable(c.findPresent)
	c.synced = newTable(c.transfer)
	c.all = snapshot.New(life, c.listLibraries)
	return c
}

// Forget drops what is remembered of an item, so that the next question about it, and the next
// search, sees what was just changed. Call it after creating, updating or removing one.
func (c *Catalogue) Forget(itemID string) {
	c.changed(itemID)
	c.templates.drop(itemID)
	c.synced.drop(itemID)
	c.descriptors.drop(itemID)
}

// view is the catalogue as it was at some time or later.
type view struct {
	*Catalogue
	from time.Time
}

// search runs find on what is remembered and, if it finds nothing or too much, once more
// without anything that was asked for before search was called. Where nothing was, the second
// round costs no request.
func (c *Catalogue) search(find func(view) error) error {
	began := time.Now()
	err := find(view{c, c.recently()})
	if errors.Is(err, vsphere.ErrNotFound) || errors.Is(err, vsphere.ErrAmbiguous) {
		return find(view{c, began})
	}
	return err
}

// recently is the oldest time that an answer may be from.
func (c *Catalogue) recently() time.Time { return time.Now().Add(-life) }

func (v view) findIDs(ctx context.Context, spec vapi.FindItem) ([]string, error) {
	return v.ids.of(spec).Since(ctx, v.from)
}

func (v view) item(ctx context.Context, id string) (*vapi.Item, error) {
	return v.items.of(id).Since(ctx, v.from)
}

func (v view) library(ctx context.Context, id string) (*vapi.Library, error) {
	return v.libraries.of(id).Since(ctx, v.from)
}

func (c *Catalogue) manager(ctx context.Context) (*vapi.Manager, error) {
	client, err := c.client.REST(ctx)
	if err != nil {
		return nil, err
	}
	return vapi.NewManager(client), nil
}

func (c *Catalogue) findItems(ctx context.Context, spec vapi.FindItem) ([]string, error) {
	manager, err := c.manager(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := manager.FindLibraryItems(ctx, spec)
	return ids, vsphere.Translate(err, "find content library items")
}

func (c *Catalogue) getItem(ctx context.Context, id string) (*vapi.Item, error) {
	manager, err := c.manager(ctx)
	if err != nil {
		return nil, err
	}
	item, err := manager.GetLibraryItem(ctx, id)
	if err != nil {
		return nil, vsphere.Translate(err, fmt.Sprintf("read content library item %s", id))
	}
	return item, nil
}

func (c *Catalogue) findLibraries(ctx context.Context, spec vapi.Find) ([]string, error) {
	manager, err := c.manager(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := manager.FindLibrary(ctx, spec)
	return ids, vsphere.Translate(err, fmt.Sprintf("find content library %q", spec.Name))
}

func (c *Catalogue) getLibrary(ctx context.Context, id string) (*vapi.Library, error) {
	manager, err := c.manager(ctx)
	if err != nil {
		return nil, err
	}
	library, err := manager.GetLibraryByID(ctx, id)
	if err != nil {
		return nil, vsphere.Translate(err, fmt.Sprintf("read content library %s", id))
	}
	return library, nil
}

func (c *Catalogue) listLibraries(ctx context.Context) ([]string, error) {
	manager, err := c.manager(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := manager.ListLibraries(ctx)
	return ids, vsphere.Translate(err, "list the content libraries")
}

// table holds one snapshot for each key.
type table[K comparable, V any] struct {
	load func(context.Context, K) (V, error)

	mu        sync.Mutex
	snapshots map[K]*snapshot.Snapshot[V]
}

func newTable[K comparable, V any](load func(context.Context, K) (V, error)) *table[K, V] {
	return &table[K, V]{load: load, snapshots: make(map[K]*snapshot.Snapshot[V])}
}

func (t *table[K, V]) of(key K) *snapshot.Snapshot[V] {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.snapshots[key]
	if s == nil {
		s = snapshot.New(life, func(ctx context.Context) (V, error) { return t.load(ctx, key) })
		t.snapshots[key] = s
	}
	return s
}

func (t *table[K, V]) drop(key K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.snapshots, key)
}

func (t *table[K, V]) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.snapshots)
}
