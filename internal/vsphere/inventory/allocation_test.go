package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

func amount(v int64) *int64 { return &v }

func shares(reservation, limit int64, level types.SharesLevel) types.ResourceAllocationInfo {
	return types.ResourceAllocationInfo{Reservation: &reservation, Limit: &limit, Shares: &types.SharesInfo{Level: level}}
}

func TestAllocation(t *testing.T) {
	t.Parallel()
	const normal = types.SharesLevelNormal
	given := types.ResourceAllocationInfo{Reservation: amount(7), Shares: &types.SharesInfo{Level: types.SharesLevelHigh}}
	for _, test := range []struct {
		name        string
		class       inventory.Class
		cpu, memory types.ResourceAllocationInfo
	}{
		{
			"nothing asked for",
			inventory.Class{},
			shares(0, -1, normal), shares(0, -1, normal),
		},
		{
			"requests are reserved, rounded up",
			inventory.Class{Resources: inventory.Resources{CPURequestMilli: amount(1500), MemoryRequestBytes: amount(1<<30 + 1)}},
			shares(3450, -1, normal), shares(1025, -1, normal), // 1.5 × 2300 MHz; one byte more is one MiB more
		},
		{
			"a thousandth of a core",
			inventory.Class{Resources: inventory.Resources{CPURequestMilli: amount(1)}},
			shares(3, -1, normal), shares(0, -1, normal), // 2.3 MHz
		},
		{
			"limits alone reserve nothing",
			inventory.Class{Resources: inventory.Resources{CPULimitMilli: amount(2000), MemoryLimitBytes: amount(1 << 30)}},
			shares(0, 4600, normal), shares(0, 1024, normal),
		},
		{
			"what the ConfigSpec leaves open is filled in",
			inventory.Class{ConfigSpec: &types.VirtualMachineConfigSpec{CpuAllocation: &given}},
			shares(7, -1, types.SharesLevelHigh), shares(0, -1, normal),
		},
		{
			"a request replaces the ConfigSpec's allocation, shares included",
			inventory.Class{
				Resources:  inventory.Resources{CPULimitMilli: amount(1000)},
				ConfigSpec: &types.VirtualMachineConfigSpec{CpuAllocation: &given, MemoryAllocation: &given},
			},
			shares(0, 2300, normal), shares(7, -1, types.SharesLevelHigh),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cpu, memory := inventory.Allocation(&test.class, 2300)
			if diff := cmp.Diff(test.cpu, cpu); diff != "" {
				t.Errorf("cpu (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.memory, memory); diff != "" {
				t.Errorf("memory (-want +got):\n%s", diff)
			}
		})
	}
	if given.Limit != nil {
		t.Error("the class's own ConfigSpec was changed")
	}
}

func TestMemoryOfAClassIsRoundedUp(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]int64{0: 0, 1: 1, 1 << 20: 1, 1<<20 + 1: 2, 4 << 30: 4096} {
		class := inventory.Class{MemoryBytes: bytes}
		if got := class.MemoryMB(); got != want {
			t.Errorf("%d bytes are %d MiB, want %d", bytes, got, want)
		}
	}
}

func TestCoresAreWorthWhatTheSlowestHostOfTheClusterMakesOfThem(t *testing.T) {
	w := newWorld(t, twoClusters)
	mhz := map[string]int32{"DC0_C0_H0": 2600, "DC0_C0_H1": 2300, "DC0_C1_H0": 1800, "DC0_C1_H1": 0}
	for _, entity := range w.registry.All("HostSystem") {
		host := entity.(*simulator.HostSystem)
		hardware := *host.Summary.Hardware // shared between the simulator's hosts
		hardware.CpuMhz = mhz[host.Name]
		host.Summary.Hardware = &hardware
	}
	for cluster, want := range map[string]int64{"DC0_C0": 2300, "DC0_C1": 1800} {
		got, err := w.inventory.LowestMHz(t.Context(), w.namespace(t, inventory.NamespaceSpec{Name: "n", ResourcePool: cluster}))
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: %d MHz, want %d", cluster, got, want)
		}
	}
}

func TestAClusterWithoutHostsHasNoClockRate(t *testing.T) {
	w := newWorld(t, func(m *simulator.Model) { m.Cluster, m.ClusterHost, m.Datastore = 1, 1, 1 })
	for _, entity := range w.registry.All("HostSystem") {
		entity.(*simulator.HostSystem).Summary.Hardware = nil
	}
	_, err := w.inventory.LowestMHz(t.Context(), w.namespace(t, inventory.NamespaceSpec{Name: "n"}))
	wantError(t, err, vsphere.ErrNotFound, "/DC0/host/DC0_C0", "clock rate", "cpu requests and limits")
}
