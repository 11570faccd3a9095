package image

import (
	"strings"

	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/vim25/types"
)

// The families of operating systems.
const (
	FamilyLinux   = "Linux"
	FamilyWindows = "Windows"
	FamilyDarwin  = "Darwin"
	FamilyBSD     = "BSD"
	FamilySolaris = "Solaris"
	FamilyOther   = "Other"
)

// familyPrefixes are the beginnings of guest ids whose family govmomi's table does not know:
// it has no BSD, and matches Linux by a list of names that lacks these.
var familyPrefixes = []struct{ prefix, family string }{
	{"freebsd", FamilyBSD},
	{"asianux", FamilyLinux},
	{"crxpod", FamilyLinux}, // Photon OS as the host of Pods
	{"crxsys", FamilyLinux},
	{"fusionos", FamilyLinux},
	{"nld", FamilyLinux}, // Novell Linux Desktop
	{"oes", FamilyLinux}, // Novell Open Enterprise Server
	{"pardus", FamilyLinux},
	{"photon", FamilyLinux}, // the short form that VM Operator's documentation uses
	{"sjds", FamilyLinux},   // Sun Java Desktop System
}

// Family returns the family of a vSphere guest id: Linux, Windows, Darwin, BSD, Solaris or Other.
func Family(guestID string) string {
	switch types.GuestIDToFamily(guestID) {
	case types.VirtualMachineGuestOsFamilyLinuxGuest:
		return FamilyLinux
	case types.VirtualMachineGuestOsFamilyWindowsGuest:
		return FamilyWindows
	case types.VirtualMachineGuestOsFamilyDarwinGuestFamily:
		return FamilyDarwin
	case types.VirtualMachineGuestOsFamilySolarisGuest:
		return FamilySolaris
	case types.VirtualMachineGuestOsFamilyNetwareGuest, types.VirtualMachineGuestOsFamilyOtherGuestFamily:
	}
	for _, known := range familyPrefixes {
		if strings.HasPrefix(strings.ToLower(guestID), known.prefix) {
			return known.family
		}
	}
	return FamilyOther
}

// osInfo reads the operating system section: the guest id is vmw:osType, or is looked up by
// CIM number and version where a descriptor was not made by vSphere.
func osInfo(section *ovf.OperatingSystemSection) *OSInfo {
	if section == nil {
		return nil
	}
	info := OSInfo{ID: trimmed(section.OSType), Version: trimmed(section.Version)}
	if info.ID == "" {
		info.ID = string(ovf.CIMOSTypeToGuestID(ovf.CIMOSType(section.ID), info.Version))
	}
	info.Type = Family(info.ID)
	return &info
}
