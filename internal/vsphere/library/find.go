package library

import (
	"context"
	"errors"
	"slices"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// itemTypes are the types of items that are images, the commonest first.
var itemTypes = []string{vapi.ItemTypeOVF, vapi.ItemTypeVMTX, vapi.ItemTypeISO}

// Query asks for one image: by Name, a display name or VMI ID, or by the VMI ID and its Kind.
type Query struct {
	// Name is a display name or a VMI ID, as it was written.
	Name string
	// Kind restricts the answer to one scope; empty allows both.
	Kind image.Kind
}

// Find returns the images that a name can mean to a namespace: those with the VMI ID, or
// those with exactly the display name, none, one or several, in the order of image.Compare.
// They are identified, not described. A display name costs one request, and one for each item
// that bears it; a VMI ID one to three, and one. Libraries that the scopes name cost two.
func (c *Catalogue) Find(ctx context.Context, scopes Scopes, name string) ([]image.Image, error) {
	began := time.Now()
	items, err := view{c, c.recently()}.find(ctx, scopes, name)
	if err != nil || len(items) != 1 {
		items, err = view{c, began}.find(ctx, scopes, name)
	}
	return identify(items), err
}

// Resolve returns the image that a query means to a namespace, identified but not described,
// with what the user should know about the choice. An image that does not exist, or is
// ambiguous, is an *image.NotFoundError or *image.AmbiguousError, which are also
// vsphere.ErrNotFound and vsphere.ErrAmbiguous. Only the former reads the names of all items,
// to offer the nearest.
func (c *Catalogue) Resolve(ctx context.Context, scopes Scopes, query Query) (image.Image, []image.Warning, error) {
	item, warnings, err := c.resolve(ctx, scopes, query)
	if err != nil {
		return image.Image{}, nil, err
	}
	return image.Identify(item), warnings, nil
}

// Image is Resolve and the whole status: see Describe.
func (c *Catalogue) Image(ctx context.Context, scopes Scopes, query Query) (image.Image, []image.Warning, error) {
	item, warnings, err := c.resolve(ctx, scopes, query)
	if err != nil {
		return image.Image{}, nil, err
	}
	described, err := c.describe(ctx, item)
	return described, warnings, err
}

func (c *Catalogue) resolve(ctx context.Context, scopes Scopes, query Query) (image.Item, []image.Warning, error) {
	asked := image.Query{Name: query.Name, Namespace: scopes.Namespace, Kind: query.Kind}
	var (
		item     image.Item
		warnings []image.Warning
	)
	err := c.search(func(v view) error {
		items, err := v.find(ctx, scopes, query.Name)
		if err != nil {
			return err
		}
		found, said, err := image.Resolve(asked, identify(items))
		if err != nil {
			return classify(err)
		}
		at := slices.IndexFunc(items, func(i image.Item) bool { return i.ID == found.ItemID && i.Kind == found.Kind })
		item, warnings = items[at], said
		return nil
	})
	if !errors.Is(err, image.ErrNotFound) {
		return item, warnings, err
	}
	known, libraries, listErr := c.names(ctx, scopes)
	if listErr != nil {
		return image.Item{}, nil, err // what is known is worth more than why no more is
	}
	asked.Known, asked.Libraries = known, libraries
	_, _, err = image.Resolve(asked, nil)
	return image.Item{}, nil, classify(err)
}

// find returns the items that a name can mean.
func (v view) find(ctx context.Context, scopes Scopes, name string) ([]image.Item, error) {
	if !searchable(name) {
		return nil, nil // image.Resolve says what is wrong with it
	}
	id, byID := image.ID(""), image.IsID(name)
	scope, err := v.scope(ctx, scopes)
	if err != nil {
		return nil, err
	}
	var ids []string
	if byID {
		if id, err = image.ParseID(name); err != nil {
			return nil, err
		}
		ids, err = v.hashed(ctx, id)
	} else {
		ids, err = v.findIDs(ctx, vapi.FindItem{Name: name})
	}
	if err != nil {
		return nil, err
	}
	matches := func(item *vapi.Item) bool {
		if byID {
			return image.NewID(item.ID) == id
		}
		return item.Name == name
	}
	found, err := each(ctx, ids, v.item)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(item *vapi.Item) bool { return !matches(item) || !slices.Contains(itemTypes, item.Type) })
	return v.seen(ctx, scope, found)
}

// searchable tells whether anything can have the name: a VMI ID has to be well-formed.
func searchable(name string) bool {
	if !image.IsID(name) {
		return name != ""
	}
	_, err := image.ParseID(name)
	return err == nil
}

// hashed returns the ids of the items that have a VMI ID. vCenter cannot search for a hash,
// but lists the ids of all items of a type at once. (It refuses a search without criteria.)
func (v view) hashed(ctx context.Context, id image.ID) ([]string, error) {
	for _, itemType := range itemTypes {
		ids, err := v.findIDs(ctx, vapi.FindItem{Type: itemType})
		if err != nil {
			return nil, err
		}
		hits := slices.DeleteFunc(slices.Clone(ids), func(itemID string) bool { return image.NewID(itemID) != id })
		if len(hits) > 0 {
			return hits, nil
		}
	}
	return nil, nil
}

// seen returns the items as the namespace sees them: not at all, as its own, as the
// cluster's, or both.
func (v view) seen(ctx context.Context, scope *scope, items []*vapi.Item) ([]image.Item, error) {
	var seen []image.Item
	for _, item := range items {
		kinds := scope.kinds(item.LibraryID)
		if len(kinds) == 0 {
			continue
		}
		library, err := v.library(ctx, item.LibraryID)
		if errors.Is(err, vsphere.ErrNotFound) {
			continue // removed with its items
		}
		if err != nil {
			return nil, err
		}
		for _, kind := range kinds {
			seen = append(seen, itemOf(item, library, kind, scope.name))
		}
	}
	return seen, nil
}

func itemOf(item *vapi.Item, library *vapi.Library, kind image.Kind, namespace string) image.Item {
	seen := image.Item{
		Kind:               kind,
		Library:            image.Library{ID: library.ID, Name: library.Name, SecurityPolicyID: library.SecurityPolicyID},
		ID:                 item.ID,
		Name:               item.Name,
		Type:               item.Type,
		ContentVersion:     item.ContentVersion,
		SecurityCompliance: item.SecurityCompliance,
	}
	if kind == image.VirtualMachineImage {
		seen.Namespace = namespace
	}
	if library.StateInfo != nil {
		seen.Library.State = library.StateInfo.State
	}
	return seen
}

func identify(items []image.Item) []image.Image {
	images := make([]image.Image, len(items))
	for i, item := range items {
		images[i] = image.Identify(item)
	}
	image.Sort(images)
	return images
}

// resolveError is an error of package image that is also one of package vsphere's.
type resolveError struct {
	error
	sentinel error
}

func (e *resolveError) Unwrap() []error { return []error{e.error, e.sentinel} }

func classify(err error) error {
	switch {
	case errors.Is(err, image.ErrNotFound):
		return &resolveError{err, vsphere.ErrNotFound}
	case errors.Is(err, image.ErrAmbiguous):
		return &resolveError{err, vsphere.ErrAmbiguous}
	default:
		return err
	}
}
