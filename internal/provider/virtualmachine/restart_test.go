package virtualmachine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// powerCalls are the names of the requests about power since they were last forgotten.
func powerCalls(sim *simulator.Simulator) []string {
	var out []string
	for _, request := range sim.Requests("PowerOnVM_Task", "PowerOffVM_Task", "ShutdownGuest", "RebootGuest", "ResetVM_Task", "SuspendVM_Task") {
		out = append(out, request.Operation)
	}
	return out
}

func TestAMachineIsRestartedOnceForATime(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim)
	const first, second = "2026-01-01T00:00:00Z", "2026-01-02T01:00:00+01:00"
	config := with(small(), "next_restart_time", first)
	made := d.applied(d.nothing(), config)
	sim.Settle()
	sim.ResetRequests()
	for _, step := range []struct {
		name  string
		at    string
		value any
		calls []string
	}{
		{"the time that it was made with", "power_off_mode", "Hard", nil},
		{"a later time", "next_restart_time", second, []string{"RebootGuest"}},
		{"the same time in another zone", "next_restart_time", "2026-01-02T00:00:00Z", nil},
		{"an earlier time", "next_restart_time", first, nil},
		{"a later time, the hard way", "restart_mode", "Hard", nil},
		{"which it takes", "next_restart_time", "2026-01-03T00:00:00Z", []string{"ResetVM_Task"}},
		{"no time", "next_restart_time", nil, nil},
		{"a stop", "power_state", "PoweredOff", []string{"PowerOffVM_Task"}},
		{"a time while it is off", "next_restart_time", "2026-01-04T00:00:00Z", nil},
		{"a start, which is as good as a restart", "power_state", "PoweredOn", []string{"PowerOnVM_Task"}},
	} {
		config = with(config, step.at, step.value)
		made = d.applied(d.refreshed(made), config)
		if diff := cmp.Diff(step.calls, powerCalls(sim)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
		sim.Settle()
		sim.ResetRequests()
		if again := d.planned(d.refreshed(made), config); len(contradictions(made.state, again.planned)) > 0 {
			t.Errorf("%s: the next plan is not empty: %v", step.name, contradictions(made.state, again.planned))
		}
	}
}

func TestARestartIsNotPutOffToTheFuture(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), small())
	_, diags := d.plan(made, with(small(), "next_restart_time", time.Now().Add(time.Hour).Format(time.RFC3339)))
	oneError(t, diags, "next_restart_time", "in the future")
}

// The clock of whoever writes the time may go before that of whoever applies it.
func TestATimeThatIsAMomentAheadPutsOffNoRestart(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim)
	soon := func(ahead time.Duration) string { return time.Now().Add(ahead).UTC().Format(time.RFC3339) }
	config := with(small(), "next_restart_time", soon(3*time.Minute))
	made := d.applied(d.nothing(), config)
	for _, step := range []struct {
		name  string
		at    string
		value any
		calls []string
	}{
		{"the time that it was made with", "power_off_mode", "Hard", nil},
		{"a time that is less ahead", "next_restart_time", soon(2 * time.Minute), []string{"RebootGuest"}},
		{"the same time", "power_off_mode", "Soft", nil},
		{"a stop", "power_state", "PoweredOff", []string{"ShutdownGuest"}},
	} {
		sim.Settle()
		sim.ResetRequests()
		config = with(config, step.at, step.value)
		made = d.applied(d.refreshed(made), config)
		if diff := cmp.Diff(step.calls, powerCalls(sim)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	sim.Settle()
	sim.ResetRequests()
	config = with(with(config, "next_restart_time", soon(time.Minute)), "power_state", "PoweredOn")
	d.applied(d.refreshed(made), config)
	if diff := cmp.Diff([]string{"PowerOnVM_Task"}, powerCalls(sim)); diff != "" {
		t.Errorf("a start, which is as good as a restart (-want +got):\n%s", diff)
	}
}

func TestAVolumeThatIsNotRemovableStays(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(small(), "volume", []any{tree{"name": "data", "capacity": "1Gi", "removable": false}})
	made := d.applied(d.nothing(), config)
	_, diags := d.plan(d.refreshed(made), small())
	oneError(t, diags, "volume", "not removable")
	made = d.applied(d.refreshed(made), with(config, "volume[0].removable", true))
	made = d.applied(d.refreshed(made), small())
	if got := len(elementsOf(within(d.refreshed(made).state, "volume"))); got != 0 {
		t.Errorf("%d volumes are left", got)
	}
}
