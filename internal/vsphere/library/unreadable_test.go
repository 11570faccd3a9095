package library_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

const getLibrary = "GET /rest/com/vmware/content/library/{id}"

// Of 11 images, one item or one library is not shown to the user.
func TestWhatCannotBeReadDoesNotHideTheRest(t *testing.T) {
	for name, test := range map[string]struct {
		operation     string
		status, least int
	}{
		"an item that is forbidden":   {getItem, http.StatusForbidden, 10},
		"an item that fails":          {getItem, http.StatusInternalServerError, 10},
		"a library that is forbidden": {getLibrary, http.StatusForbidden, 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if test.operation == getLibrary {
				w.resolve(t, teamA(), "Rocky Linux 9") // so that it is not the namespace's own, which has to be there
			}
			if err := w.sim.FailREST(test.operation, test.status); err != nil {
				t.Fatal(err)
			}
			images, warnings, err := w.catalogue.List(t.Context(), teamA())
			if err != nil || len(images) < test.least || len(images) == 11 {
				t.Fatalf("%d images, error %v, want at least %d and not all: %v", len(images), err, test.least, titles(images))
			}
			if len(warnings) != 1 || !strings.Contains(warnings[0].Detail, "did not show 1 of") || !strings.Contains(warnings[0].Detail, "read content library") {
				t.Errorf("warnings %v, want one that says what is missing", warnings)
			}
			again, warnings, err := w.catalogue.List(t.Context(), teamA())
			if err != nil || len(again) != 11 || len(warnings) > 0 {
				t.Errorf("then %d images, warnings %v, error %v: the failure is remembered", len(again), warnings, err)
			}
		})
	}
}

func TestAListOfWhatNobodyMaySeeIsAnError(t *testing.T) {
	w := newWorld(t)
	if err := w.sim.Inject(simulator.Rule{Operation: getItem, Status: http.StatusForbidden, Times: -1}); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.catalogue.List(t.Context(), teamA())
	wantError(t, err, vsphere.ErrNotPermitted, "read content library item")
}

// A name that an unreadable item has may be ambiguous, or another image's.
func TestAnImageThatCannotBeReadIsNotResolvedPast(t *testing.T) {
	w := newWorld(t)
	if err := w.sim.Inject(simulator.Rule{Operation: getItem, Status: http.StatusForbidden}); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "Debian 12"}) // there are two
	wantError(t, err, vsphere.ErrNotPermitted)
}

func TestManyFailuresAreCounted(t *testing.T) {
	w := newWorld(t)
	if err := w.sim.Inject(simulator.Rule{Operation: getItem, Status: http.StatusForbidden, Times: 5}); err != nil {
		t.Fatal(err)
	}
	images, warnings, err := w.catalogue.List(t.Context(), teamA())
	if err != nil || len(images) != 6 || len(warnings) != 1 || !strings.Contains(warnings[0].Detail, "; and 2 more") {
		t.Errorf("%d images, warnings %v, error %v", len(images), warnings, err)
	}
}
