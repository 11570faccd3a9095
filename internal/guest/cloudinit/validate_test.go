package cloudinit

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// findings writes problems as severity, rule and path below cloud_init.
func findings(problems []network.Problem) []string {
	var texts []string
	for _, problem := range problems {
		text := "error "
		if problem.Severity == network.Warning {
			text = "warning "
		}
		path := strings.TrimPrefix(strings.TrimPrefix(problem.Path.String(), "bootstrap.cloud_init"), ".")
		texts = append(texts, strings.TrimSpace(text+problem.Rule+" "+path))
	}
	return texts
}

func commands(elements ...any) CloudConfig { return CloudConfig{RunCmd: known.Of[any](elements)} }

func users(users ...User) CloudConfig { return CloudConfig{Users: known.Of(users)} }

func files(files ...File) CloudConfig { return CloudConfig{Files: known.Of(files)} }

func encoded(encoding, content string) CloudConfig {
	return files(File{Path: known.Of("/a"), Encoding: known.Of(encoding), Content: known.Of(content)})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	packed, err := base64.StdEncoding.DecodeString(Encode("hello"))
	if err != nil {
		t.Fatal(err)
	}
	truncated := base64.StdEncoding.EncodeToString(packed[:len(packed)-9])
	named := func(name string) User { return User{Name: known.Of(name)} }
	at := func(path string) File { return File{Path: known.Of(path)} }
	for _, test := range []struct {
		name     string
		settings Settings
		want     []string
	}{
		{"nothing", Settings{}, nil},
		{"the worked example", inline(worked()), nil},
		{
			"both kinds of user data",
			Settings{CloudConfig: known.Of(CloudConfig{}), RawCloudConfig: known.Of("#!/bin/sh\n")},
			[]string{"error B1"},
		},
		{"one kind that may come", Settings{CloudConfig: known.Of(CloudConfig{}), RawCloudConfig: known.Unknown[string]()}, nil},

		{"commands", inline(commands("a", []any{"b", ""}, Unknown{}, []any{Unknown{}})), nil},
		{"no commands", inline(commands()), nil},
		{"unknown commands", inline(CloudConfig{RunCmd: known.Of[any](Unknown{})}), nil},
		{"commands that are a string", inline(CloudConfig{RunCmd: known.Of[any]("ls")}), []string{"error B2 cloud_config.runcmd"}},
		{"commands that are null", inline(CloudConfig{RunCmd: known.Of[any](nil)}), []string{"error B2 cloud_config.runcmd"}},
		{"commands that are an object", inline(CloudConfig{RunCmd: known.Of[any](map[string]any{})}), []string{"error B2 cloud_config.runcmd"}},
		{
			"elements that are no commands",
			inline(commands("", []any{}, nil, true, 7, map[string]any{}, []any{"sleep", 5}, []any{[]any{"a"}, nil})),
			[]string{
				"error B3 cloud_config.runcmd[0]", "error B3 cloud_config.runcmd[1]", "error B3 cloud_config.runcmd[2]",
				"error B3 cloud_config.runcmd[3]", "error B3 cloud_config.runcmd[4]", "error B3 cloud_config.runcmd[5]",
				"error B3 cloud_config.runcmd[6][1]", "error B3 cloud_config.runcmd[7][0]", "error B3 cloud_config.runcmd[7][1]",
			},
		},

		{"the default user alone", inline(CloudConfig{DefaultUserEnabled: known.Of(true)}), []string{"warning C9 cloud_config.default_user_enabled"}},
		{"the default user beside those that may come", inline(CloudConfig{DefaultUserEnabled: known.Of(true), Users: known.Unknown[[]User]()}), nil},
		{"users without a name", inline(users(User{}, named(""), User{Name: known.Unknown[string]()})), []string{
			"error C1 cloud_config.user[0].name", "error C1 cloud_config.user[1].name",
		}},
		{"a user that is there twice", inline(users(named("a"), named("b"), named("a"))), []string{"error C1 cloud_config.user[2].name"}},
		{
			"two passwords", inline(users(User{Name: known.Of("a"), Passwd: known.Of("x"), HashedPasswd: known.Of("y")})),
			[]string{"error C2 cloud_config.user[0].hashed_passwd"},
		},
		{
			"empty passwords",
			inline(users(User{Name: known.Of("a"), Passwd: known.Of("")}, User{Name: known.Of("b"), HashedPasswd: known.Of("")})),
			[]string{"error C3 cloud_config.user[0].passwd", "error C3 cloud_config.user[1].hashed_passwd"},
		},
		{"a password that may come", inline(users(User{Name: known.Of("a"), Passwd: known.Of("x"), HashedPasswd: known.Unknown[string]()})), nil},

		{"files without a path", inline(files(File{}, at(""), File{Path: known.Unknown[string]()})), []string{
			"error C4 cloud_config.write_file[0].path", "error C4 cloud_config.write_file[1].path",
		}},
		{"a file that is there twice", inline(files(at("/a"), at("/a"))), []string{"error C4 cloud_config.write_file[1].path"}},
		{
			"two contents", inline(files(File{Path: known.Of("/a"), Content: known.Of(""), ContentFrom: known.Of("x")})),
			[]string{"error B4 cloud_config.write_file[0].content"},
		},
		{
			"an empty secret", inline(files(File{Path: known.Of("/a"), ContentFrom: known.Of("")})),
			[]string{"error C3 cloud_config.write_file[0].content_from"},
		},

		{"text", inline(encoded("text/plain", "not base64!")), nil},
		{"no encoding", inline(encoded("", "not base64!")), nil},
		{"base64", inline(encoded("b64", "aGVs\nbG8=")), nil},
		{"base64 with what Python skips", inline(encoded("base64", "aGVs bG8=!")), nil},
		{"base64 of gzip", inline(encoded("gz+b64", Encode("hello"))), nil},
		{"nothing to decode", inline(encoded("gzip+base64", "")), nil},
		{"a template that becomes base64", inline(encoded("base64", "{{ ds.meta_data.key }}")), []string{"warning C8 cloud_config.write_file[0].content"}},
		{"an encoding that is none", inline(encoded("rot13", "x")), []string{"error C5 cloud_config.write_file[0].encoding"}},
		{"binary in text", inline(encoded("gzip", "x")), []string{"error C5 cloud_config.write_file[0].encoding"}},
		{"text that should be base64", inline(encoded("b64", "hello")), []string{"error C5 cloud_config.write_file[0].content"}},
		{"base64 that should be gzip", inline(encoded("gzip+b64", "aGVsbG8=")), []string{"error C5 cloud_config.write_file[0].content"}},
		{"a truncated gzip stream", inline(encoded("gzip+base64", truncated)), []string{"error C5 cloud_config.write_file[0].content"}},
		{
			"a secret that should be base64",
			inline(files(File{Path: known.Of("/a"), Encoding: known.Of("b64"), ContentFrom: known.Of("hello")})),
			[]string{"error C5 cloud_config.write_file[0].content_from"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			problems := Validate(test.settings)
			if diff := cmp.Diff(test.want, findings(problems)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, problem := range problems {
				if problem.Summary == "" || problem.Detail == "" {
					t.Errorf("a problem without text: %+v", problem)
				}
			}
		})
	}
}

func TestValidateWarnsOfWhatCloudInitRenders(t *testing.T) {
	t.Parallel()
	marked := known.Of("a {{ b }}")
	list := known.ListOf("x", "{% if %}")
	config := CloudConfig{
		Timezone: marked,
		RunCmd:   known.Of[any]([]any{"plain", `echo "${#list[@]}"`, []any{"echo", "{{ ds }}"}, Unknown{}}),
		Users: known.Of([]User{{Name: known.Of("plain")}, {
			Name: known.Of("{{ n }}"), ExpireDate: marked, Gecos: marked, HashedPasswd: marked, HomeDir: marked,
			PrimaryGroup: marked, SELinuxUser: marked, Shell: marked, SnapUser: marked, Sudo: marked,
			Groups: list, SSHAuthorizedKeys: list, SSHImportID: list,
		}, {Name: known.Of("pw"), Passwd: marked}}),
		Files: known.Of([]File{{
			Path: marked, Content: known.Of("fine { { and } }"), Owner: marked, Permissions: marked,
		}, {
			Path: known.Of("/b"), ContentFrom: known.Of("{% raw %}{{ kept }}{% endraw %}"),
		}}),
	}
	problems := slices.DeleteFunc(Validate(inline(config)), func(problem network.Problem) bool { return problem.Rule != RuleJinja })
	want := []string{
		"timezone", "runcmd[1]", "runcmd[2][1]",
		"user[1].name", "user[1].expiredate", "user[1].gecos", "user[1].hashed_passwd", "user[1].homedir",
		"user[1].primary_group", "user[1].selinux_user", "user[1].shell", "user[1].snapuser", "user[1].sudo",
		"user[1].groups[1]", "user[1].ssh_authorized_keys[1]", "user[1].ssh_import_id[1]", "user[2].passwd",
		"write_file[0].path", "write_file[0].owner", "write_file[0].permissions", "write_file[1].content_from",
	}
	for i, path := range want {
		want[i] = "warning C8 cloud_config." + path
	}
	if diff := cmp.Diff(want, findings(problems)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, marker := range map[int]string{0: "{{", 1: "{#", 13: "{%"} {
		if !strings.Contains(problems[i].Summary, marker) {
			t.Errorf("%s is not named in %q", marker, problems[i].Summary)
		}
	}
	if !strings.Contains(problems[1].Detail, "no user data at all") {
		t.Errorf("the danger of {# is not told: %q", problems[1].Detail)
	}
	if _, err := UserData(inline(config)); err == nil {
		t.Error("an unknown command was rendered")
	}
}

func TestProblemsDoNotTellSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2hunter2"
	for _, settings := range []Settings{
		inline(encoded("b64", secret+"=")),
		inline(files(File{Path: known.Of("/a"), ContentFrom: known.Of("{{ " + secret)})),
		inline(users(User{Name: known.Of("a"), Passwd: known.Of(secret), HashedPasswd: known.Of(secret)})),
		raw(secret),
		raw("#cloud-config\npassword: " + secret + ": x\n"),
		raw("#cloud-config\n? [" + secret + "]\n: b\n"),
		raw("#cloud-config\n- " + secret + "\n"),
		raw("#cloud-config\npassword:\n\t" + secret + "\n"),
	} {
		problems := Validate(settings)
		if len(problems) == 0 {
			t.Errorf("no problem found in %+v", settings)
		}
		for _, problem := range problems {
			if strings.Contains(problem.Summary+problem.Detail, secret) {
				t.Errorf("the secret is told: %+v", problem)
			}
		}
	}
}
