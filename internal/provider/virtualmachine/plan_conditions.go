package virtualmachine

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// planConditions leaves open those conditions that the change can move, and says which conditions
// there will be: a plan of a disk that grows tells that the disks are looked at again, and nothing
// about the guest.
func (p *planner) planConditions(ctx context.Context, before types.List, retold bool) types.List {
	if !p.changed && p.guest == guestKept && !p.unfinished && !p.moves.power {
		return before
	}
	block, diags := fwtypes.Blocks[conditionModel](ctx, before)
	p.resp.Diagnostics.Append(diags...)
	shown, ok := block.Get()
	there, known := p.conditionTypes()
	if !ok || !known || p.moves.power || p.moves.cards || p.guest == guestUnknown {
		return types.ListUnknown(conditionType)
	}
	open := p.movedConditions(ctx, retold)
	var planned []conditionModel
	for _, c := range shown {
		name := c.Type.ValueString()
		if stays, decided := there[name]; decided && !stays {
			continue
		}
		delete(there, name)
		if open[name] {
			c = openCondition(name)
		}
		planned = append(planned, c)
	}
	for name, comes := range there {
		if comes {
			planned = append(planned, openCondition(name))
		}
	}
	slices.SortFunc(planned, func(a, b conditionModel) int { return cmp.Compare(a.Type.ValueString(), b.Type.ValueString()) })
	list, diags := types.ListValueFrom(ctx, conditionType, planned)
	p.resp.Diagnostics.Append(diags...)
	return list
}

func openCondition(name string) conditionModel {
	return conditionModel{Type: types.StringValue(name), Status: types.StringUnknown(), Reason: types.StringUnknown(), Message: types.StringUnknown()}
}

// conditionTypes tells of the conditions that follow from what is written whether there will be
// one; false where that is not known.
func (p *planner) conditionTypes() (map[string]bool, bool) {
	spec := &p.hardware
	if spec.Volumes.IsUnknown() || spec.Managed.IsUnknown() || spec.Advanced.ExtraConfig.IsUnknown() || p.plan.ClassName.IsUnknown() ||
		spec.Resources.unknown() && !spec.Resources.written() || p.plan.ReadinessProbe.IsUnknown() || p.plan.Bootstrap.IsUnknown() {
		return nil, false
	}
	out := syncedTypes(spec)
	out[observed.TypeCreated], out[observed.TypePowerStateSynced] = true, true
	if p.world != nil { // else nothing was looked up, and it stays as it is
		out[observed.TypeLocationValid] = true
	}
	out[observed.TypeClassSynced] = p.configuredClass(p.plan.ClassName.ValueString()) != nil
	out[observed.TypeBootstrapReady] = p.boot.written
	out[conditionReady] = !p.plan.ReadinessProbe.IsNull()
	return out, true
}

// movedConditions are the conditions that the change can move. retold says that the guest is told
// another network.
func (p *planner) movedConditions(ctx context.Context, retold bool) map[string]bool {
	moves := &p.moves
	customization, ok := conditionOf(ctx, p.prior.Status, observed.TypeGuestCustomization)
	off := p.prior.PowerState.ValueString() == poweredOff && p.plan.PowerState.ValueString() == poweredOff
	put := ok && customization.Status == observed.StatusFalse && !off
	return map[string]bool{
		observed.TypeCreated: p.unfinished,
		// A customization may be put off, or be put off no more; a probe is asked again.
		observed.TypeGuestCustomization: p.deferred || put,
		conditionReady:                  true,
		observed.TypeNetworkSynced:      retold,
		observed.TypeNetworkReady:       moves.named,
		observed.TypeClassSynced:        moves.cpu || moves.memory || !p.plan.ClassName.Equal(p.prior.ClassName),
		observed.TypeComputeSynced:      moves.cpu || moves.memory,
		observed.TypeExtraConfigSynced:  moves.extraConfig,
		observed.TypeVolumesVerified:    moves.volumes,
		observed.TypeDrivesVerified:     moves.drives,
		observed.TypeDevicesVerified:    moves.volumes || moves.drives,
	}
}

// withConditions completes the conditions of a planned status with those of one that was observed.
func withConditions(ctx context.Context, planned, seen types.Object) types.Object {
	attributes := planned.Attributes()
	before, ok := attributes["conditions"].(types.List)
	after, has := seen.Attributes()["conditions"].(types.List)
	if !ok || !has || before.IsUnknown() {
		return planned
	}
	attributes["conditions"] = fillConditions(ctx, before, after)
	return types.ObjectValueMust(planned.AttributeTypes(ctx), attributes)
}

// fillConditions completes planned conditions with those that were observed, by their types: what
// the guest reports comes and goes meanwhile. One that was not observed is not known.
func fillConditions(ctx context.Context, planned, seen types.List) types.List {
	want, _ := fwtypes.Blocks[conditionModel](ctx, planned)
	open, ok := want.Get()
	if !ok {
		return planned
	}
	have, _ := fwtypes.Blocks[conditionModel](ctx, seen)
	for i := range open {
		if !open[i].Status.IsUnknown() {
			continue
		}
		open[i].Status, open[i].Reason, open[i].Message = types.StringValue(observed.StatusUnknown), types.StringValue(observed.ReasonUnknown), types.StringNull()
		for _, c := range have.Or(nil) {
			if c.Type.Equal(open[i].Type) {
				open[i] = c
			}
		}
	}
	list, diags := types.ListValueFrom(ctx, conditionType, open)
	if diags.HasError() {
		return planned
	}
	return list
}
