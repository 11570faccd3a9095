package inventory_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

func twoClusters(m *simulator.Model) { m.Cluster, m.ClusterHost, m.Datastore, m.Pool = 2, 2, 2, 1 }

func oneCluster(m *simulator.Model) { m.Cluster, m.ClusterHost, m.Datastore = 1, 2, 1 }

func TestANamespaceDefaultsToTheOnlyPoolAndTheRootFolder(t *testing.T) {
	w := newWorld(t, oneCluster)
	got := w.namespace(t, inventory.NamespaceSpec{
		Name: "default", DefaultNetwork: "VM Network", DefaultStorageClass: "gold",
		Nameservers: []netip.Addr{netip.MustParseAddr("10.0.0.53")}, SearchDomains: []string{"example.com"},
	})
	want := inventory.Namespace{
		Name:           "default",
		ResourcePool:   inventory.Object{Name: "Resources", Path: "/DC0/host/DC0_C0/Resources"},
		Compute:        inventory.Object{Name: "DC0_C0", Path: "/DC0/host/DC0_C0"},
		Folder:         inventory.Object{Name: "vm", Path: "/DC0/vm"},
		DefaultNetwork: "VM Network", DefaultStorageClass: "gold",
		Nameservers: []netip.Addr{netip.MustParseAddr("10.0.0.53")}, SearchDomains: []string{"example.com"},
	}
	diff := cmp.Diff(want, got, cmpopts.IgnoreFields(inventory.Object{}, "ID"), cmpopts.IgnoreUnexported(inventory.Namespace{}),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }))
	if diff != "" {
		t.Errorf("namespace (-want +got):\n%s", diff)
	}
	pool, err := w.finder.ResourcePool(t.Context(), "/DC0/host/DC0_C0/Resources")
	if err != nil {
		t.Fatal(err)
	}
	if got.ResourcePoolReference() != pool.Reference() {
		t.Errorf("resource pool is %v, want %v", got.ResourcePoolReference(), pool.Reference())
	}
	if got.FolderReference() != w.folders.VmFolder.Reference() {
		t.Errorf("folder is %v, want %v", got.FolderReference(), w.folders.VmFolder.Reference())
	}
	cluster, err := w.finder.ClusterComputeResource(t.Context(), "DC0_C0")
	if err != nil {
		t.Fatal(err)
	}
	if got.ComputeReference() != cluster.Reference() {
		t.Errorf("compute resource is %v, want %v", got.ComputeReference(), cluster.Reference())
	}
}

func TestReferencesAreNamesOrPaths(t *testing.T) {
	w := newWorld(t, twoClusters)
	teams, err := w.folders.VmFolder.CreateFolder(t.Context(), "teams")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b/c"} {
		if _, err := teams.CreateFolder(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	pool, err := w.finder.ResourcePool(t.Context(), "/DC0/host/DC0_C1/Resources/DC0_C1_RP1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Create(t.Context(), "team-a", types.DefaultResourceConfigSpec()); err != nil {
		t.Fatal(err)
	}
	const nested = "/DC0/host/DC0_C1/Resources/DC0_C1_RP1/team-a"
	for _, test := range []struct{ name, pool, folder, wantPool, wantFolder string }{
		{"names", "team-a", "a", nested, "/DC0/vm/teams/a"},
		{"paths below the datacenter's folders", "DC0_C1/Resources/DC0_C1_RP1/team-a", "teams/a", nested, "/DC0/vm/teams/a"},
		{"absolute paths", nested, "/DC0/vm/teams/a", nested, "/DC0/vm/teams/a"},
		{"paths with a trailing slash", nested + "/", "/DC0/vm/teams/", nested, "/DC0/vm/teams"},
		{"a cluster stands for its root pool", "DC0_C1", "teams", "/DC0/host/DC0_C1/Resources", "/DC0/vm/teams"},
		{"a cluster by path", "/DC0/host/DC0_C0", "teams", "/DC0/host/DC0_C0/Resources", "/DC0/vm/teams"},
		{"a name with a slash, as it is written", "DC0_C0", "b/c", "/DC0/host/DC0_C0/Resources", "/DC0/vm/teams/b%2fc"},
		{"a name with a slash, as vSphere escapes it", "DC0_C0", "b%2fc", "/DC0/host/DC0_C0/Resources", "/DC0/vm/teams/b%2fc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := w.namespace(t, inventory.NamespaceSpec{Name: "n", ResourcePool: test.pool, Folder: test.folder})
			if got.ResourcePool.Path != test.wantPool {
				t.Errorf("resource pool %q is %s, want %s", test.pool, got.ResourcePool.Path, test.wantPool)
			}
			if got.Folder.Path != test.wantFolder {
				t.Errorf("folder %q is %s, want %s", test.folder, got.Folder.Path, test.wantFolder)
			}
		})
	}
}

