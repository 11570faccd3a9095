package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// switchWith adds a distributed switch with port groups, to which the hosts of the clusters
// are connected.
func (w *world) switchWith(t *testing.T, folder *object.Folder, name string, clusters []string, groups ...string) {
	t.Helper()
	spec := types.DVSCreateSpec{ConfigSpec: &types.VMwareDVSConfigSpec{DVSConfigSpec: types.DVSConfigSpec{Name: name}}}
	task, err := folder.CreateDVS(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	info, err := task.WaitForResult(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	dvs := object.NewDistributedVirtualSwitch(w.vim, info.Result.(types.ManagedObjectReference))
	members := new(types.DVSConfigSpec)
	for _, cluster := range clusters {
		compute, err := w.finder.ClusterComputeResource(t.Context(), cluster)
		if err != nil {
			t.Fatal(err)
		}
		hosts, err := compute.Hosts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range hosts {
			members.Host = append(members.Host, types.DistributedVirtualSwitchHostMemberConfigSpec{
				Operation: string(types.ConfigSpecOperationAdd), Host: host.Reference(),
			})
		}
	}
	w.wait(t)(dvs.Reconfigure(t.Context(), members))
	for _, group := range groups {
		w.wait(t)(dvs.AddPortgroup(t.Context(), []types.DVPortgroupConfigSpec{{Name: group, NumPorts: 8}}))
	}
}

func (w *world) wait(t *testing.T) func(*object.Task, error) {
	t.Helper()
	return func(task *object.Task, err error) {
		t.Helper()
		if err == nil {
			err = task.Wait(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryKindOfNetworkHasItsBacking(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { oneCluster(m); m.Portgroup, m.OpaqueNetwork, m.PortgroupNSX = 1, 1, 1 })
	for _, opaque := range w.registry.All("OpaqueNetwork") { // the simulator connects no host to it
		cluster := w.registry.Any("ClusterComputeResource").(*simulator.ClusterComputeResource)
		cluster.Network = append(cluster.Network, opaque.Reference())
	}
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
	for _, test := range []struct {
		name string
		kind inventory.NetworkKind
	}{
		{"VM Network", inventory.NetworkStandard},
		{"DC0_DVPG0", inventory.NetworkDistributed},
		{"DC0_NSXPG0", inventory.NetworkDistributed},
		{"DC0_NSX0", inventory.NetworkOpaque},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := w.inventory.Network(t.Context(), namespace, test.name)
			if err != nil {
				t.Fatal(err)
			}
			if got.Kind != test.kind {
				t.Errorf("kind is %s, want %s", got.Kind, test.kind)
			}
			reference, err := w.finder.Network(t.Context(), test.name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := reference.EthernetCardBackingInfo(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if standard, ok := want.(*types.VirtualEthernetCardNetworkBackingInfo); ok {
				// Ours names the object, too: the name alone can mean two port groups.
				ref := reference.Reference()
				standard.Network = &ref
			}
			if diff := cmp.Diff(want, got.Backing()); diff != "" {
				t.Errorf("backing (-govmomi's +ours):\n%s", diff)
			}
			back, err := w.inventory.NetworkOf(t.Context(), want)
			if err != nil {
				t.Fatal(err)
			}
			if back.Path != got.Path {
				t.Errorf("the backing belongs to %s, want %s", back.Path, got.Path)
			}
		})
	}
}

func TestUplinksAreNoNetworks(t *testing.T) {
	w := newWorld(t, oneCluster)
	var uplinks string
	for _, entity := range w.registry.All("DistributedVirtualPortgroup") {
		group := entity.(*simulator.DistributedVirtualPortgroup)
		if strings.Contains(group.Name, "DVUplinks") { // the simulator makes it, but does not say what it is
			uplinks, group.Config.Uplink = group.Name, types.NewBool(true)
		}
	}
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
	_, err := w.inventory.Network(t.Context(), namespace, uplinks)
	wantError(t, err, vsphere.ErrNotFound, `no network "`+uplinks+`"`)
	networks, err := w.inventory.Networks(t.Context(), namespace)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, network := range networks {
		got = append(got, fmt.Sprintf("%s %t", network.Path, network.Default))
	}
	if diff := cmp.Diff([]string{"/DC0/network/DC0_DVPG0 false", "/DC0/network/VM Network true"}, got); diff != "" {
		t.Errorf("networks (-want +got):\n%s", diff)
	}
}

func TestANameThatTwoPortGroupsShare(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { twoClusters(m); m.Portgroup = 0 })
	left, right := w.networkFolder(t, "left"), w.networkFolder(t, "right")
	w.switchWith(t, left, "dvs-left", []string{"DC0_C0"}, "backend", "shared", "only-left")
	w.switchWith(t, right, "dvs-right", []string{"DC0_C1"}, "backend")
	w.switchWith(t, right, "dvs-both", []string{"DC0_C0", "DC0_C1"}, "shared")
	zero := w.namespace(t, inventory.NamespaceSpec{Name: "zero", ResourcePool: "DC0_C0"})
	one := w.namespace(t, inventory.NamespaceSpec{Name: "one", ResourcePool: "DC0_C1"})

	t.Run("means that of the namespace's cluster", func(t *testing.T) {
		for namespace, want := range map[*inventory.Namespace]string{&zero: "/DC0/network/left/backend", &one: "/DC0/network/right/backend"} {
			network, err := w.inventory.Network(t.Context(), *namespace, "backend")
			if err != nil {
				t.Fatal(err)
			}
			if network.Path != want {
				t.Errorf("in %s it is %s, want %s", namespace.Name, network.Path, want)
			}
		}
	})
	t.Run("is ambiguous where the cluster has both", func(t *testing.T) {
		_, err := w.inventory.Network(t.Context(), zero, "shared")
		wantError(t, err, vsphere.ErrAmbiguous, "/DC0/network/left/shared", "/DC0/network/right/shared", "inventory path")
	})
	t.Run("is told apart by path", func(t *testing.T) {
		for _, name := range []string{"right/shared", "/DC0/network/right/shared"} {
			network, err := w.inventory.Network(t.Context(), zero, name)
			if err != nil {
				t.Fatal(err)
			}
			if network.Path != "/DC0/network/right/shared" {
				t.Errorf("%s is %s", name, network.Path)
			}
		}
	})
	t.Run("out of the cluster's reach is not found", func(t *testing.T) {
		_, err := w.inventory.Network(t.Context(), one, "only-left")
		wantError(t, err, vsphere.ErrNotFound, `"only-left" exists (/DC0/network/left/only-left)`, "no host of /DC0/host/DC0_C1", `"backend"`)
	})
}

// NSX makes a port group on each switch of a segment: of one name, and in one folder.
func TestPortGroupsThatShareAPathAreToldApartByTheirSwitch(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { oneCluster(m); m.Portgroup = 0 })
	nested := w.networkFolder(t, "nsx")
	w.switchWith(t, w.folders.NetworkFolder, "dvs-a", []string{"DC0_C0"}, "a-seg")
	w.switchWith(t, nested, "dvs-b", []string{"DC0_C0"}, "b-seg")
	for _, entity := range w.registry.All("DistributedVirtualPortgroup") {
		group := entity.(*simulator.DistributedVirtualPortgroup)
		if group.Name == "a-seg" || group.Name == "b-seg" {
			group.Name = "segment"
			group.Parent = types.NewReference(w.folders.NetworkFolder.Reference())
		}
	}
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
	_, err := w.inventory.Network(t.Context(), namespace, "segment")
	wantError(t, err, vsphere.ErrAmbiguous, `2 networks "segment"`, "/DC0/network/dvs-a/segment, /DC0/network/nsx/dvs-b/segment")
	for name, want := range map[string]string{
		"dvs-a/segment": "dvs-a", "/DC0/network/dvs-a/segment": "dvs-a",
		"dvs-b/segment": "dvs-b", "nsx/dvs-b/segment": "dvs-b", "/DC0/network/nsx/dvs-b/segment": "dvs-b",
	} {
		network, err := w.inventory.Network(t.Context(), namespace, name)
		if err != nil {
			t.Fatal(err)
		}
		if network.Switch == nil || network.Switch.Name != want || network.Name != "segment" {
			t.Errorf("%s is %s of %v, want that of %s", name, network.Path, network.Switch, want)
		}
	}
	_, err = w.inventory.Network(t.Context(), namespace, "dvs-c/segment")
	wantError(t, err, vsphere.ErrNotFound, `no network "dvs-c/segment"`)
}

func (w *world) networkFolder(t *testing.T, name string) *object.Folder {
	t.Helper()
	folder, err := w.folders.NetworkFolder.CreateFolder(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestTheDefaultNetwork(t *testing.T) {
	w := newWorld(t, oneCluster)
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
	network := func(t *testing.T, namespace inventory.Namespace) string {
		t.Helper()
		got, err := w.inventory.Network(t.Context(), namespace, "")
		if err != nil {
			t.Fatal(err)
		}
		return got.Name
	}
	t.Run("is the namespace's", func(t *testing.T) {
		with := namespace
		with.DefaultNetwork = "DC0_DVPG0"
		if got := network(t, with); got != "DC0_DVPG0" {
			t.Errorf("it is %q, want DC0_DVPG0", got)
		}
	})
	t.Run("is VM Network without one", func(t *testing.T) {
		if got := network(t, namespace); got != "VM Network" {
			t.Errorf("it is %q, want VM Network", got)
		}
	})
	t.Run("is a matter of the configuration where neither decides", func(t *testing.T) {
		w := newWorld(t, func(m *simulator.Model) { oneCluster(m); m.Portgroup = 2 })
		withoutDefault(w, "DC0_DVPG0", "DC0_DVPG1")
		namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
		_, err := w.inventory.Network(t.Context(), namespace, "")
		wantError(t, err, vsphere.ErrAmbiguous, `namespace "n"`, "Set default_network", `"DC0_DVPG0", "DC0_DVPG1", "legacy"`)
	})
	t.Run("is the only one there is", func(t *testing.T) {
		w := newWorld(t, oneCluster)
		withoutDefault(w)
		got, err := w.inventory.Network(t.Context(), w.namespace(t, inventory.NamespaceSpec{Name: "n"}), "")
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != "legacy" {
			t.Errorf("it is %q, want legacy", got.Name)
		}
	})
}

// withoutDefault leaves the cluster with networks of other names than VM Network.
func withoutDefault(w *world, groups ...string) {
	for _, entity := range w.registry.All("Network") {
		entity.(*mo.Network).Name = "legacy"
	}
	cluster := w.registry.Any("ClusterComputeResource").(*simulator.ClusterComputeResource)
	cluster.Network = slices.DeleteFunc(cluster.Network, func(ref types.ManagedObjectReference) bool {
		group, ok := w.registry.Get(ref).(*simulator.DistributedVirtualPortgroup)
		return ok && !slices.Contains(groups, group.Name)
	})
}

func TestAnUnknownNetworkNamesTheNearest(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { oneCluster(m); m.Portgroup = 12 })
	_, err := w.inventory.Network(t.Context(), w.namespace(t, inventory.NamespaceSpec{Name: "n"}), "vm netwrok")
	wantError(t, err, vsphere.ErrNotFound, `no network "vm netwrok"`, "Of 14, the nearest are", `"VM Network"`)
}

func TestBacksComparesByIdentity(t *testing.T) {
	w := newWorld(t, oneCluster)
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
	network := func(name string) inventory.Network {
		n, err := w.inventory.Network(t.Context(), namespace, name)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	standard, distributed := network("VM Network"), network("DC0_DVPG0")
	reported, ok := distributed.Backing().(*types.VirtualEthernetCardDistributedVirtualPortBackingInfo)
	if !ok {
		t.Fatalf("backing is %T", distributed.Backing())
	}
	reported.Port.PortKey, reported.Port.ConnectionCookie = "7", 42 // vSphere fills these in
	byName := &types.VirtualEthernetCardNetworkBackingInfo{}
	byName.DeviceName = "VM Network"
	other := *byName
	other.DeviceName = "elsewhere"
	for _, test := range []struct {
		name    string
		network inventory.Network
		backing types.BaseVirtualDeviceBackingInfo
		want    bool
	}{
		{"a port of the group", distributed, reported, true},
		{"a port of another kind of network", standard, reported, false},
		{"a standard network by name", standard, byName, true},
		{"another standard network", standard, &other, false},
		{"no network at all", standard, &types.VirtualEthernetCardLegacyNetworkBackingInfo{}, false},
	} {
		if got := test.network.Backs(test.backing); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}
