package inventory_test

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// moved renames a machine of the simulator and moves it into a folder.
func (w *world) moved(t *testing.T, from string, folder *object.Folder, to string) types.ManagedObjectReference {
	t.Helper()
	vm, err := w.finder.VirtualMachine(t.Context(), "/DC0/vm/"+from)
	if err != nil {
		t.Fatal(err)
	}
	w.wait(t)(folder.MoveInto(t.Context(), []types.ManagedObjectReference{vm.Reference()}))
	w.wait(t)(vm.Rename(t.Context(), to))
	return vm.Reference()
}

func TestAMachineIsFoundByNameOrPath(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { oneCluster(m); m.Machine, m.App = 8, 1 })
	folder := func(parent *object.Folder, name string) *object.Folder {
		t.Helper()
		made, err := parent.CreateFolder(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	team := folder(w.folders.VmFolder, "team")
	deep, deeper, other := folder(team, "deep"), folder(team, "deeper"), folder(w.folders.VmFolder, "other")
	const from = "DC0_C0_RP0_VM"
	own := w.moved(t, from+"0", team, "web-1")
	w.moved(t, from+"1", deep, "web-1") // a name is the folder's own machine before it is another's
	below := w.moved(t, from+"2", deep, "db")
	twin := w.moved(t, from+"3", deep, "twin")
	w.moved(t, from+"4", deeper, "twin")
	elsewhere := w.moved(t, from+"5", other, "lonely")
	slash := w.moved(t, from+"6", team, "a/b")

	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "team-a", Folder: "team"})
	calls := w.calls(func() {
		for name, want := range map[string]types.ManagedObjectReference{
			"web-1": own, "/DC0/vm/team/web-1": own,
			"db": below, "deep/db": below, "/DC0/vm/team/deep/db": below,
			"deep/twin": twin, "/DC0/vm/other/lonely": elsewhere, "a/b": slash,
		} {
			got, err := w.inventory.VirtualMachine(t.Context(), namespace, name)
			if err != nil || got != want {
				t.Errorf("%s is %v, %v, want %v", name, got, err, want)
			}
		}
	})
	if calls != 1 {
		t.Errorf("%d calls, want 1", calls)
	}
	for _, test := range []struct {
		name  string
		kind  error
		parts []string
	}{
		{"twin", vsphere.ErrAmbiguous, []string{`2 virtual machines "twin"`, "/DC0/vm/team/deep/twin, /DC0/vm/team/deeper/twin", "inventory path"}},
		{"web-11", vsphere.ErrNotFound, []string{`no virtual machine "web-11"`, "/DC0/vm/team of namespace team-a", `"web-1"`}},
		{"Web-1", vsphere.ErrNotFound, []string{`"web-1"`}},
		{"deep/web-2", vsphere.ErrNotFound, []string{`"/DC0/vm/team/deep/web-1"`}},
		{"lonely", vsphere.ErrNotFound, []string{"in or below folder /DC0/vm/team of namespace team-a", "if /DC0/vm/other/lonely is meant"}},
		{"/DC0/vm/other/lonley", vsphere.ErrNotFound, []string{`datacenter /DC0 has no virtual machine "/DC0/vm/other/lonley"`, `"/DC0/vm/other/lonely"`}},
	} {
		_, err := w.inventory.VirtualMachine(t.Context(), namespace, test.name)
		wantError(t, err, test.kind, test.parts...)
	}
}

func TestAMachineInAVAppIsFoundBelowItsFolder(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { oneCluster(m); m.Machine, m.App = 1, 1 })
	got, err := w.inventory.VirtualMachine(t.Context(), w.namespace(t, inventory.NamespaceSpec{Name: "n"}), "DC0_C0_APP0_VM0")
	if err != nil {
		t.Fatal(err)
	}
	vm, err := w.finder.VirtualMachine(t.Context(), "DC0_C0_APP0_VM0")
	if err != nil || vm.Reference() != got {
		t.Errorf("it is %v, want %v, %v", got, vm, err)
	}
}

func TestAMachineIsFoundAsSoonAsItIsThere(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { oneCluster(m); m.Machine = 2 })
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
	if _, err := w.inventory.VirtualMachine(t.Context(), namespace, "DC0_C0_RP0_VM1"); err != nil {
		t.Fatal(err)
	}
	want := w.moved(t, "DC0_C0_RP0_VM0", w.folders.VmFolder, "new")
	if got, err := w.inventory.VirtualMachine(t.Context(), namespace, "new"); err != nil || got != want {
		t.Errorf("it is %v, %v, want %v", got, err, want)
	}
}
