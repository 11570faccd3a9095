package image_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// replaced is an image that trigger replaces, made before the old one goes.
func replaced(source string, trigger int) string {
	return image(source, `description = "Ours"`, "lifecycle {\n    create_before_destroy = true\n    replace_triggered_by = [terraform_data.trigger]\n  }") +
		fmt.Sprintf("\nresource \"terraform_data\" \"trigger\" {\n  input = %d\n}\n", trigger)
}

// A library has no name twice, so that the old image cannot keep its name until the new one is there. What Terraform has
// deposed is not left behind: the state is as it was before, and another name does.
func TestCreateBeforeDestroyUnderTheSameNameFailsAndLeavesTheOldImage(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	var id string
	story(t,
		resource.TestStep{Config: replaced(file(ova), 1), ConfigStateChecks: []statecheck.StateCheck{remember("id", &id), w.one()}},
		resource.TestStep{Config: replaced(file(ova), 2), ExpectError: fails("The name is taken", "name            =", "create_before_destroy keeps it", "choose another name")},
		// It is no deposed object: what asked for the replacement has been replaced, and nothing is to be done.
		resource.TestStep{Config: replaced(file(ova), 2), ConfigPlanChecks: planned(plancheck.ExpectEmptyPlan()), ConfigStateChecks: []statecheck.StateCheck{unchanged("id", &id), w.one()}},
		resource.TestStep{
			Config:            strings.ReplaceAll(replaced(file(ova), 3), "\"golden\"\n", "\"golden-3\"\n"),
			ConfigPlanChecks:  planned(does(plancheck.ResourceActionCreateBeforeDestroy)),
			ConfigStateChecks: []statecheck.StateCheck{shows("name", is("golden-3"))},
		},
	)
	if got := w.found(); len(got) != 0 {
		t.Errorf("after destroy there are %v", got)
	}
}

// An unfinished item that is tainted is taken over by its replacement, and is not destroyed with what it was.
func TestWhatTookAnUnfinishedItemOverIsNotDestroyedWithIt(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	d := connected(t, w.sim)
	for _, rule := range []simulator.Rule{{Operation: "POST */update-session", Times: 1, Status: 403}, {Operation: "DELETE */content/library/item/{id}", Times: 1, Status: 403}} {
		if err := w.sim.Inject(rule); err != nil {
			t.Fatal(err)
		}
	}
	tainted, diags := d.apply(t.Context(), d.nothing(), arguments(ova))
	tells(t, diags, "could not be removed", "tainted")
	d = connected(t, w.sim)
	successor, diags := d.apply(t.Context(), d.nothing(), arguments(ova))
	if failed(diags) || successor.at("id") != tainted.at("id") {
		t.Fatalf("%v, after %v: %s", successor.Value, tainted.Value, said(diags))
	}
	if diags := d.destroy(tainted); failed(diags) {
		t.Error(said(diags))
	}
	w.finished(t, successor, "1.0", arguments(ova))
	if diags := d.destroy(successor); failed(diags) || len(w.found()) > 0 {
		t.Errorf("%v are left: %s", w.found(), said(diags))
	}
}

// An item has one name in its library, and whoever claims it second is told so in the same plan.
func TestTwoImagesOfOneNameAreRefusedInPlan(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	d := connected(t, w.sim)
	if _, diags := d.plan(d.nothing(), arguments(ova)); failed(diags) {
		t.Fatal(said(diags))
	}
	_, diags := d.plan(d.nothing(), with(arguments(ova), values{"description": "Another"}))
	tells(t, diags, "at name: The name is taken", `Another resource of this configuration is an image "golden"`)
	if _, diags := d.plan(d.nothing(), with(arguments(ova), values{"name": "other"})); failed(diags) {
		t.Error(said(diags))
	}

	d = connected(t, w.sim)
	first, diags := d.apply(t.Context(), d.nothing(), arguments(ova))
	if failed(diags) {
		t.Fatal(said(diags))
	}
	d = connected(t, w.sim)
	if _, diags := d.plan(first, arguments(ova)); failed(diags) {
		t.Fatal(said(diags))
	}
	_, diags = d.plan(d.nothing(), arguments(ova))
	tells(t, diags, "at name: The name is taken", "Another resource of this configuration")
	if diags := d.destroy(first); failed(diags) { // a plan that destroys it leaves its name
		t.Fatal(said(diags))
	}
	if _, diags = d.plan(d.nothing(), arguments(ova)); failed(diags) {
		t.Error(said(diags))
	}
}
