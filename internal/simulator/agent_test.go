package simulator_test

import (
	"fmt"
	"testing"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestGuestConfiguresItselfByMetadata(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", &types.VirtualMachineConfigSpec{
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{c.card("backend")},
	})
	mac := cardsOf(c.read(vm))[0].MacAddress
	metadata := fmt.Sprintf(`
instance-id: one
local-hostname: web
network:
  version: 2
  ethernets:
    eth0:
      match: {macaddress: %q}
      set-name: eth0
      addresses: [10.1.2.3/24, "2001:db8::3/64"]
      gateway4: 10.1.2.1
      dhcp4: false
      nameservers: {addresses: [10.1.2.53], search: [example.com]}
      routes: [{to: 10.9.0.0/16, via: 10.1.2.254}]
`, mac)
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{
		&types.OptionValue{Key: "guestinfo.metadata", Value: metadata},
	}}); err != nil {
		t.Fatal(err)
	}
	c.power(vm, true)
	s.Settle()
	m := c.read(vm)
	t.Logf("%+v", m.Guest)
	if m.Guest.HostName != "web" || m.Guest.IpAddress != "10.1.2.3" || m.Guest.ToolsRunningStatus != "guestToolsRunning" {
		t.Errorf("guest: %+v", m.Guest)
	}
}
