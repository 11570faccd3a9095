package virtualmachine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// planNew refuses what a machine that is to be created could not have, which for one that exists
// is found out by comparing: see planChanges.
func (p *planner) planNew(ctx context.Context) {
	if p.prior != nil {
		return
	}
	p.restartHasCome()
	p.planNewName(ctx)
	if p.image == nil {
		return
	}
	p.newDisks(p.image)
	p.newSize(ctx, p.image)
}

// newDisks judges what is written of disks by those that come with the image.
func (p *planner) newDisks(found *image.Image) {
	if found.Status.Type == image.TypeISO {
		for i, entry := range p.hardware.Boot.Order.Or(nil) {
			if entry.Type.Or("") == string(machine.BootDisk) && entry.Name.IsAbsent() {
				p.resp.Diagnostics.AddAttributeError(path.Root("boot_options").AtName("boot_order").AtListIndex(i).AtName("name"), "The image has no disk to boot from",
					fmt.Sprintf("Without a name the entry is the first disk of the image, and %q (%s) is an ISO image, which has none. Set name to that of a volume.", found.DisplayName, found.ID))
			}
		}
		return
	}
	capacity, written := p.hardware.Advanced.BootDiskBytes.Get()
	if boot := bootDisk(found.Status.Disks); written && boot != nil && capacity < boot.CapacityBytes {
		p.resp.Diagnostics.AddAttributeError(path.Root("advanced").AtName("boot_disk_capacity"), "The boot disk cannot shrink",
			fmt.Sprintf("%s are asked for, and the disk %q of %q (%s) has %s. Ask for at least that, or leave boot_disk_capacity out.",
				fwtypes.QuantityOfBytes(capacity).ValueString(), boot.Name, found.DisplayName, found.ID, boot.Capacity))
	}
	volumes, _ := p.hardware.Volumes.Get()
	for i := range volumes {
		p.free(path.Root("volume").AtListIndex(i), volumes[i].At, found)
	}
	drives, _ := p.hardware.CDROMs.Get()
	for i := range drives {
		p.free(path.Root("hardware").AtName("cdrom").AtListIndex(i), drives[i].At, found)
	}
}

// free refuses a place that a disk of the image has.
func (p *planner) free(block path.Path, at addressSpec, found *image.Image) {
	if !at.ControllerType.IsSet() || !at.BusNumber.IsSet() || !at.UnitNumber.IsSet() {
		return
	}
	wanted := at.address()
	for i := range found.Status.Disks {
		disk := &found.Status.Disks[i]
		if place, ok := imagePlace(disk); ok && place == (machine.Place{Type: wanted.Type, Bus: *wanted.Bus, Unit: *wanted.Unit}) {
			p.resp.Diagnostics.AddAttributeError(block.AtName("unit_number"), "The place is that of a disk of the image",
				fmt.Sprintf("%s is where %q (%s) has its disk %q. Use another unit_number, or leave it out for a free one.", place, found.DisplayName, found.ID, disk.Name))
		}
	}
}

// imagePlace is where a disk of an image is, if the image says it.
func imagePlace(disk *image.Disk) (machine.Place, bool) {
	if disk.ControllerType == "" || disk.ControllerBusNumber == nil || disk.UnitNumber == nil {
		return machine.Place{}, false
	}
	return machine.Place{Type: machine.ControllerType(disk.ControllerType), Bus: *disk.ControllerBusNumber, Unit: *disk.UnitNumber}, true
}

// bootDisk is the disk of an image that a machine boots from: the first by its place, where all
// say it, as vSphere numbers disks, and else the first that the image names. Nil without any.
func bootDisk(disks []image.Disk) *image.Disk {
	order := []machine.ControllerType{machine.SCSI, machine.IDE, machine.SATA, machine.NVME}
	var first *image.Disk
	var least machine.Place
	for i := range disks {
		place, ok := imagePlace(&disks[i])
		if !ok {
			return &disks[0]
		}
		if first == nil || cmp.Or(slices.Index(order, place.Type)-slices.Index(order, least.Type), int(place.Bus-least.Bus), int(place.Unit-least.Unit)) < 0 {
			first, least = &disks[i], place
		}
	}
	return first
}

// newSize judges the size that the machine is to have: what is written, over the class, over the
// image. While something of it is not known, nothing is said.
func (p *planner) newSize(ctx context.Context, found *image.Image) {
	if p.world == nil || p.plan.ClassName.IsUnknown() || p.hardware.Resources.unknown() {
		return
	}
	w := &wish{spec: p.hardware, world: p.world, class: p.plan.ClassName.ValueString()}
	cpu, memory, diags := p.allocation(ctx, p.world)
	p.resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	w.cpu, w.memory = cpu, memory
	var of machine.DeploySpec
	hardware(&of, found.Descriptor)
	want := w.machine(new(record), nil)
	size := want.Size
	size.CPUs, size.MemoryMB = cmp.Or(size.CPUs, of.CPUs), cmp.Or(size.MemoryMB, of.MemoryMB)
	if err := machine.CheckClass(want.Base, size, false); err != nil {
		p.cannotHave(machine.PartError{Part: machine.PartClass, Err: err}, fmt.Sprintf("%q", p.plan.Name.ValueString()))
		return
	}
	locked := want.Base != nil && want.Base.MemoryReservationLockedToMax != nil && *want.Base.MemoryReservationLockedToMax
	if err := machine.CheckSize(size, locked); err != nil {
		p.cannotHave(err, fmt.Sprintf("%q", p.plan.Name.ValueString()))
	}
}

// unknown tells that an amount is not known yet.
func (r resourcesSpec) unknown() bool {
	return slices.ContainsFunc([]amounts{r.Size, r.Requests, r.Limits}, func(a amounts) bool { return a.CPU.IsUnknown() || a.Memory.IsUnknown() })
}

// cannotHave reports a part that a machine cannot have.
func (p *planner) cannotHave(err error, title string) {
	at, part := path.Empty(), machine.PartError{}
	lost := lostError{}
	switch {
	case errors.As(err, &part):
		at, err = partPath(&p.hardware, part), part.Err
		if part.Name != "" {
			title = fmt.Sprintf("the %s %q of %s", part.Part, part.Name, title)
		}
	case errors.As(err, &lost):
		at, err = lost.at, lost.err
	}
	p.resp.Diagnostics.AddAttributeError(at, "The machine cannot have this", fmt.Sprintf("%s This is about %s.", backend.Sentence(err.Error()), title))
}
