package virtualmachine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// judgeBootstrap judges what only vCenter and the image can say about the bootstrap: whether
// they are able to do it. A machine that does not change is not judged again.
func (p *planner) judgeBootstrap(ctx context.Context) {
	if !p.changed {
		return
	}
	if p.boot.customizes() {
		var err error
		if p.apiVersion, err = p.backend.Client.APIVersion(ctx); err != nil {
			backend.Failed(&p.resp.Diagnostics, path.Empty(), "Unable to reach vCenter", err)
			return
		}
		report(gosc.CheckAPI(p.customization(), p.resolved, p.apiVersion), &p.resp.Diagnostics)
	}
	if p.boot.setsProperties() && p.image != nil && p.image.Descriptor != nil {
		settings, _ := p.boot.vapp.Get()
		unknown := vapp.NoFacts()
		unknown.Network = p.resolved
		written, diags := p.config.networkSpec(ctx)
		p.resp.Diagnostics.Append(diags...)
		unknown.VM = facts(ctx, &p.plan, written)
		report(vapp.Check(settings, unknown, p.image.Descriptor.Properties), &p.resp.Diagnostics)
	}
}

// customization are the settings of the bootstrap provider that customizes the guest.
func (p *planner) customization() gosc.Settings {
	if settings, ok := p.boot.sysprep.Get(); ok {
		return settings
	}
	settings, _ := p.boot.linuxPrep.Get()
	return settings
}

// compareGuest compares with the customization that the guest was sent, and with the OVF
// properties that were set. vSphere customizes a guest when it is powered on, and properties
// beside a customization go with it; alone they are set at once.
func (p *planner) compareGuest(ctx context.Context, last *sent) guestPlan {
	cards, state := p.plannedCards(ctx, last)
	if state == cardsUnknown || p.boot.version.IsUnknown() || p.boot.trigger.IsUnknown() {
		return guestUnknown
	}
	if p.apiVersion == "" && p.boot.customizes() {
		var err error
		if p.apiVersion, err = p.backend.Client.APIVersion(ctx); err != nil {
			backend.Failed(&p.resp.Diagnostics, path.Empty(), "Unable to reach vCenter", err)
			return guestKept
		}
	}
	differs := state == cardsNew
	if !differs {
		out, err := p.deliver(ctx, cards, false)
		switch {
		case err != nil && isUnknown(err):
			return guestUnknown
		case err != nil:
			p.invalid(err)
			return guestKept
		}
		if differs, err = p.differs(ctx, last, &out); err != nil {
			p.invalid(err)
			return guestKept
		}
	}
	if !differs {
		return guestKept
	}
	if !p.boot.customizes() {
		return guestSent
	}
	return p.atPowerOn()
}

// differs tells whether the guest is to be sent something else than the last time.
func (p *planner) differs(ctx context.Context, last *sent, out *delivery) (bool, error) {
	count := secretsCount(ctx, &p.plan, p.prior)
	wants, err := last.wantsCustomization(out, p.boot.trigger.ValueString(), count)
	if err != nil || wants || !p.boot.setsProperties() {
		return wants, err
	}
	text, public := out.propertyTexts()
	return last.Drifted || !last.Properties.is(text, public, count), nil
}

// atPowerOn decides what becomes of a customization that the guest has not had: it takes a
// machine that is powered on from being off.
func (p *planner) atPowerOn() guestPlan {
	wasOff := p.prior.PowerState.ValueString() == poweredOff
	switch {
	case p.plan.PowerState.IsUnknown(), !wasOff && p.plan.AllowPowerCycle.IsUnknown():
		return guestUnknown
	case p.plan.PowerState.ValueString() == poweredOff:
		return guestKept // until it is powered on
	case wasOff:
		return guestSent
	case p.plan.AllowPowerCycle.ValueBool():
		p.cycles = true
		return guestSent
	}
	p.deferred = true
	if p.boot.implied && !p.changed {
		return guestKept // nobody asked for it in as many words: once is enough
	}
	p.resp.Diagnostics.AddAttributeWarning(path.Root("allow_power_cycle"), "The guest is not customized now",
		fmt.Sprintf("%q has to be powered off and on again for its guest to get what is new in its configuration: vSphere customizes a guest when it is powered on. "+
			"Set allow_power_cycle = true to have that done, or power the machine off and apply again.", p.plan.Name.ValueString()))
	return guestKept
}

// planSwap replaces a machine whose guest is to be configured by another provider: what cloud-init,
// LinuxPrep and Sysprep have done to a guest is not undone by the next one. OVF properties come
// and go.
func (p *planner) planSwap(ctx context.Context) {
	if p.prior == nil || p.boot.undecided() {
		return
	}
	before, had := exclusive(ctx, p.prior)
	after, has := exclusive(ctx, &p.plan)
	if had && has && before != after {
		p.resp.RequiresReplace = append(p.resp.RequiresReplace, bootstrapPath.AtName(after))
	}
}

// exclusive is the block of the bootstrap provider that has a guest to itself, and false where
// there is none or it is switched off.
func exclusive(ctx context.Context, m *model) (string, bool) {
	block, _ := fwtypes.Block[bootstrapModel](ctx, m.Bootstrap)
	written, ok := block.Get()
	if !ok || written.Disabled.ValueBool() {
		return "", false
	}
	for _, candidate := range []struct {
		name string
		null bool
	}{
		{"cloud_init", written.CloudInit.IsNull()},
		{"linux_prep", written.LinuxPrep.IsNull()},
		{"sysprep", written.Sysprep.IsNull()},
	} {
		if !candidate.null {
			return candidate.name, true
		}
	}
	return "", false
}

func sortedKeys(macs map[string]network.MAC) []string {
	return slices.Sorted(maps.Keys(macs))
}
