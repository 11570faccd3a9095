package library_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// team is the library that the tests upload to.
var team = library.Destination{ID: simulator.LibraryTeamAImagesID, Name: "team-a-images"}

// deleted are the items that were asked to be deleted.
func (w *world) deleted() []string {
	var out []string
	for _, request := range w.sim.Requests("DELETE */content/library/item/{id}") {
		out = append(out, request.Path[strings.LastIndex(request.Path, ":")+1:])
	}
	return out
}

// What a process left that was killed is taken over by the next: the same item, a session anew.
func TestAnUnfinishedItemIsTakenOver(t *testing.T) {
	w := newWorld(t)
	killed := w.anew(t).uploads()
	left, err := killed.Create(t.Context(), spec("small"))
	if err != nil {
		t.Fatal(err)
	}
	session, err := w.items.CreateLibraryItemUpdateSession(t.Context(), vapi.Session{LibraryItemID: left.ItemID})
	if err != nil {
		t.Fatal(err)
	}
	w.sim.ResetRequests()
	id, err := w.upload(t.Context(), spec("small"), &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))})
	if err != nil {
		t.Fatal(err)
	}
	if id != left.ItemID || !slices.Equal(w.named(t, "small"), []string{id}) {
		t.Errorf("the item is %s, after %s; there are %v", id, left.ItemID, w.named(t, "small"))
	}
	if got := w.deleted(); len(got) != 0 {
		t.Errorf("deleted were %v", got)
	}
	if got := w.sim.Requests("POST */update-session/{id}?~action=cancel"); len(got) != 1 || !strings.Contains(got[0].Path, session) {
		t.Errorf("canceled were %+v, and not %s", got, session)
	}
	// Its creator, should it come back, leaves it alone.
	if err := killed.Abandon(t.Context(), left); err == nil || len(w.deleted()) != 0 {
		t.Errorf("it was removed by who had left it: %v", err)
	}
}

// An item cannot become one of another type.
func TestAnUnfinishedItemOfAnotherTypeIsReplaced(t *testing.T) {
	w := newWorld(t)
	iso := spec("small")
	iso.Type = vapi.ItemTypeISO
	left, err := w.anew(t).uploads().Create(t.Context(), iso)
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.upload(t.Context(), spec("small"), &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))})
	if err != nil {
		t.Fatal(err)
	}
	if id == left.ItemID || !slices.Equal(w.deleted(), []string{left.ItemID}) {
		t.Errorf("the item is %s, after %s; deleted were %v", id, left.ItemID, w.deleted())
	}
}

// Nobody's item is taken because of its name, whatever is in it, and none that somebody is at
// work on.
func TestWhatIsNotOursIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	u := w.uploads()
	foreign, err := w.items.CreateLibraryItem(t.Context(), vapi.Item{LibraryID: simulator.LibraryTeamAImagesID, Name: "foreign", Type: vapi.ItemTypeOVF})
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.Create(t.Context(), spec("foreign"))
	wantError(t, err, vsphere.ErrAlreadyExists, foreign, "Import it")
	wantError(t, u.Free(t.Context(), team, "foreign", "", true), vsphere.ErrAlreadyExists, foreign, "VMI ID vmi-")

	working := w.anew(t).uploads()
	busy, err := working.Create(t.Context(), spec("busy"))
	if err != nil {
		t.Fatal(err)
	}
	slow, halfway := make(chan struct{}), make(chan struct{})
	reached := sync.OnceFunc(func() { close(halfway) })
	done := make(chan error, 1)
	go func() {
		_, err := working.Fill(t.Context(), busy.ItemID, &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))}, func(sent, total int64) {
			if sent < total/2 {
				return
			}
			reached()
			<-slow // its bytes stand still, but it shows signs of life
		})
		done <- err
	}()
	select {
	case <-halfway:
	case err := <-done:
		t.Fatalf("the upload has ended: %v", err)
	}
	if err := u.Free(t.Context(), team, "busy", "", true); err != nil {
		t.Errorf("an unfinished item bars the plan: %v", err)
	}
	_, err = u.Create(t.Context(), spec("busy"))
	wantError(t, err, vsphere.ErrTaskInProgress, "is being uploaded right now", "Try again")
	_, err = u.Fill(t.Context(), busy.ItemID, &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))}, nil)
	wantError(t, err, vsphere.ErrTaskInProgress, "is being uploaded right now")
	close(slow)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(w.deleted()) != 0 || len(w.sim.Requests("POST */update-session/{id}?~action=cancel")) != 0 {
		t.Errorf("deleted were %v, canceled %v", w.deleted(), w.sim.Requests("POST */update-session/{id}?~action=cancel"))
	}
}

