package simulator_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestPasswordIsChecked(t *testing.T) {
	s, c := start(t)
	wrong := url.UserPassword(simulator.User, "wrong")
	if err := (&govmomi.Client{Client: c.c.Client, SessionManager: c.c.SessionManager}).Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.c.Login(t.Context(), wrong); !fault.Is(err, &types.InvalidLogin{}) {
		t.Errorf("SOAP login: %v", err)
	}
	if err := rest.NewClient(c.c.Client).Login(t.Context(), wrong); !rest.IsStatusError(err, 401) {
		t.Errorf("REST login: %v", err)
	}
	if n := s.Sessions(); n.SOAP != 0 || n.REST != 1 {
		t.Errorf("sessions: %+v", n)
	}
}

func TestCertificateIsOfItsOwnAuthority(t *testing.T) {
	s := simulator.Start(t)
	other := simulator.Start(t)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		at := s.Connection()
		at.Server = strings.Replace(at.Server, "127.0.0.1", host, 1)
		login(t, at, s.CAPEM)
	}
	if _, err := govmomi.NewClient(t.Context(), s.URL, false); err == nil {
		t.Error("the certificate is trusted without its authority")
	}
	if s.CAPEM == other.CAPEM {
		t.Error("two simulators have one authority")
	}
}

func TestRequestsAreRecordedInOrderAndWhole(t *testing.T) {
	s, c := start(t)
	s.ResetRequests()
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{Annotation: "recorded & whole"}); err != nil {
		t.Fatal(err)
	}
	got := s.Requests("*deploy", "ReconfigVM_Task")
	if len(got) != 2 || got[0].Operation != "POST /rest/com/vmware/vcenter/ovf/library-item/{id}?~action=deploy" || got[1].Operation != "ReconfigVM_Task" {
		t.Fatalf("requests: %+v", got)
	}
	if !strings.Contains(got[0].Body, `"name":"web"`) || !strings.Contains(got[1].Body, "recorded &amp; whole") {
		t.Errorf("bodies: %s\n%s", got[0].Body, got[1].Body)
	}
	if got[1].Object != "VirtualMachine:"+vm.Reference().Value || !got[1].SOAP || got[0].SOAP {
		t.Errorf("requests: %+v", got)
	}
	if n := s.Calls()["ReconfigVM_Task"]; n != 1 {
		t.Errorf("calls: %d", n)
	}
}

