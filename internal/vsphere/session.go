package vsphere

import (
	"context"
	"errors"
	"sync"
)

// session is one login to vCenter, made at the first need and made again when it has ended.
// Any number of callers that find it missing share one login.
type session struct {
	// login makes the session. It is never called twice at a time.
	login func(context.Context) error
	// refusal, shared by the sessions of one account, remembers that vCenter refused the
	// password: trying it again would only lock the account.
	refusal *refusal

	mu         sync.Mutex
	generation int64 // logins so far
	active     bool
	closed     bool
	running    *attempt
}

// attempt is a login that goes on, for as long as anyone waits for it.
type attempt struct {
	done    chan struct{}
	err     error // once done
	waiters int
	cancel  context.CancelFunc
}

// refusal is the error of a refused login, if there was one.
type refusal struct {
	mu  sync.Mutex
	err error
}

func (r *refusal) get() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *refusal) set(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// current returns the generation of the session: 0 before the first login.
func (s *session) current() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.generation
}

// ensure logs in unless there is a session.
func (s *session) ensure(ctx context.Context) error {
	return s.join(ctx, func() bool { return !s.active })
}

// renew logs in again, unless that has happened since generation seen.
func (s *session) renew(ctx context.Context, seen int64) error {
	return s.join(ctx, func() bool { return !s.active || s.generation == seen })
}

// join waits for the login that goes on, or for one of its own when needed says so. A failed
// attempt is an error to everyone who waited for it; the next caller starts another.
func (s *session) join(ctx context.Context, needed func() bool) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		a, abandoned, err := s.enter(ctx, needed)
		if a == nil {
			return err
		}
		select {
		case <-a.done:
			if abandoned {
				continue // its error is the cancellation by callers who left, not ours
			}
			return a.err
		case <-ctx.Done():
			if !abandoned {
				s.leave(a)
			}
			return ctx.Err()
		}
	}
}

// enter returns the attempt to wait for, or nil when there is nothing to wait for. An
// abandoned attempt must have ended before another may start: a login on top of a login is
// answered like a wrong password.
func (s *session) enter(ctx context.Context, needed func() bool) (a *attempt, abandoned bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, ErrClosed
	}
	if a := s.running; a != nil {
		if a.waiters == 0 {
			return a, true, nil
		}
		a.waiters++
		return a, false, nil
	}
	if !needed() {
		return nil, false, nil
	}
	if err := s.refusal.get(); err != nil {
		return nil, false, err
	}
	// The attempt serves all who wait, so it must not end with the one who came first.
	attemptCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a = &attempt{done: make(chan struct{}), waiters: 1, cancel: cancel}
	s.running = a
	go s.run(attemptCtx, a)
	return a, false, nil
}

func (s *session) leave(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.waiters--; a.waiters == 0 {
		a.cancel()
	}
}

func (s *session) run(ctx context.Context, a *attempt) {
	defer a.cancel()
	err := s.login(ctx)
	if errors.Is(err, ErrInvalidLogin) {
		s.refusal.set(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.generation++
	}
	s.active = err == nil
	a.err = err
	s.running = nil
	close(a.done)
}

// close refuses further logins, waits for one that goes on, and says whether there is a
// session to log out of.
func (s *session) close(ctx context.Context) (active bool, err error) {
	s.mu.Lock()
	s.closed = true
	running := s.running
	s.mu.Unlock()
	if running != nil {
		select {
		case <-running.done:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	active, s.active = s.active, false
	return active, nil
}
