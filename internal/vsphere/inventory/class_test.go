package inventory_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vapi/namespace"
	_ "github.com/vmware/govmomi/vapi/namespace/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// class adds a class to vCenter for the time of the test: the simulator shares its classes
// among all servers of a process.
func (w *world) class(t *testing.T, spec namespace.VirtualMachineClassCreateSpec) {
	t.Helper()
	client, err := w.client.REST(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	manager := namespace.NewManager(client)
	if err := manager.CreateVmClass(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := manager.DeleteVmClass(context.WithoutCancel(t.Context()), spec.Id); err != nil {
			t.Error(err)
		}
	})
}

func TestClassesOfVCenterReservePercentages(t *testing.T) {
	w := newWorld(t, oneCluster)
	w.class(t, namespace.VirtualMachineClassCreateSpec{
		Id: "half", CpuCount: 4, MemoryMb: 8192, CpuReservation: 50, MemoryReservation: 25,
		Devices: namespace.VirtualDevices{
			VgpuDevices:         []namespace.VgpuDevice{{ProfileName: "grid_v100-4q"}},
			DirectPathIoDevices: []namespace.DirectPathIoDevice{{VendorId: 32902, DeviceId: 5461, CustomLabel: "nic"}},
		},
	})
	calls := w.calls(func() {
		for range 3 {
			got, err := w.inventory.DescribeClass(t.Context(), nil, "half")
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, got.Unusable, vsphere.ErrInvalidArgument, `class "half"`, `the vGPU "grid_v100-4q"`, "a PCI device")
			got.Unusable = nil
			vgpu := &types.VirtualPCIPassthrough{}
			vgpu.Key, vgpu.Backing = -200, &types.VirtualPCIPassthroughVmiopBackingInfo{Vgpu: "grid_v100-4q"}
			direct := &types.VirtualPCIPassthrough{}
			direct.Key, direct.Backing = -201, &types.VirtualPCIPassthroughDynamicBackingInfo{
				AllowedDevice: []types.VirtualPCIPassthroughAllowedDevice{{VendorId: 32902, DeviceId: 5461}}, CustomLabel: "nic",
			}
			want := inventory.Class{
				Name: "half", CPUs: 4, MemoryBytes: 8 << 30, FromVCenter: true,
				Resources:  inventory.Resources{CPURequestMilli: amount(2000), MemoryRequestBytes: amount(2 << 30)},
				VGPUs:      []string{"grid_v100-4q"},
				DirectPath: []inventory.DirectPathDevice{{VendorID: 32902, DeviceID: 5461, CustomLabel: "nic"}},
				ConfigSpec: &types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
					&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: vgpu},
					&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: direct},
				}},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("class (-want +got):\n%s", diff)
			}
		}
	})
	if calls != 1 {
		t.Errorf("%d calls, want 1", calls)
	}
}

func TestAClassKeepsItsConfigSpec(t *testing.T) {
	w := newWorld(t, oneCluster)
	w.class(t, namespace.VirtualMachineClassCreateSpec{
		Id: "efi", CpuCount: 1, MemoryMb: 1024,
		ConfigSpec: json.RawMessage(`{"firmware":"efi","_typeName":"VirtualMachineConfigSpec","guestId":"otherGuest64","cpuAllocation":{"_typeName":"ResourceAllocationInfo","limit":2000}}`),
	})
	got, err := w.inventory.Class(t.Context(), nil, "efi")
	if err != nil {
		t.Fatal(err)
	}
	want := &types.VirtualMachineConfigSpec{Firmware: "efi", CpuAllocation: &types.ResourceAllocationInfo{Limit: amount(2000)}}
	if diff := cmp.Diff(want, got.ConfigSpec); diff != "" {
		t.Errorf("config spec (-want +got):\n%s", diff)
	}
	if want := `{"_typeName":"VirtualMachineConfigSpec","cpuAllocation":{"_typeName":"ResourceAllocationInfo","limit":2000},"firmware":"efi","guestId":"otherGuest64"}`; got.ConfigJSON != want {
		t.Errorf("config_spec is %s, want %s", got.ConfigJSON, want)
	}
	if got.NeedsMHz() {
		t.Error("a class without processor requests needs no clock rate")
	}
	cpu, _ := inventory.Allocation(&got, 1000)
	if *cpu.Limit != 2000 {
		t.Errorf("the limit is %d MHz, want the config_spec's 2000", *cpu.Limit)
	}
}

func TestConfiguredClassesComeFirst(t *testing.T) {
	w := newWorld(t, oneCluster)
	w.class(t, namespace.VirtualMachineClassCreateSpec{Id: "small", CpuCount: 8, MemoryMb: 8192})
	w.class(t, namespace.VirtualMachineClassCreateSpec{Id: "large", CpuCount: 16, MemoryMb: 8192})
	configured := []inventory.Class{{Name: "small", CPUs: 1, MemoryBytes: 1 << 30}, {Name: "tiny", CPUs: 1, MemoryBytes: 1 << 29}}
	var got inventory.Class
	calls := w.calls(func() {
		var err error
		if got, err = w.inventory.Class(t.Context(), configured, "small"); err != nil {
			t.Fatal(err)
		}
	})
	if got.CPUs != 1 || calls != 0 {
		t.Errorf("small has %d processors after %d calls, want 1 after 0", got.CPUs, calls)
	}
	classes, err := w.inventory.Classes(t.Context(), configured)
	if err != nil {
		t.Fatal(err)
	}
	sizes := make(map[string]int32)
	for _, class := range classes {
		sizes[class.Name] = class.CPUs
	}
	if diff := cmp.Diff(map[string]int32{"large": 16, "small": 1, "tiny": 1}, sizes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	_, err = w.inventory.Class(t.Context(), configured, "Small")
	wantError(t, err, vsphere.ErrNotFound, `"Small"`, `"large", "small", "tiny"`, "virtual_machine_class")
}

func TestAClassThatCannotBeReadHidesNoOther(t *testing.T) {
	w := newWorld(t, oneCluster)
	w.class(t, namespace.VirtualMachineClassCreateSpec{
		Id: "future", CpuCount: 1, MemoryMb: 1024,
		ConfigSpec: json.RawMessage(`{"_typeName":"VirtualMachineConfigSpec","deviceChange":[{"_typeName":"DeviceOfVSphere12"}]}`),
	})
	w.class(t, namespace.VirtualMachineClassCreateSpec{Id: "small", CpuCount: 1, MemoryMb: 1024})
	if _, err := w.inventory.Class(t.Context(), nil, "small"); err != nil {
		t.Error(err)
	}
	_, err := w.inventory.Class(t.Context(), nil, "future")
	wantError(t, err, vsphere.ErrInvalidArgument, `virtual machine class "future"`, "config_spec cannot be read", "DeviceOfVSphere12")
	classes, err := w.inventory.Classes(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(classes) != 2 || classes[0].Name != "future" || classes[0].ConfigSpec != nil {
		t.Errorf("classes are %v, want future, without ConfigSpec, and small", classes)
	}
}
