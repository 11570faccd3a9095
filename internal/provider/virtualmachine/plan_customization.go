package virtualmachine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
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
		p.judgeProperties(ctx, p.image.Descriptor.Properties, nil)
	}
}

// judgeProperties judges the values of OVF properties by the properties that there are: those of
// the image for a machine that is to be created, and else those of the machine.
func (p *planner) judgeProperties(ctx context.Context, properties []image.Property, cards []gosc.Card) {
	settings, _ := p.boot.vapp.Get()
	written, diags := p.config.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	to := addressee{cards: cards, blank: cards == nil}
	report(vapp.Check(settings, vapp.Facts{Network: p.resolved, MACs: to.macs(), VM: facts(ctx, &p.plan, written)}, properties), &p.resp.Diagnostics)
	for i, property := range settings.Properties.Or(nil) {
		key := property.Key.Or("")
		literal := property.Value.Or("") != "" && slices.ContainsFunc(properties, func(there image.Property) bool {
			return (there.Key == key || there.QualifiedKey() == key) && (there.Password || vapp.ParseType(there.Type).IsPassword())
		})
		if literal {
			p.resp.Diagnostics.AddAttributeWarning(bootstrapPath.AtName("vapp_config").AtName("property").AtListIndex(i).AtName("value"), "A password stands in the configuration",
				fmt.Sprintf("The property %q is a password, and a value that is written is shown in plans and kept in state. Take it from bootstrap.secrets_wo by a from block.", key))
		}
	}
}

// machineProperties are the OVF properties of a machine that exists.
func machineProperties(info *govmomi.VmConfigInfo) []image.Property {
	out := make([]image.Property, len(info.Property))
	for i, there := range info.Property {
		out[i] = image.Property{
			Key: there.Id, ClassID: there.ClassId, InstanceID: there.InstanceId, Type: there.Type, Label: there.Label,
			Category: there.Category, UserConfigurable: there.UserConfigurable != nil && *there.UserConfigurable,
			Password: vapp.ParseType(there.Type).IsPassword(),
		}
	}
	return out
}

// planProperties judges OVF properties by the machine that they are to be set on.
func (p *planner) planProperties(ctx context.Context, observed *machine.Observation) {
	if !p.boot.setsProperties() {
		return
	}
	if observed.VApp == nil {
		p.resp.Diagnostics.AddAttributeError(bootstrapPath.AtName("vapp_config"), "The machine has no OVF properties",
			fmt.Sprintf("%s has no vApp configuration: its image has none, or it was removed. Remove vapp_config, or replace the machine (terraform apply -replace) from an image with OVF properties.", observed.Title()))
		return
	}
	cards, err := cardsOf(observed, recordOf(observed).Devices)
	if err != nil {
		return // apply says so
	}
	p.judgeProperties(ctx, machineProperties(observed.VApp), cards)
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
	if len(p.resp.RequiresReplace) > 0 {
		return guestSent // the guest of another machine: nothing waits for a power-on of this one
	}
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
		p.propertiesAtPowerOn()
		return guestSent
	}
	return p.atPowerOn()
}

// propertiesAtPowerOn says when a guest sees its properties: vCenter takes them at once, and
// makes the OVF environment of them when it powers the machine on.
func (p *planner) propertiesAtPowerOn() {
	if p.prior.PowerState.ValueString() == poweredOff || p.plan.PowerState.ValueString() == poweredOff {
		return
	}
	if p.plan.AllowPowerCycle.ValueBool() {
		p.cycles = true
		return
	}
	p.resp.Diagnostics.AddAttributeWarning(path.Root("allow_power_cycle"), "The guest sees its properties when it is powered on",
		fmt.Sprintf("vCenter gets the changed OVF properties of %q now, and hands them to the guest when the machine is next powered on. "+
			"Set allow_power_cycle = true to have it powered off and on.", p.plan.Name.ValueString()))
}

// differs tells whether the guest is to be sent something else than the last time.
func (p *planner) differs(ctx context.Context, last *sent, out *delivery) (bool, error) {
	wants, err := last.wantsCustomization(out, p.boot.occasion())
	if err != nil || wants || !p.boot.setsProperties() {
		return wants, err
	}
	text, public := out.propertyTexts()
	return last.Drifted || !last.Properties.is(text, public, secretsCount(ctx, &p.plan, p.prior)), nil
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

// exclusive is the block of the bootstrap provider that has a guest to itself; empty where
// there is none or it is switched off.
func exclusive(ctx context.Context, m *model) string {
	block, _ := fwtypes.Block[bootstrapModel](ctx, m.Bootstrap)
	written, ok := block.Get()
	if !ok || written.Disabled.ValueBool() {
		return ""
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
			return candidate.name
		}
	}
	return ""
}

func sortedKeys(macs map[string]network.MAC) []string {
	return slices.Sorted(maps.Keys(macs))
}
