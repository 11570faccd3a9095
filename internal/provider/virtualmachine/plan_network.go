package virtualmachine

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// planNetwork resolves the network that the guest will have.
func (p *planner) planNetwork(ctx context.Context) {
	known, ok := p.planOffers(ctx)
	if !ok {
		return
	}
	p.resolved = network.Resolve(p.spec, p.boot.Bootstrap, known.Defaults)
	report(network.Review(p.spec, p.boot.Bootstrap, known.Defaults), &p.resp.Diagnostics)
	if p.changed && p.boot.implied {
		// Validation knows of no provider where none is written.
		unwritten := p.boot.Bootstrap
		unwritten.LinuxPrep = false
		report(added(network.Validate(p.spec, unwritten), network.Validate(p.spec, p.boot.Bootstrap)), &p.resp.Diagnostics)
	}
	if p.changed && p.world != nil {
		p.resp.Diagnostics.Append(p.reviewPools(ctx, p.world, p.spec, p.boot.Bootstrap, known)...)
	}
}

// added are the warnings that are among some findings, and not among others.
func added(others, findings []network.Problem) []network.Problem {
	return slices.DeleteFunc(findings, func(found network.Problem) bool {
		return found.Severity != network.Warning || slices.ContainsFunc(others, func(other network.Problem) bool {
			return other.Rule == found.Rule && other.Path.String() == found.Path.String()
		})
	})
}

// planOffers finds what the namespace and the networks offer. It is false where there is nothing
// to resolve from: after an error, and for a machine that does not change and whose network is
// not found any more, which keeps what its guest was told.
func (p *planner) planOffers(ctx context.Context) (*offers, bool) {
	if p.plan.Namespace.IsUnknown() {
		return unknownOffers(), true
	}
	if _, err := p.backend.Namespace(p.plan.Namespace.ValueString()); err != nil {
		p.resp.Diagnostics.AddAttributeError(path.Root("namespace"), "No such namespace", backend.Sentence(err.Error()))
		return nil, false
	}
	have := p.held(ctx)
	if p.changed {
		found, diags := p.offers(ctx, p.world, p.spec, have)
		p.resp.Diagnostics.Append(diags...)
		return found, !diags.HasError()
	}
	if found, ok := p.standingOffers(ctx, &p.plan, p.spec, have); ok {
		return found, true
	}
	told, _, diags := toldConfig(ctx, p.prior.Status)
	p.resp.Diagnostics.Append(diags...)
	p.resolved = told
	return nil, false
}

// held is what the machine holds of the pools of its networks.
func (p *planner) held(ctx context.Context) map[string]poolRecord {
	if p.prior == nil {
		return nil
	}
	last, diags := readSent(ctx, p.req.Private)
	p.resp.Diagnostics.Append(diags...)
	if last != nil && len(last.Pools) > 0 {
		return last.Pools
	}
	return heldBy(ctx, p.prior)
}

// planMACs carries the MAC addresses of interfaces over by the interfaces' names.
func (p *planner) planMACs(ctx context.Context) {
	if p.prior == nil || !p.changed {
		return
	}
	planned, diags := p.plan.interfaces(ctx)
	p.resp.Diagnostics.Append(diags...)
	configured, diags := p.config.interfaces(ctx)
	p.resp.Diagnostics.Append(diags...)
	before, diags := p.prior.interfaces(ctx)
	p.resp.Diagnostics.Append(diags...)
	interfaces, ok := planned.Get()
	written, also := configured.Get()
	old, _ := before.Get()
	last, diags := readSent(ctx, p.req.Private)
	p.resp.Diagnostics.Append(diags...)
	if !ok || !also || len(written) != len(interfaces) {
		return
	}
	for i := range interfaces {
		if !written[i].MACAddr.IsNull() {
			// Another spelling of an address is no other address. Terraform takes the earlier
			// one for a planned value at the same place only.
			if i < len(old) && written[i].Name.Equal(old[i].Name) && fwtypes.SameMAC(written[i].MACAddr.ValueString(), old[i].MACAddr.ValueString()) {
				p.set(ctx, path.Root("network").AtName("interface").AtListIndex(i).AtName("mac_addr"), old[i].MACAddr)
			}
			continue
		}
		mac := keptMAC(&interfaces[i], old, last)
		p.set(ctx, path.Root("network").AtName("interface").AtListIndex(i).AtName("mac_addr"), mac)
	}
}

// keptMAC is the address of the interface's network card, unknown when the card is a new one.
func keptMAC(planned *interfaceModel, old []interfaceModel, last *sent) fwtypes.MAC {
	for i := range old {
		if old[i].Name.Equal(planned.Name) && keepsType(last.cardType(&old[i]), fwtypes.String(planned.Type)) && !old[i].MACAddr.IsNull() {
			return old[i].MACAddr
		}
	}
	return fwtypes.MACUnknown()
}

// cardType is the type of an interface's network card: the one that it was seen with, which stays
// when type is taken out of the configuration, else what was written.
func (s *sent) cardType(nic *interfaceModel) known.Value[string] {
	if s != nil && s.Types[nic.Name.ValueString()] != "" {
		return known.Of(s.Types[nic.Name.ValueString()])
	}
	return fwtypes.String(nic.Type)
}

// keepsType tells whether an interface keeps its network card, whose type vSphere cannot change: a
// type that is not written is whatever there is, and was made a VMXNet3.
func keepsType(before, after known.Value[string]) bool {
	if after.IsUnknown() {
		return false
	}
	return after.IsAbsent() || before.Or(machine.DefaultNICType) == after.Or("")
}
