package virtualmachine

import (
	"reflect"
	"strings"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// installerDrive names the CD-ROM drive that holds the image of a machine which is installed from
// an ISO image, where no hardware block says which drives there are. No block can have the name.
const installerDrive = "(image)"

// wish is what is wanted of a machine's hardware, with what it takes to put it into vSphere's
// words. Where something is not known yet, the machine is left as it is.
type wish struct {
	spec hardwareSpec
	// before is what was written before, to tell what is not wanted any more.
	before hardwareSpec
	world  *world
	class  string
	// cpu and memory are the allocations of the class, nil without one.
	cpu, memory *govmomi.ResourceAllocationInfo
	// nics are all network cards, where cards says that these are known; open tells that something
	// of them is not.
	nics        []machine.NIC
	cards, open bool
	// left tells that the network cards are left alone: see leaveCards.
	left bool
	// discs are what drives hold, by name.
	discs map[string]disc
	// installer tells that the machine is installed from an ISO image.
	installer bool
}

// disc is what a CD-ROM drive holds: a library item, and its file on a datastore.
type disc struct{ Item, ISO string }

// machine says it in vSphere's words, for a machine with that record. have is the machine as it is;
// nil for one that is to be deployed.
func (w *wish) machine(remembered *record, have *machine.Observation) *machine.Wanted {
	want := &machine.Wanted{
		Size:            w.size(remembered, have),
		GuestID:         w.spec.GuestID.Or(""),
		HardwareVersion: int(w.spec.MinHardware.Or(0)),
		Boot:            w.boot(),
		BootOrder:       w.bootOrder(),
		ChangeTracking:  w.spec.Advanced.ChangeTracking.Pointer(),
		ExtraConfig:     w.extraConfig(),
		BootDiskBytes:   w.spec.Advanced.BootDiskBytes.Or(0),
		Cards:           w.cards, NICs: w.nics,
	}
	if class := w.world.class; class != nil {
		want.ClassExtraConfig = machine.ClassExtraConfig(class.Base)
		if w.anew(remembered) {
			want.HardwareVersion = max(want.HardwareVersion, class.HardwareVersion)
			want.Base = w.base()
		}
	}
	want.Volumes, want.Disks = w.volumes()
	want.CDROMs, want.Drives = w.drives(remembered)
	// Without the hardware block, only the drives go that it brought.
	want.RecordedDrives = !w.spec.Managed.Or(false)
	return want
}

// size is that of the class, where it has not been applied yet, and of the resources block, which
// is compared each time. As in VM Operator a class is applied once: what becomes of the class, or
// of the machine's size, afterwards does not resize the machine by the way: what is not written
// over it stays as the machine has it.
func (w *wish) size(remembered *record, have *machine.Observation) machine.Size {
	var size machine.Size
	resources := w.spec.Resources
	anew := w.anew(remembered)
	if class := w.world.class; class != nil && anew {
		size = machine.Size{CPUs: class.CPUs, MemoryMB: class.MemoryMB(), CPUAllocation: w.cpu, MemoryAllocation: w.memory}
	}
	if cpus, ok := resources.Size.CPU.Get(); ok {
		size.CPUs = int32(cpus) //nolint:gosec // validated
	}
	if bytes, ok := resources.Size.Memory.Get(); ok {
		size.MemoryMB = bytes / mebibyte
	}
	earlier := remembered.resources()
	dropped := remembered.Class != "" && w.class == "" // what it reserved goes with it
	var cpu, memory *govmomi.ResourceAllocationInfo
	if have != nil {
		cpu, memory = have.CPUAllocation, have.MemoryAllocation
	}
	size.CPUAllocation = w.allocation(size.CPUAllocation, cpu, anew, reservation{
		request: resources.Requests.CPU, limit: resources.Limits.CPU, unit: 1, dropped: dropped, earlierRequest: earlier.RequestCPU, earlierLimit: earlier.LimitCPU,
	})
	size.MemoryAllocation = w.allocation(size.MemoryAllocation, memory, anew, reservation{
		request: resources.Requests.Memory, limit: resources.Limits.Memory, unit: mebibyte, dropped: dropped, earlierRequest: earlier.RequestMemory, earlierLimit: earlier.LimitMemory,
	})
	return size
}

// reservation is what is written of processors or of memory, in units of vSphere's, and what was
// written when it was applied last.
type reservation struct {
	request, limit known.Value[int64]
	unit           int64
	// dropped tells that the class goes which made a reservation until now.
	dropped                      bool
	earlierRequest, earlierLimit *int64
}

// allocation is what is wanted of a reservation and its limit: what is written, over the class where
// that is applied now, else over what the machine has. What was written and is not any more is none.
// It is nil where nothing is wanted.
func (w *wish) allocation(class, have *govmomi.ResourceAllocationInfo, anew bool, r reservation) *govmomi.ResourceAllocationInfo {
	var out govmomi.ResourceAllocationInfo
	wanted := class != nil || r.dropped
	switch {
	case r.dropped:
	case class != nil:
		out = *class
	case have != nil:
		out = *have
	}
	if anew && w.world.class == nil && !w.world.classGone {
		if r.earlierRequest != nil {
			out.Reservation, wanted = govmomi.NewInt64(0), true
		}
		if r.earlierLimit != nil {
			out.Limit, wanted = govmomi.NewInt64(-1), true
		}
	}
	if amount, ok := r.request.Get(); ok {
		out.Reservation, wanted = govmomi.NewInt64(amount/r.unit), true
	}
	if amount, ok := r.limit.Get(); ok {
		out.Limit, wanted = govmomi.NewInt64(amount), true
		if amount >= 0 {
			out.Limit = govmomi.NewInt64(amount / r.unit)
		}
	}
	if !wanted {
		return nil
	}
	return &out
}

// anew tells that the size is to be applied which the class and the resources block make together:
// one of them is another one than was applied.
func (w *wish) anew(remembered *record) bool {
	return remembered.Class != w.class || !reflect.DeepEqual(remembered.resources(), w.spec.Resources.record())
}

// ofClass are the amounts that the machine has of its class: neither are they written, nor were
// they.
func (w *wish) ofClass() map[string]bool {
	out := map[string]bool{}
	if w.class == "" {
		return out
	}
	now, before := w.spec.Resources, w.before.Resources
	for name, amount := range map[string][2]known.Value[int64]{
		"size.cpu": {now.Size.CPU, before.Size.CPU}, "size.memory": {now.Size.Memory, before.Size.Memory},
		"requests.cpu": {now.Requests.CPU, before.Requests.CPU}, "requests.memory": {now.Requests.Memory, before.Requests.Memory},
		"limits.cpu": {now.Limits.CPU, before.Limits.CPU}, "limits.memory": {now.Limits.Memory, before.Limits.Memory},
	} {
		out["resources."+name] = amount[0].IsAbsent() && amount[1].IsAbsent()
	}
	return out
}

// base is what the class holds beyond its size, under what is written of it; nil without a class.
func (w *wish) base() *govmomi.VirtualMachineConfigSpec {
	if w.world.class == nil || w.world.class.Base == nil {
		return nil
	}
	base := *w.world.class.Base
	if w.spec.Advanced.ChangeTracking.IsSet() {
		base.ChangeTrackingEnabled = nil
	}
	return &base
}

// record is what is remembered of a resources block, to tell when it changes.
func (r resourcesSpec) record() resourceRecord {
	return resourceRecord{
		CPUs: r.Size.CPU.Pointer(), Memory: r.Size.Memory.Pointer(),
		RequestCPU: r.Requests.CPU.Pointer(), RequestMemory: r.Requests.Memory.Pointer(),
		LimitCPU: r.Limits.CPU.Pointer(), LimitMemory: r.Limits.Memory.Pointer(),
	}
}

// boot are the boot options. One that is not written any more goes back to vSphere's default.
func (w *wish) boot() machine.BootOptions {
	now, before := w.spec.Boot, w.before.Boot
	return machine.BootOptions{
		DelayMS:      orDefault(now.DelayMS, before.DelayMS, 0),
		RetryDelayMS: orDefault(now.RetryDelayMS, before.RetryDelayMS, defaultRetryDelayMS),
		Retry:        orDefault(now.Retry, before.Retry, false),
		SecureBoot:   orDefault(now.SecureBoot, before.SecureBoot, false),
		NetworkBoot: machine.NetworkBoot(valueOr(orDefault(now.NetworkBootProtocol, before.NetworkBootProtocol,
			string(machine.NetworkBootIP4)))),
	}
}

// defaultRetryDelayMS is the time between two boots where nobody asks for another (vSphere API,
// VirtualMachineBootOptions.bootRetryDelay).
const defaultRetryDelayMS = 10_000

// orDefault is a value that is written, the default for one that was written before, and nil for
// one that is left alone.
func orDefault[T any](now, before known.Value[T], otherwise T) *T {
	switch {
	case now.IsSet():
		return now.Pointer()
	case now.IsAbsent() && before.IsSet():
		return &otherwise
	}
	return nil
}

func valueOr[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func (w *wish) bootOrder() []machine.BootTarget {
	entries, ok := w.spec.Boot.Order.Get()
	before, _ := w.before.Boot.Order.Get()
	if w.spec.Boot.Order.IsUnknown() || len(entries) == 0 && len(before) == 0 {
		return nil
	}
	if !ok {
		entries = nil
	}
	order := make([]machine.BootTarget, len(entries))
	for i, entry := range entries {
		if entry.Type.IsUnknown() || entry.Name.IsUnknown() {
			return nil
		}
		order[i] = machine.BootTarget{Kind: machine.BootKind(entry.Type.Or("")), Name: entry.Name.Or("")}
	}
	return order
}

func (w *wish) extraConfig() map[string]string {
	written, _ := w.spec.Advanced.ExtraConfig.Get()
	out := make(map[string]string, len(written))
	for key, value := range written {
		if text, ok := value.Get(); ok {
			out[key] = text
		}
	}
	return out
}

// managedKeys are the ExtraConfig keys that a machine has because they were written.
func (w *wish) managedKeys(remembered *record) []string {
	if w.spec.Advanced.ExtraConfig.IsUnknown() {
		return nil
	}
	written, _ := w.spec.Advanced.ExtraConfig.Get()
	var keys []string
	for _, key := range remembered.ExtraConfig {
		if !written[key].IsUnknown() {
			keys = append(keys, key)
		}
	}
	return keys
}

// provisionings are vSphere's words for VM Operator's.
var provisionings = map[string]machine.Provisioning{
	"Thin": machine.Thin, "Thick": machine.Thick, "ThickEagerZero": machine.EagerZeroedThick,
}

// volumes are the disks beside those of the image, unless they are not known.
func (w *wish) volumes() ([]machine.Volume, bool) {
	blocks, ok := w.spec.Volumes.Get()
	if !ok {
		return nil, w.spec.Volumes.IsAbsent()
	}
	out := make([]machine.Volume, len(blocks))
	for i := range blocks {
		block := &blocks[i]
		if block.Name.IsUnknown() || block.CapacityBytes.IsUnknown() || block.At.unknown() || block.DiskMode.IsUnknown() ||
			block.SharingMode.IsUnknown() || block.ApplicationType.IsUnknown() || block.ReclaimPolicy.IsUnknown() {
			return nil, false
		}
		volume := machine.Volume{
			Name: block.Name.Or(""), CapacityBytes: block.CapacityBytes.Or(0), Address: block.At.address(),
			Mode: machine.DiskMode(block.DiskMode.Or("")), Sharing: machine.DiskSharing(block.SharingMode.Or("")),
			Application:  machine.Application(block.ApplicationType.Or("")),
			Provisioning: provisionings[block.Provisioning.Or("")],
			Keep:         block.ReclaimPolicy.Or("") == reclaimRetain,
		}
		shared := volume.Sharing == machine.MultiWriter || volume.Application != ""
		if volume.Provisioning == "" && !shared {
			volume.Provisioning = provisionings[w.spec.Advanced.Provisioning.Or("")]
		}
		switch policy := w.world.volumes[volume.Name]; {
		case policy != nil:
			volume.StorageProfileID = policy.ID
		case w.world.lost.volumes[volume.Name] != nil: // the disk keeps what it has
		case w.world.policy != nil:
			volume.StorageProfileID = w.world.policy.ID
		}
		out[i] = volume
	}
	return out, true
}

// drives are the CD-ROM drives, unless they are not known, or are nobody's business: those of a
// machine without a hardware block, which never had one.
func (w *wish) drives(remembered *record) ([]machine.CDROM, bool) {
	managed, ok := w.spec.Managed.Get()
	if !ok && w.spec.Managed.IsUnknown() {
		return nil, false
	}
	if !managed {
		others := len(remembered.CDROMs)
		if _, has := remembered.CDROMs[installerDrive]; has {
			others--
		}
		if w.installer {
			return []machine.CDROM{{Name: installerDrive, ISO: w.discs[installerDrive].ISO, Connected: true, AllowGuestControl: true}}, others > 0
		}
		return nil, others > 0
	}
	blocks, ok := w.spec.CDROMs.Get()
	if !ok {
		return nil, w.spec.CDROMs.IsAbsent()
	}
	out := make([]machine.CDROM, len(blocks))
	for i := range blocks {
		block := &blocks[i]
		if block.Name.IsUnknown() || block.ImageName.IsUnknown() || block.ImageKind.IsUnknown() || block.At.unknown() {
			return nil, false
		}
		out[i] = machine.CDROM{
			Name: block.Name.Or(""), ISO: w.discs[block.Name.Or("")].ISO, Address: block.At.address(),
			Connected: block.Connected.Or(block.ImageName.IsSet()), AllowGuestControl: block.AllowGuestControl.Or(true),
		}
	}
	return out, true
}

func (a addressSpec) unknown() bool {
	return a.ControllerType.IsUnknown() || a.BusNumber.IsUnknown() || a.UnitNumber.IsUnknown()
}

func (a addressSpec) address() machine.Address {
	number := func(v known.Value[int64]) *int32 {
		n, ok := v.Get()
		if !ok {
			return nil
		}
		small := int32(n) //nolint:gosec // validated
		return &small
	}
	return machine.Address{
		Type: machine.ControllerType(strings.ToUpper(a.ControllerType.Or(""))), Bus: number(a.BusNumber), Unit: number(a.UnitNumber),
	}
}
