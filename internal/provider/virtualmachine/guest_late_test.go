package virtualmachine_test

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// short leaves a create or an update enough time for all that does not wait for the guest.
const short = "12s"

// held is a simulator whose guests have Tools and never end a customization.
func held(t *testing.T) *simulator.Simulator {
	t.Helper()
	sim := simulator.Start(t)
	if err := sim.SetGuestPace(simulator.AllMachines, simulator.GuestPace{Customization: simulator.Never}); err != nil {
		t.Fatal(err)
	}
	return sim
}

func release(t *testing.T, sim *simulator.Simulator) {
	t.Helper()
	if err := sim.SetGuestPace(simulator.AllMachines, simulator.GuestPace{}); err != nil {
		t.Fatal(err)
	}
	sim.Settle()
}

// mentions wants one diagnostic of a severity with all of the texts.
func mentions(t *testing.T, diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, texts ...string) {
	t.Helper()
	if len(diags) != 1 || diags[0].Severity != severity {
		t.Errorf("want one %s, got %s", severity, said(diags))
		return
	}
	for _, text := range texts {
		if !strings.Contains(said(diags), text) {
			t.Errorf("%q is not in %s", text, said(diags))
		}
	}
}

func TestACustomizationThatDoesNotEndIsAWarningInCreateAndAnErrorInUpdate(t *testing.T) {
	t.Parallel() // with a simulator of its own: it waits more than it works
	sim := held(t)
	d := connected(t, sim)
	config := with(with(prepared(), "timeouts", tree{"create": short, "update": short}), "allow_power_cycle", true)
	config = with(config, "power_off_mode", "Hard")
	made, diags := d.planned(d.nothing(), config).apply()
	mentions(t, diags, tfprotov6.DiagnosticSeverityWarning, "The guest's customization has not ended", "The machine runs and is kept", "timeouts.create")
	if got := textAt(made.state, "status.power_state"); got != "PoweredOn" {
		t.Errorf("the machine is %q", got)
	}
	made = d.refreshed(made)
	if got := condition(made.state, "GuestCustomization"); !strings.HasPrefix(got, "False GuestCustomizationRunning") && !strings.HasPrefix(got, "False GuestCustomizationPending") {
		t.Errorf("the condition is %s", got)
	}
	d.clean("plan", d.unchanged(made, config))
	release(t, sim)
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, config))
	if got := condition(made.state, "GuestCustomization"); !strings.HasPrefix(got, "True") {
		t.Errorf("the condition is %s", got)
	}

	// The same in an update: an error, and the next apply takes up what is there.
	if err := sim.SetGuestPace(simulator.AllMachines, simulator.GuestPace{Customization: simulator.Never}); err != nil {
		t.Fatal(err)
	}
	changed := with(config, "network.nameservers", []any{"10.0.0.54"})
	made, diags = d.planned(made, changed).apply()
	mentions(t, diags, tfprotov6.DiagnosticSeverityError, "Unable to update the virtual machine", "timed out", "guest customization")
	release(t, sim)
	made = d.refreshed(made)
	sim.ResetRequests()
	made = d.applied(made, changed)
	if got := changing(sim); strings.Contains(got, opCustomize) || strings.Contains(got, "PowerOff") {
		t.Errorf("a guest that has been customized was changed by %s", got)
	}
	d.clean("plan", d.unchanged(d.refreshed(made), changed))
}

// somebodyElses is a customization that is not the provider's.
func somebodyElses() types.CustomizationSpec {
	return types.CustomizationSpec{
		Identity:      &types.CustomizationLinuxPrep{HostName: &types.CustomizationFixedName{Name: "theirs"}, Domain: "example.org"},
		NicSettingMap: []types.CustomizationAdapterMapping{{Adapter: types.CustomizationIPSettings{Ip: &types.CustomizationDhcpIpGenerator{}}}},
	}
}