// An update that was killed leaves a session that holds up the next.
func TestASessionThatWasLeftBehindIsEnded(t *testing.T) {
	w := newWorld(t)
	id, err := w.upload(t.Context(), spec("small"), &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.items.CreateLibraryItemUpdateSession(t.Context(), vapi.Session{LibraryItemID: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.uploads().Fill(t.Context(), id, &library.Local{Package: opened(t, writeOVA(t, small("2.0", 2)...))}, nil); err != nil {
		t.Fatal(err)
	}
	if got := w.item(t, id).ContentVersion; got != "3" || len(w.sim.UpdateSessions()) != 0 {
		t.Errorf("content version %s, sessions %v", got, w.sim.UpdateSessions())
	}
}

func TestTwoResourcesOfOneNameAreRefused(t *testing.T) {
	w := newWorld(t)
	u := w.uploads()
	first, err := u.Create(t.Context(), spec("small"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.uploads().Create(t.Context(), spec("small"))
	wantError(t, err, vsphere.ErrAlreadyExists, "another resource")
	if err := u.Abandon(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if second, err := u.Create(t.Context(), spec("small")); err != nil || second.ItemID == first.ItemID {
		t.Errorf("after the first was given up: %+v, %v", second, err)
	}
}

// A change whose answer gets lost is looked up, or made once more where that changes nothing.
func TestAnAnswerThatGetsLostIsMadeGood(t *testing.T) {
	for _, operation := range []string{
		"POST /rest/com/vmware/content/library/item/",
		"POST /rest/com/vmware/content/library/item",
		"POST */update-session",
		"POST */updatesession/file*add",
		"PUT *",
		"POST */updatesession/file*validate",
		"POST */update-session/*complete",
		"DELETE */update-session/*",
		"PATCH *",
	} {
		t.Run(strings.ReplaceAll(operation, "/", " "), func(t *testing.T) {
			w := newWorld(t)
			if err := w.sim.LoseAnswer(operation); err != nil {
				t.Fatal(err)
			}
			id, err := w.upload(t.Context(), spec("small"), &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))})
			if err != nil {
				t.Fatal(err)
			}
			if got := w.named(t, "small"); !slices.Equal(got, []string{id}) || len(w.files(t, id)) != 4 {
				t.Errorf("there are %v with %v", got, w.files(t, id))
			}
			if item := w.item(t, id); *item.Description != "made by a test" {
				t.Errorf("the description is %q", *item.Description)
			}
		})
	}
}

func TestAnItemIsRenamedAndDeleted(t *testing.T) {
	w := newWorld(t)
	u := w.uploads()
	id, err := w.upload(t.Context(), spec("small"), &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))})
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Rename(t.Context(), id, "renamed", ""); err != nil {
		t.Fatal(err)
	}
	if item := w.item(t, id); item.Name != "renamed" || *item.Description != "" {
		t.Errorf("the item is %+v", item)
	}
	if got := w.resolve(t, teamA(), "renamed"); got.ItemID != id {
		t.Errorf("the catalogue has %+v", got)
	}
	w.sim.OccupyItem(id, true)
	wantError(t, u.Delete(t.Context(), id), vsphere.ErrTaskInProgress, id)
	w.sim.OccupyItem(id, false)
	for range 2 { // what is gone is gone
		if err := u.Delete(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	_, err = w.catalogue.Uploaded(t.Context(), teamA(), id)
	wantError(t, err, library.ErrGone)
}
