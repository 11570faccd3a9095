package machine

import (
	"fmt"
	"slices"

	"github.com/vmware/govmomi/vim25/types"
)

// CDROMPlan says what a set of changes does to the CD-ROM drives of a machine, by name.
type CDROMPlan struct {
	// Keep and Edit name the drives that stay, Add those that are new.
	Keep, Edit, Add []string
	// Remove are the drives that nothing wants, or that are wanted elsewhere.
	Remove []ObservedCDROM
	// Keys are the device keys of the drives that stay. Those of new ones are known when the
	// machine is read again.
	Keys map[string]int32
	// Places are where the new drives go.
	Places map[string]Place
}

// CDROMChanges compares the wanted CD-ROM drives with those of a machine, nil for one that is to
// be created: removals, then controllers that have to be added, edits, and additions.
//
// Recorded are device keys by name, of the drives that were made for the names. A drive keeps the device that
// is recorded for it; without a record, the one that holds its ISO. Another ISO, and another
// connection, are edits, which a running machine takes; whoever sends them to one should be
// prepared for the guest to hold the drive (see Reconfigure). Drives that come, go, or move to
// another controller need the machine powered off. A drive that no name claims is removed, that
// of the image included, as VM Operator does.
//
// Errors: vsphere.ErrInvalidArgument, vsphere.ErrAlreadyExists for a unit that is taken,
// vsphere.ErrInsufficientResources when the controllers are full.
func CDROMChanges(want []CDROM, have *Observation, recorded map[string]int32, slots *Slots) (Change, CDROMPlan, error) {
	plan := CDROMPlan{Keys: map[string]int32{}, Places: map[string]Place{}}
	var drives []ObservedCDROM
	runs := false
	if have != nil {
		drives, runs = have.CDROMs, have.PowerState == types.VirtualMachinePowerStatePoweredOn
	}
	for i := range want {
		if err := want[i].check(); err != nil {
			return Change{}, CDROMPlan{}, PartError{PartCDROM, want[i].Name, err}
		}
	}
	claims := matchCDROMs(want, drives, recorded)
	var change Change
	for at := range drives {
		if slices.Contains(claims, at) {
			continue
		}
		drive := &drives[at]
		slots.release(drive.Device.ControllerKey, drive.Place.Unit)
		change.device(removal(drive.Device))
		plan.Remove = append(plan.Remove, *drive)
		change.offline(PartCDROM, drive.Label, "a CD-ROM drive cannot be removed from a running machine")
	}
	var edits, additions []types.BaseVirtualDeviceConfigSpec
	for i := range want {
		if claims[i] < 0 {
			continue
		}
		drive := &drives[claims[i]]
		plan.Keys[want[i].Name] = drive.Key
		if want[i].is(drive, runs) {
			plan.Keep = append(plan.Keep, want[i].Name)
			continue
		}
		device := duplicate(drive.Device)
		if !want[i].holds(drive) {
			device.Backing = want[i].backing()
		}
		device.Connectable = want[i].connection(runs)
		edits = append(edits, edit(device))
		plan.Edit = append(plan.Edit, want[i].Name)
	}
	for _, i := range fixedFirst(want, func(c *CDROM) Address { return c.Address }) {
		if claims[i] >= 0 {
			continue
		}
		key, place, err := slots.take(want[i].Address, NoBusSharing, cdromTypes...)
		if err != nil {
			return Change{}, CDROMPlan{}, PartError{PartCDROM, want[i].Name, err}
		}
		slots.call(place, fmt.Sprintf("the drive %q", want[i].Name))
		additions = append(additions, addition(want[i].device(firstCDROMKey-int32(len(additions)), key, place.Unit, runs)))
		plan.Add, plan.Places[want[i].Name] = append(plan.Add, want[i].Name), place
		change.offline(PartCDROM, want[i].Name, "a CD-ROM drive cannot be added to a running machine")
	}
	change.device(slots.additions()...)
	change.device(edits...)
	change.device(additions...)
	return change, plan, nil
}

// releaseDrives frees the units of the drives that go, for disks that come before them.
func releaseDrives(want []CDROM, have *Observation, recorded map[string]int32, slots *Slots) {
	claims := matchCDROMs(want, have.CDROMs, recorded)
	for at := range have.CDROMs {
		if !slices.Contains(claims, at) {
			slots.release(have.CDROMs[at].Device.ControllerKey, have.CDROMs[at].Place.Unit)
		}
	}
}

// matchCDROMs returns for each wanted drive the index of the one that is there, or -1: first
// those of the record, then those that hold the ISO. A drive at another address than the wanted
// one is none of these: vSphere does not move it.
func matchCDROMs(want []CDROM, drives []ObservedCDROM, recorded map[string]int32) []int {
	claims := make([]int, len(want))
	for i := range claims {
		claims[i] = -1
	}
	pass := func(is func(wanted *CDROM, drive *ObservedCDROM) bool) {
		for i := range want {
			for at := range drives {
				if claims[i] < 0 && !slices.Contains(claims, at) && want[i].Address.holds(drives[at].Place) && is(&want[i], &drives[at]) {
					claims[i] = at
				}
			}
		}
	}
	pass(func(wanted *CDROM, drive *ObservedCDROM) bool {
		key, found := recorded[wanted.Name]
		return found && key == drive.Key
	})
	pass(func(wanted *CDROM, drive *ObservedCDROM) bool { return wanted.ISO != "" && wanted.holds(drive) })
	return claims
}

// fixedFirst returns the indexes of devices in the order in which places are handed out: a
// device with an address gets it before one that takes any.
func fixedFirst[T any](devices []T, address func(*T) Address) []int {
	order := make([]int, len(devices))
	for i := range order {
		order[i] = i
	}
	openness := func(i int) int {
		switch a := address(&devices[i]); {
		case a.Unit != nil:
			return 0
		case a.Bus != nil:
			return 1
		case !a.open():
			return 2
		}
		return 3
	}
	slices.SortStableFunc(order, func(a, b int) int { return openness(a) - openness(b) })
	return order
}
