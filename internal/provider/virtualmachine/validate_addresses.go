package virtualmachine

import (
	"fmt"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// placed is a device that is to be on a controller.
type placed struct {
	at   network.Path
	what string
	spec addressSpec
	// physical says that the controller's bus is to be shared physically.
	physical known.Value[bool]
}

func (j *hardwareJudge) addresses() {
	var devices []placed
	volumes, drives := j.spec.Volumes.Or(nil), j.spec.CDROMs.Or(nil)
	for i := range volumes {
		physical := known.Map(otherwise(volumes[i].ApplicationType, known.Of("")), func(application string) bool { return machine.Application(application) == machine.MicrosoftWSFC })
		devices = append(devices, placed{network.Path{"volume", i}, named("volume", volumes[i].Name, i), volumes[i].At, physical})
	}
	for i := range drives {
		devices = append(devices, placed{network.Path{"hardware", "cdrom", i}, named("cdrom", drives[i].Name, i), drives[i].At, known.Of(false)})
	}
	j.crowds(devices)
	taken := map[string]string{}
	for i := range devices {
		if place, ok := j.address(&devices[i]); ok {
			if other, twice := taken[place]; twice {
				j.refuse("5.6", devices[i].at.At("unit_number"), "Two devices have one place",
					"%s is the place of the %s too. Give each its own, or leave unit_number out for a free one.", place, other)
				continue
			}
			taken[place] = devices[i].what
		}
	}
}

// named is how a message calls a device.
func named(kind string, name known.Value[string], i int) string {
	if text, ok := name.Get(); ok {
		return fmt.Sprintf("%s %q", kind, text)
	}
	return fmt.Sprintf("%s number %d", kind, i+1)
}

// address judges one address. It returns a place that is known as a whole, as people write it.
func (j *hardwareJudge) address(d *placed) (place string, complete bool) {
	const rule, summary = "5.6", "The controller has no such place"
	a := d.spec
	bus, hasBus := a.BusNumber.Get()
	unit, hasUnit := a.UnitNumber.Get()
	switch {
	case a.ControllerType.IsAbsent() && hasBus:
		j.refuse(rule, d.at.At("controller_bus_number"), "A bus number without a controller",
			"Bus number %d was given without controller_type, and each type of controllers counts its own. Set controller_type, or remove the bus number.", bus)
	case a.ControllerType.IsAbsent() && hasUnit || a.BusNumber.IsAbsent() && hasUnit:
		j.refuse(rule, d.at.At("unit_number"), "A unit number without a controller",
			"Unit %d was given, and not the controller that it is on. Set controller_type and controller_bus_number, or remove the unit number.", unit)
	}
	t := machine.ControllerType(a.ControllerType.Or(""))
	limits, ok := t.Limits()
	if !ok {
		return "", false
	}
	if hasBus && (bus < 0 || bus >= int64(limits.Buses)) {
		j.refuse(rule, d.at.At("controller_bus_number"), summary, "Bus number %d was given. A machine has the %s controllers 0 to %d.", bus, t, limits.Buses-1)
		return "", false
	}
	switch {
	case hasUnit && (unit < 0 || unit >= int64(limits.Units)):
		j.refuse(rule, d.at.At("unit_number"), summary, "Unit %d was given. A %s controller has the units 0 to %d.", unit, t, limits.Units-1)
		return "", false
	case hasUnit && unit == int64(limits.Reserved):
		j.refuse(rule, d.at.At("unit_number"), summary, "Unit %d was given, which a %s controller takes itself. Use another one from 0 to %d.", unit, t, limits.Units-1)
		return "", false
	}
	return fmt.Sprintf("%s %d:%d", t, bus, unit), hasBus && hasUnit
}

// crowd is what is to be on a controller, or on all of a type.
type crowd struct {
	devices  int32
	physical known.Value[bool]
	first    string
}

// crowds judges how many devices are on a controller, and how they share its bus.
func (j *hardwareJudge) crowds(devices []placed) {
	types, controllers := map[machine.ControllerType]int32{}, map[string]*crowd{}
	for i := range devices {
		d := &devices[i]
		t := machine.ControllerType(d.spec.ControllerType.Or(""))
		limits, ok := t.Limits()
		if !ok {
			continue
		}
		if types[t]++; types[t] == limits.Buses*limits.Usable()+1 {
			j.refuse("5.6", d.at.At("controller_type"), "The controllers are full",
				"A machine has %d %s controllers with room for %d devices on each, and there are more devices for them. Use another controller_type.", limits.Buses, t, limits.Usable())
		}
		bus, ok := d.spec.BusNumber.Get()
		if !ok {
			continue
		}
		controller := fmt.Sprintf("%s %d", t, bus)
		c := controllers[controller]
		if c == nil {
			controllers[controller] = &crowd{devices: 1, physical: d.physical, first: d.what}
			continue
		}
		if c.devices++; c.devices == limits.Usable()+1 {
			j.refuse("5.6", d.at.At("controller_bus_number"), "The controller is full",
				"Controller %s has room for %d devices, and there are more of them. Use another bus number.", controller, limits.Usable())
		}
		is, ok := d.physical.Get()
		if was, told := c.physical.Get(); ok && told && is != was {
			j.refuse("5.6", d.at.At("controller_bus_number"), "Two devices need one controller in different ways",
				"Controller %s is that of the %s too, and only one of them has the application_type %s, for which the bus of the controller is shared. Use another bus number.",
				controller, c.first, machine.MicrosoftWSFC)
		}
	}
}
