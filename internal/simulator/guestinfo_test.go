package simulator_test

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// option is a key of a machine's ExtraConfig as vCenter shows it, "-" where there is none.
func (c *clients) option(vm *object.VirtualMachine, key string) string {
	c.t.Helper()
	value, ok := object.OptionValueList(c.read(vm).Config.ExtraConfig).GetString(key)
	if !ok {
		return "-"
	}
	return value
}

func TestGuestSetsVariablesUntilItsMachineIsOff(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", &types.VirtualMachineConfigSpec{ExtraConfig: options("guestinfo.kept", "by vCenter", "guestinfo.both", "by vCenter")})
	if err := s.SetGuestInfo("web", "guestinfo.state", "ready"); err == nil {
		t.Error("a guest that is off has set a variable")
	}
	c.power(vm, true)
	s.Settle()
	for _, err := range []error{
		s.SetGuestInfo("web", "guestinfo.state", "starting"),
		s.SetGuestInfo("web", "GuestInfo.State", "ready"),
		s.SetGuestInfo("web", "guestinfo.kept", "by the guest"),
		s.SetGuestInfo("web", "guestinfo.both", "by the guest"),
		c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: options("guestinfo.both", "by vCenter again")}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := c.option(vm, "GuestInfo.State") + ", " + c.option(vm, "guestinfo.kept"); got != "ready, by the guest" {
		t.Errorf("on: %s", got)
	}
	if v, err := s.GuestInfo("web", "guestinfo.both"); err != nil || v != "by vCenter again" {
		t.Errorf("in the guest: %q, %v", v, err)
	}
	if _, err := s.GuestInfo("web", "guestinfo.none"); err == nil {
		t.Error("a variable that nobody has set has a value")
	}
	if err := vm.RebootGuest(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if got := c.option(vm, "GuestInfo.State"); got != "ready" {
		t.Errorf("after a reboot: %s", got)
	}
	c.power(vm, false)
	if got := []string{c.option(vm, "GuestInfo.State"), c.option(vm, "guestinfo.kept"), c.option(vm, "guestinfo.both")}; !slices.Equal(got, []string{"-", "by vCenter", "by vCenter again"}) {
		t.Errorf("off: %q", got)
	}
	// What vCenter has now is vCenter's, also where it is what the guest had said before.
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: options("guestinfo.state", "ready")}); err != nil {
		t.Fatal(err)
	}
	c.power(vm, true)
	s.Settle()
	c.power(vm, false)
	if got := c.option(vm, "guestinfo.state"); got != "ready" {
		t.Errorf("of vCenter: %s", got)
	}
	for _, key := range []string{"state", "guestinfo."} {
		if s.SetGuestInfo("web", key, "x") == nil || s.PublishGuestInfo("web", key, "x") == nil {
			t.Errorf("%q is a variable of a guest", key)
		}
	}
}

func TestGuestPublishesVariablesAtTheEndOfEachBoot(t *testing.T) {
	s, c := start(t)
	if err := s.PublishGuestInfo("db", "guestinfo.ready", "true"); err != nil { // before the machine is there
		t.Fatal(err)
	}
	vm := c.customizable(simulator.ItemPhoton, "db")
	if err := s.SetGuestPace("db", simulator.GuestPace{Customization: simulator.Never}); err != nil {
		t.Fatal(err)
	}
	if err := tryCustomize(t, vm, linuxPrep("")); err != nil {
		t.Fatal(err)
	}
	c.power(vm, true)
	s.Settle()
	if got := c.option(vm, "guestinfo.ready"); got != "-" {
		t.Errorf("while it is customized: %s", got)
	}
	if err := s.SetGuestPace("db", simulator.GuestPace{}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if got := c.option(vm, "guestinfo.ready"); got != "true" {
		t.Errorf("at the end: %s", got)
	}
	if err := s.PublishGuestInfo("db", "guestinfo.ready", ""); err != nil {
		t.Fatal(err)
	}
	c.power(vm, false)
	c.power(vm, true)
	s.Settle()
	if got := c.option(vm, "guestinfo.ready"); got != "-" {
		t.Errorf("when it has stopped to: %s", got)
	}
}

func TestGuestReportsTheAddressWhereATestListens(t *testing.T) {
	s, c := start(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	s.SetGuestAddress("web", netip.MustParseAddr("127.0.0.1"))
	vm := boot(t, s, c, "web", []string{"backend"}, func(macs []string) []types.BaseOptionValue {
		return options("guestinfo.metadata", static(macs[0]))
	})
	m := c.read(vm)
	port := listener.Addr().(*net.TCPAddr).Port
	connection, err := net.Dial("tcp", net.JoinHostPort(m.Guest.IpAddress, strconv.Itoa(port)))
	if err != nil {
		t.Fatalf("probe %s: %v", m.Guest.IpAddress, err)
	}
	_ = connection.Close()
	if m.Summary.Guest.IpAddress != "127.0.0.1" || !slices.Equal(m.Guest.Net[0].IpAddress, []string{"127.0.0.1", "10.1.2.3"}) {
		t.Errorf("guest: %+v", m.Guest)
	}
	s.SetGuestAddress("web", netip.Addr{})
	if m := c.read(vm); m.Guest.IpAddress != "10.1.2.3" || !slices.Equal(m.Guest.Net[0].IpAddress, []string{"10.1.2.3"}) {
		t.Errorf("afterwards: %+v", m.Guest)
	}
	other := c.deploy(simulator.ItemPhoton, "other", nil)
	c.power(other, true)
	s.Settle()
	s.SetGuestAddress(simulator.AllMachines, netip.MustParseAddr("::1"))
	if m := c.read(other); m.Guest.IpAddress != "::1" {
		t.Errorf("another: %+v", m.Guest)
	}
}

func TestGuestMayIgnoreAShutdown(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	s.IgnoreShutdown("web", true)
	c.power(vm, true)
	s.Settle()
	if err := vm.ShutdownGuest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := c.read(vm); m.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		t.Errorf("power: %s", m.Runtime.PowerState)
	}
	s.IgnoreShutdown("web", false)
	if err := vm.ShutdownGuest(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := vm.WaitForPowerState(t.Context(), types.VirtualMachinePowerStatePoweredOff); err != nil {
		t.Error(err)
	}
}
