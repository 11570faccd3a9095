package virtualmachine

import (
	"context"
	"maps"
	"slices"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// seenHardware is the hardware of a machine in the words in which it is written, for a refresh to
// put in the place of what differs. Of the extra configuration there are the keys that the state
// names, and of the disks and drives those that belong to a block; what is in a drive is named as
// the state names it, as long as it is that.
func seenHardware(ctx context.Context, state *model, o *machine.Observation, remembered *record) *hardwareSpec {
	written, _ := state.hardware(ctx)
	spec := hardwareSpec{
		GuestID: known.Of(o.GuestID), MinHardware: known.Of(int64(o.HardwareVersion)),
		Resources: resourcesSpec{
			Size:     amounts{known.Of(int64(o.CPUs)), known.Of(o.MemoryMB * mebibyte)},
			Requests: seenAmounts(o, func(a *govmomi.ResourceAllocationInfo) *int64 { return a.Reservation }, 0),
			Limits:   seenAmounts(o, func(a *govmomi.ResourceAllocationInfo) *int64 { return a.Limit }, -1),
		},
		Boot:     seenBoot(o, remembered),
		Advanced: advancedSpec{ChangeTracking: known.Of(o.ChangeTracking != nil && *o.ChangeTracking), Provisioning: written.Advanced.Provisioning},
		Volumes:  known.Of(seenVolumes(o, remembered, &written)),
		Managed:  written.Managed,
		CDROMs:   known.Of(seenDrives(o, remembered, &written)),
	}
	if remembered.lost() {
		// Nobody knows which disk or drive belongs to which block, so that nothing can be said of them.
		spec.Volumes, spec.CDROMs = written.Volumes, written.CDROMs
	} else if disk := remembered.recorded(o).BootDisk(o); disk != nil {
		spec.Advanced.BootDiskBytes = known.Of(disk.CapacityBytes)
	}
	if o.MemoryLocked {
		spec.Resources.Requests.Memory = known.Value[int64]{} // vSphere keeps it at the size of the memory
	}
	keys, _ := written.Advanced.ExtraConfig.Get()
	values := make(map[string]known.Value[string], len(keys))
	for key := range keys {
		if value, ok := o.ExtraConfig.Get(key); ok {
			values[key] = known.Of(value)
		}
	}
	spec.Advanced.ExtraConfig = known.Of(values)
	return &spec
}

// seenAmounts are the reservations or the limits.
func seenAmounts(o *machine.Observation, of func(*govmomi.ResourceAllocationInfo) *int64, none int64) amounts {
	value := func(a *govmomi.ResourceAllocationInfo, unit int64) known.Value[int64] {
		if a == nil || of(a) == nil {
			return known.Of(none)
		}
		if amount := *of(a); amount >= 0 {
			return known.Of(amount * unit)
		}
		return known.Of[int64](-1)
	}
	return amounts{CPU: value(o.CPUAllocation, 1), Memory: value(o.MemoryAllocation, mebibyte)}
}

// seenBoot are the boot options, with the devices of the boot order by the names of their blocks.
func seenBoot(o *machine.Observation, remembered *record) bootSpec {
	has := o.BootOptions
	if has == nil {
		has = new(govmomi.VirtualMachineBootOptions)
	}
	protocol := machine.NetworkBootIP4
	if has.NetworkBootProtocol == string(govmomi.VirtualMachineBootOptionsNetworkBootProtocolTypeIpv6) {
		protocol = machine.NetworkBootIP6
	}
	isTrue := func(b *bool) bool { return b != nil && *b }
	entries := []bootEntry{}
	for _, device := range machine.BootOrder(o) {
		entry := bootEntry{Type: known.Of(string(device.Kind))}
		if name := deviceName(device, o, remembered); name != "" {
			entry.Name = known.Of(name)
		}
		entries = append(entries, entry)
	}
	return bootSpec{
		Firmware: known.Of(o.Firmware), DelayMS: known.Of(delay(has.BootDelay)), RetryDelayMS: known.Of(delay(has.BootRetryDelay)),
		Retry: known.Of(isTrue(has.BootRetryEnabled)), SecureBoot: known.Of(isTrue(has.EfiSecureBootEnabled)),
		NetworkBootProtocol: known.Of(string(protocol)), Order: known.Of(entries),
	}
}

// delay is a delay in milliseconds: the least there is stands for none (see machine.BootChange).
func delay(milliseconds int64) int64 {
	if milliseconds == 1 {
		return 0
	}
	return milliseconds
}

// deviceName is the name of the block that a boot device belongs to; empty for the disk of the
// image and for CD-ROM drives, and the device's own where it belongs to none.
func deviceName(device machine.BootDevice, o *machine.Observation, remembered *record) string {
	switch device.Kind {
	case machine.BootDisk:
		for name, record := range remembered.Volumes {
			if disk := record.Find(o.Disks); disk != nil && disk.Key == device.Key {
				return name
			}
		}
		for _, disk := range remembered.recorded(o).Spare(o) {
			if disk.Key == device.Key {
				return disk.Label
			}
		}
	case machine.BootNetwork:
		for name, key := range remembered.Devices {
			if key == device.Key {
				return name
			}
		}
		for i := range o.NICs {
			if o.NICs[i].Key == device.Key {
				return o.NICs[i].Label
			}
		}
	case machine.BootCDROM:
	}
	return ""
}

// seenVolumes are the volumes whose disk is there, with what vCenter tells of it. It does not tell
// the application, and a disk that is there does not change its provisioning or, without being
// asked about, its storage class.
func seenVolumes(o *machine.Observation, remembered *record, written *hardwareSpec) []volumeSpec {
	blocks, _ := written.Volumes.Get()
	out := make([]volumeSpec, 0, len(remembered.Volumes))
	for _, name := range slices.Sorted(maps.Keys(remembered.Volumes)) {
		disk := remembered.Volumes[name].Find(o.Disks)
		if disk == nil {
			continue
		}
		sharing := machine.NoDiskSharing
		if disk.MultiWriter {
			sharing = machine.MultiWriter
		}
		spec := volumeSpec{
			Name: known.Of(name), CapacityBytes: known.Of(disk.CapacityBytes),
			DiskMode: known.Of(string(machine.DiskModeOf(disk))), SharingMode: known.Of(string(sharing)), At: seenAt(disk.Place),
			ReclaimPolicy: known.Of(reclaimDelete),
		}
		if remembered.Volumes[name].Keep {
			spec.ReclaimPolicy = known.Of(reclaimRetain)
		}
		for i := range blocks {
			if blocks[i].Name.Or("") == name {
				spec.StorageClass, spec.Provisioning = blocks[i].StorageClass, blocks[i].Provisioning
				spec.ApplicationType, spec.Removable = blocks[i].ApplicationType, blocks[i].Removable
			}
		}
		out = append(out, spec)
	}
	return out
}

func seenAt(place machine.Place) addressSpec {
	return addressSpec{
		ControllerType: known.Of(string(place.Type)), BusNumber: known.Of(int64(place.Bus)), UnitNumber: known.Of(int64(place.Unit)),
	}
}

// seenDrives are the CD-ROM drives that belong to blocks, and, where the hardware block is there,
// any other by their labels.
func seenDrives(o *machine.Observation, remembered *record, written *hardwareSpec) []cdromSpec {
	blocks, _ := written.CDROMs.Get()
	out := make([]cdromSpec, 0, len(o.CDROMs))
	for i := range o.CDROMs {
		there := &o.CDROMs[i]
		connected := there.StartConnected
		if o.PowerState == govmomi.VirtualMachinePowerStatePoweredOn {
			connected = there.Connected
		}
		spec := cdromSpec{
			Name: known.Of(there.Label), Connected: known.Of(connected), AllowGuestControl: known.Of(there.AllowGuestControl), At: seenAt(there.Place),
		}
		for name, drive := range remembered.CDROMs {
			if drive.Place != there.Place {
				continue
			}
			spec.Name = known.Of(name)
			for n := range blocks {
				if blocks[n].Name.Or("") == name && drive.ISO == there.ISO {
					spec.ImageKind, spec.ImageName = blocks[n].ImageKind, blocks[n].ImageName
				}
			}
			if drive.ISO != there.ISO && there.ISO != "" {
				// Some other file is in it: nobody knows of which image.
				spec.ImageKind, spec.ImageName = known.Of(string(image.VirtualMachineImage)), known.Of(there.ISO)
			}
		}
		if spec.Name.Or("") != installerDrive {
			out = append(out, spec)
		}
	}
	return out
}
