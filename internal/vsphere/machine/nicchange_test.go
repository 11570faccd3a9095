package machine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

func portgroup(key string) types.BaseVirtualDeviceBackingInfo {
	return &types.VirtualEthernetCardDistributedVirtualPortBackingInfo{
		Port: types.DistributedVirtualSwitchPortConnection{PortgroupKey: key, SwitchUuid: "50 2c"},
	}
}

// placed is the backing as vCenter reports it back: with a port of its own.
func placed(key string) types.BaseVirtualDeviceBackingInfo {
	return &types.VirtualEthernetCardDistributedVirtualPortBackingInfo{
		Port: types.DistributedVirtualSwitchPortConnection{PortgroupKey: key, SwitchUuid: "50 2c", PortKey: "17", ConnectionCookie: 9},
	}
}

func standard(name string) types.BaseVirtualDeviceBackingInfo {
	return &types.VirtualEthernetCardNetworkBackingInfo{
		VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: name},
	}
}

// segment is an NSX network.
func segment(id string) types.BaseVirtualDeviceBackingInfo {
	return &types.VirtualEthernetCardOpaqueNetworkBackingInfo{OpaqueNetworkId: id, OpaqueNetworkType: "nsx.LogicalSwitch"}
}

// onSegment is a card whose port group stands for an NSX segment.
func onSegment(card ObservedNIC, id string) ObservedNIC {
	card.Backing.LogicalSwitch = id
	return card
}

// card is an observed VMXNet3.
func card(key int32, mac string, backing types.BaseVirtualDeviceBackingInfo) ObservedNIC {
	return newObservedNIC(&types.VirtualVmxnet3{VirtualVmxnet: types.VirtualVmxnet{VirtualEthernetCard: types.VirtualEthernetCard{
		VirtualDevice: types.VirtualDevice{Key: key, UnitNumber: types.NewInt32(key - 4000 + 7), Backing: backing},
		AddressType:   "assigned", MacAddress: mac, ExternalId: "port-1", SubnetId: "subnet-1",
	}}})
}

// change is what a test says of a device change.
type change struct {
	Operation types.VirtualDeviceConfigSpecOperation
	Key       int32
	Type      string
	MAC       string
	Address   string
	Network   string
	External  string
}

func changes(t *testing.T, specs []types.BaseVirtualDeviceConfigSpec) []change {
	t.Helper()
	var out []change
	for _, spec := range specs {
		s := spec.GetVirtualDeviceConfigSpec()
		device, ok := s.Device.(types.BaseVirtualEthernetCard)
		if !ok {
			t.Fatalf("change of %T, want a network card", s.Device)
		}
		c := device.GetVirtualEthernetCard()
		out = append(out, change{s.Operation, c.Key, cardType(device), c.MacAddress, c.AddressType, BackingOf(c.Backing).String(), c.ExternalId})
	}
	return out
}

