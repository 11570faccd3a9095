package library_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/find"
	vapi "github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// machine deploys a machine to capture.
func (w *world) machine(t *testing.T, name string) types.ManagedObjectReference {
	t.Helper()
	vim, err := w.client.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	finder := find.NewFinder(vim)
	pool, err := finder.ResourcePool(t.Context(), "/DC0/host/DC0_C0/Resources/team-a")
	if err != nil {
		t.Fatal(err)
	}
	ref, err := vcenter.NewManager(w.items.Client).DeployLibraryItem(t.Context(), simulator.ItemPhoton, vcenter.Deploy{
		DeploymentSpec: vcenter.DeploymentSpec{Name: name, AcceptAllEULA: true}, Target: vcenter.Target{ResourcePoolID: pool.Reference().Value},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *ref
}

const opCapture = "POST /rest/com/vmware/vcenter/ovf/library-item"

func TestAMachineBecomesAnImage(t *testing.T) {
	w := newWorld(t)
	machine := w.machine(t, "golden")
	u := w.uploads()
	creation, err := u.CaptureNew(t.Context(), spec("captured"), machine)
	if err != nil {
		t.Fatal(err)
	}
	if item := w.item(t, creation.ItemID); !strings.HasPrefix(*item.Description, "[vmoperator.create ") {
		t.Errorf("before the end, the description is %q", *item.Description)
	}
	if err := u.Finish(t.Context(), creation); err != nil {
		t.Fatal(err)
	}
	if item := w.item(t, creation.ItemID); *item.Description != "made by a test" || item.Type != vapi.ItemTypeOVF {
		t.Errorf("the item is %+v, %q", item, *item.Description)
	}
	described, err := w.catalogue.Describe(t.Context(), w.resolve(t, teamA(), "captured"))
	if err != nil || described.Status.OSInfo.ID != "vmwarePhoton64Guest" || len(described.Status.Disks) != 1 {
		t.Errorf("described as %+v, %v", described.Status, err)
	}
	var sent vcenter.OVF
	if err := json.Unmarshal([]byte(w.sim.Requests(opCapture)[0].Body), &sent); err != nil || len(sent.Spec.Flags) != 0 {
		t.Errorf("asked with %+v, %v: ExtraConfig has secrets of the machine in it", sent.Spec, err)
	}
	version := w.item(t, creation.ItemID).ContentVersion
	if err := u.Capture(t.Context(), creation.ItemID, w.machine(t, "newer")); err != nil {
		t.Fatal(err)
	}
	if got := w.item(t, creation.ItemID).ContentVersion; got == version || !slices.Equal(w.named(t, "captured"), []string{creation.ItemID}) {
		t.Errorf("content version %s after %s; there are %v", got, version, w.named(t, "captured"))
	}
}

func TestACaptureWhoseAnswerGetsLostIsFound(t *testing.T) {
	w := newWorld(t)
	machine := w.machine(t, "golden")
	u := w.uploads()
	if err := w.sim.LoseAnswer(opCapture); err != nil {
		t.Fatal(err)
	}
	creation, err := u.CaptureNew(t.Context(), spec("captured"), machine)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Finish(t.Context(), creation); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.LoseAnswer(opCapture); err != nil {
		t.Fatal(err)
	}
	if err := u.Capture(t.Context(), creation.ItemID, machine); err != nil {
		t.Fatal(err)
	}
	if got := w.sim.Requests(opCapture); len(got) != 2 || !slices.Equal(w.named(t, "captured"), []string{creation.ItemID}) {
		t.Errorf("it was captured %d times; there are %v", len(got), w.named(t, "captured"))
	}
}

func TestACaptureThatIsRefusedIsSaid(t *testing.T) {
	w := newWorld(t)
	machine := w.machine(t, "golden")
	u := w.uploads()
	_, err := u.CaptureNew(t.Context(), library.ItemSpec{LibraryID: simulator.LibraryBaseImagesID, Name: "Photon OS 5.0"}, machine)
	wantError(t, err, vsphere.ErrAlreadyExists, simulator.ItemPhoton)
	_, err = u.CaptureNew(t.Context(), spec("captured"), types.ManagedObjectReference{Type: "VirtualMachine", Value: "vm-none"})
	wantError(t, err, vsphere.ErrNotFound, "vm-none")
	// The reservation of the name has ended with the failure.
	if _, err := u.CaptureNew(t.Context(), spec("captured"), machine); err != nil {
		t.Error(err)
	}
}

// What a process left that was killed during its capture is captured into.
func TestAnUnfinishedCaptureIsTakenOver(t *testing.T) {
	w := newWorld(t)
	machine := w.machine(t, "golden")
	left, err := w.anew(t).uploads().CaptureNew(t.Context(), spec("captured"), machine)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.uploads().CaptureNew(t.Context(), spec("captured"), machine)
	if err != nil || again.ItemID != left.ItemID || len(w.deleted()) != 0 {
		t.Errorf("%+v after %+v, %v", again, left, err)
	}
}
