package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

var bootstrapPath = path.Root("bootstrap")

// guestPlan says whether the guest is sent a configuration.
type guestPlan uint8

const (
	guestKept    guestPlan = iota // what it was sent stays
	guestSent                     // it is sent another one, or its own once more
	guestUnknown                  // that depends on something that is not known yet
)

// planBootstrap decides whether the guest is sent a configuration, by rendering it and
// comparing with what was sent.
func (p *planner) planBootstrap(ctx context.Context) {
	if p.boot.undecided() || p.mayImply() {
		p.guest = guestUnknown
		return
	}
	p.judgeBootstrap(ctx)
	if p.resp.Diagnostics.HasError() {
		return
	}
	if p.prior == nil {
		p.planFirstBootstrap(ctx)
		return
	}
	last, diags := readSent(ctx, p.req.Private)
	p.resp.Diagnostics.Append(diags...)
	if last == nil {
		last = new(sent)
	}
	p.unfinished = last.Unfinished
	switch {
	case p.boot.sends() && last.Metadata == nil:
		p.guest = guestSent
	case p.boot.sends():
		p.guest = p.compareCloudInit(ctx, last)
	case p.boot.customizes() || p.boot.setsProperties():
		p.guest = p.compareGuest(ctx, last)
	case !p.boot.Disabled.Or(false) && last.Metadata != nil:
		// A bootstrap that is switched off leaves the guest's configuration alone; cloud-init that
		// is taken out of the configuration takes what it sent with it.
		p.guest = guestSent
	}
}

// mayImply tells that the image, which is not known yet, decides whether the guest is customized.
func (p *planner) mayImply() bool {
	return p.prior == nil && p.image == nil && !p.boot.written
}

// planFirstBootstrap is about a machine that is to be created. Its cards have no addresses
// yet, so that what is rendered here is only to find what is wrong with it.
func (p *planner) planFirstBootstrap(ctx context.Context) {
	if p.boot.sends() {
		p.guest = guestSent
		settings, _ := p.boot.settings.Get()
		userData, err := cloudinit.UserData(settings)
		if err != nil && !isUnknown(err) {
			p.invalid(err)
			return
		}
		report(cloudinit.CheckSizes("", userData), &p.resp.Diagnostics)
		return
	}
	if _, err := p.deliver(ctx, blankCards(p.resolved), true); err != nil && !isUnknown(err) {
		p.invalid(err)
		return
	}
	switch {
	case p.boot.customizes() && p.plan.PowerState.IsUnknown():
		p.guest = guestUnknown
	case p.boot.customizes() && p.plan.PowerState.ValueString() == poweredOn, !p.boot.customizes() && p.boot.setsProperties():
		p.guest = guestSent
	}
}

// planReading tells when a guest acts on changed cloud-init documents: it reads them when it boots,
// and nothing boots one that runs.
func (p *planner) planReading(context.Context) {
	if p.prior == nil || len(p.resp.RequiresReplace) > 0 || p.guest != guestSent || !p.boot.sends() || p.moves.power ||
		p.prior.PowerState.ValueString() != poweredOn || p.plan.PowerState.ValueString() != poweredOn {
		return
	}
	p.resp.Diagnostics.AddAttributeWarning(cloudInitPath, "The guest reads its new configuration when it boots",
		fmt.Sprintf("What cloud-init is told changes now, and the guest of %q acts on it at its next boot: on the host name and the network at every boot, and on user data once for each instance_id. "+
			"Set next_restart_time, for example to plantimestamp(), to have the machine restarted by this apply.", p.plan.Name.ValueString()))
}

// blankCards stand for the cards of a machine that is not there yet.
func blankCards(config network.Config) []gosc.Card {
	interfaces, _ := config.Interfaces.Get()
	cards := make([]gosc.Card, len(interfaces))
	for i := range interfaces {
		cards[i] = gosc.Card{Interface: interfaces[i].Name.Or(""), MAC: network.MAC(fmt.Sprintf("00:50:56:00:00:%02x", i))}
	}
	return cards
}

// invalid reports what cannot be rendered.
func (p *planner) invalid(err error) {
	at, what := bootstrapPath.AtName("linux_prep"), "guest customization"
	switch p.boot.provider() {
	case bootstrapCloudInit:
		at, what = cloudInitPath, "cloud-init configuration"
	case bootstrapSysprep:
		at = bootstrapPath.AtName("sysprep")
	case bootstrapVAppConfig:
		at, what = bootstrapPath.AtName("vapp_config"), "vApp configuration"
	}
	if p.boot.implied {
		at = path.Root("network")
	}
	p.resp.Diagnostics.AddAttributeError(at, "Invalid "+what, backend.Sentence(err.Error()))
}

