package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

type attrValue = attr.Value

// planStatus plans what is reported. What follows from the configuration is known. What is
// observed is only unknown where the change can move it, so that a plan shows nothing else.
func (p *planner) planStatus(ctx context.Context) {
	config, diags := networkConfigObject(ctx, p.resolved)
	p.resp.Diagnostics.Append(diags...)
	if p.resp.Diagnostics.HasError() {
		return
	}
	var status statusModel
	if p.prior == nil {
		status = p.firstStatus(ctx, config)
	} else {
		block, diags := fwtypes.Block[statusModel](ctx, p.prior.Status)
		p.resp.Diagnostics.Append(diags...)
		before, ok := block.Get()
		if !ok {
			return // an unfinished import: everything is unknown, as it is
		}
		status = p.nextStatus(ctx, before, config)
	}
	object, diags := types.ObjectValueFrom(ctx, statusType.AttrTypes, status)
	p.resp.Diagnostics.Append(diags...)
	p.plan.Status = object
	if p.prior != nil && !p.changed && object.Equal(p.prior.Status) {
		return
	}
	p.set(ctx, path.Root("status"), object)
}

// firstStatus is the status of a machine that is to be created.
func (p *planner) firstStatus(ctx context.Context, config types.Object) statusModel {
	status := statusModel{
		UniqueID:        types.StringUnknown(),
		InstanceUUID:    p.plan.InstanceUUID,
		BiosUUID:        p.plan.BiosUUID,
		PowerState:      p.plan.PowerState,
		NodeName:        types.StringUnknown(),
		HardwareVersion: types.Int64Unknown(),
		Class:           p.plan.ClassName,
		Image:           types.ObjectUnknown(statusImageType.AttrTypes),
		Guest:           types.ObjectUnknown(statusGuestType.AttrTypes),
		Volumes:         types.ListUnknown(statusVolumeType),
		ChangeTracking:  types.BoolUnknown(),
		Conditions:      types.ListUnknown(conditionType),
	}
	if p.image != nil {
		status.Image = types.ObjectValueMust(statusImageType.AttrTypes, map[string]attrValue{
			"provider_item_id":         types.StringValue(p.image.ItemID),
			"provider_content_version": types.StringUnknown(),
		})
	}
	hardware, diags := types.ObjectValueFrom(ctx, statusHardwareType.AttrTypes, p.hardwareStatus(ctx, p.sizeOf(plannedSize{})))
	p.resp.Diagnostics.Append(diags...)
	status.Hardware = hardware
	status.Bootstrap = p.bootstrapStatus(ctx, types.Int64Value(0))
	status.Network = p.networkStatus(ctx, networkStatusModel{}, config, true)
	return status
}

// nextStatus is the status of a machine that is there.
func (p *planner) nextStatus(ctx context.Context, before statusModel, config types.Object) statusModel {
	status := before
	if p.changed {
		status.Class = p.plan.ClassName
	}
	if p.moves.power {
		status.PowerState = p.plan.PowerState
		status.NodeName = types.StringUnknown()
	}
	switch {
	case p.moves.version:
		status.HardwareVersion = types.Int64Unknown()
	case p.moves.upgrade != 0:
		status.HardwareVersion = types.Int64Value(int64(p.moves.upgrade))
	}
	if p.moves.guestID {
		status.Guest = types.ObjectUnknown(statusGuestType.AttrTypes)
	}
	p.moveHardware(ctx, &status)
	var seen networkStatusModel
	if block, diags := fwtypes.Block[networkStatusModel](ctx, before.Network); !diags.HasError() {
		seen, _ = block.Get()
	}
	status.Conditions = p.planConditions(ctx, before.Conditions, !seen.Config.Equal(config))
	revision := types.Int64Value(0)
	if block, diags := fwtypes.Block[statusBootstrapModel](ctx, before.Bootstrap); !diags.HasError() {
		if last, ok := block.Get(); ok {
			revision = last.Revision
		}
	}
	status.Bootstrap = p.bootstrapStatus(ctx, revision)
	if p.moves.named {
		seen.Interfaces = types.ListUnknown(seenInterfaceType)
	}
	status.Network = p.networkStatus(ctx, seen, config, p.moves.power || p.moves.cards)
	return status
}

