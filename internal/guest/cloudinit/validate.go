package cloudinit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// The rules of Validate and CheckSizes. B1 to B4 are VM Operator's; the others refuse, or warn of,
// what makes cloud-init in the guest fail.
const (
	RuleOneSource     = "B1"  // cloud_config and raw_cloud_config exclude each other
	RuleRunCmdList    = "B2"  // runcmd is a list
	RuleRunCmdElement = "B3"  // of strings and lists of strings, none of them empty
	RuleContent       = "B4"  // a file's content comes from one place
	RuleUserName      = "C1"  // a user has a name of its own
	RulePassword      = "C2"  // a user has passwd or hashed_passwd, not both
	RuleEmptySecret   = "C3"  // a secret is not empty
	RuleFilePath      = "C4"  // a file has a path of its own
	RuleEncoding      = "C5"  // a file's content is what its encoding says
	RuleRawHeader     = "C6"  // raw user data has a header that the guest knows
	RuleRawYAML       = "C7"  // a raw cloud-config is YAML
	RuleJinja         = "C8"  // template markers are rendered in the guest (warning)
	RuleDefaultUser   = "C9"  // default_user_enabled needs a user (warning)
	RuleSize          = "C10" // the documents fit through guestinfo
	RuleElement       = "C11" // a list has no empty and no null elements
	RuleExpireDate    = "C12" // expiredate is a date (warning)
	RuleSSHRedirect   = "C13" // ssh_redirect_user and keys exclude each other
	RuleHome          = "C14" // keys need a home directory (warning)
)

// root is the path of the cloud_init block, followed by steps.
func root(steps ...any) network.Path {
	return network.Path{"bootstrap", "cloud_init"}.At(steps...)
}

// Validate judges what is known of the settings. The problems come in the order of the
// settings; none of them quotes a value that may be secret.
func Validate(settings Settings) []network.Problem {
	var problems []network.Problem
	if settings.CloudConfig.IsSet() && settings.RawCloudConfig.IsSet() {
		problems = append(problems, fault(RuleOneSource, root(),
			"cloud_config and raw_cloud_config exclude each other",
			"Both are user data, and the guest gets one. Keep the block you mean."))
	}
	problems = append(problems, judgeElements(settings.SSHAuthorizedKeys, root("ssh_authorized_keys"))...)
	if raw, ok := settings.RawCloudConfig.Get(); ok {
		problems = append(problems, judgeRaw(raw, root("raw_cloud_config"))...)
	}
	if config, ok := settings.CloudConfig.Get(); ok {
		problems = append(problems, judgeCloudConfig(config)...)
		problems = append(problems, warnOfTemplates(config)...)
	}
	return problems
}

func judgeCloudConfig(config CloudConfig) []network.Problem {
	var problems []network.Problem
	if tree, ok := config.RunCmd.Get(); ok {
		problems = append(problems, judgeRunCmd(tree, root("cloud_config", "runcmd"))...)
	}
	users, complete := config.Users.Get()
	if config.DefaultUserEnabled.Or(false) && len(users) == 0 && (complete || config.Users.IsAbsent()) {
		problems = append(problems, network.Problem{
			Severity: network.Warning, Rule: RuleDefaultUser, Path: root("cloud_config", "default_user_enabled"),
			Summary: "default_user_enabled has no effect without users",
			Detail: "It keeps the distribution's default user beside the users of the configuration. Without any, cloud-init " +
				"creates the default user anyway. Remove it, or add a user block.",
		})
	}
	names := map[string]int{}
	for i, user := range users {
		problems = append(problems, judgeUser(user, i, names)...)
	}
	files, _ := config.Files.Get()
	paths := map[string]int{}
	for i, file := range files {
		problems = append(problems, judgeFile(file, i, paths)...)
	}
	return problems
}

// judgeRunCmd finds what cloud-init would not take as a command.
func judgeRunCmd(tree any, path network.Path) []network.Problem {
	const want = "Each element of runcmd is a string, run by the shell, or a list of strings, a program with its arguments."
	commands, ok := tree.([]any)
	switch {
	case containsUnknown(tree) && !ok:
		return nil
	case !ok:
		return []network.Problem{fault(RuleRunCmdList, path, "runcmd is not a list", "Found "+kindOf(tree)+". "+want)}
	}
	var problems []network.Problem
	for i, command := range commands {
		at := path.At(i)
		switch command := command.(type) {
		case Unknown:
		case string:
			if command == "" {
				problems = append(problems, fault(RuleRunCmdElement, at, "The command is empty", want))
			}
		case []any:
			if len(command) == 0 {
				problems = append(problems, fault(RuleRunCmdElement, at, "The command is empty", want))
			}
			for k, argument := range command {
				switch argument.(type) {
				case Unknown, string:
				default:
					problems = append(problems, fault(RuleRunCmdElement, at.At(k),
						"An argument of a command is not a string", "Found "+kindOf(argument)+". "+want+" Put numbers in quotes."))
				}
			}
		default:
			problems = append(problems, fault(RuleRunCmdElement, at,
				"A command is neither a string nor a list of strings", "Found "+kindOf(command)+". "+want))
		}
	}
	return problems
}

// kindOf names the kind of a RunCmd node for a message.
func kindOf(node any) string {
	switch node.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		return "a number"
	}
}

// judgeElements finds elements of a list that are null or empty: they would be left out, or
// reach the guest as a key or a group without a name.
func judgeElements(list known.List[string], path network.Path) []network.Problem {
	var problems []network.Problem
	elements, _ := list.Get()
	for i, element := range elements {
		text, ok := element.Get()
		switch {
		case element.IsAbsent():
			problems = append(problems, fault(RuleElement, path.At(i), "List element is null",
				fmt.Sprintf("Element %d of %s is null. Remove it, for example with compact().", i, path)))
		case ok && strings.TrimSpace(text) == "":
			problems = append(problems, fault(RuleElement, path.At(i), "List element is empty",
				fmt.Sprintf("Element %d of %s is an empty text. Remove it, for example with compact().", i, path)))
		}
	}
	return problems
}

