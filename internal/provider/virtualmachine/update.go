package virtualmachine

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// Update implements resource.Resource: what differs between the plan and the machine as
// vCenter has it goes into one reconfiguration, between a power-off and a power-on where it
// has to.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, config, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.configured(&resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	last, diags := readSent(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if last == nil {
		last = new(sent)
	}
	observed, err := r.observe(ctx, &state)
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to read the virtual machine", err)
		return
	}
	remembered := recordOf(observed)
	if resp.Diagnostics.Append(newerRecord(observed)...); resp.Diagnostics.HasError() {
		return
	}
	before, diags := state.hardware(ctx)
	resp.Diagnostics.Append(diags...)
	have := holdings{class: remembered.Class, storageClass: state.StorageClass.ValueString(), hardware: before}
	want, diags := r.desire(ctx, &plan, &config, impliedBefore(ctx, &state), remembered.Pools, have)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted := want.wish(before)
	remembered.adoptDisks(&want.hardware, observed)
	last.Foreign = last.leavesCards(want.written, want.nics, observed, &remembered)
	if last.Foreign {
		remembered.Devices = wanted.leaveCards(observed, remembered.Devices)
	}
	u := &update{
		Resource: r, desired: want, prior: &state, wanted: wanted, observed: observed, ref: observed.Ref, sent: *last, record: remembered,
		earlier: observed.Customization, wasOff: observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOff,
	}
	if err = r.readPolicies(ctx, wanted, observed); err == nil {
		err = r.findDiscs(ctx, wanted, &remembered, observed)
	}
	if err == nil {
		err = u.run(ctx, req.Plan, revisionOf(ctx, &plan))
	}
	resp.Diagnostics.Append(u.warnings...)
	if err != nil {
		at := path.Empty()
		if u.renaming {
			at = namePath
		}
		resp.Diagnostics.AddAttributeError(at, "Unable to update the virtual machine", fmt.Sprintf("%s\n\nThis is about %s. What was changed until then stays; the next apply continues from there.%s",
			backend.Sentence(err.Error()), observed.Title(), u.closeUp(ctx)))
		// The state stays as it was: the next refresh shows what has become of the machine,
		// and the next plan what is missing. Only what the guest was sent is not in vCenter's
		// own words.
		resp.Diagnostics.Append(u.sent.write(ctx, resp.Private)...)
		return
	}
	resp.Diagnostics.Append(want.saveState(ctx, u.observed, &u.record, &resp.State)...)
	resp.Diagnostics.Append(u.sent.write(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{InstanceUUID: types.StringValue(u.observed.InstanceUUID)})...)
}

// revisionOf is the planned revision of what the guest is sent, null when it is not known.
func revisionOf(ctx context.Context, plan *model) types.Int64 {
	block, _ := fwtypes.Block[statusModel](ctx, plan.Status)
	status, ok := block.Get()
	if !ok {
		return types.Int64Null()
	}
	inner, _ := fwtypes.Block[statusBootstrapModel](ctx, status.Bootstrap)
	b, ok := inner.Get()
	if !ok || b.Revision.IsUnknown() {
		return types.Int64Null()
	}
	return b.Revision
}

// update is a machine while it is changed.
type update struct {
	*Resource
	*desired
	// prior is the state.
	prior    *model
	wanted   *wish
	ref      machine.Ref
	observed *machine.Observation
	record   record
	sent     sent
	// earlier is the customization that the guest reported before.
	earlier machine.Customization
	// wasOff tells that the machine is, or has been, off during the update, and cycled that the
	// update powered it off to power it on again.
	wasOff, cycled bool
	// renaming tells that the machine is being given its new name.
	renaming bool
	// resumed tells that the update powered on a machine that was suspended.
	resumed bool
	// stale tells that the update has changed the machine since it was read.
	stale bool
	// freed are the names of interfaces whose card is gone, or is connected elsewhere by now.
	freed map[string]bool

	out delivery
	// opened tells that the machine is off and is powered on at the end, which is when a guest is
	// customized; wants tells that it has to be.
	opened, wants bool
	warnings      diag.Diagnostics
}

func (u *update) run(ctx context.Context, plan tfsdk.Plan, revision types.Int64) error {
	machines := u.backend.Machines
	if u.observed.Name != u.plan.Name.ValueString() {
		u.renaming = true
		if err := machines.Rename(ctx, u.ref, u.plan.Name.ValueString()); err != nil {
			return err
		}
		u.renaming = false
	}
	// A machine that is to be off gets there first: then nothing else needs a power cycle. One that
	// is to be resumed is changed when it runs.
	switch target := u.plan.PowerState.ValueString(); {
	case target == poweredOff:
		if err := u.powerOff(ctx); err != nil {
			return err
		}
	case target == poweredOn && u.observed.PowerState == govmomi.VirtualMachinePowerStateSuspended:
		if err := u.resume(ctx); err != nil {
			return err
		}
	}
	if err := u.takeAddresses(ctx); err != nil {
		return err
	}
	if err := u.openUp(ctx); err != nil {
		return err
	}
	if err := u.reconfigure(ctx, plan, revision); err != nil {
		return err
	}
	if err := u.recustomize(ctx); err != nil {
		return err
	}
	if err := u.turnOn(ctx); err != nil {
		return err
	}
	u.giveBack(ctx)
	observed, err := machines.Observe(ctx, u.ref)
	if err != nil {
		return err
	}
	u.observed = observed
	u.sent.remember(observed, u.record.Devices)
	if u.record.identify(observed) {
		if err := u.writeDown(ctx, u.ref, &u.record); err != nil {
			return err
		}
		u.sent.ChangeVersion = "" // that was a change of ours
	}
	if u.sendsProperties() {
		return u.sent.noteProperties(&u.out, observed.VApp)
	}
	return nil
}

