package library

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/google/uuid"
	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// createMark begins the description of an item whose first content is not there yet. What
// follows it, up to the end of the line, is for people.
var createMark = regexp.MustCompile(`(?s)^\[vmoperator\.create ([0-9a-f-]{36})\][^\n]*\n?(.*)$`)

// marked is a description with the mark of a creation.
func marked(token, description string) string {
	return "[vmoperator.create " + token + "] Terraform is uploading this image; it cannot be used yet.\n" + description
}

// newToken identifies a creation, and its tasks.
func newToken() string { return uuid.NewString() }

// unmarked splits a description into the identifier of an unfinished creation, empty for an item
// without one, and the user's own text.
func unmarked(description *string) (token, own string) {
	if description == nil {
		return "", ""
	}
	if found := createMark.FindStringSubmatch(*description); found != nil {
		return found[1], found[2]
	}
	return "", *description
}

// ItemSpec is an item to create.
type ItemSpec struct{ LibraryID, LibraryName, Name, Description, Type string }

// Creation is an item that exists and is not finished. It ends by Finish or Abandon.
type Creation struct {
	ItemSpec
	// ItemID is the id that the item keeps, and that its VMI ID is made of.
	ItemID  string
	token   string
	release func()
}

// Token is in the mark of the item, for DeleteUnfinished.
func (c *Creation) Token() string { return c.token }

// Create makes an item without content, or takes over the unfinished one that an interrupted
// creation of its name has left behind in its library. vsphere.ErrAlreadyExists is an item of
// the name that is not ours to take; vsphere.ErrTaskInProgress is one that somebody is creating
// right now.
func (u *Uploads) Create(ctx context.Context, spec ItemSpec) (*Creation, error) {
	creation, unfinished, err := u.reserveItem(ctx, spec)
	if err != nil {
		return nil, err
	}
	if unfinished != "" {
		creation.ItemID, err = unfinished, u.mark(ctx, unfinished, creation)
	} else {
		creation.ItemID, err = u.create(ctx, creation)
	}
	if err != nil {
		creation.release()
		return nil, err
	}
	return creation, nil
}

// reserveItem finds out whether an item can be created: its name is free, or borne by an
// unfinished item that nobody is at work on, whose id is returned.
func (u *Uploads) reserveItem(ctx context.Context, spec ItemSpec) (creation *Creation, unfinished string, err error) {
	release, err := u.uploading.reserve(spec.LibraryID, spec.Name)
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if err != nil {
			release()
		}
	}()
	creation = &Creation{ItemSpec: spec, token: newToken(), release: release}
	item, err := u.bearing(ctx, spec.LibraryID, spec.Name)
	if err != nil || item == nil {
		return creation, "", err
	}
	token, _ := unmarked(item.Description)
	if token == "" {
		return nil, "", taken(item, spec.LibraryName)
	}
	if err := u.takeOver(ctx, item, token); err != nil {
		return nil, "", err
	}
	if item.Type == spec.Type {
		return creation, item.ID, nil
	}
	// An item cannot become one of another type.
	return creation, "", u.removeMarked(ctx, item.ID, token)
}

// takeOver makes sure that nobody is at work on an unfinished item, and ends what was left.
func (u *Uploads) takeOver(ctx context.Context, item *vapi.Item, token string) error {
	manager, err := u.manager(ctx)
	if err != nil {
		return err
	}
	if err := u.captured(ctx, token); err != nil {
		return err
	}
	left, err := u.stand(ctx, manager, item.ID)
	if err != nil {
		return err
	}
	for _, id := range left.sessions {
		if err := u.discard(ctx, manager, id); err != nil {
			return err
		}
	}
	return nil
}

