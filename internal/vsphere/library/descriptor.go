package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const (
	// maxDescriptor is more than any descriptor has: those of the largest appliances are below 1 MiB.
	maxDescriptor = 16 << 20
	// firstPoll and longestPoll are the waits between two looks at a file that vCenter prepares.
	firstPoll, longestPoll = 100 * time.Millisecond, 2 * time.Second
	// cleanup is how long the removal of a download session may take, even after cancellation.
	cleanup = 10 * time.Second
)

// descriptors are the parsed contents of items, for the life of the process: of each item the
// last content version that was read.
type descriptors struct {
	mu    sync.Mutex
	items map[string]*content
}

// content is what became of one item's descriptor. Who holds the turn owns the rest.
type content struct {
	turn       chan struct{}
	read       bool
	version    string
	descriptor *image.Descriptor
	err        error // why it does not parse: as lasting as the content
}

func (d *descriptors) of(itemID string) *content {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.items == nil {
		d.items = make(map[string]*content)
	}
	if d.items[itemID] == nil {
		d.items[itemID] = &content{turn: make(chan struct{}, 1)}
	}
	return d.items[itemID]
}

func (d *descriptors) drop(itemID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.items, itemID)
}

// Describe returns the whole of an image that Find or Resolve identified: its status, labels,
// readiness and descriptor. What is wrong with the image makes it not ready, with the reason,
// and is no error; errors are those of the connection. It costs
// the five requests of a download session when the content was not read before, and none
// when it was.
func (c *Catalogue) Describe(ctx context.Context, img image.Image) (image.Image, error) {
	v := view{c, c.recently()}
	item, err := v.item(ctx, img.ItemID)
	if err != nil {
		return image.Image{}, err
	}
	library, err := v.library(ctx, item.LibraryID)
	if err != nil {
		return image.Image{}, err
	}
	seen := itemOf(item, library, img.NamingStrategy)
	seen.Kind, seen.Namespace = img.Kind, img.Namespace
	return c.describe(ctx, seen)
}

func (c *Catalogue) describe(ctx context.Context, item image.Item) (image.Image, error) {
	var (
		descriptor *image.Descriptor
		err        error
	)
	switch {
	case item.Unfinished: // there is nothing yet to read
	case item.Type == vapi.ItemTypeOVF:
		descriptor, err = c.descriptor(ctx, item)
	case item.Type == vapi.ItemTypeVMTX:
		descriptor, err = c.template(ctx, item)
	}
	if concernsAll(err) || errors.Is(err, errVanished) {
		return image.Image{}, err
	}
	return image.Describe(item, descriptor, err), nil
}

// errVanished is wrapped when an item is removed between the reading of its name and of its
// content. Such an error is vsphere.ErrNotFound, too.
var errVanished = errors.New("removed meanwhile")

// errContent is wrapped by what vCenter says against the content of an item.
var errContent = errors.New("the content of the library item cannot be read")

// descriptor returns the parsed OVF descriptor of an item. Any number of callers share one
// download.
func (c *Catalogue) descriptor(ctx context.Context, item image.Item) (*image.Descriptor, error) {
	content := c.descriptors.of(item.ID)
	select {
	case content.turn <- struct{}{}:
		defer func() { <-content.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	// Without a version nothing tells this content from the next.
	if content.read && content.version == item.ContentVersion && item.ContentVersion != "" {
		return content.descriptor, content.err
	}
	text, err := c.download(ctx, item)
	if err != nil {
		return nil, err // perhaps not the next time
	}
	content.descriptor, content.err = image.ParseDescriptor(text)
	content.read, content.version = true, item.ContentVersion
	return content.descriptor, content.err
}

// download reads the descriptor of an item through a download session, which is removed in
// the end, whatever happened.
func (c *Catalogue) download(ctx context.Context, item image.Item) (text []byte, err error) {
	doing := fmt.Sprintf("read the descriptor of content library item %q (%s)", item.Name, item.ID)
	manager, err := c.manager(ctx)
	if err != nil {
		return nil, err
	}
	session, err := manager.CreateLibraryItemDownloadSession(ctx, vapi.Session{LibraryItemID: item.ID})
	if err = vsphere.Translate(err, doing); errors.Is(err, vsphere.ErrNotFound) {
		return nil, fmt.Errorf("%w: %w", errVanished, err)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
		defer cancel()
		// A session that stays is removed by vCenter itself, some minutes later.
		_ = manager.DeleteLibraryItemDownloadSession(ctx, session)
	}()
	files, err := manager.ListLibraryItemDownloadSessionFile(ctx, session)
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	name := descriptorName(files)
	if name == "" {
		return nil, fmt.Errorf("%w: none of its %d files is an OVF descriptor", errContent, len(files))
	}
	file, err := prepare(ctx, manager, session, name)
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	location, err := manager.ParseURL(file.DownloadEndpoint.URI)
	if err != nil {
		return nil, fmt.Errorf("%s: vCenter offers it at a place that is no URL: %w", doing, err)
	}
	options := soap.DefaultDownload
	body, _, err := manager.Download(ctx, location, &options)
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	text, err = io.ReadAll(io.LimitReader(body, maxDescriptor+1))
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	if len(text) > maxDescriptor {
		return nil, fmt.Errorf("%w: %s is larger than %d MiB", errContent, name, maxDescriptor>>20)
	}
	return text, nil
}

// prepare has vCenter make a file of the session downloadable, and waits for that.
func prepare(ctx context.Context, manager *vapi.Manager, session, name string) (*vapi.DownloadFile, error) {
	file, err := manager.PrepareLibraryItemDownloadSessionFile(ctx, session, name)
	for wait := firstPoll; err == nil; wait = min(2*wait, longestPoll) {
		switch {
		case file.Status == "ERROR":
			message := "vCenter does not say why"
			if file.ErrorMessage != nil {
				message = file.ErrorMessage.DefaultMessage
			}
			return nil, fmt.Errorf("%w: preparing %s for download failed: %s", errContent, name, message)
		case file.Status == "PREPARED" && file.DownloadEndpoint != nil:
			return file, nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		file, err = manager.GetLibraryItemDownloadSessionFile(ctx, session, name)
	}
	return nil, err
}

// descriptorName returns the name of the first OVF descriptor among an item's files.
func descriptorName(files []vapi.DownloadFile) string {
	for _, file := range files {
		if strings.EqualFold(path.Ext(file.Name), ".ovf") {
			return file.Name
		}
	}
	return ""
}
