package library

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// standing is what can be seen of somebody's work on an item.
type standing struct {
	// sessions are the update sessions that are under way, by id.
	sessions []string
	// traces are what moves when somebody is at work.
	traces []string
	// expires are the times at which the sessions end by themselves: the sign of life puts it off.
	expires []time.Time
}

// stand watches an item for as long as nothing moves where nobody is at work on it, and returns
// the sessions that are left on it. The error is vsphere.ErrTaskInProgress where something moved.
func (u *Uploads) stand(ctx context.Context, manager *vapi.Manager, itemID string) (*standing, error) {
	// Twice at the beginning: should vCenter take a look for activity, the first puts the end
	// of a session off, and the second, a moment later, hardly at all.
	if _, err := u.look(ctx, manager, itemID); err != nil {
		return nil, err
	}
	before, err := u.look(ctx, manager, itemID)
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, u.Stillness); err != nil {
		return nil, vsphere.Translate(err, "wait whether anybody is at work on content library item "+itemID)
	}
	after, err := u.look(ctx, manager, itemID)
	if err != nil {
		return nil, err
	}
	if before.moved(after, u.Stillness/4) {
		return nil, &vsphere.Error{
			What: "take over content library item " + itemID, Kind: vsphere.ErrTaskInProgress,
			Text: "its content is being uploaded right now, by another run of Terraform or somebody with the same account. Try again when that has ended",
		}
	}
	return after, nil
}

func (u *Uploads) look(ctx context.Context, manager *vapi.Manager, itemID string) (*standing, error) {
	item, err := u.getItem(ctx, itemID)
	if err != nil {
		return nil, err
	}
	found, err := u.sessions(ctx, manager, itemID)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b *vapi.Session) int { return strings.Compare(a.ID, b.ID) })
	s := &standing{traces: []string{item.MetadataVersion, item.ContentVersion, fmt.Sprint(item.LastModifiedTime)}}
	for _, session := range found {
		s.sessions = append(s.sessions, session.ID)
		s.traces = append(s.traces, session.ID, fmt.Sprint(session.ClientProgress))
		if session.ExpirationTime != nil {
			s.expires = append(s.expires, *session.ExpirationTime)
		}
		files, err := manager.ListLibraryItemUpdateSessionFile(ctx, session.ID)
		if err != nil {
			return nil, vsphere.Translate(err, "list the files of update session "+session.ID)
		}
		for i := range files {
			s.traces = append(s.traces, fmt.Sprintf("%s %s %d", files[i].Name, files[i].Status, files[i].BytesTransferred))
		}
	}
	// vCenter does not say in which order it lists files.
	slices.Sort(s.traces)
	return s, nil
}

// moved compares with a later look.
func (s *standing) moved(later *standing, tolerance time.Duration) bool {
	if !slices.Equal(s.traces, later.traces) || len(s.expires) != len(later.expires) {
		return true
	}
	for i := range s.expires {
		if later.expires[i].Sub(s.expires[i]) > tolerance {
			return true
		}
	}
	return false
}
