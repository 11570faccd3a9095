package simulator_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestGuestsOfAProcessAreControlled(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t, simulator.WithAPIVersion("9.1.0.0"), simulator.WithGuestAddress(netip.MustParseAddr("127.0.0.9")),
		simulator.WithGuestPace(simulator.GuestPace{Tools: time.Millisecond, Customization: simulator.Never}))
	c := login(t, p.Connection, p.CAPEM)
	if v := c.c.ServiceContent.About.ApiVersion; v != "9.1.0.0" {
		t.Errorf("API version %s", v)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vm := c.customizable(simulator.ItemPhoton, "db")
	must(p.PublishGuestInfo("db", "guestinfo.ready", "yes"))
	spec := linuxPrep("")
	must(tryCustomize(t, vm, spec))
	c.power(vm, true)
	must(p.Settle())
	got, err := p.Customization("db")
	must(err)
	if got.Status != "TOOLSDEPLOYPKG_RUNNING" || got.Spec != nil || got.Start == nil {
		t.Errorf("running: %+v", got)
	}
	if diff := cmp.Diff(&spec, got.Pending); diff != "" {
		t.Error(diff)
	}
	must(p.SetGuestPace("db", simulator.GuestPace{}))
	must(p.Settle())
	if got, err = p.Customization("db"); err != nil || got.Pending != nil || got.Count != 1 {
		t.Errorf("in force: %+v, %v", got, err)
	}
	if diff := cmp.Diff(&spec, got.Spec); diff != "" {
		t.Error(diff)
	}
	if ip := c.read(vm).Guest.IpAddress; ip != "127.0.0.9" {
		t.Errorf("address %s", ip)
	}
	must(p.SetGuestAddress("db", netip.MustParseAddr("127.0.0.8")))
	if ip := c.read(vm).Guest.IpAddress; ip != "127.0.0.8" {
		t.Errorf("address %s", ip)
	}
	must(p.SetGuestAddress("db", netip.Addr{}))
	must(p.SetGuestAddress(simulator.AllMachines, netip.Addr{}))
	if ip := c.read(vm).Guest.IpAddress; ip != "10.0.0.5" {
		t.Errorf("address %s", ip)
	}
	must(p.SetGuestInfo("db", "guestinfo.a/b", "c"))
	for key, want := range map[string]string{"guestinfo.a/b": "c", "guestinfo.ready": "yes"} {
		if value, err := p.GuestInfo("db", key); err != nil || value != want {
			t.Errorf("%s: %q, %v", key, value, err)
		}
	}
	e, err := p.OVFEnvironment("db")
	if value, infoErr := p.GuestInfo("db", "guestinfo.ovfEnv"); err != nil || infoErr != nil || value != e.XML || e.Properties["hostname"] != "photon-vm" {
		t.Errorf("environment %+v, %v, %v", e, err, infoErr)
	}
	must(p.IgnoreShutdown("db", true))
	must(p.SetAPIVersion("8.0.2.0"))
	if v := login(t, p.Connection, p.CAPEM).c.ServiceContent.About.ApiVersion; v != "8.0.2.0" {
		t.Errorf("API version %s", v)
	}
	for i, err := range []error{
		p.SetAPIVersion("x"), p.SetGuestPace("db", simulator.GuestPace{Tools: -2}), p.SetGuestInfo("db", "x", "y"), p.SetGuestInfo("none", "guestinfo.x", "y"),
	} {
		if err == nil {
			t.Errorf("wrong command %d was taken", i)
		}
	}
}
