package machine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// DiskRecord is what identifies the disk of a volume from one change to the next: its UUID, else
// its key, else its place, which is all that is known of a disk before it is made.
type DiskRecord struct {
	Key   int32  `json:"key,omitempty"`
	UUID  string `json:"uuid,omitempty"`
	Place *Place `json:"place,omitempty"`
	// Keep is the volume's wish when the record was made: by then the volume may be gone.
	Keep bool `json:"keep,omitempty"`
}

// DiskPlan says what a set of changes does to the disks of a machine, by volume.
type DiskPlan struct {
	// Keep and Edit name the volumes whose disk stays, Add those that get a new one.
	Keep, Edit, Add []string
	// Remove are the disks of volumes that are not wanted any more.
	Remove []Disk
	// Records are those of the disks that stay. Those of new ones are known when the machine is
	// read again: see Intended.
	Records map[string]DiskRecord
	// Places are where the new disks go.
	Places map[string]Place
	// Keeps are the new volumes whose file is to survive.
	Keeps map[string]bool
}

// DiskChanges compares the wanted volumes with the disks of a machine, nil for one that is to be
// created: removals, then controllers that have to be added, edits, and additions.
//
// Recorded are the disks of volumes, as DiskPlan.Intended returned them. A disk is
// identified by the UUID of its file, by its key where it has none, and by its place where the
// record was made before the disk was. A disk that no record names is the image's
// or somebody else's and is left alone; one whose volume is not wanted is removed, and its file
// destroyed unless the record says to keep it. A volume whose disk has gone gets a new one.
//
// A running machine takes new disks and controllers, removals, growth and another storage policy;
// on IDE controllers nothing of that. Another mode or sharing, and a move to another address,
// need it powered off. A disk that is shared does not grow on a running machine, and one with
// snapshots not at all.
//
// The provisioning of a disk that is there is not compared: it does not change in place, and some
// storage reports another one than was asked for.
//
// Errors: vsphere.ErrInvalidArgument, for a capacity below the disk's too; vsphere.ErrUnsupported
// for another mode of a raw device; vsphere.ErrInvalidState for growth with snapshots;
// vsphere.ErrAlreadyExists for a unit that is taken and stays so; vsphere.ErrInsufficientResources when the
// controllers are full.
func DiskChanges(want []Volume, have *Observation, recorded map[string]DiskRecord, slots *Slots) (Change, DiskPlan, error) {
	c := diskChanger{slots: slots, plan: DiskPlan{Records: map[string]DiskRecord{}, Places: map[string]Place{}, Keeps: map[string]bool{}}}
	var disks []Disk
	if have != nil {
		disks, c.policies = have.Disks, have.StoragePolicies
	}
	volumes := make([]Volume, len(want))
	buses := make([]BusSharing, len(want))
	for i := range want {
		var err error
		if volumes[i], buses[i], err = want[i].resolve(); err != nil {
			return Change{}, DiskPlan{}, PartError{PartVolume, want[i].Name, err}
		}
	}
	wanted := func(name string) bool {
		return slices.ContainsFunc(want, func(v Volume) bool { return v.Name == name })
	}
	for _, name := range slices.Sorted(maps.Keys(recorded)) {
		if disk := recorded[name].Find(disks); disk != nil && !wanted(name) {
			if err := c.remove(name, disk, recorded[name].Keep); err != nil {
				return Change{}, DiskPlan{}, err
			}
		}
	}
	// What moves leaves its place before anything takes one: volumes may swap places.
	for i := range volumes {
		if disk := recorded[volumes[i].Name].Find(disks); disk != nil {
			slots.call(disk.Place, fmt.Sprintf("the volume %q", volumes[i].Name))
			if c.moves(&volumes[i], buses[i], disk) {
				slots.release(disk.ControllerKey, disk.UnitNumber)
			}
		}
	}
	for _, i := range fixedFirst(volumes, func(v *Volume) Address { return v.Address }) {
		v := &volumes[i]
		var err error
		if disk := recorded[v.Name].Find(disks); disk != nil {
			err = c.compare(v, buses[i], disk)
		} else {
			err = c.add(v, buses[i])
		}
		if err != nil {
			return Change{}, DiskPlan{}, PartError{PartVolume, v.Name, err}
		}
	}
	c.change.device(c.removals...)
	c.change.device(slots.additions()...)
	c.change.device(inTurn(c.edits)...)
	c.change.device(c.additions...)
	return c.change, c.plan, nil
}

