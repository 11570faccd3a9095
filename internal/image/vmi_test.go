package image_test

import (
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
)

func TestNewIDHashesTheIdentifierWithoutASCIIHyphens(t *testing.T) {
	t.Parallel()
	const item = "e1968c25-dd84-4506-8dc7-9beacb6b688e"
	for name, test := range map[string]struct {
		itemID string
		want   image.ID
	}{
		"documented example":      {item, "vmi-0a0044d7c690bcbea"},
		"no hyphens":              {"e1968c25dd8445068dc79beacb6b688e", "vmi-0a0044d7c690bcbea"},
		"upper case":              {strings.ToUpper(item), "vmi-bc631e4757b1bd1c1"},
		"braces":                  {"{" + item + "}", "vmi-de2433a02aa3ad0bf"},
		"leading space":           {" " + item, "vmi-b016abf775c80b0a1"},
		"trailing space":          {item + " ", "vmi-ce67f1fe0e13737cf"},
		"line feed":               {item + "\n", "vmi-48e5f0fb0aef8f793"},
		"URN":                     {"urn:uuid:" + item, "vmi-cdc3aeb00d97784ba"},
		"empty":                   {"", "vmi-da39a3ee5e6b4b0d3"},
		"only hyphens":            {"-----", "vmi-da39a3ee5e6b4b0d3"},
		"one letter":              {"a", "vmi-86f7e437faa5a7fce"},
		"hyphen first":            {"-b", "vmi-e9d71f5ee7c92d6dc"},
		"hyphen last":             {"c-", "vmi-84a516841ba77a5b4"},
		"hyphens inside":          {"a/--b-/c", "vmi-ee2be6da91ae87947"},
		"managed object id":       {"vm-123", "vmi-4f271adc6dde851fd"},
		"zero UUID":               {"00000000-0000-0000-0000-000000000000", "vmi-91d3d1f86024e49f0"},
		"full UUID":               {"ffffffff-ffff-ffff-ffff-ffffffffffff", "vmi-1c7313922ea106d22"},
		"another UUID":            {"6f1b7a52-0f3a-4d2f-9c0e-5b7b8e2d9a10", "vmi-68b8c0400882cbf3a"},
		"an en dash is not ASCII": {"vm\u2013123", "vmi-78d2e5312184afe09"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := image.NewID(test.itemID)
			if got != test.want {
				t.Errorf("NewID(%q) = %q, want %q", test.itemID, got, test.want)
			}
			if problems := validation.IsDNS1123Label(got.String()); len(problems) > 0 {
				t.Errorf("%q is no DNS label: %v", got, problems)
			}
			if parsed, err := image.ParseID(got.String()); err != nil || parsed != got {
				t.Errorf("ParseID(%q) = %q, %v", got, parsed, err)
			}
		})
	}
}

func TestParseIDAcceptsBothPrefixesForOneID(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"vmi-0a0044d7c690bcbea", "cvmi-0a0044d7c690bcbea"} {
		if got, err := image.ParseID(text); err != nil || got != "vmi-0a0044d7c690bcbea" {
			t.Errorf("ParseID(%q) = %q, %v", text, got, err)
		}
	}
}

func TestParseIDRefusesMalformedIDsAndNamesTheForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        `does not begin with "vmi-"`,
		"Photon OS 5.0":           `does not begin with "vmi-"`,
		"VMI-0a0044d7c690bcbea":   `does not begin with "vmi-"`,
		"vmi-":                    "has 0 characters",
		"vmi-0a0044d7c690bcbe":    "has 16 characters",
		"cvmi-fedcba0987654321":   "has 16 characters",
		"vmi-0a0044d7c690bcbea0":  "has 18 characters",
		"vmi-0A0044D7C690BCBEA":   "other characters",
		"vmi-0a0044d7c690bcbeg":   "other characters",
		"vmi- a0044d7c690bcbea":   "other characters",
		"vmi-0a0044d7-690bcbea":   "other characters",
		"vmi-0a0044d7c690bcbea\n": "has 18 characters",
	} {
		id, err := image.ParseID(text)
		if !errors.Is(err, image.ErrInvalidID) || id != "" {
			t.Errorf("ParseID(%q) = %q, %v, want ErrInvalidID", text, id, err)
			continue
		}
		for _, part := range []string{want, `"vmi-" and 17 lower-case hexadecimal digits`} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("ParseID(%q): %q does not say %q", text, err, part)
			}
		}
	}
}

func TestIsIDGoesByThePrefixAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"vmi-0a0044d7c690bcbea":  true,
		"cvmi-0a0044d7c690bcbea": true,
		"vmi-my-image":           true,
		"vmi-":                   true,
		"vmi":                    false,
		"VMI-0a0044d7c690bcbea":  false,
		" vmi-0a0044d7c690bcbea": false,
		"my-vmi-image":           false,
		"":                       false,
	} {
		if got := image.IsID(text); got != want {
			t.Errorf("IsID(%q) = %t, want %t", text, got, want)
		}
	}
}
