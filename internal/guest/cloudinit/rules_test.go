package cloudinit

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// offence breaks one rule in one way, at one path below cloud_init.
type offence struct {
	rule     string
	settings Settings
	warns    bool
	path     string
}

func offences() []offence {
	list := known.Of([]known.Value[string]{known.Of("fine"), {}})
	empty := known.ListOf("fine", " ")
	user := func(change func(*User)) Settings {
		u := User{Name: known.Of("a")}
		change(&u)
		return inline(users(u))
	}
	yes := known.Of(true)
	const config, first = "cloud_config.", "cloud_config.user[0]."
	return []offence{
		{rule: RuleOneSource, settings: Settings{CloudConfig: known.Of(CloudConfig{}), RawCloudConfig: known.Of("#!/bin/sh\n")}},
		{rule: RuleRunCmdList, settings: inline(CloudConfig{RunCmd: known.Of[any]("ls")}), path: config + "runcmd"},
		{rule: RuleRunCmdElement, settings: inline(commands("ls", "")), path: config + "runcmd[1]"},
		{rule: RuleRunCmdElement, settings: inline(commands([]any{"ls", nil})), path: config + "runcmd[0][1]"},
		{rule: RuleContent, settings: inline(files(File{Path: known.Of("/a"), Content: known.Of("a"), ContentFrom: known.Of("b")})), path: config + "write_file[0].content"},
		{rule: RuleUserName, settings: inline(users(User{})), path: first + "name"},
		{rule: RulePassword, settings: user(func(u *User) { u.Passwd, u.HashedPasswd = known.Of("a"), known.Of("b") }), path: first + "hashed_passwd"},
		{rule: RuleEmptySecret, settings: user(func(u *User) { u.Passwd = known.Of("") }), path: first + "passwd"},
		{rule: RuleEmptySecret, settings: user(func(u *User) { u.HashedPasswd = known.Of("") }), path: first + "hashed_passwd"},
		{rule: RuleEmptySecret, settings: inline(files(File{Path: known.Of("/a"), ContentFrom: known.Of("")})), path: config + "write_file[0].content_from"},
		{rule: RuleFilePath, settings: inline(files(File{})), path: config + "write_file[0].path"},
		{rule: RuleEncoding, settings: inline(encoded("rot13", "a")), path: config + "write_file[0].encoding"},
		{rule: RuleEncoding, settings: inline(encoded("b64", "a")), path: config + "write_file[0].content"},
		{rule: RuleRawHeader, settings: raw("users: []\n"), path: "raw_cloud_config"},
		{rule: RuleRawHeader, settings: raw("Content-Type: text/plain\n"), warns: true, path: "raw_cloud_config"},
		{rule: RuleRawYAML, settings: raw("#cloud-config\na: b: c\n"), path: "raw_cloud_config"},
		{rule: RuleJinja, settings: inline(CloudConfig{Timezone: known.Of("{{ a }}")}), warns: true, path: config + "timezone"},
		{rule: RuleDefaultUser, settings: inline(CloudConfig{DefaultUserEnabled: known.Of(true)}), warns: true, path: config + "default_user_enabled"},
		{rule: RuleExpireDate, settings: user(func(u *User) { u.ExpireDate = known.Of("2030-02-30") }), warns: true, path: first + "expiredate"},
		{rule: RuleExpireDate, settings: user(func(u *User) { u.ExpireDate = known.Of("31.12.2030") }), warns: true, path: first + "expiredate"},
		{rule: RuleSSHRedirect, settings: user(func(u *User) { u.SSHRedirectUser, u.SSHAuthorizedKeys = yes, known.ListOf("k") }), path: first + "ssh_redirect_user"},
		{rule: RuleSSHRedirect, settings: user(func(u *User) { u.SSHRedirectUser, u.SSHImportID = yes, known.ListOf("gh:k") }), path: first + "ssh_redirect_user"},
		{rule: RuleHome, settings: user(func(u *User) { u.NoCreateHome, u.SSHAuthorizedKeys = yes, known.ListOf("k") }), warns: true, path: first + "no_create_home"},
		{rule: RuleHome, settings: user(func(u *User) { u.System, u.SSHRedirectUser = yes, yes }), warns: true, path: first + "system"},
		{rule: RuleElement, settings: Settings{SSHAuthorizedKeys: list}, path: "ssh_authorized_keys[1]"},
		{rule: RuleElement, settings: Settings{SSHAuthorizedKeys: empty}, path: "ssh_authorized_keys[1]"},
		{rule: RuleElement, settings: user(func(u *User) { u.Groups = list }), path: first + "groups[1]"},
		{rule: RuleElement, settings: user(func(u *User) { u.SSHAuthorizedKeys = empty }), path: first + "ssh_authorized_keys[1]"},
		{rule: RuleElement, settings: user(func(u *User) { u.SSHImportID = empty }), path: first + "ssh_import_id[1]"},
	}
}