func TestNICChanges(t *testing.T) {
	t.Parallel()
	const macA, macB = "00:50:56:aa:00:01", "00:50:56:aa:00:02"
	const add, edit, remove = types.VirtualDeviceConfigSpecOperationAdd, types.VirtualDeviceConfigSpecOperationEdit, types.VirtualDeviceConfigSpecOperationRemove
	for name, tc := range map[string]struct {
		want     []NIC
		have     []ObservedNIC
		recorded map[string]int32
		changes  []change
		plan     NICPlan
	}{
		"a card on its network is left alone": {
			want: []NIC{{Name: "eth0", Backing: portgroup("pg-1")}},
			have: []ObservedNIC{card(4000, macA, placed("pg-1"))},
			plan: NICPlan{Keep: []string{"eth0"}, Keys: map[string]int32{"eth0": 4000}},
		},
		"MAC addresses are compared without regard to case": {
			want: []NIC{{Name: "eth0", MAC: "00:50:56:AA:00:01", Backing: portgroup("pg-1")}},
			have: []ObservedNIC{card(4000, macA, placed("pg-1"))},
			plan: NICPlan{Keep: []string{"eth0"}, Keys: map[string]int32{"eth0": 4000}},
		},
		"another network is an edit that keeps key and address": {
			want:     []NIC{{Name: "eth0", Backing: portgroup("pg-2")}},
			have:     []ObservedNIC{card(4000, macA, placed("pg-1"))},
			recorded: map[string]int32{"eth0": 4000},
			changes:  []change{{edit, 4000, "VMXNet3", macA, "assigned", "pg-2", ""}},
			plan:     NICPlan{Edit: []string{"eth0"}, Keys: map[string]int32{"eth0": 4000}},
		},
		"another address is an edit that keeps the network": {
			want:     []NIC{{Name: "eth0", MAC: "00:50:56:00:00:09", Backing: portgroup("pg-1")}},
			have:     []ObservedNIC{card(4000, macA, placed("pg-1"))},
			recorded: map[string]int32{"eth0": 4000},
			changes:  []change{{edit, 4000, "VMXNet3", "00:50:56:00:00:09", "manual", "pg-1", "port-1"}},
			plan: NICPlan{
				Edit: []string{"eth0"}, Keys: map[string]int32{"eth0": 4000},
				Offline: []Reason{{PartInterface, "eth0", "the MAC address cannot change while the machine runs"}},
			},
		},
		"an NSX segment that vCenter reports as its port group is left alone": {
			want:     []NIC{{Name: "eth0", Backing: segment("ls-1")}},
			have:     []ObservedNIC{onSegment(card(4000, macA, placed("pg-1")), "ls-1")},
			recorded: map[string]int32{"eth0": 4000},
			plan:     NICPlan{Keep: []string{"eth0"}, Keys: map[string]int32{"eth0": 4000}},
		},
		"an NSX segment identifies a card by its port group": {
			want: []NIC{{Name: "b", Backing: segment("ls-2")}, {Name: "a", Backing: segment("ls-1")}},
			have: []ObservedNIC{onSegment(card(4000, macA, placed("pg-1")), "ls-1"), onSegment(card(4001, macB, placed("pg-2")), "ls-2")},
			plan: NICPlan{Keep: []string{"b", "a"}, Keys: map[string]int32{"a": 4000, "b": 4001}},
		},
		"another NSX segment is an edit": {
			want:     []NIC{{Name: "eth0", Backing: segment("ls-2")}},
			have:     []ObservedNIC{onSegment(card(4000, macA, placed("pg-1")), "ls-1")},
			recorded: map[string]int32{"eth0": 4000},
			changes:  []change{{edit, 4000, "VMXNet3", macA, "assigned", "ls-2", ""}},
			plan:     NICPlan{Edit: []string{"eth0"}, Keys: map[string]int32{"eth0": 4000}},
		},
		"another interface does not get the card of one that goes": {
			want:     []NIC{{Name: "eth1", Backing: portgroup("pg-1")}},
			have:     []ObservedNIC{card(4000, macA, placed("pg-1"))},
			recorded: map[string]int32{"eth0": 4000},
			changes:  []change{{remove, 4000, "VMXNet3", macA, "assigned", "pg-1", "port-1"}, {add, -100, "VMXNet3", "", "generated", "pg-1", ""}},
			plan:     NICPlan{Add: []string{"eth1"}, Remove: []ObservedNIC{{Key: 4000}}, Keys: map[string]int32{}},
		},
		"SR-IOV cards come and go while the machine is off": {
			want:     []NIC{{Name: "fast", Type: "SRIOV", Backing: portgroup("pg-1")}},
			have:     []ObservedNIC{newObservedNIC(&types.VirtualSriovEthernetCard{VirtualEthernetCard: types.VirtualEthernetCard{VirtualDevice: types.VirtualDevice{Key: 4000, DeviceInfo: &types.Description{Label: "SR-IOV network adapter 1"}, Backing: placed("pg-9")}, MacAddress: macA}})},
			recorded: map[string]int32{"gone": 4000},
			changes:  []change{{remove, 4000, "SRIOV", macA, "", "pg-9", ""}, {add, -100, "SRIOV", "", "generated", "pg-1", ""}},
			plan: NICPlan{
				Add: []string{"fast"}, Remove: []ObservedNIC{{Key: 4000}}, Keys: map[string]int32{},
				Offline: []Reason{
					{PartInterface, "fast", "an SR-IOV card cannot be added to a running machine"},
					{PartInterface, "SR-IOV network adapter 1", "an SR-IOV card cannot be removed from a running machine"},
				},
			},
		},
		"interfaces that changed places keep their cards": {
			want:     []NIC{{Name: "b", Backing: portgroup("pg-1")}, {Name: "a", Backing: portgroup("pg-1")}},
			have:     []ObservedNIC{card(4000, macA, placed("pg-1")), card(4001, macB, placed("pg-1"))},
			recorded: map[string]int32{"a": 4000, "b": 4001},
			plan:     NICPlan{Keep: []string{"b", "a"}, Keys: map[string]int32{"a": 4000, "b": 4001}},
		},
		"removing the first interface removes its card and no other": {
			want:     []NIC{{Name: "b", Backing: portgroup("pg-1")}},
			have:     []ObservedNIC{card(4000, macA, placed("pg-1")), card(4001, macB, placed("pg-1"))},
			recorded: map[string]int32{"a": 4000, "b": 4001},
			changes:  []change{{remove, 4000, "VMXNet3", macA, "assigned", "pg-1", "port-1"}},
			plan:     NICPlan{Keep: []string{"b"}, Remove: []ObservedNIC{{Key: 4000}}, Keys: map[string]int32{"b": 4001}},
		},
		"removals go before edits, edits before additions": {
			want: []NIC{
				{Name: "new1", Backing: standard("VM Network")},
				{Name: "a", Backing: portgroup("pg-2")},
				{Name: "new2", Type: "E1000e", MAC: "00:50:56:00:00:0A", Backing: portgroup("pg-3")},
			},
			have:     []ObservedNIC{card(4000, macA, placed("pg-1")), card(4001, macB, placed("pg-9"))},
			recorded: map[string]int32{"a": 4000, "gone": 4001},
			changes: []change{
				{remove, 4001, "VMXNet3", macB, "assigned", "pg-9", "port-1"},
				{edit, 4000, "VMXNet3", macA, "assigned", "pg-2", ""},
				{add, -100, "VMXNet3", "", "generated", "VM Network", ""},
				{add, -101, "E1000e", "00:50:56:00:00:0a", "manual", "pg-3", ""},
			},
			plan: NICPlan{Edit: []string{"a"}, Add: []string{"new1", "new2"}, Remove: []ObservedNIC{{Key: 4001}}, Keys: map[string]int32{"a": 4000}},
		},
		"a card of another type than wanted is replaced": {
			want:     []NIC{{Name: "a", Type: "E1000", Backing: portgroup("pg-1")}},
			have:     []ObservedNIC{card(4000, macA, placed("pg-1"))},
			recorded: map[string]int32{"a": 4000},
			changes: []change{
				{remove, 4000, "VMXNet3", macA, "assigned", "pg-1", "port-1"},
				{add, -100, "E1000", "", "generated", "pg-1", ""},
			},
			plan: NICPlan{Add: []string{"a"}, Remove: []ObservedNIC{{Key: 4000}}, Keys: map[string]int32{}},
		},
		"an address identifies a card whose network changed": {
			want:    []NIC{{Name: "a", MAC: macB, Backing: portgroup("pg-1")}},
			have:    []ObservedNIC{card(4000, macA, placed("pg-1")), card(4001, macB, placed("pg-2"))},
			changes: []change{{remove, 4000, "VMXNet3", macA, "assigned", "pg-1", "port-1"}, {edit, 4001, "VMXNet3", macB, "assigned", "pg-1", ""}},
			plan:    NICPlan{Edit: []string{"a"}, Remove: []ObservedNIC{{Key: 4000}}, Keys: map[string]int32{"a": 4001}},
		},
		"a wanted address does not take a card of another address": {
			want:    []NIC{{Name: "a", MAC: "00:50:56:00:00:09", Backing: portgroup("pg-1")}},
			have:    []ObservedNIC{card(4000, macA, placed("pg-1"))},
			changes: []change{{remove, 4000, "VMXNet3", macA, "assigned", "pg-1", "port-1"}, {add, -100, "VMXNet3", "00:50:56:00:00:09", "manual", "pg-1", ""}},
			plan:    NICPlan{Add: []string{"a"}, Remove: []ObservedNIC{{Key: 4000}}, Keys: map[string]int32{}},
		},
		"a card that is connected to nothing never matches by network": {
			want:    []NIC{{Name: "a", Backing: portgroup("pg-1")}},
			have:    []ObservedNIC{card(4000, macA, nil)},
			changes: []change{{remove, 4000, "VMXNet3", macA, "assigned", "no network", "port-1"}, {add, -100, "VMXNet3", "", "generated", "pg-1", ""}},
			plan:    NICPlan{Add: []string{"a"}, Remove: []ObservedNIC{{Key: 4000}}, Keys: map[string]int32{}},
		},
		"without interfaces all cards go": {
			have:    []ObservedNIC{card(4000, macA, placed("pg-1"))},
			changes: []change{{remove, 4000, "VMXNet3", macA, "assigned", "pg-1", "port-1"}},
			plan:    NICPlan{Remove: []ObservedNIC{{Key: 4000}}, Keys: map[string]int32{}},
		},
		"an interface without an address does not take the card of one with": {
			want: []NIC{{Name: "a", Backing: portgroup("pg-1")}, {Name: "b", MAC: macA, Backing: portgroup("pg-1")}},
			have: []ObservedNIC{card(4000, macA, placed("pg-1")), card(4001, macB, placed("pg-1"))},
			plan: NICPlan{Keep: []string{"a", "b"}, Keys: map[string]int32{"a": 4001, "b": 4000}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, plan, err := NICChanges(tc.want, tc.have, tc.recorded)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.changes, changes(t, got)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			onlyKeys := cmp.Comparer(func(a, b ObservedNIC) bool { return a.Key == b.Key })
			if diff := cmp.Diff(tc.plan, plan, onlyKeys); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if plan.Empty() != (len(got) == 0) {
				t.Errorf("Empty() = %v with %d changes", plan.Empty(), len(got))
			}
		})
	}
}

