package gosc

import (
	"fmt"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

// The rules of Validate and CheckAPI, by the identifiers that a Problem carries. B5 to B13
// are VM Operator's admission; P rules are this provider's own; the others refuse, or warn
// of, what the vSphere API or the guest does not take.
const (
	RuleLinuxScript      = "B5"  // linux_prep's script_text comes from one place
	RuleOneForm          = "B6"  // sysprep and raw_sysprep exclude each other
	RuleSomeForm         = "B7"  // one of them is there
	RuleLogonCount       = "B8"  // auto_logon needs auto_logon_count
	RuleLogonPassword    = "B9"  // auto_logon needs a password
	RuleDomainOrGroup    = "B10" // a machine joins a domain or a workgroup
	RuleDomainAccount    = "B11" // joining a domain needs an account with a password
	RuleWorkgroupAlone   = "B12" // a workgroup takes no account and no unit
	RuleSysprepScript    = "B13" // sysprep's script_text comes from one place
	RuleDisabledIPv4     = "P7"  // an interface without IPv4 needs vSphere 9.1 (warning)
	RuleSysprep          = "P23" // what this provider settles about Sysprep: domain, time zone
	RuleLevel            = "L1"  // the vCenter is new enough for a field
	RuleEmpty            = "L2"  // a value that is there is not empty, a list has no null
	RuleCharacters       = "L3"  // a text has no character that XML cannot carry
	RuleScript           = "L4"  // a script is one that the guest runs
	RuleScriptSize       = "L5"  // a script fits into the specification
	RuleLinuxTimeZone    = "L6"  // a time zone is named as in the tz database (warning)
	RuleUserData         = "W1"  // user_data has full_name and org_name
	RuleProductID        = "W2"  // a product key is five groups of five
	RuleNothingToJoin    = "W3"  // a domain account needs a domain
	RuleWorkgroupName    = "W4"  // a workgroup's name is one
	RuleDomainOU         = "W5"  // domain_ou is an LDAP path
	RuleLicence          = "W6"  // licence data go together
	RuleComputerName     = "W7"  // Windows takes the host name
	RuleAnswerFile       = "W8"  // raw_sysprep is an answer file
	RuleAnswerFileCoding = "W9"  // an answer file is in UTF-8 (warning)
)

// findings collects what is wrong.
type findings struct {
	problems []network.Problem
}

func (f *findings) refuse(rule string, path network.Path, summary, detail string, args ...any) {
	f.problems = append(f.problems, network.Problem{
		Severity: network.Error, Rule: rule, Path: path, Summary: summary, Detail: fmt.Sprintf(detail, args...),
	})
}

func (f *findings) warn(rule string, path network.Path, summary, detail string, args ...any) {
	f.problems = append(f.problems, network.Problem{
		Severity: network.Warning, Rule: rule, Path: path, Summary: summary, Detail: fmt.Sprintf(detail, args...),
	})
}
