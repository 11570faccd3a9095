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
)

// named is a name in a library, which one item can have at a time.
type named struct{ library, name string }

// reservations are what this process knows of the items that its configuration is about.
type reservations struct {
	mu sync.Mutex
	// names are those of items that are being created.
	names map[named]bool
	// managed are items that are in state, and leaving those that the plan destroys.
	managed, leaving map[string]bool
	// refreshed tells that state has been read, as plans do and applies do not.
	refreshed bool
	// claims say which item is to have a name when the plan is carried out: its id, empty for one that is yet to be made.
	claims map[named]string
}

func (r *reservations) note(in *map[string]bool, itemID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if *in == nil {
		*in = make(map[string]bool)
	}
	(*in)[itemID] = true
}

// noted looks an item up in one of the sets.
func (r *reservations) noted(in *map[string]bool, itemID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return (*in)[itemID]
}

// reserve keeps two resources of one configuration from making the same item.
func (r *reservations) reserve(libraryID, name string) (release func(), err error) {
	key := named{libraryID, name}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.names[key] {
		return nil, &vsphere.Error{Kind: vsphere.ErrAlreadyExists, Text: fmt.Sprintf(
			"another resource is creating an image %q in the same content library. Choose another name", name)}
	}
	if r.names == nil {
		r.names = make(map[named]bool)
	}
	r.names[key] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.names, key)
		delete(r.claims, key) // it has been met
	}, nil
}

// Manage notes that an item belongs to the configuration: a name that it bears is not taken by somebody else. A plan
// that replaces an item asks for a new one while the old one is there.
func (u *Uploads) Manage(itemID string) { u.uploading.note(&u.uploading.managed, itemID) }

// Refreshed is Manage of an item that is read from state.
func (u *Uploads) Refreshed(itemID string) {
	u.Manage(itemID)
	u.uploading.mu.Lock()
	defer u.uploading.mu.Unlock()
	u.uploading.refreshed = true
}

// Leaves notes that the plan destroys an item, so that its name comes free.
func (u *Uploads) Leaves(itemID string) {
	u.uploading.note(&u.uploading.leaving, itemID)
	r := &u.uploading
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, owner := range r.claims {
		if owner == itemID {
			delete(r.claims, key)
		}
	}
}

// Claim notes that the plan gives a name to an item, or with an empty id to one that it makes. Another claim to the name is
// vsphere.ErrAlreadyExists: both could not be carried out.
func (u *Uploads) Claim(libraryID, name, itemID string) error {
	r := &u.uploading
	key := named{libraryID, name}
	r.mu.Lock()
	defer r.mu.Unlock()
	if owner, claimed := r.claims[key]; claimed && (owner != itemID || itemID == "") {
		return &vsphere.Error{Kind: vsphere.ErrAlreadyExists, Text: fmt.Sprintf(
			"another resource of this configuration is an image %q in the same content library, whose items have one name each. Give one of the two another name or another library", name)}
	}
	if r.claims == nil {
		r.claims = make(map[named]string)
	}
	for other, owner := range r.claims {
		if owner == itemID && itemID != "" {
			delete(r.claims, other)
		}
	}
	r.claims[key] = itemID
	return nil
}

// plans tells whether the plan makes an item of a name.
func (r *reservations) plans(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, owner := range r.claims {
		if key.name == name && owner == "" {
			return true
		}
	}
	return false
}

// ErrPerhapsTaken is a name that is taken by an item that may belong to the configuration, as far as can be seen.
var ErrPerhapsTaken = errors.New("perhaps it is what is to be replaced")

type perhapsTaken struct{ error }

func (e *perhapsTaken) Unwrap() []error { return []error{e.error, ErrPerhapsTaken} }

// Free returns vsphere.ErrAlreadyExists, with the item, where a library has an item of a name that a plan cannot have: it
// is not own, and nothing says that it goes. An item that is to be made may also have the name of an unfinished one,
// which its creation takes over, and of one that Manage was told of.
//
// Before Terraform creates an image it plans it once more, and tells then neither that it replaces another nor which. With
// create_before_destroy that one is still there: an error in this plan, other than one of Create, leaves it deposed and
// has every further apply fail. While nothing was refreshed, it may be that plan, and the error is also ErrPerhapsTaken.
func (u *Uploads) Free(ctx context.Context, library Destination, name, own string, fresh bool) error {
	item, err := u.bearing(ctx, library.ID, name)
	if err != nil || item == nil || item.ID == own {
		return err
	}
	if token, _ := unmarked(item.Description); fresh && token != "" {
		return nil
	}
	r := &u.uploading
	// What a failed replacement has left is read while this plan is made, and perhaps not yet.
	for began := time.Now(); ; {
		if fresh && (r.noted(&r.leaving, item.ID) || r.noted(&r.managed, item.ID)) {
			return nil
		}
		if !fresh || time.Since(began) >= u.Patience || wait(ctx, u.Patience/20) != nil {
			break
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if fresh && !r.refreshed {
		return &perhapsTaken{taken(item, library.Name)}
	}
	return taken(item, library.Name)
}

func taken(item *vapi.Item, library string) error {
	return &vsphere.Error{Kind: vsphere.ErrAlreadyExists, Text: fmt.Sprintf(
		"content library %q has an item %q already: %s, VMI ID %s. Import it by that id, or choose another name. "+
			"If it is what this image replaces, create_before_destroy keeps it until the new one is there, and a library has no name twice: "+
			"choose another name for the new image, or rename the old one in vCenter and apply again",
		library, item.Name, item.ID, image.NewID(item.ID))}
}

// bearing returns the item of a library that has exactly a name, nil where there is none. It asks vCenter, whatever is
// remembered.
func (u *Uploads) bearing(ctx context.Context, libraryID, name string) (*vapi.Item, error) {
	ids, err := u.findItems(ctx, vapi.FindItem{LibraryID: libraryID, Name: name})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		item, err := u.getItem(ctx, id)
		switch {
		case errors.Is(err, vsphere.ErrNotFound): // removed since
		case err != nil:
			return nil, err
		case item.Name == name && item.LibraryID == libraryID: // vCenter's search ignores case
			return item, nil
		}
	}
	return nil, nil //nolint:nilnil // that there is none is an answer
}
