package simulator_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// options are ExtraConfig from keys and values in turn.
func options(pairs ...string) []types.BaseOptionValue {
	var out []types.BaseOptionValue
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, &types.OptionValue{Key: pairs[i], Value: pairs[i+1]})
	}
	return out
}

// boot deploys a machine with a card on each network, gives it the ExtraConfig that write
// makes of the cards' MAC addresses, and turns it on.
func boot(t *testing.T, s *simulator.Simulator, c *clients, name string, networks []string, write func(macs []string) []types.BaseOptionValue) *object.VirtualMachine {
	t.Helper()
	config := types.VirtualMachineConfigSpec{}
	for _, n := range networks {
		config.DeviceChange = append(config.DeviceChange, c.card(n))
	}
	vm := c.deploy(simulator.ItemPhoton, name, &config)
	var macs []string
	for _, card := range cardsOf(c.read(vm)) {
		macs = append(macs, card.MacAddress)
	}
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: write(macs)}); err != nil {
		t.Fatal(err)
	}
	c.power(vm, true)
	s.Settle()
	return vm
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// static is a metadata document that gives one card a static address.
func static(mac string) string {
	return fmt.Sprintf(`instance-id: i-1
hostname: web.example.com
network:
  version: 2
  ethernets:
    nic0:
      match:
        macaddress: %q
      set-name: eth0
      addresses: [10.1.2.3/24]
      gateway4: 10.1.2.1
`, mac)
}

func TestGuestWithoutConfigurationAsksForDHCP(t *testing.T) {
	s, c := start(t)
	none := func([]string) []types.BaseOptionValue { return nil }
	a := c.read(boot(t, s, c, "a", []string{"VM Network", "backend"}, none)).Guest
	if !strings.HasPrefix(a.IpAddress, "192.0.2.") || a.Net[0].IpConfig.IpAddress[0].Origin != "dhcp" || a.Net[1].IpConfig != nil {
		t.Errorf("guest: %+v", a)
	}
	b := c.read(boot(t, s, c, "b", []string{"VM Network"}, none)).Guest
	if b.IpAddress == a.IpAddress {
		t.Errorf("two machines have the lease %s", a.IpAddress)
	}
	again, c2 := start(t)
	if g := c2.read(boot(t, again, c2, "a", []string{"VM Network", "backend"}, none)).Guest; g.IpAddress != a.IpAddress {
		t.Errorf("the lease is %s in one run and %s in another", a.IpAddress, g.IpAddress)
	}
}

func TestPowerOffClearsWhatToolsReported(t *testing.T) {
	s, c := start(t)
	vm := boot(t, s, c, "web", []string{"backend"}, func(macs []string) []types.BaseOptionValue {
		return options("guestinfo.metadata", static(macs[0]))
	})
	c.power(vm, false)
	m := c.read(vm)
	if g := m.Guest; g.IpAddress != "" || len(g.Net) != 0 || len(g.IpStack) != 0 || g.ToolsRunningStatus != "guestToolsNotRunning" || g.GuestState != "notRunning" || m.GuestHeartbeatStatus != "gray" {
		t.Errorf("guest: %+v", g)
	}
	if r, err := s.GuestReport("web"); err != nil || r.Running || len(r.Interfaces) != 0 || r.Boots != 1 {
		t.Errorf("report: %+v, %v", r, err)
	}
}

func TestNetworkIsReadAtEveryBootAndUserDataOncePerInstance(t *testing.T) {
	s, c := start(t)
	var mac string
	vm := boot(t, s, c, "web", []string{"backend"}, func(macs []string) []types.BaseOptionValue {
		mac = macs[0]
		return options("guestinfo.metadata", static(mac), "guestinfo.userdata", "one")
	})
	for i, tc := range []struct {
		old, with, user string
		wantIP          string
		wantRuns        int
		wantUser        string
	}{
		{"10.1.2.3", "10.1.2.4", "two", "10.1.2.4", 1, "one"},
		{"i-1", "i-2", "three", "10.1.2.3", 2, "three"},
	} {
		if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: options(
			"guestinfo.metadata", strings.Replace(static(mac), tc.old, tc.with, 1), "guestinfo.userdata", tc.user)}); err != nil {
			t.Fatal(err)
		}
		if err := vm.RebootGuest(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		r, err := s.GuestReport("web")
		if ip := c.read(vm).Guest.IpAddress; err != nil || ip != tc.wantIP || r.UserDataRuns != tc.wantRuns || r.UserData != tc.wantUser || r.Boots != i+2 {
			t.Errorf("boot %d: %s, %+v, %v", i+2, ip, r, err)
		}
	}
}

func TestMachineWithoutSystemHasNoTools(t *testing.T) {
	s, c := start(t)
	ctx := t.Context()
	folder, err := c.find.Folder(ctx, "/DC0/vm/team-a")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := c.find.ResourcePool(ctx, "DC0_C0/Resources/team-a")
	if err != nil {
		t.Fatal(err)
	}
	task, err := folder.CreateVM(ctx, types.VirtualMachineConfigSpec{
		Name: "empty", GuestId: "otherGuest64",
		Files:        &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_1]"},
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{c.card("VM Network")},
	}, pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	info, err := task.WaitForResult(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	vm := object.NewVirtualMachine(c.c.Client, info.Result.(types.ManagedObjectReference))
	c.power(vm, true)
	s.Settle()
	if g := c.read(vm).Guest; g.ToolsRunningStatus != "guestToolsNotRunning" {
		t.Errorf("guest: %+v", g)
	}
	if err := vm.ShutdownGuest(ctx); !fault.Is(err, &types.ToolsUnavailable{}) {
		t.Errorf("shutdown: %v", err)
	}
	if err := s.InstallGuest("empty"); err != nil {
		t.Fatal(err)
	}
	c.power(vm, false)
	c.power(vm, true)
	s.Settle()
	if g := c.read(vm).Guest; g.ToolsRunningStatus != "guestToolsRunning" {
		t.Errorf("guest after its installation: %+v", g)
	}
}

func TestGuestTakesItsTimeToBoot(t *testing.T) {
	s, c := start(t, simulator.WithGuestDelay(200*time.Millisecond))
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	c.power(vm, true)
	if g := c.read(vm).Guest; g.ToolsRunningStatus != "guestToolsNotRunning" {
		t.Errorf("at once: %+v", g)
	}
	s.Settle()
	if g := c.read(vm).Guest; g.ToolsRunningStatus != "guestToolsRunning" {
		t.Errorf("later: %+v", g)
	}
}
