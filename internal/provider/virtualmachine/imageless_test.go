package virtualmachine_test

import (
	"slices"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// imageless describes a machine that was made by other means, and of no image that anybody knows.
func imageless() tree { return with(asForeign(), "image_name", nil) }

// What was not made of an image is described without one.
func TestAMachineMadeByOtherMeansNeedsNoImage(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := serve(t)
	config := providerTree(sim)
	team := config["namespace"].([]any)[0].(tree)
	d.clean("configure", d.configure(with(config, "namespace", []any{team, with(team, "name", "team-b")})))
	foreign(t, sim)
	d.clean("validate", d.validate(imageless()))
	read := d.imported(foreignID)
	p, diags := d.plan(read, imageless())
	if failed(diags) || len(p.replace) > 0 {
		t.Fatalf("replaces %v: %s", p.replace, said(diags))
	}
	made, diags := p.apply()
	if failed(diags) {
		t.Fatal(said(diags))
	}
	made = d.refreshed(made)
	for _, place := range []string{"image", "image_name", "status.image"} {
		if value := within(made.state, place); !value.IsNull() {
			t.Errorf("%s is %s", place, value)
		}
	}
	if broken := emptyPlan(d, made, imageless()); len(broken) > 0 {
		t.Errorf("the next plan is not empty: %v", broken)
	}
	again := d.imported(foreignID)
	if broken := emptyPlan(d, again, imageless()); len(broken) > 0 {
		t.Errorf("the plan after another import is not empty: %v", broken)
	}
	// An image that is named later is taken as it is written: nobody knows of another one.
	named := d.planned(made, asForeign())
	if got := textAt(named.planned, "image.name"); len(named.replace) > 0 || got != "vmi-0a0044d7c690bcbea" {
		t.Errorf("naming an image plans %q and replaces %v", got, named.replace)
	}
	// The rest of what the machine is has been known since it was first applied.
	for place, value := range map[string]any{"storage_class": simulator.StorageGold, "namespace": "team-b"} {
		other := d.planned(made, with(asForeign(), place, value))
		if !slices.Contains(other.replace, place) {
			t.Errorf("another %s replaces %v", place, other.replace)
		}
	}
}

// A machine that is to be made needs an image, also where it is made anew.
func TestOnlyAMachineThatIsToBeCreatedNeedsAnImage(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	nameless := with(small(), "image_name", nil)
	_, diags := d.plan(d.nothing(), nameless)
	oneError(t, diags, "image_name", "Missing image")

	deferred := serve(t)
	deferred.clean("configure", deferred.configure(with(providerTree(sim), "vsphere_server", unknown{})))
	_, diags = deferred.plan(deferred.nothing(), nameless)
	oneError(t, diags, "image_name", "Missing image")
}

// Without image_name a machine keeps the image that it was made of.
func TestImageNameMayBeRemovedFromAMachine(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.refreshed(d.applied(d.nothing(), small()))
	nameless := with(small(), "image_name", nil)
	for name, config := range map[string]tree{
		"nothing else":      nameless,
		"something besides": with(nameless, "power_off_mode", "Hard"),
	} {
		p := d.planned(made, config)
		want := []string{"image_name"}
		if name != "nothing else" {
			want = append(want, "power_off_mode")
		}
		if got := moved(made.state, p.planned, "status.conditions"); len(p.replace) > 0 || !slices.Equal(got, want) {
			t.Errorf("%s: it changes %v and replaces %v", name, got, p.replace)
		}
	}
	sim.ResetRequests()
	kept := d.refreshed(d.applied(made, nameless))
	if got, want := textAt(kept.state, "image.name"), textAt(made.state, "image.name"); got != want || got == "" {
		t.Errorf("its image is %q, and was %q", got, want)
	}
	if broken := emptyPlan(d, kept, nameless); len(broken) > 0 {
		t.Errorf("the next plan is not empty: %v", broken)
	}
	back := d.planned(kept, small())
	if got := moved(kept.state, back.planned, "status.conditions"); len(back.replace) > 0 || !slices.Equal(got, []string{"image_name"}) {
		t.Errorf("naming it again changes %v and replaces %v", got, back.replace)
	}
}
