package library_test

import (
	"errors"
	"strings"
	"testing"

	vapi "github.com/vmware/govmomi/vapi/library"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// What is there, and not where it was looked for, is named with the place.
func TestWhatIsElsewhereIsNamed(t *testing.T) {
	w := newWorld(t)
	rocky := image.NewID(simulator.ItemRocky).String()
	hidden := library.Scopes{Namespace: "team-b", ClusterLibraries: []string{"base-images"}}
	for _, test := range []struct {
		scopes library.Scopes
		query  library.Query
		parts  []string
		not    string
	}{
		{hidden, library.Query{Name: "Rocky Linux 9"}, []string{`There is one in library "team-a-images"`, `the namespace "team-b" does not see`}, "Near"},
		{hidden, library.Query{Name: rocky}, []string{`There is one in library "team-a-images"`}, "Near"},
		{teamA(), library.Query{Name: rocky, Kind: image.ClusterVirtualMachineImage}, []string{"It is the VirtualMachineImage " + rocky, "Set kind to VirtualMachineImage"}, `in libraries "base-images", "team-a-images"`},
	} {
		_, _, err := w.catalogue.Resolve(t.Context(), test.scopes, test.query)
		wantError(t, err, vsphere.ErrNotFound, test.parts...)
		if err != nil && strings.Contains(err.Error(), test.not) {
			t.Errorf("%v", err)
		}
	}
}

// An item whose upload has not ended says so, and not what is missing in it.
func TestAnUnfinishedItemSaysThatItIs(t *testing.T) {
	w := newWorld(t)
	left, err := w.anew(t).uploads().Create(t.Context(), library.ItemSpec{LibraryID: simulator.LibraryTeamAImagesID, Name: "small", Type: vapi.ItemTypeOVF})
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := w.catalogue.Image(t.Context(), teamA(), library.Query{Name: "small"})
	if err != nil || got.ItemID != left.ItemID || len(got.Status.Conditions) != 1 {
		t.Fatalf("%+v, %v", got, errors.Join(err))
	}
	if ready := got.Status.Conditions[0]; ready.Status != "False" || !strings.Contains(ready.Message, "has not ended") || strings.Contains(ready.Message, "0 files") {
		t.Errorf("it is %+v", ready)
	}
}
