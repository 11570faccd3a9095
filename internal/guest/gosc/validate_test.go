package gosc_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// judged is one case of Validate: the findings as "rule path", warnings with a question mark.
type judged struct {
	settings gosc.Settings
	spec     network.Spec
	want     []string
}

// findings writes problems as judged does.
func findings(problems []network.Problem) []string {
	var list []string
	for _, problem := range problems {
		mark := ""
		if problem.Severity == network.Warning {
			mark = "?"
		}
		list = append(list, problem.Rule+mark+" "+problem.Path.String())
	}
	return list
}

func judgeAll(t *testing.T, cases map[string]judged) {
	t.Helper()
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := gosc.Validate(test.settings, test.spec)
			if diff := cmp.Diff(test.want, findings(problems)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%+v", diff, problems)
			}
			for _, problem := range problems {
				if problem.Summary == "" || problem.Detail == "" || strings.Contains(problem.Detail, "%!") {
					t.Errorf("no text to read: %+v", problem)
				}
			}
		})
	}
}

func TestLinuxPrepRules(t *testing.T) {
	t.Parallel()
	script := func(text string) gosc.LinuxPrepSettings { return gosc.LinuxPrepSettings{ScriptText: known.Of(text)} }
	const root = "bootstrap.linux_prep."
	judgeAll(t, map[string]judged{
		"nothing": {settings: gosc.LinuxPrepSettings{}},
		"unknown": {settings: gosc.LinuxPrepSettings{
			HardwareClockIsUTC: known.Unknown[bool](), TimeZone: known.Unknown[string](), Password: known.Unknown[string](),
			ExpirePasswordAfterNextLogin: known.Unknown[bool](), ScriptText: known.Unknown[string](), ScriptTextFrom: known.Unknown[string](),
		}},
		"script in both places": {
			settings: gosc.LinuxPrepSettings{ScriptText: known.Of("#!/bin/sh"), ScriptTextFrom: known.Of("#!/bin/sh")},
			want:     []string{"B5 " + root + "script_text.value"},
		},
		"script that may be in both places": {settings: gosc.LinuxPrepSettings{ScriptText: known.Unknown[string](), ScriptTextFrom: known.Of("#!/bin/sh")}},
		"script without interpreter":        {settings: script("echo"), want: []string{"L4 " + root + "script_text.value"}},
		"secret script without interpreter": {
			settings: gosc.LinuxPrepSettings{ScriptTextFrom: known.Of("echo")}, want: []string{"L4 " + root + "script_text.from"},
		},
		"empty script":              {settings: script(""), want: []string{"L2 " + root + "script_text.value"}},
		"largest script":            {settings: script("#!" + strings.Repeat("x", 65534))},
		"too large script":          {settings: script("#!" + strings.Repeat("x", 65535)), want: []string{"L5 " + root + "script_text.value"}},
		"bytes of a script count":   {settings: script("#!" + strings.Repeat("ü", 32768)), want: []string{"L5 " + root + "script_text.value"}},
		"script with escape":        {settings: script("#!\x1b"), want: []string{"L3 " + root + "script_text.value"}},
		"script with tabs and ends": {settings: script("#!/bin/sh\r\n\techo 🙂\n")},
		"empty password":            {settings: gosc.LinuxPrepSettings{Password: known.Of("")}, want: []string{"L2 " + root + "password"}},
		"password with NUL":         {settings: gosc.LinuxPrepSettings{Password: known.Of("a\x00b")}, want: []string{"L3 " + root + "password"}},
		"password in Latin-1":       {settings: gosc.LinuxPrepSettings{Password: known.Of("a\xfcb")}, want: []string{"L3 " + root + "password"}},
		"Windows' time zone": {
			settings: gosc.LinuxPrepSettings{TimeZone: known.Of("Pacific Standard Time")}, want: []string{"L6? " + root + "time_zone"},
		},
		"time zone index":   {settings: gosc.LinuxPrepSettings{TimeZone: known.Of("85")}, want: []string{"L6? " + root + "time_zone"}},
		"time zone offset":  {settings: gosc.LinuxPrepSettings{TimeZone: known.Of("Etc/GMT+3")}},
		"deep time zone":    {settings: gosc.LinuxPrepSettings{TimeZone: known.Of("America/Argentina/Buenos_Aires")}},
		"empty time zone":   {settings: gosc.LinuxPrepSettings{TimeZone: known.Of("")}},
		"numeric host name": {settings: gosc.LinuxPrepSettings{}, spec: network.Spec{HostName: known.Of("42")}},
	})
}

