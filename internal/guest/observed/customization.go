package observed

import (
	"cmp"

	"github.com/vmware/govmomi/vim25/types"
)

// Why a customization that the guest does not report is not done: each ends a condition that
// would otherwise sound like success.
const (
	messageWaits    = "A guest customization waits for the next power-on"
	messageDeferred = "A changed guest customization has not been handed to vSphere, because the virtual machine is powered on"
	messageEarlier  = "The guest has not begun the customization that vSphere was last asked for"
)

// guestCustomization tells how far guest OS customization is. Tools calls the state IDLE
// before the first customization and sometimes after one, so that a customization that still
// has to be done counts more than a state that sounds like success.
func guestCustomization(in Input) *Condition {
	condition := Condition{Type: TypeGuestCustomization}
	condition.Status, condition.Reason, condition.Message = customizationState(in.Guest)
	if in.startsOver() {
		condition.Status, condition.Reason, condition.Message = StatusFalse, ReasonCustomizationPending, messageEarlier
	}
	if condition.Status == StatusFalse && condition.Reason != ReasonCustomizationPending {
		return &condition
	}
	var message string
	switch {
	case in.PendingCustomization != "" || in.ExtraConfig[keyDeployedPkg] != "":
		message = messageWaits
	case in.DeferredCustomization:
		message = messageDeferred
	default:
		return &condition
	}
	condition.Status, condition.Reason, condition.Message = StatusFalse, ReasonCustomizationPending, message
	return &condition
}

func customizationState(guest *types.GuestInfo) (status, reason, message string) {
	if guest == nil || guest.CustomizationInfo == nil {
		return StatusUnknown, ReasonNoGuestInfo, ""
	}
	info := guest.CustomizationInfo
	switch types.GuestInfoCustomizationStatus(info.CustomizationStatus) {
	case "", types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_IDLE, types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED:
		return StatusTrue, ReasonTrue, ""
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_PENDING:
		return StatusFalse, ReasonCustomizationPending, ""
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_RUNNING:
		return StatusFalse, ReasonCustomizationRunning, ""
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED:
		return StatusFalse, ReasonCustomizationFailed, cmp.Or(info.ErrorMsg, "The guest reports a failed customization without saying why")
	default:
		return StatusFalse, ReasonUnknown, cmp.Or(info.ErrorMsg, "Unexpected customization status "+info.CustomizationStatus)
	}
}

// startsOver reports whether the end that the guest reports is that of an earlier customization.
// The guest's clock says which one it is, so that no other clock is compared with it.
func (in Input) startsOver() bool {
	if in.EarlierCustomization.IsZero() || in.Guest == nil || in.Guest.CustomizationInfo == nil {
		return false
	}
	now := in.Guest.CustomizationInfo
	switch types.GuestInfoCustomizationStatus(now.CustomizationStatus) {
	case types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED, types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED:
	default:
		return false
	}
	return now.StartTime != nil && now.StartTime.Equal(in.EarlierCustomization)
}