// compare says what the machine lacks.
func (u *update) compare() (*machine.Difference, error) {
	recorded := u.record.recorded(u.observed)
	recorded.ExtraConfig = u.wanted.managedKeys(&u.record)
	return machine.Compare(u.wanted.machine(&u.record, u.observed), u.observed, recorded)
}

// needsCycle tells whether what is to change takes a machine that is off while this one is not.
func (u *update) needsCycle() (bool, error) {
	if u.observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOff {
		return false, nil
	}
	difference, err := u.compare()
	if err != nil {
		return false, err
	}
	later := len(difference.Rest.NextStart) > 0 && u.plan.AllowPowerCycle.ValueBool()
	frozen := u.observed.PowerState == govmomi.VirtualMachinePowerStateSuspended && !difference.Empty()
	return u.needsRemoval(u.observed) || len(difference.Offline()) > 0 || later || frozen, nil
}

// reconfigureOnce is reconfigure for the machine as it was read. New network cards come first and by
// themselves, because the guest's configuration names their addresses, which vCenter chooses.
func (u *update) reconfigureOnce(ctx context.Context, plan tfsdk.Plan, revision types.Int64) error {
	difference, err := u.compare()
	if err != nil {
		return err
	}
	steps := difference.NICs
	devices := steps.Keys
	u.freed = freed(u.record.Devices, steps)
	if difference.Upgrade != 0 {
		if err := u.backend.Machines.UpgradeHardware(ctx, u.ref, difference.Upgrade); err != nil {
			return err
		}
		if err := u.lookAgain(ctx); err != nil {
			return err
		}
		if difference, err = u.compare(); err != nil {
			return err
		}
		steps = difference.NICs
		devices = steps.Keys
	}
	if len(steps.Add) > 0 {
		var seen *machine.Observation
		if devices, seen, err = u.settleCards(ctx, u.ref, u.nics, u.observed, u.record.Devices, u.observed.ChangeVersion); err != nil {
			return err
		}
		u.see(seen)
		u.record.Devices = devices
		if difference, err = u.compare(); err != nil {
			return err
		}
	}
	if err := u.wanted.needsLost(difference); err != nil {
		return err
	}
	change := difference.Cards
	change.Merge(difference.Rest)
	if err := change.Check(u.observed); err != nil {
		return err
	}
	spec := change.Spec
	if len(difference.NICs.Edit) > 0 {
		u.expectMACs()
	}
	if u.needsRemoval(u.observed) {
		spec.VAppConfigRemoved = govmomi.NewBool(true)
	}
	// Not the cards that steps.Remove names: where cards were added these are gone by now, and
	// vCenter gives their keys to new ones.
	if err := u.render(ctx, devices, difference.NICs.Remove); err != nil {
		return err
	}
	if u.sendsProperties() {
		changes, err := vapp.Changes(u.observed.VApp, vapp.Wanted{Values: u.out.properties, Sent: u.sent.sentBefore})
		if err != nil {
			return err
		}
		if changes != nil {
			spec.VAppConfig = changes
		}
	}
	keys := u.guestKeys(&u.out, u.observed, u.sent.UserData != nil || u.sent.Metadata != nil)
	written, err := u.configOf(ctx, plan)
	if err != nil {
		return err
	}
	after := u.record
	after.note(u.wanted, difference, u.observed)
	if due := u.plan.restartTime(); u.wasOff && due.After(after.Restarted) {
		after.Restarted = u.plan.restarted() // it is about to start anyway, or is off
	}
	after.Devices, after.Config = devices, written
	after.LeavesCards = u.sent.Foreign
	after.Provider, after.Pools = u.boot.provider(), u.pools
	switch {
	case !revision.IsNull():
		after.Revision = revision.ValueInt64()
	case len(keys) > 0 || u.customizes() || spec.VAppConfig != nil:
		after.Revision++
	}
	if err := u.recordDelivery(&after); err != nil {
		return err
	}
	if stored := recordOf(u.observed); !after.same(&stored) {
		value, err := after.encode()
		if err != nil {
			return err
		}
		addExtraConfig(&spec, u.observed, map[string]string{recordKey: value})
	}
	addExtraConfig(&spec, u.observed, keys)
	if u.observed.Unfinished() {
		spec.ExtraConfig = append(spec.ExtraConfig, unmark()...)
	}
	if !isEmpty(&spec) {
		spec.ChangeVersion = u.observed.ChangeVersion
		if err := u.backend.Machines.Reconfigure(ctx, u.ref, spec); err != nil {
			return err
		}
	}
	u.record = after
	if difference.Reorder {
		if err := u.reorder(ctx, u.ref, u.wanted, &u.record); err != nil {
			return err
		}
	}
	switch {
	case u.boot.sends():
		return u.sent.note(u.out.documents)
	case !u.boot.Disabled.Or(false):
		u.sent.Metadata, u.sent.UserData = nil, nil
	}
	return nil
}

// freed are the names of the interfaces that had a card which is not theirs any more, or is
// connected to another network.
func freed(before map[string]int32, steps machine.NICPlan) map[string]bool {
	out := map[string]bool{}
	for name := range before {
		_, keeps := steps.Keys[name]
		out[name] = !keeps || slices.Contains(steps.Edit, name) || slices.Contains(steps.Add, name)
	}
	return out
}

// expectMACs puts the addresses that edited cards are about to have into the observation, so
// that the guest's configuration names those.
func (u *update) expectMACs() {
	for _, nic := range u.nics {
		if card := cardOf(u.observed, u.record.Devices, nic.Name); card != nil && nic.MAC != "" {
			card.MAC = nic.MAC
		}
	}
}