// customizeBehind hands a machine a customization past the provider.
func customizeBehind(t *testing.T, sim *simulator.Simulator, instanceUUID string, spec types.CustomizationSpec) {
	t.Helper()
	transport := soap.NewClient(sim.URL, false)
	if err := transport.SetRootCAs(sim.CAFile); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	client, err := vim25.NewClient(ctx, transport)
	if err != nil {
		t.Fatal(err)
	}
	sessions := session.NewManager(client)
	if err := sessions.Login(ctx, url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sessions.Logout(ctx) }()
	found, err := object.NewSearchIndex(client).FindByUuid(ctx, nil, instanceUUID, true, types.NewBool(true))
	if err != nil || found == nil {
		t.Fatalf("there is no machine %s: %v", instanceUUID, err)
	}
	task, err := object.NewVirtualMachine(client, found.Reference()).Customize(ctx, spec)
	if err == nil {
		err = task.Wait(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPendingCustomizationOfSomebodyElseIsNotReplaced(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	off := with(prepared(), "power_state", "PoweredOff")
	made := d.applied(d.nothing(), off)
	customizeBehind(t, sim, textAt(made.state, "id"), somebodyElses())
	made = d.refreshed(made)
	if got := condition(made.state, "GuestCustomization"); !strings.Contains(got, "Pending") {
		t.Errorf("the condition is %s", got)
	}
	on := with(with(prepared(), "allow_power_cycle", true), "power_off_mode", "Hard")
	p := d.planned(made, on)
	sim.ResetRequests()
	made, diags := p.apply()
	mentions(t, diags, tfprotov6.DiagnosticSeverityWarning, "Another customization ")
	if got := sim.Requests(opCustomize); len(got) > 0 {
		t.Error("a pending customization was replaced")
	}
	sim.Settle()
	made = d.refreshed(made)
	if report, err := sim.GuestReport("prep"); err != nil || !strings.HasPrefix(report.HostName, "theirs") {
		t.Errorf("the guest is %+v, %v", report, err)
	}
	sim.ResetRequests()
	made = d.applied(made, on)
	if got := len(sim.Requests(opCustomize)); got != 1 {
		t.Errorf("the guest was customized %d times", got)
	}
	sim.Settle()
	d.clean("plan", d.unchanged(d.refreshed(made), on))
}

func TestAReadinessProbeIsWaitedFor(t *testing.T) {
	t.Parallel() // with a simulator of its own: it waits more than it works
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	sim := simulator.Start(t)
	if err := sim.PublishGuestInfo(simulator.AllMachines, "guestinfo.ready", "yes"); err != nil {
		t.Fatal(err)
	}
	d := connected(t, sim)
	port := listener.Addr().(*net.TCPAddr).Port
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().(*net.TCPAddr).Port
	_ = closed.Close()
	for name, test := range map[string]struct {
		good, bad tree
		seen      string
	}{
		"tcp":       {tree{"tcp_socket": tree{"host": "127.0.0.1", "port": port}}, tree{"tcp_socket": tree{"host": "127.0.0.1", "port": nobody}}, "refused"},
		"guestinfo": {tree{"guest_info": []any{tree{"key": "ready", "value": "^yes$"}}}, tree{"guest_info": []any{tree{"key": "ready", "value": "^no$"}}}, `guestinfo.ready is "yes"`},
		"heartbeat": {tree{"guest_heartbeat": tree{"threshold_status": "green"}}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := d.in(t)
			config := with(with(prepared(), "name", name), "power_off_mode", "Hard")
			config = with(config, "timeouts", tree{"create": "8s", "update": "4s"})
			ready := with(config, "readiness_probe", test.good)
			made := d.applied(d.nothing(), ready)
			if got := condition(made.state, "Ready"); !strings.HasPrefix(got, "True") {
				t.Errorf("the condition is %s", got)
			}
			sim.Settle()
			made = d.refreshed(made)
			d.clean("plan", d.unchanged(made, ready))
			if test.bad == nil {
				return
			}
			giving := with(config, "readiness_probe", test.bad)
			late, diags := d.planned(made, giving).apply()
			mentions(t, diags, tfprotov6.DiagnosticSeverityError, "Unable to update the virtual machine", test.seen)
			if diags := d.destroy(d.refreshed(late)); failed(diags) {
				t.Fatal(said(diags))
			}
			late, diags = d.planned(d.nothing(), giving).apply()
			mentions(t, diags, tfprotov6.DiagnosticSeverityWarning, "The guest is not ready", test.seen, "The machine runs and is kept")
			late = d.refreshed(late)
			if got := condition(late.state, "Ready"); strings.HasPrefix(got, "True") || got == "none" {
				t.Errorf("the condition is %s", got)
			}
			d.clean("plan", d.unchanged(late, giving))
		})
	}
}