func judgeUser(user User, index int, names map[string]int) []network.Problem {
	at := func(field string) network.Path { return root("cloud_config", "user", index, field) }
	var problems []network.Problem
	if name, ok := user.Name.Get(); ok || user.Name.IsAbsent() {
		first, taken := names[name]
		switch {
		case name == "":
			problems = append(problems, fault(RuleUserName, at("name"), "A user has no name", "Set name to the login name."))
		case taken:
			problems = append(problems, fault(RuleUserName, at("name"), fmt.Sprintf("The user %q is there twice", name),
				fmt.Sprintf("It is user %d, too. Merge the two blocks.", first+1)))
		default:
			names[name] = index
		}
	}
	if user.Passwd.IsSet() && user.HashedPasswd.IsSet() {
		problems = append(problems, fault(RulePassword, at("hashed_passwd"),
			fmt.Sprintf("The user %q has both passwd and hashed_passwd", user.Name.Or("")),
			"Both are hashes of the user's password. Keep one: hashed_passwd changes the password of a user that exists, too."))
	}
	for _, secret := range []struct {
		field string
		value known.Value[string]
	}{{"passwd", user.Passwd}, {"hashed_passwd", user.HashedPasswd}} {
		if text, ok := secret.value.Get(); ok && text == "" {
			problems = append(problems, fault(RuleEmptySecret, at(secret.field), secret.field+" is empty",
				"An empty value would leave the account without the password that was asked for. Give it a value, or leave it out."))
		}
	}
	problems = append(problems, judgeAccount(user, at)...)
	problems = append(problems, judgeElements(user.Groups, at("groups"))...)
	problems = append(problems, judgeElements(user.SSHAuthorizedKeys, at("ssh_authorized_keys"))...)
	return append(problems, judgeElements(user.SSHImportID, at("ssh_import_id"))...)
}

func judgeFile(file File, index int, paths map[string]int) []network.Problem {
	at := func(field string) network.Path { return root("cloud_config", "write_file", index, field) }
	var problems []network.Problem
	if path, ok := file.Path.Get(); ok || file.Path.IsAbsent() {
		first, taken := paths[path]
		switch {
		case path == "":
			problems = append(problems, fault(RuleFilePath, at("path"), "A file has no path", "Set path to the absolute path in the guest."))
		case taken:
			problems = append(problems, fault(RuleFilePath, at("path"), fmt.Sprintf("The file %q is there twice", path),
				fmt.Sprintf("It is write_file %d, too. Merge the two blocks.", first+1)))
		default:
			paths[path] = index
		}
	}
	if file.Content.IsSet() && file.ContentFrom.IsSet() {
		problems = append(problems, fault(RuleContent, at("content"), "A file has both content and content_from",
			"The content is either written inline or taken from a secret. Keep one of the two."))
	}
	if secret, ok := file.ContentFrom.Get(); ok && secret == "" {
		problems = append(problems, fault(RuleEmptySecret, at("content_from"), "The secret that holds a file's content is empty",
			"Give the key of the secret a value. For an empty file, leave content_from out."))
	}
	if encoding, ok := file.Encoding.Get(); ok {
		field, content := "content", file.Content
		if file.ContentFrom.IsSet() {
			field, content = "content_from", file.ContentFrom
		}
		text, _ := content.Get()
		problems = append(problems, judgeEncoding(encoding, text, at("encoding"), at(field))...)
	}
	return problems
}

// judgeEncoding finds content that write_files in the guest cannot decode: it then gives up,
// also on the files that follow.
func judgeEncoding(encoding, content string, encodingPath, contentPath network.Path) []network.Problem {
	if encoding == "" {
		return nil
	}
	if !slices.Contains(Encodings, encoding) {
		return []network.Problem{fault(RuleEncoding, encodingPath, fmt.Sprintf("%q is no encoding of a file", encoding),
			"Use one of "+strings.Join(Encodings, ", ")+".")}
	}
	if content == "" || encoding == DefaultEncoding || hasTemplate(content) {
		return nil
	}
	if !strings.HasSuffix(encoding, "64") {
		return []network.Problem{fault(RuleEncoding, encodingPath, fmt.Sprintf("The encoding %q cannot be used in text", encoding),
			"A gzip stream is binary and a configuration is text. Use gzip+base64, with base64gzip() for the content.")}
	}
	data, err := base64.StdEncoding.DecodeString(base64Only(content))
	if err == nil && strings.HasPrefix(encoding, "gz") && isGzip(data) {
		_, err = gunzip(data)
	} else if err == nil && strings.HasPrefix(encoding, "gz") {
		err = errors.New("what the base64 holds is not a gzip stream")
	}
	if err != nil {
		return []network.Problem{fault(RuleEncoding, contentPath, "A file's content is not what its encoding says",
			fmt.Sprintf("The encoding is %s, but: %v. The content is passed on as it is; encode it with base64encode() or "+
				"base64gzip(), or use text/plain.", encoding, err))}
	}
	return nil
}

// base64Only drops what Python's base64 reader skips.
func base64Only(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '+', r == '/', r == '=':
			return r
		}
		return -1
	}, text)
}

func fault(rule string, path network.Path, summary, detail string) network.Problem {
	return network.Problem{Severity: network.Error, Rule: rule, Path: path, Summary: summary, Detail: detail}
}
