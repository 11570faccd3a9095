package virtualmachine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
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
		u.record = intent
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
	if u.needsCycle() {
		if !u.plan.AllowPowerCycle.ValueBool() {
			return fmt.Errorf("the change needs %s powered off; set allow_power_cycle = true to have it powered off and on again", u.observed.Title())
		}
		return u.powerOff(ctx)
	}
	if !u.plan.AllowPowerCycle.ValueBool() || !u.boot.customizes() {
		return nil
	}
	if differs, err := u.guestDiffers(ctx); err != nil || !differs {
		return err
	}
	return u.powerOff(ctx)
}

// guestDiffers tells whether the guest is to be customized, or to get other properties beside a
// customization, before the machine's cards are what they will be.
func (u *update) guestDiffers(ctx context.Context) (bool, error) {
	_, steps, err := machine.NICChanges(u.nics, u.observed.NICs, u.record.Devices)
	if err != nil {
		return false, err
	}
	if len(steps.Add) > 0 || len(steps.Remove) > 0 {
		return true, nil
	}
	out, err := u.deliver(ctx, u.observed, steps.Keys)
	if err != nil {
		return false, err
	}
	if differs, err := u.sent.wantsCustomization(&out, u.boot.trigger.ValueString(), u.secretsCount); err != nil || differs {
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
	if u.boot.customizes() && u.opened {
		u.customizing, err = u.sent.wantsCustomization(&u.out, u.boot.trigger.ValueString(), u.secretsCount)
	}
	return err
}

// recordDelivery notes in the machine's record what the guest is sent.
func (u *update) recordDelivery(after *record) error {
	u.pendingIs = u.record.Customized
	if u.sendsProperties() {
		after.Properties = u.out.propertyRecord()
	}
	after.Deferred = false
	if !u.boot.customizes() {
		return nil
	}
	_, public, err := u.out.customizationTexts()
	if err != nil {
		return err
	}
	if u.customizing {
		after.Customized = digest(public)
		return nil
	}
	after.Deferred, err = u.sent.wantsCustomization(&u.out, u.boot.trigger.ValueString(), u.secretsCount)
	return err
}

// sendsProperties tells whether OVF properties are set now. Beside a customization they wait
// for a power-on, as it does.
func (u *update) sendsProperties() bool {
	return u.boot.setsProperties() && (!u.boot.customizes() || u.opened)
}

// recustomize hands the guest its customization. One that waits already is not replaced, which
// vSphere refuses: it is what was sent by an update that was interrupted, or somebody else's.
func (u *update) recustomize(ctx context.Context) error {
	if !u.observed.PendingCustomization {
		if err := u.customize(ctx, u.ref, &u.out); err != nil {
			return err
		}
		return u.sent.noteCustomization(&u.out, u.boot.trigger.ValueString())
	}
	_, public, err := u.out.customizationTexts()
	if err != nil {
		return err
	}
	if u.pendingIs != digest(public) {
		u.warnings.AddWarning("Another customization is pending",
			fmt.Sprintf("%s has a guest customization that waits for a power-on and is not this provider's. It runs now, "+
				"and the one that this configuration asks for at the next change that powers the machine off.", u.observed.Title()))
		return nil
	}
	return u.sent.noteCustomization(&u.out, u.boot.trigger.ValueString())
}
