package library_test

import (
	"context"
	"errors"
	"net/http"
	"os"
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

const (
	createSession = "POST /rest/com/vmware/content/library/item/download-session"
	deleteSession = "DELETE /rest/com/vmware/content/library/item/download-session/{id}"
	prepareFile   = "POST /rest/com/vmware/content/library/item/downloadsession/file/{id}?~action=prepare"
	getItem       = "GET /rest/com/vmware/content/library/item/{id}"
)

func (w *world) list(t *testing.T, scopes library.Scopes, kinds ...image.Kind) []image.Image {
	t.Helper()
	images, warnings, err := w.catalogue.List(t.Context(), scopes, kinds...)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("warnings %v, error %v", warnings, err)
	}
	return images
}

func titles(images []image.Image) []string {
	var list []string
	for _, img := range images {
		list = append(list, string(img.Kind)+" "+img.DisplayName)
	}
	return list
}

func TestAListHasEveryImageThatTheNamespaceSees(t *testing.T) {
	w := newWorld(t)
	const cluster, own = "ClusterVirtualMachineImage ", "VirtualMachineImage "
	base := []string{
		cluster + "Broken Appliance", cluster + "CentOS Stream 9", cluster + "CentOS Stream 9", cluster + "Custom Appliance", cluster + "Debian 12",
		cluster + "Photon OS 5.0", cluster + "Ubuntu 22.04 Installer", cluster + "Ubuntu 22.04 LTS", cluster + "Windows Server 2022",
	}
	ours := []string{own + "Debian 12", own + "Rocky Linux 9"}
	named := teamA()
	named.ClusterLibraries = []string{simulator.LibraryPartnerImages}
	for _, test := range []struct {
		name   string
		scopes library.Scopes
		kinds  []image.Kind
		want   []string
	}{
		{"both kinds", teamA(), nil, slices.Concat(base, ours)},
		{"without the libraries of others", teamB(), nil, base},
		{"of the namespace", teamA(), []image.Kind{image.VirtualMachineImage}, ours},
		{"of the cluster", teamA(), []image.Kind{image.ClusterVirtualMachineImage}, base},
		{"with the cluster's libraries named", named, nil, slices.Concat([]string{cluster + "CentOS Stream 9"}, ours)},
		{"of nothing", library.Scopes{ClusterLibraries: []string{}}, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, titles(w.list(t, test.scopes, test.kinds...))); diff != "" {
				t.Errorf("images (-want +got):\n%s", diff)
			}
		})
	}
}

func TestImagesOfAListAreDescribed(t *testing.T) {
	w := newWorld(t)
	for _, img := range w.list(t, teamA()) {
		ready, reason, message := img.Status.Ready()
		switch img.ItemID {
		case simulator.ItemBroken:
			if ready || reason != image.ReasonNotSynced || message == "" {
				t.Errorf("the broken image is ready: %t, %s, %q", ready, reason, message)
			}
			continue
		case simulator.ItemPhoton:
			if diff := cmp.Diff([]string{"cloud-init", "nvidia-gpu"}, img.Status.Capabilities); diff != "" {
				t.Errorf("capabilities (-want +got):\n%s", diff)
			}
			if img.Status.Firmware != image.EFI || img.Descriptor == nil {
				t.Errorf("firmware is %q, descriptor %v", img.Status.Firmware, img.Descriptor)
			}
		case simulator.ItemISO:
			if img.Status.Type != image.TypeISO || img.Descriptor != nil {
				t.Errorf("the ISO is of type %s, with descriptor %v", img.Status.Type, img.Descriptor)
			}
		}
		if !ready {
			t.Errorf("%s is not ready: %s, %s", img.DisplayName, reason, message)
		}
	}
}

func TestADescriptorIsReadOnce(t *testing.T) {
	w := newWorld(t)
	photon := w.resolve(t, teamA(), "Photon OS 5.0")
	var described image.Image
	describe := func() {
		var err error
		if described, err = w.catalogue.Describe(t.Context(), photon); err != nil {
			t.Error(err)
		}
	}
	if calls := w.calls(describe); calls != 5 {
		t.Errorf("the first description cost %d calls, want 5", calls)
	}
	if described.Status.ProviderContentVersion != "1" || described.ID != photonID || described.Kind != photon.Kind {
		t.Errorf("described is %s %s, version %q", described.Kind, described.ID, described.Status.ProviderContentVersion)
	}
	if calls := w.calls(describe); calls != 0 {
		t.Errorf("the second description cost %d calls, want 0", calls)
	}
	w.catalogue.Forget(simulator.ItemPhoton)
	if calls := w.calls(describe); calls != 6 {
		t.Errorf("after Forget it cost %d calls, want 6", calls)
	}
}

