package machine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Wanted is a machine as it is wanted: everything that a reconfiguration can bring about. What is
// zero or nil is left as it is.
type Wanted struct {
	Size Size
	// Base is what a class holds beyond its size, for a machine that gets the class now; see
	// ClassChange.
	Base    *types.VirtualMachineConfigSpec
	GuestID string
	// HardwareVersion is the least that is wanted; 0 for any.
	HardwareVersion int
	Boot            BootOptions // without Order
	// BootOrder is empty, but not nil, for the firmware's own.
	BootOrder      []BootTarget
	ChangeTracking *bool
	ExtraConfig    map[string]string
	// ClassExtraConfig are the keys of the machine's class, also where Base is nil since the class has
	// been applied: one that was written over and is not any more is the class's again.
	ClassExtraConfig ExtraConfig
	BootDiskBytes    int64

	// Cards, Volumes and Drives tell whether NICs, Volumes and CDROMs are all that the machine is
	// to have. Where they are false, these do not count.
	Cards, Disks, Drives bool
	// RecordedDrives leaves drives alone that no record names, whatever the machine is to have.
	RecordedDrives bool
	NICs           []NIC
	Volumes        []Volume
	CDROMs         []CDROM
}

// BootTarget is an entry of a boot order by name: of a volume, or none for the disk of the image;
// of an interface; and none for CD-ROM drives.
type BootTarget struct {
	Kind BootKind
	Name string
}

// Recorded is what is remembered of a machine's devices from one change to the next.
type Recorded struct {
	// NICs are the keys of network cards by interface name, CDROMs those of drives by name.
	NICs, CDROMs map[string]int32
	Volumes      map[string]DiskRecord
	// Boot is the disk that the machine boots from: nil where nobody knows, and a record that no disk
	// has where there never was one.
	Boot *DiskRecord
	// ExtraConfig are the keys that were set, and are removed when they are not wanted any more.
	ExtraConfig []string
}

// Difference is what a machine lacks of what is wanted of it.
type Difference struct {
	// Cards is the part of network cards. It can go by itself, before everything else: what a guest
	// is told names the addresses of its cards, and vCenter chooses those of new ones.
	Cards Change
	// Rest is everything else.
	Rest Change
	// Upgrade is the hardware version to upgrade to, which is a task of its own; 0 for none.
	Upgrade int
	// Upgrading says why that does not happen on a running machine.
	Upgrading []Reason
	// Class says that the machine lacks something that the class holds beyond its size.
	Class bool
	// BootDisk says that the disk of the image grows.
	BootDisk bool
	// Reorder says that the boot order names a disk that is added: compare again when it is there.
	Reorder bool

	NICs   NICPlan
	Disks  DiskPlan
	CDROMs CDROMPlan
}

// Empty says that the machine has everything.
func (d *Difference) Empty() bool { return d.Cards.Empty() && d.Rest.Empty() && d.Upgrade == 0 }

// Offline are the parts that a running machine cannot take.
func (d *Difference) Offline() []Reason {
	return slices.Concat(d.Cards.Offline, d.Rest.Offline, d.Upgrading)
}

// Compare says what a machine lacks. Errors are PartErrors: of a part that the machine cannot have
// whatever its power state, such as a smaller disk.
func Compare(want *Wanted, have *Observation, recorded *Recorded) (*Difference, error) {
	d := &Difference{}
	var err error
	d.NICs.Keys = recorded.NICs
	if want.Cards {
		if d.Cards, d.NICs, err = NICChange(want.NICs, have, recorded.NICs); err != nil {
			return nil, PartError{PartInterface, "", err}
		}
	}
	if err := CheckClass(want.Base, want.Size, have.MemoryLocked); err != nil {
		return nil, PartError{PartClass, "", err}
	}
	if err := checkLatency(want, have); err != nil {
		return nil, PartError{PartClass, "", err}
	}
	if err := CheckSize(want.Size.over(want.Base, have)); err != nil {
		return nil, err
	}
	d.Rest.Merge(SizeChange(want.Size, have))
	class := ClassChange(want.Base, want.Size, have)
	d.Class = !class.Empty()
	d.Rest.Merge(class) // it corrects cores and a locked reservation
	d.guestID(want, have)
	d.hardware(want, have)
	d.extraConfig(want, have, recorded)
	if want.ChangeTracking != nil {
		d.Rest.Merge(ChangeTrackingChange(*want.ChangeTracking, have))
	}
	if err := d.bootDisk(want, have, recorded); err != nil {
		return nil, err
	}
	if err := d.storage(want, have, recorded); err != nil {
		return nil, err
	}
	return d, d.boot(want, have, recorded)
}

