package virtualmachine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// preparedFromPool is a machine whose guest LinuxPrep gives the addresses that a pool assigns.
func preparedFromPool() tree {
	return tree{
		"name": "pooled", "image_name": "Photon OS 5.0", "class_name": "best-effort-small", "power_off_mode": "Hard",
		"network":   tree{"interface": []any{tree{"name": "eth0", "network": tree{"name": simulator.NetworkPooled}}}},
		"bootstrap": tree{"linux_prep": tree{"time_zone": "Europe/Sofia"}},
	}
}

// A machine that holds addresses and has a customization pending is made good as any other:
// whatever call of its create fails, the next apply leaves one machine with its two addresses,
// and a guest that was customized once.
func TestACreateWithACustomizationAndAPoolIsMadeGood(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	config := preparedFromPool()
	holds := func(t *testing.T, want int) {
		t.Helper()
		if got, err := sim.IPAllocations(simulator.NetworkPooled); err != nil || len(got) != want {
			t.Errorf("%d addresses are allocated instead of %d: %v, %v", len(got), want, got, err)
		}
	}
	gone := func(t *testing.T, of machine) {
		t.Helper()
		if diags := connected(t, sim).destroy(connected(t, sim).refreshed(of)); failed(diags) {
			t.Fatal(said(diags))
		}
		holds(t, 0)
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
	if seen[opCustomize] != 1 || seen["AllocateIpv4Address"] != 1 || seen["AllocateIpv6Address"] != 1 {
		t.Errorf("the create consisted of %v", seen)
	}
	gone(t, made)

	for i, point := range points {
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
				first := left
				if failed(diags) && !killed && !left.state.IsNull() {
					gone(t, left) // tainted
				}
				if failed(diags) {
					left, diags = createAfresh(t, sim, config, func() {})
				}
				if failed(diags) && killed && strings.Contains(said(diags), "Import it") {
					// Without its mark, a machine that no state knows is somebody's.
					gone(t, first)
					return
				}
				if failed(diags) {
					t.Fatal(said(diags))
				}
				if got := sim.Machines(); !slices.Equal(got, []string{"pooled"}) {
					t.Errorf("there are %v", got)
				}
				holds(t, 2)
				sim.Settle()
				report, err := sim.GuestReport("pooled")
				if err != nil || !report.Running || report.TimeZone != "Europe/Sofia" || len(report.Problems) > 0 {
					t.Errorf("the guest is %+v, %v", report, err)
				}
				if told, err := sim.Customization("pooled"); err != nil || told.Count != 1 || told.Pending != nil {
					t.Errorf("the guest was customized %d times, and %v is pending: %v", told.Count, told.Pending, err)
				}
				gone(t, left)
			})
		}
	}
}
