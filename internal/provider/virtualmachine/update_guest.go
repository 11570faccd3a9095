package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// impliedBefore tells whether the guest of a machine was configured by LinuxPrep although no
// bootstrap block said so. It stays so.
func impliedBefore(ctx context.Context, state *model) bool {
	return state.Bootstrap.IsNull() && providerOf(ctx, state) == bootstrapLinuxPrep
}

// providerOf is the bootstrap provider that status names.
func providerOf(ctx context.Context, state *model) string {
	block, _ := fwtypes.Block[statusModel](ctx, state.Status)
	status, _ := block.Get()
	inner, _ := fwtypes.Block[statusBootstrapModel](ctx, status.Bootstrap)
	b, _ := inner.Get()
	return b.Provider.ValueString()
}

// secretsCount tells whether a changed secret alone is sent: always without
// secrets_wo_version, else when that changes.
func secretsCount(ctx context.Context, plan, state *model) bool {
	version := func(m *model) types.String {
		block, _ := fwtypes.Block[bootstrapModel](ctx, m.Bootstrap)
		b, _ := block.Get()
		return b.SecretsWOVersion
	}
	return version(plan).IsNull() || !version(plan).Equal(version(state))
}

// takeAddresses has the pools of the networks give the machine its addresses. The record says
// first what the machine may come to hold, so that nothing is held that nobody knows of.
func (u *update) takeAddresses(ctx context.Context) error {
	if !maps.Equal(u.pools, u.record.Pools) {
		intent := u.record
		intent.Pools = u.pools
		value, err := intent.encode()
		if err != nil {
			return err
		}
		var spec govmomi.VirtualMachineConfigSpec
		addExtraConfig(&spec, u.observed, map[string]string{recordKey: value})
		if err := u.backend.Machines.Reconfigure(ctx, u.ref, spec); err != nil {
			return err
		}
		u.record, u.stale = intent, true
	}
	warnings, err := u.take(ctx, u.desired, u.observed.InstanceUUID)
	u.warnings.Append(warnings...)
	return err
}

// openUp powers the machine off where the change takes that.
func (u *update) openUp(ctx context.Context) error {
	if u.observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOff {
		return nil
	}
	cycle, err := u.needsCycle()
	if err != nil {
		return err
	}
	if cycle {
		if !u.plan.AllowPowerCycle.ValueBool() {
			return fmt.Errorf("the change needs %s powered off; set allow_power_cycle = true to have it powered off and on again", u.observed.Title())
		}
		return u.powerOff(ctx)
	}
	if !u.plan.AllowPowerCycle.ValueBool() || !u.boot.customizes() && !u.boot.setsProperties() {
		return nil
	}
	if differs, err := u.guestDiffers(ctx); err != nil || !differs {
		return err
	}
	return u.powerOff(ctx)
}

// closeUp powers a machine on again that was powered off for a change which came to nothing, and
// says how the machine is. One that was suspended runs then: only a running machine can be suspended
// by the next apply.
func (u *update) closeUp(ctx context.Context) string {
	if !u.cycled || u.sent.Handed != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSteps)
	defer cancel()
	if err := u.powerOn(ctx, u.ref); err != nil {
		return " The machine was powered off for the change, and is off now: " + backend.Sentence(err.Error())
	}
	return " The machine was powered off for the change, and was powered on again."
}

// guestDiffers tells whether the guest is to be customized, or to get other properties beside a
// customization, before the machine's cards are what they will be.
func (u *update) guestDiffers(ctx context.Context) (bool, error) {
	steps := machine.NICPlan{Keys: u.record.Devices}
	if u.wanted.cards {
		var err error
		if _, steps, err = machine.NICChanges(u.nics, u.observed.NICs, u.record.Devices); err != nil {
			return false, err
		}
	}
	if len(steps.Add) > 0 || len(steps.Remove) > 0 {
		return true, nil
	}
	out, err := u.deliver(ctx, u.observed, steps.Keys)
	if err != nil {
		return false, err
	}
	if differs, err := u.sent.wantsCustomization(&out, u.boot.occasion()); err != nil || differs {
		return differs, err
	}
	changes, err := vapp.Changes(u.observed.VApp, vapp.Wanted{Values: out.properties, Sent: u.sent.sentBefore})
	return changes != nil, err
}