// answers is an inline Sysprep.
func answers(edit func(*gosc.Answers)) gosc.SysprepSettings {
	var a gosc.Answers
	edit(&a)
	return gosc.SysprepSettings{Sysprep: known.Of(a)}
}

func identification(i gosc.Identification) gosc.SysprepSettings {
	return answers(func(a *gosc.Answers) { a.Identification = known.Of(i) })
}

func unattended(g gosc.GUIUnattended) gosc.SysprepSettings {
	return answers(func(a *gosc.Answers) { a.GUIUnattended = known.Of(g) })
}

func TestSysprepForms(t *testing.T) {
	t.Parallel()
	const inner = "bootstrap.sysprep.sysprep."
	raw := func(text string) gosc.SysprepSettings { return gosc.SysprepSettings{RawSysprep: known.Of(text)} }
	judgeAll(t, map[string]judged{
		"both":               {settings: gosc.SysprepSettings{Sysprep: known.Of(gosc.Answers{}), RawSysprep: known.Of(answerFile)}, want: []string{"B6 bootstrap.sysprep"}},
		"neither":            {settings: gosc.SysprepSettings{}, want: []string{"B7 bootstrap.sysprep"}},
		"inline":             {settings: inline},
		"raw":                {settings: raw(answerFile)},
		"unknown inline":     {settings: gosc.SysprepSettings{Sysprep: known.Unknown[gosc.Answers]()}},
		"unknown raw":        {settings: gosc.SysprepSettings{RawSysprep: known.Unknown[string]()}},
		"inline, raw later":  {settings: gosc.SysprepSettings{Sysprep: known.Of(gosc.Answers{}), RawSysprep: known.Unknown[string]()}},
		"empty raw":          {settings: raw(""), want: []string{"L2 bootstrap.sysprep.raw_sysprep"}},
		"blank raw":          {settings: raw(" \n"), want: []string{"L2 bootstrap.sysprep.raw_sysprep"}},
		"raw with escape":    {settings: raw("{{ .V1alpha5 }}\x1b"), want: []string{"L3 bootstrap.sysprep.raw_sysprep"}},
		"template":           {settings: raw("<unattend>{{ if .x }}</unattend>")},
		"no XML":             {settings: raw("[Unattended]\nTargetPath=Windows\n"), want: []string{"W8 bootstrap.sysprep.raw_sysprep"}},
		"other root":         {settings: raw("<answers/>"), want: []string{"W8 bootstrap.sysprep.raw_sysprep"}},
		"no namespace":       {settings: raw("<unattend/>"), want: []string{"W8 bootstrap.sysprep.raw_sysprep"}},
		"not closed":         {settings: raw(`<unattend xmlns="urn:schemas-microsoft-com:unattend">`), want: []string{"W8 bootstrap.sysprep.raw_sysprep"}},
		"declared as UTF-16": {settings: raw(strings.Replace(answerFile, "utf-8", "utf-16", 1)), want: []string{"W9? bootstrap.sysprep.raw_sysprep"}},
		"byte order mark":    {settings: raw("\uFEFF" + answerFile)},
		"script in both places": {
			settings: answers(func(a *gosc.Answers) { a.ScriptText, a.ScriptTextFrom = known.Of("exit"), known.Of("exit") }),
			want:     []string{"B13 " + inner + "script_text.value"},
		},
		"batch file": {settings: answers(func(a *gosc.Answers) { a.ScriptText = known.Of("@echo off\r\n") })},
		"shell script": {
			settings: answers(func(a *gosc.Answers) { a.ScriptText = known.Of("#!/bin/sh") }), want: []string{"L4? " + inner + "script_text.value"},
		},
		"too large script": {
			settings: answers(func(a *gosc.Answers) { a.ScriptTextFrom = known.Of(strings.Repeat("x", 65537)) }),
			want:     []string{"L5 " + inner + "script_text.from"},
		},
		"empty commands":  {settings: answers(func(a *gosc.Answers) { a.GUIRunOnce = known.Of(gosc.GUIRunOnce{Commands: known.ListOf[string]()}) })},
		"unknown command": {settings: answers(func(a *gosc.Answers) { a.GUIRunOnce = known.Of(gosc.GUIRunOnce{Commands: later}) })},
		"no command": {
			settings: answers(func(a *gosc.Answers) {
				a.GUIRunOnce = known.Of(gosc.GUIRunOnce{Commands: known.Of([]known.Value[string]{known.Of("dir"), known.Of(""), {}})})
			}),
			want: []string{"L2 " + inner + "gui_run_once.commands[1]", "L2 " + inner + "gui_run_once.commands[2]"},
		},
	})
}