func TestNICChangesDoNotTouchWhatWasObserved(t *testing.T) {
	t.Parallel()
	have := []ObservedNIC{card(4000, "00:50:56:aa:00:01", placed("pg-1"))}
	if _, _, err := NICChanges([]NIC{{Name: "a", Backing: portgroup("pg-2"), MAC: "00:50:56:00:00:01"}}, have, map[string]int32{"a": 4000}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]ObservedNIC{card(4000, "00:50:56:aa:00:01", placed("pg-1"))}, have); diff != "" {
		t.Errorf("observed cards changed (-before +after):\n%s", diff)
	}
}

func TestNICChangesRefuseWhatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]NIC{
		"unknown type": {Name: "a", Type: "vmxnet3", Backing: portgroup("pg-1")},
		"no network":   {Name: "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := NICChanges([]NIC{want}, nil, nil); !errors.Is(err, vsphere.ErrInvalidArgument) {
				t.Errorf("error %v, want ErrInvalidArgument", err)
			}
		})
	}
}

func TestEveryCardTypeIsRecognisedAgain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"VMXNet3", "E1000", "E1000e", "SRIOV", "VMXNet2", "PCNet32"} {
		spec, err := addCard(NIC{Name: "a", Type: name, Backing: standard("n")}, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := newObservedNIC(spec.GetVirtualDeviceConfigSpec().Device.(types.BaseVirtualEthernetCard))
		if got.Type != name {
			t.Errorf("a card of type %s is observed as %q", name, got.Type)
		}
	}
}
