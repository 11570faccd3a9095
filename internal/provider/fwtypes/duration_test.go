package fwtypes

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

func TestDurationSpellingsAreOneSpan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"90s", "1m30s", true},
		{"0", "0s", true},
		{"1.5s", "1500ms", true},
		{"1s", "1ms", false},
		{"soon", "soon", true}, // a text is itself
		{"soon", "1s", false},
		{"1s", "soon", false},
		{"1s", "1", false},
	} {
		got, diags := NewDuration(test.a).StringSemanticEquals(t.Context(), NewDuration(test.b))
		if diags.HasError() || got != test.want {
			t.Errorf("%s and %s: equal is %v, want %v (%v)", test.a, test.b, got, test.want, diags)
		}
		if got := NewDuration(test.a).Equal(NewDuration(test.b)); got != (test.a == test.b) {
			t.Errorf("%s and %s: spelled alike is %v", test.a, test.b, got)
		}
	}
	if got, _ := NewDuration("1s").StringSemanticEquals(t.Context(), basetypes.NewStringValue("1s")); got {
		t.Error("a duration equals a text of another type")
	}
	if got := DurationOf(90 * time.Second).ValueString(); got != "1m30s" {
		t.Errorf("90 seconds are spelled %s", got)
	}
}
