package vapp

import (
	"errors"
	"strings"
	"testing"
)

// What is said of a template while nothing of the machine is known still holds when all is.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{
		`{{ V1alpha1_FirstIP }}`, `{{ V1alpha6_FormatIP V1alpha6_FirstIP "" }}`, `{{ V1alpha1_IP "192.168.1.37" }}`,
		`{{ (index .V1alpha1.Net.Devices 0).Gateway4 }}`, `{{ V1alpha6_FormatNameservers -1 ", " }}`, `{{ .V1alpha1.VM.Name }}`,
		`{{ if eq (len .V1alpha6.Net.Devices) 2 }}two{{ else }}{{ V1alpha6_FirstIPv6 }}{{ end }}`, `{{ V1alpha6_IPsFromNIC 7 }}`,
		`{{ printf "/%d" (V1alpha6_PrefixLength "10.0.0.0/26") }}`, `{{ with .V1alpha2.VM.Spec }}{{ .PowerState }}{{ end }}`,
		`\{\{ x \}\}`, `{{ x \}\}`, "{{", "{{ . }}", "a\n{{/* b */}}", `{{ define "a" }}b{{ end }}{{ template "a" }}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "range") || len(text) > 1<<12 {
			t.Skip("a loop over a number takes as long as it says")
		}
		early, earlyErr := RenderText("key", text, false, NoFacts())
		late, lateErr := RenderText("key", text, false, twoNICs())
		for _, err := range []error{earlyErr, lateErr} {
			if wrong := (*RenderError)(nil); err != nil && (!errors.As(err, &wrong) || wrong.reason == "") {
				t.Fatalf("%q: %v", text, err)
			}
		}
		switch {
		case earlyErr != nil && early != "", lateErr != nil && late != "":
			t.Fatalf("%q: a text beside an error: %q, %q", text, early, late)
		case errors.Is(lateErr, ErrUnknown):
			t.Fatalf("%q: not known although everything is: %v", text, lateErr)
		case earlyErr == nil && (lateErr != nil || early != late):
			t.Fatalf("%q was %q, and is %q, %v", text, early, late, lateErr)
		case earlyErr != nil && !errors.Is(earlyErr, ErrUnknown) && lateErr == nil:
			t.Fatalf("%q was refused: %v, and is %q", text, earlyErr, late)
		}
		// Of a secret, nothing is told but that it is one.
		const canary = "canary7b1f"
		if _, err := RenderText("key", canary+text, true, twoNICs()); err != nil && strings.Contains(err.Error(), canary) {
			t.Fatalf("%q: the text is told: %v", text, err)
		}
	})
}