// later is a list with an element that is not known yet.
var later = known.Of([]known.Value[string]{known.Unknown[string]()})

func TestWhoWindowsIsRegisteredTo(t *testing.T) {
	t.Parallel()
	const root = "bootstrap.sysprep.sysprep.user_data."
	user := func(u gosc.UserData) gosc.SysprepSettings {
		return answers(func(a *gosc.Answers) { a.UserData = known.Of(u) })
	}
	key := func(text string) gosc.SysprepSettings {
		return user(gosc.UserData{FullName: known.Of("Jo"), OrgName: known.Of("Inc"), ProductID: known.Of(text)})
	}
	judgeAll(t, map[string]judged{
		"empty block":     {settings: user(gosc.UserData{}), want: []string{"W1 " + root + "full_name", "W1 " + root + "org_name"}},
		"empty names":     {settings: user(gosc.UserData{FullName: known.Of(""), OrgName: known.Of("")}), want: []string{"W1 " + root + "full_name", "W1 " + root + "org_name"}},
		"unknown":         {settings: user(gosc.UserData{FullName: known.Unknown[string](), OrgName: known.Unknown[string](), ProductID: known.Unknown[string]()})},
		"control in name": {settings: user(gosc.UserData{FullName: known.Of("J\x07"), OrgName: known.Of("Inc")}), want: []string{"L3 " + root + "full_name"}},
		"key":             {settings: key("AAAAA-BBBBB-CCCCC-DDDDD-12345")},
		"empty key":       {settings: key(""), want: []string{"L2 " + root + "product_id"}},
		"small letters":   {settings: key("aaaaa-bbbbb-ccccc-ddddd-12345"), want: []string{"W2 " + root + "product_id"}},
		"four groups":     {settings: key("AAAAA-BBBBB-CCCCC-DDDDD"), want: []string{"W2 " + root + "product_id"}},
		"no dashes":       {settings: key("AAAAABBBBBCCCCCDDDDD12345"), want: []string{"W2 " + root + "product_id"}},
		"line end":        {settings: key("AAAAA-BBBBB-CCCCC-DDDDD-12345\n"), want: []string{"W2 " + root + "product_id"}},
	})
}

