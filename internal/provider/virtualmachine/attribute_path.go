package virtualmachine

import (
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

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

// partPath is where a part of a machine's hardware is written.
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
		return at.AtName("name")
	case machine.PartCDROM:
		drives, _ := spec.CDROMs.Get()
		at := blockPath(path.Root("hardware").AtName("cdrom"), part.Name, drives, func(c cdromSpec) known.Value[string] { return c.Name })
		i := slices.IndexFunc(drives, func(c cdromSpec) bool { return c.Name.Or("") == part.Name })
		if place := (machine.PlaceError{}); i >= 0 && errors.As(part.Err, &place) {
			return placePath(at, drives[i].At, place)
		}
		return at.AtName("name")
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
	return block.AtName("name")
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
