package gosc_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// A raw answer file is decoded once, and what Validate lets pass is sent as it was decoded.
func FuzzAnswerFile(f *testing.F) {
	for _, text := range []string{
		answerFile, base64.StdEncoding.EncodeToString([]byte(answerFile)), zipped(f, answerFile), "\uFEFF" + answerFile, "{{ x }}", "<", "", " ", "PD94bWw=", "[Unattended]",
		strings.Replace(answerFile, "utf-8", "latin1", 1), strings.Replace(answerFile, "my-windows-vm", "a & b", 1), "H4sIAAAAAAAA",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		decoded := gosc.DecodeRaw(text)
		if again := gosc.DecodeRaw(decoded); again != decoded {
			t.Fatalf("%q becomes %q, and that %q", text, decoded, again)
		}
		settings := gosc.SysprepSettings{RawSysprep: known.Of(text)}
		refused := false
		for _, problem := range gosc.Validate(settings, network.Spec{}) {
			if problem.Summary == "" || problem.Detail == "" || len(problem.Path) == 0 {
				t.Fatalf("%q: %+v", text, problem)
			}
			refused = refused || problem.Severity == network.Error
		}
		config, cards := named(nic("eth0", dhcp4))
		spec, _, err := gosc.Sysprep(settings, config, cards, vSphere8)
		if refused || strings.Contains(decoded, "{{") {
			return
		}
		if identity, ok := spec.Identity.(*types.CustomizationSysprepText); err != nil || !ok || decoded != identity.Value {
			t.Fatalf("%q was let pass, and becomes %+v, %v", text, spec.Identity, err)
		}
	})
}

func FuzzTimeZone(f *testing.F) {
	for _, index := range []int64{0, 84, 85, 300, 301, -1, 1 << 40} {
		f.Add(index, "America/Los_Angeles")
	}
	f.Add(int64(4), "Pacific Standard Time")
	f.Fuzz(func(t *testing.T, index int64, name string) {
		exists := false
		for _, zone := range gosc.TimeZones() {
			exists = exists || zone.Index == index
		}
		problems := gosc.Validate(unattended(gosc.GUIUnattended{TimeZone: known.Of(index)}), network.Spec{})
		if (len(problems) == 0) != exists {
			t.Fatalf("%d: %+v", index, problems)
		}
		for _, problem := range problems {
			if !strings.Contains(problem.Detail, " is ") || strings.Contains(problem.Detail, ": . ") {
				t.Fatalf("%d: no neighbour in %q", index, problem.Detail)
			}
		}
		for _, problem := range gosc.Validate(gosc.LinuxPrepSettings{TimeZone: known.Of(name)}, network.Spec{}) {
			if problem.Severity != network.Warning || name == "" {
				t.Fatalf("%q: %+v", name, problem)
			}
		}
	})
}

// Whatever a vCenter calls its version: there is an answer, and a newer one takes no less.
func FuzzVersion(f *testing.F) {
	for _, version := range []string{"8.0.3.0", "9.1", "9.1.0.0", "7.0.2.1", "", ".", "9..1", "70000.1", "v8", "9.1-rc"} {
		f.Add(version)
	}
	f.Fuzz(func(t *testing.T, version string) {
		settings := gosc.LinuxPrepSettings{Password: known.Of("x"), ScriptText: known.Of("#!" + strings.Repeat("x", 2000))}
		config, cards := named(nic("eth0"))
		problems := gosc.CheckAPI(settings, config, version)
		_, _, err := gosc.LinuxPrep(settings, config, cards, version)
		refused := false
		for _, problem := range problems {
			refused = refused || problem.Severity == network.Error
		}
		if refused && err == nil {
			t.Fatalf("%q is refused in plan and taken in apply: %+v", version, problems)
		}
		if newer := gosc.CheckAPI(settings, config, version+".9"); len(newer) > len(problems) {
			t.Fatalf("%q takes more than %q: %+v, %+v", version, version+".9", problems, newer)
		}
	})
}
