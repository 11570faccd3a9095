// Package machine does to one virtual machine what a configuration asks for: deploy it from a
// library item, observe it, reconfigure it, change its power state, destroy it.
//
// A [Service] is shared by everything in the process. Reads that happen at the same time
// become one call, a refresh of many machines reads some of them ahead, and waiting is shared as
// well: one long poll follows any number of tasks and machines.
package machine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// CreateMark is the ExtraConfig key that a machine bears from its deploy until the last step
// of its creation removes it. Its value is the machine's instance UUID. A machine that bears it
// is an unfinished creation of this provider; one without it is never taken for one.
const CreateMark = "vmoperator.create"

// Ref names a virtual machine, or another object, within one vCenter.
type Ref = types.ManagedObjectReference

// session is what this package needs of a *vsphere.Client.
type session interface {
	Vim(ctx context.Context) (*vim25.Client, error)
	REST(ctx context.Context) (*rest.Client, error)
	PBM(ctx context.Context) (*pbm.Client, error)
}

// Service works on virtual machines. One per process; safe for concurrent use.
type Service struct {
	client    session
	watch     *watcher
	reads     *batcher[Ref, *Observation]
	refreshes *batcher[Ref, *Observation]
	ahead     *ahead
	searches  *batcher[string, []Ref]
	places    *places

	// Deploys of this process by instance UUID: their marks are no leftovers.
	mu       sync.Mutex
	deployed map[string]bool
	names    map[childName]bool
	// managed are the machines that belong to the configuration, by instance UUID.
	managed map[string]bool
	// titles are how machines are called that were read, by reference: a path says more to people
	// than an id.
	titles sync.Map

	// softTimeout bounds the wait for a guest to shut down or stand by.
	softTimeout time.Duration
	// recheck is how often a wait looks again although nothing was reported.
	recheck time.Duration
	// pause waits between two tries. Tests replace it.
	pause func(ctx context.Context, d time.Duration) error
}

// Timing of the service. The soft wait is VM Operator's.
const (
	defaultSoftTimeout = 5 * time.Minute
	defaultRecheck     = 30 * time.Second
	batchWindow        = 10 * time.Millisecond
	// batchSize keeps an answer with whole device lists at a few megabytes, and is the number
	// of objects at which vCenter pages such answers anyway.
	batchSize = 100
)

// New returns the Service of a process. It does not touch the network.
func New(client *vsphere.Client) *Service { return newService(client) }

func newService(client session) *Service {
	s := &Service{
		client:      client,
		ahead:       newAhead(),
		places:      newPlaces(),
		deployed:    map[string]bool{},
		names:       map[childName]bool{},
		managed:     map[string]bool{},
		softTimeout: defaultSoftTimeout,
		recheck:     defaultRecheck,
		pause:       pause,
	}
	s.watch = newWatcher(client, func(ctx context.Context, d time.Duration) error { return s.pause(ctx, d) })
	s.reads = newBatcher(batchWindow, batchSize, s.observeMany)
	s.refreshes = newBatcher(batchWindow, batchSize, s.refreshMany)
	// A busy computer asks one by one, faster than vCenter answers.
	s.refreshes.patient = true
	s.searches = newBatcher(batchWindow, searchSize, s.findMany)
	return s
}

// Close ends the long poll and gives back what it holds in vCenter, best effort. Waits that
// are under way end with vsphere.ErrClosed. A logout does the same for vCenter.
func (s *Service) Close(ctx context.Context) { s.watch.close(ctx) }

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// backoff is the pause before try n+1: a quarter of a second, doubling up to five seconds.
func backoff(n int) time.Duration {
	const longest = 5 * time.Second
	if n > 5 {
		return longest
	}
	return min(250*time.Millisecond<<n, longest)
}

// title names a machine of which only the reference is known.
func title(ref Ref) string { return fmt.Sprintf("virtual machine %s", ref.Value) }
