package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// What is wrong with a namespace is said of its block in the provider's configuration.
func TestMistakesInTheDefaultsOfANamespaceNameTheirArgument(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	for argument, test := range map[string]struct{ at, summary string }{
		"default_network":       {"network", "Unable to find the network of interface eth0"},
		"default_storage_class": {"storage_class", "Unable to find the storage class"},
	} {
		d := serve(t)
		config := providerTree(sim)
		team := config["namespace"].([]any)[0].(tree)
		d.clean("configure", d.configure(with(config, "namespace", []any{with(team, argument, "zz")})))
		_, diags := d.plan(d.nothing(), small())
		oneError(t, diags, test.at, test.summary)
		if got := said(diags); !strings.Contains(got, `Namespace "team-a", `+argument+": ") || !strings.Contains(got, `"zz"`) {
			t.Errorf("%s: it says %s", argument, got)
		}
	}
	// What the machine itself names is its own mistake.
	d := connected(t, sim)
	_, diags := d.plan(d.nothing(), with(small(), "storage_class", "zz"))
	oneError(t, diags, "storage_class", "Unable to find the storage class")
	if got := said(diags); strings.Contains(got, "team-a") || !strings.Contains(got, "vCenter has no storage policy") {
		t.Errorf("it says %s", got)
	}
}