func (d *Difference) guestID(want *Wanted, have *Observation) {
	if want.GuestID == "" || want.GuestID == have.GuestID {
		return
	}
	d.Rest.Spec.GuestId = want.GuestID
	d.Rest.offline(PartGuestID, "", "%s cannot become %s while the machine runs", have.GuestID, want.GuestID)
}

func (d *Difference) hardware(want *Wanted, have *Observation) {
	if want.HardwareVersion <= have.HardwareVersion {
		return
	}
	d.Upgrade = want.HardwareVersion
	var c Change
	c.offline(PartHardware, "", "%d cannot become %d while the machine runs", have.HardwareVersion, want.HardwareVersion)
	d.Upgrading = c.Offline
}

// extraConfig compares the keys of the class under those that are wanted beside it.
func (d *Difference) extraConfig(want *Wanted, have *Observation, recorded *Recorded) {
	all := map[string]string(ClassExtraConfig(want.Base))
	for key := range all {
		if _, overruled := ExtraConfig(want.ExtraConfig).Get(key); overruled {
			delete(all, key)
		}
	}
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, want.ExtraConfig)
	for _, key := range recorded.ExtraConfig {
		if value, given := layered(defaultExtraConfig, want.ClassExtraConfig).Get(key); given {
			if _, wanted := ExtraConfig(all).Get(key); !wanted {
				all[key] = value // what was written over it is not any more
			}
		}
	}
	d.Rest.Merge(ExtraConfigChanges(all, recorded.ExtraConfig, have))
}

// bootDisk grows the disk of the image. A running machine takes that, as it does for volumes.
func (d *Difference) bootDisk(want *Wanted, have *Observation, recorded *Recorded) error {
	if want.BootDiskBytes == 0 {
		return nil
	}
	change, err := BootDiskChange(recorded.BootDisk(have), want.BootDiskBytes)
	if err != nil {
		return PartError{PartBootDisk, "", err}
	}
	d.BootDisk = !change.Empty()
	d.Rest.Merge(change)
	return nil
}

// BootDisk is the disk that the machine boots from: the one that is remembered, and none where that
// has gone, since any other is somebody else's; and where none is remembered the first in device
// order that belongs to no volume, which is where images have theirs.
func (r *Recorded) BootDisk(have *Observation) *Disk {
	if r.Boot != nil {
		return r.Boot.Find(have.Disks)
	}
	for i := range have.Disks {
		if !r.claims(&have.Disks[i], have) {
			return &have.Disks[i]
		}
	}
	return nil
}

// Spare are the disks of no volume that the machine does not boot from.
func (r *Recorded) Spare(have *Observation) []Disk {
	boot := r.BootDisk(have)
	return slices.DeleteFunc(slices.Clone(have.Disks), func(disk Disk) bool {
		return r.claims(&disk, have) || boot != nil && boot.Key == disk.Key
	})
}

// claims tells whether a disk is that of a volume.
func (r *Recorded) claims(disk *Disk, have *Observation) bool {
	for _, record := range r.Volumes {
		if found := record.Find(have.Disks); found != nil && found.Key == disk.Key {
			return true
		}
	}
	return false
}

