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
	seen, err := c.seenIn(ctx, scopes, libraryID)
	return seen.Kind, err
}

// seenIn is what an image of a library is to a namespace, without the image.
func (c *Catalogue) seenIn(ctx context.Context, scopes Scopes, libraryID string) (seen image.Image, err error) {
	err = c.search(func(v view) error {
		scope, err := v.scope(ctx, scopes)
		if err != nil {
			return err
		}
		seen = image.Image{NamingStrategy: scope.naming[libraryID]}
		if kinds := scope.kinds(libraryID); len(kinds) > 0 {
			seen.Kind = kinds[0]
		}
		if seen.Kind == image.VirtualMachineImage {
			seen.Namespace = scopes.Namespace
		}
		return nil
	})
	return seen, err
}

// Uploaded is an item as its owner sees it.
type Uploaded struct {
	ItemID, Name, Description, Type, ContentVersion string
	Library                                         Destination
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
	seen, err := c.seenIn(ctx, scopes, item.LibraryID)
	if err != nil {
		return nil, err
	}
	seen.ItemID = item.ID
	_, own := unmarked(item.Description)
	uploaded := &Uploaded{
		ItemID: item.ID, Name: item.Name, Description: own, Type: item.Type, ContentVersion: item.ContentVersion,
		Library: Destination{ID: library.ID, Name: library.Name, Subscribed: library.Type == "SUBSCRIBED"},
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
