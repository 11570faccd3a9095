package machine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// A wait survives this many reads in a row that fail for a passing reason.
const maxReadFailures = 5

// WaitError says that the context of a wait ended before what was waited for had come. It wraps
// vsphere.ErrTimeout, or vsphere.ErrInterrupted for a caller that gave up.
type WaitError struct {
	Ref Ref
	// Last is what the wait's Until last said of what it saw.
	Last string
	// Seen is the last observation; nil when the machine could not be read once.
	Seen *Observation

	// title names the machine; empty where only its reference is known.
	title string
	cause error
}

// Error implements error. It ends with what was last seen.
func (e *WaitError) Error() string {
	return fmt.Sprintf("wait for %s: %v: last seen: %s: %v", cmp.Or(e.title, title(e.Ref)), e.sentinel(), e.Last, e.cause)
}

// Unwrap returns what kind of end it was, and the context's error.
func (e *WaitError) Unwrap() []error { return []error{e.sentinel(), e.cause} }

func (e *WaitError) sentinel() error {
	if errors.Is(e.cause, context.Canceled) {
		return vsphere.ErrInterrupted
	}
	return vsphere.ErrTimeout
}

// WaitFor observes a machine until until is content with what it sees. It looks again when
// vCenter reports a change, and rarely without one; all waits of the process share one long
// poll, and reads at the same time share a call. When ctx ends first, the error is a *WaitError
// with what was last seen. A machine that disappears is vsphere.ErrNotFound.
//
// What there is to wait for: ToolsRun, HeartbeatReaches, GuestInfo, CustomizationEnds, All of
// several, and any function of an Observation.
func (s *Service) WaitFor(ctx context.Context, ref Ref, until Until) error {
	sub := s.watch.subscribe(ref) //nolint:contextcheck // the watcher serves all callers and outlives this one
	defer s.watch.unsubscribe(sub)
	timer := time.NewTimer(s.recheck)
	defer timer.Stop()
	missed := &WaitError{Ref: ref, Last: "nothing", title: s.title(ref)}
	gaveUp := func() error {
		missed.cause = ctx.Err()
		return missed
	}
	for failures := 0; ; {
		o, err := s.Observe(ctx, ref)
		switch {
		case err == nil:
			failures = 0
			var done bool
			missed.Seen = o
			if done, missed.Last = until(o); done {
				return nil
			}
			if o.Question != nil {
				missed.Last += "; vSphere asks " + describeQuestion(o.Question)
			}
		case ctx.Err() != nil:
			return gaveUp()
		case isGone(err), isHopeless(err), failures >= maxReadFailures:
			return err
		default:
			if s.pause(ctx, backoff(failures)) != nil {
				return gaveUp()
			}
			failures++
			continue
		}
		timer.Reset(s.recheck)
		select {
		case <-sub.signal:
			if n := s.watch.read(sub); n.err != nil {
				return fmt.Errorf("wait for %s: %w", s.title(ref), n.err)
			}
		case <-timer.C:
		case <-ctx.Done():
			return gaveUp()
		}
	}
}
