package library_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// changing are the requests that change a library, and what goes between them.
var changing = []string{
	"POST */content/library/item", "PATCH */content/library/item/*", "DELETE */content/library/item/*", "PUT *",
	"POST */update-session*", "POST */updatesession/file*",
}

// asked are the changing requests so far, in short and without signs of life.
func (w *world) asked() []string {
	var out []string
	for _, request := range w.sim.Requests(changing...) {
		operation := strings.NewReplacer("/rest/com/vmware/content/library/item", "", "{id}/", "", "/id:", "", "/{id}", "", "?~action=", " ").Replace(request.Operation)
		if !strings.Contains(operation, "keep-alive") && !strings.Contains(operation, "download-session") {
			out = append(out, operation)
		}
	}
	return out
}

func TestAnOVABecomesAnImage(t *testing.T) {
	w := newWorld(t)
	entries := small("1.0", 1)
	path := writeOVA(t, entries...)
	id, err := w.upload(t.Context(), spec("small"), &library.Local{Package: opened(t, path)})
	if err != nil {
		t.Fatal(err)
	}
	item := w.item(t, id)
	if item.Type != vapi.ItemTypeOVF || *item.Description != "made by a test" || item.ContentVersion != "2" {
		t.Errorf("the item is %+v, %q", item, *item.Description)
	}
	if diff := cmp.Diff(sizes(entries...), w.files(t, id)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	img := w.resolve(t, teamA(), "small")
	described, err := w.catalogue.Describe(t.Context(), img)
	if ready, _, _ := described.Status.Ready(); err != nil || !ready || described.Status.ProductInfo.Version != "1.0" || len(described.Status.Disks) != 2 {
		t.Errorf("described as %+v, %v", described.Status, err)
	}
	want := []string{
		"POST ", "POST /update-session",
		"POST /updatesession/file add", "PUT /cls/data/small.ovf", "POST /updatesession/file add", "PUT /cls/data/small.mf",
		"POST /updatesession/file add", "PUT /cls/data/disk1.vmdk", "POST /updatesession/file add", "PUT /cls/data/disk2.vmdk",
		"POST /updatesession/file validate", "POST /update-session complete", "DELETE /update-session", "PATCH ",
	}
	if diff := cmp.Diff(want, w.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if left := w.sim.UpdateSessions(); len(left) != 0 {
		t.Errorf("update sessions are left: %v", left)
	}
}

func TestAnOVFFolderAndAnISOBecomeImages(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	entries := append(small("1.0", 1), entry{"small.cert", []byte("certificate")})
	write(t, dir, entries...)
	write(t, dir, entry{"other.txt", []byte("nobody names it")})
	id, err := w.upload(t.Context(), spec("folder"), &library.Local{Package: opened(t, filepath.Join(dir, "small.ovf"))})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sizes(entries...), w.files(t, id)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	iso := disk("Boot CD.iso", 70_000, 9)
	copy(iso.text[16*2048+1:], "BEA01") // of UDF
	write(t, dir, iso)
	id, err = w.upload(t.Context(), spec("iso"), &library.Local{Package: opened(t, filepath.Join(dir, "Boot CD.iso"))})
	if err != nil {
		t.Fatal(err)
	}
	if item := w.item(t, id); item.Type != vapi.ItemTypeISO {
		t.Errorf("the item is of type %s", item.Type)
	}
	if diff := cmp.Diff(sizes(iso), w.files(t, id)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// Other content comes in place of the former, whose files go, and all at once.
func TestOtherContentKeepsTheItem(t *testing.T) {
	w := newWorld(t)
	id, err := w.upload(t.Context(), spec("small"), &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))})
	if err != nil {
		t.Fatal(err)
	}
	descriptor, only := ovf("2.0", "disk1.vmdk"), disk("disk1.vmdk", 500, 7)
	if _, err := w.uploads().Fill(t.Context(), id, &library.Local{Package: opened(t, writeOVA(t, descriptor, only))}, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sizes(descriptor, only), w.files(t, id)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if got := w.item(t, id).ContentVersion; got != "3" {
		t.Errorf("content version %s", got)
	}
	described, err := w.catalogue.Describe(t.Context(), w.resolve(t, teamA(), "small"))
	if err != nil || described.Status.ProductInfo.Version != "2.0" || described.ID != image.NewID(id) {
		t.Errorf("described as %+v, %v", described.Status, err)
	}
}

func TestContentThatIsWrongNeverBecomesAnImage(t *testing.T) {
	checksum := func(text string) *library.Checksum {
		c, err := library.ParseChecksum(text)
		if err != nil {
			t.Fatal(err)
		}
		return &c
	}
	wrong := slices.Clone(small("1.0", 1))
	wrong[3] = disk("disk2.vmdk", 10, 99)
	for _, test := range []struct {
		name    string
		entries []entry
		sum     *library.Checksum
		parts   []string
	}{
		{"than its checksum", small("1.0", 1), checksum("sha256:" + strings.Repeat("0", 64)), []string{"small.ova is sha256:", "checksum says sha256:000"}},
		{"than another checksum", small("1.0", 1), checksum("md5:" + strings.Repeat("0", 32)), []string{"small.ova is md5:"}},
		{"than the manifest", wrong, nil, []string{"disk2.vmdk is sha256:", "the manifest says sha256:"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			before := w.named(t, "small")
			id, err := w.upload(t.Context(), spec("small"), &library.Local{Package: opened(t, writeOVA(t, test.entries...)), Checksum: test.sum})
			wantError(t, err, library.ErrChecksum, test.parts...)
			if len(w.files(t, id)) != 0 || w.item(t, id).ContentVersion != "1" || len(before) != 0 {
				t.Errorf("the item has %v, version %s", w.files(t, id), w.item(t, id).ContentVersion)
			}
			if left := w.sim.UpdateSessions(); len(left) != 0 {
				t.Errorf("update sessions are left: %v", left)
			}
			if got := w.asked(); slices.Contains(got, "POST /update-session complete") {
				t.Errorf("the session was completed: %v", got)
			}
		})
	}
}

func TestAnUploadThatIsCanceledLeavesNothing(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	u := w.uploads()
	creation, err := u.Create(ctx, spec("small"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = u.Fill(ctx, creation.ItemID, &library.Local{Package: opened(t, writeOVA(t, small("1.0", 1)...))}, func(done, total int64) {
		if done > total/2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := u.Abandon(ctx, creation); err != nil {
		t.Error(err)
	}
	if got := w.named(t, "small"); len(got) != 0 {
		t.Errorf("there are %v", got)
	}
	if left := w.sim.UpdateSessions(); len(left) != 0 {
		t.Errorf("update sessions are left: %v", left)
	}
}

// A file that changes under the upload is not half the one and half the other.
func TestAFileThatChangesWhileItIsUploadedIsRefused(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"it gets another time":  func(path string) error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) },
		"it gets shorter":       func(path string) error { return os.Truncate(path, 100_000) },
		"it was changed before": nil,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			path := writeOVA(t, small("1.0", 1)...)
			content := &library.Local{Package: opened(t, path)}
			if change == nil {
				write(t, filepath.Dir(path), entry{"small.ova", archive(small("2.0", 2)...)})
			}
			u := w.uploads()
			creation, err := u.Create(t.Context(), spec("small"))
			if err != nil {
				t.Fatal(err)
			}
			var once sync.Once
			_, err = u.Fill(t.Context(), creation.ItemID, content, func(int64, int64) {
				if change != nil {
					once.Do(func() {
						if err := change(path); err != nil {
							t.Error(err)
						}
					})
				}
			})
			wantError(t, err, library.ErrPackage)
			if got := w.files(t, creation.ItemID); len(got) != 0 {
				t.Errorf("the item has %v", got)
			}
		})
	}
}

func TestALibraryIsFoundByNameAndID(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{simulator.LibraryTeamAImages, simulator.LibraryTeamAImagesID} {
		got, err := w.catalogue.Destination(t.Context(), name)
		if want := (library.Destination{ID: simulator.LibraryTeamAImagesID, Name: simulator.LibraryTeamAImages}); err != nil || got != want {
			t.Errorf("%s is %+v, %v", name, got, err)
		}
	}
	_, err := w.catalogue.Destination(t.Context(), "none")
	wantError(t, err, vsphere.ErrNotFound, "team-a-images")
	for _, test := range []struct {
		scopes library.Scopes
		want   image.Kind
	}{{teamA(), image.VirtualMachineImage}, {library.Scopes{}, image.ClusterVirtualMachineImage}, {teamB(), ""}} {
		got, err := w.catalogue.KindIn(t.Context(), test.scopes, simulator.LibraryTeamAImagesID)
		if err != nil || got != test.want {
			t.Errorf("to %+v the library is of %q, %v", test.scopes, got, err)
		}
	}
}
