package inventory_test

import (
	"errors"
	"testing"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

func TestAGuestIDIsOneThatVSphereOrTheClusterKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneCluster)
	cluster := w.registry.Any("ClusterComputeResource").(*simulator.ClusterComputeResource)
	w.registry.Get(*cluster.EnvironmentBrowser).(*simulator.EnvironmentBrowser).QueryConfigOptionResponse.Returnval = &types.VirtualMachineConfigOption{
		GuestOSDescriptor: []types.GuestOsDescriptor{{Id: "vmwarePhoton99_64Guest"}},
	}
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
	check := func(id string) error { return w.inventory.CheckGuestID(t.Context(), namespace, id) }
	if n := w.calls(func() {
		if err := check("ubuntu64Guest"); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%d requests for an id that everybody knows", n)
	}
	if n := w.calls(func() {
		if err := check("vmwarePhoton99_64Guest"); err != nil {
			t.Error(err)
		}
		wantError(t, check("vmwarePhoton98_64Guest"), vsphere.ErrInvalidArgument, `no guest id "vmwarePhoton98_64Guest"`, "/DC0/host/DC0_C0 offers none",
			`the nearest are "vmwarePhoton99_64Guest"`)
		wantError(t, check("ubuntu64"), vsphere.ErrInvalidArgument, `"ubuntu64Guest"`)
	}); n != 1 {
		t.Errorf("%d requests, want one for all that nobody knows", n)
	}
}

func TestAClusterThatCannotBeAskedIsNoVerdict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oneCluster)
	namespace := w.namespace(t, inventory.NamespaceSpec{Name: "n"})
	w.service.AddFaultRule(&simulator.FaultInjectionRule{
		MethodName: "QueryConfigOptionEx", ObjectType: "*", ObjectName: "*", Probability: 1, FaultType: simulator.FaultTypeCustom,
		Fault: &types.NoPermission{}, Enabled: true,
	})
	err := w.inventory.CheckGuestID(t.Context(), namespace, "fooGuest")
	if err == nil || errors.Is(err, vsphere.ErrInvalidArgument) {
		t.Errorf("error %v", err)
	}
	wantError(t, err, vsphere.ErrNotPermitted, "find the guest ids of /DC0/host/DC0_C0")
}
