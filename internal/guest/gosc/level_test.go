package gosc_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Each field works from its version on, and is an error that names field and version on
// the one before.
func TestFieldsNeedAVersionOfVSphere(t *testing.T) {
	t.Parallel()
	long := "#!/bin/sh\n" + strings.Repeat("x", 1491)
	tests := map[string]struct {
		settings            gosc.Settings
		before, since, path string
	}{
		"password": {gosc.LinuxPrepSettings{Password: known.Of("x")}, "9.0.0.0", "9.1", "bootstrap.linux_prep.password"},
		"expire_password_after_next_login": {
			gosc.LinuxPrepSettings{ExpirePasswordAfterNextLogin: known.Of(true)},
			vSphere8, "9.1",
			"bootstrap.linux_prep.expire_password_after_next_login",
		},
		"script_text of more than 1500 bytes": {gosc.LinuxPrepSettings{ScriptText: known.Of(long)}, "7.0.2.0", "7.0.3", "bootstrap.linux_prep.script_text"},
		"sysprep.identification.domain_ou": {
			identification(gosc.Identification{DomainOU: known.Of("OU=a")}), "8.0.1.0", "8.0.2", "bootstrap.sysprep.sysprep.identification.domain_ou",
		},
		"sysprep.script_text": {
			answers(func(a *gosc.Answers) { a.ScriptTextFrom = known.Of("dir") }), "8.0.3.0", "9.1", "bootstrap.sysprep.sysprep.script_text",
		},
		"sysprep.expire_password_after_next_login": {
			answers(func(a *gosc.Answers) { a.ExpirePasswordAfterNextLogin = known.Of(true) }), "9", "9.1",
			"bootstrap.sysprep.sysprep.expire_password_after_next_login",
		},
	}
	config, cards := named(nic("eth0", dhcp4))
	for _, level := range gosc.Levels() {
		test, ok := tests[level.Field]
		if level.Provider == "" {
			continue // an interface without IPv4: it warns
		}
		if !ok || test.since != level.Since {
			t.Errorf("%+v is not tested", level)
			continue
		}
		problems := gosc.CheckAPI(test.settings, config, test.before)
		if diff := cmp.Diff([]string{"L1 " + test.path}, findings(problems)); diff != "" {
			t.Errorf("%s on %s (-want +got):\n%s", level.Field, test.before, diff)
			continue
		}
		for _, words := range []string{level.Field, level.Provider, level.Since, test.before} {
			if !strings.Contains(problems[0].Detail, words) {
				t.Errorf("%q does not say %s", problems[0].Detail, words)
			}
		}
		if _, _, err := customize(test.settings, config, cards, test.before); !errors.Is(err, gosc.ErrLevel) {
			t.Errorf("%s is sent to %s: %v", level.Field, test.before, err)
		}
		for _, since := range []string{test.since, test.since + ".0.0", "10.0"} {
			if problems := gosc.CheckAPI(test.settings, config, since); problems != nil {
				t.Errorf("%s on %s: %v", level.Field, since, problems)
			}
			if _, _, err := customize(test.settings, config, cards, since); err != nil {
				t.Errorf("%s on %s: %v", level.Field, since, err)
			}
		}
	}
}

func TestWhatEveryVCenterTakes(t *testing.T) {
	t.Parallel()
	config, _ := named(nic("eth0", dhcp4))
	for name, settings := range map[string]gosc.Settings{
		"short script":   gosc.LinuxPrepSettings{ScriptText: known.Of("#!/bin/sh\n" + strings.Repeat("x", 1490))},
		"no expiry":      gosc.LinuxPrepSettings{ExpirePasswordAfterNextLogin: known.Of(false)},
		"unknown":        gosc.LinuxPrepSettings{ExpirePasswordAfterNextLogin: known.Unknown[bool](), Password: known.Unknown[string]()},
		"inline":         inline,
		"raw":            gosc.SysprepSettings{RawSysprep: known.Of(answerFile)},
		"empty unit":     identification(gosc.Identification{DomainOU: known.Of("")}),
		"unknown fields": answers(func(a *gosc.Answers) { a.ScriptText = known.Unknown[string]() }),
	} {
		if problems := gosc.CheckAPI(settings, config, "6.7"); problems != nil {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestIPv4IsOnlyMissedWhereItIsKnownToBeMissing(t *testing.T) {
	t.Parallel()
	unknown := nic("eth0")
	unknown.DHCP4 = known.Unknown[bool]()
	addressed := nic("eth1")
	addressed.Addresses = later4
	config, _ := named(unknown, addressed, nic("eth2", addresses("2001:db8::1/64")))
	if diff := cmp.Diff([]string{"P7? network.interface[2].dhcp4"}, findings(gosc.CheckAPI(inline, config, vSphere8))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if problems := gosc.CheckAPI(inline, config, vSphere91); problems != nil {
		t.Error(problems)
	}
	config.Interfaces = known.Unknown[[]network.InterfaceConfig]()
	if problems := gosc.CheckAPI(inline, config, vSphere8); problems != nil {
		t.Error(problems)
	}
}

func TestAVersionThatIsNone(t *testing.T) {
	t.Parallel()
	config, cards := named(nic("eth0"))
	for _, text := range []string{"", "8.", "eight", "8.0.x", "-8"} {
		if problems := gosc.CheckAPI(gosc.LinuxPrepSettings{Password: known.Of("x")}, config, text); problems != nil {
			t.Errorf("%q is judged: %v", text, problems)
		}
		if _, _, err := gosc.LinuxPrep(gosc.LinuxPrepSettings{}, config, cards, text); err == nil || !strings.Contains(err.Error(), `"`+text+`"`) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// later4 is a list with an address that is not known yet.
var later4 = known.Of([]known.Value[netip.Prefix]{known.Unknown[netip.Prefix]()})
