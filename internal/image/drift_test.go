package image_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

func TestOtherContentIsNewer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		deployed, today string
		newer           bool
	}{
		"the same":                      {"3", "3", false},
		"raised":                        {"3", "4", true},
		"of another number of digits":   {"9", "10", true},
		"lower, after a restore":        {"10", "9", true},
		"not recorded":                  {"", "4", false},
		"neither recorded nor told":     {"", "", false},
		"recorded, and none any longer": {"3", "", false},
	} {
		want := image.Drift{Newer: test.newer, Name: "Photon", ContentVersion: test.today}
		if diff := cmp.Diff(want, image.CompareContent(test.deployed, "Photon", test.today)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
