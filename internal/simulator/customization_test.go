package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// pendingFile is the package that waits for the guest, by the two places that tell of it.
func pendingFile(m mo.VirtualMachine) (tools, option string) {
	option, _ = object.OptionValueList(m.Config.ExtraConfig).GetString("tools.deployPkg.fileName")
	if m.Config.Tools != nil {
		tools = m.Config.Tools.PendingCustomization
	}
	return tools, option
}

func TestCustomizationWaitsForToolsAndThenRuns(t *testing.T) {
	s, c := start(t)
	pace := func(p simulator.GuestPace) {
		t.Helper()
		if err := s.SetGuestPace("db", p); err != nil {
			t.Fatal(err)
		}
		s.Settle()
	}
	pace(simulator.GuestPace{Tools: simulator.Never, Customization: simulator.Never}) // before the machine is there
	vm := c.customizable(simulator.ItemPhoton, "db")
	if err := tryCustomize(t, vm, linuxPrep("")); err != nil {
		t.Fatal(err)
	}
	file, option := pendingFile(c.read(vm))
	if !strings.HasPrefix(file, "imcf-") || file != option {
		t.Errorf("files %q and %q", file, option)
	}
	c.power(vm, true)
	for _, step := range []struct {
		pace                simulator.GuestPace
		status              types.GuestInfoCustomizationStatus
		tools, heartbeat    string
		began, ended, waits bool
		address             string
	}{
		{
			simulator.GuestPace{Tools: simulator.Never, Customization: simulator.Never},
			types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_PENDING, "guestToolsNotRunning", "gray", false, false, true, "",
		},
		{
			simulator.GuestPace{Customization: simulator.Never},
			types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_RUNNING, "guestToolsRunning", "green", true, false, true, "",
		},
		{
			simulator.GuestPace{},
			types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED, "guestToolsRunning", "green", true, true, false, "10.0.0.5",
		},
	} {
		pace(step.pace)
		m := c.read(vm)
		info := m.Guest.CustomizationInfo
		file, option := pendingFile(m)
		if info.CustomizationStatus != string(step.status) || (info.StartTime != nil) != step.began || (info.EndTime != nil) != step.ended {
			t.Errorf("%s: %+v", step.status, info)
		}
		if m.Guest.ToolsRunningStatus != step.tools || string(m.GuestHeartbeatStatus) != step.heartbeat || m.Guest.IpAddress != step.address {
			t.Errorf("%s: %s, %s, %q", step.status, m.Guest.ToolsRunningStatus, m.GuestHeartbeatStatus, m.Guest.IpAddress)
		}
		if (file != "") != step.waits || file != option {
			t.Errorf("%s: files %q and %q", step.status, file, option)
		}
	}
}

func TestCustomizationThatIsCutOffIsStillPending(t *testing.T) {
	s, c := start(t, simulator.WithGuestPace(simulator.GuestPace{Customization: simulator.Never}))
	vm := c.customizable(simulator.ItemPhoton, "db")
	if err := tryCustomize(t, vm, linuxPrep("")); err != nil {
		t.Fatal(err)
	}
	c.power(vm, true)
	s.Settle()
	c.power(vm, false)
	if err := tryCustomize(t, vm, linuxPrep("")); !fault.Is(err, &types.CustomizationPending{}) {
		t.Errorf("another: %v", err)
	}
	if err := s.SetGuestPace(simulator.AllMachines, simulator.GuestPace{}); err != nil {
		t.Fatal(err)
	}
	c.power(vm, true)
	s.Settle()
	if m := c.read(vm); m.Guest.IpAddress != "10.0.0.5" {
		t.Errorf("guest: %+v", m.Guest)
	}
	if got, err := s.Customization("db"); err != nil || got.Count != 1 || got.Pending != nil || got.Spec == nil {
		t.Errorf("customization: %+v, %v", got, err)
	}
}

func TestGuestTakesTheTimeThatItIsTold(t *testing.T) {
	s, c := start(t)
	if err := s.SetGuestPace(simulator.AllMachines, simulator.GuestPace{Tools: time.Hour}); err != nil {
		t.Fatal(err)
	}
	const took = 20 * time.Millisecond
	if err := s.SetGuestPace("db", simulator.GuestPace{Customization: took}); err != nil {
		t.Fatal(err)
	}
	info := customize(t, s, c, c.customizable(simulator.ItemPhoton, "db"), linuxPrep("")).Guest.CustomizationInfo
	if d := info.EndTime.Sub(*info.StartTime); d < took {
		t.Errorf("it took %s", d)
	}
	if err := s.SetGuestPace("db", simulator.GuestPace{Tools: -time.Second}); err == nil {
		t.Error("a negative time was taken")
	}
}

func TestGuestWhoseToolsWereNeverSeenIsNotCustomized(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "db", nil)
	if err := tryCustomize(t, vm, linuxPrep("")); !fault.Is(err, &types.UncustomizableGuest{}) {
		t.Errorf("before its first boot: %v", err)
	}
	c.power(vm, true)
	s.Settle()
	c.power(vm, false)
	if err := tryCustomize(t, vm, linuxPrep("")); err != nil {
		t.Errorf("after its first boot: %v", err)
	}
}

func TestCustomizationOfTheGuestIsRemembered(t *testing.T) {
	s, c := start(t, simulator.WithAPIVersion("9.1.0.0"))
	spec := linuxPrep("")
	linux := spec.Identity.(*types.CustomizationLinuxPrep)
	linux.TimeZone, linux.ScriptText, linux.ResetPassword = "Europe/Sofia", "#!/bin/sh\n", types.NewBool(true)
	linux.Password = &types.CustomizationPassword{Value: "s3cret", PlainText: true}
	vm := c.customizable(simulator.ItemPhoton, "db")
	if err := tryCustomize(t, vm, spec); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Customization("db"); err != nil || got.Spec != nil || got.Count != 0 || cmp.Diff(&spec, got.Pending) != "" ||
		got.Status != "TOOLSDEPLOYPKG_PENDING" {
		t.Errorf("pending: %+v, %v", got, err)
	}
	c.power(vm, true)
	s.Settle()
	got, err := s.Customization("db")
	if err != nil || got.Pending != nil || got.Count != 1 || got.Status != "TOOLSDEPLOYPKG_SUCCEEDED" || got.Start == nil || got.End == nil {
		t.Errorf("in force: %+v, %v", got, err)
	}
	if diff := cmp.Diff(&spec, got.Spec); diff != "" {
		t.Error(diff)
	}
	r, err := s.GuestReport("db")
	if err != nil || r.TimeZone != "Europe/Sofia" || r.Script != "#!/bin/sh\n" || r.Password != "s3cret" || !r.PasswordExpired || r.Domain != "example.com" {
		t.Errorf("report: %+v, %v", r, err)
	}
	c.power(vm, false)
	s.FailNextCustomization("no")
	customize(t, s, c, vm, linuxPrep(""))
	if after, err := s.Customization("db"); err != nil || after.Count != 1 || after.Message != "no" || cmp.Diff(got.Spec, after.Spec) != "" {
		t.Errorf("after one that failed: %+v, %v", after, err)
	}
}
