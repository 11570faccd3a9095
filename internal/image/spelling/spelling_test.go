package spelling_test

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image/spelling"
)

func TestDistanceCountsCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"photon", "photon", 0},
		{"", "abc", 3},
		{"photon", "foton", 2},
		{"hostname", "host-name", 1},
		{"gateway", "getaway", 2}, // two letters changed places
		{"kitten", "sitting", 3},
		{"über", "uber", 1}, // a character, though two bytes
		{"DNS", "dns", 3},
	} {
		if got := spelling.Distance(test.a, test.b); got != test.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
		if got := spelling.Distance(test.b, test.a); got != test.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", test.b, test.a, got, test.want)
		}
	}
}
