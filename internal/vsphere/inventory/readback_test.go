package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/pbm/methods"
	pbmsim "github.com/vmware/govmomi/pbm/simulator"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// associations tell which storage policies machines have: the simulator does not remember it.
type associations struct {
	*pbmsim.ProfileManager

	results []pbmtypes.PbmQueryProfileResult
}

func (a *associations) PbmQueryAssociatedProfiles(*pbmtypes.PbmQueryAssociatedProfiles) soap.HasFault {
	return &methods.PbmQueryAssociatedProfilesBody{Res: &pbmtypes.PbmQueryAssociatedProfilesResponse{Returnval: a.results}}
}

// placements tells which datastores satisfy any policy: in the simulator, all do.
type placements struct {
	types.ManagedObjectReference

	hubs []types.ManagedObjectReference
}

func (p *placements) PbmCheckRequirements(*pbmtypes.PbmCheckRequirements) soap.HasFault {
	res := new(pbmtypes.PbmCheckRequirementsResponse)
	for _, hub := range p.hubs {
		res.Returnval = append(res.Returnval, pbmtypes.PbmPlacementCompatibilityResult{Hub: pbmtypes.PbmPlacementHub{HubType: hub.Type, HubId: hub.Value}})
	}
	return &methods.PbmCheckRequirementsBody{Res: res}
}

// overridePBM puts an object in the place of the simulator's.
func (w *world) overridePBM(object mo.Reference) {
	registry := simulator.NewRegistry()
	registry.Namespace, registry.Path = pbm.Namespace, pbm.Path
	registry.Put(object)
	w.service.RegisterSDK(registry) // a path that is there takes the objects over
}

func machineObject(id string) pbmtypes.PbmServerObjectRef {
	return pbmtypes.PbmServerObjectRef{ObjectType: string(pbmtypes.PbmObjectTypeVirtualMachine), Key: id}
}

