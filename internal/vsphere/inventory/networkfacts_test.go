package inventory_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

func number(v int32) *int32 { return &v }

// groups are the distributed port groups by name. Those of uplinks are made known as such,
// which the simulator leaves out.
func (w *world) groups() map[string]*simulator.DistributedVirtualPortgroup {
	groups := map[string]*simulator.DistributedVirtualPortgroup{}
	for _, entity := range w.registry.All("DistributedVirtualPortgroup") {
		group := entity.(*simulator.DistributedVirtualPortgroup)
		groups[group.Name] = group
		group.Config.Uplink = types.NewBool(strings.Contains(group.Name, "DVUplinks"))
	}
	return groups
}

// listed are the networks of a namespace.
func (w *world) listed(t *testing.T, namespace inventory.Namespace) []inventory.Network {
	t.Helper()
	networks, err := w.inventory.Networks(t.Context(), namespace)
	if err != nil {
		t.Fatal(err)
	}
	return networks
}

func TestTheVLANOfANetwork(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { oneCluster(m); m.Portgroup = 5; m.OpaqueNetwork = 1 })
	groups := w.groups()
	tag := func(name string, vlan types.BaseVmwareDistributedVirtualSwitchVlanSpec) {
		groups[name].Config.DefaultPortConfig = &types.VMwareDVSPortSetting{Vlan: vlan}
	}
	tag("DC0_DVPG0", &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: 100})
	tag("DC0_DVPG1", &types.VmwareDistributedVirtualSwitchTrunkVlanSpec{VlanId: []types.NumericRange{{Start: 300, End: 399}, {Start: 7, End: 7}}})
	tag("DC0_DVPG2", &types.VmwareDistributedVirtualSwitchPvlanSpec{PvlanId: 5})
	tag("DC0_DVPG3", &types.VmwareDistributedVirtualSwitchVlanIdSpec{})
	tag("DC0_DVPG4", &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: 1})
	groups["DC0_DVPG4"].Config.BackingType = "nsx"
	networks := w.listed(t, w.namespace(t, inventory.NamespaceSpec{Name: "n"}))
	var vlans map[string]inventory.VLAN
	calls := w.calls(func() {
		var err error
		if vlans, err = w.inventory.VLANs(t.Context(), networks...); err != nil {
			t.Fatal(err)
		}
	})
	got := map[string]inventory.VLAN{}
	for _, network := range networks {
		if vlan, ok := vlans[network.ID]; ok {
			got[network.Name] = vlan
		}
	}
	want := map[string]inventory.VLAN{
		"DC0_DVPG0": {ID: number(100)},
		"DC0_DVPG1": {Trunk: []inventory.VLANRange{{First: 7, Last: 7}, {First: 300, Last: 399}}},
		"DC0_DVPG2": {PrivateID: number(5)},
		"DC0_DVPG3": {ID: number(0)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("VLANs (-want +got):\n%s", diff)
	}
	if calls != 1 {
		t.Errorf("%d calls, want 1", calls)
	}
	standard, err := w.inventory.Network(t.Context(), w.namespace(t, inventory.NamespaceSpec{Name: "n"}), "VM Network")
	if err != nil {
		t.Fatal(err)
	}
	if calls := w.calls(func() { vlans, err = w.inventory.VLANs(t.Context(), standard) }); calls != 0 || err != nil || len(vlans) > 0 {
		t.Errorf("for a standard network, %d calls tell %v, %v", calls, vlans, err)
	}
}

func TestThePortGroupsOfASwitchWithSRIOV(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { twoClusters(m); m.Portgroup = 0 })
	w.switchWith(t, w.folders.NetworkFolder, "fast", []string{"DC0_C0", "DC0_C1"}, "storage")
	w.switchWith(t, w.folders.NetworkFolder, "plain", []string{"DC0_C0", "DC0_C1"}, "office")
	w.groups()
	var fast string
	for _, entity := range w.registry.All("DistributedVirtualSwitch") {
		if dvs := entity.(*simulator.DistributedVirtualSwitch); dvs.Name == "fast" {
			fast = dvs.Uuid
		}
	}
	if fast == "" {
		t.Fatal("there is no switch fast")
	}
	for _, entity := range w.registry.All("ClusterComputeResource") {
		cluster := entity.(*simulator.ClusterComputeResource)
		if cluster.Name == "DC0_C0" {
			browser := w.registry.Get(*cluster.EnvironmentBrowser).(*simulator.EnvironmentBrowser)
			browser.QueryConfigTargetResponse.Returnval = &types.ConfigTarget{Sriov: []types.VirtualMachineSriovInfo{
				{Pnic: "vmnic7"}, // of no switch
				{VirtualFunction: true, DevicePool: &types.VirtualMachineSriovNetworkDevicePoolInfo{SwitchUuid: fast}},
				{VirtualFunction: true, DevicePool: &types.VirtualMachineSriovNetworkDevicePoolInfo{SwitchKey: "vSwitch0"}},
			}}
		}
	}
	for _, test := range []struct {
		pool string
		want map[string]bool
	}{
		{"DC0_C0", map[string]bool{"storage": true, "office": false}},
		{"DC0_C1", map[string]bool{"storage": false, "office": false}},
	} {
		t.Run(test.pool, func(t *testing.T) {
			namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n", ResourcePool: test.pool})
			networks := w.listed(t, namespace)
			got := map[string]bool{}
			calls := w.calls(func() {
				for range 2 {
					told, err := w.inventory.SRIOV(t.Context(), namespace, networks...)
					if err != nil {
						t.Fatal(err)
					}
					for _, network := range networks {
						if sriov, ok := told[network.ID]; ok {
							got[network.Name] = sriov
						}
					}
				}
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("SR-IOV (-want +got):\n%s", diff)
			}
			if calls != 1 {
				t.Errorf("%d calls, want 1", calls)
			}
		})
	}
}
