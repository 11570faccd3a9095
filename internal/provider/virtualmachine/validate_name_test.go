package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestANameThatVSphereWouldStoreInAnotherFormIsRefused(t *testing.T) {
	t.Parallel()
	d := serve(t)
	for name, test := range map[string]struct{ summary, says string }{
		"":                           {"The name is empty", "Give it one"},
		"a/b":                        {"The name cannot be kept", `written as vSphere stores it, like "a%2fb"`},
		`a\b`:                        {"The name cannot be kept", `like "a%5cb"`},
		"c%d":                        {"The name cannot be kept", `like "c%25d"`},
		"a%2fb/c":                    {"The name cannot be kept", `like "a%2fb%2fc"`},
		"a%2fb":                      {"", ""},
		"a%5Cb%25":                   {"", ""},
		"With spaces (and such)":     {"", ""},
		strings.Repeat("a", 81):      {"The name is too long", "has 81 characters"},
		strings.Repeat("\u00e9", 80): {"", ""},
	} {
		diags := d.validate(with(with(small(), "name", name), "network", tree{"host_name": "web"}))
		if test.summary == "" {
			d.clean("validate "+name, diags)
			continue
		}
		oneError(t, diags, "name", test.summary)
		if !strings.Contains(said(diags), test.says) {
			t.Errorf("%q: it says %q, and not %q", name, said(diags), test.says)
		}
	}
}

func TestAGuestIDThatVSphereDoesNotKnowIsRefusedInPlan(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	_, diags := d.plan(d.nothing(), with(small(), "guest_id", "ubuntu64"))
	oneError(t, diags, "guest_id", "No such guest id")
	if got := said(diags); !strings.Contains(got, `"ubuntu64Guest"`) {
		t.Errorf("it offers nothing near: %s", got)
	}
	made := d.refreshed(d.applied(d.nothing(), with(off(), "guest_id", "ubuntu64Guest")))
	_, diags = d.plan(made, with(off(), "guest_id", "foo"))
	oneError(t, diags, "guest_id", "No such guest id")

	if err := sim.Inject(simulator.Rule{Operation: "QueryConfigOptionEx", Fault: "NoPermission", Times: -1}); err != nil {
		t.Fatal(err)
	}
	other := connected(t, sim)
	_, diags = other.plan(other.nothing(), with(with(off(), "name", "other"), "guest_id", "foo"))
	if len(diags) != 1 || failed(diags) || dotted(diags[0].Attribute) != "guest_id" {
		t.Errorf("it says %q, want one warning at guest_id", said(diags))
	}
}
