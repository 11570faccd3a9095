package virtualmachine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// setHardware puts what was observed of a machine's hardware into a state: where the state says
// something, and what was observed is another value. A value that is the same keeps its spelling.
// What the state leaves open stays open, unless leaving it open has a meaning of its own, as for
// the connection of a drive, and that is not what was observed. What was not observed is absent
// or unknown, and is left alone.
//
// The volumes, and the drives where the hardware block is there, become those that were observed:
// those of the state in its order, then the others. A drive's image is unknown where it was not
// observed, and absent where the drive holds none.
//
// The guest id is set in any case. The hardware version is the least that is asked for, so that it
// is set only where the machine has a lower one. Of extra_config, keys that the machine does not
// have any more are dropped, and none are added.
func (m *model) setHardware(ctx context.Context, observed *hardwareSpec) diag.Diagnostics {
	s := hardwareSetter{ctx: ctx}
	if id, ok := observed.GuestID.Get(); ok {
		m.GuestID = types.StringValue(id)
	}
	if version := observed.MinHardware.Or(0); version > 0 && version < m.MinHardwareVersion.ValueInt64() {
		m.MinHardwareVersion = types.Int64Value(version)
	}
	m.Resources = setBlock(&s, m.Resources, func(r *resourcesModel) {
		r.Size = s.amounts(r.Size, &observed.Resources.Size)
		r.Requests = s.amounts(r.Requests, &observed.Resources.Requests)
		r.Limits = s.amounts(r.Limits, &observed.Resources.Limits)
	})
	m.Advanced = setBlock(&s, m.Advanced, func(a *advancedModel) { s.advanced(a, &observed.Advanced) })
	m.BootOptions = setBlock(&s, m.BootOptions, func(b *bootOptionsModel) { s.boot(b, &observed.Boot) })
	if seen, ok := observed.Volumes.Get(); ok {
		m.Volume = setBlocks(&s, m.Volume, seen,
			func(written *volumeModel, one *volumeSpec) bool { return called(written.Name, one.Name) }, s.volume)
	}
	if seen, ok := observed.CDROMs.Get(); ok {
		m.Hardware = setBlock(&s, m.Hardware, func(h *hardwareModel) {
			h.CDROM = setBlocks(&s, h.CDROM, seen,
				func(written *cdromModel, one *cdromSpec) bool { return called(written.Name, one.Name) }, s.drive)
		})
	}
	return s.diags
}

func called(written types.String, name known.Value[string]) bool {
	seen, ok := name.Get()
	return ok && written.ValueString() == seen
}

// hardwareSetter gathers what goes wrong with what it changes.
type hardwareSetter struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one call
	diags diag.Diagnostics
}

// setBlock changes a single block that is there.
func setBlock[M any](s *hardwareSetter, object types.Object, change func(*M)) types.Object {
	written, diags := fwtypes.Block[M](s.ctx, object)
	s.diags.Append(diags...)
	decoded, ok := written.Get()
	if !ok || diags.HasError() {
		return object
	}
	change(&decoded)
	out, diags := types.ObjectValueFrom(s.ctx, object.AttributeTypes(s.ctx), decoded)
	s.diags.Append(diags...)
	if diags.HasError() {
		return object
	}
	return out
}

// setBlocks makes a repeated block of what was seen. Those that are there stay in their order and
// are changed, or go, and those that are new come behind them.
func setBlocks[M, T any](s *hardwareSetter, list types.List, seen []T, is func(*M, *T) bool, change func(written *M, one *T, added bool)) types.List {
	written, diags := fwtypes.Blocks[M](s.ctx, list)
	s.diags.Append(diags...)
	before, ok := written.Get()
	if !ok || diags.HasError() {
		return list
	}
	out := make([]M, 0, len(seen))
	left := slices.Clone(seen)
	for i := range before {
		at := slices.IndexFunc(left, func(one T) bool { return is(&before[i], &one) })
		if at < 0 {
			continue
		}
		change(&before[i], &left[at], false)
		out = append(out, before[i])
		left = slices.Delete(left, at, at+1)
	}
	for i := range left {
		var added M
		change(&added, &left[i], true)
		out = append(out, added)
	}
	value, diags := types.ListValueFrom(s.ctx, list.ElementType(s.ctx), out)
	s.diags.Append(diags...)
	if diags.HasError() {
		return list
	}
	return value
}

func (s *hardwareSetter) amounts(object types.Object, seen *amounts) types.Object {
	return setBlock(s, object, func(a *amountsModel) {
		setQuantity(&a.CPU, seen.CPU, fwtypes.QuantityOfNumber, false)
		setQuantity(&a.Memory, seen.Memory, fwtypes.QuantityOfBytes, false)
	})
}

