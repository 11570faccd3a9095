package machine

import (
	"context"
	"sync"
	"time"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// The long poll returns after this many seconds when nothing happened. vCenter is never asked
// to wait without a bound: a client that died must not leave a wait behind for ever.
const maxWaitSeconds = 20

// After this many failures in a row, five seconds apart in the end, the waits are failed.
const maxFailures = 24

// watched are the properties whose changes are reported. A change of a machine is a reason to
// look, nothing more, so these are the ones that move when something worth seeing happened.
var watched = []types.PropertySpec{
	{Type: "Task", PathSet: []string{"info"}},
	{Type: "VirtualMachine", PathSet: []string{
		"runtime.powerState", "runtime.connectionState", "runtime.question", "guest", "guestHeartbeatStatus",
		"config.changeVersion", "config.extraConfig",
	}},
}

// watcher follows any number of tasks and machines with one list view, one filter on it and
// one long poll. All of them belong to a session and are built again when it is gone.
type watcher struct {
	client session
	pause  func(context.Context, time.Duration) error
	stop   context.CancelFunc
	life   context.Context // its own, ended by close
	// changed says that the set of subscriptions is another one.
	changed chan struct{}

	mu      sync.Mutex
	subs    map[Ref]map[*subscription]struct{}
	running chan struct{} // closed when the loop has ended; nil when none runs
	closed  bool

	// Owned by the loop, and handed on from one to the next.
	feed *feed
}

// subscription is the interest of one caller in one object.
type subscription struct {
	ref Ref
	// signal holds a token when news is worth reading.
	signal chan struct{}
	news   news // guarded by watcher.mu
}

// news is the latest that is known of an object.
type news struct {
	info *types.TaskInfo // of a task
	gone bool            // the object left the view
	err  error           // no more news will come
}

func (n news) final() bool { return n.err != nil || n.info != nil && ended(n.info) }

func ended(info *types.TaskInfo) bool {
	return info.State == types.TaskInfoStateSuccess || info.State == types.TaskInfoStateError
}

// feed is what the watcher holds in vCenter.
type feed struct {
	view      *view.ListView
	collector *property.Collector
	version   string
	content   map[Ref]bool
}

func newWatcher(client session, pause func(context.Context, time.Duration) error) *watcher {
	w := &watcher{client: client, pause: pause, changed: make(chan struct{}, 1), subs: map[Ref]map[*subscription]struct{}{}}
	w.life, w.stop = context.WithCancel(context.Background())
	return w
}

func (w *watcher) subscribe(ref Ref) *subscription {
	sub := &subscription{ref: ref, signal: make(chan struct{}, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		w.tell(sub, news{err: vsphere.ErrClosed})
		return sub
	}
	if w.subs[ref] == nil {
		w.subs[ref] = map[*subscription]struct{}{}
	}
	w.subs[ref][sub] = struct{}{}
	if w.running == nil {
		w.running = make(chan struct{})
		go w.run(w.running)
		return sub
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
	return sub
}

func (w *watcher) unsubscribe(sub *subscription) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.subs[sub.ref], sub)
	if len(w.subs[sub.ref]) == 0 {
		delete(w.subs, sub.ref)
	}
}

// read returns the latest news of a subscription.
func (w *watcher) read(sub *subscription) news {
	w.mu.Lock()
	defer w.mu.Unlock()
	return sub.news
}

// tell replaces the news of sub, but never the end of a task by something lesser. The caller
// holds the lock.
func (w *watcher) tell(sub *subscription, n news) {
	if sub.news.final() {
		return
	}
	sub.news = n
	select {
	case sub.signal <- struct{}{}:
	default:
	}
}

// close ends the loop and gives back its view and collector.
func (w *watcher) close(ctx context.Context) {
	w.mu.Lock()
	w.closed = true
	running := w.running
	w.mu.Unlock()
	w.stop()
	if running != nil {
		select {
		case <-running:
		case <-ctx.Done():
			return
		}
	}
	if w.feed != nil {
		w.feed.destroy(ctx)
		w.feed = nil
	}
	w.failAll(vsphere.ErrClosed)
}

// run serves the subscriptions until none is left. The poll that is in flight then is left to
// end by itself: the next subscription mostly comes at once.
func (w *watcher) run(done chan struct{}) {
	defer close(done)
	failures := 0
	for {
		w.mu.Lock()
		if len(w.subs) == 0 || w.closed {
			w.running = nil
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		progressed, err := w.serve()
		if progressed {
			failures = 0
		}
		if err == nil {
			continue
		}
		if w.life.Err() != nil {
			continue
		}
		if w.feed != nil && !isSessionGone(err) {
			w.feed.destroy(w.life)
		}
		w.feed = nil
		failures++
		if failures > maxFailures || isHopeless(err) {
			w.failAll(vsphere.Translate(err, "wait for vCenter"))
			failures = 0
			continue
		}
		if failures > 1 {
			_ = w.pause(w.life, backoff(failures-2))
		}
	}
}

// serve keeps the view in step with the subscriptions while polls are in flight, and returns
// when a poll ended with nobody left to serve, or with an error.
func (w *watcher) serve() (progressed bool, err error) {
	if w.feed == nil {
		if w.feed, err = w.build(w.life); err != nil {
			return false, err
		}
	}
	polls := make(chan pollResult, 1)
	ctx, cancel := context.WithCancel(w.life)
	polling := false
	defer func() {
		cancel()
		if polling {
			<-polls
		}
	}()
	for {
		if err := w.sync(ctx); err != nil {
			return progressed, err
		}
		if !polling {
			if w.idle() {
				return progressed, nil
			}
			polling = true
			go func(f *feed, version string) { polls <- f.poll(ctx, version) }(w.feed, w.feed.version)
		}
		select {
		case <-w.changed:
		case result := <-polls:
			polling = false
			if result.err != nil {
				return progressed, result.err
			}
			progressed = true
			w.dispatch(result.set)
		case <-w.life.Done():
			return progressed, w.life.Err()
		}
	}
}

func (w *watcher) idle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.subs) == 0
}

