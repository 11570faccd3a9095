package virtualmachine

import (
	"context"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// surroundings are what a machine belongs to, as far as that is known without asking for it.
type surroundings struct {
	// namespace is nil where it was not found.
	namespace *inventory.Namespace
	// class is nil without one, and for a class of vCenter, which a refresh does not ask for.
	class *inventory.Class
}

// around finds what a machine belongs to. The namespace is found in the picture of the datacenter
// that all machines share.
func (r *Resource) around(ctx context.Context, m *model) surroundings {
	out := surroundings{class: r.configuredClass(m.ClassName.ValueString())}
	configured, err := r.backend.Namespace(m.Namespace.ValueString())
	if err != nil {
		return out // the plan says so
	}
	if namespace, err := r.backend.Inventory.Namespace(ctx, configured.NamespaceSpec); err == nil {
		out.namespace = &namespace
	}
	return out
}

// around is what a machine belongs to that has just been changed.
func (d *desired) around() surroundings {
	out := surroundings{namespace: &d.world.namespace}
	if class := d.world.class; class != nil && !class.FromVCenter {
		out.class = class
	}
	return out
}

// configuredClass is a class of the provider's configuration, nil where that has none of the name.
func (r *Resource) configuredClass(name string) *inventory.Class {
	for i := range r.backend.Classes {
		if r.backend.Classes[i].Name == name {
			return &r.backend.Classes[i]
		}
	}
	return nil
}

// syncedConditions compare the machine with the configuration that it was last given, which is the
// one that it remembers: a state holds what was observed. Nothing is asked of vCenter for them.
func (s *statusReport) syncedConditions(ctx context.Context) []observed.Condition {
	o := s.observed
	if len(s.record.Config) == 0 {
		if o.Unfinished() {
			return []observed.Condition{observed.Created(true)}
		}
		return nil // nobody knows what it is to be
	}
	out := []observed.Condition{observed.Created(o.Unfinished())}
	var m model
	if err := recalled(ctx, s.record, &m); err != nil {
		return out // an import says so
	}
	if want := m.PowerState.ValueString(); want != "" {
		out = append(out, observed.PowerStateSynced(want, stateOf(o.PowerState)))
	}
	if namespace := s.around.namespace; namespace != nil {
		out = append(out, observed.LocationValid(namespace.Name, observed.Location{Folder: namespace.Folder.ID, ResourcePool: namespace.ResourcePool.ID},
			observed.Location{Folder: o.Folder.Value, ResourcePool: o.ResourcePool.Value}, o.Path))
	}
	spec, diags := m.hardware(ctx)
	if diags.HasError() {
		return out
	}
	if class := s.around.class; class != nil && class.Name == s.record.Class {
		want := observed.Size{CPUs: class.CPUs, MemoryMB: class.MemoryMB()}
		if spec.Resources.Size.CPU.IsSet() {
			want.CPUs = 0
		}
		if spec.Resources.Size.Memory.IsSet() {
			want.MemoryMB = 0
		}
		var applied observed.Size
		if made := s.record.ClassSize; made != nil {
			applied = observed.Size{CPUs: made.CPUs, MemoryMB: made.MemoryMB}
		}
		out = append(out, observed.ClassSynced(class.Name, applied, want, observed.Size{CPUs: o.CPUs, MemoryMB: o.MemoryMB}))
	}
	return append(out, s.hardwareConditions(&spec)...)
}

// hardwareConditions compare the machine with its hardware blocks, as an update would, block by
// block: what is impossible in one of them does not hide the others.
func (s *statusReport) hardwareConditions(spec *hardwareSpec) []observed.Condition {
	w := &wish{spec: *spec, before: *spec, world: new(world), class: s.record.Class, discs: map[string]disc{}}
	for name, drive := range s.record.CDROMs {
		w.discs[name] = disc{Item: drive.Item, ISO: drive.ISO}
	}
	want := w.machine(s.record, s.observed)
	types := syncedTypes(spec)
	var out, devices []observed.Condition
	if types[observed.TypeComputeSynced] {
		out = append(out, s.part(observed.TypeComputeSynced, observed.ReasonComputeMismatch, &machine.Wanted{Size: want.Size}, nil))
	}
	if types[observed.TypeExtraConfigSynced] {
		out = append(out, s.part(observed.TypeExtraConfigSynced, observed.ReasonExtraConfigMismatch, &machine.Wanted{ExtraConfig: want.ExtraConfig}, w.managedKeys(s.record)))
	}
	if types[observed.TypeVolumesVerified] {
		devices = append(devices, s.part(observed.TypeVolumesVerified, observed.ReasonVolumesMismatch, &machine.Wanted{Disks: want.Disks, Volumes: want.Volumes}, nil))
	}
	if types[observed.TypeDrivesVerified] {
		devices = append(devices, s.part(observed.TypeDrivesVerified, observed.ReasonDrivesMismatch, &machine.Wanted{Drives: want.Drives, CDROMs: want.CDROMs}, nil))
	}
	if all := observed.Devices(devices...); all != nil {
		devices = append(devices, *all)
	}
	return append(out, devices...)
}

// syncedTypes are the conditions that a machine with that hardware has because something of it is
// written.
func syncedTypes(spec *hardwareSpec) map[string]bool {
	volumes, _ := spec.Volumes.Get()
	keys, _ := spec.Advanced.ExtraConfig.Get()
	out := map[string]bool{
		observed.TypeComputeSynced:     spec.Resources != resourcesSpec{},
		observed.TypeExtraConfigSynced: len(keys) > 0,
		observed.TypeVolumesVerified:   len(volumes) > 0,
		observed.TypeDrivesVerified:    spec.Managed.Or(false),
	}
	out[observed.TypeDevicesVerified] = out[observed.TypeVolumesVerified] || out[observed.TypeDrivesVerified]
	return out
}

// part compares a part of the configuration with the machine. keys are the ExtraConfig keys that
// belong to it.
func (s *statusReport) part(of, mismatch string, want *machine.Wanted, keys []string) observed.Condition {
	part := observed.Part{Type: of, Mismatch: mismatch}
	recorded := s.record.recorded(s.observed)
	recorded.ExtraConfig = keys
	difference, err := machine.Compare(want, s.observed, recorded)
	if err != nil {
		part.Impossible = err.Error()
		return part.Synced()
	}
	runs := stateOf(s.observed.PowerState) != poweredOff
	differ := changes(identity{}, identity{}, &comparison{Difference: difference, Observed: s.observed, Recorded: recorded})
	for _, c := range differ {
		part.Lacks = append(part.Lacks, observed.Lack{Attribute: c.Attribute, PowerOff: runs && c.Effect == needsPowerOff, Why: c.Why})
	}
	return part.Synced()
}