func TestHowWindowsIsSetUp(t *testing.T) {
	t.Parallel()
	const root = "bootstrap.sysprep.sysprep.gui_unattended."
	password := known.Of("let me in")
	logon := func(count known.Value[int64], password known.Value[string]) gosc.SysprepSettings {
		return unattended(gosc.GUIUnattended{AutoLogon: known.Of(true), AutoLogonCount: count, Password: password})
	}
	judgeAll(t, map[string]judged{
		"empty block":           {settings: unattended(gosc.GUIUnattended{})},
		"logon":                 {settings: logon(known.Of[int64](1), password)},
		"logon, not said often": {settings: logon(known.Value[int64]{}, password), want: []string{"B8 " + root + "auto_logon_count"}},
		"logon zero times":      {settings: logon(known.Of[int64](0), password), want: []string{"B8 " + root + "auto_logon_count"}},
		"logon minus one times": {settings: logon(known.Of[int64](-1), password), want: []string{"B8 " + root + "auto_logon_count"}},
		"logon for ever":        {settings: logon(known.Of[int64](1<<31), password), want: []string{"B8 " + root + "auto_logon_count"}},
		"logon, not known often": {
			settings: logon(known.Unknown[int64](), password),
		},
		"logon without password": {settings: logon(known.Of[int64](1), known.Value[string]{}), want: []string{"B9 " + root + "password"}},
		"logon, empty password":  {settings: logon(known.Of[int64](1), known.Of("")), want: []string{"L2 " + root + "password"}},
		"logon, password later":  {settings: logon(known.Of[int64](1), known.Unknown[string]())},
		"logon perhaps":          {settings: unattended(gosc.GUIUnattended{AutoLogon: known.Unknown[bool](), AutoLogonCount: known.Of[int64](2)})},
		"count alone":            {settings: unattended(gosc.GUIUnattended{AutoLogonCount: known.Of[int64](2)}), want: []string{"B8? " + root + "auto_logon_count"}},
		"count without logon": {
			settings: unattended(gosc.GUIUnattended{AutoLogon: known.Of(false), AutoLogonCount: known.Of[int64](2)}),
			want:     []string{"B8? " + root + "auto_logon_count"},
		},
		"zero without logon":     {settings: unattended(gosc.GUIUnattended{AutoLogon: known.Of(false), AutoLogonCount: known.Of[int64](0)})},
		"negative without logon": {settings: unattended(gosc.GUIUnattended{AutoLogonCount: known.Of[int64](-2)}), want: []string{"B8 " + root + "auto_logon_count"}},
		"first time zone":        {settings: unattended(gosc.GUIUnattended{TimeZone: known.Of[int64](0)})},
		"last time zone":         {settings: unattended(gosc.GUIUnattended{TimeZone: known.Of[int64](300)})},
		"unknown time zone":      {settings: unattended(gosc.GUIUnattended{TimeZone: known.Unknown[int64]()})},
		"gap in the time zones":  {settings: unattended(gosc.GUIUnattended{TimeZone: known.Of[int64](84)}), want: []string{"P23 " + root + "time_zone"}},
		"time zone below":        {settings: unattended(gosc.GUIUnattended{TimeZone: known.Of[int64](-5)}), want: []string{"P23 " + root + "time_zone"}},
		"time zone above":        {settings: unattended(gosc.GUIUnattended{TimeZone: known.Of[int64](1 << 40)}), want: []string{"P23 " + root + "time_zone"}},
	})
}

