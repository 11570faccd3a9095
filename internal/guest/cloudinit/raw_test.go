package cloudinit

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestDecodeRawDecodesOnlyWhatIsUserData(t *testing.T) {
	t.Parallel()
	const config = "#cloud-config\nruncmd:\n- [ls]\n"
	const mime = "Content-Type: multipart/mixed; boundary=\"x\"\nMIME-Version: 1.0\n\n--x--\n"
	broken := Encode(config)[:20] + "=="
	for _, test := range []struct{ name, raw, want string }{
		{"literal", config, config},
		{"literal after white space", "\n  " + config, "\n  " + config},
		{"in base64", b64(config), config},
		{"in base64, in lines", b64(config)[:8] + "\n" + b64(config)[8:] + "\n", config},
		{"in base64 of gzip", Encode(config), config},
		{"a MIME archive in base64", b64(mime), mime},
		{"a MIME archive", mime, mime},
		{"a script in base64", b64("#!/bin/sh\n"), "#!/bin/sh\n"},
		{"PowerShell in base64", b64("#ps1_sysnative\nls\n"), "#ps1_sysnative\nls\n"},
		{"in base64 twice, which is decoded once", b64(b64(config)), b64(b64(config))},
		{"a word that happens to be base64", "test", "test"},
		{"another", "password", "password"},
		{"base64 of a word", b64("hello"), b64("hello")},
		{"base64 of gzip of a word", Encode("hello"), Encode("hello")},
		{"a gzip stream that is damaged", broken, broken},
		{"nothing", "", ""},
		{"a lone line break", "\n", ""},
		{"base64 of a line break", "Cg==", "Cg=="},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := DecodeRaw(test.raw); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestValidateJudgesRawUserData(t *testing.T) {
	t.Parallel()
	packed := Encode("#cloud-config\nruncmd: [ls]\n")
	truncated := packed[:len(packed)-16]
	for _, test := range []struct{ name, raw, rule, text string }{
		{name: "nothing"},
		{name: "a cloud-config", raw: "#cloud-config\nusers:\n- default\n"},
		{name: "a cloud-config with a document marker", raw: "#cloud-config\n# a comment\n---\na: b\n"},
		{name: "a cloud-config that is empty", raw: "#cloud-config\n"},
		{name: "a cloud-config with Windows line breaks", raw: "#cloud-config\r\nusers:\r\n- default\r\n"},
		{name: "a key that only JSON refuses", raw: "#cloud-config\nnull: b\n"},
		{name: "a tab inside a value", raw: "#cloud-config\na: b\tc\n"},
		{name: "in capitals", raw: "#CLOUD-CONFIG\na: b\n"},
		{name: "a script", raw: "#!/bin/sh\n\tls\n"},
		{name: "an archive of cloud-configs", raw: "#cloud-config-archive\n- type: x\n"},
		{name: "an include list", raw: "#include\nhttps://example.com/x\n"},
		{name: "a batch file", raw: "rem cmd\r\ndir\r\n"},
		{name: "PowerShell", raw: "<powershell>\nls\n</powershell>\n"},
		{name: "MIME", raw: "From nobody\nMIME-Version: 1.0\nContent-Type: text/x-shellscript\n\n"},
		{name: "a template", raw: "## template: jinja\n#cloud-config\na: {{ b }}\n\tc\n"},
		{name: "a template that writes its header", raw: "## template: jinja\n{% if x %}#cloud-config{% endif %}\n"},
		{name: "in base64", raw: b64("#cloud-config\na: b\n")},

		{name: "a header with a space", raw: "# cloud-config\na: b\n", rule: "C6", text: "without a space"},
		{name: "no header", raw: "users:\n- default\n", rule: "C6", text: "begins with #cloud-config"},
		{name: "a word", raw: "test", rule: "C6", text: "begins with #cloud-config"},
		{name: "a comment", raw: "#hello\n", rule: "C6", text: "begins with #cloud-config"},
		{name: "a byte order mark", raw: "\ufeff#cloud-config\n", rule: "C6", text: "byte order mark"},
		{name: "a template line that is not exact", raw: "##template: jinja\n#cloud-config\n", rule: "C6", text: "## template: jinja"},
		{name: "a template without a second header", raw: "## template: jinja\nusers: []\n", rule: "C6", text: "second header"},
		{name: "base64 of something else", raw: b64("users:\n- default\n"), rule: "C6", text: "it may be base64"},
		{name: "base64 of gzip of something else", raw: Encode("users:\n"), rule: "C6", text: "base64 of gzip"},
		{name: "a damaged gzip stream", raw: truncated, rule: "C6", text: "cannot be unpacked"},
		{name: "MIME without its version", raw: "Content-Type: multipart/mixed\n\n", rule: "warning C6", text: "MIME-Version: 1.0"},

		{name: "a tab", raw: "#cloud-config\nusers:\n\t- default\n", rule: "C7", text: "line 3: found character that cannot start any token; the line is indented with a tab"},
		{name: "a tab in base64", raw: b64("#cloud-config\na: b\nusers:\n- name: a\n\tsudo: b\n"), rule: "C7", text: "line 5: found a tab character"},
		{name: "two colons", raw: "#cloud-config\na: b\nc: d: e\n", rule: "C7", text: "line 3: mapping values are not allowed"},
		{name: "an anchor that is not there", raw: "#cloud-config\na: *b\n", rule: "C7", text: "unknown anchor"},
		{name: "an error at the end", raw: "#cloud-config\na: \"b\n", rule: "C7", text: "line 3: found unexpected end"},
		{name: "a list", raw: "#cloud-config\n- a\n", rule: "C7", text: "a YAML mapping"},
		{name: "a second document", raw: "#cloud-config\na: b\n---\nc: d\n", rule: "C7", text: "line 3 begins a second"},
		{name: "a second document after a marker", raw: "#cloud-config\n---\nc: d\n--- # x\ne: f\n", rule: "C7", text: "line 4 begins a second"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			problems := Validate(raw(test.raw))
			if test.rule == "" {
				if len(problems) != 0 {
					t.Errorf("got %+v", problems)
				}
				return
			}
			if len(problems) != 1 {
				t.Fatalf("got %+v", problems)
			}
			rule := problems[0].Rule
			if problems[0].Severity == network.Warning {
				rule = "warning " + rule
			}
			if rule != test.rule || problems[0].Path.String() != "bootstrap.cloud_init.raw_cloud_config" || !strings.Contains(problems[0].Detail, test.text) {
				t.Errorf("got %+v", problems[0])
			}
		})
	}
}

func FuzzRaw(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "Cg==", "test", "#cloud-config\na: b\n", "#cloud-config\n\ta: b\n", b64("#!/bin/sh\n"), Encode("#cloud-config\n"),
		"## template: jinja\n#cloud-config\n", "Content-Type: x\n", "#cloud-config\n---\na: 1\n---\n", "#cloud-config\na: *b", "#cloud-config\n? [a]\n: b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		decoded := DecodeRaw(text)
		if again := DecodeRaw(decoded); again != decoded {
			t.Fatalf("%q becomes %q, and that %q", text, decoded, again)
		}
		if decoded != text && decoded != "" && recognise(decoded) == formatNone {
			t.Fatalf("%q was changed to %q, which is no user data", text, decoded)
		}
		for _, problem := range Validate(raw(text)) {
			if problem.Summary == "" || problem.Detail == "" {
				t.Fatalf("%q: %+v", text, problem)
			}
		}
	})
}
