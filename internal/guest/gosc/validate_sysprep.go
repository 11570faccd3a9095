package gosc

import (
	"math"
	"regexp"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// maxNetBIOSBytes is the longest name that Windows has for a machine or a workgroup.
const maxNetBIOSBytes = 15

var (
	// productKey is the form of a Windows product key.
	productKey = regexp.MustCompile(`^[A-Z0-9]{5}(-[A-Z0-9]{5}){4}$`)
	// ldapPath begins with the type of an attribute: OU=Servers,DC=example,DC=com.
	ldapPath = regexp.MustCompile(`^ *[A-Za-z][A-Za-z0-9.-]* *= *[^ ]`)
	// computerName is what the vSphere API says that a computer name may contain.
	computerName = regexp.MustCompile(`^[A-Za-z0-9-]*$`)
	digitsOnly   = regexp.MustCompile(`^[0-9]+$`)
)

func (s SysprepSettings) judge(f *findings, spec network.Spec) {
	switch {
	case s.Sysprep.IsSet() && s.RawSysprep.IsSet():
		f.refuse(RuleOneForm, sysprepPath(), "sysprep and raw_sysprep exclude each other",
			"Both are the answer file of Windows' setup, by fields and as text. Keep the block you mean.")
	case s.Sysprep.IsAbsent() && s.RawSysprep.IsAbsent():
		f.refuse(RuleSomeForm, sysprepPath(), "Sysprep has no answers",
			"Windows' setup needs an answer file. Add a sysprep block in bootstrap.sysprep for one by fields, or raw_sysprep for its text.")
	}
	if raw, ok := s.RawSysprep.Get(); ok {
		f.answerFile(sysprepPath("raw_sysprep"), raw)
	}
	if answers, ok := s.Sysprep.Get(); ok {
		answers.judge(f, spec)
	}
}

func (a Answers) judge(f *findings, spec network.Spec) {
	f.computerName(spec)
	if user, ok := a.UserData.Get(); ok {
		user.judge(f, answersPath("user_data"))
	}
	if unattended, ok := a.GUIUnattended.Get(); ok {
		unattended.judge(f, answersPath("gui_unattended"))
	}
	if once, ok := a.GUIRunOnce.Get(); ok {
		for i, command := range once.Commands.Or(nil) {
			f.required(RuleEmpty, answersPath("gui_run_once", "commands", i), command,
				"Command is empty", "Windows refuses an answer file with an empty command. Give it a text, or remove it.")
		}
	}
	if identification, ok := a.Identification.Get(); ok {
		identification.judge(f, answersPath("identification"), spec.DomainName)
	}
	if licence, ok := a.LicenseFilePrintData.Get(); ok {
		licence.judge(f, answersPath("license_file_print_data"))
	}
	f.script(RuleSysprepScript, answersPath("script_text"), a.ScriptText, a.ScriptTextFrom, func(at network.Path, text string) {
		if strings.HasPrefix(text, "#!") {
			f.warn(RuleScript, at, "Script is not a batch file",
				"The first line begins with \"#!\", as of a script for Linux. Windows runs the script as a batch file. Write it as one.")
		}
	})
}

// computerName judges the host name as Windows takes it. Its length is among the rules of the network.
func (f *findings) computerName(spec network.Spec) {
	name, path := spec.HostName, network.Path{"network", "host_name"}
	if isNone(name) {
		name, path = spec.VMName, network.Path{"name"}
	}
	text := name.Or("")
	const change = "Set network.host_name to letters, digits and dashes, with a letter among them."
	switch {
	case digitsOnly.MatchString(text):
		f.refuse(RuleComputerName, path, "Host name is a number",
			"The host name is %q, and Windows refuses a computer name of digits only. "+change, text)
	case strings.ContainsAny(text, ".: "):
		f.refuse(RuleComputerName, path, "Host name is not one for Windows",
			"The host name is %q, and a computer name has no dots, colons or spaces. "+change, text)
	case !computerName.MatchString(text):
		f.warn(RuleComputerName, path, "Host name may not be one for Windows",
			"The host name is %q, and vSphere documents letters (A-Z), digits and dashes for computer names. "+change, text)
	}
}

func (u UserData) judge(f *findings, path network.Path) {
	const advice = "user_data needs both full_name and org_name. Set it, or remove user_data to register Windows to \"" + DefaultFullName + "\"."
	f.required(RuleUserData, path.At("full_name"), u.FullName, "Full name is missing", advice)
	f.required(RuleUserData, path.At("org_name"), u.OrgName, "Organization is missing", advice)
	at := path.At("product_id")
	f.secret(at, u.ProductID)
	if isText(u.ProductID) && !productKey.MatchString(u.ProductID.Or("")) {
		f.refuse(RuleProductID, at, "Product key is not valid",
			"A product key has five groups of five capital letters and digits with dashes between them, as in XXXXX-XXXXX-XXXXX-XXXXX-XXXXX, and this is something else. Correct it, or remove the block where Windows has a volume licence.")
	}
}

func (g GUIUnattended) judge(f *findings, path network.Path) {
	at := path.At("time_zone")
	if zone, ok := g.TimeZone.Get(); ok && !isTimeZone(zone) {
		f.refuse(RuleSysprep, at, "Time zone does not exist",
			"The time zone is %d, which is no Microsoft time zone index: %s. %s Set one of the 75 values.", zone, nearTimeZones(zone), timeZoneAdvice)
	}
	f.secret(path.At("password"), g.Password)

	at = path.At("auto_logon_count")
	count, counted := g.AutoLogonCount.Get()
	logon, decided := g.AutoLogon.Get()
	switch {
	case counted && (count < 0 || count > math.MaxInt32):
		f.refuse(RuleLogonCount, at, "Number of automatic logons is out of range",
			"The number is %d, and must be from 1 to %d. Usually it is 1.", count, math.MaxInt32)
	case logon && count == 0 && !g.AutoLogonCount.IsUnknown():
		f.refuse(RuleLogonCount, at, "Number of automatic logons is missing",
			"auto_logon is true, and Windows refuses an answer file that logs on zero times. Set auto_logon_count to 1 or more.")
	case count > 0 && !logon && (decided || g.AutoLogon.IsAbsent()):
		f.warn(RuleLogonCount, at, "Number of automatic logons has no effect",
			"auto_logon_count is %d, but auto_logon is not true. Set it, or remove auto_logon_count.", count)
	}
	if logon && g.Password.IsAbsent() {
		f.refuse(RuleLogonPassword, path.At("password"), "Automatic logon needs a password",
			"auto_logon is true, but the Administrator is given no password, with which the customization fails. Add a password block to gui_unattended, or remove auto_logon.")
	}
}

// judge judges what the machine joins. domainName is network.domain_name, as written.
func (i Identification) judge(f *findings, path network.Path, domainName known.Value[string]) {
	domain, written := i.JoinDomain.Or(""), domainName.Or("")
	if domain != "" && written != "" && !strings.EqualFold(domain, written) {
		f.refuse(RuleSysprep, path.At("join_domain"), "Domain to join is not the machine's domain",
			"join_domain is %q, but network.domain_name is %q. Remove one of them, or make them equal.", domain, written)
	}
	f.sendable(path.At("join_domain"), domain)
	f.sendable(path.At("domain_admin"), i.DomainAdmin.Or(""))
	f.secret(path.At("domain_admin_password"), i.DomainAdminPassword)
	if unit := i.DomainOU.Or(""); unit != "" && !ldapPath.MatchString(unit) {
		f.refuse(RuleDomainOU, path.At("domain_ou"), "Organizational unit is not an LDAP path",
			"domain_ou is %q. Write its full LDAP path, such as \"OU=Servers,DC=example,DC=com\".", unit)
	}
	f.sendable(path.At("domain_ou"), i.DomainOU.Or(""))

	workgroup := i.JoinWorkgroup.Or("")
	target, source := i.target(domainName)
	switch {
	case workgroup != "":
		i.judgeWorkgroup(f, path, workgroup, domainName)
	case isText(target):
		i.judgeAccount(f, path, target.Or(""), source)
	case isNone(target) && isNone(i.JoinWorkgroup):
		for _, field := range i.accountFields() {
			f.refuse(RuleNothingToJoin, path.At(field), "There is no domain to join",
				"%s is for joining a domain, but neither join_domain nor network.domain_name is set. Set one of them, or remove %s.", field, field)
		}
	}
}

// target is the domain that identification is about, and the name of the setting that it
// comes from.
func (i Identification) target(domainName known.Value[string]) (domain known.Value[string], source string) {
	if !isNone(i.JoinDomain) {
		return i.JoinDomain, "join_domain"
	}
	return domainName, "network.domain_name"
}

// accountFields names the fields that are there of those that only a domain makes use of.
func (i Identification) accountFields() []string {
	var there []string
	if isText(i.DomainAdmin) {
		there = append(there, "domain_admin")
	}
	if i.DomainAdminPassword.IsSet() {
		there = append(there, "domain_admin_password")
	}
	if isText(i.DomainOU) {
		there = append(there, "domain_ou")
	}
	return there
}

// judgeWorkgroup judges a machine that joins a workgroup.
func (i Identification) judgeWorkgroup(f *findings, path network.Path, workgroup string, domainName known.Value[string]) {
	at := path.At("join_workgroup")
	if domain, source := i.target(domainName); isText(domain) {
		f.refuse(RuleDomainOrGroup, at, "Machine cannot join both a domain and a workgroup",
			"join_workgroup is %q, but %s is %q, which is the domain to join. Remove one of them.", workgroup, source, domain.Or(""))
	}
	for _, field := range i.accountFields() {
		f.refuse(RuleWorkgroupAlone, path.At(field), "Workgroup takes no domain account",
			"join_workgroup is %q, and %s is for joining a domain. Remove one of them.", workgroup, field)
	}
	if len(workgroup) > maxNetBIOSBytes {
		f.refuse(RuleWorkgroupName, at, "Workgroup's name is too long",
			"The workgroup %q has %d bytes, and Windows takes %d at the most. Shorten it.", workgroup, len(workgroup), maxNetBIOSBytes)
	}
	f.sendable(at, workgroup)
}

// judgeAccount judges the account with which a machine joins a domain.
func (i Identification) judgeAccount(f *findings, path network.Path, domain, source string) {
	const (
		summary = "Domain cannot be joined without an account"
		detail  = "With identification, the machine joins the domain %q of %s, for which %s is missing. Set it, or remove identification to join nothing."
	)
	if isNone(i.DomainAdmin) {
		f.refuse(RuleDomainAccount, path.At("domain_admin"), summary, detail, domain, source, "domain_admin")
	}
	if i.DomainAdminPassword.IsAbsent() {
		f.refuse(RuleDomainAccount, path.At("domain_admin_password"), summary, detail, domain, source, "domain_admin_password")
	}
}

// The ways to count licences of Windows 2000 and 2003 Servers, as vSphere spells them.
const (
	perServer = "perServer"
	perSeat   = "perSeat"
)

func (l LicenseFilePrintData) judge(f *findings, path network.Path) {
	mode, users := l.AutoMode.Or(""), l.AutoUsers
	count, counted := users.Get()
	switch {
	case l.AutoMode.IsUnknown():
	case mode != perServer && mode != perSeat:
		f.refuse(RuleLicence, path.At("auto_mode"), "Licence mode does not exist",
			"auto_mode is %q, and must be %q or %q, spelt like that.", mode, perServer, perSeat)
	case mode == perSeat && counted:
		f.refuse(RuleLicence, path.At("auto_users"), "Number of licences has no place",
			"auto_users counts licences per server, and auto_mode is %q. Remove auto_users, or set auto_mode to %q.", perSeat, perServer)
		return
	case mode == perServer && users.IsAbsent():
		f.warn(RuleLicence, path.At("auto_users"), "Number of licences is missing",
			"auto_mode is %q, for which Windows asks how many client licences there are. Set auto_users.", perServer)
	}
	if counted && (count < 1 || count > math.MaxInt32) {
		f.refuse(RuleLicence, path.At("auto_users"), "Number of licences is out of range",
			"auto_users is %d, and must be from 1 to %d.", count, math.MaxInt32)
	}
}
