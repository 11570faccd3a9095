package virtualmachine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

var networkPath = path.Root("network")

// planCards tells what becomes of network cards, as far as the plan's own lines do not: nothing is
// done to a card that a plan has not said.
func (p *planner) planCards(ctx context.Context, observed *machine.Observation, wanted *wish) {
	if wanted.left {
		p.leftCards(ctx, observed)
		return
	}
	if !wanted.cards {
		return // that is known when the plan is made again for apply
	}
	configured, diags := p.config.interfaces(ctx)
	p.resp.Diagnostics.Append(diags...)
	before, diags := p.prior.interfaces(ctx)
	p.resp.Diagnostics.Append(diags...)
	written, shown := configured.Or(nil), before.Or(nil)
	for i := range p.cards.Remove {
		card := &p.cards.Remove[i]
		if !slices.ContainsFunc(shown, func(nic interfaceModel) bool { return fwtypes.SameMAC(nic.MACAddr.ValueString(), card.MAC) }) {
			p.resp.Diagnostics.AddAttributeWarning(networkPath, fmt.Sprintf("%q loses a network card", p.plan.Name.ValueString()),
				fmt.Sprintf("%s of %s belongs to no interface of the configuration, and is removed. To keep it, give it an interface block with its mac_addr.",
					p.card(ctx, card), observed.Title()))
		}
	}
	for _, name := range p.cards.Edit {
		p.planMove(ctx, observed, wanted, name, interfaceNamed(written, name), interfaceNamed(shown, name))
	}
	for _, name := range p.cards.Add {
		if interfaceNamed(written, name) == nil {
			p.resp.Diagnostics.AddAttributeWarning(networkPath, fmt.Sprintf("%q gets a network card", p.plan.Name.ValueString()),
				fmt.Sprintf("%s has no network card for the interface %s, which a machine has by default. A new one is connected to the network %q. "+
					"Set network.disabled for a machine without network cards.", observed.Title(), name, wanted.world.networks[name].Name))
		}
	}
	p.planCardMACs(ctx, observed, written, shown)
}

// planMove tells of a card that is connected to another network, where the configuration does not
// name the network or the state does not show the one that it is connected to.
func (p *planner) planMove(ctx context.Context, observed *machine.Observation, wanted *wish, name string, written, shown *interfaceModel) {
	card := p.cardOf(observed, name)
	to, ok := wanted.world.networks[name]
	if card == nil || !ok || machine.BackingOf(to.Backing()).Same(card.Backing) {
		return
	}
	after, before := networkNamed(ctx, written), networkNamed(ctx, shown)
	if after != "" && after != before && shown != nil {
		return // the plan has a line for it
	}
	why := ""
	if after == "" {
		why = fmt.Sprintf(", the default network of the namespace %q: the interface names none. Name one in its network block to have it there", p.plan.Namespace.ValueString())
	}
	p.resp.Diagnostics.AddAttributeWarning(p.interfacePath(ctx, name), fmt.Sprintf("A network card of %q is connected to another network", p.plan.Name.ValueString()),
		fmt.Sprintf("%s of %s is that of the interface %s, and is connected to the network %q%s.", p.card(ctx, card), observed.Title(), name, to.Name, why))
}

// leftCards tells, when a machine that was made by other means is planned for the first time, that
// its cards stay as they are, and refuses what its guest cannot be told of them.
func (p *planner) leftCards(ctx context.Context, observed *machine.Observation) {
	cards := make([]string, len(observed.NICs))
	for i := range observed.NICs {
		cards[i] = p.card(ctx, &observed.NICs[i])
	}
	have := "no network card"
	if len(cards) > 0 {
		have = strings.Join(cards, ", ")
	}
	const remedy = "Describe them by an interface block each, in their order and with their networks, to have them managed; network.disabled removes them."
	if p.boot.customizes() && len(cards) != 1 || p.boot.sends() && len(cards) == 0 {
		p.resp.Diagnostics.AddAttributeError(networkPath, "The configuration does not describe the machine's network cards",
			fmt.Sprintf("%s was made by other means, and has %s. The configuration has no interface block, and the guest is told of the default interface %s alone. %s",
				observed.Title(), have, network.DefaultInterface, remedy))
		return
	}
	if recordOf(observed).LeavesCards {
		return
	}
	p.resp.Diagnostics.AddAttributeWarning(networkPath, fmt.Sprintf("The network cards of %q are left alone", p.plan.Name.ValueString()),
		fmt.Sprintf("%s was made by other means, and has %s. The configuration has no interface block, so that they stay as they are. %s", observed.Title(), have, remedy))
}

// planCardMACs plans the addresses of cards that the state does not show: of one that is there and
// comes to an interface, and of one that is not there and was seen last.
func (p *planner) planCardMACs(ctx context.Context, observed *machine.Observation, written, shown []interfaceModel) {
	last, diags := readSent(ctx, p.req.Private)
	p.resp.Diagnostics.Append(diags...)
	for i := range written {
		if !written[i].MACAddr.IsNull() {
			continue
		}
		name, at := written[i].Name.ValueString(), networkPath.AtName("interface").AtListIndex(i).AtName("mac_addr")
		kept := keptMAC(&written[i], shown, last)
		switch card := p.cardOf(observed, name); {
		case card != nil && kept.IsUnknown():
			p.set(ctx, at, fwtypes.NewMAC(card.MAC))
		case slices.Contains(p.cards.Add, name) && !kept.IsUnknown():
			p.set(ctx, at, fwtypes.MACUnknown())
		}
	}
}

// cardOf is the card that an interface has and keeps, nil where there is none.
func (p *planner) cardOf(observed *machine.Observation, name string) *machine.ObservedNIC {
	return cardOf(observed, p.cards.Keys, name)
}

// card names a network card as vCenter shows it.
func (p *planner) card(ctx context.Context, card *machine.ObservedNIC) string {
	text := fmt.Sprintf("%q (%s", cmp.Or(card.Label, fmt.Sprintf("device %d", card.Key)), card.MAC)
	if name := p.networkName(ctx, card); name != "" {
		text += fmt.Sprintf(", network %q", name)
	}
	return text + ")"
}

// interfacePath is where an interface is written; the network block for the default one.
func (p *planner) interfacePath(ctx context.Context, name string) path.Path {
	configured, _ := p.config.interfaces(ctx)
	for i, nic := range configured.Or(nil) {
		if nic.Name.ValueString() == name {
			return networkPath.AtName("interface").AtListIndex(i)
		}
	}
	return networkPath
}

// interfaceNamed is the interface of a name, nil where there is none.
func interfaceNamed(interfaces []interfaceModel, name string) *interfaceModel {
	for i := range interfaces {
		if interfaces[i].Name.ValueString() == name {
			return &interfaces[i]
		}
	}
	return nil
}

// networkNamed is the network that an interface names; empty for the default one.
func networkNamed(ctx context.Context, nic *interfaceModel) string {
	if nic == nil {
		return ""
	}
	block, _ := fwtypes.Block[networkRefModel](ctx, nic.Network)
	written, _ := block.Get()
	return written.Name.ValueString()
}
