package gosc_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestTimeZones(t *testing.T) {
	t.Parallel()
	zones := gosc.TimeZones()
	if len(zones) != 75 {
		t.Errorf("%d time zones, Microsoft lists 75", len(zones))
	}
	byIndex := func(a, b gosc.TimeZone) int { return int(a.Index - b.Index) }
	if !slices.IsSortedFunc(zones, byIndex) {
		t.Error("not in the order of the index")
	}
	names := map[string]bool{}
	for _, zone := range zones {
		if names[zone.Name] || zone.Name == "" || zone.Offset == "" || zone.Places == "" {
			t.Errorf("not a zone of its own: %+v", zone)
		}
		names[zone.Name] = true
	}
}

func TestATimeZoneThatDoesNotExistNamesItsNeighbours(t *testing.T) {
	t.Parallel()
	for index, want := range map[int64][]string{
		84:  {"83 is Cape Verde", "85 is GMT Standard Time", "85, the default, is London with its summer time; 90 is the same as UTC"},
		-1:  {"0 is Dateline"},
		301: {"300 is Tonga"},
	} {
		problems := gosc.Validate(unattended(gosc.GUIUnattended{TimeZone: known.Of(index)}), network.Spec{})
		for _, words := range want {
			if len(problems) != 1 || !strings.Contains(problems[0].Detail, words) {
				t.Errorf("%d: %+v does not say %q", index, problems, words)
			}
		}
	}
}
