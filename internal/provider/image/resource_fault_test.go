package image_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// arguments are an image of a file.
func arguments(path string) values {
	return values{"content_library": "team-a-images", "name": "golden", "description": "Ours", "source": values{"file": path}}
}

// point is a request of an operation, by its kind and how many of that went before.
type point struct {
	operation string
	before    int
}

// points are the requests that were made, without the signs of life, which come when they do.
func (w *world) points() []point {
	var out []point
	seen := map[string]int{}
	for _, request := range w.sim.Requests() {
		if strings.Contains(request.Operation, "keep-alive") {
			continue
		}
		out = append(out, point{request.Operation, seen[request.Operation]})
		seen[request.Operation]++
	}
	return out
}

// finished checks that there is one item, that it has the content of a version, and that nothing
// else is left, and nothing that is not ours was touched. It returns the image as it is, of which
// a plan changes nothing.
func (w *world) finished(t *testing.T, got state, version string, arguments values) state {
	t.Helper()
	if err := w.one()(); err != nil {
		t.Error(err)
	}
	d := connected(t, w.sim)
	got, diags := d.refresh(got)
	if failed(diags) {
		t.Fatal(said(diags))
	}
	if p, diags := d.plan(got, arguments); failed(diags) || !p.Planned.Equal(got.Value) {
		differences, _ := got.Value.Diff(p.Planned)
		t.Errorf("the next plan changes it: %v %s", differences, said(diags))
	}
	if found := got.at("status", "product_info", "version"); found != version {
		t.Errorf("the image is of version %q, want %q", found, version)
	}
	if ids := w.found(); len(ids) == 1 {
		item, err := w.items.GetLibraryItem(t.Context(), ids[0])
		if err != nil || *item.Description != "Ours" || item.ID != got.at("id") {
			t.Errorf("the item is %+v, %v", item, err)
		}
	}
	for _, request := range w.sim.Requests("DELETE */content/library/item/{id}") {
		for _, foreign := range []string{simulator.ItemRocky, simulator.ItemPhoton} {
			if strings.Contains(request.Path, foreign) {
				t.Errorf("%s was deleted", foreign)
			}
		}
	}
	return got
}

// kinds of faults at a request.
var kinds = []struct {
	name string
	rule simulator.Rule
	// killed: nothing that the provider does from there on reaches vCenter, and Terraform has no
	// state afterwards, as after a process that was killed.
	killed bool
}{
	{"refused", simulator.Rule{Status: 403}, false},
	{"lost", simulator.Rule{Lose: true}, false},
	{"killed", simulator.Rule{Operation: "*", Times: -1, Status: 403}, true},
}

// inject makes the n-th request fail.
func (w *world) inject(t *testing.T, rule simulator.Rule, n int, at point) {
	t.Helper()
	w.sim.ResetRequests()
	if rule.Operation == "*" {
		rule.After = n
	} else {
		rule.Operation, rule.After = at.operation, at.before
	}
	if err := w.sim.Inject(rule); err != nil {
		t.Fatal(err)
	}
}

// Whatever call of a creation fails, the next apply succeeds and leaves one image: with the state
// that the failed one left, where Terraform replaces the image, and with none.
func TestACreationThatFailsAnywhereIsMadeGood(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	made, diags := connected(t, w.sim).apply(t.Context(), connected(t, w.sim).nothing(), arguments(ova))
	if failed(diags) {
		t.Fatal(said(diags))
	}
	points := w.points()
	if diags := connected(t, w.sim).destroy(made); failed(diags) {
		t.Fatal(said(diags))
	}
	for i, at := range points {
		for _, kind := range kinds {
			t.Run(fmt.Sprintf("%02d %s %s", i, strings.ReplaceAll(at.operation, "/", " "), kind.name), func(t *testing.T) {
				w.inject(t, kind.rule, i, at)
				d := connected(t, w.sim)
				got, diags := d.apply(t.Context(), d.nothing(), arguments(ova))
				w.sim.ClearRules()
				if failed(diags) {
					d = connected(t, w.sim)
					if !kind.killed && !got.Value.IsNull() && got.at("id") != "" {
						if diags := d.destroy(got); failed(diags) { // as Terraform does with what is tainted
							t.Fatal(said(diags))
						}
					}
					if got, diags = d.apply(t.Context(), d.nothing(), arguments(ova)); failed(diags) {
						t.Fatal(said(diags))
					}
				}
				got = w.finished(t, got, "1.0", arguments(ova))
				if diags := connected(t, w.sim).destroy(got); failed(diags) {
					t.Fatal(said(diags))
				}
				if left := w.found(); len(left) > 0 {
					t.Fatalf("%v are left", left)
				}
			})
		}
	}
}

