package machine

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

var (
	// ErrNeedsPowerOff says that a running machine cannot take a change.
	ErrNeedsPowerOff = errors.New("the change needs the machine powered off")
	// ErrSuspended says that a suspended machine takes no change: its devices and its size are
	// part of the memory that waits on disk.
	ErrSuspended = errors.New("a suspended machine cannot be changed")
)

// Part names what of a machine a change is about.
type Part string

// The parts of a machine, in the words of VM Operator's VirtualMachine.
const (
	PartCPU            Part = "cpu"
	PartMemory         Part = "memory"
	PartFirmware       Part = "firmware"
	PartBootOptions    Part = "boot_options"
	PartChangeTracking Part = "change_block_tracking"
	PartExtraConfig    Part = "extra_config"
	PartInterface      Part = "interface"
	PartVolume         Part = "volume"
	PartCDROM          Part = "cdrom"
	PartGuestID        Part = "guest_id"
	PartHardware       Part = "min_hardware_version"
	PartBootDisk       Part = "boot_disk_capacity"
	PartClass          Part = "class"
)

// PartError says which part of what is wanted a machine cannot have.
type PartError struct {
	Part Part
	// Name is which of several; see Reason.
	Name string
	Err  error
}

// Error puts the part before what is wrong with it.
func (e PartError) Error() string { return Reason{e.Part, e.Name, e.Err.Error()}.String() }

// Unwrap returns what is wrong.
func (e PartError) Unwrap() error { return e.Err }

// Reason says why a part of a change does not take effect on a running machine.
type Reason struct {
	Part Part
	// Name is which of several: of a volume, a CD-ROM, an interface, an ExtraConfig key.
	Name string
	// Text is a clause: "it becomes smaller".
	Text string
}

// String puts the reason as: volume "data": it becomes smaller.
func (r Reason) String() string {
	if r.Name == "" {
		return fmt.Sprintf("%s: %s", r.Part, r.Text)
	}
	return fmt.Sprintf("%s %q: %s", r.Part, r.Name, r.Text)
}

// Change is a part of a reconfiguration, with what it takes. The functions that compare what is
// wanted with what was observed return one each, and Merge makes one of them all.
type Change struct {
	Spec types.VirtualMachineConfigSpec
	// Offline are the parts that a running machine cannot take.
	Offline []Reason
	// NextStart are the parts that a running machine takes, and acts on when it starts the next
	// time.
	NextStart []Reason
}

// Empty says that nothing changes.
func (c *Change) Empty() bool { return reflect.ValueOf(c.Spec).IsZero() }

// Merge adds another change. Lists grow; any other property that both set is the other's.
func (c *Change) Merge(other Change) {
	into, from := reflect.ValueOf(&c.Spec).Elem(), reflect.ValueOf(other.Spec)
	for i := range from.NumField() {
		switch field := from.Field(i); {
		case field.IsZero():
		case field.Kind() == reflect.Slice:
			into.Field(i).Set(reflect.AppendSlice(into.Field(i), field))
		default:
			into.Field(i).Set(field)
		}
	}
	c.Offline = append(c.Offline, other.Offline...)
	c.NextStart = append(c.NextStart, other.NextStart...)
}

// Check says whether a machine can take the change in the power state that it was observed in.
// Errors: ErrSuspended, ErrNeedsPowerOff with the parts that do, both vsphere.ErrInvalidState.
func (c *Change) Check(have *Observation) error {
	if c.Empty() {
		return nil
	}
	switch have.PowerState {
	case types.VirtualMachinePowerStateSuspended:
		return fmt.Errorf("%s: %w (%w). Power it on or off first", have.Title(), ErrSuspended, vsphere.ErrInvalidState)
	case types.VirtualMachinePowerStatePoweredOn:
		if len(c.Offline) > 0 {
			parts := make([]string, len(c.Offline))
			for i, reason := range c.Offline {
				parts[i] = reason.String()
			}
			return fmt.Errorf("%s: %w (%w): %s", have.Title(), ErrNeedsPowerOff, vsphere.ErrInvalidState, strings.Join(parts, "; "))
		}
	case types.VirtualMachinePowerStatePoweredOff:
	}
	return nil
}

// offline adds a part that a running machine cannot take.
func (c *Change) offline(part Part, name, format string, args ...any) {
	c.Offline = append(c.Offline, Reason{part, name, fmt.Sprintf(format, args...)})
}

// nextStart adds a part that a running machine acts on later.
func (c *Change) nextStart(part Part, name, text string) {
	c.NextStart = append(c.NextStart, Reason{part, name, text})
}

// device adds changes of devices.
func (c *Change) device(changes ...types.BaseVirtualDeviceConfigSpec) {
	c.Spec.DeviceChange = append(c.Spec.DeviceChange, changes...)
}
