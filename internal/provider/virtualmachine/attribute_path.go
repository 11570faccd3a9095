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
		return at.AtName("name")
	case machine.PartCDROM:
		drives, _ := spec.CDROMs.Get()
		return blockPath(path.Root("hardware").AtName("cdrom"), part.Name, drives, func(c cdromSpec) known.Value[string] { return c.Name }).AtName("name")
	case machine.PartBootDisk:
		return path.Root("advanced").AtName("boot_disk_capacity")
	case machine.PartBootOptions, machine.PartFirmware:
		return path.Root("boot_options")
	case machine.PartInterface:
		return path.Root("network")
	case machine.PartCPU, machine.PartMemory:
		return path.Root("resources")
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

// blockPath is the path of the block of that name in a list, and that of the list without one.
func blockPath[T any](list path.Path, name string, blocks []T, nameOf func(T) known.Value[string]) path.Path {
	i := slices.IndexFunc(blocks, func(block T) bool { return nameOf(block).Or("") == name })
	if i < 0 {
		return list
	}
	return list.AtListIndex(i)
}