func TestCallFailsWithFault(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	if err := s.Inject(simulator.Rule{Operation: "ReconfigVM_Task", After: 1, Fault: "NoPermission", Message: "not <you>"}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, false} {
		err := c.reconfigure(vm, types.VirtualMachineConfigSpec{Annotation: "x"})
		if fault.Is(err, &types.NoPermission{}) != want {
			t.Errorf("call %d: %v", i, err)
		}
		if want && !strings.Contains(err.Error(), "not <you>") {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

func TestTaskFailsAfterCallSucceeded(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	if err := s.FailTask("PowerOnVM_Task", "InsufficientResourcesFault"); err != nil {
		t.Fatal(err)
	}
	task, err := vm.PowerOn(t.Context())
	if err != nil {
		t.Fatalf("the call failed, not the task: %v", err)
	}
	if err := task.Wait(t.Context()); !fault.Is(err, &types.InsufficientResourcesFault{}) {
		t.Errorf("task: %v", err)
	}
	if m := c.read(vm); m.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
		t.Errorf("power: %s", m.Runtime.PowerState)
	}
}

func TestConnectionIsCutBeforeTheRequestIsExecuted(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	if err := s.Inject(simulator.Rule{Operation: "PowerOnVM_Task", Cut: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := vm.PowerOn(t.Context()); err == nil {
		t.Error("there was an answer")
	}
	if m := c.read(vm); m.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
		t.Errorf("power: %s", m.Runtime.PowerState)
	}
}

func TestRuleThatCannotFireIsRefused(t *testing.T) {
	s := simulator.Start(t)
	for name, r := range map[string]simulator.Rule{
		"no effect":     {Operation: "*"},
		"no operation":  {Fault: "NoPermission"},
		"unknown fault": {Operation: "*", Fault: "NoSuchFault"},
		"not a fault":   {Operation: "*", Fault: "VirtualMachineConfigSpec"},
		"not a task":    {Operation: "CurrentTime", Fault: "NoPermission", Task: true},
	} {
		if err := s.Inject(r); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestRESTFailsWithStatus(t *testing.T) {
	s, c := start(t)
	if err := s.FailREST("*content/library/item?~action=find", 503); err != nil {
		t.Fatal(err)
	}
	_, err := c.lib.FindLibraryItems(t.Context(), library.FindItem{Type: "ovf"})
	if !rest.IsStatusError(err, 503) {
		t.Errorf("first: %v", err)
	}
	if _, err := c.lib.FindLibraryItems(t.Context(), library.FindItem{Type: "ovf"}); err != nil {
		t.Errorf("second: %v", err)
	}
}

func TestAnswerIsLostAfterExecution(t *testing.T) {
	s, c := start(t)
	if err := s.LoseAnswer("*?~action=deploy"); err != nil {
		t.Fatal(err)
	}
	if _, err := vcenter.NewManager(c.rest).DeployLibraryItem(t.Context(), simulator.ItemPhoton, c.deployment("web")); err == nil {
		t.Fatal("the answer arrived")
	}
	if _, err := c.find.VirtualMachine(t.Context(), "/DC0/vm/team-a/web"); err != nil {
		t.Errorf("the request was not executed: %v", err)
	}
}

func TestSessionsExpire(t *testing.T) {
	s, c := start(t)
	s.ExpireSessions()
	if n := s.Sessions(); n != (simulator.Sessions{}) {
		t.Errorf("sessions: %+v", n)
	}
	_, err := methods.GetCurrentTime(t.Context(), c.c.Client)
	if !fault.Is(err, &types.NotAuthenticated{}) {
		t.Errorf("SOAP: %v", err)
	}
	_, err = c.lib.FindLibraryItems(t.Context(), library.FindItem{Type: "ovf"})
	if !rest.IsStatusError(err, 401) {
		t.Errorf("REST: %v", err)
	}
	if _, err := c.lib.ListLibraries(t.Context()); !rest.IsStatusError(err, 401) {
		t.Errorf("REST by vcsim: %v", err)
	}
}

func TestLatencyIsInFrontOfEveryRequest(t *testing.T) {
	s, c := start(t)
	s.SetLatency(30 * time.Millisecond)
	begin := time.Now()
	if _, err := methods.GetCurrentTime(t.Context(), c.c.Client); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(begin); d < 30*time.Millisecond {
		t.Errorf("answered after %s", d)
	}
}

func TestRestartKeepsStateAndAddress(t *testing.T) {
	s, c := start(t)
	c.deploy(simulator.ItemPhoton, "web", nil)
	for range 2 {
		if err := s.Restart(0); err != nil {
			t.Fatal(err)
		}
		again := login(t, s.Connection(), s.CAPEM)
		if _, err := again.find.VirtualMachine(t.Context(), "/DC0/vm/team-a/web"); err != nil {
			t.Error(err)
		}
	}
}

func TestChangesBehindTheClientsBack(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	c.power(vm, true)
	steps := []func() error{
		func() error { return s.Rename("web", "web2") },
		func() error { return s.Reconfigure("web2", types.VirtualMachineConfigSpec{Annotation: "drift"}) },
		func() error { return s.PowerOff("web2") },
		func() error { return s.PowerOn("web2") },
	}
	for i, f := range steps {
		if err := f(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	m := c.read(vm)
	if m.Name != "web2" || m.Config.Name != "web2" || m.Config.Annotation != "drift" || m.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		t.Errorf("%q %q %q %s", m.Name, m.Config.Name, m.Config.Annotation, m.Runtime.PowerState)
	}
	if err := s.Destroy(vm.Reference().Value); err != nil {
		t.Fatal(err)
	}
	if names := s.Machines(); len(names) != 0 {
		t.Errorf("machines: %v", names)
	}
	if _, err := c.find.VirtualMachine(t.Context(), "/DC0/vm/team-a/web2"); err == nil {
		t.Error("the machine is still there")
	}
	if err := s.Destroy("web2"); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("again: %v", err)
	}
}

func TestContentVersionChanges(t *testing.T) {
	s, c := start(t)
	if err := s.TouchItem(simulator.ItemPhoton, "2"); err != nil {
		t.Fatal(err)
	}
	item, err := c.lib.GetLibraryItem(t.Context(), simulator.ItemPhoton)
	if err != nil || item.ContentVersion != "2" {
		t.Errorf("%+v, %v", item, err)
	}
	if err := s.TouchItem("no-such", "2"); err == nil {
		t.Error(errors.New("an unknown item was changed"))
	}
}
