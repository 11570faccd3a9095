package machine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

func allocation(reservation, limit int64, shares types.SharesLevel, number int32) *types.ResourceAllocationInfo {
	return &types.ResourceAllocationInfo{
		Reservation: &reservation, Limit: &limit, Shares: &types.SharesInfo{Level: shares, Shares: number},
	}
}

func TestSizeChange(t *testing.T) {
	t.Parallel()
	plugs := HotPlug{CPUs: true, Memory: true, MemoryLimitMB: 16384, MemoryStepMB: 128}
	normal := allocation(0, -1, types.SharesLevelNormal, 2000)
	for name, tc := range map[string]struct {
		have    Observation // beside 2 processors, 4096 MB
		want    Size
		spec    types.VirtualMachineConfigSpec
		offline []string
	}{
		"nothing is wanted":      {Observation{HotPlug: plugs}, Size{}, types.VirtualMachineConfigSpec{}, nil},
		"nothing differs":        {Observation{CPUAllocation: normal}, Size{CPUs: 2, MemoryMB: 4096, CPUAllocation: allocation(0, -1, types.SharesLevelNormal, 0), MemoryAllocation: &types.ResourceAllocationInfo{}}, types.VirtualMachineConfigSpec{}, nil},
		"more of both, hot":      {Observation{HotPlug: plugs}, Size{CPUs: 4, MemoryMB: 8192}, types.VirtualMachineConfigSpec{NumCPUs: 4, MemoryMB: 8192}, nil},
		"more of both, cold":     {Observation{}, Size{CPUs: 4, MemoryMB: 8192}, types.VirtualMachineConfigSpec{NumCPUs: 4, MemoryMB: 8192}, []string{"cpu: 2 processors cannot become 4 while it runs: adding processors is not enabled", "memory: 4096 MB cannot become 8192 MB while it runs: adding memory is not enabled"}},
		"fewer processors":       {Observation{HotPlug: plugs}, Size{CPUs: 1}, types.VirtualMachineConfigSpec{NumCPUs: 1}, []string{"cpu: 2 processors cannot become 1 while it runs: removing processors is not enabled"}},
		"fewer processors, hot":  {Observation{HotPlug: HotPlug{RemoveCPUs: true}}, Size{CPUs: 1}, types.VirtualMachineConfigSpec{NumCPUs: 1}, nil},
		"less memory":            {Observation{HotPlug: plugs}, Size{MemoryMB: 2048}, types.VirtualMachineConfigSpec{MemoryMB: 2048}, []string{"memory: 4096 MB cannot become 2048 MB while it runs"}},
		"beyond the limit":       {Observation{HotPlug: plugs}, Size{MemoryMB: 32768}, types.VirtualMachineConfigSpec{MemoryMB: 32768}, []string{"memory: 32768 MB are more than the 16384 MB that it can have while it runs"}},
		"at the limit":           {Observation{HotPlug: plugs}, Size{MemoryMB: 16384}, types.VirtualMachineConfigSpec{MemoryMB: 16384}, nil},
		"not a multiple":         {Observation{HotPlug: plugs}, Size{MemoryMB: 4100}, types.VirtualMachineConfigSpec{MemoryMB: 4100}, []string{"memory: 4 MB more are no multiple of the 128 MB that can be added while it runs"}},
		"cores per socket":       {Observation{HotPlug: plugs, CoresPerSocket: 2}, Size{CPUs: 3}, types.VirtualMachineConfigSpec{NumCPUs: 3, NumCoresPerSocket: types.NewInt32(1)}, []string{"cpu: 3 processors are no multiple of the 2 cores per socket, which become 1"}},
		"cores per socket, fits": {Observation{HotPlug: plugs, CoresPerSocket: 2}, Size{CPUs: 4}, types.VirtualMachineConfigSpec{NumCPUs: 4}, nil},
		// Unset members would leave what is there.
		"an allocation replaces the other": {
			Observation{CPUAllocation: allocation(500, 1000, types.SharesLevelHigh, 4000)},
			Size{CPUAllocation: &types.ResourceAllocationInfo{Limit: types.NewInt64(2000)}},
			types.VirtualMachineConfigSpec{CpuAllocation: allocation(0, 2000, types.SharesLevelNormal, 0)},
			nil,
		},
		"custom shares are compared by number": {
			Observation{MemoryAllocation: allocation(0, -1, types.SharesLevelCustom, 100)},
			Size{MemoryAllocation: allocation(0, -1, types.SharesLevelCustom, 200)},
			types.VirtualMachineConfigSpec{MemoryAllocation: allocation(0, -1, types.SharesLevelCustom, 200)},
			nil,
		},
		"a locked reservation is vSphere's": {
			Observation{MemoryLocked: true, MemoryAllocation: allocation(4096, -1, types.SharesLevelNormal, 0)},
			Size{MemoryAllocation: allocation(0, -1, types.SharesLevelNormal, 0)},
			types.VirtualMachineConfigSpec{},
			nil,
		},
		"a locked reservation is not sent with another limit": {
			Observation{MemoryLocked: true, MemoryAllocation: allocation(4096, -1, types.SharesLevelNormal, 0)},
			Size{MemoryAllocation: allocation(1024, 8192, types.SharesLevelNormal, 0)},
			types.VirtualMachineConfigSpec{MemoryAllocation: &types.ResourceAllocationInfo{Limit: types.NewInt64(8192), Shares: &types.SharesInfo{Level: types.SharesLevelNormal}}},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.have.CPUs, tc.have.MemoryMB = 2, 4096
			change := SizeChange(tc.want, &tc.have)
			if diff := cmp.Diff(tc.spec, change.Spec); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.offline, spoken(change.Offline)); diff != "" {
				t.Errorf("offline (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSRIOVNeedsAllMemoryReserved(t *testing.T) {
	t.Parallel()
	fast := []NIC{{Name: "eth0"}, {Name: "fast", Type: "SRIOV"}}
	for name, tc := range map[string]struct {
		nics       []NIC
		allocation *types.ResourceAllocationInfo
		locked     bool
		want       error
	}{
		"no SR-IOV":      {fast[:1], nil, false, nil},
		"nothing":        {fast, nil, false, vsphere.ErrInvalidArgument},
		"not all":        {fast, &types.ResourceAllocationInfo{Reservation: types.NewInt64(4095)}, false, vsphere.ErrInvalidArgument},
		"all":            {fast, &types.ResourceAllocationInfo{Reservation: types.NewInt64(4096)}, false, nil},
		"vSphere's lock": {fast, nil, true, nil},
	} {
		err := CheckSRIOV(tc.nics, 4096, tc.allocation, tc.locked)
		if !errors.Is(err, tc.want) || tc.want != nil && !contains(err, `interface "fast" is of type SRIOV`) {
			t.Errorf("%s: error %v, want %v", name, err, tc.want)
		}
	}
}

func TestNoMoreIsReservedThanThereIs(t *testing.T) {
	t.Parallel()
	bounds := func(reservation, limit int64) *types.ResourceAllocationInfo {
		return &types.ResourceAllocationInfo{Reservation: &reservation, Limit: &limit}
	}
	lock, unlock := &types.VirtualMachineConfigSpec{MemoryReservationLockedToMax: types.NewBool(true)}, &types.VirtualMachineConfigSpec{MemoryReservationLockedToMax: types.NewBool(false)}
	for name, tc := range map[string]struct {
		want   Size
		base   *types.VirtualMachineConfigSpec
		locked bool
		part   Part
		text   string
	}{
		"nothing is wanted":                        {},
		"all of the memory":                        {want: Size{MemoryMB: 2048, MemoryAllocation: bounds(2048, -1)}},
		"more than the wanted memory":              {want: Size{MemoryMB: 1024, MemoryAllocation: bounds(2048, -1)}, part: PartMemory, text: "2048 MB of memory are to be reserved, and the machine has 1024 MB"},
		"more than the memory that is there":       {want: Size{MemoryAllocation: bounds(8192, -1)}, part: PartMemory, text: "8192 MB of memory are to be reserved, and the machine has 4096 MB"},
		"less memory than is reserved already":     {want: Size{MemoryMB: 512}, part: PartMemory, text: "1024 MB of memory are to be reserved, and the machine has 512 MB"},
		"which vSphere adjusts where it is locked": {want: Size{MemoryMB: 512}, locked: true},
		"by the class":                             {want: Size{MemoryMB: 512}, base: lock},
		"and not where the lock ends":              {want: Size{MemoryMB: 512}, base: unlock, locked: true, part: PartMemory, text: "1024 MB"},
		"more memory than its limit":               {want: Size{MemoryAllocation: bounds(2048, 1024)}, part: PartMemory, text: "2048 MB of memory are to be reserved, and the limit is 1024 MB"},
		"as much as the limit":                     {want: Size{CPUAllocation: bounds(2000, 2000)}},
		"more processors than their limit":         {want: Size{CPUAllocation: bounds(2000, 1000)}, part: PartCPU, text: "2000 MHz are to be reserved, and the limit is 1000 MHz"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have, recorded := built(off)
			have.MemoryAllocation, have.MemoryLocked = bounds(1024, -1), tc.locked
			_, err := Compare(&Wanted{Size: tc.want, Base: tc.base}, have, recorded)
			if tc.text == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			part := PartError{}
			if !errors.As(err, &part) || part.Part != tc.part || !errors.Is(err, vsphere.ErrInvalidArgument) || !contains(err, tc.text) {
				t.Errorf("error %v, want one of %s with %q", err, tc.part, tc.text)
			}
		})
	}
}
