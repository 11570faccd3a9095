package snapshot_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory/snapshot"
)

const life = 30 * time.Second

var errMissing = errors.New("missing")

// counter answers with the number of times that it was asked.
func counter() (*int, func(context.Context) (int, error)) {
	asked := new(int)
	return asked, func(context.Context) (int, error) {
		*asked++
		return *asked, nil
	}
}

// recent asks for an answer that is not older than its lifetime.
func recent(ctx context.Context, s *snapshot.Snapshot[int]) (int, error) {
	return s.Since(ctx, time.Now().Add(-life))
}

func TestSinceKeepsAnAnswerForItsLifetime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked, load := counter()
		s := snapshot.New(life, load)
		for range 3 {
			if _, err := recent(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		if *asked != 1 {
			t.Errorf("asked %d times within the lifetime, want 1", *asked)
		}
		time.Sleep(life + time.Second)
		if got, _ := recent(t.Context(), s); got != 2 {
			t.Errorf("after the lifetime the answer was number %d, want 2", got)
		}
	})
}

func TestFindAsksAgainForWhatIsMissing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked, load := counter()
		s := snapshot.New(life, load)
		atLeast := func(want int) error {
			return s.Find(t.Context(), func(got int) error {
				if got < want {
					return errMissing
				}
				return nil
			})
		}
		if err := atLeast(2); !errors.Is(err, errMissing) {
			t.Errorf("missing in a fresh answer: %v, want %v", err, errMissing)
		}
		if *asked != 1 {
			t.Errorf("a fresh answer was asked for %d times, want 1", *asked)
		}
		time.Sleep(time.Second)
		if err := atLeast(2); err != nil {
			t.Errorf("what appeared after the first answer was not found: %v", err)
		}
		if *asked != 2 {
			t.Errorf("asked %d times, want 2", *asked)
		}
	})
}

func TestConcurrentAskersShareOneAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s := snapshot.New(life, func(context.Context) (int, error) {
			asked++
			time.Sleep(time.Second)
			return asked, nil
		})
		var askers sync.WaitGroup
		for range 20 {
			askers.Go(func() {
				if got, err := recent(t.Context(), s); got != 1 || err != nil {
					t.Errorf("the answer is %d, %v, want 1", got, err)
				}
			})
		}
		askers.Wait()
		if asked != 1 {
			t.Errorf("asked %d times, want 1", asked)
		}
	})
}

func TestAFailureIsSharedOnlyWithThoseWhoWaitedForIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s := snapshot.New(life, func(context.Context) (int, error) {
			asked++
			time.Sleep(time.Second)
			if asked == 1 {
				return 0, errMissing
			}
			return asked, nil
		})
		var askers sync.WaitGroup
		for range 5 {
			askers.Go(func() {
				if _, err := recent(t.Context(), s); !errors.Is(err, errMissing) {
					t.Errorf("error is %v, want %v", err, errMissing)
				}
			})
		}
		askers.Wait()
		if got, err := recent(t.Context(), s); got != 2 || err != nil {
			t.Errorf("after a failure the answer is %d, %v, want 2", got, err)
		}
	})
}

func TestACancelledAskerFailsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := snapshot.New(life, func(ctx context.Context) (int, error) {
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(time.Second):
				return 1, nil
			}
		})
		impatient, cancel := context.WithCancel(t.Context())
		var askers sync.WaitGroup
		askers.Go(func() {
			if _, err := recent(impatient, s); !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled asker got %v, want %v", err, context.Canceled)
			}
		})
		synctest.Wait()
		askers.Go(func() {
			if got, err := recent(t.Context(), s); got != 1 || err != nil {
				t.Errorf("the patient asker got %d, %v, want 1", got, err)
			}
		})
		synctest.Wait()
		cancel()
		askers.Wait()
	})
}

func TestSinceTakesNoOlderAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, load := counter()
		s := snapshot.New(life, load)
		began := time.Now()
		for _, step := range []struct {
			from time.Time
			want int
		}{{began, 1}, {began, 1}, {began.Add(2 * time.Second), 2}, {began, 2}} {
			time.Sleep(time.Second)
			if got, err := s.Since(t.Context(), step.from); got != step.want || err != nil {
				t.Errorf("Since(%v) returned answer number %d, %v, want %d", step.from, got, err, step.want)
			}
		}
	})
}