func (s *hardwareSetter) advanced(a *advancedModel, seen *advancedSpec) {
	setQuantity(&a.BootDiskCapacity, seen.BootDiskBytes, fwtypes.QuantityOfBytes, false)
	setText(&a.DefaultVolumeProvisioningMode, seen.Provisioning, false)
	setBool(&a.ChangeBlockTracking, seen.ChangeTracking, false)
	values, ok := seen.ExtraConfig.Get()
	if !ok || a.ExtraConfig.IsNull() || a.ExtraConfig.IsUnknown() {
		return
	}
	folded := make(map[string]known.Value[string], len(values))
	for key, value := range values {
		folded[strings.ToLower(key)] = value
	}
	elements := a.ExtraConfig.Elements()
	for key := range maps.Clone(elements) {
		value := folded[strings.ToLower(key)]
		switch text, ok := value.Get(); {
		case ok:
			elements[key] = types.StringValue(text)
		case value.IsAbsent():
			delete(elements, key)
		}
	}
	changed, diags := types.MapValue(types.StringType, elements)
	s.diags.Append(diags...)
	a.ExtraConfig = changed
}

func (s *hardwareSetter) boot(b *bootOptionsModel, seen *bootSpec) {
	if firmware, ok := seen.Firmware.Get(); ok && !b.Firmware.IsNull() && !strings.EqualFold(firmware, b.Firmware.ValueString()) {
		b.Firmware = types.StringValue(firmware)
	}
	setDuration(&b.BootDelay, seen.DelayMS)
	setDuration(&b.BootRetryDelay, seen.RetryDelayMS)
	setText(&b.BootRetry, known.Map(seen.Retry, switchWord), false)
	setText(&b.EFISecureBoot, known.Map(seen.SecureBoot, switchWord), false)
	setText(&b.NetworkBootProtocol, seen.NetworkBootProtocol, false)
	order, ok := seen.Order.Get()
	if !ok || len(b.BootOrder.Elements()) == 0 {
		return
	}
	entries := make([]bootOrderModel, len(order))
	for i, entry := range order {
		if !entry.Type.IsSet() || entry.Name.IsUnknown() {
			return // not all of it was observed
		}
		entries[i] = bootOrderModel{Type: fwtypes.FromString(entry.Type), Name: fwtypes.OptionalText(entry.Name.Or(""))}
	}
	list, diags := types.ListValueFrom(s.ctx, b.BootOrder.ElementType(s.ctx), entries)
	s.diags.Append(diags...)
	if !diags.HasError() {
		b.BootOrder = list
	}
}

func switchWord(on bool) string {
	if on {
		return switchEnabled
	}
	return switchDisabled
}

func (s *hardwareSetter) volume(v *volumeModel, seen *volumeSpec, added bool) {
	setText(&v.Name, seen.Name, added)
	setQuantity(&v.Capacity, seen.CapacityBytes, fwtypes.QuantityOfBytes, added)
	setText(&v.StorageClass, seen.StorageClass, added)
	setText(&v.ProvisioningMode, seen.Provisioning, added)
	setText(&v.DiskMode, seen.DiskMode, added)
	setText(&v.SharingMode, seen.SharingMode, added)
	setText(&v.ApplicationType, seen.ApplicationType, added)
	setText(&v.ControllerType, seen.At.ControllerType, added)
	setInt64(&v.ControllerBusNumber, seen.At.BusNumber, added)
	setInt64(&v.UnitNumber, seen.At.UnitNumber, added)
	setBool(&v.Removable, seen.Removable, !seen.Removable.Or(true))
	setText(&v.ReclaimPolicy, seen.ReclaimPolicy, seen.ReclaimPolicy.Or(reclaimDelete) != reclaimDelete)
}

func (s *hardwareSetter) drive(c *cdromModel, seen *cdromSpec, added bool) {
	setText(&c.Name, seen.Name, added)
	s.image(c, seen)
	setText(&c.ControllerType, seen.At.ControllerType, added)
	setInt64(&c.ControllerBusNumber, seen.At.BusNumber, added)
	setInt64(&c.UnitNumber, seen.At.UnitNumber, added)
	setBool(&c.Connected, seen.Connected, seen.Connected.Or(false) != !c.Image.IsNull())
	setBool(&c.AllowGuestControl, seen.AllowGuestControl, !seen.AllowGuestControl.Or(true))
}
