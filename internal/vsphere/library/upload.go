package library

import (
	"context"
	"errors"
	"fmt"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Uploads makes images of files and machines: items of content libraries.
//
// # How an unfinished item is recognised
//
// An item is there before its content is. From its creation to the end of its first upload its
// description begins with a mark that holds an identifier of its own, as VM Operator marks what
// it publishes. Terraform learns of an item only when its creation ends: of a process that was
// killed the item stays, with its mark, and with an update session that nobody ends.
//
// An item without the mark is never taken over, emptied or removed by a creation. One with the
// mark is taken over by the next creation of its name in its library – unless somebody is at
// work on it. An upload that lives moves its session, by bytes and by a sign of life every
// Heartbeat; a capture that lives has a task in vCenter. So the item is looked at twice, with
// Stillness in between, and what has moved is left alone.
type Uploads struct {
	*Catalogue
	// Heartbeat is the time between two signs of life.
	Heartbeat time.Duration
	// Stillness is how long nothing must move on what is taken for left behind. It is longer
	// than two heartbeats.
	Stillness time.Duration
	// Poll is the longest time between two looks at what vCenter is doing.
	Poll time.Duration
	// Patience is how long a plan waits to hear that an item that is in its way belongs to it.
	Patience time.Duration
}

// Uploads returns the uploads to the libraries of the catalogue.
func (c *Catalogue) Uploads() *Uploads {
	return &Uploads{Catalogue: c, Heartbeat: 5 * time.Second, Stillness: 12 * time.Second, Poll: 2 * time.Second, Patience: 3 * time.Second}
}

// Progress is told, now and then, how many bytes of how many have been sent. A total of 0 is
// not known. It is called from one goroutine at a time.
type Progress func(done, total int64)

// MachineType is the type of item that a virtual machine is captured as.
const MachineType = vapi.ItemTypeOVF

// Content is what an item is to hold: a *Local or a *Remote.
type Content interface {
	// Type is the type of item that holds it.
	Type() string
	// fill sends it, or has vCenter fetch it.
	fill(ctx context.Context, s *session) error
}

// Filled is what is known of content that was sent.
type Filled struct {
	// Digests are the SHA-256 of the files on disk that were read, by name.
	Digests map[string]Checksum
	// Warnings are what vCenter has against the signature of the content. They did not keep
	// it from taking the content.
	Warnings []string
}

// Fill makes content the content of an item, in place of what it has. Nobody sees any of it
// before all of it is there and has been checked; until then, and if anything fails or ctx
// ends, the item stays as it is. Errors wrap ErrPackage or ErrChecksum where the content is to
// blame, or vsphere.ErrTaskInProgress where somebody else is at work on the item.
func (u *Uploads) Fill(ctx context.Context, itemID string, content Content, progress Progress) (*Filled, error) {
	s, err := u.begin(ctx, itemID, progress)
	if err != nil {
		return nil, err
	}
	defer u.Forget(itemID)
	defer s.quiet()
	if err := content.fill(ctx, s); err != nil {
		return nil, errors.Join(s.explained(ctx, err), s.abandon(ctx))
	}
	if err := s.commit(ctx); err != nil {
		return nil, errors.Join(err, s.abandon(ctx))
	}
	return &s.filled, nil
}

// Usable returns an error that wraps ErrPackage where vCenter has taken content that no machine can be made of: what it
// fetched itself was judged by nobody before. Content from here was.
func (u *Uploads) Usable(ctx context.Context, itemID string, content Content) error {
	remote, ok := content.(*Remote)
	if !ok || remote.ItemType != vapi.ItemTypeOVF {
		return nil
	}
	item, err := u.getItem(ctx, itemID)
	if err != nil {
		return err
	}
	_, err = u.descriptor(ctx, image.Item{ID: item.ID, Name: item.Name, ContentVersion: item.ContentVersion})
	if err == nil || concernsAll(err) {
		return err
	}
	return fmt.Errorf("%w: what is at %s is not an OVF image: %w", ErrPackage, remote, err)
}

// wait waits for d, or for the end of ctx.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// last is a context for what has to be done although the caller's has ended.
func last(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 3*cleanup)
}

// twice repeats a change that changes nothing when it is made once more, where the answer to
// the first got lost.
func twice(change func() error) error {
	err := change()
	if errors.Is(err, vsphere.ErrInterrupted) {
		return change()
	}
	return err
}
