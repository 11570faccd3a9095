package virtualmachine

import (
	"context"
	"errors"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

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
	if p.boot.settings.IsUnknown() || p.boot.Disabled.IsUnknown() {
		p.guest = guestUnknown
		return
	}
	if p.prior == nil {
		p.planFirstBootstrap()
		return
	}
	last, diags := readSent(ctx, p.req.Private)
	p.resp.Diagnostics.Append(diags...)
	if !p.boot.sends() {
		// A bootstrap that is switched off leaves the guest's configuration alone; one that
		// is taken out of the configuration takes what it sent with it.
		if !p.boot.Disabled.Or(false) && last != nil && last.Metadata != nil {
			p.guest = guestSent
		}
		return
	}
	if last == nil || last.Metadata == nil {
		p.guest = guestSent
		return
	}
	p.guest = p.compareBootstrap(ctx, last)
}

func (p *planner) planFirstBootstrap() {
	if !p.boot.sends() {
		return
	}
	p.guest = guestSent
	settings, _ := p.boot.settings.Get()
	userData, err := cloudinit.UserData(settings)
	if err != nil {
		if !errors.Is(err, cloudinit.ErrUnknown) {
			p.resp.Diagnostics.AddAttributeError(cloudInitPath, "Invalid cloud-init configuration", backend.Sentence(err.Error()))
		}
		return
	}
	report(cloudinit.CheckSizes("", userData), &p.resp.Diagnostics)
}

func (p *planner) compareBootstrap(ctx context.Context, last *sent) guestPlan {
	macs, cards := p.plannedMACs(ctx, last)
	documents, err := p.boot.render(p.resolved, macs, fwtypes.String(p.plan.BiosUUID))
	if err != nil && !errors.Is(err, cloudinit.ErrUnknown) && cards == cardsKept {
		p.resp.Diagnostics.AddAttributeError(cloudInitPath, "Invalid cloud-init configuration", backend.Sentence(err.Error()))
		return guestKept
	}
	if err == nil {
		report(errorsOf(cloudinit.CheckSizes(documents.metadata, documents.userData)), &p.resp.Diagnostics)
	}
	switch {
	case last.Drifted, cards == cardsNew:
		return guestSent
	case cards == cardsUnknown, p.boot.version.IsUnknown():
		return guestUnknown
	case p.versioned() && p.versionChanged(ctx):
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

// versionChanged tells whether secrets_wo_version differs from that of the state.
func (p *planner) versionChanged(ctx context.Context) bool {
	before, diags := fwtypes.Block[bootstrapModel](ctx, p.prior.Bootstrap)
	p.resp.Diagnostics.Append(diags...)
	written, ok := before.Get()
	return !ok || !written.SecretsWOVersion.Equal(p.boot.version)
}

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
	cardsNew                      // one of them is new, and vCenter will choose its address
	cardsUnknown                  // that depends on something that is not known yet
)

// plannedMACs are the addresses that the network cards will have, as far as they are known.
// They come from the configuration: the plan has an unknown address wherever none is written.
func (p *planner) plannedMACs(ctx context.Context, last *sent) (map[string]network.MAC, cardsPlan) {
	macs := map[string]network.MAC{}
	configured, diags := p.config.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	interfaces, ok := configured.EffectiveInterfaces().Get()
	if !ok {
		return macs, cardsUnknown
	}
	before := map[string]known.Value[string]{}
	priorSpec, diags := p.prior.networkSpec(ctx)
	p.resp.Diagnostics.Append(diags...)
	old, _ := priorSpec.EffectiveInterfaces().Get()
	for _, nic := range old {
		before[nic.Name.Or("")] = nic.Type
	}
	cards := cardsKept
	for _, nic := range interfaces {
		name, named := nic.Name.Get()
		if !named || nic.MACAddr.IsUnknown() || nic.Type.IsUnknown() {
			return macs, cardsUnknown
		}
		address, written := nic.MACAddr.Get()
		if !written {
			cardType, had := before[name]
			if !had || !keepsType(cardType, nic.Type) {
				cards = cardsNew
				continue
			}
			address = last.MACs[name]
		}
		mac, err := network.ParseMAC(address)
		if err != nil {
			cards = cardsNew
			continue
		}
		macs[name] = mac
	}
	return macs, cards
}