// render makes what the guest is sent, for the cards that the machine is about to have, and
// decides whether it is customized.
func (u *update) render(ctx context.Context, devices map[string]int32, removed []machine.ObservedNIC) error {
	u.observed.NICs = slices.DeleteFunc(u.observed.NICs, func(card machine.ObservedNIC) bool {
		return slices.ContainsFunc(removed, func(gone machine.ObservedNIC) bool { return gone.Key == card.Key })
	})
	var err error
	if u.out, err = u.deliver(ctx, u.observed, devices); err != nil {
		return err
	}
	u.opened = u.observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOff && u.plan.PowerState.ValueString() != poweredOff
	u.wants, err = u.sent.wantsCustomization(&u.out, u.boot.occasion())
	return err
}

// recordDelivery notes in the machine's record what the guest is sent. A customization is only
// done when the guest has ended it: until then it counts as put off.
func (u *update) recordDelivery(after *record) error {
	if u.sendsProperties() {
		after.Properties = u.out.propertyRecord()
	}
	if !u.boot.customizes() {
		after.Deferred = false
		return nil
	}
	after.Deferred = u.wants || u.sent.Handed != nil
	if !u.customizes() {
		return nil
	}
	_, public, err := u.out.customizationTexts()
	after.Handed, after.HandedAfter = digest(public), u.earlier.Began
	return err
}

// customizes tells whether vSphere is handed a customization now. It takes none while one waits
// for a power-on.
func (u *update) customizes() bool {
	return u.wants && u.opened && !u.observed.PendingCustomization
}

// sendsProperties tells whether OVF properties are set now. Beside a customization they wait
// for a power-on, as it does.
func (u *update) sendsProperties() bool {
	return u.boot.setsProperties() && (!u.boot.customizes() || u.opened)
}

// recustomize hands the guest its customization. One that waits already is not replaced, which
// vSphere refuses: an earlier update was interrupted before it powered the machine on, or
// somebody else asked for one. It runs now, and what is wanted stays put off.
func (u *update) recustomize(ctx context.Context) error {
	if u.customizes() {
		if err := u.customize(ctx, u.ref, &u.out); err != nil {
			return err
		}
		return u.sent.hand(&u.out, u.boot.occasion(), u.earlier)
	}
	if u.wants && u.opened {
		whose := "somebody else handed to vSphere"
		if u.sent.Handed != nil {
			whose = "an earlier apply handed to vSphere, for an earlier configuration"
		}
		u.warnings.AddWarning("Another customization runs first",
			fmt.Sprintf("A guest customization that %s waits for %s to be powered on, and runs now. The one that this configuration asks for is put off: "+
				"apply again, which takes another power cycle.", whose, u.observed.Title()))
	}
	return nil
}

// awaitCustomization waits for the guest's verdict on what vSphere was handed, now or by an
// update that did not come to its end, and notes it in the machine's record.
func (u *update) awaitCustomization(ctx context.Context) error {
	if u.sent.Handed == nil || !u.boot.customizes() {
		return u.sent.know(&u.out)
	}
	if !u.boot.implied {
		_, err := u.backend.Machines.WaitForCustomization(ctx, u.ref, u.sent.Handed.Earlier)
		switch {
		case errors.Is(err, machine.ErrCustomizationFailed):
			u.sent.deny()
			return fmt.Errorf("%w. The next apply customizes the guest again, which takes another power cycle", err)
		case err != nil:
			return err
		}
	}
	public := u.sent.Handed.Public
	u.sent.confirm()
	wants, err := u.sent.wantsCustomization(&u.out, u.boot.occasion())
	if err != nil {
		return err
	}
	u.record.Customized, u.record.Handed, u.record.HandedAfter, u.record.Deferred = public, "", time.Time{}, wants
	value, err := u.record.encode()
	if err != nil {
		return err
	}
	return u.backend.Machines.Reconfigure(ctx, u.ref, govmomi.VirtualMachineConfigSpec{
		ExtraConfig: machine.ExtraConfigChange(map[string]string{recordKey: value}),
	})
}

// giveBack releases addresses of pools that the machine needs no more. A guest goes on using an
// address until it is told otherwise, and that is when it starts: what belonged to a card that is
// still there stays with the machine until it has been off.
func (u *update) giveBack(ctx context.Context) {
	out := maps.Clone(u.pools)
	maps.DeleteFunc(out, func(key string, _ poolRecord) bool {
		name, isLeft := interfaceOf(key)
		return !isLeft || u.record.Deferred || !u.wasOff && !u.freed[name]
	})
	if _, err := u.release(ctx, u.observed.InstanceUUID, out); err != nil {
		u.warnings.AddWarning("Addresses stay allocated", backend.Sentence(err.Error())+" They are released with the machine at the latest.")
	}
}
