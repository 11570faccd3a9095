package inventory_test

import (
	"testing"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// datastores lets a test change the summaries of the datastores, by name.
func (w *world) datastores(change func(map[string]*mo.Datastore)) {
	byName := make(map[string]*mo.Datastore)
	for _, entity := range w.registry.All("Datastore") {
		datastore := entity.(*simulator.Datastore)
		byName[datastore.Name] = &datastore.Datastore
	}
	change(byName)
}

func TestADatastoreIsFoundByNameOrPath(t *testing.T) {
	w := newWorld(t, twoClusters)
	for _, name := range []string{"LocalDS_1", "/DC0/datastore/LocalDS_1"} {
		got, err := w.inventory.Datastore(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if got.Path != "/DC0/datastore/LocalDS_1" {
			t.Errorf("%s is %s", name, got.Path)
		}
	}
}

func TestADatastoreThatCannotBeUsedIsAnError(t *testing.T) {
	w := newWorld(t, twoClusters)
	w.datastores(func(d map[string]*mo.Datastore) {
		d["LocalDS_0"].Summary.Accessible = false
		d["LocalDS_1"].Summary.MaintenanceMode = "inMaintenance"
	})
	_, err := w.inventory.Datastore(t.Context(), "LocalDS_0")
	wantError(t, err, vsphere.ErrInvalidState, "/DC0/datastore/LocalDS_0 is not accessible")
	_, err = w.inventory.Datastore(t.Context(), "LocalDS_1")
	wantError(t, err, vsphere.ErrInvalidState, "/DC0/datastore/LocalDS_1 is in maintenance (inMaintenance)")

	_, err = w.inventory.DatastoreFor(t.Context(), w.namespace(t, inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0"}), nil)
	wantError(t, err, vsphere.ErrNotFound, "no datastore of /DC0/host/DC0_C0 is usable", `datastore of namespace "n"`)
}

func TestTheRoomiestUsableDatastoreIsChosen(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { twoClusters(m); m.Datastore = 4 })
	w.datastores(func(d map[string]*mo.Datastore) {
		d["LocalDS_0"].Summary.FreeSpace = 10
		d["LocalDS_1"].Summary.FreeSpace = 30
		d["LocalDS_2"].Summary.FreeSpace = 30
		d["LocalDS_3"].Summary.FreeSpace, d["LocalDS_3"].Summary.Accessible = 40, false
	})
	got, err := w.inventory.DatastoreFor(t.Context(), w.namespace(t, inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0"}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "LocalDS_1" {
		t.Errorf("chosen is %s, want LocalDS_1", got.Name)
	}
}
