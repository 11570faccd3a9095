package machine

import (
	"cmp"

	"github.com/vmware/govmomi/vim25/types"
)

// Tools is what is known of VMware Tools in the guest.
type Tools struct {
	// RunningStatus is guestToolsRunning, guestToolsExecutingScripts, which they do while they
	// start, or guestToolsNotRunning; empty where vCenter does not say.
	RunningStatus types.VirtualMachineToolsRunningStatus
	// VersionStatus is guestToolsCurrent, guestToolsUnmanaged (which open-vm-tools are),
	// guestToolsNotInstalled and the like; empty where vCenter does not say.
	VersionStatus types.VirtualMachineToolsVersionStatus
	// Version is the number that vSphere has for a release, like "12389"; empty without Tools.
	Version string
}

func newTools(guest *types.GuestInfo) Tools {
	if guest == nil {
		return Tools{}
	}
	return Tools{
		RunningStatus: types.VirtualMachineToolsRunningStatus(guest.ToolsRunningStatus),
		VersionStatus: types.VirtualMachineToolsVersionStatus(guest.ToolsVersionStatus2),
		Version:       guest.ToolsVersion,
	}
}

// Running says whether Tools run in the guest.
func (t Tools) Running() bool {
	return t.RunningStatus == types.VirtualMachineToolsRunningStatusGuestToolsRunning ||
		t.RunningStatus == types.VirtualMachineToolsRunningStatusGuestToolsExecutingScripts
}

// String tells what is known in vSphere's words.
func (t Tools) String() string {
	if t.Running() || t.VersionStatus == "" {
		return cmp.Or(string(t.RunningStatus), "not reported")
	}
	return cmp.Or(string(t.RunningStatus), "not reported") + ", " + string(t.VersionStatus)
}
