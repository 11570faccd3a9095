package virtualmachine

import (
	"context"
	"maps"
	"reflect"
	"slices"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// findDiscs finds what is wanted in CD-ROM drives: the files of library items, which vCenter
// fetches where they are not there. A drive that holds its file keeps it.
func (r *Resource) findDiscs(ctx context.Context, w *wish, remembered *record, observed *machine.Observation) error {
	for name, found := range w.world.discs {
		if drive, ok := remembered.driveWith(name, found.ItemID); ok && observed != nil && holds(observed, drive) {
			w.discs[name] = disc{Item: drive.Item, ISO: drive.ISO}
			continue
		}
		file, err := r.backend.Machines.ISOFile(ctx, found.ItemID)
		if err != nil {
			return err
		}
		w.discs[name] = disc{Item: found.ItemID, ISO: file}
	}
	if drive, ok := remembered.CDROMs[installerDrive]; ok {
		w.installer = true
		w.discs[installerDrive] = disc{Item: drive.Item, ISO: drive.ISO}
	}
	if observed == nil {
		return nil
	}
	return w.keepsLost(remembered, observed)
}

// driveWith is the drive that holds a library item: the one of that name, else any other, which may
// go by another name from now on.
func (r *record) driveWith(name, item string) (driveRecord, bool) {
	return r.driveThat(name, func(held string) bool { return held == item })
}

// driveThat is driveWith for an item that is told by something else.
func (r *record) driveThat(name string, holds func(item string) bool) (driveRecord, bool) {
	if drive, ok := r.CDROMs[name]; ok && holds(drive.Item) {
		return drive, true
	}
	for _, other := range slices.Sorted(maps.Keys(r.CDROMs)) {
		if drive := r.CDROMs[other]; holds(drive.Item) {
			return drive, true
		}
	}
	return driveRecord{}, false
}

// holds tells whether a drive holds what was put into it.
func holds(observed *machine.Observation, drive driveRecord) bool {
	return slices.ContainsFunc(observed.CDROMs, func(there machine.ObservedCDROM) bool {
		return there.Place == drive.Place && there.ISO == drive.ISO
	})
}

// readPolicies reads the storage policies of a machine's disks, where a volume is to have another
// one than it had: nothing else needs them, and they are another service's.
func (r *Resource) readPolicies(ctx context.Context, w *wish, observed *machine.Observation) error {
	if !w.rebinds() {
		return nil
	}
	return r.backend.Machines.ReadPolicies(ctx, observed)
}

// rebinds tells that a volume that there was is to have another storage class.
func (w *wish) rebinds() bool {
	had := map[string]known.Value[string]{}
	for _, volume := range w.before.Volumes.Or(nil) {
		had[volume.Name.Or("")] = volume.StorageClass
	}
	return slices.ContainsFunc(w.spec.Volumes.Or(nil), func(volume volumeSpec) bool {
		before, there := had[volume.Name.Or("")]
		return there && volume.StorageClass != before
	})
}

// note puts what a machine is about to have into its record, before it has it: whatever interrupts
// the change, the devices belong to their blocks.
func (r *record) note(w *wish, d *machine.Difference, observed *machine.Observation) {
	switch class := w.world.class; {
	case w.class == "":
		r.ClassSize = nil
	case class != nil && w.anew(r):
		r.ClassSize = &sizeRecord{CPUs: class.CPUs, MemoryMB: class.MemoryMB()}
	}
	r.Class = w.class
	r.Resources = nil
	if resources := w.spec.Resources.record(); !reflect.ValueOf(resources).IsZero() {
		r.Resources = &resources
	}
	r.Volumes = d.Disks.Intended()
	if len(r.Volumes) == 0 {
		r.Volumes = nil
	}
	if r.BootDisk == nil {
		var boot machine.DiskRecord
		if disk := r.recorded(observed).BootDisk(observed); disk != nil {
			boot = machine.DiskRecord{Key: disk.Key, UUID: disk.UUID}
		}
		r.BootDisk = &boot
	}
	r.CDROMs = drivesOf(w, d, observed)
	r.ExtraConfig = slices.Sorted(maps.Keys(w.extraConfig()))
}

// identify writes down the UUIDs of disks that were recorded by their places, before they were made:
// from then on a disk is known wherever somebody moves it. It tells whether there were any.
func (r *record) identify(observed *machine.Observation) bool {
	found := maps.Clone(r.Volumes) // the record is compared with others that share the map
	changed := false
	for name, volume := range r.Volumes {
		if disk := volume.Find(observed.Disks); disk != nil && volume.Place != nil {
			found[name] = machine.DiskRecord{Key: disk.Key, UUID: disk.UUID, Keep: volume.Keep}
			changed = true
		}
	}
	r.Volumes = found
	return changed
}

// writeDown writes a record to its machine.
func (r *Resource) writeDown(ctx context.Context, ref machine.Ref, remembered *record) error {
	value, err := remembered.encode()
	if err != nil {
		return err
	}
	return r.backend.Machines.Reconfigure(ctx, ref, govmomi.VirtualMachineConfigSpec{
		ExtraConfig: machine.ExtraConfigChange(map[string]string{recordKey: value}),
	})
}

// drivesOf are the records of drives as they will be.
func drivesOf(w *wish, d *machine.Difference, observed *machine.Observation) map[string]driveRecord {
	places := maps.Clone(d.CDROMs.Places)
	if places == nil {
		places = map[string]machine.Place{}
	}
	for name, key := range d.CDROMs.Keys {
		for i := range observed.CDROMs {
			if observed.CDROMs[i].Key == key {
				places[name] = observed.CDROMs[i].Place
			}
		}
	}
	if len(places) == 0 {
		return nil
	}
	out := make(map[string]driveRecord, len(places))
	for name, place := range places {
		out[name] = driveRecord{Place: place, Item: w.discs[name].Item, ISO: w.discs[name].ISO}
	}
	return out
}

// reorder sets a boot order that names devices which have just been added.
func (r *Resource) reorder(ctx context.Context, ref machine.Ref, w *wish, remembered *record) error {
	observed, err := r.backend.Machines.Observe(ctx, ref)
	if err != nil {
		return err
	}
	recorded := remembered.recorded(observed)
	recorded.ExtraConfig = w.managedKeys(remembered)
	difference, err := machine.Compare(w.machine(remembered, observed), observed, recorded)
	if err != nil {
		return err
	}
	if difference.Rest.Spec.BootOptions == nil {
		return nil
	}
	return r.backend.Machines.Reconfigure(ctx, ref, govmomi.VirtualMachineConfigSpec{BootOptions: difference.Rest.Spec.BootOptions})
}
