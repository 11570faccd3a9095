package machine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// A wait survives this many reads in a row that fail for a passing reason.
const maxReadFailures = 5

// WaitFor observes a machine until until is content with what it sees. It looks again when
// vCenter reports a change, and rarely without one. When ctx ends first, the error ends with
// what until last said of what it saw. A machine that disappears is vsphere.ErrNotFound.
func (s *Service) WaitFor(ctx context.Context, ref Ref, until func(*Observation) (done bool, last string)) error {
	sub := s.watch.subscribe(ref) //nolint:contextcheck // the watcher serves all callers and outlives this one
	defer s.watch.unsubscribe(sub)
	timer := time.NewTimer(s.recheck)
	defer timer.Stop()
	last := "nothing"
	for failures := 0; ; {
		o, err := s.Observe(ctx, ref)
		switch {
		case err == nil:
			failures = 0
			var done bool
			if done, last = until(o); done {
				return nil
			}
		case ctx.Err() != nil:
			return gaveUp(ctx, ref, last)
		case isGone(err), isHopeless(err), failures >= maxReadFailures:
			return err
		default:
			if s.pause(ctx, backoff(failures)) != nil {
				return gaveUp(ctx, ref, last)
			}
			failures++
			continue
		}
		timer.Reset(s.recheck)
		select {
		case <-sub.signal:
			if n := s.watch.read(sub); n.err != nil {
				return fmt.Errorf("wait for %s: %w", title(ref), n.err)
			}
		case <-timer.C:
		case <-ctx.Done():
			return gaveUp(ctx, ref, last)
		}
	}
}

func gaveUp(ctx context.Context, ref Ref, last string) error {
	sentinel := vsphere.ErrTimeout
	if errors.Is(ctx.Err(), context.Canceled) {
		sentinel = vsphere.ErrInterrupted
	}
	return fmt.Errorf("wait for %s: %w: last seen: %s: %w", title(ref), sentinel, last, ctx.Err())
}
