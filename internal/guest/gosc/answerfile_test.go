package gosc_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// zipped is base64 of gzip, as Terraform's base64gzip makes it.
func zipped(t testing.TB, text string) string {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	if _, err := writer.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(buffer.Bytes())
}

func TestRawAnswerFilesAreDecodedOnce(t *testing.T) {
	t.Parallel()
	plain := base64.StdEncoding.EncodeToString
	truncated := base64.StdEncoding.EncodeToString([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01"))
	bomb := zipped(t, "<"+strings.Repeat(" ", 16<<20))
	wrapped := plain([]byte(answerFile))
	wrapped = "  " + wrapped[:76] + "\r\n  " + wrapped[76:] + "\n"
	for name, test := range map[string]struct{ raw, want string }{
		"literal":           {answerFile, answerFile},
		"base64":            {plain([]byte(answerFile)), answerFile},
		"base64 in lines":   {wrapped, answerFile},
		"base64 of gzip":    {zipped(t, answerFile), answerFile},
		"byte order mark":   {plain([]byte("\uFEFF" + answerFile)), "\uFEFF" + answerFile},
		"template":          {plain([]byte("{{ .x }}")), "{{ .x }}"},
		"word":              {"test", "test"},
		"base64 of a word":  {plain([]byte("word")), plain([]byte("word"))},
		"twice":             {plain([]byte(plain([]byte(answerFile)))), plain([]byte(plain([]byte(answerFile))))},
		"damaged gzip":      {truncated, truncated},
		"boundless gzip":    {bomb, bomb},
		"nothing":           {"", ""},
		"neither of either": {"[Unattended]", "[Unattended]"},
	} {
		if got := gosc.DecodeRaw(test.raw); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestRawAnswersAreSentDecoded(t *testing.T) {
	t.Parallel()
	config, cards := named(nic("eth0", dhcp4))
	spec, _, err := gosc.Sysprep(gosc.SysprepSettings{RawSysprep: known.Of(zipped(t, answerFile))}, config, cards, vSphere8)
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := spec.Identity.(*types.CustomizationSysprepText); !ok || text.Value != answerFile {
		t.Errorf("%#v", spec.Identity)
	}
}

func TestMalformedAnswerFilesSayWhere(t *testing.T) {
	t.Parallel()
	const open = `<unattend xmlns="urn:schemas-microsoft-com:unattend">`
	for name, test := range map[string]struct{ raw, want string }{
		"ampersand":   {open + "\n<a>x & y</a></unattend>", "line 2 is not well-formed XML (an & of a text is written &amp;)"},
		"not closed":  {open + "\n\n", "line 3 is not well-formed XML"},
		"root":        {"<a:answers xmlns:a=\"urn:x\"/>", `its root element is <answers> of the namespace "urn:x"`},
		"no element":  {"<?xml version=\"1.0\"?>", "it has no element"},
		"version 1.1": {"<?xml version=\"1.1\"?>" + open + "</unattend>", "it is not well-formed XML"},
		"inf":         {"[Unattended]", "it has no element"},
	} {
		problems := gosc.Validate(gosc.SysprepSettings{RawSysprep: known.Of(test.raw)}, specWithName)
		if len(problems) != 1 || !strings.Contains(problems[0].Detail, test.want) {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}
