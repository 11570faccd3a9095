package simulator

import (
	"fmt"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// Never is how long something takes that does not end by itself; see SetGuestPace.
const Never time.Duration = -1

// GuestPace is how much time a guest takes. Zero is no time at all, Never is for ever.
type GuestPace struct {
	// Tools is the time from power-on until Tools run.
	Tools time.Duration
	// Customization is the time that a guest customization takes once Tools run.
	Customization time.Duration
}

// SetGuestPace changes how much time the guest of a machine takes, from now on: a guest that
// is waiting already takes the new pace at once, so that a test can hold a guest with Never
// and let it go with a pace of zero, without a clock. The machine is a name, a reference or
// AllMachines, and need not exist yet.
func (s *Simulator) SetGuestPace(machine string, pace GuestPace) error {
	for _, d := range []time.Duration{pace.Tools, pace.Customization} {
		if d < 0 && d != Never {
			return fmt.Errorf("the time %s of the guest of %q is neither positive nor Never (%s)", d, machine, Never)
		}
	}
	a := s.agent
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings.paces[machine] = pace
	for p := range a.pauses {
		a.hold(p)
	}
	a.wake()
	return nil
}

// pause is a boot that waits.
type pause struct {
	ref   types.ManagedObjectReference
	phase func(GuestPace) time.Duration
	since time.Time
	held  bool // it does not end by itself, and is not counted as booting
}

// takes is how long a pause is.
func (a *agent) takes(p *pause) time.Duration {
	pace, _ := a.settings.paces.of(p.ref.Value, a.nameOf(p.ref))
	return p.phase(pace)
}

// hold counts a boot out while its pause does not end by itself, and in again when it does.
// The caller holds a.mu.
func (a *agent) hold(p *pause) {
	held := a.takes(p) == Never
	switch {
	case held && !p.held:
		p.held = true
		a.count(-1)
	case !held && p.held:
		p.held = false
		a.count(1)
	}
}

// wake lets every boot that waits look whether it still has to. The caller holds a.mu.
func (a *agent) wake() {
	close(a.changed)
	a.changed = make(chan struct{})
}

// pass waits as long as a guest takes for a phase of its boot, and tells whether the boot is
// still the one that is wanted.
func (a *agent) pass(ref types.ManagedObjectReference, generation int, phase func(GuestPace) time.Duration) bool {
	p := &pause{ref: ref, phase: phase, since: time.Now()}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pauses[p] = struct{}{}
	defer func() {
		delete(a.pauses, p)
		if p.held {
			a.count(1)
		}
	}()
	for {
		g, ok := a.guests[ref]
		if a.closed || !ok || g.generation != generation {
			return false
		}
		a.hold(p)
		left := a.takes(p) - time.Since(p.since)
		if !p.held && left <= 0 {
			return true
		}
		a.sleep(p, left)
	}
}

// sleep waits for the end of a pause, or for something that may have changed it. The caller
// holds a.mu, which is free meanwhile.
func (a *agent) sleep(p *pause, left time.Duration) {
	changed, held := a.changed, p.held
	a.mu.Unlock()
	defer a.mu.Lock()
	var end <-chan time.Time
	if !held {
		timer := time.NewTimer(left)
		defer timer.Stop()
		end = timer.C
	}
	select {
	case <-end:
	case <-changed:
	case <-a.stopped:
	}
}
