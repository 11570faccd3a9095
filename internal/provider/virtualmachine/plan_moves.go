package virtualmachine

import (
	"maps"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// movedParts are the parts of a machine's hardware that a change can move, beside its cards.
type movedParts struct {
	// cpu, memory and tracking: the number and the share of the processors, the memory and its
	// share, and change block tracking.
	cpu, memory, tracking bool
	// volumes and drives: the disks, by what they are and which volume they belong to, and the
	// CD-ROM drives.
	volumes, drives bool
	// extraConfig: keys of the extra configuration.
	extraConfig bool
	// named: cards that are there belong to other interfaces than before, as those of a machine that
	// was made by other means.
	named bool
}

// movedParts finds out what the difference can move, and what may come to it from what is not
// known yet.
func (p *planner) movedParts(d *machine.Difference, observed *machine.Observation, recorded *machine.Recorded, had map[string]machine.DiskRecord, wanted *wish) movedParts {
	spec, open := &d.Rest.Spec, &p.hardware
	size := p.plan.ClassName.IsUnknown()
	_, volumes := wanted.volumes()
	_, drives := wanted.drives(new(record))
	return movedParts{
		cpu: size || spec.NumCPUs != 0 || spec.CpuAllocation != nil || open.Resources.Size.CPU.IsUnknown() ||
			open.Resources.Requests.CPU.IsUnknown() || open.Resources.Limits.CPU.IsUnknown(),
		memory: size || spec.MemoryMB != 0 || spec.MemoryAllocation != nil || spec.MemoryReservationLockedToMax != nil || open.Resources.Size.Memory.IsUnknown() ||
			open.Resources.Requests.Memory.IsUnknown() || open.Resources.Limits.Memory.IsUnknown(),
		tracking: size || spec.ChangeTrackingEnabled != nil || open.Advanced.ChangeTracking.IsUnknown(),
		volumes: !volumes || d.BootDisk || open.Advanced.BootDiskBytes.IsUnknown() || len(d.Disks.Edit)+len(d.Disks.Add)+len(d.Disks.Remove) > 0 ||
			!maps.Equal(disksOf(d.Disks.Records, observed), disksOf(had, observed)),
		drives: !drives && open.Managed.Or(true) || len(d.CDROMs.Edit)+len(d.CDROMs.Add)+len(d.CDROMs.Remove) > 0 ||
			!maps.Equal(d.CDROMs.Keys, recorded.CDROMs),
		named:       wanted.cards && !maps.Equal(d.NICs.Keys, recorded.NICs),
		extraConfig: size || len(spec.ExtraConfig) > 0 || unknownExtraConfig(open),
	}
}

// disksOf are the keys of the disks that records identify, by volume.
func disksOf(records map[string]machine.DiskRecord, observed *machine.Observation) map[string]int32 {
	out := make(map[string]int32, len(records))
	for name, record := range records {
		if disk := record.Find(observed.Disks); disk != nil {
			out[name] = disk.Key
		}
	}
	return out
}

func unknownExtraConfig(spec *hardwareSpec) bool {
	values, _ := spec.Advanced.ExtraConfig.Get()
	for _, value := range values {
		if value.IsUnknown() {
			return true
		}
	}
	return spec.Advanced.ExtraConfig.IsUnknown()
}
