package library

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// sessionsPath is where update sessions are, for what govmomi has no method for.
const sessionsPath = "/com/vmware/content/library/item/update-session"

// States of update sessions, and of the files in them.
const (
	sessionActive, sessionDone = "ACTIVE", "DONE"

	fileWaiting, fileReady, fileError = "WAITING_FOR_TRANSFER", "READY", "ERROR"

	// fromItem is the source type of files that the item has and the session does not change.
	fromItem, fromClient, fromURL = "NONE", "PUSH", "PULL"
)

// session is an update session of an item: the changes that it will see all at once.
type session struct {
	*Uploads
	manager *vapi.Manager
	id      string
	itemID  string
	doing   string
	filled  Filled
	// names are the files that the item is to have.
	names []string
	// sums are the checksums that vCenter compares of files that it fetches, by name.
	sums map[string]*Checksum

	progress    Progress
	done, total int64

	quiet func()
}

// begin opens an update session. vCenter has one at a time for an item: one that an upload of
// ours has left behind is ended first.
func (u *Uploads) begin(ctx context.Context, itemID string, progress Progress) (*session, error) {
	manager, err := u.manager(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{Uploads: u, manager: manager, itemID: itemID, doing: "upload to content library item " + itemID, progress: progress, sums: map[string]*Checksum{}}
	s.filled.Digests = map[string]Checksum{}
	open := func() error {
		s.id, err = manager.CreateLibraryItemUpdateSession(ctx, vapi.Session{LibraryItemID: itemID})
		return vsphere.Translate(err, s.doing)
	}
	err = open()
	// An answer that got lost has left a session, too.
	if errors.Is(err, vsphere.ErrTaskInProgress) || errors.Is(err, vsphere.ErrInterrupted) {
		if cleared := u.clear(ctx, itemID); cleared != nil {
			return nil, cleared
		}
		err = open()
	}
	if err != nil {
		return nil, err
	}
	s.live(ctx)
	return s, nil
}

// live keeps the session alive until quiet is called. vCenter ends a session after five minutes
// without activity, and its own login after some more: a large file takes longer.
func (s *session) live(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() {
		for wait(ctx, s.Heartbeat) == nil {
			// A session that is gone is noticed by what it is needed for.
			_ = s.manager.KeepAliveLibraryItemUpdateSession(ctx, s.id)
		}
	})
	s.quiet = sync.OnceFunc(func() {
		cancel()
		beating.Wait()
	})
}

// sent counts bytes that were sent.
func (s *session) sent(n int64) {
	s.done += n
	s.report(s.done)
}

func (s *session) report(done int64) {
	if s.progress != nil {
		s.progress(done, s.total)
	}
}

// abandon ends the session without effect, also after the end of ctx. An error says what is
// left of it.
func (s *session) abandon(ctx context.Context) error {
	s.quiet()
	ctx, cancel := last(ctx)
	defer cancel()
	return s.Uploads.discard(ctx, s.manager, s.id)
}

// discard cancels a session, which ends its transfers, and deletes it. Deleting alone would
// leave them to themselves.
func (u *Uploads) discard(ctx context.Context, manager *vapi.Manager, id string) error {
	_ = manager.CancelLibraryItemUpdateSession(ctx, id) // one that has failed cannot be canceled
	doing := "remove the update session " + id
	err := twice(func() error { return vsphere.Translate(manager.DeleteLibraryItemUpdateSession(ctx, id), doing) })
	if errors.Is(err, vsphere.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w. It holds up other uploads to the item until it expires, some minutes from now", err)
	}
	return nil
}

// clear ends the update sessions of an item that an upload of this account has left behind.
// vCenter lists those of the calling user.
func (u *Uploads) clear(ctx context.Context, itemID string) error {
	manager, err := u.manager(ctx)
	if err != nil {
		return err
	}
	left, err := u.stand(ctx, manager, itemID)
	if err != nil {
		return err
	}
	if len(left.sessions) == 0 {
		return &vsphere.Error{
			What: "upload to content library item " + itemID, Kind: vsphere.ErrTaskInProgress,
			Text: "somebody with another account is changing the content of the item. Try again when that has ended",
		}
	}
	for _, id := range left.sessions {
		if err := u.discard(ctx, manager, id); err != nil {
			return err
		}
	}
	return nil
}

// sessions returns the sessions of an item that are under way.
func (u *Uploads) sessions(ctx context.Context, manager *vapi.Manager, itemID string) ([]*vapi.Session, error) {
	doing := "list the update sessions of content library item " + itemID
	var ids []string
	request := manager.Resource(sessionsPath).WithParam("library_item_id", itemID).Request(http.MethodGet)
	if err := manager.Do(ctx, request, &ids); err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	var found []*vapi.Session
	for _, id := range ids {
		session, err := manager.GetLibraryItemUpdateSession(ctx, id)
		switch err = vsphere.Translate(err, doing); {
		case errors.Is(err, vsphere.ErrNotFound): // ended since
		case err != nil:
			return nil, err
		case session.LibraryItemID == itemID && session.State == sessionActive:
			session.ID = id
			found = append(found, session)
		}
	}
	return found, nil
}

// validation is what vCenter has against the files of a session.
func validation(result *vapi.UpdateFileValidation) error {
	if !result.HasErrors {
		return nil
	}
	var parts []string
	if len(result.MissingFiles) > 0 {
		parts = append(parts, "missing are "+strings.Join(result.MissingFiles, ", "))
	}
	for _, file := range result.InvalidFiles {
		parts = append(parts, fmt.Sprintf("%s: %s", file.Name, file.ErrorMessage.DefaultMessage))
	}
	return fmt.Errorf("%w: vCenter refuses the files: %s", ErrPackage, strings.Join(parts, "; "))
}

// explained adds to an error what vCenter says of the session: the answer to an upload that
// fails is a mere status.
func (s *session) explained(ctx context.Context, err error) error {
	ctx, cancel := last(ctx)
	defer cancel()
	session, getErr := s.manager.GetLibraryItemUpdateSession(ctx, s.id)
	if getErr != nil || session.ErrorMessage == nil || strings.Contains(err.Error(), session.ErrorMessage.DefaultMessage) {
		return err
	}
	return fmt.Errorf("%w. vCenter: %s", err, session.ErrorMessage.DefaultMessage)
}

// messageOf is a message of vCenter, which may have none.
func messageOf(message *rest.LocalizableMessage) string {
	if message == nil || message.DefaultMessage == "" {
		return "vCenter does not say why"
	}
	return message.DefaultMessage
}

// growing is the wait before the n-th look at something, from 0 on.
func (u *Uploads) growing(n int) time.Duration {
	return min(firstPoll<<min(n, 10), u.Poll)
}
