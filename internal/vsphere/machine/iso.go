package machine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/library/finder"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// ISOFile returns the datastore path of the file of an ISO item of a content library, as CDROM
// takes it: "[datastore1] contentlib-…/…/installer.iso". Where vCenter does not hold the file,
// since its library is subscribed and fetches on demand, it is fetched first, and waited for
// within ctx.
//
// An item has one file; of several it is the first that ends in .iso. Errors: vsphere.ErrNotFound
// for no such item and for one without a file on a datastore.
func (s *Service) ISOFile(ctx context.Context, itemID string) (string, error) {
	what := "find the ISO file of library item " + itemID
	file, err := s.isoFile(ctx, itemID)
	if err != nil {
		return "", vsphere.Translate(err, what)
	}
	client, err := s.client.Vim(ctx)
	if err != nil {
		return "", vsphere.Translate(err, what)
	}
	storage := []library.Storage{file}
	// The datacenter matters on vSAN only, where it is looked up.
	if err := finder.NewPathFinder(nil, client).ResolveLibraryItemStorage(ctx, nil, nil, storage); err != nil {
		return "", vsphere.Translate(err, what)
	}
	return storage[0].StorageURIs[0], nil
}

// isoFile finds the file of an ISO item, and has it fetched when it is not here.
func (s *Service) isoFile(ctx context.Context, itemID string) (library.Storage, error) {
	for try := 0; ; try++ {
		client, err := s.client.REST(ctx)
		if err != nil {
			return library.Storage{}, err
		}
		manager := library.NewManager(client)
		files, err := manager.ListLibraryItemStorage(ctx, itemID)
		if err != nil {
			return library.Storage{}, err
		}
		at := slices.IndexFunc(files, func(f library.Storage) bool { return strings.HasSuffix(strings.ToLower(f.Name), ".iso") })
		if at < 0 {
			return library.Storage{}, fmt.Errorf("%w: the item has no file that ends in .iso", vsphere.ErrNotFound)
		}
		if file := files[at]; file.Cached && file.Size > 0 {
			if len(file.StorageURIs) == 0 || file.StorageBacking.DatastoreID == "" {
				return library.Storage{}, fmt.Errorf("%w: %s is not on a datastore, but on %q", vsphere.ErrNotFound, file.Name, file.StorageBacking.StorageURI)
			}
			return file, nil
		}
		if try == 0 {
			if err := manager.SyncLibraryItem(ctx, &library.Item{ID: itemID}, true); err != nil {
				return library.Storage{}, fmt.Errorf("fetch its content: %w", err)
			}
		}
		if err := s.pause(ctx, backoff(try)); err != nil {
			return library.Storage{}, fmt.Errorf("fetch its content, which goes on in vCenter: %w", err)
		}
	}
}
