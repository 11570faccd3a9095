package virtualmachine

import (
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// attributePath is the path of an attribute as changes names it, as far as the path does not
// depend on the place of a block in a list.
func attributePath(attribute string) path.Path {
	name, _, _ := strings.Cut(attribute, "[")
	steps := strings.Split(name, ".")
	at := path.Root(steps[0])
	for _, step := range steps[1:] {
		at = at.AtName(step)
	}
	return at
}

// pathOf is where a change is written: attributePath in the block that it names, where that is there.
func (p *planner) pathOf(c change) path.Path {
	block, rest, named := strings.Cut(c.Attribute, "[")
	name, inner, _ := strings.Cut(rest, "]")
	at := attributePath(c.Attribute)
	if !named {
		return at
	}
	switch block {
	case "volume":
		volumes, _ := p.hardware.Volumes.Get()
		at = blockPath(at, name, volumes, func(v volumeSpec) known.Value[string] { return v.Name })
	case "hardware.cdrom":
		drives, _ := p.hardware.CDROMs.Get()
		at = blockPath(at, name, drives, func(c cdromSpec) known.Value[string] { return c.Name })
	case "network.interface":
		cards, _ := p.spec.EffectiveInterfaces().Get()
		at = blockPath(at, name, cards, func(nic network.Interface) known.Value[string] { return nic.Name })
	default:
		return at
	}
	if attribute := strings.TrimPrefix(inner, "."); attribute != "" {
		at = at.AtName(attribute)
	}
	return at
}

// isWritten tells whether a configuration has something at a path.
func isWritten(config tftypes.Value, at path.Path) bool {
	for _, step := range at.Steps() {
		if !config.IsKnown() || config.IsNull() {
			return false
		}
		switch step := step.(type) {
		case path.PathStepAttributeName:
			members := map[string]tftypes.Value{}
			if err := config.As(&members); err != nil {
				return false
			}
			config = members[string(step)]
		case path.PathStepElementKeyInt:
			var elements []tftypes.Value
			if err := config.As(&elements); err != nil || int(step) >= len(elements) {
				return false
			}
			config = elements[int(step)]
		default:
			return false
		}
	}
	if config.IsNull() {
		return false
	}
	var elements []tftypes.Value // of a repeated block, which is never null
	return !isRepeatedBlock(config.Type()) || config.As(&elements) != nil || len(elements) > 0
}

// partPath is where a part of a machine's hardware is written. Of a volume or a drive it is the block,
// and not its name: a CLI that does not find a dynamic block would take that for the machine's.
func partPath(spec *hardwareSpec, part machine.PartError) path.Path {
	switch part.Part {
	case machine.PartVolume:
		volumes, _ := spec.Volumes.Get()
		at := blockPath(path.Root("volume"), part.Name, volumes, func(v volumeSpec) known.Value[string] { return v.Name })
		if errors.Is(part.Err, machine.ErrShrinks) {
			return at.AtName("capacity")
		}
		i := slices.IndexFunc(volumes, func(v volumeSpec) bool { return v.Name.Or("") == part.Name })
		if place := (machine.PlaceError{}); i >= 0 && errors.As(part.Err, &place) {
			return placePath(at, volumes[i].At, place)
		}
		return at
	case machine.PartCDROM:
		drives, _ := spec.CDROMs.Get()
		at := blockPath(path.Root("hardware").AtName("cdrom"), part.Name, drives, func(c cdromSpec) known.Value[string] { return c.Name })
		i := slices.IndexFunc(drives, func(c cdromSpec) bool { return c.Name.Or("") == part.Name })
		if place := (machine.PlaceError{}); i >= 0 && errors.As(part.Err, &place) {
			return placePath(at, drives[i].At, place)
		}
		return at
	case machine.PartBootDisk:
		return path.Root("advanced").AtName("boot_disk_capacity")
	case machine.PartBootOptions, machine.PartFirmware:
		return path.Root("boot_options")
	case machine.PartInterface:
		return path.Root("network")
	case machine.PartCPU:
		return amountPath(spec.Resources, "cpu", func(a amounts) known.Value[int64] { return a.CPU })
	case machine.PartMemory:
		return amountPath(spec.Resources, "memory", func(a amounts) known.Value[int64] { return a.Memory })
	case machine.PartGuestID:
		return path.Root("guest_id")
	case machine.PartHardware:
		return path.Root("min_hardware_version")
	case machine.PartClass, machine.PartFlags:
		return path.Root("class_name")
	case machine.PartChangeTracking, machine.PartExtraConfig:
	}
	return path.Root("advanced")
}

// placePath is where the place of a device is written, as far as it is.
func placePath(block path.Path, at addressSpec, problem machine.PlaceError) path.Path {
	switch {
	case problem.Unit && at.UnitNumber.IsSet():
		return block.AtName("unit_number")
	case at.BusNumber.IsSet():
		return block.AtName("controller_bus_number")
	case at.ControllerType.IsSet():
		return block.AtName("controller_type")
	}
	return block
}

// amountPath is where an amount of the resources block is written which does not go together with
// the others: what is reserved, its limit, or the size; the class where none of them is.
func amountPath(r resourcesSpec, name string, amount func(amounts) known.Value[int64]) path.Path {
	for _, written := range []struct {
		block string
		amounts
	}{{"requests", r.Requests}, {"limits", r.Limits}, {"size", r.Size}} {
		if amount(written.amounts).IsSet() {
			return path.Root("resources").AtName(written.block).AtName(name)
		}
	}
	return path.Root("class_name")
}

// blockPath is the path of the block of that name in a list, and that of the list without one.
func blockPath[T any](list path.Path, name string, blocks []T, nameOf func(T) known.Value[string]) path.Path {
	i := slices.IndexFunc(blocks, func(block T) bool { return nameOf(block).Or("") == name })
	if i < 0 {
		return list
	}
	return list.AtListIndex(i)
}
