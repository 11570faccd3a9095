package cloudinit

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func inline(config CloudConfig) Settings { return Settings{CloudConfig: known.Of(config)} }

func raw(text string) Settings { return Settings{RawCloudConfig: known.Of(text)} }

// worked is VM Operator's worked example of a cloud-config.
func worked() CloudConfig {
	return CloudConfig{
		Timezone: known.Of("Europe/Paris"), DefaultUserEnabled: known.Of(true), SSHPWAuth: known.Of(true),
		RunCmd: known.Of[any]([]any{"systemctl restart app", []any{"touch", "/var/lib/ready", "with space"}}),
		Users: known.Of([]User{{
			Name: known.Of("ops"), Groups: known.ListOf("wheel", "docker"), HashedPasswd: known.Of("$6$abc$def"),
			Inactive: known.Of[int64](30), LockPasswd: known.Of(false), SSHAuthorizedKeys: known.ListOf("ssh-ed25519 AAAA ops"),
			Sudo: known.Of("ALL=(ALL) NOPASSWD:ALL"), UID: known.Of[int64](1500),
		}, {
			Name: known.Of("svc"), Shell: known.Of("/usr/sbin/nologin"), System: known.Of(true),
		}}),
		Files: known.Of([]File{
			File{Path: known.Of("/etc/motd"), Content: known.Of("line 1\nline 2\n")}.WithDefaults(),
			File{
				Path: known.Of("/etc/app/token"), ContentFrom: known.Of("s3cr3t"), Defer: known.Of(true),
				Owner: known.Of("app:app"), Permissions: known.Of("0600"),
			}.WithDefaults(),
			{Path: known.Of("/etc/empty")},
		}),
	}
}

func TestUserDataIsThatOfTheWorkedExample(t *testing.T) {
	t.Parallel()
	got, err := UserData(inline(worked()))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "userdata/users-files-commands.yaml", got)
}

