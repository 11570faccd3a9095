package gosc

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// maxScriptBytes is the longest script that a specification carries since vSphere 7.0.3.
const maxScriptBytes = 65536

// Validate judges what is known of the settings, for a machine with the network that was
// written: its host name and its domain matter to Windows. The problems come in the order
// of the settings; none of them quotes a secret.
func Validate(settings Settings, spec network.Spec) []network.Problem {
	var f findings
	settings.judge(&f, spec)
	return f.problems
}

// tzName is the form of a name in the tz database: Etc/GMT+3, America/Port-au-Prince.
var tzName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`)

func (s LinuxPrepSettings) judge(f *findings, _ network.Spec) {
	if zone := s.TimeZone.Or(""); zone != "" && !tzName.MatchString(zone) {
		f.warn(RuleLinuxTimeZone, linuxPrepPath("time_zone"), "Time zone is not named as in the tz database",
			"The time zone is %q. Linux knows zones by the names of the tz database, such as \"America/Los_Angeles\" or \"Etc/UTC\", and vCenter refuses others.", zone)
	}
	f.secret(linuxPrepPath("password"), s.Password)
	f.script(RuleLinuxScript, linuxPrepPath("script_text"), s.ScriptText, s.ScriptTextFrom, func(at network.Path, text string) {
		if !strings.HasPrefix(text, "#!") {
			f.refuse(RuleScript, at, "Script does not name its interpreter",
				"The first line of a script for Linux begins with \"#!\", or the guest cannot run it. Begin the script with a line such as \"#!/bin/sh\".")
		}
	})
}

// secret judges the value of a block that holds a secret.
func (f *findings) secret(path network.Path, secret known.Value[string]) {
	text, ok := secret.Get()
	if ok && text == "" {
		f.refuse(RuleEmpty, path, "Secret is empty",
			"%s is there, but its value is empty, which vCenter does not take. Give it a value, or remove the block.", path)
		return
	}
	f.sendable(path, text)
}

// required judges a text that may not be empty once it is there.
func (f *findings) required(rule string, path network.Path, value known.Value[string], summary, detail string) {
	if text, ok := value.Get(); ok && text != "" {
		f.sendable(path, text)
	} else if !value.IsUnknown() {
		f.refuse(rule, path, summary, "%s", detail)
	}
}

// script judges a script, of which more is said by judge once it is known to be there.
func (f *findings) script(rule string, path network.Path, value, from known.Value[string], judge func(at network.Path, text string)) {
	if value.IsSet() && from.IsSet() {
		f.refuse(rule, path.At("value"), "Script is given twice",
			"The script is either written in value or taken from a secret. Keep one of the two.")
		return
	}
	at, script := path.At("value"), value
	if from.IsSet() {
		at, script = path.At("from"), from
	}
	text, ok := script.Get()
	switch {
	case !ok:
		return
	case text == "":
		f.refuse(RuleEmpty, at, "Script is empty", "The script has no text. Give it one, or remove the block.")
		return
	case len(text) > maxScriptBytes:
		f.refuse(RuleScriptSize, at, "Script is too long",
			"The script has %d bytes, and %d is the most that vSphere carries. Shorten it, or have it fetch the rest.", len(text), maxScriptBytes)
	}
	f.sendable(at, text)
	judge(at, text)
}

// sendable refuses a text with characters that XML, in which the specification travels,
// cannot express: they would arrive as replacement characters.
func (f *findings) sendable(path network.Path, text string) {
	if !isSendable(text) {
		f.refuse(RuleCharacters, path, "Text has characters that cannot be sent",
			"%s has a control character other than tab and line end, or is not UTF-8. vSphere has no way to carry that. Remove it.", path)
	}
}

// isSendable tells whether all of a text is in the character range of XML 1.0.
func isSendable(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	return !strings.ContainsFunc(text, func(char rune) bool {
		return char < ' ' && char != '\t' && char != '\n' && char != '\r' || char == '\uFFFE' || char == '\uFFFF'
	})
}

// isText tells whether a text is there. The empty text is none.
func isText(value known.Value[string]) bool { return value.Or("") != "" }

// isNone tells whether a text is known not to be there.
func isNone(value known.Value[string]) bool { return !value.IsUnknown() && !isText(value) }
