package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// loads records the calls of a batcher under test.
type loads struct {
	mu    sync.Mutex
	calls [][]int
}

func (l *loads) load(_ context.Context, keys []int) map[int]answer[string] {
	l.mu.Lock()
	defer l.mu.Unlock()
	sorted := slices.Sorted(slices.Values(keys))
	l.calls = append(l.calls, sorted)
	out := map[int]answer[string]{}
	for _, key := range keys {
		out[key] = answer[string]{value: fmt.Sprint("v", key)}
	}
	return out
}

func TestQuestionsOfOneMomentShareACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l loads
		b := newBatcher(10*time.Millisecond, 100, l.load)
		var wait sync.WaitGroup
		for i := range 6 {
			wait.Go(func() {
				key := i % 3 // each is asked twice
				got, err := b.get(t.Context(), key)
				if want := fmt.Sprint("v", key); got != want || err != nil {
					t.Errorf("get(%d) = %q, %v", key, got, err)
				}
			})
		}
		wait.Wait()
		if diff := cmp.Diff([][]int{{0, 1, 2}}, l.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestAFullBatchDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l loads
		b := newBatcher(time.Hour, 2, l.load)
		start := time.Now()
		var wait sync.WaitGroup
		for i := range 4 {
			wait.Go(func() { _, _ = b.get(t.Context(), i) })
		}
		wait.Wait()
		if len(l.calls) != 2 || time.Since(start) != 0 {
			t.Errorf("%d calls after %v, want 2 at once", len(l.calls), time.Since(start))
		}
	})
}

func TestALateQuestionGetsACallOfItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var calls atomic.Int32
		b := newBatcher(time.Millisecond, 100, func(context.Context, []int) map[int]answer[string] {
			n := calls.Add(1)
			if n == 1 {
				<-release
			}
			return map[int]answer[string]{7: {value: fmt.Sprint("call ", n)}}
		})
		var first string
		var wait sync.WaitGroup
		wait.Go(func() { first, _ = b.get(t.Context(), 7) })
		time.Sleep(time.Second) // of the test's own clock: the first call is under way
		second, err := b.get(t.Context(), 7)
		close(release)
		wait.Wait()
		if first != "call 1" || second != "call 2" || err != nil {
			t.Errorf("answers %q and %q (%v), want one call each", first, second, err)
		}
	})
}

func TestPatientQuestionsGatherWhileACallIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l loads
		b := newBatcher(10*time.Millisecond, 5, func(ctx context.Context, keys []int) map[int]answer[string] {
			time.Sleep(time.Second)
			return l.load(ctx, keys)
		})
		b.patient = true
		start := time.Now()
		var wait sync.WaitGroup
		for i := range 9 {
			wait.Go(func() {
				time.Sleep(time.Duration(i) * 20 * time.Millisecond) // a window of its own for each
				if got, err := b.get(t.Context(), i); got != fmt.Sprint("v", i) || err != nil {
					t.Errorf("get(%d) = %q, %v", i, got, err)
				}
			})
		}
		wait.Wait()
		// The first goes alone, and those that fill a call do not wait for it.
		if diff := cmp.Diff([][]int{{0}, {1, 2, 3, 4, 5}, {6, 7, 8}}, l.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if took, most := time.Since(start), 2200*time.Millisecond; took > most {
			t.Errorf("took %v, want up to %v", took, most)
		}
	})
}

func TestAPatientQuestionOutlivesTheCallBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBatcher(10*time.Millisecond, 5, func(ctx context.Context, keys []int) map[int]answer[string] {
			if keys[0] == 1 {
				<-ctx.Done()
			}
			return map[int]answer[string]{keys[0]: {value: "late", err: ctx.Err()}}
		})
		b.patient = true
		hasty, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		var wait sync.WaitGroup
		wait.Go(func() { _, _ = b.get(hasty, 1) })
		time.Sleep(time.Millisecond * 100)
		if got, err := b.get(t.Context(), 2); got != "late" || err != nil {
			t.Errorf("get = %q, %v", got, err)
		}
		wait.Wait()
	})
}

func TestOneWhoLeavesDoesNotTakeTheCallAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBatcher(time.Second, 100, func(ctx context.Context, _ []int) map[int]answer[string] {
			time.Sleep(time.Minute)
			return map[int]answer[string]{1: {value: "late", err: ctx.Err()}}
		})
		hasty, leave := context.WithTimeout(t.Context(), 2*time.Second)
		defer leave()
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := b.get(hasty, 1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("hasty: %v", err)
			}
		})
		wait.Go(func() {
			if got, err := b.get(t.Context(), 1); got != "late" || err != nil {
				t.Errorf("patient: %q, %v", got, err)
			}
		})
		wait.Wait()
	})
}

func TestACallThatNobodyWaitsForIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		b := newBatcher(time.Millisecond, 100, func(ctx context.Context, _ []int) map[int]answer[string] {
			<-ctx.Done()
			ended <- ctx.Err()
			return nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = b.get(ctx, 1)
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the call ended with %v", err)
		}
	})
}

func TestABatchThatAllLeftIsNotJoined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l loads
		b := newBatcher(time.Minute, 100, l.load)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = b.get(ctx, 1)
		if got, err := b.get(t.Context(), 2); got != "v2" || err != nil {
			t.Errorf("get = %q, %v", got, err)
		}
		if diff := cmp.Diff([][]int{{2}}, l.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}
