// Package snapshot keeps the answer to a costly question for a while and shares it among
// any number of concurrent askers.
//
// The rule that keeps a shared answer from surprising anyone: an answer is good for its
// lifetime as long as it contains what was looked for. Something that is *not* in it is
// looked for once more in an answer that was asked for after the search began, so that an
// object made a second ago, by this Terraform run or by somebody else, is always found, and
// "not found" is always a fresh statement.
package snapshot

import (
	"context"
	"time"
)

// Snapshot is the last answer of load. It is safe for concurrent use; load is never run
// twice at the same time.
type Snapshot[T any] struct {
	load func(context.Context) (T, error)
	life time.Duration
	turn chan struct{} // holds one token; its holder owns the fields below

	value T
	err   error
	asked time.Time // when load was last called; zero before the first time
}

// New returns a Snapshot whose answers are good for life.
func New[T any](life time.Duration, load func(context.Context) (T, error)) *Snapshot[T] {
	return &Snapshot[T]{load: load, life: life, turn: make(chan struct{}, 1)}
}

// Since returns an answer that was asked for at the given time or later. It lets a search that
// needs several answers find out, by a second round from the time it began, that what it
// missed was only missing from old ones.
func (s *Snapshot[T]) Since(ctx context.Context, from time.Time) (T, error) {
	value, _, err := s.get(ctx, from, time.Now())
	return value, err
}

// Find calls find with an answer that is not older than the lifetime and, if find fails on
// one that was asked for before Find was called, once more with a fresh one. The last error
// of find is returned.
func (s *Snapshot[T]) Find(ctx context.Context, find func(T) error) error {
	began := time.Now()
	value, asked, err := s.get(ctx, began.Add(-s.life), began)
	if err != nil {
		return err
	}
	if err = find(value); err == nil || !asked.Before(began) {
		return err
	}
	if value, _, err = s.get(ctx, began, began); err != nil {
		return err
	}
	return find(value)
}

// get returns an answer asked for at valueFrom or later, and the time at which it was. A
// failure is shared only with those who were already waiting for it (errorFrom), and a
// cancelled load with nobody: the next in turn asks again.
func (s *Snapshot[T]) get(ctx context.Context, valueFrom, errorFrom time.Time) (T, time.Time, error) {
	var none T
	if err := s.wait(ctx); err != nil {
		return none, time.Time{}, err
	}
	defer s.pass()
	from := valueFrom
	if s.err != nil {
		from = errorFrom
	}
	if !s.asked.IsZero() && !s.asked.Before(from) {
		return s.value, s.asked, s.err
	}
	asked := time.Now()
	value, err := s.load(ctx)
	if err != nil && ctx.Err() != nil {
		return none, asked, err
	}
	s.value, s.err, s.asked = value, err, asked
	return value, asked, err
}

func (s *Snapshot[T]) wait(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Snapshot[T]) pass() { <-s.turn }
