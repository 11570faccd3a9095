package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// The condition that a readiness probe brings has VM Operator's names.
const (
	conditionReady = "Ready"
	reasonReady    = "Ready"
)

// dialer opens a connection: net.Dialer's DialContext.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// until judges what vCenter tells of a machine: all of a probe but a TCP port. What it says, for
// messages, has no values but those that the guest shows to everybody in vCenter.
func (p *probe) until() machine.Until {
	var all []machine.Until
	if p.Heartbeat != "" {
		all = append(all, machine.HeartbeatReaches(govmomi.ManagedEntityStatus(p.Heartbeat)))
	}
	for _, info := range p.GuestInfo {
		all = append(all, machine.GuestInfo(info.Key, info.Value))
	}
	return func(o *machine.Observation) (bool, string) {
		if text := notRunning(o); text != "" {
			return false, text
		}
		return machine.All(all...)(o)
	}
}

// notRunning says why no guest can be ready; empty for a machine that runs. What a machine that
// is off shows of its guest is of the last time that it ran.
func notRunning(o *machine.Observation) string {
	if o.PowerState == govmomi.VirtualMachinePowerStatePoweredOn {
		return ""
	}
	return "the machine is " + stateOf(o.PowerState)
}

// address is where to connect to, and what there is to say where that is not known yet. ip4 and ip6
// are the guest's primary addresses, empty where it has none.
func (s *probeSocket) address(o *machine.Observation, ip4, ip6 string) (address, lastSeen string) {
	if text := notRunning(o); text != "" {
		return "", text
	}
	port := strconv.Itoa(s.Port)
	for _, host := range []string{s.Host, ip4, ip6} {
		if host != "" {
			return net.JoinHostPort(host, port), ""
		}
	}
	return "", "the guest reports no address to connect to"
}

// connect makes one attempt at a TCP port.
func (p *probe) connect(ctx context.Context, address string, dial dialer) (ready bool, lastSeen string) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	connection, err := dial(ctx, "tcp", address)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
			return false, fmt.Sprintf("TCP %s does not answer within %s", address, p.Timeout)
		}
		return false, fmt.Sprintf("TCP %s: %v", address, plainDialError(err))
	}
	_ = connection.Close()
	return true, fmt.Sprintf("TCP %s accepts connections", address)
}

func isTimeout(err error) bool {
	var late net.Error
	return errors.As(err, &late) && late.Timeout()
}

// plainDialError leaves out the address, which stands before it already.
func plainDialError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// primaryAddresses are the addresses that stand for a guest.
func primaryAddresses(o *machine.Observation, provider observed.Provider) (ip4, ip6 string) {
	seen, _ := observed.Observe(observed.Input{Guest: o.Guest, ExtraConfig: o.ExtraConfig, PowerState: o.PowerState, Provider: provider})
	return seen.PrimaryIP4, seen.PrimaryIP6
}

// waitReady waits until a probe succeeds, and returns what it last saw, also together with an
// error. provider is what configures the guest, on which its primary address depends.
//
// All waits of the process share one long poll of vCenter. A TCP port is tried from here, once
// in each period and as soon as the guest has another address. When ctx ends first, the error is
// vsphere.ErrTimeout, or vsphere.ErrInterrupted for somebody who gave up, and ends with what was
// last seen. A machine that disappears is vsphere.ErrNotFound.
func (r *Resource) waitReady(ctx context.Context, ref machine.Ref, p *probe, provider observed.Provider) (lastSeen string, err error) {
	w := &readyWait{probe: p, provider: provider, wait: r.backend.Machines.WaitFor, dial: new(net.Dialer).DialContext}
	return w.run(ctx, ref)
}

// readyWait is one wait for a guest to be ready.
type readyWait struct {
	probe    *probe
	provider observed.Provider
	wait     func(context.Context, machine.Ref, machine.Until) error
	dial     dialer

	mu sync.Mutex
	// address is where to connect to; empty while that is not known, for the reason in lastSeen.
	address, lastSeen string
	// moved holds a token when the address is another one.
	moved chan struct{}
}

func (w *readyWait) run(ctx context.Context, ref machine.Ref) (string, error) {
	w.lastSeen = "nothing"
	if w.probe.TCP == nil {
		err := w.wait(ctx, ref, w.look)
		return w.lastSeen, w.ended(ctx, err)
	}
	w.moved = make(chan struct{}, 1)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var watchError error
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watchError = w.wait(watching, ref, w.follow)
	}()
	for {
		began := time.Now()
		if w.try(ctx) {
			stop()
			<-watched
			return w.lastSeen, nil
		}
		timer := time.NewTimer(time.Until(began.Add(w.probe.Period)))
		select {
		case <-timer.C:
		case <-w.moved:
		case <-watched:
			timer.Stop()
			return w.lastSeen, w.ended(ctx, watchError)
		}
		timer.Stop()
	}
}

// look is the Until of a probe that vCenter answers.
func (w *readyWait) look(o *machine.Observation) (ready bool, last string) {
	ready, w.lastSeen = w.probe.until()(o)
	return ready, w.lastSeen
}

// follow is the Until of a probe that connects to the guest: it never ends, and notes where the
// guest is.
func (w *readyWait) follow(o *machine.Observation) (bool, string) {
	ip4, ip6 := primaryAddresses(o, w.provider)
	address, last := w.probe.TCP.address(o, ip4, ip6)
	w.mu.Lock()
	defer w.mu.Unlock()
	if address == "" {
		w.lastSeen = last
	}
	if address != w.address {
		w.address = address
		select {
		case w.moved <- struct{}{}:
		default:
		}
	}
	return false, last
}

// try makes one attempt, where there is an address to make it at.
func (w *readyWait) try(ctx context.Context) bool {
	w.mu.Lock()
	address := w.address
	w.mu.Unlock()
	if address == "" {
		return false
	}
	ready, last := w.probe.connect(ctx, address, w.dial)
	w.mu.Lock()
	defer w.mu.Unlock()
	if ready || w.address == address && ctx.Err() == nil {
		w.lastSeen = last // an attempt that was cut off says nothing
	}
	return ready
}

// ended says of a wait that came to no end what was last seen.
func (w *readyWait) ended(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	kind := vsphere.ErrTimeout
	if errors.Is(ctx.Err(), context.Canceled) {
		kind = vsphere.ErrInterrupted
	}
	return fmt.Errorf("wait until the guest is ready: %w: last seen: %s", kind, w.lastSeen)
}
