package machine

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Temporary keys of devices that are added, each kind from another hundred down. vCenter
// replaces them. Those of network cards begin at firstNICKey.
const (
	firstControllerKey int32 = -400
	firstDiskKey       int32 = -1000
	firstCDROMKey      int32 = -2000
)

// Address is a place on a controller, as it is wanted: any part may be left open, a later one
// whenever an earlier one is.
type Address struct {
	Type ControllerType // empty: chosen
	Bus  *int32         // nil: chosen
	Unit *int32         // nil: chosen
}

// Place is a place on a controller, as it is.
type Place struct {
	Type ControllerType `json:"type"`
	Bus  int32          `json:"bus"`
	Unit int32          `json:"unit"`
}

// PlaceError says that a device cannot be where it is wanted.
type PlaceError struct {
	// Unit says that it is about the unit number, and not about the controller.
	Unit bool
	Err  error
}

// Error is what is wrong.
func (e PlaceError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e PlaceError) Unwrap() error { return e.Err }

// String names the place as people do: SCSI 0:1.
func (p Place) String() string { return fmt.Sprintf("%s %d:%d", p.Type, p.Bus, p.Unit) }

// placeOf says where a device is. Its type is empty where that is none of the controllers.
func placeOf(controllers []Controller, controllerKey int32, unitNumber *int32) Place {
	for i := range controllers {
		if c := &controllers[i]; c.Key == controllerKey {
			return Place{c.Type, c.Bus, unit(unitNumber)}
		}
	}
	return Place{Unit: unit(unitNumber)}
}

// holds says whether a place is at an address.
func (a Address) holds(p Place) bool {
	return (a.Type == "" || a.Type == p.Type) && (a.Bus == nil || *a.Bus == p.Bus) && (a.Unit == nil || *a.Unit == p.Unit)
}

// open says that nothing of the address is fixed.
func (a Address) open() bool { return a.Type == "" && a.Bus == nil && a.Unit == nil }

// check refuses an address whose parts do not tell which controller is meant.
func (a Address) check(allowed ...ControllerType) error {
	switch {
	case a.Type == "" && (a.Bus != nil || a.Unit != nil):
		return fmt.Errorf("%w: a controller's bus number and unit number need its type", vsphere.ErrInvalidArgument)
	case a.Bus == nil && a.Unit != nil:
		return fmt.Errorf("%w: unit number %d needs the controller's bus number", vsphere.ErrInvalidArgument, *a.Unit)
	case a.Type != "" && !slices.Contains(allowed, a.Type):
		return fmt.Errorf("%w: controller type %q: use one of %v", vsphere.ErrInvalidArgument, a.Type, allowed)
	case a.Bus != nil && (*a.Bus < 0 || *a.Bus >= a.Type.buses()):
		return fmt.Errorf("%w: bus number %d: a machine has %s controllers 0 to %d", vsphere.ErrInvalidArgument, *a.Bus, a.Type, a.Type.buses()-1)
	}
	return nil
}

// Slots hands out the units of a machine's controllers, and adds controllers where they run out.
// All functions that add devices to one reconfiguration share one Slots, so that no two devices
// get the same place.
type Slots struct {
	hardware    int
	pci         int32
	controllers []Controller
	implied     map[int32]bool // of a new machine: it has them, but has to be told so
	reserved    map[Place]bool
	released    map[Place]bool
	names       map[Place]string // of what is there, for errors
	added       []types.BaseVirtualDeviceConfigSpec
	next        int32
}

// reserve keeps the units at fixed addresses from devices that take any: they come first,
// whichever kind of devices is placed first.
func (s *Slots) reserve(addresses ...Address) {
	if s.reserved == nil {
		s.reserved = map[Place]bool{}
	}
	for _, at := range addresses {
		if at.Type != "" && at.Bus != nil && at.Unit != nil {
			s.reserved[Place{at.Type, *at.Bus, *at.Unit}] = true
		}
	}
}

// reserveFor reserves the fixed addresses of volumes and drives.
func (s *Slots) reserveFor(volumes []Volume, drives []CDROM) {
	for i := range volumes {
		s.reserve(volumes[i].Address)
	}
	for i := range drives {
		s.reserve(drives[i].Address)
	}
}

// NewSlots starts from the controllers of a machine. Nil stands for a machine that is to be
// created with a hardware version (0: the latest): it has the two IDE controllers that every
// machine has, and no other.
func NewSlots(have *Observation, hardware int) *Slots {
	s := &Slots{hardware: hardware, next: firstControllerKey, implied: map[int32]bool{}, released: map[Place]bool{}, names: map[Place]string{}}
	if have == nil {
		for bus := range int32(maxIDEControllers) {
			s.implied[s.next] = true
			s.controllers = append(s.controllers, Controller{Key: s.next, Type: IDE, Bus: bus, Sharing: NoBusSharing})
			s.next--
		}
		return s
	}
	s.hardware, s.pci = have.HardwareVersion, have.pciKey
	for _, c := range have.Controllers {
		c.Units = slices.Clone(c.Units)
		s.controllers = append(s.controllers, c)
	}
	for i := range have.Disks {
		s.call(have.Disks[i].Place, have.Disks[i].Label)
	}
	for i := range have.CDROMs {
		s.call(have.CDROMs[i].Place, have.CDROMs[i].Label)
	}
	return s
}

// call says what is at a place, for those who cannot have it.
func (s *Slots) call(at Place, name string) { s.names[at] = name }