func TestWhatWindowsJoins(t *testing.T) {
	t.Parallel()
	const root = "bootstrap.sysprep.sysprep.identification."
	domain := network.Spec{DomainName: known.Of("example.com")}
	laterDomain := network.Spec{DomainName: known.Unknown[string]()}
	account := gosc.Identification{DomainAdmin: known.Of("admin"), DomainAdminPassword: known.Of("join me")}
	with := func(edit func(*gosc.Identification)) gosc.SysprepSettings {
		i := account
		edit(&i)
		return identification(i)
	}
	workgroup := gosc.Identification{JoinWorkgroup: known.Of("LAB")}
	judgeAll(t, map[string]judged{
		"domain, not identified":        {settings: inline, spec: domain},
		"nothing":                       {settings: identification(gosc.Identification{})},
		"the machine's domain":          {settings: identification(account), spec: domain},
		"another domain":                {settings: with(func(i *gosc.Identification) { i.JoinDomain = known.Of("other.org") }), spec: domain, want: []string{"P23 " + root + "join_domain"}},
		"same domain, other case":       {settings: with(func(i *gosc.Identification) { i.JoinDomain = known.Of("Example.COM") }), spec: domain},
		"domain of its own":             {settings: with(func(i *gosc.Identification) { i.JoinDomain = known.Of("example.com") })},
		"domain, the machine's later":   {settings: with(func(i *gosc.Identification) { i.JoinDomain = known.Of("example.com") }), spec: laterDomain},
		"account, domain later":         {settings: identification(account), spec: laterDomain},
		"account, domain_name is empty": {settings: identification(account), spec: network.Spec{DomainName: known.Of("")}, want: []string{"W3 " + root + "domain_admin", "W3 " + root + "domain_admin_password"}},
		"account, nothing to join": {
			settings: with(func(i *gosc.Identification) { i.DomainOU = known.Of("OU=a") }),
			want:     []string{"W3 " + root + "domain_admin", "W3 " + root + "domain_admin_password", "W3 " + root + "domain_ou"},
		},
		"domain without account":   {settings: identification(gosc.Identification{}), spec: domain, want: []string{"B11 " + root + "domain_admin", "B11 " + root + "domain_admin_password"}},
		"own domain, no account":   {settings: identification(gosc.Identification{JoinDomain: known.Of("a.org")}), want: []string{"B11 " + root + "domain_admin", "B11 " + root + "domain_admin_password"}},
		"domain without password":  {settings: identification(gosc.Identification{DomainAdmin: known.Of("admin")}), spec: domain, want: []string{"B11 " + root + "domain_admin_password"}},
		"domain without admin":     {settings: identification(gosc.Identification{DomainAdminPassword: known.Of("x")}), spec: domain, want: []string{"B11 " + root + "domain_admin"}},
		"domain, admin is empty":   {settings: with(func(i *gosc.Identification) { i.DomainAdmin = known.Of("") }), spec: domain, want: []string{"B11 " + root + "domain_admin"}},
		"domain, password empty":   {settings: with(func(i *gosc.Identification) { i.DomainAdminPassword = known.Of("") }), spec: domain, want: []string{"L2 " + root + "domain_admin_password"}},
		"domain, account later":    {settings: identification(gosc.Identification{DomainAdmin: known.Unknown[string](), DomainAdminPassword: known.Unknown[string]()}), spec: domain},
		"domain and unit":          {settings: with(func(i *gosc.Identification) { i.DomainOU = known.Of("OU=Servers,DC=example,DC=com") }), spec: domain},
		"unit that is none":        {settings: with(func(i *gosc.Identification) { i.DomainOU = known.Of("Servers/Web") }), spec: domain, want: []string{"W5 " + root + "domain_ou"}},
		"workgroup":                {settings: identification(workgroup)},
		"workgroup and domain":     {settings: identification(workgroup), spec: domain, want: []string{"B10 " + root + "join_workgroup"}},
		"workgroup, own domain":    {settings: identification(gosc.Identification{JoinWorkgroup: known.Of("LAB"), JoinDomain: known.Of("a.org")}), want: []string{"B10 " + root + "join_workgroup"}},
		"workgroup, domain later":  {settings: identification(workgroup), spec: laterDomain},
		"workgroup later":          {settings: identification(gosc.Identification{JoinWorkgroup: known.Unknown[string](), DomainOU: known.Of("OU=a")})},
		"workgroup's name is long": {settings: identification(gosc.Identification{JoinWorkgroup: known.Of("SIXTEEN-LETTERS-")}), want: []string{"W4 " + root + "join_workgroup"}},
		"workgroup and account": {
			settings: with(func(i *gosc.Identification) { i.JoinWorkgroup, i.DomainOU = known.Of("LAB"), known.Of("OU=a") }),
			want:     []string{"B12 " + root + "domain_admin", "B12 " + root + "domain_admin_password", "B12 " + root + "domain_ou"},
		},
		"control characters": {
			settings: identification(gosc.Identification{
				JoinDomain: known.Of("a\x01"), DomainAdmin: known.Of("a\x01"), DomainAdminPassword: known.Of("a\x01"), DomainOU: known.Of("OU=a\x01"),
			}),
			want: []string{"L3 " + root + "join_domain", "L3 " + root + "domain_admin", "L3 " + root + "domain_admin_password", "L3 " + root + "domain_ou"},
		},
	})
}

