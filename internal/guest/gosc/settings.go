package gosc

import (
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Settings is LinuxPrepSettings or SysprepSettings.
type Settings interface {
	// judge adds what is wrong with the settings of a machine with the given network.
	judge(f *findings, spec network.Spec)
	// needs lists what they ask for that not every vCenter has.
	needs() []need
	provider() string
}

// LinuxPrepSettings is VM Operator's spec.bootstrap.linuxPrep, with secrets already read.
type LinuxPrepSettings struct {
	// HardwareClockIsUTC tells whether the hardware clock runs in UTC or in local time;
	// absent leaves the guest's setting alone.
	HardwareClockIsUTC known.Value[bool]
	// TimeZone is a name of the tz database, such as Europe/Sofia.
	TimeZone known.Value[string]
	// ExpirePasswordAfterNextLogin makes root change the password at the first login.
	ExpirePasswordAfterNextLogin known.Value[bool]
	// Password becomes root's; absent leaves it alone. A secret.
	Password known.Value[string]
	// ScriptText runs in the guest before and after the customization; ScriptTextFrom is
	// the same, read from a secret. At most one of the two is set.
	ScriptText, ScriptTextFrom known.Value[string]
}

// SysprepSettings is VM Operator's spec.bootstrap.sysprep, with secrets already read.
// Exactly one of its two fields is set.
type SysprepSettings struct {
	// RawSysprep is the text of an answer file, literal or in base64, with or without
	// gzip. It may hold templates for Validate; Sysprep wants them rendered. A secret.
	RawSysprep known.Value[string]
	// Sysprep is the answer file by fields.
	Sysprep known.Value[Answers]
}

// Answers is VM Operator's inline Sysprep: what an answer file says, by fields.
type Answers struct {
	// UserData may be absent: see DefaultFullName and DefaultOrgName.
	UserData             known.Value[UserData]
	GUIUnattended        known.Value[GUIUnattended]
	GUIRunOnce           known.Value[GUIRunOnce]
	Identification       known.Value[Identification]
	LicenseFilePrintData known.Value[LicenseFilePrintData]
	// ExpirePasswordAfterNextLogin makes the local administrators change their password
	// at the first logon.
	ExpirePasswordAfterNextLogin known.Value[bool]
	// ScriptText is a batch file that runs before and after the customization;
	// ScriptTextFrom is the same, read from a secret. At most one of the two is set.
	ScriptText, ScriptTextFrom known.Value[string]
}

// UserData says who Windows is registered to.
type UserData struct {
	FullName, OrgName known.Value[string]
	// ProductID is a product key of five groups of five; absent with a volume licence. A secret.
	ProductID known.Value[string]
}

// GUIUnattended answers what Windows' setup would ask.
type GUIUnattended struct {
	// AutoLogon logs the Administrator on without asking, AutoLogonCount times.
	AutoLogon      known.Value[bool]
	AutoLogonCount known.Value[int64]
	// TimeZone is a Microsoft time zone index (see timeZones), DefaultTimeZone when absent.
	TimeZone known.Value[int64]
	// Password becomes the Administrator's. A secret.
	Password known.Value[string]
}

// GUIRunOnce runs commands at the first logon.
type GUIRunOnce struct {
	Commands known.List[string]
}

// Identification says what the machine joins: a workgroup, a domain, or nothing new.
type Identification struct {
	// JoinDomain is network.domain_name when absent and DomainAdmin is set.
	JoinDomain    known.Value[string]
	JoinWorkgroup known.Value[string]
	// DomainAdmin may add machines to the domain.
	DomainAdmin known.Value[string]
	// DomainAdminPassword is the account's. A secret.
	DomainAdminPassword known.Value[string]
	// DomainOU is the LDAP path of the organizational unit that the machine is put in.
	DomainOU known.Value[string]
}

// LicenseFilePrintData licenses a Windows 2000 or 2003 Server.
type LicenseFilePrintData struct {
	// AutoMode is perServer or perSeat.
	AutoMode known.Value[string]
	// AutoUsers is the number of client licences, with perServer.
	AutoUsers known.Value[int64]
}

// What an inline Sysprep says where nothing was written.
const (
	// DefaultFullName is the full name without user_data.
	DefaultFullName = "Administrator"
	// DefaultOrgName is the organization without user_data, of a machine without domain.
	DefaultOrgName = "Organization"
	// DefaultTimeZone is VM Operator's: Greenwich Mean Time as in London, with summer time.
	DefaultTimeZone = 85
)

func (LinuxPrepSettings) provider() string { return providerLinuxPrep }
func (SysprepSettings) provider() string   { return providerSysprep }

// linuxPrepPath is the path of the linux_prep block, followed by steps.
func linuxPrepPath(steps ...any) network.Path {
	return network.Path{"bootstrap", "linux_prep"}.At(steps...)
}

// sysprepPath is the path of the outer sysprep block, followed by steps.
func sysprepPath(steps ...any) network.Path {
	return network.Path{"bootstrap", "sysprep"}.At(steps...)
}

// answersPath is the path of the inner sysprep block, followed by steps.
func answersPath(steps ...any) network.Path {
	return sysprepPath("sysprep").At(steps...)
}
