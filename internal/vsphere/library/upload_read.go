package library

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Destination is a content library that an image could go to.
type Destination struct {
	ID, Name string
	// Subscribed tells that the library gets its items from another one, and takes no others.
	Subscribed bool
}

// Destination returns the library with a name or an id. Errors: vsphere.ErrNotFound, which
// lists those there are, and vsphere.ErrAmbiguous.
func (c *Catalogue) Destination(ctx context.Context, name string) (Destination, error) {
	var found Destination
	err := c.search(func(v view) error {
		id, err := v.libraryNamed(ctx, name)
		if err != nil {
			return err
		}
		library, err := v.library(ctx, id)
		if err != nil {
			return err
		}
		found = Destination{ID: id, Name: library.Name, Subscribed: library.Type == "SUBSCRIBED"}
		return nil
	})
	return found, err
}

// KindIn returns what the items of a library are to a namespace, empty where the namespace does
// not see them. What is both is its own, as display names resolve.
func (c *Catalogue) KindIn(ctx context.Context, scopes Scopes, libraryID string) (image.Kind, error) {
	var kind image.Kind
	err := c.search(func(v view) error {
		scope, err := v.scope(ctx, scopes)
		if err != nil {
			return err
		}
		kind = ""
		if kinds := scope.kinds(libraryID); len(kinds) > 0 {
			kind = kinds[0]
		}
		return nil
	})
	return kind, err
}

// Uploaded is an item as its owner sees it.
type Uploaded struct {
	ItemID, Name, Description, Type, ContentVersion string
	Library                                         Destination
	// Unfinished tells that the item still bears the mark of its creation.
	Unfinished bool
	// Image is the item as the namespace sees it. Its Kind is empty where it does not.
	Image image.Image
}

// ErrGone says that an item is not there any more. vsphere.ErrNotFound may as well be a library
// that the scopes name.
var ErrGone = errors.New("the content library item is gone")

// Uploaded reads an item, as it is now, and describes it to a namespace. Its content is read
// when this process has not read that version of it before. ErrGone: there is no such item.
func (c *Catalogue) Uploaded(ctx context.Context, scopes Scopes, itemID string) (*Uploaded, error) {
	item, err := view{c, time.Now()}.item(ctx, itemID)
	if err != nil {
		return nil, gone(err)
	}
	library, err := view{c, c.recently()}.library(ctx, item.LibraryID)
	if err != nil {
		return nil, gone(err) // with its items
	}
	kind, err := c.KindIn(ctx, scopes, item.LibraryID)
	if err != nil {
		return nil, err
	}
	token, own := unmarked(item.Description)
	uploaded := &Uploaded{
		ItemID: item.ID, Name: item.Name, Description: own, Type: item.Type, ContentVersion: item.ContentVersion, Unfinished: token != "",
		Library: Destination{ID: library.ID, Name: library.Name, Subscribed: library.Type == "SUBSCRIBED"},
	}
	seen := image.Image{ItemID: item.ID, Kind: kind}
	if kind == image.VirtualMachineImage {
		seen.Namespace = scopes.Namespace
	}
	uploaded.Image, err = c.Describe(ctx, seen)
	return uploaded, gone(err)
}

func gone(err error) error {
	if errors.Is(err, vsphere.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return err
}