func TestLicencesOfOldServers(t *testing.T) {
	t.Parallel()
	const root = "bootstrap.sysprep.sysprep.license_file_print_data."
	licence := func(mode known.Value[string], users known.Value[int64]) gosc.SysprepSettings {
		return answers(func(a *gosc.Answers) {
			a.LicenseFilePrintData = known.Of(gosc.LicenseFilePrintData{AutoMode: mode, AutoUsers: users})
		})
	}
	none, five := known.Value[int64]{}, known.Of[int64](5)
	judgeAll(t, map[string]judged{
		"per server":            {settings: licence(known.Of("perServer"), five)},
		"per server, not how":   {settings: licence(known.Of("perServer"), none), want: []string{"W6? " + root + "auto_users"}},
		"per server, later":     {settings: licence(known.Of("perServer"), known.Unknown[int64]())},
		"per server, none":      {settings: licence(known.Of("perServer"), known.Of[int64](0)), want: []string{"W6 " + root + "auto_users"}},
		"per server, many":      {settings: licence(known.Of("perServer"), known.Of[int64](1<<31)), want: []string{"W6 " + root + "auto_users"}},
		"per seat":              {settings: licence(known.Of("perSeat"), none)},
		"per seat with a count": {settings: licence(known.Of("perSeat"), five), want: []string{"W6 " + root + "auto_users"}},
		"no mode":               {settings: licence(known.Value[string]{}, none), want: []string{"W6 " + root + "auto_mode"}},
		"other spelling":        {settings: licence(known.Of("PerSeat"), none), want: []string{"W6 " + root + "auto_mode"}},
		"mode later":            {settings: licence(known.Unknown[string](), five)},
	})
}

func TestHostNamesThatWindowsTakes(t *testing.T) {
	t.Parallel()
	host := func(name string) network.Spec {
		return network.Spec{VMName: known.Of("vm"), HostName: known.Of(name)}
	}
	judgeAll(t, map[string]judged{
		"letters and dashes":   {settings: inline, spec: host("Web-01")},
		"digits":               {settings: inline, spec: host("2026"), want: []string{"W7 network.host_name"}},
		"digits of the VM":     {settings: inline, spec: network.Spec{VMName: known.Of("2026")}, want: []string{"W7 name"}},
		"IPv4 literal":         {settings: inline, spec: host("10.0.0.1"), want: []string{"W7 network.host_name"}},
		"IPv6 literal":         {settings: inline, spec: host("::1"), want: []string{"W7 network.host_name"}},
		"symbols":              {settings: inline, spec: host("a+b"), want: []string{"W7? network.host_name"}},
		"letters of elsewhere": {settings: inline, spec: host("büro"), want: []string{"W7? network.host_name"}},
		"later":                {settings: inline, spec: network.Spec{VMName: known.Of("42"), HostName: known.Unknown[string]()}},
		"raw answers":          {settings: gosc.SysprepSettings{RawSysprep: known.Of(answerFile)}, spec: host("2026")},
	})
}

