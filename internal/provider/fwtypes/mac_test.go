package fwtypes

import "testing"

func TestMACSpellingsAreOneAddress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		a, b MAC
		want bool
	}{
		"case":      {NewMAC("00:50:56:AB:CD:EF"), NewMAC("00:50:56:ab:cd:ef"), true},
		"separator": {NewMAC("00-50-56-ab-cd-ef"), NewMAC("00:50:56:ab:cd:ef"), true},
		"another":   {NewMAC("00:50:56:ab:cd:ee"), NewMAC("00:50:56:ab:cd:ef"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, diags := test.a.StringSemanticEquals(t.Context(), test.b)
			if diags.HasError() || got != test.want {
				t.Errorf("%s and %s: equal is %v, want %v (%v)", test.a, test.b, got, test.want, diags)
			}
			if test.a.Equal(test.b) {
				t.Errorf("%s and %s are spelled alike", test.a, test.b)
			}
		})
	}
}