func (d *Difference) storage(want *Wanted, have *Observation, recorded *Recorded) error {
	slots := NewSlots(have, 0)
	if boot := recorded.BootDisk(have); boot != nil {
		slots.call(boot.Place, fmt.Sprintf("the boot disk (%s; it cannot be a volume)", boot.Label))
	}
	slots.reserveFor(want.Volumes, want.CDROMs)
	d.Disks.Records, d.CDROMs.Keys = recorded.Volumes, recorded.CDROMs
	there := *have
	if want.RecordedDrives {
		there.CDROMs = slices.DeleteFunc(slices.Clone(have.CDROMs), func(drive ObservedCDROM) bool {
			return !slices.Contains(slices.Collect(maps.Values(recorded.CDROMs)), drive.Key)
		})
	}
	if want.Drives {
		releaseDrives(want.CDROMs, &there, recorded.CDROMs, slots)
	}
	var devices Change
	if want.Disks {
		change, plan, err := DiskChanges(want.Volumes, have, recorded.Volumes, slots)
		if err != nil {
			return err
		}
		devices.Merge(change)
		d.Disks = plan
	}
	if want.Drives {
		change, plan, err := CDROMChanges(want.CDROMs, &there, recorded.CDROMs, slots)
		if err != nil {
			return err
		}
		devices.Merge(change)
		d.CDROMs = plan
	}
	// A disk may take the place of a drive that goes, and a drive that of a disk.
	slices.SortStableFunc(devices.Spec.DeviceChange, func(a, b types.BaseVirtualDeviceConfigSpec) int {
		return cmp.Compare(removes(b), removes(a))
	})
	d.Rest.Merge(devices)
	return nil
}

// removes is 1 for the removal of a device, and 0 for any other change.
func removes(change types.BaseVirtualDeviceConfigSpec) int {
	if change.GetVirtualDeviceConfigSpec().Operation == types.VirtualDeviceConfigSpecOperationRemove {
		return 1
	}
	return 0
}

// boot compares the boot options, with the devices of the order as far as they are there. An order
// that names a device which may yet come, because not all disks or cards are known, is left alone.
func (d *Difference) boot(want *Wanted, have *Observation, recorded *Recorded) error {
	options := want.Boot
	options.Order = nil
	if want.BootOrder != nil {
		open := false
		order := make([]BootDevice, 0, len(want.BootOrder))
		for _, target := range want.BootOrder {
			key, found := d.bootKey(target, have, recorded)
			switch {
			case found:
				order = append(order, BootDevice{target.Kind, key})
			case target.Kind == BootDisk && !want.Disks || target.Kind == BootNetwork && !want.Cards:
				open = true
			case slices.Contains(d.NICs.Add, target.Name) || slices.Contains(d.Disks.Add, target.Name):
				d.Reorder = true
			default:
				return PartError{PartBootOptions, "", fmt.Errorf("%w: boot order: the machine has no %s %q", vsphere.ErrNotFound, target.Kind, target.Name)}
			}
		}
		if d.Reorder = d.Reorder && !open; !d.Reorder && !open {
			options.Order = order
		}
	}
	change, err := BootChange(options, have)
	if err != nil {
		return PartError{PartBootOptions, "", err}
	}
	if d.Reorder {
		change.offline(PartBootOptions, "", "the boot order cannot change while the machine runs")
	}
	d.Rest.Merge(change)
	return nil
}

// bootKey is the key of a device to boot from.
func (d *Difference) bootKey(target BootTarget, have *Observation, recorded *Recorded) (int32, bool) {
	switch target.Kind {
	case BootNetwork:
		key, found := d.NICs.Keys[target.Name]
		return key, found
	case BootDisk:
		if target.Name == "" {
			if disk := recorded.BootDisk(have); disk != nil {
				return disk.Key, true
			}
			return 0, false
		}
		if disk := d.Disks.Records[target.Name].Find(have.Disks); disk != nil {
			return disk.Key, true
		}
		return 0, false
	case BootCDROM:
	}
	return 0, true
}
