package library_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

const photonID = "vmi-0a0044d7c690bcbea"

func TestAnImageIsResolvedForAHandfulOfCalls(t *testing.T) {
	for _, test := range []struct {
		name   string
		scopes library.Scopes
		asked  string
		kind   image.Kind
		item   string
		calls  int64
	}{
		// A search by name, the item, its library.
		{"a display name", library.Scopes{Namespace: "default"}, "Photon OS 5.0", image.ClusterVirtualMachineImage, simulator.ItemPhoton, 3},
		// The ids of all items of the type, the item, its library.
		{"a VMI ID", library.Scopes{Namespace: "default"}, photonID, image.ClusterVirtualMachineImage, simulator.ItemPhoton, 3},
		{"a VMI ID of a cluster image", library.Scopes{Namespace: "default"}, "c" + photonID, image.ClusterVirtualMachineImage, simulator.ItemPhoton, 3},
		// The ids of all items of three types.
		{"the VMI ID of an ISO", library.Scopes{}, image.NewID(simulator.ItemISO).String(), image.ClusterVirtualMachineImage, simulator.ItemISO, 5},
		// A search for the library; its own reading serves twice.
		{"a namespace's own", teamA(), "Rocky Linux 9", image.VirtualMachineImage, simulator.ItemRocky, 4},
		{"a namespace's own by VMI ID", teamA(), image.NewID(simulator.ItemRocky).String(), image.VirtualMachineImage, simulator.ItemRocky, 4},
		{
			"in libraries by id",
			library.Scopes{ClusterLibraries: []string{simulator.LibraryBaseImagesID}},
			"CentOS Stream 9", image.ClusterVirtualMachineImage, simulator.ItemCentOSBase, 4, // two items bear the name
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			calls := w.calls(func() {
				got := w.resolve(t, test.scopes, test.asked)
				if got.ItemID != test.item || got.Kind != test.kind || got.ID != image.NewID(test.item) {
					t.Errorf("resolved to %s %s, item %s, want %s, item %s", got.Kind, got.ID, got.ItemID, test.kind, test.item)
				}
			})
			if calls != test.calls {
				t.Errorf("%d calls, want %d: %v", calls, test.calls, w.sim.Calls())
			}
		})
	}
}

func TestAThousandMachinesOfOneImageAskOnce(t *testing.T) {
	w := newWorld(t)
	calls := w.calls(func() {
		var machines sync.WaitGroup
		for range 1000 {
			machines.Go(func() {
				img, _, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "Photon OS 5.0"})
				if err != nil || img.ID != photonID {
					t.Errorf("resolved to %s, %v, want %s", img.ID, err, photonID)
				}
			})
		}
		machines.Wait()
	})
	if calls != 5 {
		t.Errorf("%d calls, want 5", calls)
	}
}

func TestTheNamespaceWinsOverTheClusterWithAWarning(t *testing.T) {
	w := newWorld(t)
	got, warnings, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "Debian 12"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Kind != image.VirtualMachineImage || got.ItemID != simulator.ItemDebianTeamA || got.Namespace != "team-a" {
		t.Errorf("resolved to %s %s, item %s", got.Namespace, got.Kind, got.ItemID)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0].Detail, string(image.NewID(simulator.ItemDebianBase))) {
		t.Errorf("warnings are %v, want one that names both images", warnings)
	}
	got, warnings, err = w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "Debian 12", Kind: image.ClusterVirtualMachineImage})
	if err != nil {
		t.Fatal(err)
	}
	if got.ItemID != simulator.ItemDebianBase || len(warnings) != 0 {
		t.Errorf("of the cluster it is item %s, warnings %v", got.ItemID, warnings)
	}
}

func TestANameTwiceInOneScopeIsAmbiguous(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "CentOS Stream 9"})
	wantError(t, err, vsphere.ErrAmbiguous, "CentOS Stream 9",
		string(image.NewID(simulator.ItemCentOSBase)), string(image.NewID(simulator.ItemCentOSPartner)), "base-images", "partner-images")
	wantError(t, err, image.ErrAmbiguous)

	only := teamA()
	only.ClusterLibraries = []string{simulator.LibraryPartnerImages}
	if got := w.resolve(t, only, "CentOS Stream 9"); got.ItemID != simulator.ItemCentOSPartner {
		t.Errorf("with one library it is item %s, want %s", got.ItemID, simulator.ItemCentOSPartner)
	}
}

func TestWhatANamespaceDoesNotSeeIsNotFound(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		name   string
		scopes library.Scopes
		query  library.Query
		parts  []string
	}{
		{"another namespace's image", teamB(), library.Query{Name: "Rocky Linux 9"}, []string{`"Rocky Linux 9"`}},
		{"another namespace's image by VMI ID", teamB(), library.Query{Name: string(image.NewID(simulator.ItemRocky))}, nil},
		{
			"an image of a library that is not the cluster's",
			library.Scopes{Namespace: "n", ClusterLibraries: []string{}},
			library.Query{Name: photonID},
			nil,
		},
		{"the namespace's own as one of the cluster", teamA(), library.Query{Name: "Rocky Linux 9", Kind: image.ClusterVirtualMachineImage}, nil},
		{"the namespace's own by a cluster's VMI ID", teamA(), library.Query{Name: "c" + string(image.NewID(simulator.ItemRocky))}, nil},
		{"another case", teamA(), library.Query{Name: "photon os 5.0"}, []string{`"Photon OS 5.0"`, photonID}},
		{
			"a mistyped name", teamA(),
			library.Query{Name: "Photon OS 5"},
			[]string{`"base-images"`, `"partner-images"`, `"team-a-images"`, `"Photon OS 5.0" (` + photonID},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := w.catalogue.Resolve(t.Context(), test.scopes, test.query)
			wantError(t, err, vsphere.ErrNotFound, test.parts...)
			wantError(t, err, image.ErrNotFound)
		})
	}
}