func TestNamespaceErrorsSayWhatToSet(t *testing.T) {
	w := newWorld(t, twoClusters)
	for _, name := range []string{"x", "y"} {
		folder, err := w.folders.VmFolder.CreateFolder(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := folder.CreateFolder(t.Context(), "twin"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.folders.DatastoreFolder.CreateStoragePod(t.Context(), "pod"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		spec  inventory.NamespaceSpec
		kind  error
		parts []string
	}{
		{
			"no pool and two clusters",
			inventory.NamespaceSpec{Name: "default"},
			vsphere.ErrAmbiguous,
			[]string{`namespace "default", resource_pool`, "/DC0/host/DC0_C0, /DC0/host/DC0_C1", "Set resource_pool of the namespace"},
		},
		{
			"an unknown pool",
			inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0_RP"},
			vsphere.ErrNotFound,
			[]string{`no resource pool "DC0_C0_RP"`, `"DC0_C0", "DC0_C0_RP1", "DC0_C1", "DC0_C1_RP1"`},
		},
		{
			"a pool that every cluster has",
			inventory.NamespaceSpec{Name: "n", ResourcePool: "Resources"},
			vsphere.ErrAmbiguous,
			[]string{"/DC0/host/DC0_C0/Resources, /DC0/host/DC0_C1/Resources", "inventory path"},
		},
		{
			"an unknown folder",
			inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0", Folder: "tween"},
			vsphere.ErrNotFound,
			[]string{`namespace "n", folder`, `no virtual machine folder "tween"`, `"twin"`},
		},
		{
			"a folder of another kind",
			inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0", Folder: "/DC0/host"},
			vsphere.ErrNotFound,
			[]string{`"/DC0/host"`, `"/DC0/vm/x"`},
		},
		{
			"two folders of one name",
			inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0", Folder: "twin"},
			vsphere.ErrAmbiguous,
			[]string{"/DC0/vm/x/twin, /DC0/vm/y/twin"},
		},
		{
			"an unknown datastore",
			inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0", Datastore: "LocalDS_9"},
			vsphere.ErrNotFound,
			[]string{`namespace "n", datastore`, `"LocalDS_0", "LocalDS_1"`},
		},
		{
			"a datastore cluster",
			inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0", Datastore: "pod"},
			vsphere.ErrUnsupported,
			[]string{"/DC0/datastore/pod is a datastore cluster"},
		},
		{
			"another case",
			inventory.NamespaceSpec{Name: "n", ResourcePool: "dc0_c0"},
			vsphere.ErrNotFound,
			[]string{`"DC0_C0"`},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.inventory.Namespace(t.Context(), test.spec)
			wantError(t, err, test.kind, test.parts...)
		})
	}
}

func TestOneCallServesEverythingThatANamespaceNames(t *testing.T) {
	w := newWorld(t, twoClusters)
	calls := w.calls(func() {
		for range 10 {
			namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n", ResourcePool: "DC0_C0_RP1", Datastore: "LocalDS_1"})
			for _, name := range []string{"VM Network", "DC0_DVPG0"} {
				network, err := w.inventory.Network(t.Context(), namespace, name)
				if err != nil {
					t.Fatal(err)
				}
				_ = network.Backing()
			}
			if _, err := w.inventory.LowestMHz(t.Context(), namespace); err != nil {
				t.Fatal(err)
			}
		}
	})
	if calls != 1 {
		t.Errorf("%d calls, want 1", calls)
	}
}

func TestWhatWasJustCreatedIsFound(t *testing.T) {
	w := newWorld(t, oneCluster)
	spec := inventory.NamespaceSpec{Name: "n", Folder: "new"}
	_, err := w.inventory.Namespace(t.Context(), spec)
	wantError(t, err, vsphere.ErrNotFound)
	if _, err := w.folders.VmFolder.CreateFolder(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	calls := w.calls(func() {
		if got := w.namespace(t, spec); got.Folder.Path != "/DC0/vm/new" {
			t.Errorf("folder is %s, want /DC0/vm/new", got.Folder.Path)
		}
	})
	if calls != 1 {
		t.Errorf("%d calls for one fresh look, want 1", calls)
	}
}