// release frees the unit of a device that is removed or moves: once, since by then another one may
// have taken it.
func (s *Slots) release(controllerKey, unit int32) {
	for i := range s.controllers {
		if c := &s.controllers[i]; c.Key == controllerKey && !s.released[Place{c.Type, c.Bus, unit}] {
			s.released[Place{c.Type, c.Bus, unit}] = true
			c.Units = slices.DeleteFunc(c.Units, func(u int32) bool { return u == unit })
		}
	}
}

// sharing is the bus sharing of a controller.
func (s *Slots) sharing(controllerKey int32) BusSharing {
	for i := range s.controllers {
		if s.controllers[i].Key == controllerKey {
			return s.controllers[i].Sharing
		}
	}
	return NoBusSharing
}

// take finds a place at an address, on a controller of that sharing. Where the address has no
// type, the preferred ones are tried in their order: the controllers that are there, by bus, and
// then a new one.
func (s *Slots) take(at Address, sharing BusSharing, preferred ...ControllerType) (controllerKey int32, place Place, err error) {
	if at.Type != "" {
		preferred = []ControllerType{at.Type}
	}
	if at.Bus != nil {
		return s.takeOn(at, sharing)
	}
	for _, t := range preferred {
		for i := range s.controllers {
			c := &s.controllers[i]
			if unit, free := s.free(c); free && c.Type == t && c.Sharing == sharing {
				return s.occupy(c, unit)
			}
		}
	}
	for _, t := range preferred {
		if c, err := s.add(t, -1, sharing); err == nil {
			if unit, free := s.free(c); free {
				return s.occupy(c, unit)
			}
		}
	}
	return 0, Place{}, PlaceError{false, fmt.Errorf("%w: the %v controllers of the machine are full, and it cannot have more of them. Use another type of controllers",
		vsphere.ErrInsufficientResources, preferred)}
}

// takeOn finds a place on the controller that an address names.
func (s *Slots) takeOn(at Address, sharing BusSharing) (int32, Place, error) {
	i := slices.IndexFunc(s.controllers, func(c Controller) bool { return c.Type == at.Type && c.Bus == *at.Bus })
	var c *Controller
	if i >= 0 {
		c = &s.controllers[i]
	} else {
		var err error
		if c, err = s.add(at.Type, *at.Bus, sharing); err != nil {
			return 0, Place{}, PlaceError{false, err}
		}
	}
	if c.Sharing != sharing {
		return 0, Place{}, PlaceError{false, fmt.Errorf("%w: controller %s has bus sharing %s, and %s is needed. Use another bus number, or none",
			vsphere.ErrInvalidArgument, c, c.Sharing, sharing)}
	}
	if at.Unit == nil {
		unit, free := s.free(c)
		if !free {
			return 0, Place{}, PlaceError{false, fmt.Errorf("%w: controller %s has no free unit. Use another bus number, or none", vsphere.ErrInsufficientResources, c)}
		}
		return s.occupy(c, unit)
	}
	switch unit := *at.Unit; {
	case !c.usable(unit, s.hardware):
		return 0, Place{}, PlaceError{true, fmt.Errorf("%w: controller %s has no unit %d for devices: there are %d units%s",
			vsphere.ErrInvalidArgument, c, unit, c.units(s.hardware), map[bool]string{true: ", of which 7 is the controller's own"}[c.Type == SCSI])}
	case slices.Contains(c.Units, unit):
		name := cmp.Or(s.names[Place{c.Type, c.Bus, unit}], "another device")
		return 0, Place{}, PlaceError{true, fmt.Errorf("%w: unit %d of controller %s is taken by %s, which stays there. Use another unit number, or none for a free one",
			vsphere.ErrAlreadyExists, unit, c, name)}
	default:
		return s.occupy(c, unit)
	}
}

// free is the lowest free unit of a controller.
func (s *Slots) free(c *Controller) (int32, bool) {
	for unit := range c.units(s.hardware) {
		if c.usable(unit, s.hardware) && !slices.Contains(c.Units, unit) && !s.reserved[Place{c.Type, c.Bus, unit}] {
			return unit, true
		}
	}
	return 0, false
}

func (s *Slots) occupy(c *Controller, unit int32) (int32, Place, error) {
	if s.implied[c.Key] {
		delete(s.implied, c.Key)
		change, err := c.addController(s.pci)
		if err != nil {
			return 0, Place{}, err
		}
		s.added = append(s.added, change)
	}
	c.Units = append(c.Units, unit)
	slices.Sort(c.Units)
	return c.Key, Place{c.Type, c.Bus, unit}, nil
}

// add adds a controller on a bus, or on the lowest free one for -1.
func (s *Slots) add(t ControllerType, bus int32, sharing BusSharing) (*Controller, error) {
	taken := func(bus int32) bool {
		return slices.ContainsFunc(s.controllers, func(c Controller) bool { return c.Type == t && c.Bus == bus })
	}
	if bus < 0 {
		bus = 0
		for taken(bus) {
			bus++
		}
	}
	if bus >= t.buses() {
		return nil, fmt.Errorf("%w: the machine has all its %s controllers", vsphere.ErrInsufficientResources, t)
	}
	c := Controller{Key: s.next, Type: t, Bus: bus, Sharing: sharing}
	if t == SCSI {
		c.Model = "ParaVirtual"
	}
	change, err := c.addController(s.pci)
	if err != nil {
		return nil, err
	}
	s.next--
	s.added = append(s.added, change)
	s.controllers = append(s.controllers, c)
	return &s.controllers[len(s.controllers)-1], nil
}

// additions hands out the controllers that were added since the last call. They go before the
// devices on them.
func (s *Slots) additions() []types.BaseVirtualDeviceConfigSpec {
	added := s.added
	s.added = nil
	return added
}
