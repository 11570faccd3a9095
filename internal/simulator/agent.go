package simulator

import (
	"net/netip"
	"sync"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// agent plays the guest operating systems. It watches the power state of every virtual
// machine: when one turns on, the guest behind it boots, configures itself by what it finds,
// and its Tools report. It knows the documents that a guest reads, and nothing of the code
// that writes them.
type agent struct {
	self       types.ManagedObjectReference
	newContext func() *vcsim.Context
	nameOf     func(types.ManagedObjectReference) string
	leases     *leases

	mu       sync.Mutex
	guests   map[types.ManagedObjectReference]*guest
	failures []string // messages for the customizations to come
	settings guestSettings
	pauses   map[*pause]struct{}
	changed  chan struct{} // closed, and replaced, when a pause may be over
	stopped  chan struct{}
	closed   bool
	booting  int        // guests, without those that will not come by themselves, and machines that are being destroyed
	idle     *sync.Cond // booting is 0
}

// guestSettings are what tests have said of guests.
type guestSettings struct {
	paces     perMachine[GuestPace]
	addresses perMachine[netip.Addr]
	published perMachine[map[string]string] // variables by key
	deaf      perMachine[bool]
}

// guest is what one operating system keeps on its disks, and what it showed last.
type guest struct {
	installed bool // there is an operating system at all
	toolsSeen bool // vCenter has seen its Tools run
	hostName  string

	pending        *types.CustomizationSpec
	began          time.Time                // of the customization that is running
	custom         *machineConfig           // network of the last customization; it survives reboots
	applied        *types.CustomizationSpec // the last one that succeeded
	customizations int
	persona        persona

	boots        int
	instanceID   string
	userData     string
	userDataRuns int

	environment *OVFEnvironment     // of the last power-on
	secrets     secrets             // values of the vApp configuration that do not read back
	variables   map[string]variable // that the guest has set since power-on, by key in lower case

	generation int // of the power state; a boot that was overtaken reports nothing
	suspended  bool
	view       *view // while Tools run, and in a guest that is suspended
}

func newAgent(newContext func() *vcsim.Context, nameOf func(types.ManagedObjectReference) string, settings guestSettings) *agent {
	a := &agent{
		self:       reference("VcsimGuestAgent", "guest-agent"),
		newContext: newContext,
		nameOf:     nameOf,
		leases:     newLeases(),
		guests:     map[types.ManagedObjectReference]*guest{},
		settings:   settings,
		pauses:     map[*pause]struct{}{},
		changed:    make(chan struct{}),
		stopped:    make(chan struct{}),
	}
	a.idle = sync.NewCond(&a.mu)
	return a
}

// Reference, PutObject, UpdateObject and RemoveObject implement vcsim.RegisterObject.
func (a *agent) Reference() types.ManagedObjectReference { return a.self }

// PutObject does nothing: a new machine is off.
func (a *agent) PutObject(*vcsim.Context, mo.Reference) {}

// RemoveObject forgets the guest of a destroyed machine.
func (a *agent) RemoveObject(_ *vcsim.Context, ref types.ManagedObjectReference) {
	if ref.Type != "VirtualMachine" {
		return
	}
	a.mu.Lock()
	delete(a.guests, ref)
	a.wake()
	a.mu.Unlock()
	a.leases.release(ref)
}

// UpdateObject is called with the machine's lock held, by whoever changes it.
func (a *agent) UpdateObject(ctx *vcsim.Context, obj mo.Reference, changes []types.PropertyChange) {
	ref := obj.Reference()
	if ref.Type != "VirtualMachine" {
		return
	}
	for _, c := range changes {
		if c.Name != "runtime.powerState" {
			continue
		}
		vm, ok := machineOf(a.newContext(), ref)
		if !ok {
			return
		}
		switch c.Val {
		case types.VirtualMachinePowerStatePoweredOn:
			a.start(ctx, vm)
		case types.VirtualMachinePowerStateSuspended:
			a.halt(ref, true)
			ctx.Update(vm, stopped())
		default:
			ctx.Update(vm, append(stopped(), a.forget(vm)...))
			a.halt(ref, false)
		}
	}
}

// of returns the guest of a machine. The caller holds a.mu.
func (a *agent) of(ref types.ManagedObjectReference) *guest {
	g, ok := a.guests[ref]
	if !ok {
		g = &guest{}
		a.guests[ref] = g
	}
	return g
}

// with runs f on the guest of a machine, under the agent's lock.
func (a *agent) with(ref types.ManagedObjectReference, f func(*guest)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(a.of(ref))
}

// install puts an operating system on the disks of a machine.
func (a *agent) install(ref types.ManagedObjectReference) {
	a.with(ref, func(g *guest) { g.installed = true })
}

// copyDisks gives the guest of a clone what is on its source's disks and in its configuration.
func (a *agent) copyDisks(from, to types.ManagedObjectReference) {
	a.mu.Lock()
	defer a.mu.Unlock()
	source, clone := a.of(from), a.of(to)
	clone.installed, clone.toolsSeen, clone.secrets = source.installed, source.toolsSeen, source.secrets
}

// halt makes a boot in progress end without a report. A guest that is suspended stays what it
// is; one that is off is nothing.
func (a *agent) halt(ref types.ManagedObjectReference, suspended bool) {
	a.with(ref, func(g *guest) {
		g.generation++
		g.suspended = suspended
		if !suspended {
			g.view = nil
		}
		a.wake()
	})
}

// start begins what a power-on begins: a boot, or a guest that was suspended goes on where it
// was. The caller holds the machine's lock.
func (a *agent) start(ctx *vcsim.Context, vm *vcsim.VirtualMachine) {
	var resumed []types.PropertyChange
	a.with(vm.Self, func(g *guest) {
		if g.suspended && g.view != nil && g.began.IsZero() {
			resumed = a.report(vm.Self, g)
		}
		g.suspended = false
	})
	if resumed != nil {
		ctx.Update(vm, resumed)
		return
	}
	a.boot(vm.Self)
}

// boot starts the guest. It returns at once: it is called under the machine's lock.
func (a *agent) boot(ref types.ManagedObjectReference) {
	a.mu.Lock()
	defer a.mu.Unlock()
	g := a.of(ref)
	g.generation++
	g.view = nil
	a.wake()
	if !g.installed || a.closed {
		return
	}
	a.booting++
	go a.run(ref, g.generation)
}

// run is a boot: Tools come, and a customization that was pending takes place.
func (a *agent) run(ref types.ManagedObjectReference, generation int) {
	defer a.booted()
	if !a.pass(ref, generation, func(p GuestPace) time.Duration { return p.Tools }) {
		return
	}
	customizing := false
	alive := a.change(ref, generation, func(vm *vcsim.VirtualMachine, g *guest, h *hardware) []types.PropertyChange {
		customizing = g.pending != nil
		return a.rise(vm, g, h)
	})
	if !alive || !customizing {
		return
	}
	if a.pass(ref, generation, func(p GuestPace) time.Duration { return p.Customization }) {
		a.change(ref, generation, a.finish)
	}
}

// change changes what vCenter shows of a machine, by its guest, unless the boot that wants
// that was overtaken by another power operation.
func (a *agent) change(ref types.ManagedObjectReference, generation int, f func(*vcsim.VirtualMachine, *guest, *hardware) []types.PropertyChange) (alive bool) {
	ctx := a.newContext()
	vm, ok := machineOf(ctx, ref)
	if !ok {
		return false // destroyed meanwhile
	}
	ctx.WithLock(vm, func() {
		var changes []types.PropertyChange
		a.with(ref, func(g *guest) {
			if g.generation != generation || vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
				return
			}
			alive = true
			changes = f(vm, g, inspect(ctx, vm))
		})
		if len(changes) > 0 {
			ctx.Update(vm, changes)
		}
	})
	return alive
}

// booted counts the end of a boot.
func (a *agent) booted() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count(-1)
}

// count changes the number of guests that are booting. The caller holds a.mu.
func (a *agent) count(by int) {
	if a.booting += by; a.booting == 0 {
		a.idle.Broadcast()
	}
}

// busy counts a machine that settle waits for.
func (a *agent) busy(by int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count(by)
}

// settle waits until no guest is booting, except those that will not come by themselves.
func (a *agent) settle() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.booting > 0 {
		a.idle.Wait()
	}
}

// stop lets booting guests end and starts no more.
func (a *agent) stop() {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return
	}
	a.closed = true
	close(a.stopped)
	a.mu.Unlock()
	a.settle()
}