func TestThePoliciesOfMachinesAreReadBack(t *testing.T) {
	w := newWorld(t, oneCluster)
	manager := pbmsim.New().Get(types.ManagedObjectReference{Type: "PbmProfileProfileManager", Value: "ProfileManager"}).(*pbmsim.ProfileManager)
	with := &associations{ProfileManager: manager}
	w.overridePBM(with)
	policy, err := w.inventory.StoragePolicy(t.Context(), "vsan-default-storage-policy")
	if err != nil {
		t.Fatal(err)
	}
	id := func(text string) []pbmtypes.PbmProfileId { return []pbmtypes.PbmProfileId{{UniqueId: text}} }
	with.results = []pbmtypes.PbmQueryProfileResult{
		{Object: machineObject("vm-1"), ProfileId: append(id("of-a-datastore"), id(policy.ID)...)},
		{Object: machineObject("vm-2")},
		{Object: machineObject("vm-3"), Fault: &types.LocalizedMethodFault{Fault: &types.ManagedObjectNotFound{}}},
		{Object: pbmtypes.PbmServerObjectRef{ObjectType: string(pbmtypes.PbmObjectTypeVirtualDiskId), Key: "vm-2"}, ProfileId: id(policy.ID)},
		{Object: machineObject("vm-9"), ProfileId: id(policy.ID)}, // nobody asked
	}
	ref := func(id string) types.ManagedObjectReference {
		return types.ManagedObjectReference{Type: "VirtualMachine", Value: id}
	}
	got, err := w.inventory.PoliciesOf(t.Context(), ref("vm-1"), ref("vm-2"), ref("vm-3"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[types.ManagedObjectReference]inventory.StoragePolicy{ref("vm-1"): policy}, got); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	calls := w.calls(func() { _, err = w.inventory.PoliciesOf(t.Context()) })
	if calls != 0 || err != nil {
		t.Errorf("for no machine there are %d calls and %v", calls, err)
	}
	with.results = []pbmtypes.PbmQueryProfileResult{{Object: machineObject("vm-1"), Fault: &types.LocalizedMethodFault{Fault: &types.NoPermission{PrivilegeId: "StorageProfile.View"}}}}
	_, err = w.inventory.PoliciesOf(t.Context(), ref("vm-1"))
	wantError(t, err, vsphere.ErrNotPermitted, "vm-1", "StorageProfile.View")
}

func TestTheDatastoresOfAStorageClass(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { twoClusters(m); m.Datastore = 4 })
	byName := map[string]types.ManagedObjectReference{}
	w.datastores(func(d map[string]*mo.Datastore) {
		for name, datastore := range d {
			byName[name] = datastore.Self
		}
		d["LocalDS_1"].Summary.MaintenanceMode = "inMaintenance"
	})
	for _, entity := range w.registry.All("ClusterComputeResource") {
		if cluster := entity.(*simulator.ClusterComputeResource); cluster.Name == "DC0_C1" {
			cluster.Datastore = []types.ManagedObjectReference{byName["LocalDS_3"]}
		}
	}
	w.overridePBM(&placements{
		ManagedObjectReference: types.ManagedObjectReference{Type: "PbmPlacementSolver", Value: "placementSolver"},
		hubs: []types.ManagedObjectReference{
			byName["LocalDS_2"], byName["LocalDS_1"], byName["LocalDS_0"], {Type: "StoragePod", Value: byName["LocalDS_3"].Value},
		},
	})
	policy, err := w.inventory.StoragePolicy(t.Context(), "vsan-default-storage-policy")
	if err != nil {
		t.Fatal(err)
	}
	for pool, want := range map[string][]string{"DC0_C0": {"LocalDS_0", "LocalDS_2"}, "DC0_C1": nil} {
		namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n", ResourcePool: pool})
		var datastores [][]inventory.Object
		calls := w.calls(func() { datastores, err = w.inventory.DatastoresFor(t.Context(), namespace, policy, policy) })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, datastore := range datastores[1] {
			got = append(got, datastore.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" || calls != 2 || len(datastores) != 2 {
			t.Errorf("for %s, %d calls tell (-want +got):\n%s", pool, calls, diff)
		}
	}
}

func TestWhereAMachineIsIsReadBackToNames(t *testing.T) {
	w := newWorld(t, twoClusters)
	teams, err := w.folders.VmFolder.CreateFolder(t.Context(), "teams")
	if err != nil {
		t.Fatal(err)
	}
	alone, err := teams.CreateFolder(t.Context(), "a/b")
	if err != nil {
		t.Fatal(err)
	}
	twin, err := teams.CreateFolder(t.Context(), "twin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.folders.VmFolder.CreateFolder(t.Context(), "twin"); err != nil {
		t.Fatal(err)
	}
	pool := func(path string) types.ManagedObjectReference {
		t.Helper()
		found, err := w.finder.ResourcePool(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		return found.Reference()
	}
	root, own := pool("/DC0/host/DC0_C0/Resources"), pool("/DC0/host/DC0_C1/Resources/DC0_C1_RP1")
	for _, test := range []struct {
		name                      string
		folder, pool              types.ManagedObjectReference
		wantFolder, wantPool, has string
	}{
		{"a cluster's own pool goes by the cluster", w.folders.VmFolder.Reference(), root, "vm", "DC0_C0", "/DC0/host/DC0_C0"},
		{"a pool by its name", alone.Reference(), own, "a/b", "DC0_C1_RP1", "/DC0/host/DC0_C1"},
		{"a folder whose name is ambiguous by its path", twin.Reference(), own, "/DC0/vm/teams/twin", "DC0_C1_RP1", "/DC0/host/DC0_C1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := w.inventory.Placement(t.Context(), test.folder, test.pool)
			if err != nil {
				t.Fatal(err)
			}
			if got.Folder.Reference != test.wantFolder || got.ResourcePool.Reference != test.wantPool || got.Compute.Path != test.has {
				t.Errorf("it is in %+v, %+v of %+v", got.Folder, got.ResourcePool, got.Compute)
			}
			// What was read back finds the same again.
			namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n", Folder: got.Folder.Reference, ResourcePool: got.ResourcePool.Reference})
			if namespace.FolderReference() != test.folder || namespace.ResourcePoolReference() != test.pool {
				t.Errorf("a namespace of %q and %q has %s and %s", got.Folder.Reference, got.ResourcePool.Reference, namespace.Folder.Path, namespace.ResourcePool.Path)
			}
			specs := []inventory.NamespaceSpec{
				{Name: "gone", Folder: "nowhere", ResourcePool: "DC0_C0"},
				{Name: "root", ResourcePool: "DC0_C0"},
				{Name: "first", Folder: got.Folder.Path, ResourcePool: got.ResourcePool.Path},
				{Name: "second", Folder: got.Folder.Path, ResourcePool: got.ResourcePool.Path},
				{Name: "other", Folder: "teams", ResourcePool: got.ResourcePool.Path},
			}
			want := []string{"first", "second"}
			if test.folder == w.folders.VmFolder.Reference() {
				want = append([]string{"root"}, want...)
			}
			names, err := w.inventory.NamespacesOf(t.Context(), specs, got)
			if diff := cmp.Diff(want, names); diff != "" || err != nil {
				t.Errorf("%v, namespaces (-want +got):\n%s", err, diff)
			}
		})
	}
	t.Run("what it has not is left out", func(t *testing.T) {
		got, err := w.inventory.Placement(t.Context(), types.ManagedObjectReference{}, types.ManagedObjectReference{})
		if diff := cmp.Diff(inventory.Placement{}, got); diff != "" || err != nil {
			t.Errorf("%v, placement (-want +got):\n%s", err, diff)
		}
	})
	t.Run("what is elsewhere is not found", func(t *testing.T) {
		_, err := w.inventory.Placement(t.Context(), types.ManagedObjectReference{Type: "Folder", Value: "group-v999"}, root)
		wantError(t, err, vsphere.ErrNotFound, "no folder group-v999", "datacenter")
		_, err = w.inventory.Placement(t.Context(), w.folders.VmFolder.Reference(), types.ManagedObjectReference{Type: "ResourcePool", Value: "resgroup-999"})
		wantError(t, err, vsphere.ErrNotFound, "no resource pool resgroup-999")
	})
}