func TestUserDataOfSmallConfigs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		settings Settings
		want     string // after the header
	}{
		{"nothing at all", Settings{}, ""},
		{"an empty cloud-config", inline(CloudConfig{}), ""},
		{"the default user alone", inline(CloudConfig{DefaultUserEnabled: known.Of(true)}), ""},
		{"no commands", inline(CloudConfig{RunCmd: known.Of[any]([]any{})}), ""},
		{"an empty time zone", inline(CloudConfig{Timezone: known.Of("")}), ""},
		{
			"a flag that is false",
			inline(CloudConfig{SSHPWAuth: known.Of(false), Timezone: known.Of("Europe/Sofia")}),
			"ssh_pwauth: false\ntimezone: Europe/Sofia\n",
		},
		{
			"the default user beside another",
			inline(CloudConfig{DefaultUserEnabled: known.Of(true), Users: known.Of([]User{{
				Name: known.Of("vmware"), Sudo: known.Of("ALL=(ALL) NOPASSWD:ALL"),
			}})}),
			"users:\n- default\n- name: vmware\n  sudo: ALL=(ALL) NOPASSWD:ALL\n",
		},
		{
			"text that looks like a number or a date",
			inline(CloudConfig{Users: known.Of([]User{{
				Name: known.Of("u"), ExpireDate: known.Of("2030-01-01"), Inactive: known.Of[int64](3), UID: known.Of[int64](1001),
			}})}),
			"users:\n- expiredate: \"2030-01-01\"\n  inactive: \"3\"\n  name: u\n  uid: 1001\n",
		},
		{
			"a user called default stays a user",
			inline(CloudConfig{Users: known.Of([]User{{Name: known.Of("default")}})}),
			"users:\n- name: default\n",
		},
		{
			"flags of a file that are false are left out",
			inline(CloudConfig{Files: known.Of([]File{{Path: known.Of("/a"), Append: known.Of(false), Defer: known.Of(false), Content: known.Of("")}})}),
			"write_files:\n- path: /a\n",
		},
		{
			"flags of a file that are true",
			inline(CloudConfig{Files: known.Of([]File{{Path: known.Of("/a"), Append: known.Of(true), Defer: known.Of(true)}})}),
			"write_files:\n- append: true\n  defer: true\n  path: /a\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := UserData(test.settings)
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			if want != "" {
				want = "## template: jinja\n#cloud-config\n\n" + want
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUserDataWritesEveryFieldOfAUser(t *testing.T) {
	t.Parallel()
	yes, text := known.Of(true), known.Of[string]
	got, err := UserData(inline(CloudConfig{Users: known.Of([]User{{
		Name: text("n"), CreateGroups: yes, ExpireDate: text("2030-12-31"), Gecos: text("g"), Groups: known.ListOf("gr"),
		HashedPasswd: text("h"), HomeDir: text("hd"), Inactive: known.Of[int64](7), LockPasswd: yes, NoCreateHome: yes,
		NoLogInit: yes, NoUserGroup: yes, PrimaryGroup: text("p"), SELinuxUser: text("s"),
		Shell: text("sh"), SnapUser: text("n@example.com"), SSHAuthorizedKeys: known.ListOf("k"), SSHImportID: known.ListOf("i"),
		Sudo: text(""), System: yes, UID: known.Of[int64](0),
	}, {Name: text("m"), Passwd: text("pw"), SSHRedirectUser: yes}})}))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "userdata/every-field.yaml", got)
}

func TestUserDataTakesTheRawTextOutOfItsEncoding(t *testing.T) {
	t.Parallel()
	const script = "#!/bin/sh\necho hello\n"
	got, err := UserData(raw(Encode(script)))
	if err != nil || got != script {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestUserDataIsNotWrittenWhileSomethingIsUnknown(t *testing.T) {
	t.Parallel()
	unknown := known.Unknown[string]()
	for want, settings := range map[string]Settings{
		"bootstrap.cloud_init.raw_cloud_config":                        {RawCloudConfig: unknown},
		"bootstrap.cloud_init.cloud_config":                            {CloudConfig: known.Unknown[CloudConfig]()},
		"bootstrap.cloud_init.cloud_config.timezone":                   inline(CloudConfig{Timezone: unknown}),
		"bootstrap.cloud_init.cloud_config.ssh_pwauth":                 inline(CloudConfig{SSHPWAuth: known.Unknown[bool]()}),
		"bootstrap.cloud_init.cloud_config.runcmd":                     inline(CloudConfig{RunCmd: known.Of[any]([]any{[]any{"a", Unknown{}}})}),
		"bootstrap.cloud_init.cloud_config.user":                       inline(CloudConfig{Users: known.Unknown[[]User]()}),
		"bootstrap.cloud_init.cloud_config.user[1].passwd":             inline(CloudConfig{Users: known.Of([]User{{Name: known.Of("a")}, {Name: known.Of("b"), Passwd: unknown}})}),
		"bootstrap.cloud_init.cloud_config.user[0].groups":             inline(CloudConfig{Users: known.Of([]User{{Name: known.Of("a"), Groups: known.Of([]known.Value[string]{unknown})}})}),
		"bootstrap.cloud_init.cloud_config.user[0].inactive":           inline(CloudConfig{Users: known.Of([]User{{Name: known.Of("a"), Inactive: known.Unknown[int64]()}})}),
		"bootstrap.cloud_init.cloud_config.write_file":                 inline(CloudConfig{Files: known.Unknown[[]File]()}),
		"bootstrap.cloud_init.cloud_config.write_file[0].owner":        inline(CloudConfig{Files: known.Of([]File{{Path: known.Of("/a"), Owner: unknown}})}),
		"bootstrap.cloud_init.cloud_config.write_file[0].content_from": inline(CloudConfig{Files: known.Of([]File{{Path: known.Of("/a"), ContentFrom: unknown}})}),
	} {
		text, err := UserData(settings)
		if text != "" || !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), want+":") {
			t.Errorf("%s: got %q, %v", want, text, err)
		}
	}
}

func TestUserDataIsNotWrittenFromWhatValidateRefuses(t *testing.T) {
	t.Parallel()
	_, err := UserData(inline(CloudConfig{RunCmd: known.Of[any]([]any{""})}))
	if err == nil || errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "command is empty") {
		t.Errorf("got %v", err)
	}
}

func TestWithDefaultsKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	file := File{Owner: known.Of("a:b"), Encoding: known.Unknown[string]()}.WithDefaults()
	if file.Owner != known.Of("a:b") || !file.Encoding.IsUnknown() || file.Permissions != known.Of("0644") {
		t.Errorf("got %+v", file)
	}
}

