package library

import (
	"context"
	"fmt"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// subscribed is vCenter's word for a library that holds copies of another one's items.
const subscribed = "SUBSCRIBED"

// Sync sees to it that all files of an item are in its library. In a library that is subscribed
// on demand only the descriptors are, until somebody needs the rest: vCenter transfers disks by
// itself when it deploys an OVF template, but an ISO has to be there before it is connected. It
// waits for the transfer, which takes as long as the files are large; ctx limits that. For an
// item that is there it costs no more than to read it, and any number of callers share one
// transfer. If the publisher has removed the item, vCenter removes the copy, too: the error is
// vsphere.ErrNotFound.
func (c *Catalogue) Sync(ctx context.Context, itemID string) error {
	v := view{c, c.recently()}
	item, err := v.item(ctx, itemID)
	if err != nil {
		return err
	}
	library, err := v.library(ctx, item.LibraryID)
	if err != nil {
		return err
	}
	if library.Type != subscribed || isThere(item) {
		return nil
	}
	_, err = c.synced.of(itemID).Since(ctx, time.Time{}) // transfer forgets it: only those who wait share it
	return err
}

// isThere tells whether an item's files are in its library. vCenter reports no size of an item
// whose files are not, and VM Operator looks at both.
func isThere(item *vapi.Item) bool { return item.Cached && item.Size != 0 }

// transfer has vCenter fetch the files of an item from the publisher, and waits until they are
// there.
func (c *Catalogue) transfer(ctx context.Context, itemID string) (struct{}, error) {
	defer c.synced.drop(itemID)
	var done struct{}
	doing := fmt.Sprintf("synchronize content library item %s", itemID)
	manager, err := c.manager(ctx)
	if err != nil {
		return done, err
	}
	if err := manager.SyncLibraryItem(ctx, &vapi.Item{ID: itemID}, true); err != nil {
		return done, vsphere.Translate(err, doing)
	}
	// The metadata came along: names and versions may be others now.
	defer c.changed(itemID)
	for wait := firstPoll; ; wait = min(2*wait, longestPoll) {
		item, err := c.getItem(ctx, itemID)
		if err != nil {
			return done, fmt.Errorf("%s: %w", doing, err)
		}
		if item.Cached {
			return done, nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return done, fmt.Errorf("%s: its files are not in the library yet: %w", doing, context.Cause(ctx))
		}
	}
}

// changed drops what is remembered of an item, except its content: that has a version.
func (c *Catalogue) changed(itemID string) {
	c.ids.clear()
	c.items.drop(itemID)
	c.present.drop(itemID)
}
