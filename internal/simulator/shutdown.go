package simulator

import "github.com/vmware/govmomi/vim25/types"

// IgnoreShutdown lets the guest of a machine, or of AllMachines, take the wish to shut down
// and stay on, or ends that. The machine need not exist yet.
func (s *Simulator) IgnoreShutdown(machine string, ignore bool) {
	a := s.agent
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settings.deaf[machine] = ignore
}

// ignoresShutdown tells whether the guest of a machine stays on.
func (a *agent) ignoresShutdown(ref types.ManagedObjectReference) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	deaf, _ := a.settings.deaf.of(ref.Value, a.nameOf(ref))
	return deaf
}
