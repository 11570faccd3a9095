package virtualmachine

import (
	"context"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// turnOn brings the machine to its power state, and waits for what its guest does when it starts.
func (u *update) turnOn(ctx context.Context) error {
	target := u.plan.PowerState.ValueString()
	if target == poweredOff {
		return nil
	}
	if target == suspended && u.sent.Handed != nil {
		// A guest that is suspended does not customize itself.
		if err := u.powerTo(ctx, poweredOn); err != nil {
			return err
		}
		u.observed.PowerState = govmomi.VirtualMachinePowerStatePoweredOn
		if err := u.awaitCustomization(ctx); err != nil {
			return err
		}
	}
	if err := u.powerTo(ctx, target); err != nil {
		return err
	}
	if target != poweredOn {
		return nil
	}
	if err := u.awaitCustomization(ctx); err != nil {
		return err
	}
	if err := u.restart(ctx); err != nil {
		return err
	}
	return u.awaitReady(ctx, u.desired, u.ref)
}

// resume powers a suspended machine on.
func (u *update) resume(ctx context.Context) error {
	if err := u.powerOn(ctx, u.ref); err != nil {
		return err
	}
	u.resumed, u.stale = true, true
	u.observed.PowerState = govmomi.VirtualMachinePowerStatePoweredOn
	return nil
}

func (u *update) powerOff(ctx context.Context) error {
	if u.observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOff {
		return nil
	}
	if err := u.backend.Machines.PowerOff(ctx, u.ref, machine.Mode(u.plan.PowerOffMode.ValueString())); err != nil {
		return err
	}
	u.observed.PowerState = govmomi.VirtualMachinePowerStatePoweredOff
	u.stale = true
	u.wasOff, u.cycled = true, u.plan.PowerState.ValueString() != poweredOff
	return nil
}

// powerTo brings the machine to a power state. A machine that is to be suspended and is off by
// now was powered off for the change: plan refuses to suspend one that was off before.
func (u *update) powerTo(ctx context.Context, state string) error {
	if stateOf(u.observed.PowerState) == state {
		return nil
	}
	switch state {
	case poweredOn:
		return u.powerOn(ctx, u.ref)
	case poweredOff:
		return u.powerOff(ctx)
	case suspended:
		if u.observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOff {
			if err := u.powerOn(ctx, u.ref); err != nil {
				return err
			}
		}
		return u.backend.Machines.Suspend(ctx, u.ref, machine.Mode(u.plan.PowerOffMode.ValueString()))
	}
	return nil
}
