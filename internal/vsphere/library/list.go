package library

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

// List returns all images of the given kinds that a namespace sees, of both kinds without
// one, described and in the order of image.Compare. Items are read several at a time; one that
// vanishes meanwhile is left out, and one whose content cannot be read is in the list as an
// image that is not ready. Of an item that vCenter does not show at all nothing is known but its
// id: it is left out, and the warnings say so.
func (c *Catalogue) List(ctx context.Context, scopes Scopes, kinds ...image.Kind) ([]image.Image, []image.Warning, error) {
	items, failures, err := view{c, c.recently()}.list(ctx, scopes, kinds)
	if err != nil {
		return nil, nil, err
	}
	if len(items) == 0 && len(failures) > 0 {
		return nil, nil, failures[0]
	}
	images, more, err := each(ctx, items, c.describe)
	image.Sort(images)
	return images, leftOut(slices.Concat(failures, more)), err
}

// leftOut is the warning about what is missing in a list.
func leftOut(failures []error) []image.Warning {
	if len(failures) == 0 {
		return nil
	}
	const shown = 3
	texts := make([]string, 0, shown)
	for _, failure := range failures[:min(shown, len(failures))] {
		texts = append(texts, failure.Error())
	}
	if more := len(failures) - shown; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return []image.Warning{{
		Summary: "Images are missing in the list",
		Detail: fmt.Sprintf("vCenter did not show %d of the libraries and items that the namespace sees: %s. They are left out.",
			len(failures), strings.Join(texts, "; ")),
	}}
}

// list returns the items of the kinds that a namespace sees. What cannot be read is among the
// failures.
func (v view) list(ctx context.Context, scopes Scopes, kinds []image.Kind) (items []image.Item, failures []error, err error) {
	scope, err := v.scope(ctx, scopes)
	if err != nil {
		return nil, nil, err
	}
	// What is new must be in a list: which items there are is asked anew.
	ids, err := view{v.Catalogue, time.Now()}.idsIn(ctx, scope, kinds)
	if err != nil {
		return nil, nil, err
	}
	found, failures, err := each(ctx, ids, v.item)
	if err != nil {
		return nil, nil, err
	}
	seen, more, err := v.seen(ctx, scope, found)
	if err != nil {
		return nil, nil, err
	}
	if len(kinds) > 0 {
		seen = slices.DeleteFunc(seen, func(item image.Item) bool { return !slices.Contains(kinds, item.Kind) })
	}
	return seen, slices.Concat(failures, more), nil
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
	found, failures, err := each(ctx, searches, v.findIDs)
	if err == nil {
		err = errors.Join(failures...)
	}
	return slices.Concat(found...), err
}

// names returns all images of a namespace, identified: what an error can offer.
func (c *Catalogue) names(ctx context.Context, scopes Scopes) ([]image.Image, error) {
	items, _, err := view{c, c.recently()}.list(ctx, scopes, nil)
	return identify(items), err
}
