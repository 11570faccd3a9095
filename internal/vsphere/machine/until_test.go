package machine

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

// verdict is what an Until says.
type verdict struct {
	Done bool
	Last string
}

func judge(until Until, o *Observation) verdict {
	done, last := until(o)
	return verdict{done, last}
}

func TestHeartbeatReachesItsThreshold(t *testing.T) {
	t.Parallel()
	const none, gray, red, yellow, green = types.ManagedEntityStatus(""), types.ManagedEntityStatusGray,
		types.ManagedEntityStatusRed, types.ManagedEntityStatusYellow, types.ManagedEntityStatusGreen
	for threshold, enough := range map[types.ManagedEntityStatus]map[types.ManagedEntityStatus]bool{
		yellow: {none: false, gray: false, red: false, yellow: true, green: true},
		green:  {none: false, gray: false, red: false, yellow: false, green: true},
		none:   {none: false, gray: false, red: false, yellow: false, green: true},
	} {
		for status, want := range enough {
			if got := judge(HeartbeatReaches(threshold), &Observation{HeartbeatStatus: status}); got.Done != want {
				t.Errorf("threshold %q, heartbeat %q: %+v, want %t", threshold, status, got, want)
			}
		}
	}
	want := verdict{false, "guest heartbeat: not reported, wanted green"}
	if diff := cmp.Diff(want, judge(HeartbeatReaches(green), &Observation{})); diff != "" {
		t.Errorf("without a heartbeat (-want +got):\n%s", diff)
	}
}

func TestGuestInfoMatchesAnywhereInItsValue(t *testing.T) {
	t.Parallel()
	ready := regexp.MustCompile("ready")
	for name, tc := range map[string]struct {
		key   string
		want  *regexp.Regexp
		extra ExtraConfig
		judge verdict
	}{
		"matches":                 {"app", ready, ExtraConfig{"guestinfo.app": "it is ready now"}, verdict{true, `guestinfo.app is "it is ready now", wanted a match of "ready"`}},
		"matches not":             {"app", ready, ExtraConfig{"guestinfo.app": "starting"}, verdict{false, `guestinfo.app is "starting", wanted a match of "ready"`}},
		"missing":                 {"app", ready, ExtraConfig{"app": "ready"}, verdict{false, "guestinfo.app is not set"}},
		"missing, any value":      {"app", nil, nil, verdict{false, "guestinfo.app is not set"}},
		"any value":               {"app", nil, ExtraConfig{"guestinfo.app": "x"}, verdict{true, "guestinfo.app is set"}},
		"keys of another case":    {"GuestInfo.App", nil, ExtraConfig{"guestinfo.app": "x"}, verdict{true, "GuestInfo.App is set"}},
		"a value of great length": {"app", ready, ExtraConfig{"guestinfo.app": strings.Repeat("é", 1000)}, verdict{false, `guestinfo.app is "` + strings.Repeat("é", 80) + `"…, wanted a match of "ready"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.judge, judge(GuestInfo(tc.key, tc.want), &Observation{ExtraConfig: tc.extra})); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

func TestToolsRunWhileTheyStart(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]verdict{
		"guestToolsRunning":          {true, "VMware Tools: guestToolsRunning"},
		"guestToolsExecutingScripts": {true, "VMware Tools: guestToolsExecutingScripts"},
		"guestToolsNotRunning":       {false, "VMware Tools: guestToolsNotRunning, guestToolsNotInstalled"},
		"":                           {false, "VMware Tools: not reported, guestToolsNotInstalled"},
	} {
		o := &Observation{Tools: newTools(&types.GuestInfo{ToolsRunningStatus: status, ToolsVersionStatus2: "guestToolsNotInstalled", ToolsVersion: "0"})}
		if diff := cmp.Diff(want, judge(ToolsRun(), o)); diff != "" {
			t.Errorf("status %q (-want +got):\n%s", status, diff)
		}
	}
	if diff := cmp.Diff(verdict{false, "VMware Tools: not reported"}, judge(ToolsRun(), &Observation{Tools: newTools(nil)})); diff != "" {
		t.Errorf("without a guest (-want +got):\n%s", diff)
	}
}

func TestAllIsContentWithOneObservation(t *testing.T) {
	t.Parallel()
	says := func(done bool, last string) Until { return func(*Observation) (bool, string) { return done, last } }
	for name, tc := range map[string]struct {
		untils []Until
		want   verdict
	}{
		"none":     {nil, verdict{true, ""}},
		"each":     {[]Until{says(true, "a"), says(true, "b")}, verdict{true, "a; b"}},
		"but one":  {[]Until{says(true, "a"), says(false, "b"), says(true, "c")}, verdict{false, "b"}},
		"but some": {[]Until{says(false, "a"), says(true, "b"), says(false, "c")}, verdict{false, "a; c"}},
	} {
		if diff := cmp.Diff(tc.want, judge(All(tc.untils...), &Observation{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
