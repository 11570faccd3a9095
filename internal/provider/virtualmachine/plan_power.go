package virtualmachine

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

var allowPath = path.Root("allow_power_cycle")

// planPower decides whether the machine is powered off and on for the change, or refuses it.
func (p *planner) planPower(observed *machine.Observation, all []change, wanted *wish) {
	target, allowed := p.plan.PowerState, p.plan.AllowPowerCycle
	cycles := allowed.IsUnknown() || allowed.ValueBool()
	takes := powerFor(all, observed.PowerState, target.ValueString(), cycles)
	undecided := allowed.IsUnknown() || target.IsUnknown()
	if len(takes.Blocked) > 0 && !undecided && !allowed.ValueBool() {
		p.resp.Diagnostics.AddAttributeError(p.blame(takes.Blocked), "The change needs the machine powered off",
			fmt.Sprintf("Changing %s takes a machine that is powered off, and %s is %s. "+
				"Set allow_power_cycle = true to have it powered off and on again, or power_state = %q.",
				reasons(takes.Blocked), observed.Title(), stateOf(observed.PowerState), poweredOff))
		return
	}
	if later := takes.Later; len(later) > 0 && !cycles {
		p.resp.Diagnostics.AddAttributeWarning(p.pathOf(later[0]), "The change takes effect at the next power-on",
			fmt.Sprintf("%s is changed now, and %s acts on it when it is powered on the next time. "+
				"Set allow_power_cycle = true to have it powered off and on again.", strings.Join(attributes(later), ", "), observed.Title()))
	}
	if takes.Cycles {
		p.cyclesFor = slices.Concat(takes.Blocked, takes.Later)
	}
	p.moves.power = p.moves.power || p.cycles || p.mayCycle() || takes.Cycles || stateOf(observed.PowerState) != target.ValueString() ||
		observed.PowerState != govmomi.VirtualMachinePowerStatePoweredOff && (p.plan.ClassName.IsUnknown() || wanted.undecided(cycles))
	p.moves.cards = p.moves.cards || wanted.open
	for _, c := range all {
		p.moves.cards = p.moves.cards || strings.HasPrefix(c.Attribute, "network.interface[")
		if c.Attribute == "guest_id" {
			p.moves.guestID = true
		}
	}
}

// mayCycle tells that the machine is powered off and on for its guest, if what is not known yet
// makes another configuration of it.
func (p *planner) mayCycle() bool {
	return p.guest == guestUnknown && (p.boot.undecided() || p.boot.customizes() || p.boot.setsProperties()) &&
		(p.plan.AllowPowerCycle.IsUnknown() || p.plan.AllowPowerCycle.ValueBool())
}

// planCycle warns that the machine is powered off and on, and says what for: a plan shows nothing of
// it else, and whoever works on the machine is thrown out.
func (p *planner) planCycle(ctx context.Context) {
	if p.prior == nil || len(p.resp.RequiresReplace) > 0 {
		return
	}
	all := slices.Clone(p.cyclesFor)
	if p.cycles {
		all = append(all, p.toldAnew(ctx)...)
	}
	if len(all) == 0 {
		return
	}
	before := p.prior.PowerState.ValueString()
	lost := ""
	if before == suspended && p.plan.PowerState.ValueString() == suspended {
		lost = " What it has in its memory is lost."
	}
	switch {
	case p.plan.AllowPowerCycle.IsUnknown(), p.plan.PowerState.IsUnknown():
		p.resp.Diagnostics.AddAttributeWarning(p.blame(all), "The virtual machine may be powered off and on",
			fmt.Sprintf("%q is %s, and changing %s takes a machine that is powered off. It is not known yet whether allow_power_cycle and power_state have apply do that.%s",
				p.plan.Name.ValueString(), before, reasons(all), lost))
	default:
		p.resp.Diagnostics.AddAttributeWarning(p.blame(all), "The virtual machine will be powered off and on",
			fmt.Sprintf("%q is %s, and is powered off and on again for %s.%s Set allow_power_cycle = false where it has to keep running: what takes this is refused then, or waits.",
				p.plan.Name.ValueString(), before, reasons(all), lost))
	}
}

// toldAnew is what the guest is told by being powered on, by the attributes that differ. Secrets are
// nowhere to compare with: where nothing else differs, it is the bootstrap provider's block.
func (p *planner) toldAnew(ctx context.Context) []change {
	before, diags := p.prior.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	block, why := "bootstrap.vapp_config", "the guest sees its OVF properties when it is powered on"
	if p.boot.customizes() {
		block, why = "bootstrap.linux_prep", "vSphere customizes a guest by LinuxPrep when it is powered on"
		if p.boot.sysprep.IsSet() {
			block, why = "bootstrap.sysprep", "vSphere customizes a guest by Sysprep when it is powered on"
		}
	}
	var out []change
	for _, part := range []struct {
		attribute string
		differs   bool
	}{
		{"name", !p.plan.Name.Equal(p.prior.Name) && !p.spec.HostName.IsSet()},
		{"network", !reflect.DeepEqual(writtenNetwork(p.spec), writtenNetwork(before))},
		{block, !p.plan.Bootstrap.Equal(p.prior.Bootstrap)},
	} {
		if part.differs {
			out = append(out, change{Attribute: part.attribute, Effect: needsPowerOff, Why: why})
		}
	}
	if len(out) == 0 {
		out = []change{{Attribute: block, Effect: needsPowerOff, Why: why}}
	}
	return out
}

// writtenNetwork is a network as its block has it: without the machine's name, and without the addresses of
// its cards, which a plan leaves open.
func writtenNetwork(spec network.Spec) network.Spec {
	spec.VMName = known.Value[string]{}
	spec.Interfaces = known.Map(spec.Interfaces, func(interfaces []network.Interface) []network.Interface {
		out := slices.Clone(interfaces)
		for i := range out {
			out[i].MACAddr = known.Value[string]{}
		}
		return out
	})
	return spec
}

// blame is where to look for what changes take: at the one attribute that does, and else at
// allow_power_cycle. A CLI finds only what is written.
func (p *planner) blame(all []change) path.Path {
	var there []path.Path
	distinct := map[string]bool{}
	for _, c := range all {
		at := p.pathOf(c)
		if !distinct[at.String()] && isWritten(p.req.Config.Raw, at) {
			there = append(there, at)
		}
		distinct[at.String()] = true
	}
	switch {
	case len(there) == 0, len(distinct) > 1 && isWritten(p.req.Config.Raw, allowPath):
		return allowPath
	}
	return there[0]
}