func TestEachRuleIsBrokenAtItsPath(t *testing.T) {
	t.Parallel()
	for i, o := range offences() {
		t.Run(o.rule+"/"+strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			want := "error "
			if o.warns {
				want = "warning "
			}
			want = strings.TrimSpace(want + o.rule + " " + o.path)
			if diff := cmp.Diff([]string{want}, findings(Validate(o.settings))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A rule without a test by its name is not one.
func TestNoRuleIsForgotten(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(gotoken.NewFileSet(), "validate.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Rule") {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			t.Fatalf("%s is no literal", spec.Names[0].Name)
		}
		rule, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		declared[rule] = true
		return true
	})
	broken := map[string]bool{RuleSize: true} // CheckSizes has a test of its own
	for _, o := range offences() {
		broken[o.rule] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(declared)), slices.Sorted(maps.Keys(broken))); diff != "" {
		t.Errorf("rules and those that are tested (-declared +tested):\n%s", diff)
	}
}

func TestUsersThatCloudInitCreatesAreNotJudged(t *testing.T) {
	t.Parallel()
	yes, no, key := known.Of(true), known.Of(false), known.ListOf("k")
	for i, u := range []User{
		{SSHAuthorizedKeys: key, SSHImportID: key, SSHRedirectUser: no, NoCreateHome: no, System: no, SnapUser: known.Of("")},
		{SSHAuthorizedKeys: known.ListOf[string](), SSHRedirectUser: yes},
		{NoCreateHome: yes, System: yes},
		{SSHAuthorizedKeys: key, SSHRedirectUser: known.Unknown[bool](), NoCreateHome: known.Unknown[bool]()},
		{SSHAuthorizedKeys: known.Unknown[[]known.Value[string]](), SSHRedirectUser: yes},
		{ExpireDate: known.Of("2028-02-29")},
		{ExpireDate: known.Of("")},
		{ExpireDate: known.Unknown[string](), SnapUser: known.Unknown[string]()},
	} {
		u.Name = known.Of("a")
		if problems := Validate(inline(users(u))); problems != nil {
			t.Errorf("user %d: %+v", i, problems)
		}
	}
}

func TestUnknownElementsAreNotJudged(t *testing.T) {
	t.Parallel()
	unknown := known.Of([]known.Value[string]{known.Unknown[string]()})
	settings := inline(users(User{Name: known.Of("a"), Groups: unknown, SSHAuthorizedKeys: unknown, SSHImportID: unknown}))
	settings.SSHAuthorizedKeys = known.Unknown[[]known.Value[string]]()
	if problems := Validate(settings); problems != nil {
		t.Errorf("got %+v", problems)
	}
	if problems := Validate(Settings{SSHAuthorizedKeys: known.ListOf("ssh-ed25519 AAAA a\n")}); problems != nil {
		t.Errorf("a key with its line end: %+v", problems)
	}
}