func TestConcurrentCallersShareADescriptor(t *testing.T) {
	w := newWorld(t)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			img, _, err := w.catalogue.Image(t.Context(), teamA(), library.Query{Name: "Photon OS 5.0"})
			if err != nil || img.Descriptor == nil {
				t.Errorf("image %v, %v", img.Descriptor, err)
			}
		})
	}
	callers.Wait()
	if sessions := len(w.sim.Requests(createSession)); sessions != 1 {
		t.Errorf("%d download sessions, want 1", sessions)
	}
}

func TestEveryDownloadSessionIsRemoved(t *testing.T) {
	w := newWorld(t)
	if err := w.sim.Inject(simulator.Rule{Operation: prepareFile, Status: http.StatusInternalServerError, Times: -1}); err != nil {
		t.Fatal(err)
	}
	for _, img := range w.list(t, teamA()) {
		switch ready, reason, message := img.Status.Ready(); {
		case ready != (img.Status.Type == image.TypeISO):
			t.Errorf("%s is ready: %t, want that of what needs no download only", img.DisplayName, ready)
		case !ready && (reason != image.ReasonNotSynced || !strings.Contains(message, img.DisplayName)):
			t.Errorf("%s is not ready: %s, %q, want its name in the message", img.DisplayName, reason, message)
		}
	}
	created, deleted := len(w.sim.Requests(createSession)), len(w.sim.Requests(deleteSession))
	if created == 0 || created != deleted {
		t.Errorf("%d download sessions created, %d removed", created, deleted)
	}
	t.Run("and a failure is not remembered", func(t *testing.T) {
		w.sim.ClearRules()
		for _, img := range w.list(t, teamA()) {
			if ready, _, message := img.Status.Ready(); !ready && img.ItemID != simulator.ItemBroken {
				t.Errorf("%s is still not ready: %s", img.DisplayName, message)
			}
		}
	})
}

func TestAnItemThatVanishesDuringAListIsLeftOut(t *testing.T) {
	for name, operation := range map[string]string{
		"before it is read":            getItem,
		"before its content is opened": createSession,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if err := w.sim.FailREST(operation, http.StatusNotFound); err != nil {
				t.Fatal(err)
			}
			if images := w.list(t, teamA()); len(images) != 10 {
				t.Errorf("%d images, want 10 of 11: %v", len(images), titles(images))
			}
		})
	}
}

func TestALostConnectionIsNobodysBrokenImage(t *testing.T) {
	w := newWorld(t)
	w.sim.Close()
	_, _, err := w.catalogue.List(t.Context(), teamA())
	wantError(t, err, vsphere.ErrUnreachable)
}

func TestAListCostsNoMoreThanItMust(t *testing.T) {
	w := newWorld(t)
	list := func() { w.list(t, teamA()) }
	// The namespace's library by name, the ids of three types, 3 libraries, 11 items, and 5
	// for each of 10 descriptors.
	if calls := w.calls(list); calls != 1+3+3+11+50 {
		t.Errorf("the first list cost %d calls, want 68: %v", calls, w.sim.Calls())
	}
	// Which items there are.
	if calls := w.calls(list); calls != 3 {
		t.Errorf("the second list cost %d calls, want 3", calls)
	}
}

func TestAVMTemplateItemIsAnImage(t *testing.T) {
	w := newWorld(t)
	id, err := w.items.CreateLibraryItem(t.Context(), vapi.Item{
		Name: "golden", LibraryID: simulator.LibraryTeamAImagesID, Type: vapi.ItemTypeVMTX,
	})
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := w.catalogue.Image(t.Context(), teamA(), library.Query{Name: string(image.NewID(id))})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status.Type != image.TypeVM || got.DisplayName != "golden" {
		t.Errorf("it is %q of type %s, want golden of type VM", got.DisplayName, got.Status.Type)
	}
}

