package virtualmachine

import (
	"slices"

	govmomi "github.com/vmware/govmomi/vim25/types"
)

// powerPlan is what changes of a machine take of its power.
type powerPlan struct {
	// Blocked are the changes that the machine does not take in its power state, and Later those
	// that it takes now and acts on when it is powered on the next time.
	Blocked, Later []change
	// Cycles tells that the machine is powered off for the changes, and on again.
	Cycles bool
}

// powerFor decides what changes take of a machine that is in one power state, and to be in
// another one. allowed is allow_power_cycle: without it nothing that is blocked may be done.
//
// A suspended machine that stays suspended takes nothing but another name: what it is made of is
// part of the memory that waits on disk. One that is to run is resumed first, and changed then.
func powerFor(all []change, is govmomi.VirtualMachinePowerState, target string, allowed bool) powerPlan {
	var p powerPlan
	if is == govmomi.VirtualMachinePowerStatePoweredOff || target == poweredOff {
		return p
	}
	p.Blocked = having(all, needsPowerOff)
	if is == govmomi.VirtualMachinePowerStateSuspended && target == suspended {
		p.Blocked = slices.DeleteFunc(slices.Clone(all), func(c change) bool { return c.Attribute == "name" })
		for i := range p.Blocked {
			if p.Blocked[i].Why == "" {
				p.Blocked[i].Why = "a suspended machine takes no change of what it is made of"
			}
		}
	}
	if len(p.Blocked) == 0 {
		p.Later = having(all, atNextStart)
	}
	p.Cycles = len(p.Blocked) > 0 || len(p.Later) > 0 && allowed
	return p
}