func TestTheProblemsOfAllBlocksAreFoundTogether(t *testing.T) {
	t.Parallel()
	settings := answers(func(a *gosc.Answers) {
		a.UserData = known.Of(gosc.UserData{FullName: known.Of("Jo")})
		a.GUIUnattended = known.Of(gosc.GUIUnattended{AutoLogon: known.Of(true), TimeZone: known.Of[int64](84)})
		a.Identification = known.Of(gosc.Identification{JoinWorkgroup: known.Of("LAB"), DomainAdmin: known.Of("admin")})
	})
	var rules []string
	for _, problem := range gosc.Validate(settings, network.Spec{DomainName: known.Of("example.com")}) {
		rules = append(rules, problem.Rule)
	}
	if want := []string{"W1", "P23", "B8", "B9", "B10", "B12"}; !slices.Equal(rules, want) {
		t.Errorf("found %v, want %v", rules, want)
	}
}

// What is unknown is not judged, wherever it is.
func TestUnknownAnswersAreNotJudged(t *testing.T) {
	t.Parallel()
	unknown, number, flag := known.Unknown[string](), known.Unknown[int64](), known.Unknown[bool]()
	judgeAll(t, map[string]judged{
		"blocks": {settings: answers(func(a *gosc.Answers) {
			a.UserData, a.GUIUnattended = known.Unknown[gosc.UserData](), known.Unknown[gosc.GUIUnattended]()
			a.GUIRunOnce, a.Identification = known.Unknown[gosc.GUIRunOnce](), known.Unknown[gosc.Identification]()
			a.LicenseFilePrintData = known.Unknown[gosc.LicenseFilePrintData]()
			a.ScriptText, a.ScriptTextFrom, a.ExpirePasswordAfterNextLogin = unknown, unknown, flag
		}), spec: network.Spec{DomainName: known.Of("example.com")}},
		"fields": {settings: answers(func(a *gosc.Answers) {
			a.GUIUnattended = known.Of(gosc.GUIUnattended{AutoLogon: flag, AutoLogonCount: number, TimeZone: number, Password: unknown})
			a.Identification = known.Of(gosc.Identification{JoinDomain: unknown, JoinWorkgroup: unknown, DomainAdmin: unknown, DomainAdminPassword: unknown, DomainOU: unknown})
			a.LicenseFilePrintData = known.Of(gosc.LicenseFilePrintData{AutoMode: unknown, AutoUsers: number})
			a.GUIRunOnce = known.Of(gosc.GUIRunOnce{Commands: known.Unknown[[]known.Value[string]]()})
		}), spec: network.Spec{DomainName: known.Of("example.com"), VMName: unknown}},
	})
}

func TestNoProblemQuotesASecret(t *testing.T) {
	t.Parallel()
	const canary = "canary\x01sesame"
	settings := []gosc.Settings{
		gosc.LinuxPrepSettings{Password: known.Of(canary), ScriptTextFrom: known.Of(canary), ScriptText: known.Of(canary)},
		gosc.LinuxPrepSettings{ScriptTextFrom: known.Of(canary)},
		gosc.SysprepSettings{RawSysprep: known.Of(canary)},
		gosc.SysprepSettings{RawSysprep: known.Of("<unattend>&canarysesame</unattend>")},
		gosc.SysprepSettings{RawSysprep: known.Of("<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><a>&canarysesame</a></unattend>")},
		answers(func(a *gosc.Answers) {
			a.UserData = known.Of(gosc.UserData{ProductID: known.Of(canary)})
			a.GUIUnattended = known.Of(gosc.GUIUnattended{Password: known.Of(canary)})
			a.Identification = known.Of(gosc.Identification{DomainAdminPassword: known.Of(canary)})
			a.ScriptTextFrom = known.Of("#!" + canary)
		}),
	}
	for i, settings := range settings {
		problems := gosc.Validate(settings, network.Spec{})
		if text := fmt.Sprintf("%+v", problems); len(problems) == 0 || strings.Contains(text, "canary") || strings.Contains(text, "sesame") {
			t.Errorf("settings %d: %s", i, text)
		}
	}
}
