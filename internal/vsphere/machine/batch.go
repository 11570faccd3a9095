package machine

import (
	"context"
	"sync"
	"time"
)

// batcher makes one call of the questions that are asked at about the same time. It keeps no
// answers: a question is answered by a call that began after it was asked, so whoever reads
// after a write sees what was written.
type batcher[K comparable, V any] struct {
	window time.Duration
	size   int
	load   func(ctx context.Context, keys []K) map[K]answer[V]
	// patient has questions gather for as long as a call is under way, unless they fill one.
	patient bool

	mu      sync.Mutex
	open    *group[K, V]
	running int // calls
}

// answer is what load found for one key. A key that load does not mention has the zero value.
type answer[V any] struct {
	value V
	err   error
}

// group is a set of questions that share a call.
type group[K comparable, V any] struct {
	keys    []K
	asked   map[K]bool
	askers  int
	started bool
	due     bool // its window is over
	start   *time.Timer
	done    chan struct{}
	answers map[K]answer[V]
	ctx     context.Context // lives as long as the group's call
	cancel  context.CancelFunc
}

func newBatcher[K comparable, V any](window time.Duration, size int, load func(context.Context, []K) map[K]answer[V]) *batcher[K, V] {
	return &batcher[K, V]{window: window, size: size, load: load}
}

// get asks for key, and waits until ctx ends at most. The call is given up when nobody waits
// for it any more.
func (b *batcher[K, V]) get(ctx context.Context, key K) (V, error) {
	g := b.join(ctx, key)
	defer b.leave(g)
	select {
	case <-g.done:
		a := g.answers[key]
		return a.value, a.err
	case <-ctx.Done():
		var zero V
		return zero, ctx.Err()
	}
}

func (b *batcher[K, V]) join(ctx context.Context, key K) *group[K, V] {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.open
	if g == nil {
		g = &group[K, V]{asked: map[K]bool{}, done: make(chan struct{})}
		// The first asker lends its values (log fields), not its deadline.
		g.ctx, g.cancel = context.WithCancel(context.WithoutCancel(ctx))
		g.start = time.AfterFunc(b.window, func() { b.begin(g) })
		b.open = g
	}
	g.askers++
	if !g.asked[key] {
		g.asked[key] = true
		g.keys = append(g.keys, key)
	}
	if len(g.keys) >= b.size {
		g.start.Stop()
		b.run(g)
	}
	return g
}

func (b *batcher[K, V]) begin(g *group[K, V]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g.due = true
	if b.running == 0 || !b.patient {
		b.run(g)
	}
}

// run starts the call of g, once. The caller holds the lock.
func (b *batcher[K, V]) run(g *group[K, V]) {
	if g.started {
		return
	}
	g.started = true
	if b.open == g {
		b.open = nil
	}
	b.running++
	go func() {
		defer g.cancel()
		g.answers = b.load(g.ctx, g.keys)
		close(g.done)
		b.ended()
	}()
}

// ended starts the call that waited for the end of another.
func (b *batcher[K, V]) ended() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
	if b.running == 0 && b.open != nil && b.open.due {
		b.run(b.open)
	}
}

func (b *batcher[K, V]) leave(g *group[K, V]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g.askers--
	if g.askers > 0 {
		return
	}
	if g.started {
		g.cancel()
		return
	}
	// Nobody is left before the call began. A group whose context has ended must not be joined.
	g.start.Stop()
	g.started = true
	g.cancel()
	if b.open == g {
		b.open = nil
	}
}

// failed answers every key with err.
func failed[K comparable, V any](keys []K, err error) map[K]answer[V] {
	out := make(map[K]answer[V], len(keys))
	for _, key := range keys {
		out[key] = answer[V]{err: err}
	}
	return out
}