// create makes the item. An answer that got lost is looked up.
func (u *Uploads) create(ctx context.Context, c *Creation) (string, error) {
	doing := fmt.Sprintf("create %q in content library %s", c.Name, c.LibraryID)
	manager, err := u.manager(ctx)
	if err != nil {
		return "", err
	}
	description := marked(c.token, c.Description)
	id, err := manager.CreateLibraryItem(ctx, vapi.Item{LibraryID: c.LibraryID, Name: c.Name, Type: c.Type, Description: &description})
	if err = vsphere.Translate(err, doing); err == nil {
		return id, nil
	}
	if !uncertain(ctx, err) {
		return "", err
	}
	if item, foundErr := u.ours(ctx, c); foundErr == nil && item != nil {
		return item.ID, nil
	}
	return "", err
}

// uncertain tells whether a change that ended in an error may have been made all the same.
func uncertain(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, vsphere.ErrInterrupted) || errors.Is(err, vsphere.ErrTimeout)
}

// ours is the item of a creation whose answer did not come, nil where there is none.
func (u *Uploads) ours(ctx context.Context, c *Creation) (*vapi.Item, error) {
	ctx, cancel := last(ctx)
	defer cancel()
	item, err := u.bearing(ctx, c.LibraryID, c.Name)
	if err != nil || item == nil {
		return nil, err
	}
	if token, _ := unmarked(item.Description); token != c.token {
		return nil, nil //nolint:nilnil // somebody else's is none
	}
	return item, nil
}

// mark makes an unfinished item one of this creation.
func (u *Uploads) mark(ctx context.Context, itemID string, c *Creation) error {
	return u.Rename(ctx, itemID, "", marked(c.token, c.Description))
}

// Finish ends a creation: the item is an image from now on, and nobody's to take over.
func (u *Uploads) Finish(ctx context.Context, c *Creation) error {
	defer c.release()
	return u.Rename(ctx, c.ItemID, "", c.Description)
}

// Abandon ends a creation that failed: it removes the item, if it still is the unfinished one
// of this creation. It works also after the end of ctx.
func (u *Uploads) Abandon(ctx context.Context, c *Creation) error {
	defer c.release()
	ctx, cancel := last(ctx)
	defer cancel()
	return u.removeMarked(ctx, c.ItemID, c.token)
}

// DeleteUnfinished removes an item whose creation has failed, unless somebody has finished it since, or taken it over: what
// another creation has made of it is not for this one to remove.
func (u *Uploads) DeleteUnfinished(ctx context.Context, itemID, token string) error {
	err := u.removeMarked(ctx, itemID, token)
	if errors.Is(err, vsphere.ErrConflict) {
		return nil
	}
	return err
}

// removeMarked removes an item that bears a mark, and no other.
func (u *Uploads) removeMarked(ctx context.Context, itemID, token string) error {
	item, err := u.getItem(ctx, itemID)
	if errors.Is(err, vsphere.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if found, _ := unmarked(item.Description); found != token {
		return &vsphere.Error{What: "remove content library item " + itemID, Kind: vsphere.ErrConflict, Text: "somebody else has finished it, or taken it over"}
	}
	return u.Delete(ctx, itemID)
}

// Rename gives an item a name and a description. An empty name leaves the name as it is.
// vsphere.ErrAlreadyExists: another item of the library has the name.
func (u *Uploads) Rename(ctx context.Context, itemID, name, description string) error {
	manager, err := u.manager(ctx)
	if err != nil {
		return err
	}
	defer u.Forget(itemID)
	return twice(func() error {
		err := manager.UpdateLibraryItem(ctx, &vapi.Item{ID: itemID, Name: name, Description: &description})
		return vsphere.Translate(err, "change the name and description of content library item "+itemID)
	})
}

// Delete removes an item with its content. That it is gone already is success.
func (u *Uploads) Delete(ctx context.Context, itemID string) error {
	manager, err := u.manager(ctx)
	if err != nil {
		return err
	}
	defer u.Forget(itemID)
	err = twice(func() error {
		return vsphere.Translate(manager.DeleteLibraryItem(ctx, &vapi.Item{ID: itemID}), "delete content library item "+itemID)
	})
	if errors.Is(err, vsphere.ErrNotFound) {
		return nil
	}
	return err
}
