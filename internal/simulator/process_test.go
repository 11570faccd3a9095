package simulator_test

import (
	"testing"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestProcessServesAndIsControlled(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t)
	c := login(t, p.Connection, p.CAPEM)
	vm := c.deploy(simulator.ItemPhoton, "web", &types.VirtualMachineConfigSpec{
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{c.card("backend")},
	})
	c.power(vm, true)
	if err := p.Settle(); err != nil {
		t.Fatal(err)
	}
	report, err := p.GuestReport("web")
	if err != nil || !report.Running || len(report.Interfaces) != 1 || !report.Interfaces[0].DHCP4 {
		t.Errorf("report %+v, %v", report, err)
	}
	calls, err := p.Calls()
	if err != nil || calls["PowerOnVM_Task"] != 1 || calls["POST /rest/com/vmware/vcenter/ovf/library-item/{id}?~action=deploy"] != 1 {
		t.Errorf("calls %v, %v", calls, err)
	}
	if err := p.Destroy("web"); err != nil {
		t.Error(err)
	}
	if err := p.Rename("web", "other"); err == nil {
		t.Error("a destroyed machine was renamed")
	}
}