// Whatever call of an update fails, the image stays as it was, or is as it should be, and the next
// apply succeeds, with the same item.
func TestAnUpdateThatFailsAnywhereIsMadeGood(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	d := connected(t, w.sim)
	first, diags := d.apply(t.Context(), d.nothing(), arguments(ova))
	if failed(diags) {
		t.Fatal(said(diags))
	}
	other := arguments(ova)
	put(t, ova, archive("1.1"), time.Minute)
	d = connected(t, w.sim)
	w.sim.ResetRequests()
	was, diags := d.apply(t.Context(), first, other)
	if failed(diags) {
		t.Fatal(said(diags))
	}
	points := w.points()
	version := 1
	for i, at := range points {
		for _, kind := range kinds {
			t.Run(fmt.Sprintf("%02d %s %s", i, strings.ReplaceAll(at.operation, "/", " "), kind.name), func(t *testing.T) {
				version++
				put(t, ova, archive(fmt.Sprintf("1.%d", version)), time.Minute)
				w.inject(t, kind.rule, i, at)
				d := connected(t, w.sim)
				got, diags := d.apply(t.Context(), was, other)
				w.sim.ClearRules()
				if failed(diags) {
					d = connected(t, w.sim)
					if kind.killed {
						got = was
					}
					if got, diags = d.refresh(got); failed(diags) {
						t.Fatal(said(diags))
					}
					if got, diags = d.apply(t.Context(), got, other); failed(diags) {
						t.Fatal(said(diags))
					}
				}
				got = w.finished(t, got, fmt.Sprintf("1.%d", version), other)
				if got.at("id") != first.at("id") {
					t.Errorf("the image is %s, after %s", got.at("id"), first.at("id"))
				}
				was = got
			})
		}
	}
}

// A creation that takes too long is given up, and leaves nothing.
func TestACreationThatTakesTooLongLeavesNothing(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	d := connected(t, w.sim)
	late := with(arguments(ova), values{"timeouts": values{"create": "400ms"}})
	p, diags := d.plan(d.nothing(), late)
	if failed(diags) {
		t.Fatal(said(diags))
	}
	w.sim.SetLatency(60 * time.Millisecond)
	made, diags := d.Apply(t.Context(), p)
	w.sim.SetLatency(0)
	if !failed(diags) || !made.Value.IsNull() {
		t.Errorf("%s, %v", said(diags), made.Value)
	}
	tells(t, diags, "Unable to create the image", "longer than timeouts.create, 400ms", "was removed")
	if strings.Contains(said(diags), "/cls/data") {
		t.Errorf("the error shows where files are taken: %s", said(diags))
	}
	if got := w.found(); len(got) != 0 || len(w.sim.UpdateSessions()) != 0 || len(w.sim.Requests("POST */content/library/item")) != 1 {
		t.Errorf("there are %v, and the sessions %v", got, w.sim.UpdateSessions())
	}
}

// Whichever step a timeout ends at, the error names the argument.
func TestATimeoutIsNamedAtEveryStep(t *testing.T) {
	w := newWorld(t)
	ova := goldenOVA(t)
	put(t, ova, archive("1.0"), time.Hour)
	d := connected(t, w.sim)
	p, diags := d.plan(d.nothing(), with(arguments(ova), values{"timeouts": values{"create": "1ns"}}))
	if failed(diags) {
		t.Fatal(said(diags))
	}
	_, diags = d.Apply(t.Context(), p)
	tells(t, diags, "longer than timeouts.create, 1ns")
	d = connected(t, w.sim)
	made, diags := d.apply(t.Context(), d.nothing(), with(arguments(ova), values{"timeouts": values{"read": "1ns", "delete": "1ns"}}))
	if failed(diags) {
		t.Fatal(said(diags))
	}
	_, diags = d.refresh(made)
	tells(t, diags, "longer than timeouts.read, 1ns")
	tells(t, d.destroy(made), "longer than timeouts.delete, 1ns")
}
