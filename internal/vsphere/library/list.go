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

// List returns all images of the given kinds that a namespace sees, of both kinds without
// one, described and in the order of image.Compare. Items are read several at a time; one
// that vanishes meanwhile is left out, and one whose content cannot be read is in the list as
// an image that is not ready.
func (c *Catalogue) List(ctx context.Context, scopes Scopes, kinds ...image.Kind) ([]image.Image, error) {
	items, err := view{c, c.recently()}.list(ctx, scopes, kinds)
	if err != nil {
		return nil, err
	}
	images, err := each(ctx, items, c.describe)
	image.Sort(images)
	return images, err
}

// list returns the items of the kinds that a namespace sees.
func (v view) list(ctx context.Context, scopes Scopes, kinds []image.Kind) ([]image.Item, error) {
	scope, err := v.scope(ctx, scopes)
	if err != nil {
		return nil, err
	}
	// What is new must be in a list: which items there are is asked anew.
	ids, err := view{v.Catalogue, time.Now()}.idsIn(ctx, scope, kinds)
	if err != nil {
		return nil, err
	}
	found, err := each(ctx, ids, v.item)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(item *vapi.Item) bool { return !slices.Contains(itemTypes, item.Type) })
	seen, err := v.seen(ctx, scope, found)
	if err != nil || len(kinds) == 0 {
		return seen, err
	}
	return slices.DeleteFunc(seen, func(item image.Item) bool { return !slices.Contains(kinds, item.Kind) }), nil
}

// idsIn returns the ids of all items in the libraries of a scope: one request per library
// where they are named, one per type of item where the cluster has all that no namespace
// names. A library that vanished is empty.
func (v view) idsIn(ctx context.Context, scope *scope, kinds []image.Kind) ([]string, error) {
	want := func(kind image.Kind) bool { return len(kinds) == 0 || slices.Contains(kinds, kind) }
	var searches []vapi.FindItem
	if want(image.ClusterVirtualMachineImage) && scope.cluster == nil {
		for _, itemType := range itemTypes {
			searches = append(searches, vapi.FindItem{Type: itemType})
		}
	} else {
		var libraries []string
		if want(image.VirtualMachineImage) {
			libraries = append(libraries, scope.namespace...)
		}
		if want(image.ClusterVirtualMachineImage) {
			libraries = append(libraries, scope.cluster...)
		}
		slices.Sort(libraries)
		for _, library := range slices.Compact(libraries) {
			searches = append(searches, vapi.FindItem{LibraryID: library})
		}
	}
	var ids []string
	for _, search := range searches {
		found, err := v.findIDs(ctx, search)
		if err != nil && !errors.Is(err, vsphere.ErrNotFound) {
			return nil, err
		}
		ids = append(ids, found...)
	}
	return ids, nil
}

// names returns all images of a namespace, identified, and the names of their libraries: what
// an error can offer.
func (c *Catalogue) names(ctx context.Context, scopes Scopes) ([]image.Image, []string, error) {
	items, err := view{c, c.recently()}.list(ctx, scopes, nil)
	if err != nil {
		return nil, nil, err
	}
	var libraries []string
	for _, item := range items {
		libraries = append(libraries, item.Library.Name)
	}
	slices.Sort(libraries)
	return identify(items), slices.Compact(libraries), nil
}
