package observed

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// Condition is a fact about the machine in the manner of Kubernetes.
type Condition struct {
	// Type names the fact.
	Type string
	// Status is StatusTrue, StatusFalse or StatusUnknown.
	Status string
	// Reason is one word for why, Message a sentence or nothing.
	Reason, Message string
}

// The types of conditions, with VM Operator's names.
const (
	TypeGuestBootstrap     = "GuestBootstrap"
	TypeGuestCustomization = "GuestCustomization"
	TypeBootstrapReady     = "VirtualMachineBootstrapReady"
	TypeNetworkSynced      = "VirtualMachineGuestNetworkConfigSynced"
	TypeNetworkReady       = "VirtualMachineNetworkReady"
	TypeTools              = "VirtualMachineTools"
)

// The statuses of a condition.
const (
	StatusTrue    = "True"
	StatusFalse   = "False"
	StatusUnknown = "Unknown"
)

// The reasons of conditions. A bootstrap condition has whatever reason the guest gives.
const (
	ReasonTrue                 = "True"
	ReasonFalse                = "False"
	ReasonUnknown              = "Unknown"
	ReasonNoGuestInfo          = "NoGuestInfo"
	ReasonCustomizationPending = "GuestCustomizationPending"
	ReasonCustomizationRunning = "GuestCustomizationRunning"
	ReasonCustomizationFailed  = "GuestCustomizationFailed"
	ReasonToolsNotRunning      = "VirtualMachineToolsNotRunning"
	ReasonSynced               = "Synced"
	ReasonNotSynced            = "NotSynced"
	ReasonNotReady             = "NotReady"
	ReasonGetError             = "GetError"
)

// The ExtraConfig keys that conditions are read from.
const (
	keyBootstrap   = "guestinfo.vmservice.bootstrap.condition"
	keyDeployedPkg = "tools.deployPkg.fileName"
)

// guestBootstrap reads what the guest says about its own bootstrap: status, reason and
// message between commas, the last two optional. There is no condition without the key.
func guestBootstrap(extraConfig map[string]string) *Condition {
	value, found := extraConfig[keyBootstrap]
	if !found {
		return nil
	}
	parts := strings.SplitN(value, ",", 3)
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	condition := Condition{Type: TypeGuestBootstrap, Status: StatusFalse, Reason: ReasonFalse, Message: strings.TrimSpace(parts[2])}
	if done, err := strconv.ParseBool(strings.TrimSpace(parts[0])); err == nil && done {
		condition.Status, condition.Reason = StatusTrue, ReasonTrue
	}
	if reason := strings.TrimSpace(parts[1]); reason != "" {
		condition.Reason = reason
	}
	return &condition
}

// tools tells whether VMware Tools run in the guest.
func tools(guest *types.GuestInfo) *Condition {
	condition := Condition{Type: TypeTools, Status: StatusUnknown, Reason: ReasonNoGuestInfo}
	if guest == nil || guest.ToolsRunningStatus == "" {
		return &condition
	}
	switch types.VirtualMachineToolsRunningStatus(guest.ToolsRunningStatus) {
	case types.VirtualMachineToolsRunningStatusGuestToolsNotRunning:
		condition.Status, condition.Reason = StatusFalse, ReasonToolsNotRunning
		condition.Message = "VMware Tools are not running in the guest"
	case types.VirtualMachineToolsRunningStatusGuestToolsRunning,
		types.VirtualMachineToolsRunningStatusGuestToolsExecutingScripts:
		condition.Status, condition.Reason = StatusTrue, ReasonTrue
	default:
		condition.Reason = ReasonUnknown
		condition.Message = "Unexpected status of VMware Tools: " + guest.ToolsRunningStatus
	}
	return &condition
}

// networkSynced tells whether the guest has the network that it was told, as far as it reports
// one: its primary addresses are those of its interfaces, which vCenter learns some time later,
// and its interfaces have the static addresses of the configuration. VM Operator looks at the
// primary addresses only. It is nil when nothing is known.
func networkSynced(in Input, seen Network) *Condition {
	if seen.PrimaryIP4 == "" && seen.PrimaryIP6 == "" && len(seen.Interfaces) == 0 && len(seen.IPStacks) == 0 {
		return nil
	}
	var wrong []string
	switch missing := missingPrimaries(seen); {
	case seen.PrimaryIP4 == "" && seen.PrimaryIP6 == "":
		wrong = append(wrong, "The guest reports no primary address")
	case len(missing) > 0:
		wrong = append(wrong, "No interface reports the primary address "+strings.Join(missing, " and "))
	}
	if len(seen.Interfaces) > 0 { // without any, nothing can be missed
		for _, difference := range Compare(in.Config, seen) {
			wrong = append(wrong, difference.String())
		}
	}
	if len(wrong) > 0 {
		return &Condition{Type: TypeNetworkSynced, Status: StatusFalse, Reason: ReasonNotSynced, Message: strings.Join(wrong, "; ")}
	}
	return &Condition{
		Type: TypeNetworkSynced, Status: StatusTrue, Reason: ReasonSynced,
		Message: fmt.Sprintf("Primary addresses: IPv4 %q, IPv6 %q", seen.PrimaryIP4, seen.PrimaryIP6),
	}
}

// missingPrimaries lists the primary addresses that no interface has; without interfaces
// nothing can be said.
func missingPrimaries(seen Network) []string {
	var missing []string
	for _, primary := range []string{seen.PrimaryIP4, seen.PrimaryIP6} {
		found := primary == "" || len(seen.Interfaces) == 0
		for _, entry := range seen.Interfaces {
			found = found || entry.carries(primary)
		}
		if !found {
			missing = append(missing, primary)
		}
	}
	return missing
}
