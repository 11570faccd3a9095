package gosc_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// offence breaks one rule; want has the paths, with a question mark before those of warnings.
type offence struct {
	rule     string
	settings gosc.Settings
	spec     network.Spec
	// apiVersion is that of the vCenter; empty where the vCenter does not matter.
	apiVersion string
	want       []string
}

func offences() []offence {
	const linux, windows = "bootstrap.linux_prep.", "bootstrap.sysprep.sysprep."
	domain := network.Spec{DomainName: known.Of("example.com")}
	script := gosc.LinuxPrepSettings{ScriptText: known.Of("#!/bin/sh"), ScriptTextFrom: known.Of("#!/bin/sh")}
	both := gosc.SysprepSettings{Sysprep: known.Of(gosc.Answers{}), RawSysprep: known.Of(answerFile)}
	logon := gosc.GUIUnattended{AutoLogon: known.Of(true), AutoLogonCount: known.Of[int64](1), Password: known.Of("let me in")}
	never, bare := logon, logon
	never.AutoLogonCount, bare.Password = known.Of[int64](0), known.Value[string]{}
	account := gosc.Identification{DomainAdmin: known.Of("admin"), DomainAdminPassword: known.Of("join me")}
	other, unit, group := account, account, account
	other.JoinDomain, unit.DomainOU, group.JoinWorkgroup = known.Of("other.org"), known.Of("Servers"), known.Of("LAB")
	user := func(key string) gosc.SysprepSettings {
		return answers(func(a *gosc.Answers) {
			a.UserData = known.Of(gosc.UserData{FullName: known.Of("Jo"), OrgName: known.Of("Inc"), ProductID: known.Of(key)})
		})
	}
	licence := answers(func(a *gosc.Answers) {
		a.LicenseFilePrintData = known.Of(gosc.LicenseFilePrintData{AutoMode: known.Of("perUser")})
	})
	six := network.Spec{Interfaces: known.Of([]network.Interface{{Name: known.Of("eth0"), Addresses: known.ListOf("2001:db8::5/64")}})}
	return []offence{
		{rule: gosc.RuleLinuxScript, settings: script, want: []string{linux + "script_text.value"}},
		{rule: gosc.RuleOneForm, settings: both, want: []string{"bootstrap.sysprep"}},
		{rule: gosc.RuleSomeForm, settings: gosc.SysprepSettings{}, want: []string{"bootstrap.sysprep"}},
		{rule: gosc.RuleLogonCount, settings: unattended(never), want: []string{windows + "gui_unattended.auto_logon_count"}},
		{rule: gosc.RuleLogonPassword, settings: unattended(bare), want: []string{windows + "gui_unattended.password"}},
		{rule: gosc.RuleDomainOrGroup, settings: identification(gosc.Identification{JoinWorkgroup: known.Of("LAB")}), spec: domain, want: []string{windows + "identification.join_workgroup"}},
		{rule: gosc.RuleDomainAccount, settings: identification(gosc.Identification{}), spec: domain, want: []string{windows + "identification.domain_admin", windows + "identification.domain_admin_password"}},
		{rule: gosc.RuleWorkgroupAlone, settings: identification(group), want: []string{windows + "identification.domain_admin", windows + "identification.domain_admin_password"}},
		{
			rule: gosc.RuleSysprepScript, settings: answers(func(a *gosc.Answers) { a.ScriptText, a.ScriptTextFrom = known.Of("exit"), known.Of("exit") }),
			want: []string{windows + "script_text.value"},
		},
		{rule: gosc.RuleDisabledIPv4, settings: inline, spec: six, apiVersion: vSphere8, want: []string{"? network.interface[0].dhcp4"}},
		{rule: gosc.RuleSysprep, settings: identification(other), spec: domain, want: []string{windows + "identification.join_domain"}},
		{rule: gosc.RuleSysprep, settings: unattended(gosc.GUIUnattended{TimeZone: known.Of[int64](86)}), want: []string{windows + "gui_unattended.time_zone"}},
		{rule: gosc.RuleLevel, settings: gosc.LinuxPrepSettings{Password: known.Of("x")}, apiVersion: vSphere8, want: []string{linux + "password"}},
		{rule: gosc.RuleEmpty, settings: gosc.LinuxPrepSettings{Password: known.Of("")}, want: []string{linux + "password"}},
		{rule: gosc.RuleCharacters, settings: gosc.LinuxPrepSettings{Password: known.Of("\x1b")}, want: []string{linux + "password"}},
		{rule: gosc.RuleScript, settings: gosc.LinuxPrepSettings{ScriptText: known.Of("exit")}, want: []string{linux + "script_text.value"}},
		{rule: gosc.RuleScriptSize, settings: gosc.LinuxPrepSettings{ScriptText: known.Of("#!" + strings.Repeat("x", 1<<16))}, want: []string{linux + "script_text.value"}},
		{rule: gosc.RuleLinuxTimeZone, settings: gosc.LinuxPrepSettings{TimeZone: known.Of("Pacific Time")}, want: []string{"? " + linux + "time_zone"}},
		{rule: gosc.RuleUserData, settings: answers(func(a *gosc.Answers) { a.UserData = known.Of(gosc.UserData{FullName: known.Of("Jo")}) }), want: []string{windows + "user_data.org_name"}},
		{rule: gosc.RuleProductID, settings: user("key"), want: []string{windows + "user_data.product_id"}},
		{rule: gosc.RuleNothingToJoin, settings: identification(account), want: []string{windows + "identification.domain_admin", windows + "identification.domain_admin_password"}},
		{rule: gosc.RuleWorkgroupName, settings: identification(gosc.Identification{JoinWorkgroup: known.Of("SIXTEEN-LETTERS-")}), want: []string{windows + "identification.join_workgroup"}},
		{rule: gosc.RuleDomainOU, settings: identification(unit), spec: domain, want: []string{windows + "identification.domain_ou"}},
		{rule: gosc.RuleLicence, settings: licence, want: []string{windows + "license_file_print_data.auto_mode"}},
		{rule: gosc.RuleComputerName, settings: inline, spec: network.Spec{HostName: known.Of("2026")}, want: []string{"network.host_name"}},
		{rule: gosc.RuleAnswerFile, settings: gosc.SysprepSettings{RawSysprep: known.Of("[Unattended]")}, want: []string{"bootstrap.sysprep.raw_sysprep"}},
		{rule: gosc.RuleAnswerFileCoding, settings: gosc.SysprepSettings{RawSysprep: known.Of(strings.Replace(answerFile, "utf-8", "utf-16", 1))}, want: []string{"? bootstrap.sysprep.raw_sysprep"}},
	}
}

func TestEachRuleIsBrokenAtItsPath(t *testing.T) {
	t.Parallel()
	for i, o := range offences() {
		t.Run(o.rule+"/"+strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			problems := gosc.Validate(o.settings, o.spec)
			config := network.Resolve(o.spec, network.Bootstrap{Sysprep: true}, network.Defaults{})
			problems = append(problems, gosc.CheckAPI(o.settings, config, o.apiVersion)...)
			want := make([]string, len(o.want))
			for i, path := range o.want {
				mark := ""
				if strings.HasPrefix(path, "? ") {
					mark = "?"
				}
				want[i] = o.rule + mark + " " + strings.TrimPrefix(path, "? ")
			}
			if diff := cmp.Diff(want, findings(problems)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%+v", diff, problems)
			}
		})
	}
}

// A rule without a test by its name is not one.
func TestNoRuleIsForgotten(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "rule.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Rule") {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			declared[strings.Trim(literal.Value, `"`)] = true
		}
		return true
	})
	broken := map[string]bool{}
	for _, o := range offences() {
		broken[o.rule] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(declared)), slices.Sorted(maps.Keys(broken))); diff != "" || len(declared) == 0 {
		t.Errorf("rules and those that are tested (-declared +tested):\n%s", diff)
	}
}
