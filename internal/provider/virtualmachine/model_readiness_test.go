package virtualmachine

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestAReadinessProbeIsDecoded(t *testing.T) {
	t.Parallel()
	of := readinessProbeBlock().Type().(types.ObjectType)
	const at = "readiness_probe"
	ten := probe{Timeout: 10 * time.Second, Period: 10 * time.Second}
	withKind := func(change func(*probe)) *probe {
		out := ten
		change(&out)
		return &out
	}
	for name, test := range map[string]struct {
		block any
		want  *probe // nil for none, or one that is not known yet
		state string // of one that is not there
		// errors are the places of what is refused.
		errors string
	}{
		"no block":      {nil, nil, "null", ""},
		"unknown block": {unknownYet{}, nil, "unknown", ""},
		"heartbeat":     {writtenBlock{"guest_heartbeat": writtenBlock{}}, withKind(func(p *probe) { p.Heartbeat = "green" }), "", ""},
		"a lower heartbeat": {
			writtenBlock{"guest_heartbeat": writtenBlock{"threshold_status": "yellow"}, "timeout_seconds": 5, "period_seconds": 90},
			&probe{Heartbeat: "yellow", Timeout: 5 * time.Second, Period: 90 * time.Second}, "", "",
		},
		"guestinfo": {
			writtenBlock{"guest_info": []writtenBlock{{"key": "ready", "value": "^y"}, {"key": "other"}}},
			withKind(func(p *probe) {
				p.GuestInfo = []probeInfo{{Key: "ready", Value: regexp.MustCompile("^y")}, {Key: "other"}}
			}), "", "",
		},
		"a port":            {writtenBlock{"tcp_socket": writtenBlock{"port": 22}}, withKind(func(p *probe) { p.TCP = &probeSocket{Port: 22} }), "", ""},
		"a port of a host":  {writtenBlock{"tcp_socket": writtenBlock{"host": "web", "port": 22}}, withKind(func(p *probe) { p.TCP = &probeSocket{Host: "web", Port: 22} }), "", ""},
		"an unknown time":   {writtenBlock{"guest_heartbeat": writtenBlock{}, "timeout_seconds": unknownYet{}}, nil, "unknown", ""},
		"an unknown value":  {writtenBlock{"guest_info": []writtenBlock{{"key": "ready", "value": unknownYet{}}}}, nil, "unknown", ""},
		"an unknown key":    {writtenBlock{"guest_info": []writtenBlock{{"key": unknownYet{}}}}, nil, "unknown", ""},
		"an unknown port":   {writtenBlock{"tcp_socket": writtenBlock{"port": unknownYet{}}}, nil, "unknown", ""},
		"an unknown host":   {writtenBlock{"tcp_socket": writtenBlock{"host": unknownYet{}, "port": 22}}, nil, "unknown", ""},
		"an unknown status": {writtenBlock{"guest_heartbeat": writtenBlock{"threshold_status": unknownYet{}}}, nil, "unknown", ""},
		// A dynamic block may turn out to have none in it.
		"unknown blocks":                 {writtenBlock{"guest_info": unknownYet{}}, nil, "unknown", ""},
		"unknown blocks beside a kind":   {writtenBlock{"guest_info": unknownYet{}, "guest_heartbeat": writtenBlock{}}, nil, "unknown", ""},
		"a kind that may be there":       {writtenBlock{"tcp_socket": unknownYet{}}, nil, "unknown", ""},
		"two kinds, and one may be":      {writtenBlock{"tcp_socket": unknownYet{}, "guest_heartbeat": writtenBlock{}, "guest_info": []writtenBlock{{"key": "a"}}}, nil, "unknown", at + ".guest_info[0]"},
		"no kind":                        {writtenBlock{}, &ten, "", at + ".guest_heartbeat"},
		"two kinds":                      {writtenBlock{"guest_heartbeat": writtenBlock{}, "tcp_socket": writtenBlock{"port": 22}}, withKind(func(p *probe) { p.Heartbeat, p.TCP = "green", &probeSocket{Port: 22} }), "", at + ".tcp_socket"},
		"no port":                        {writtenBlock{"tcp_socket": writtenBlock{}}, withKind(func(p *probe) { p.TCP = &probeSocket{} }), "", at + ".tcp_socket"},
		"no expression":                  {writtenBlock{"guest_info": []writtenBlock{{"key": "a"}, {"key": "b", "value": "("}}}, withKind(func(p *probe) { p.GuestInfo = []probeInfo{{Key: "a"}, {Key: "b"}} }), "", at + ".guest_info[1].value"},
		"no expression among an unknown": {writtenBlock{"guest_info": []writtenBlock{{"key": unknownYet{}}, {"key": "b", "value": "("}}}, nil, "unknown", at + ".guest_info[1].value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model{ReadinessProbe: objectOf(t, of, blockOf(of.TerraformType(t.Context()), test.block))}
			got, diags := m.readiness(t.Context())
			if test.want == nil {
				if spelled(got) != test.state {
					t.Errorf("the probe is %s, want %s", spelled(got), test.state)
				}
			} else if diff := cmp.Diff(test.want, got.Pointer(), cmp.Comparer(func(a, b *regexp.Regexp) bool {
				return a == nil && b == nil || a != nil && b != nil && a.String() == b.String()
			})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var places []string
			for _, diagnostic := range diags {
				if with, ok := diagnostic.(interface{ Path() path.Path }); ok {
					places = append(places, with.Path().String())
				}
			}
			if got := strings.Join(places, " "); got != test.errors {
				t.Errorf("errors at %q, want %q: %v", got, test.errors, diags)
			}
		})
	}
}