// The strings that YAML 1.1 readers, or PyYAML alone, take for something else.
func TestYAMLQuotesWhatTheGuestWouldMisread(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"00:50:56:89:ab:cd": "00:50:56:89:ab:cd", "00:50:56:89:12:34": "00:50:56:89:12:34",
		"12:34:56:78:90:12": "12:34:56:78:90:12", "0a:00:00:00:00:01": "0a:00:00:00:00:01",
		"00:00:00:00:00:01": `"00:00:00:00:00:01"`, "10:20:30:40:50:59": `"10:20:30:40:50:59"`,
		"00:50:56:00:00:02": `"00:50:56:00:00:02"`, "12:34:56:10:20:30": `"12:34:56:10:20:30"`,
		"2001:db8::1": "2001:db8::1", "::1": "::1", "1:2": `"1:2"`,
		"no": `"no"`, "010": `"010"`, "1e3": `"1e3"`, "": `""`, "0644": `"0644"`, "~": `"~"`,
		"2030-01-01": `"2030-01-01"`, "2030-02-30": `"2030-02-30"`, "2030-02-30 x": `"2030-02-30 x"`, "2030-02-30x": "2030-02-30x",
		"=": `"="`, "<<": `"<<"`, "==": "==", "0x_": `"0x_"`, "-0b__": `"-0b__"`,
		"a\u0085b": `"a\u0085b"`, "\ue0000\ue000": `"\ue0000\ue000"`, "a\"\\\u0085": `"a\"\\\u0085"`, "😀\u0085": `"\U0001f600\u0085"`,
		"a\r\nb": `"a\r\nb"`,
	} {
		got, err := writeYAML(map[string]any{"k": text, text: []any{text}})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got, "k: "+want+"\n") || !strings.Contains(got, "- "+want+"\n") {
			t.Errorf("%q is written\n%s", text, got)
		}
		if !strings.Contains(got, want+":\n") && !strings.Contains(got, "? "+want) {
			t.Errorf("the key %q is written\n%s", text, got)
		}
	}
}

// Found by FuzzYAML: a key of more than 1024 characters has a form of its own in YAML.
func TestYAMLWritesLongKeys(t *testing.T) {
	t.Parallel()
	for _, char := range []string{"\u0085", "\x1c", "a", "&", "😀", "\""} {
		for _, length := range []int{1, 20, 21, 22, 127, 128, 129, 1023, 1024, 1025, 5000} {
			want := map[string]any{strings.Repeat(char, length): "v", "a1": "b"}
			text, err := writeYAML(want)
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := yaml.Unmarshal([]byte(text), &got); err != nil || !cmp.Equal(want, got) {
				t.Errorf("a key of %d times %q: %v\n%s", length, char, err, text)
			}
		}
	}
}

func TestYAMLReportsWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if text, err := writeYAML(map[string]any{"k": func() {}}); err == nil {
		t.Errorf("got %q", text)
	}
}

func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"=", "<<", "a\u0085b", "\ue0000\ue000", "\ue000", "2030-02-30", "line 1\nline 2\n", " x", "{{ a }}", strings.Repeat("word ", 40)} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, key, text string) {
		value := map[string]any{"k" + key: text, "l": []any{text, map[string]any{"m": text}}}
		written, err := writeYAML(value)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		// JSON replaces what is not UTF-8; Terraform has no such strings.
		data, err := json.Marshal(value)
		if err != nil {
			t.Skip()
		}
		var want, got any
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal([]byte(written), &got); err != nil {
			t.Fatalf("%q is written\n%s\n%v", text, written, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q is written\n%s\n(-want +got):\n%s", text, written, diff)
		}
	})
}
