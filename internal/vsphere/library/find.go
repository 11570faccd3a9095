package library

import (
	"context"
	"errors"
	"slices"
	"strings"
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
	// Argument is what takes the answer, for messages, as in image.Query.
	Argument string
}

// Find returns the images that a name can mean to a namespace: those with the VMI ID, or
// those with exactly the display name, none, one or several, in the order of image.Compare.
// They are identified, not described. A display name costs one request, and one for each item
// that bears it; a VMI ID one to three, and one. Libraries that the scopes name cost two. Where
// a library names images by their source, a VMI ID also costs one request for each of its items.
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
	asked := image.Query{Name: query.Name, Namespace: scopes.Namespace, Kind: query.Kind, Argument: query.Argument}
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
	known, listErr := c.names(ctx, scopes)
	if listErr != nil {
		return image.Item{}, nil, err // what is known is worth more than why no more is
	}
	asked.Known, asked.Libraries = known, librariesOf(known, query)
	asked.Planned = c.uploading.plans(query.Name)
	asked.Hidden = view{c, c.recently()}.hidden(ctx, scopes, query.Name)
	_, _, err = image.Resolve(asked, nil)
	return image.Item{}, nil, classify(err)
}

// librariesOf are the names of the libraries that images of a query's kind are in.
func librariesOf(known []image.Image, query Query) []string {
	if strings.HasPrefix(query.Name, "cvmi-") {
		query.Kind = image.ClusterVirtualMachineImage
	}
	var names []string
	for i := range known {
		if query.Kind == "" || known[i].Kind == query.Kind {
			names = append(names, known[i].LibraryName)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// hidden returns the names of the libraries with an image of a name that a namespace does not see, as far as that can be
// told.
func (v view) hidden(ctx context.Context, scopes Scopes, name string) []string {
	everything := Scopes{Namespace: scopes.Namespace, NamingStrategies: scopes.NamingStrategies}
	items, err := v.find(ctx, everything, name)
	if err != nil {
		return nil
	}
	scope, err := v.scope(ctx, scopes)
	if err != nil {
		return nil
	}
	var names []string
	for i := range items {
		if len(scope.kinds(items[i].Library.ID)) == 0 {
			names = append(names, items[i].Library.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// find returns the items that a name can mean.
func (v view) find(ctx context.Context, scopes Scopes, name string) ([]image.Item, error) {
	if !searchable(name) {
		return nil, nil // image.Resolve says what is wrong with it
	}
	scope, err := v.scope(ctx, scopes)
	if err != nil {
		return nil, err
	}
	var ids []string
	matches := func(item image.Item) bool { return item.Name == name }
	if image.IsID(name) {
		id, err := image.ParseID(name)
		if err != nil {
			return nil, err
		}
		if ids, err = v.hashed(ctx, scope, id); err != nil {
			return nil, err
		}
		matches = func(item image.Item) bool { return image.Identify(item).ID == id }
	} else if ids, err = v.findIDs(ctx, vapi.FindItem{Name: name}); err != nil {
		return nil, err
	}
	found, failures, err := each(ctx, ids, v.item)
	if err == nil {
		err = errors.Join(failures...) // one of these may be what is looked for
	}
	if err != nil {
		return nil, err
	}
	seen, failures, err := v.seen(ctx, scope, found)
	if err == nil {
		err = errors.Join(failures...)
	}
	return slices.DeleteFunc(seen, func(item image.Item) bool { return !matches(item) }), err
}

// searchable tells whether anything can have the name: a VMI ID has to be well-formed.
func searchable(name string) bool {
	if !image.IsID(name) {
		return name != ""
	}
	_, err := image.ParseID(name)
	return err == nil
}

// hashed returns the ids of the items that can have a VMI ID. vCenter cannot search for a hash,
// but lists the ids of all items of a type at once. (It refuses a search without criteria.) In
// libraries that name images by their source, which only the items themselves tell, those are
// all items.
func (v view) hashed(ctx context.Context, scope *scope, id image.ID) ([]string, error) {
	var hits []string
	for _, library := range scope.namedBySource() {
		ids, err := v.findIDs(ctx, vapi.FindItem{LibraryID: library})
		if err != nil && !errors.Is(err, vsphere.ErrNotFound) {
			return nil, err
		}
		hits = append(hits, ids...)
	}
	for _, itemType := range itemTypes {
		ids, err := v.findIDs(ctx, vapi.FindItem{Type: itemType})
		if err != nil {
			return nil, err
		}
		found := len(hits)
		for _, itemID := range ids {
			if image.NewID(itemID) == id && !slices.Contains(hits, itemID) {
				hits = append(hits, itemID)
			}
		}
		if len(hits) > found {
			break // an id is that of one item, or of copies
		}
	}
	return hits, nil
}

// seen returns the items as the namespace sees them: not at all, as its own, as the
// cluster's, or both. An item whose library cannot be read is among the failures.
func (v view) seen(ctx context.Context, scope *scope, items []*vapi.Item) (seen []image.Item, failures []error, err error) {
	var libraries []string
	for _, item := range items {
		if len(scope.kinds(item.LibraryID)) > 0 && slices.Contains(itemTypes, item.Type) {
			libraries = append(libraries, item.LibraryID)
		}
	}
	slices.Sort(libraries)
	known, failures, err := each(ctx, slices.Compact(libraries), v.library)
	if err != nil {
		return nil, nil, err
	}
	byID := make(map[string]*vapi.Library, len(known))
	for _, library := range known {
		byID[library.ID] = library
	}
	for _, item := range items {
		library := byID[item.LibraryID]
		if library == nil || !slices.Contains(itemTypes, item.Type) {
			continue
		}
		for _, kind := range scope.kinds(item.LibraryID) {
			as := itemOf(item, library, scope.naming[library.ID])
			as.Kind = kind
			if kind == image.VirtualMachineImage {
				as.Namespace = scope.name
			}
			seen = append(seen, as)
		}
	}
	return seen, failures, nil
}

// itemOf is an item of a library, as no namespace in particular sees it.
func itemOf(item *vapi.Item, library *vapi.Library, naming image.NamingStrategy) image.Item {
	out := image.Item{
		Library: image.Library{
			ID: library.ID, Name: library.Name, SecurityPolicyID: library.SecurityPolicyID,
			Subscribed: library.Type == subscribed, NamingStrategy: naming,
		},
		ID:                 item.ID,
		SourceID:           item.SourceID,
		Name:               item.Name,
		Type:               item.Type,
		ContentVersion:     item.ContentVersion,
		Cached:             item.Cached,
		SecurityCompliance: item.SecurityCompliance,
	}
	token, _ := unmarked(item.Description)
	out.Unfinished = token != ""
	if library.StateInfo != nil {
		out.Library.State = library.StateInfo.State
	}
	if subscription := library.Subscription; subscription != nil && subscription.OnDemand != nil {
		out.Library.OnDemand = *subscription.OnDemand
	}
	return out
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
