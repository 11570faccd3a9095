package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// moves tells which observed values a change can move: the others are as they were.
type moves struct {
	// power: the machine is powered on, off or suspended.
	power bool
	// cards: network cards are added, removed or connected elsewhere.
	cards bool
}

// planChanges finds out what the change takes, by comparing what is wanted with the machine
// as vCenter has it, and refuses what it may not do.
func (p *planner) planChanges(ctx context.Context) {
	if p.prior == nil || !p.changed || len(p.resp.RequiresReplace) > 0 || p.world == nil {
		return
	}
	observed, err := p.observe(ctx, p.prior)
	if errors.Is(err, vsphere.ErrNotFound) {
		return // it has gone since it was read; apply will say so
	}
	if err != nil {
		backend.Failed(&p.resp.Diagnostics, path.Empty(), "Unable to read the virtual machine", err)
		return
	}
	p.planProperties(ctx, observed)
	if p.resp.Diagnostics.HasError() {
		return
	}
	configured, diags := p.config.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	interfaces := configured.EffectiveInterfaces()
	all := changes(p.traitsOf(observed), p.wantedTraits(observed, interfaces))
	isOn := observed.PowerState != govmomi.VirtualMachinePowerStatePoweredOff
	if !isOn && p.plan.PowerState.ValueString() == suspended {
		p.resp.Diagnostics.AddAttributeError(path.Root("power_state"), "A machine that is off cannot be suspended",
			fmt.Sprintf("%s is %s, and only a running machine can be suspended. Set power_state = %q first, and suspend it afterwards.",
				observed.Title(), poweredOff, poweredOn))
		return
	}
	staysOn := p.plan.PowerState.ValueString() != poweredOff
	blocked := needing(all, needsPowerOff)
	refused := !p.plan.AllowPowerCycle.IsUnknown() && !p.plan.AllowPowerCycle.ValueBool() && !p.plan.PowerState.IsUnknown()
	if len(blocked) > 0 && isOn && staysOn && refused {
		p.resp.Diagnostics.AddAttributeError(path.Root("allow_power_cycle"), "The change needs the machine powered off",
			fmt.Sprintf("Changing %s takes a machine that is powered off, and %s is %s. "+
				"Set allow_power_cycle = true to have it powered off and on again, or power_state = %q.",
				strings.Join(blocked, ", "), observed.Title(), stateOf(observed.PowerState), poweredOff))
		return
	}
	p.moves.power = p.cycles || p.mayCycle() || len(blocked) > 0 && isOn && staysOn || stateOf(observed.PowerState) != p.plan.PowerState.ValueString()
	for _, c := range all {
		p.moves.cards = p.moves.cards || strings.HasPrefix(c.Attribute, "network.interface[")
	}
	p.mayMove(interfaces)
}

// mayCycle tells that the machine is powered off and on for its guest, if what is not known yet
// makes another configuration of it.
func (p *planner) mayCycle() bool {
	return p.guest == guestUnknown && (p.boot.undecided() || p.boot.customizes() || p.boot.setsProperties()) &&
		(p.plan.AllowPowerCycle.IsUnknown() || p.plan.AllowPowerCycle.ValueBool())
}

// mayMove adds what may move when everything is known. A plan may turn what it left unknown
// into anything when it is made again for apply, but nothing that it showed.
func (p *planner) mayMove(interfaces known.Value[[]network.Interface]) {
	p.moves.power = p.moves.power || p.plan.ClassName.IsUnknown() || interfaces.IsUnknown()
	p.moves.cards = p.moves.cards || interfaces.IsUnknown()
	list, _ := interfaces.Get()
	for _, nic := range list {
		p.moves.power = p.moves.power || nic.Name.IsUnknown() || nic.MACAddr.IsUnknown()
		p.moves.cards = p.moves.cards || nic.Name.IsUnknown() || nic.MACAddr.IsUnknown() || nic.Type.IsUnknown() || nic.Network.IsUnknown()
	}
}

// observe reads the machine of a state as it is now.
func (r *Resource) observe(ctx context.Context, state *model) (*machine.Observation, error) {
	return r.backend.Machines.ObserveByID(ctx, lastSeen(ctx, state), state.ID.ValueString())
}

// lastSeen is where vCenter had the machine of a state.
func lastSeen(ctx context.Context, state *model) machine.Ref {
	status, _ := fwtypes.Block[statusModel](ctx, state.Status)
	s, ok := status.Get()
	if !ok || s.UniqueID.ValueString() == "" {
		return machine.Ref{}
	}
	return machine.Ref{Type: "VirtualMachine", Value: s.UniqueID.ValueString()}
}

// traitsOf are the traits of the machine that is there.
func (p *planner) traitsOf(observed *machine.Observation) traits {
	have := traits{VApp: observed.VApp != nil, Name: observed.Name, CPUs: observed.CPUs, MemoryMB: observed.MemoryMB, Cards: map[string]cardTraits{}}
	remembered := recordOf(observed)
	for name, key := range remembered.Devices {
		for i := range observed.NICs {
			if card := &observed.NICs[i]; card.Key == key {
				have.Cards[name] = cardTraits{Network: p.networkOf(name, card), Type: card.Type, MAC: card.MAC}
			}
		}
	}
	return have
}

// networkOf identifies the network of a card: as the wanted one, if it is that, else by its own facts.
func (p *planner) networkOf(name string, card *machine.ObservedNIC) string {
	if wanted, ok := p.world.networks[name]; ok && machine.BackingOf(wanted.Backing()).Same(card.Backing) {
		return wanted.Path
	}
	return fmt.Sprint(card.Backing)
}

// wantedTraits are the traits of the machine that is wanted.
func (p *planner) wantedTraits(observed *machine.Observation, interfaces known.Value[[]network.Interface]) traits {
	want := traits{
		Name: p.plan.Name.ValueString(), CPUs: observed.CPUs, MemoryMB: observed.MemoryMB,
		VApp:  observed.VApp != nil && !p.boot.sends(),
		Cards: map[string]cardTraits{},
	}
	if p.plan.Name.IsUnknown() {
		want.Name = observed.Name
	}
	if class := p.world.class; class != nil && !p.plan.ClassName.Equal(p.prior.ClassName) {
		want.CPUs, want.MemoryMB = class.CPUs, class.MemoryMB()
	}
	list, _ := interfaces.Get()
	for _, nic := range list {
		name := nic.Name.Or("")
		want.Cards[name] = cardTraits{Network: p.world.networks[name].Path, Type: nic.Type.Or(""), MAC: nic.MACAddr.Or("")}
	}
	return want
}

// stateOf spells a power state as VM Operator does.
func stateOf(state govmomi.VirtualMachinePowerState) string {
	switch state {
	case govmomi.VirtualMachinePowerStatePoweredOn:
		return poweredOn
	case govmomi.VirtualMachinePowerStateSuspended:
		return suspended
	case govmomi.VirtualMachinePowerStatePoweredOff:
	}
	return poweredOff
}
