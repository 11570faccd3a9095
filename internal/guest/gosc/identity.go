package gosc

import (
	"cmp"
	"fmt"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// identity says who a Linux guest is. The host name is the short one: the domain is sent
// beside it, also when there is none, because the API requires the property.
func (s LinuxPrepSettings) identity(missing *gaps, dns network.DNS) (types.BaseCustomizationIdentitySettings, error) {
	name, err := fixedName(dns)
	if err != nil {
		return nil, err
	}
	at := func(field string) network.Path { return linuxPrepPath(field) }
	clock, hasClock := get(missing, s.HardwareClockIsUTC, at("hardware_clock_is_utc"))
	linux := &types.CustomizationLinuxPrep{
		HostName:      name,
		Domain:        dns.DomainName.Or(""),
		TimeZone:      or(missing, s.TimeZone, at("time_zone"), ""),
		Password:      password(missing, s.Password, at("password")),
		ResetPassword: flag(missing, s.ExpirePasswordAfterNextLogin, at("expire_password_after_next_login")),
		ScriptText:    script(missing, s.ScriptText, s.ScriptTextFrom, at("script_text")),
	}
	if hasClock {
		linux.HwClockUTC = &clock
	}
	return linux, nil
}

// identity says who a Windows guest is, and answers its setup.
func (s SysprepSettings) identity(missing *gaps, dns network.DNS) (types.BaseCustomizationIdentitySettings, error) {
	raw, isRaw := get(missing, s.RawSysprep, sysprepPath("raw_sysprep"))
	answers, isInline := get(missing, s.Sysprep, answersPath())
	switch {
	case isRaw && isInline:
		return nil, fmt.Errorf("%w: both sysprep and raw_sysprep are set", ErrSettings)
	case isInline:
		return answers.identity(missing, dns)
	case isRaw:
		text := DecodeRaw(raw)
		if _, err := checkAnswerFile(text); err != nil {
			return nil, fmt.Errorf("%w: raw_sysprep is not an answer file: %w", ErrSettings, err)
		}
		return &types.CustomizationSysprepText{Value: text}, nil
	case s.RawSysprep.IsUnknown() || s.Sysprep.IsUnknown():
		return nil, nil
	default:
		return nil, fmt.Errorf("%w: neither sysprep nor raw_sysprep is set", ErrSettings)
	}
}

func (a Answers) identity(missing *gaps, dns network.DNS) (types.BaseCustomizationIdentitySettings, error) {
	name, err := fixedName(dns)
	if err != nil {
		return nil, err
	}
	identification := or(missing, a.Identification, answersPath("identification"), Identification{}).build(missing, dns)
	sysprep := &types.CustomizationSysprep{
		GuiUnattended:  or(missing, a.GUIUnattended, answersPath("gui_unattended"), GUIUnattended{}).build(missing),
		UserData:       a.userData(missing, dns, identification.JoinDomain),
		Identification: identification,
		ResetPassword:  flag(missing, a.ExpirePasswordAfterNextLogin, answersPath("expire_password_after_next_login")),
		ScriptText:     script(missing, a.ScriptText, a.ScriptTextFrom, answersPath("script_text")),
	}
	sysprep.UserData.ComputerName = name

	// A list of no commands is none: the API requires one in the object.
	path := answersPath("gui_run_once", "commands")
	once := or(missing, a.GUIRunOnce, answersPath("gui_run_once"), GUIRunOnce{})
	commands, complete := known.Elements(once.Commands)
	if !complete {
		*missing = append(*missing, path)
	}
	if len(commands) > 0 {
		sysprep.GuiRunOnce = &types.CustomizationGuiRunOnce{CommandList: commands}
	}

	path = answersPath("license_file_print_data")
	if licence, ok := get(missing, a.LicenseFilePrintData, path); ok {
		sysprep.LicenseFilePrintData = &types.CustomizationLicenseFilePrintData{
			AutoMode:  types.CustomizationLicenseDataMode(or(missing, licence.AutoMode, path.At("auto_mode"), "")),
			AutoUsers: int32(or(missing, licence.AutoUsers, path.At("auto_users"), 0)),
		}
	}
	return sysprep, nil
}

// userData registers Windows to whom it was said, or else to an administrator of the domain.
func (a Answers) userData(missing *gaps, dns network.DNS, joined string) types.CustomizationUserData {
	path := answersPath("user_data")
	user, ok := get(missing, a.UserData, path)
	if !ok {
		return types.CustomizationUserData{
			FullName: DefaultFullName,
			OrgName:  cmp.Or(dns.DomainName.Or(""), joined, DefaultOrgName),
		}
	}
	return types.CustomizationUserData{
		FullName:  or(missing, user.FullName, path.At("full_name"), ""),
		OrgName:   or(missing, user.OrgName, path.At("org_name"), ""),
		ProductId: or(missing, user.ProductID, path.At("product_id"), ""),
	}
}

// build is also what an absent block says: the time zone has a default there, too.
func (g GUIUnattended) build(missing *gaps) types.CustomizationGuiUnattended {
	path := answersPath("gui_unattended")
	return types.CustomizationGuiUnattended{
		Password:       password(missing, g.Password, path.At("password")),
		TimeZone:       int32(or(missing, g.TimeZone, path.At("time_zone"), DefaultTimeZone)),
		AutoLogon:      or(missing, g.AutoLogon, path.At("auto_logon"), false),
		AutoLogonCount: int32(or(missing, g.AutoLogonCount, path.At("auto_logon_count"), 0)),
	}
}

// build joins the machine's own domain where an account for that was named and no other
// domain was. An absent block joins nothing.
func (i Identification) build(missing *gaps, dns network.DNS) types.CustomizationIdentification {
	path := answersPath("identification")
	identification := types.CustomizationIdentification{
		JoinWorkgroup:       or(missing, i.JoinWorkgroup, path.At("join_workgroup"), ""),
		JoinDomain:          or(missing, i.JoinDomain, path.At("join_domain"), ""),
		DomainAdmin:         or(missing, i.DomainAdmin, path.At("domain_admin"), ""),
		DomainAdminPassword: password(missing, i.DomainAdminPassword, path.At("domain_admin_password")),
		DomainOU:            or(missing, i.DomainOU, path.At("domain_ou"), ""),
	}
	if identification.JoinDomain == "" && identification.DomainAdmin != "" {
		identification.JoinDomain = dns.DomainName.Or("")
	}
	return identification
}

// fixedName is the guest's short host name.
func fixedName(dns network.DNS) (*types.CustomizationFixedName, error) {
	name, ok := dns.HostName.Get()
	if !ok && !dns.HostName.IsUnknown() || ok && name == "" {
		return nil, fmt.Errorf("%w: the machine has no host name", ErrSettings)
	}
	return &types.CustomizationFixedName{Name: name}, nil
}

// password wraps a password in plain text; the empty one is none, and is not sent.
func password(missing *gaps, value known.Value[string], path network.Path) *types.CustomizationPassword {
	text := or(missing, value, path, "")
	if text == "" {
		return nil
	}
	return &types.CustomizationPassword{Value: text, PlainText: true}
}

// flag is true or left out: the API's default is false, and vCenters that do not have the
// property refuse it.
func flag(missing *gaps, value known.Value[bool], path network.Path) *bool {
	if !or(missing, value, path, false) {
		return nil
	}
	return types.NewBool(true)
}

// script is the text from whichever of the two places it comes from.
func script(missing *gaps, value, from known.Value[string], path network.Path) string {
	return cmp.Or(or(missing, value, path.At("value"), ""), or(missing, from, path.At("from"), ""))
}