func TestAnItemOfAnotherTypeIsNoImage(t *testing.T) {
	w := newWorld(t)
	if _, err := w.items.CreateLibraryItem(t.Context(), vapi.Item{
		Name: "notes", LibraryID: simulator.LibraryTeamAImagesID, Type: "other",
	}); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "notes"})
	wantError(t, err, vsphere.ErrNotFound)
	for _, img := range w.list(t, teamA(), image.VirtualMachineImage) {
		if img.DisplayName == "notes" {
			t.Error("it is in the list")
		}
	}
}

func TestAnotherContentVersionIsReadAgain(t *testing.T) {
	w := newWorld(t)
	item := image.Item{ID: simulator.ItemPhoton, Name: "Photon OS 5.0", Type: vapi.ItemTypeOVF}
	for _, step := range []struct {
		version string
		calls   int64
	}{{"1", 5}, {"1", 0}, {"2", 5}, {"2", 0}} {
		item.ContentVersion = step.version
		calls := w.calls(func() {
			img, err := library.DescribeItem(w.catalogue, t.Context(), item)
			if err != nil {
				t.Fatal(err)
			}
			if img.Status.ProviderContentVersion != step.version {
				t.Errorf("the status is of content version %q, want %q", img.Status.ProviderContentVersion, step.version)
			}
		})
		if calls != step.calls {
			t.Errorf("version %s: %d calls, want %d", step.version, calls, step.calls)
		}
	}
}

// Other content under a new version is described from scratch: nothing of the earlier one stays.
func TestNothingOfAnEarlierContentStays(t *testing.T) {
	w := newWorld(t)
	before, _, err := w.catalogue.Image(t.Context(), teamA(), library.Query{Name: "Photon OS 5.0"})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := w.items.ListLibraryItemStorage(t.Context(), simulator.ItemPhoton)
	if err != nil {
		t.Fatal(err)
	}
	bare := []byte(`<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"><VirtualSystem/></Envelope>`)
	if err := os.WriteFile(stored[0].StorageURIs[0], bare, 0o600); err != nil {
		t.Fatal(err)
	}
	item := image.Item{
		Kind: before.Kind, Library: image.Library{ID: before.LibraryID, Name: before.LibraryName},
		ID: before.ItemID, Name: before.DisplayName, Type: vapi.ItemTypeOVF, ContentVersion: "2",
	}
	after, err := library.DescribeItem(w.catalogue, t.Context(), item)
	if err != nil {
		t.Fatal(err)
	}
	want := image.Status{
		Name: "Photon OS 5.0", Type: image.TypeOVF, Firmware: image.BIOS, ProviderItemID: simulator.ItemPhoton, ProviderContentVersion: "2",
		Conditions: []image.Condition{{Type: image.ConditionReady, Status: "True", Reason: "True"}},
	}
	if diff := cmp.Diff(want, after.Status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{image.LabelType: "OVF"}, after.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	t.Run("and content that is broken does not either", func(t *testing.T) {
		if err := os.WriteFile(stored[0].StorageURIs[0], []byte("<Envelope"), 0o600); err != nil {
			t.Fatal(err)
		}
		item.ContentVersion = "3"
		broken, err := library.DescribeItem(w.catalogue, t.Context(), item)
		if err != nil {
			t.Fatal(err)
		}
		if ready, _, _ := broken.Status.Ready(); ready || broken.Status.ProviderContentVersion != "" || broken.Status.Firmware != "" {
			t.Errorf("status %+v", broken.Status)
		}
	})
}

// What the connection is to blame for is no image's failure: there is no list with gaps.
func TestAListThatIsCutOffIsNone(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "none"}) // reads all items, and no descriptor
	wantError(t, err, vsphere.ErrNotFound)
	w.sim.SetLatency(50 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond) // of the 300 that it takes at least
	defer cancel()
	images, warnings, err := w.catalogue.List(ctx, teamA())
	if !errors.Is(err, context.DeadlineExceeded) || len(images) > 0 || len(warnings) > 0 {
		t.Errorf("%d images, warnings %v, error %v, want that the time is over", len(images), warnings, err)
	}
}
