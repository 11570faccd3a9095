package simulator

import (
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
	delay      time.Duration
	leases     *leases

	mu       sync.Mutex
	guests   map[types.ManagedObjectReference]*guest
	failures []string // messages for the customizations to come
	stopped  chan struct{}
	closed   bool
	booting  int        // guests
	idle     *sync.Cond // booting is 0
}

// guest is what one operating system keeps on its disks, and what it showed last.
type guest struct {
	installed bool // there is an operating system at all
	pending   *types.CustomizationSpec
	custom    *machineConfig // network of the last customization; it survives reboots

	boots        int
	instanceID   string
	userData     string
	userDataRuns int

	generation int // of the power state; a boot that was overtaken reports nothing
	view       *view
}

func newAgent(newContext func() *vcsim.Context, delay time.Duration) *agent {
	a := &agent{
		self:       reference("VcsimGuestAgent", "guest-agent"),
		newContext: newContext,
		delay:      delay,
		leases:     newLeases(),
		guests:     map[types.ManagedObjectReference]*guest{},
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
		vm, ok := a.newContext().Map.Get(ref).(*vcsim.VirtualMachine)
		if !ok {
			return
		}
		if c.Val == types.VirtualMachinePowerStatePoweredOn {
			a.boot(ref)
			continue
		}
		a.halt(ref)
		ctx.Update(vm, stopped())
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

// halt makes a boot in progress end without a report.
func (a *agent) halt(ref types.ManagedObjectReference) {
	a.with(ref, func(g *guest) { g.generation++; g.view = nil })
}

// boot starts the guest. It returns at once: it is called under the machine's lock.
func (a *agent) boot(ref types.ManagedObjectReference) {
	a.mu.Lock()
	g := a.of(ref)
	g.generation++
	generation, installed := g.generation, g.installed
	if !installed || a.closed {
		a.mu.Unlock()
		return
	}
	a.booting++
	a.mu.Unlock()

	go func() {
		defer a.booted()
		if a.delay > 0 {
			timer := time.NewTimer(a.delay)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-a.stopped:
				return
			}
		}
		ctx := a.newContext()
		vm, ok := ctx.Map.Get(ref).(*vcsim.VirtualMachine)
		if !ok {
			return // destroyed meanwhile
		}
		ctx.WithLock(vm, func() { a.come(ctx, vm, generation) })
	}()
}

// come is the boot itself, under the machine's lock.
func (a *agent) come(ctx *vcsim.Context, vm *vcsim.VirtualMachine, generation int) {
	var changes []types.PropertyChange
	a.with(vm.Self, func(g *guest) {
		if g.generation != generation || vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			return
		}
		g.boots++
		h := inspect(ctx, vm)
		if g.pending != nil {
			changes = a.customize(vm, g, h)
		}
		g.view = a.configure(g, h)
		changes = append(changes, g.view.report()...)
	})
	if len(changes) > 0 {
		ctx.Update(vm, changes)
	}
}

// configure decides what the guest's network is after this boot.
func (a *agent) configure(g *guest, h *hardware) *view {
	if g.custom != nil {
		return a.leases.apply(h, g.custom)
	}
	c, err := cloudConfigOf(h.extraConfig, h.uuid)
	if err != nil {
		// The data source gave nothing: no network, no host name of its own.
		return a.leases.apply(h, &machineConfig{problem: err.Error()})
	}
	if c == nil {
		return a.leases.apply(h, fallback(h))
	}
	a.instance(g, c)
	return a.leases.apply(h, &c.machineConfig)
}

// instance does what cloud-init does once per instance: it takes the user data when the
// instance id has changed. The network is read and applied at every boot, also of an
// instance it knows, because VMware's data source asks for that.
func (a *agent) instance(g *guest, c *cloudConfig) {
	if g.instanceID == c.instanceID && g.userDataRuns > 0 {
		return
	}
	g.instanceID, g.userData = c.instanceID, c.userData
	g.userDataRuns++
}

// booted counts the end of a boot.
func (a *agent) booted() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.booting--; a.booting == 0 {
		a.idle.Broadcast()
	}
}

// settle waits until no guest is booting.
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

// failNext makes a customization to come fail with a message.
func (a *agent) failNext(message string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures = append(a.failures, message)
}

// FailNextCustomization makes the next guest customization (a CustomizationSpec that is
// applied at power-on) fail in the guest, with the message that its Tools report.
func (s *Simulator) FailNextCustomization(message string) {
	if message == "" {
		message = "Customization failed: the simulator was told so"
	}
	s.agent.failNext(message)
}

// fallback is the network of a guest that nobody configures: DHCP on the first card.
func fallback(h *hardware) *machineConfig {
	c := &machineConfig{}
	if len(h.nics) > 0 {
		c.nics = []nicConfig{{mac: h.nics[0].mac, dhcp4: true, acceptRA: true}}
	}
	return c
}
