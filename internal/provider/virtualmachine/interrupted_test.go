package virtualmachine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// ofCreate are the requests of one create, in order, each with how many of its kind went before.
type ofCreate struct {
	operation string
	before    int
	soap      bool
}

// createAfresh plans with one provider and applies with another, as a CLI does.
func createAfresh(t *testing.T, sim *simulator.Simulator, config tree, between func()) (machine, []*tfprotov6.Diagnostic) {
	t.Helper()
	planning := connected(t, sim)
	p, diags := planning.plan(planning.nothing(), config)
	planning.clean("plan", freeOrTaken(diags))
	p.direct = connected(t, sim)
	between()
	return p.apply()
}

// Whatever call of a create fails, the next apply succeeds and leaves one machine: with the
// state that the failed one left, where Terraform replaces the machine, and with none, as after
// a process that was killed.
func TestACreateThatFailsAnywhereIsMadeGood(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	config := tree{
		"name": "interrupted", "image_name": "Photon OS 5.0", "class_name": "best-effort-small", "power_off_mode": "Hard",
		"bootstrap": tree{"cloud_init": tree{"cloud_config": tree{"timezone": "Etc/UTC"}}},
	}
	made, diags := createAfresh(t, sim, config, func() { sim.ResetRequests() })
	if failed(diags) {
		t.Fatal(said(diags))
	}
	var points []ofCreate
	seen := map[string]int{}
	for _, request := range sim.Requests() {
		points = append(points, ofCreate{request.Operation, seen[request.Operation], request.SOAP})
		seen[request.Operation]++
	}
	lastReconfigure := 0
	for i, point := range points {
		if point.operation == "ReconfigVM_Task" {
			lastReconfigure = i
		}
	}
	if destroyed := connected(t, sim).destroy(made); failed(destroyed) {
		t.Fatal(said(destroyed))
	}

	for i, point := range points {
		// Not a status of 500, which does not say whether anything was done: after a deploy the
		// machine would be waited for.
		rule := simulator.Rule{Operation: point.operation, After: point.before, Status: 403}
		if point.soap {
			rule = simulator.Rule{Operation: point.operation, After: point.before, Fault: "RuntimeFault", Message: "injected"}
		}
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%02d %s killed=%t", i, strings.ReplaceAll(point.operation, "/", " "), killed), func(t *testing.T) {
				left, diags := createAfresh(t, sim, config, func() {
					if err := sim.Inject(rule); err != nil {
						t.Fatal(err)
					}
				})
				sim.ClearRules()
				if failed(diags) && !killed && !left.state.IsNull() {
					// Terraform keeps it as tainted, and destroys it before it creates another one.
					left = connected(t, sim).refreshed(left)
					if destroyed := connected(t, sim).destroy(left); failed(destroyed) {
						t.Fatal(said(destroyed))
					}
				}
				if failed(diags) {
					left, diags = createAfresh(t, sim, config, func() {})
				}
				// Without its mark, a machine that no state knows is somebody's.
				forgotten := killed && i > lastReconfigure && strings.Contains(said(diags), "Import it")
				if failed(diags) && !forgotten {
					t.Fatal(said(diags))
				}
				if got := sim.Machines(); !slices.Equal(got, []string{"interrupted"}) {
					t.Errorf("there are %v", got)
				}
				if failed(diags) {
					if err := sim.Destroy("interrupted"); err != nil {
						t.Fatal(err)
					}
					return
				}
				sim.Settle()
				if report, err := sim.GuestReport("interrupted"); err != nil || !report.Running || !strings.Contains(report.UserData, "Etc/UTC") {
					t.Errorf("the guest is %+v, %v", report, err)
				}
				if destroyed := connected(t, sim).destroy(left); failed(destroyed) {
					t.Fatal(said(destroyed))
				}
			})
		}
	}
}

// Where the answer to a change is lost, the change is found or made once more, and never makes
// a second machine.
func TestALostAnswerMakesNoSecondMachine(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	config := tree{"name": "lost", "image_name": "Photon OS 5.0", "power_off_mode": "Hard"}
	for _, rule := range []simulator.Rule{
		{Operation: "POST */ovf/library-item/*", Lose: true},
		{Operation: "ReconfigVM_Task", Lose: true},
		{Operation: "ReconfigVM_Task", After: 1, Lose: true},
		{Operation: "PowerOnVM_Task", Lose: true},
		{Operation: "WaitForUpdatesEx", Lose: true},
		{Operation: "FindChild", Lose: true},
	} {
		t.Run(fmt.Sprintf("%s %d", strings.ReplaceAll(rule.Operation, "/", " "), rule.After), func(t *testing.T) {
			made, diags := createAfresh(t, sim, config, func() {
				sim.ResetRequests()
				if err := sim.Inject(rule); err != nil {
					t.Fatal(err)
				}
			})
			sim.ClearRules()
			if got := len(sim.Requests("POST */ovf/library-item/*?~action=deploy")); got > 1 {
				t.Errorf("the image was deployed %d times", got)
			}
			if failed(diags) {
				t.Logf("it fails, and says: %s", said(diags))
				if !made.state.IsNull() {
					if destroyed := connected(t, sim).destroy(connected(t, sim).refreshed(made)); failed(destroyed) {
						t.Fatal(said(destroyed))
					}
				}
				if made, diags = createAfresh(t, sim, config, func() {}); failed(diags) {
					t.Fatal(said(diags))
				}
			}
			if got := sim.Machines(); !slices.Equal(got, []string{"lost"}) {
				t.Errorf("there are %v", got)
			}
			if destroyed := connected(t, sim).destroy(made); failed(destroyed) {
				t.Fatal(said(destroyed))
			}
		})
	}
}