func TestAMalformedVMIIDIsItsOwnErrorAndCostsNothing(t *testing.T) {
	w := newWorld(t)
	calls := w.calls(func() {
		_, _, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "vmi-photon"})
		wantError(t, err, image.ErrInvalidID, `"vmi-photon"`)
	})
	if calls != 0 {
		t.Errorf("%d calls, want 0", calls)
	}
}

func TestFindReturnsEveryCandidate(t *testing.T) {
	w := newWorld(t)
	for name, want := range map[string][]string{
		"CentOS Stream 9": {simulator.ItemCentOSBase, simulator.ItemCentOSPartner},
		"Debian 12":       {simulator.ItemDebianBase, simulator.ItemDebianTeamA},
		photonID:          {simulator.ItemPhoton},
		"nothing":         {},
		"":                {},
	} {
		found, err := w.catalogue.Find(t.Context(), teamA(), name)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, img := range found {
			got = append(got, img.ItemID)
		}
		if diff := cmp.Diff(want, got, cmp.Transformer("set", func(ids []string) map[string]bool {
			set := make(map[string]bool)
			for _, id := range ids {
				set[id] = true
			}
			return set
		})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
}

func TestLibrariesThatAreNotThere(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		name   string
		scopes library.Scopes
		parts  []string
	}{
		{
			"of the namespace",
			library.Scopes{Namespace: "n", NamespaceLibraries: []string{"team-b-images"}},
			[]string{`content_libraries of namespace "n"`, `no content library "team-b-images"`, `"base-images" (` + simulator.LibraryBaseImagesID, `"team-a-images"`},
		},
		{
			"of the cluster", library.Scopes{ClusterLibraries: []string{"Base-Images"}}, // vCenter's search would find it
			[]string{"cluster_content_libraries", `"Base-Images"`, `"base-images"`},
		},
		{
			"by id",
			library.Scopes{ClusterLibraries: []string{"00000000-0000-0000-0000-000000000000"}},
			[]string{`"00000000-0000-0000-0000-000000000000"`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := w.catalogue.Resolve(t.Context(), test.scopes, library.Query{Name: "Photon OS 5.0"})
			wantError(t, err, vsphere.ErrNotFound, test.parts...)
		})
	}
	t.Run("of another namespace are not ours to complain about", func(t *testing.T) {
		scopes := library.Scopes{Namespace: "n", OtherLibraries: []string{"team-c-images"}}
		if got := w.resolve(t, scopes, "Photon OS 5.0"); got.ID != photonID {
			t.Errorf("resolved to %s, want %s", got.ID, photonID)
		}
	})
}

func TestALibraryNameThatTwoBearIsAmbiguous(t *testing.T) {
	w := newWorld(t)
	base, err := w.items.GetLibraryByID(t.Context(), simulator.LibraryBaseImagesID)
	if err != nil {
		t.Fatal(err)
	}
	twin, err := w.items.CreateLibrary(t.Context(), vapi.Library{Name: simulator.LibraryTeamAImages, Type: "LOCAL", Storage: base.Storage})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "Rocky Linux 9"})
	wantError(t, err, vsphere.ErrAmbiguous, "2 content libraries", twin, simulator.LibraryTeamAImagesID)
}

func TestChangesOfOthersAreSeen(t *testing.T) {
	w := newWorld(t)
	w.resolve(t, teamA(), "Rocky Linux 9")
	_, _, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "Rocky Linux 9.4"})
	wantError(t, err, vsphere.ErrNotFound)
	rename := func(to string) {
		if err := w.items.UpdateLibraryItem(t.Context(), &vapi.Item{ID: simulator.ItemRocky, Name: to}); err != nil {
			t.Fatal(err)
		}
	}
	rename("Rocky Linux 9.4")
	found, err := w.catalogue.Find(t.Context(), teamA(), "Rocky Linux 9.4")
	if err != nil || len(found) != 1 {
		t.Errorf("found %d images, %v, want 1", len(found), err)
	}
	if got := w.resolve(t, teamA(), "Rocky Linux 9.4"); got.ItemID != simulator.ItemRocky {
		t.Errorf("under its new name it is item %s", got.ItemID)
	}
	rename("Rocky")
	w.catalogue.Forget(simulator.ItemRocky)
	_, _, err = w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "Rocky Linux 9.4"})
	wantError(t, err, vsphere.ErrNotFound, `"Rocky"`)
}

func TestAnAmbiguityThatWasResolvedIsNone(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.catalogue.Resolve(t.Context(), teamA(), library.Query{Name: "CentOS Stream 9"})
	wantError(t, err, vsphere.ErrAmbiguous)
	if err := w.items.DeleteLibraryItem(t.Context(), &vapi.Item{ID: simulator.ItemCentOSPartner}); err != nil {
		t.Fatal(err)
	}
	if got := w.resolve(t, teamA(), "CentOS Stream 9"); got.ItemID != simulator.ItemCentOSBase {
		t.Errorf("it is item %s, want %s", got.ItemID, simulator.ItemCentOSBase)
	}
}
