package machine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

func TestAssign(t *testing.T) {
	t.Parallel()
	opaque := &types.VirtualEthernetCardOpaqueNetworkBackingInfo{OpaqueNetworkId: "ls-1", OpaqueNetworkType: "nsx.LogicalSwitch"}
	for name, tc := range map[string]struct {
		want     []NIC
		have     []ObservedNIC
		recorded map[string]int32
		keys     map[string]int32
	}{
		"cards of one network go in the order of units": {
			want: []NIC{{Name: "a", Backing: portgroup("pg-1")}, {Name: "b", Backing: portgroup("pg-1")}},
			have: []ObservedNIC{card(4000, "m0", placed("pg-1")), card(4001, "m1", placed("pg-1"))},
			keys: map[string]int32{"a": 4000, "b": 4001},
		},
		"an added card is paired although its interface comes first": {
			want:     []NIC{{Name: "new", Backing: portgroup("pg-1")}, {Name: "old", Backing: portgroup("pg-1")}},
			have:     []ObservedNIC{card(4000, "m0", placed("pg-1")), card(4001, "m1", placed("pg-1"))},
			recorded: map[string]int32{"old": 4000},
			keys:     map[string]int32{"new": 4001, "old": 4000},
		},
		"a network that vCenter reports as another is paired by order": {
			want: []NIC{{Name: "nsx", Backing: opaque}, {Name: "plain", Backing: portgroup("pg-1")}},
			have: []ObservedNIC{card(4000, "m0", placed("pg-nsx")), card(4001, "m1", placed("pg-1"))},
			keys: map[string]int32{"nsx": 4000, "plain": 4001},
		},
		"order does not decide where the numbers differ": {
			want: []NIC{{Name: "nsx", Backing: opaque}},
			have: []ObservedNIC{card(4000, "m0", placed("pg-8")), card(4001, "m1", placed("pg-9"))},
			keys: map[string]int32{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.keys, Assign(tc.want, tc.have, tc.recorded)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBackingSame(t *testing.T) {
	t.Parallel()
	ref := Ref{Type: "Network", Value: "network-7"}
	for name, tc := range map[string]struct {
		a, b Backing
		same bool
	}{
		"standard by reference, renamed": {Backing{Kind: StandardNetwork, Name: "a", Network: ref}, Backing{Kind: StandardNetwork, Name: "b", Network: ref}, true},
		"standard by name":               {Backing{Kind: StandardNetwork, Name: "a"}, Backing{Kind: StandardNetwork, Name: "a", Network: ref}, true},
		"port group of another switch":   {Backing{Kind: DistributedPortgroup, PortgroupKey: "p", SwitchUUID: "1"}, Backing{Kind: DistributedPortgroup, PortgroupKey: "p", SwitchUUID: "2"}, false},
		"port group, switch unknown":     {Backing{Kind: DistributedPortgroup, PortgroupKey: "p", SwitchUUID: "1"}, Backing{Kind: DistributedPortgroup, PortgroupKey: "p"}, true},
		"opaque":                         {Backing{Kind: OpaqueNetwork, OpaqueID: "o"}, Backing{Kind: OpaqueNetwork, OpaqueID: "o", OpaqueType: "nsx"}, true},
		"NSX segment and its port group": {Backing{Kind: OpaqueNetwork, OpaqueID: "o"}, Backing{Kind: DistributedPortgroup, PortgroupKey: "p", LogicalSwitch: "o"}, true},
		"NSX segment, another one's":     {Backing{Kind: OpaqueNetwork, OpaqueID: "o"}, Backing{Kind: DistributedPortgroup, PortgroupKey: "p", LogicalSwitch: "x"}, false},
		"NSX segment, vSphere's own":     {Backing{Kind: OpaqueNetwork}, Backing{Kind: DistributedPortgroup, PortgroupKey: "p"}, false},
		"kinds":                          {Backing{Kind: StandardNetwork, Name: "p"}, Backing{Kind: DistributedPortgroup, PortgroupKey: "p"}, false},
		"nothing and nothing":            {Backing{}, Backing{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.a.Same(tc.b) != tc.same || tc.b.Same(tc.a) != tc.same {
				t.Errorf("Same = %v and %v, want %v", tc.a.Same(tc.b), tc.b.Same(tc.a), tc.same)
			}
		})
	}
}