// Intended are the records of volumes as they will be after the change, made before it: those of
// new disks have a place only. A machine that remembers them knows its disks whatever interrupts
// the change.
func (p *DiskPlan) Intended() map[string]DiskRecord {
	records := maps.Clone(p.Records)
	for name, place := range p.Places {
		records[name] = DiskRecord{Place: &place, Keep: p.Keeps[name]}
	}
	return records
}

// DetachKept takes the disks whose records say so off a machine and leaves their files: what
// comes before Destroy, which deletes the files of all disks that a machine has.
func DetachKept(have *Observation, recorded map[string]DiskRecord) (Change, error) {
	var c diskChanger
	for _, name := range slices.Sorted(maps.Keys(recorded)) {
		if disk := recorded[name].Find(have.Disks); disk != nil && recorded[name].Keep {
			if err := c.remove(name, disk, true); err != nil {
				return Change{}, err
			}
		}
	}
	c.change.device(c.removals...)
	return c.change, nil
}

// Find returns the disk of a record; nil when the machine does not have it.
func (r DiskRecord) Find(disks []Disk) *Disk {
	i := slices.IndexFunc(disks, func(d Disk) bool {
		switch {
		case r.UUID != "":
			return strings.EqualFold(d.UUID, r.UUID)
		case r.Key != 0:
			return d.Key == r.Key
		}
		return r.Place != nil && d.Place == *r.Place
	})
	if i < 0 {
		return nil
	}
	return &disks[i]
}

// diskChanger collects the changes of disks.
type diskChanger struct {
	slots               *Slots
	policies            Policies
	change              Change
	plan                DiskPlan
	edits               []diskEdit
	removals, additions []types.BaseVirtualDeviceConfigSpec
}

// diskEdit is the edit of a disk, and where the disk is before and after it.
type diskEdit struct {
	change   types.BaseVirtualDeviceConfigSpec
	from, to Place
}

// inTurn puts edits in an order in which no disk moves to a place that another one has still to
// leave. Where disks change places in a circle there is none, and they keep their order.
func inTurn(edits []diskEdit) []types.BaseVirtualDeviceConfigSpec {
	var out []types.BaseVirtualDeviceConfigSpec
	for rest := slices.Clone(edits); len(rest) > 0; {
		next := slices.IndexFunc(rest, func(e diskEdit) bool {
			return !slices.ContainsFunc(rest, func(other diskEdit) bool { return other.from == e.to && other.change != e.change })
		})
		next = max(next, 0)
		out = append(out, rest[next].change)
		rest = slices.Delete(rest, next, next+1)
	}
	return out
}

func (c *diskChanger) remove(name string, disk *Disk, keep bool) error {
	if keep && disk.Delta && !strings.HasPrefix(disk.Mode, "independent") {
		return PartError{PartVolume, name, fmt.Errorf("%w: the disk has snapshots, which take its file with them. Remove them before a disk is detached that is to be kept",
			vsphere.ErrInvalidState)}
	}
	change := removal(disk.Device)
	if !keep {
		change.FileOperation = types.VirtualDeviceConfigSpecFileOperationDestroy
	}
	c.removals = append(c.removals, change)
	c.plan.Remove = append(c.plan.Remove, *disk)
	if c.slots != nil {
		c.slots.release(disk.ControllerKey, disk.UnitNumber)
	}
	if disk.Place.Type == IDE {
		c.change.offline(PartVolume, name, "a disk on an IDE controller cannot be removed from a running machine")
	}
	return nil
}

// moves says that a disk is not where it is to be: at another address, or on a controller whose bus
// is shared in another way. A disk of no application has no business on a bus that machines share.
func (c *diskChanger) moves(v *Volume, bus BusSharing, disk *Disk) bool {
	physical := c.slots.sharing(disk.ControllerKey) == PhysicalBusSharing
	return !v.Address.holds(disk.Place) || physical != (bus == PhysicalBusSharing)
}

