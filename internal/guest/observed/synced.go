package observed

import (
	"fmt"
	"strings"
)

// The types of conditions that compare a machine with the configuration that it was last given,
// with VM Operator's names.
const (
	TypeCreated           = "VirtualMachineCreated"
	TypeLocationValid     = "VirtualMachineLocationValid"
	TypeClassSynced       = "VirtualMachineClassConfigurationSynced"
	TypeComputeSynced     = "VirtualMachineComputeConfigSynced"
	TypeExtraConfigSynced = "VirtualMachineExtraConfigSynced"
	TypeDevicesVerified   = "VirtualMachineHardwareDeviceConfigVerified"
	TypeVolumesVerified   = "VirtualMachineHardwareVolumesVerified"
	TypeDrivesVerified    = "VirtualMachineHardwareCDROMVerified"
	TypePowerStateSynced  = "VirtualMachinePowerStateSynced"
)

// The reasons why a machine is not as it was configured.
const (
	ReasonNotCreated          = "NotCreated"
	ReasonMoved               = "Moved"
	ReasonClassUpdated        = "ClassUpdated"
	ReasonMachineChanged      = "MachineChanged"
	ReasonPrerequisiteNotMet  = "PrerequisiteNotMet"
	ReasonPowerOffRequired    = "PowerOffRequired"
	ReasonComputeMismatch     = "ComputeConfigMismatch"
	ReasonExtraConfigMismatch = "ExtraConfigMismatch"
	ReasonDevicesMismatch     = "HardwareDeviceConfigMismatch"
	ReasonVolumesMismatch     = "HardwareVolumesMismatch"
	ReasonDrivesMismatch      = "HardwareCDROMMismatch"
)

// Part is a part of a machine's configuration beside what the machine has: what an update would
// change, without doing it.
type Part struct {
	// Type of the condition, and Mismatch its reason where the machine lacks something.
	Type, Mismatch string
	// Impossible says why the machine cannot have what is configured; empty where it can.
	Impossible string
	// Lacks are what differs.
	Lacks []Lack
}

// Lack is an attribute that differs.
type Lack struct {
	Attribute string
	// PowerOff tells that an update needs the machine powered off for it, and Why says why; it may
	// be empty.
	PowerOff bool
	Why      string
}

// Synced tells whether the machine has that part of its configuration. What cannot be done counts
// before what needs the machine powered off, and that before what only differs, as in VM Operator.
func (p Part) Synced() Condition {
	condition := Condition{Type: p.Type, Status: StatusFalse}
	if p.Impossible != "" {
		condition.Reason, condition.Message = ReasonPrerequisiteNotMet, p.Impossible
		return condition
	}
	if len(p.Lacks) == 0 {
		condition.Status, condition.Reason = StatusTrue, ReasonTrue
		return condition
	}
	condition.Reason = p.Mismatch
	differ := make([]string, len(p.Lacks))
	for i, lack := range p.Lacks {
		differ[i] = lack.Attribute
		if lack.PowerOff {
			condition.Reason = ReasonPowerOffRequired
			if lack.Why != "" {
				differ[i] += " (" + lack.Why + ")"
			}
		}
	}
	condition.Message = "The machine differs from its configuration in " + strings.Join(differ, ", ")
	return condition
}

// Devices sums up the conditions of a machine's devices; it is nil without any.
func Devices(parts ...Condition) *Condition {
	if len(parts) == 0 {
		return nil
	}
	condition := Condition{Type: TypeDevicesVerified, Status: StatusTrue, Reason: ReasonTrue}
	var wrong []string
	for _, part := range parts {
		if part.Status != StatusTrue {
			wrong = append(wrong, part.Type)
		}
	}
	if len(wrong) > 0 {
		condition.Status, condition.Reason = StatusFalse, ReasonDevicesMismatch
		condition.Message = "Not as configured: " + strings.Join(wrong, ", ")
	}
	return &condition
}

// Created tells whether the machine's creation has come to its end.
func Created(unfinished bool) Condition {
	if unfinished {
		return Condition{
			Type: TypeCreated, Status: StatusFalse, Reason: ReasonNotCreated,
			Message: "The machine bears the mark of a creation that has not come to its end",
		}
	}
	return Condition{Type: TypeCreated, Status: StatusTrue, Reason: ReasonTrue}
}

// PowerStateSynced tells whether the machine is in the power state that was asked for.
func PowerStateSynced(want, have string) Condition {
	if want != have {
		return Condition{
			Type: TypePowerStateSynced, Status: StatusFalse, Reason: ReasonNotSynced,
			Message: fmt.Sprintf("The machine is %s and was left %s", have, want),
		}
	}
	return Condition{Type: TypePowerStateSynced, Status: StatusTrue, Reason: ReasonTrue}
}

// Location is a folder and a resource pool by their ids; empty where a machine has none, as in a
// vApp.
type Location struct{ Folder, ResourcePool string }

// LocationValid tells whether the machine is where its namespace puts machines. path is where it
// is.
func LocationValid(namespace string, want, have Location, path string) Condition {
	var moved []string
	if want.Folder != have.Folder {
		moved = append(moved, "folder")
	}
	if want.ResourcePool != have.ResourcePool {
		moved = append(moved, "resource pool")
	}
	if len(moved) == 0 {
		return Condition{Type: TypeLocationValid, Status: StatusTrue, Reason: ReasonTrue}
	}
	return Condition{
		Type: TypeLocationValid, Status: StatusFalse, Reason: ReasonMoved,
		Message: fmt.Sprintf("%s is not in the %s of the namespace %q", path, strings.Join(moved, " and "), namespace),
	}
}

// Size is the processors and the memory of a machine; zero is any.
type Size struct {
	CPUs     int32
	MemoryMB int64
}

// ClassSynced tells whether a machine has the size of its class, and which of the two was changed where
// it has not. A class is applied once: applied is what it had then, zero where nobody remembers.
func ClassSynced(class string, applied, want, have Size) Condition {
	var differ []string
	var updated, changed bool
	compare := func(applied, want, have int64, format string) {
		if want == 0 || want == have {
			return
		}
		differ = append(differ, fmt.Sprintf(format, want, have))
		updated = updated || applied != 0 && applied != want
		changed = changed || applied != 0 && applied != have
	}
	compare(int64(applied.CPUs), int64(want.CPUs), int64(have.CPUs), "%d processors and the machine %d")
	compare(applied.MemoryMB, want.MemoryMB, have.MemoryMB, "%d MiB of memory and the machine %d MiB")
	if len(differ) == 0 {
		return Condition{Type: TypeClassSynced, Status: StatusTrue, Reason: ReasonTrue}
	}
	condition := Condition{Type: TypeClassSynced, Status: StatusFalse, Reason: ReasonClassUpdated}
	who := ""
	switch {
	case updated && changed:
		who = " Both were changed since the class was applied."
	case changed:
		condition.Reason = ReasonMachineChanged
		who = " The machine was changed since the class was applied, and the class was not."
	case updated:
		who = " The class was changed since it was applied."
	}
	condition.Message = fmt.Sprintf("The class %q has %s.%s A class is applied when a machine is created, and when class_name or the resources block changes; "+
		"an amount that is written in resources.size is compared each time", class, strings.Join(differ, ", "), who)
	return condition
}
