package virtualmachine

import (
	"cmp"
	"maps"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// movedParts are the parts of a machine's hardware that a change can move, beside its cards.
type movedParts struct {
	// cpu, memory and tracking: the number and the share of the processors, the memory and its
	// share, and change block tracking.
	cpu, memory, tracking bool
	// size is what the machine will have of the first two, zero where that is not decided.
	size plannedSize
	// volumes and drives: the disks, by what they are and which volume they belong to, and the
	// CD-ROM drives.
	volumes, drives bool
	// extraConfig: keys of the extra configuration.
	extraConfig bool
	// named: cards that are there belong to other interfaces than before, as those of a machine that
	// was made by other means.
	named bool
}

// plannedSize is the number of processors and the memory that a machine will have; zero is not
// decided.
type plannedSize struct {
	cpus     int32
	memoryMB int64
}

// sizeOf is the size that a machine is to have, as far as what is written and the class decide it.
// have is the one that it has, zero for a machine that is to be created, of which the image decides
// the rest.
func (p *planner) sizeOf(have plannedSize) plannedSize {
	if p.world == nil || p.plan.ClassName.IsUnknown() {
		return plannedSize{}
	}
	size := have
	if class := p.world.class; class != nil && have == (plannedSize{}) {
		size = plannedSize{class.CPUs, class.MemoryMB()}
	}
	written := p.hardware.Resources.Size
	if !written.CPU.IsAbsent() {
		size.cpus = int32(written.CPU.Or(0)) //nolint:gosec // validated
	}
	if !written.Memory.IsAbsent() {
		size.memoryMB = written.Memory.Or(0) / mebibyte
	}
	return size
}

// movedParts finds out what the difference can move, and what may come to it from what is not
// known yet.
func (p *planner) movedParts(d *machine.Difference, observed *machine.Observation, recorded *machine.Recorded, had map[string]machine.DiskRecord, wanted *wish) movedParts {
	spec, open := &d.Rest.Spec, &p.hardware
	size := p.plan.ClassName.IsUnknown()
	_, volumes := wanted.volumes()
	_, drives := wanted.drives(new(record))
	decided := plannedSize{}
	if !wanted.sizing() {
		decided = p.sizeOf(plannedSize{cmp.Or(spec.NumCPUs, observed.CPUs), cmp.Or(spec.MemoryMB, observed.MemoryMB)})
	}
	return movedParts{
		size: decided,
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