// compare edits the disk of a volume where it differs. One that moves has left its place already.
func (c *diskChanger) compare(v *Volume, bus BusSharing, disk *Disk) error {
	c.plan.Records[v.Name] = DiskRecord{Key: disk.Key, UUID: disk.UUID, Keep: v.Keep}
	device := duplicate(disk.Device)
	change := edit(device)
	grown, err := c.change.grow(PartVolume, v.Name, disk, device, v.CapacityBytes, v.Application == MicrosoftWSFC)
	if err != nil {
		return err
	}
	rewritten, err := c.rewrite(v, disk, device)
	if err != nil {
		return err
	}
	moved, to := c.moves(v, bus, disk), disk.Place
	if moved {
		key, place, err := c.slots.take(v.Address, bus, SCSI)
		if err != nil {
			return err
		}
		to = place
		c.slots.call(place, fmt.Sprintf("the volume %q", v.Name))
		device.ControllerKey, device.UnitNumber = key, &place.Unit
		c.change.offline(PartVolume, v.Name, "a disk cannot move from %s to %s while the machine runs", disk.Place, place)
	}
	rebound := v.StorageProfileID != "" && c.policies.Known && c.policies.Disks[disk.Key] != v.StorageProfileID
	if rebound {
		change.Profile = policy(v.StorageProfileID)
	}
	if !grown && !rewritten && !moved && !rebound {
		c.plan.Keep = append(c.plan.Keep, v.Name)
		return nil
	}
	c.edits = append(c.edits, diskEdit{change, disk.Place, to})
	c.plan.Edit = append(c.plan.Edit, v.Name)
	return nil
}

// rewrite gives the device the wanted mode and sharing.
func (c *diskChanger) rewrite(v *Volume, disk *Disk, device *types.VirtualDisk) (bool, error) {
	mode, shared := string(diskModes[v.Mode]), v.Sharing == MultiWriter
	if disk.Mode == mode && disk.MultiWriter == shared {
		return false, nil
	}
	backing, ok := disk.Device.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	if !ok {
		return false, fmt.Errorf("%w: the mode of a disk with backing %T cannot be changed", vsphere.ErrUnsupported, disk.Device.Backing)
	}
	rewritten := *backing
	rewritten.DiskMode = mode
	if disk.MultiWriter != shared {
		rewritten.Sharing = sharingWord(shared)
	}
	device.Backing = &rewritten
	if disk.Mode != mode {
		c.change.offline(PartVolume, v.Name, "the disk mode cannot become %s while the machine runs", v.Mode)
	}
	if disk.MultiWriter != shared {
		c.change.offline(PartVolume, v.Name, "the sharing mode cannot become %s while the machine runs", v.Sharing)
	}
	return true, nil
}

func sharingWord(shared bool) string {
	if shared {
		return string(types.VirtualDiskSharingSharingMultiWriter)
	}
	return string(types.VirtualDiskSharingSharingNone)
}

// add makes a new disk.
func (c *diskChanger) add(v *Volume, bus BusSharing) error {
	key, place, err := c.slots.take(v.Address, bus, SCSI)
	if err != nil {
		return err
	}
	c.slots.call(place, fmt.Sprintf("the volume %q", v.Name))
	backing := &types.VirtualDiskFlatVer2BackingInfo{DiskMode: string(diskModes[v.Mode])}
	provision(backing, v.provisioning(bus))
	if v.Sharing == MultiWriter {
		backing.Sharing = sharingWord(true)
	}
	change := addition(&types.VirtualDisk{
		VirtualDevice: types.VirtualDevice{
			Key: firstDiskKey - int32(len(c.additions)), ControllerKey: key, UnitNumber: &place.Unit, Backing: backing,
		},
		CapacityInBytes: v.CapacityBytes, CapacityInKB: v.CapacityBytes / kibibyte,
	})
	change.FileOperation, change.Profile = types.VirtualDeviceConfigSpecFileOperationCreate, policy(v.StorageProfileID)
	c.additions = append(c.additions, change)
	c.plan.Add, c.plan.Places[v.Name] = append(c.plan.Add, v.Name), place
	if v.Keep {
		c.plan.Keeps[v.Name] = true
	}
	if place.Type == IDE {
		c.change.offline(PartVolume, v.Name, "a disk cannot be added to an IDE controller while the machine runs")
	}
	return nil
}