// moveHardware leaves open what the change can move of the machine's size and disks.
func (p *planner) moveHardware(ctx context.Context, status *statusModel) {
	if p.moves.volumes {
		status.Volumes = types.ListUnknown(statusVolumeType)
	}
	if p.moves.tracking {
		status.ChangeTracking = types.BoolUnknown()
	}
	block, diags := fwtypes.Block[statusHardwareModel](ctx, status.Hardware)
	p.resp.Diagnostics.Append(diags...)
	size, ok := block.Get()
	if !ok {
		return // of a state from before there was such a thing
	}
	planned := p.hardwareStatus(ctx, p.moves.size)
	if p.moves.cpu {
		size.CPU = planned.CPU
	}
	if p.moves.memory {
		size.Memory = planned.Memory
	}
	object, diags := types.ObjectValueFrom(ctx, statusHardwareType.AttrTypes, size)
	p.resp.Diagnostics.Append(diags...)
	status.Hardware = object
}

// hardwareStatus is a size as status shows it, as far as it is decided. What is reserved and allowed
// of it vSphere has the last word on.
func (p *planner) hardwareStatus(ctx context.Context, size plannedSize) statusHardwareModel {
	out := statusHardwareModel{CPU: types.ObjectUnknown(statusCPUType.AttrTypes), Memory: types.ObjectUnknown(statusMemoryType.AttrTypes)}
	var diags diag.Diagnostics
	if size.cpus > 0 {
		out.CPU, diags = types.ObjectValueFrom(ctx, statusCPUType.AttrTypes,
			statusCPUModel{Total: types.Int64Value(int64(size.cpus)), Reservation: types.Int64Unknown(), Limit: types.Int64Unknown()})
		p.resp.Diagnostics.Append(diags...)
	}
	if size.memoryMB > 0 {
		out.Memory, diags = types.ObjectValueFrom(ctx, statusMemoryType.AttrTypes,
			statusMemoryModel{Total: bytesShown(size.memoryMB * mebibyte), Reservation: types.StringUnknown(), Limit: types.StringUnknown()})
		p.resp.Diagnostics.Append(diags...)
	}
	return out
}

// bootstrapStatus is what the guest will have been sent, last being the revision until now.
func (p *planner) bootstrapStatus(ctx context.Context, last types.Int64) types.Object {
	model := statusBootstrapModel{Provider: types.StringNull(), InstanceID: types.StringNull(), Revision: last}
	switch p.guest {
	case guestSent:
		model.Revision = types.Int64Value(last.ValueInt64() + 1)
	case guestUnknown:
		model.Revision = types.Int64Unknown()
	case guestKept:
	}
	switch {
	case p.boot.undecided() || p.mayImply():
		model.Provider, model.InstanceID = types.StringUnknown(), types.StringUnknown()
	case p.boot.sends():
		settings, _ := p.boot.settings.Get()
		model.InstanceID = fwtypes.FromString(settings.InstanceID)
		if settings.InstanceID.IsAbsent() {
			model.InstanceID = p.plan.BiosUUID
		}
		fallthrough
	default:
		model.Provider = fwtypes.OptionalText(p.boot.provider())
	}
	object, diags := types.ObjectValueFrom(ctx, statusBootstrapType.AttrTypes, model)
	p.resp.Diagnostics.Append(diags...)
	return object
}

// networkStatus is the resolved configuration beside what the guest reports.
func (p *planner) networkStatus(ctx context.Context, seen networkStatusModel, config types.Object, moving bool) types.Object {
	seen.Config = config
	if moving {
		seen.HostName, seen.PrimaryIP4, seen.PrimaryIP6 = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		seen.Interfaces = types.ListUnknown(seenInterfaceType)
		seen.IPStacks = types.ListUnknown(stackType)
	}
	object, diags := types.ObjectValueFrom(ctx, networkStatusType.AttrTypes, seen)
	p.resp.Diagnostics.Append(diags...)
	return object
}
