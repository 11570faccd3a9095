package observed

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestBootstrapReady(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		outcome *BootstrapOutcome
		want    Condition
	}{
		{"no bootstrap block", nil, Condition{}},
		{"sent, or empty", &BootstrapOutcome{}, Condition{Type: TypeBootstrapReady, Status: "True", Reason: "True"}},
		{
			"not sent", &BootstrapOutcome{Error: "the password is empty"},
			Condition{Type: TypeBootstrapReady, Status: "False", Reason: "GetError", Message: "the password is empty"},
		},
		{
			"not sent, for a reason", &BootstrapOutcome{Reason: "Invalid", Error: "the answer file is no XML"},
			Condition{Type: TypeBootstrapReady, Status: "False", Reason: "Invalid", Message: "the answer file is no XML"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, conditionOf(Input{Bootstrap: test.outcome}, TypeBootstrapReady)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNetworkReady(t *testing.T) {
	t.Parallel()
	asked := func(names ...string) network.Config {
		records := []network.InterfaceConfig{{Name: known.Unknown[string]()}}
		for _, name := range names {
			records = append(records, network.InterfaceConfig{Name: known.Of(name)})
		}
		return network.Config{Interfaces: known.Of(records)}
	}
	for _, test := range []struct {
		name  string
		cards *Cards
		names map[int32]string
		asked network.Config
		want  Condition
	}{
		{name: "cards are not told", asked: asked("eth0")},
		{name: "neither interfaces nor cards", cards: &Cards{}, asked: asked()},
		{
			name: "a card for each", cards: &Cards{Keys: []int32{4001, 4000}}, names: map[int32]string{4000: "eth0", 4001: "eth1"},
			asked: asked("eth0", "eth1"), want: Condition{Status: "True", Reason: "True"},
		},
		{
			name: "a card of nobody's", cards: &Cards{Keys: []int32{4000}}, asked: asked(),
			want: Condition{Status: "True", Reason: "True"},
		},
		{
			name: "a card that is gone, and one that never was", cards: &Cards{Keys: []int32{4000, 4007}},
			names: map[int32]string{4000: "eth0", 4001: "eth1", 4007: ""}, asked: asked("eth2", "eth0"),
			want: Condition{Status: "False", Reason: "NotReady", Message: `No network card for the interface "eth2", "eth1"`},
		},
		{
			name: "no cards at all", cards: &Cards{}, asked: asked("eth0"),
			want: Condition{Status: "False", Reason: "NotReady", Message: `No network card for the interface "eth0"`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.want != (Condition{}) {
				test.want.Type = TypeNetworkReady
			}
			got := conditionOf(Input{Cards: test.cards, InterfaceNames: test.names, Config: test.asked}, TypeNetworkReady)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
