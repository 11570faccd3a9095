package cloudinit

import (
	"fmt"
	"strings"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// judgeAccount finds what keeps cloud-init from creating a user as it was asked for. Where it
// gives up on one user, it does not come to those that follow.
func judgeAccount(user User, at func(field string) network.Path) []network.Problem {
	var problems []network.Problem
	name := user.Name.Or("")
	warn := func(rule, field, summary, detail string, args ...any) {
		problems = append(problems, network.Problem{
			Severity: network.Warning, Rule: rule, Path: at(field), Summary: summary, Detail: fmt.Sprintf(detail, args...),
		})
	}
	if date := user.ExpireDate.Or(""); date != "" && !hasTemplate(date) {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			warn(RuleExpireDate, "expiredate", "expiredate is not a date",
				"expiredate is %q, and cloud-init wants a date such as 2030-12-31. The account may not be created with another text.", date)
		}
	}

	var keys []string // what cloud-init writes into the home directory
	for _, field := range []struct {
		name  string
		there bool
	}{
		{"ssh_authorized_keys", hasElements(user.SSHAuthorizedKeys)},
		{"ssh_import_id", hasElements(user.SSHImportID)},
	} {
		if field.there {
			keys = append(keys, field.name)
		}
	}
	redirects := user.SSHRedirectUser.Or(false)
	if redirects && len(keys) > 0 {
		problems = append(problems, fault(RuleSSHRedirect, at("ssh_redirect_user"), "ssh_redirect_user and keys exclude each other",
			fmt.Sprintf("The user %q has ssh_redirect_user, which sends logins to the default user, and %s. cloud-init creates neither "+
				"this user nor those that follow. Remove one of the two.", name, strings.Join(keys, " and "))))
	}
	if redirects {
		keys = append(keys, "ssh_redirect_user")
	}
	for _, homeless := range []struct {
		field string
		set   known.Value[bool]
	}{{"no_create_home", user.NoCreateHome}, {"system", user.System}} {
		if homeless.set.Or(false) && len(keys) > 0 {
			warn(RuleHome, homeless.field, "SSH keys have no home directory",
				"The user %q has %s, and so no home directory for %s: newer cloud-init creates neither this user nor those that follow. Remove one of the two.",
				name, homeless.field, strings.Join(keys, " and "))
		}
	}
	return problems
}

// hasElements tells whether a list is known to have elements.
func hasElements(list known.List[string]) bool { return len(list.Or(nil)) > 0 }