// build makes the view, the collector and the filter of the current session.
func (w *watcher) build(ctx context.Context) (*feed, error) {
	client, err := w.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	// Objects are added later, since a view cannot be made with one that is gone.
	list, err := view.NewManager(client).CreateListView(ctx, nil)
	if err != nil {
		return nil, err
	}
	f := &feed{view: list, content: map[Ref]bool{}}
	if f.collector, err = property.DefaultCollector(client).Create(ctx); err != nil {
		return f, err
	}
	_, err = f.collector.CreateFilter(ctx, types.CreateFilter{Spec: types.PropertyFilterSpec{
		ObjectSet: []types.ObjectSpec{{
			Obj: list.Reference(), Skip: types.NewBool(true),
			SelectSet: []types.BaseSelectionSpec{list.TraversalSpec()},
		}},
		PropSet:                       watched,
		ReportMissingObjectsInResults: types.NewBool(true),
	}})
	return f, err
}

// sync adds to the view what is subscribed and removes what is not. Removing alone is not
// worth a call: it waits for the next addition.
func (w *watcher) sync(ctx context.Context) error {
	var add, remove []Ref
	w.mu.Lock()
	for ref := range w.subs {
		if !w.feed.content[ref] {
			add = append(add, ref)
		}
	}
	for ref := range w.feed.content {
		if w.subs[ref] == nil {
			remove = append(remove, ref)
		}
	}
	w.mu.Unlock()
	if len(add) == 0 {
		return nil
	}
	res, err := methods.ModifyListView(ctx, w.feed.view.Client(), &types.ModifyListView{
		This: w.feed.view.Reference(), Add: add, Remove: remove,
	})
	if err != nil {
		return err
	}
	for _, ref := range add {
		w.feed.content[ref] = true
	}
	for _, ref := range remove {
		delete(w.feed.content, ref)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ref := range res.Returnval { // those that do not exist
		w.tellAll(ref, news{gone: true})
	}
	return nil
}

// tellAll passes n to all subscriptions of ref. The caller holds the lock.
func (w *watcher) tellAll(ref Ref, n news) {
	for sub := range w.subs[ref] {
		w.tell(sub, n)
	}
}

func (w *watcher) failAll(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ref := range w.subs {
		w.tellAll(ref, news{err: err})
	}
	clear(w.subs)
}

func (w *watcher) dispatch(set *types.UpdateSet) {
	if set == nil { // nothing happened in maxWaitSeconds
		return
	}
	w.feed.version = set.Version
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, filter := range set.FilterSet {
		for _, object := range filter.MissingSet {
			w.tellAll(object.Obj, news{gone: true})
		}
		for _, object := range filter.ObjectSet {
			n := news{gone: object.Kind == types.ObjectUpdateKindLeave}
			for _, change := range object.ChangeSet {
				switch info := change.Val.(type) {
				case types.TaskInfo:
					n.info = &info
				case *types.TaskInfo:
					n.info = info
				}
			}
			w.tellAll(object.Obj, n)
		}
	}
}

type pollResult struct {
	set *types.UpdateSet
	err error
}

func (f *feed) poll(ctx context.Context, version string) pollResult {
	res, err := methods.WaitForUpdatesEx(ctx, f.view.Client(), &types.WaitForUpdatesEx{
		This:    f.collector.Reference(),
		Version: version,
		Options: &types.WaitOptions{MaxWaitSeconds: types.NewInt32(maxWaitSeconds)},
	})
	if err != nil {
		return pollResult{err: err}
	}
	return pollResult{set: res.Returnval}
}

// destroy gives back what the feed holds. A wait in vCenter ends with its collector.
func (f *feed) destroy(ctx context.Context) {
	if f.collector != nil {
		_ = f.collector.Destroy(ctx)
	}
	_ = f.view.Destroy(ctx)
}