// deliver renders what the guest would be sent. The addresses of blank cards are not known to templates.
func (p *planner) deliver(ctx context.Context, cards []gosc.Card, blank bool) (delivery, error) {
	written, diags := p.config.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	to := &addressee{cards: cards, blank: blank, instanceID: fwtypes.String(p.plan.BiosUUID), apiVersion: p.apiVersion, vm: facts(ctx, &p.plan, written)}
	if p.prior != nil {
		to.vm.UniqueID = facts(ctx, p.prior, written).UniqueID
	}
	return p.boot.deliver(p.resolved, to)
}

// compareCloudInit compares with the documents that cloud-init was sent. They are written to a
// running machine.
func (p *planner) compareCloudInit(ctx context.Context, last *sent) guestPlan {
	cards, state := p.plannedCards(ctx, last)
	out, err := p.deliver(ctx, cards, false)
	if err != nil && !isUnknown(err) && state == cardsKept {
		p.invalid(err)
		return guestKept
	}
	documents := out.documents
	if err == nil {
		report(errorsOf(cloudinit.CheckSizes(documents.metadata, documents.userData)), &p.resp.Diagnostics)
	}
	switch {
	case last.Drifted, state == cardsNew:
		return guestSent
	case state == cardsUnknown, p.boot.version.IsUnknown():
		return guestUnknown
	case p.versioned() && secretsCount(ctx, &p.plan, p.prior):
		return guestSent
	case documents.metadata != "" && !matches(last.Metadata, documents.metadata):
		return guestSent
	case err != nil:
		return guestUnknown
	case p.versioned() && !p.changed:
		// The secrets may differ at every run; only the version tells.
		return guestKept
	case p.versioned():
		return p.compareWithoutSecrets(ctx)
	case !matches(last.UserData, documents.userData):
		return guestSent
	default:
		return guestKept
	}
}

func (p *planner) versioned() bool { return !p.boot.version.IsNull() }

// compareWithoutSecrets compares what is written, where the secrets must not count: the
// cloud_init block differs from the state, or it does not.
func (p *planner) compareWithoutSecrets(ctx context.Context) guestPlan {
	before, diags := fwtypes.Block[bootstrapModel](ctx, p.prior.Bootstrap)
	p.resp.Diagnostics.Append(diags...)
	after, diags := fwtypes.Block[bootstrapModel](ctx, p.plan.Bootstrap)
	p.resp.Diagnostics.Append(diags...)
	old, had := before.Get()
	planned, has := after.Get()
	if had && has && old.CloudInit.Equal(planned.CloudInit) {
		return guestKept
	}
	return guestSent
}

// cardsPlan says what becomes of the network cards, as far as the guest's configuration names
// their addresses.
type cardsPlan uint8

const (
	cardsKept    cardsPlan = iota // their addresses are known
	cardsNew                      // one of them is new or goes, and vCenter may choose an address
	cardsUnknown                  // that depends on something that is not known yet
)

// plannedCards are the network cards that the machine will have, in device order, as far as
// their addresses are known. These come from the configuration: the plan has an unknown address
// wherever none is written.
func (p *planner) plannedCards(ctx context.Context, last *sent) ([]gosc.Card, cardsPlan) {
	configured, diags := p.config.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	interfaces, ok := configured.EffectiveInterfaces().Get()
	if !ok {
		return nil, cardsUnknown
	}
	before := map[string]known.Value[string]{}
	priorSpec, diags := p.prior.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	old, _ := priorSpec.EffectiveInterfaces().Get()
	for _, nic := range old {
		name := nic.Name.Or("")
		before[name] = nic.Type
		if seen := last.Types[name]; seen != "" {
			before[name] = known.Of(seen)
		}
	}
	state := cardsKept
	macs := map[string]network.MAC{}
	for _, nic := range interfaces {
		name, named := nic.Name.Get()
		if !named || nic.MACAddr.IsUnknown() || nic.Type.IsUnknown() {
			return nil, cardsUnknown
		}
		address, written := nic.MACAddr.Get()
		if !written {
			cardType, had := before[name]
			if !had || !keepsType(cardType, nic.Type) {
				state = cardsNew
				continue
			}
			address = last.MACs[name]
		}
		mac, err := network.ParseMAC(address)
		if err != nil {
			state = cardsNew
			continue
		}
		macs[name] = mac
	}
	return inOrder(macs, last.Cards), state
}

// inOrder lists cards in the order of the machine's devices, as far as that is known, and the
// others behind them.
func inOrder(macs map[string]network.MAC, order []string) []gosc.Card {
	cards := make([]gosc.Card, 0, len(macs))
	for _, name := range order {
		if mac, ok := macs[name]; ok {
			cards = append(cards, gosc.Card{Interface: name, MAC: mac})
			delete(macs, name)
		}
	}
	for _, name := range sortedKeys(macs) {
		cards = append(cards, gosc.Card{Interface: name, MAC: macs[name]})
	}
	return cards
}
