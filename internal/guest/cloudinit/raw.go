package cloudinit

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
)

// format is the kind of user data that its first characters announce.
type format uint8

const (
	formatNone        format = iota // the guest would ignore it
	formatOther                     // a script, an include list, a part handler …
	formatCloudConfig               // #cloud-config
	formatJinja                     // a template: what it holds is known after it was rendered
	formatMIME                      // a MIME archive
	formatHalfMIME                  // a MIME archive without MIME-Version
)

// headers are the beginnings that cloud-init, or cloudbase-init on Windows, acts on. Both
// skip leading white space; cloud-init ignores case, and so does this list. Of two that
// fit, the first counts.
var headers = []struct {
	prefix string
	format format
}{
	{"## template: jinja", formatJinja},
	{"#cloud-config-archive", formatOther},
	{"#cloud-config-jsonp", formatOther},
	{"#cloud-config", formatCloudConfig},
	{"#include", formatOther},
	{"#part-handler", formatOther},
	{"#cloud-boothook", formatOther},
	{"#upstart-job", formatOther},
	{"#!", formatOther},
	{"#ps1", formatOther},
	{"rem cmd", formatOther},
	{"<powershell>", formatOther},
	{"<script>", formatOther},
	{"content-type:", formatHalfMIME},
}

// mimeWindow is how far into the text cloud-init looks for MIME-Version.
const mimeWindow = 4096

// recognise tells what kind of user data a text is.
func recognise(text string) format {
	lower := strings.ToLower(text)
	if strings.Contains(lower[:min(len(lower), mimeWindow)], "mime-version:") {
		return formatMIME
	}
	lower = strings.TrimSpace(lower)
	for _, header := range headers {
		if strings.HasPrefix(lower, header.prefix) {
			return header.format
		}
	}
	return formatNone
}

// DecodeRaw returns what raw user data says. The text is taken literally, unless it is
// base64, perhaps of gzip, of a text that is recognisably user data. It is decoded once: a
// word that happens to be base64, such as "test", stays what it is. White space alone is no
// user data.
func DecodeRaw(raw string) string {
	if strings.TrimSpace(raw) == "" {
		return ""
	}
	if recognise(raw) != formatNone {
		return raw
	}
	data, err := decodeBase64(raw)
	if err != nil {
		return raw
	}
	text := string(data)
	if isGzip(data) {
		if text, err = gunzip(data); err != nil {
			return raw
		}
	}
	if recognise(text) == formatNone {
		return raw
	}
	return text
}

// yamlLine finds the line in an error of the YAML reader.
var yamlLine = regexp.MustCompile(`line ([0-9]+)`)

// judgeRaw finds raw user data that the guest would ignore or could not read. The texts
// name lines, never content: user data often holds secrets.
func judgeRaw(raw string, path network.Path) []network.Problem {
	text := DecodeRaw(raw)
	if text == "" {
		return nil
	}
	kind := recognise(text)
	switch kind {
	case formatNone:
		return []network.Problem{{
			Severity: network.Error, Rule: RuleRawHeader, Path: path,
			Summary: "The guest would ignore this user data",
			Detail:  unrecognised(raw),
		}}
	case formatHalfMIME:
		return []network.Problem{{
			Severity: network.Warning, Rule: RuleRawHeader, Path: path,
			Summary: "cloud-init would ignore this user data",
			Detail: "The text begins like a MIME archive, but has no MIME-Version in its first 4096 bytes, by which " +
				"cloud-init knows one. Add the line \"MIME-Version: 1.0\" to its head.",
		}}
	case formatJinja:
		_, body, _ := strings.Cut(strings.TrimSpace(text), "\n")
		// A template may write its own header; what cannot be told is not judged.
		if recognise(body) == formatNone && !hasTemplate(body) {
			return []network.Problem{{
				Severity: network.Error, Rule: RuleRawHeader, Path: path,
				Summary: "The guest would ignore this user data",
				Detail: "After the line \"## template: jinja\" cloud-init expects a second header, such as #cloud-config " +
					"or #!/bin/sh. Add it as the second line.",
			}}
		}
	case formatCloudConfig:
		if err := checkYAML(text); err != nil {
			return []network.Problem{{
				Severity: network.Error, Rule: RuleRawYAML, Path: path,
				Summary: "The cloud-config cannot be read",
				Detail:  err.Error(),
			}}
		}
	case formatOther, formatMIME:
	}
	return nil
}

// unrecognised explains why a text is no user data, as far as that can be told.
func unrecognised(raw string) string {
	const expected = "cloud-init acts on a text that begins with #cloud-config, #!, #include, ## template: jinja or a MIME " +
		"head, and ignores every other. Put the fitting header into the first line."
	first, _, _ := strings.Cut(strings.TrimSpace(raw), "\n")
	squeezed := strings.ToLower(strings.Join(strings.Fields(first), ""))
	switch data, err := decodeBase64(raw); {
	case strings.HasPrefix(raw, "\ufeff"):
		return "The text begins with a byte order mark, which cloud-init does not skip. Save the file as UTF-8 without it."
	case strings.HasPrefix(squeezed, "#cloud-config"):
		return "The first line must be exactly #cloud-config, without a space behind the number sign."
	case strings.HasPrefix(squeezed, "##template:jinja"):
		return "The first line must be exactly \"## template: jinja\"."
	case err == nil && isGzip(data):
		if _, err := gunzip(data); err != nil {
			return fmt.Sprintf("The text is base64 of a gzip stream that cannot be unpacked (%v). Encode it again.", err)
		}
		return "The text is base64 of gzip, and what it holds has no header that is known. " + expected
	case err == nil && len(data) > 8:
		return "The text is taken literally: it may be base64, but not of user data. " + expected
	}
	return expected
}

// checkYAML tells why cloud-init could not use a cloud-config, and nil when it could.
func checkYAML(text string) error {
	tree, err := readYAML(text)
	if err != nil {
		return yamlError(text, err)
	}
	switch tree.(type) {
	case map[string]any, nil:
	default:
		return errors.New("a cloud-config is a YAML mapping (key: value); this text is something else, and the guest would ignore it")
	}
	if line := secondDocument(text); line > 0 {
		return fmt.Errorf("line %d begins a second YAML document, and cloud-init reads only texts with one; remove the ---", line)
	}
	return nil
}

// yamlError says where a text stops being YAML, without quoting it. It is nil for what a
// YAML reader takes and only our conversion does not, such as a key that is null.
func yamlError(text string, err error) error {
	_, reason, ok := strings.Cut(err.Error(), "yaml: ")
	if !ok {
		return nil
	}
	found := yamlLine.FindStringSubmatch(reason)
	if found == nil {
		reason, _, _ = strings.Cut(reason, ": ") // what follows quotes the text
		return fmt.Errorf("the text is not YAML: %s", reason)
	}
	if number, err := strconv.Atoi(found[1]); err == nil {
		if lines := strings.Split(text, "\n"); number <= len(lines) {
			line := lines[number-1]
			if strings.Contains(line[:len(line)-len(strings.TrimLeft(line, " \t"))], "\t") {
				reason += "; the line is indented with a tab, which YAML forbids: use spaces"
			}
		}
	}
	return fmt.Errorf("the text is not YAML: %s", reason)
}

// secondDocument returns the number of the line that begins a second YAML document, or 0.
func secondDocument(text string) int {
	content := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		marker := line == "---" || strings.HasPrefix(line, "--- ")
		switch {
		case marker && content:
			return i + 1
		case marker:
			content = true
		case line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "%"):
			content = true
		}
	}
	return 0
}
