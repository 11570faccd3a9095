package cloudinit

import (
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// markers are what Jinja looks for: an expression, a statement, a comment. The comment is
// the treacherous one, as ${#name} is common in shell scripts.
var markers = []string{"{{", "{%", "{#"}

func hasTemplate(text string) bool { return marker(text) != "" }

// marker returns the marker that comes first in a text, or nothing.
func marker(text string) string {
	first, found := len(text), ""
	for _, candidate := range markers {
		if at := strings.Index(text, candidate); at >= 0 && at < first {
			first, found = at, candidate
		}
	}
	return found
}

// warnOfTemplates finds the values of a cloud-config that cloud-init will render: the
// document is a Jinja template, and so is everything in it.
func warnOfTemplates(config CloudConfig) []network.Problem {
	var problems []network.Problem
	look := func(value known.Value[string], steps ...any) {
		text, _ := value.Get()
		found := marker(text)
		if found == "" {
			return
		}
		detail := "The cloud-config is a Jinja template: cloud-init replaces what " + found + " begins before it acts on the document. " +
			"Where that is not meant, put {% raw %} before and {% endraw %} behind the text"
		if found == "{#" {
			detail += "; without a closing #} cloud-init cannot render the document, and the guest gets no user data at all"
		}
		problems = append(problems, network.Problem{
			Severity: network.Warning, Rule: RuleJinja, Path: root(append([]any{"cloud_config"}, steps...)...),
			Summary: "cloud-init will render " + found + " in this value", Detail: detail + ".",
		})
	}
	list := func(values known.List[string], steps ...any) {
		all, _ := values.Get()
		for i, value := range all {
			look(value, append(slices.Clone(steps), i)...)
		}
	}

	look(config.Timezone, "timezone")
	tree, _ := config.RunCmd.Get()
	walkStrings(tree, []any{"runcmd"}, func(text string, path []any) { look(known.Of(text), path...) })
	users, _ := config.Users.Get()
	for i, user := range users {
		for _, field := range []struct {
			name  string
			value known.Value[string]
		}{
			{"name", user.Name},
			{"expiredate", user.ExpireDate},
			{"gecos", user.Gecos},
			{"hashed_passwd", user.HashedPasswd},
			{"homedir", user.HomeDir},
			{"passwd", user.Passwd},
			{"primary_group", user.PrimaryGroup},
			{"selinux_user", user.SELinuxUser},
			{"shell", user.Shell},
			{"snapuser", user.SnapUser},
			{"sudo", user.Sudo},
		} {
			look(field.value, "user", i, field.name)
		}
		list(user.Groups, "user", i, "groups")
		list(user.SSHAuthorizedKeys, "user", i, "ssh_authorized_keys")
		list(user.SSHImportID, "user", i, "ssh_import_id")
	}
	files, _ := config.Files.Get()
	for i, file := range files {
		look(file.Path, "write_file", i, "path")
		look(file.Content, "write_file", i, "content")
		look(file.ContentFrom, "write_file", i, "content_from")
		look(file.Owner, "write_file", i, "owner")
		look(file.Permissions, "write_file", i, "permissions")
	}
	return problems
}

// walkStrings visits the strings of a RunCmd tree with their paths.
func walkStrings(node any, path []any, visit func(text string, path []any)) {
	switch node := node.(type) {
	case string:
		visit(node, path)
	case []any:
		for i, element := range node {
			walkStrings(element, append(slices.Clone(path), i), visit)
		}
	}
}
