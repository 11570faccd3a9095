package simulator

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/vmware/govmomi/vim25/types"
)

// SetGuestAddress lets Tools of the guest of a machine report an address that a test has
// chosen, such as 127.0.0.1 where it listens: guest.ipAddress is that, and guest.net has it
// first among the addresses of the first connected card, beside those that the guest really
// has. The zero address ends that. The machine is a name, a reference or AllMachines, and need
// not exist yet; a guest that runs reports at once.
func (s *Simulator) SetGuestAddress(machine string, address netip.Addr) {
	a := s.agent
	a.mu.Lock()
	if address.IsValid() {
		a.settings.addresses[machine] = address
	} else {
		delete(a.settings.addresses, machine)
	}
	running := slices.Collect(maps.Keys(a.guests))
	a.mu.Unlock()
	for _, ref := range running {
		a.refresh(ref)
	}
}

// refresh lets the guest of a machine report again, if it runs.
func (a *agent) refresh(ref types.ManagedObjectReference) {
	ctx := a.newContext()
	vm, ok := machineOf(ctx, ref)
	if !ok {
		return
	}
	ctx.WithLock(vm, func() {
		var changes []types.PropertyChange
		a.with(ref, func(g *guest) {
			if g.view != nil && !g.suspended {
				changes = a.report(ref, g)
			}
		})
		if len(changes) > 0 {
			ctx.Update(vm, changes)
		}
	})
}
