package provider_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/acceptance"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// start starts a simulator for the provider of this test to find, and makes sure that no session is left
// on it when the test has ended.
func start(t *testing.T) *simulator.Simulator {
	t.Helper()
	sim := unconnected(t)
	connect(t, sim.Connection())
	return sim
}

// export is start for a test that runs alone: what the provider finds is in the environment.
func export(t *testing.T) *simulator.Simulator {
	t.Helper()
	sim := unconnected(t)
	to := sim.Connection()
	acceptance.Export(t, to.Server, to.User, to.Password, to.CAFile)
	return sim
}

// unconnected is start without the finding.
func unconnected(t *testing.T) *simulator.Simulator {
	t.Helper()
	needCLI(t)
	sim := simulator.Start(t)
	t.Cleanup(func() {
		if left := sim.Sessions(); left != (simulator.Sessions{}) {
			t.Errorf("sessions are left: %+v", left)
		}
	})
	return sim
}

// look is a check that reports by the test itself.
func look(see func()) check {
	return func() error { see(); return nil }
}

func does(action plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(web, action)
}

// shows is a check of a value in state.
func shows(path string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(web, pathTo(path), want)
}

// plans is a check of a value in a plan.
func plans(path string, want knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(web, pathTo(path), want)
}

// changesOnly checks which values a planned update of the machine changes: the paths that
// differ between before and after, those that become unknown included.
type changesOnly []string

// CheckPlan implements plancheck.PlanCheck.
func (want changesOnly) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != web {
			continue
		}
		var found []string
		differing("", change.Change.Before, change.Change.After, change.Change.AfterUnknown, &found)
		if strings.Join(found, "\n") != strings.Join(want, "\n") {
			resp.Error = fmt.Errorf("the plan changes\n\t%s\nand not\n\t%s", strings.Join(found, "\n\t"), strings.Join(want, "\n\t"))
		}
		return
	}
	resp.Error = fmt.Errorf("no change of %s is planned", web)
}

// remember keeps a value of the machine's state in to.
func remember(path string, to *string) statecheck.StateCheck {
	return acceptance.Remember(web, path, to)
}

// unchanged checks that a value of the machine's state is the one that was remembered.
func unchanged(path string, from *string) statecheck.StateCheck {
	return acceptance.Unchanged(web, path, from)
}

// planJSON gives the whole plan to a function.
type planJSON func(*tfjson.Plan) error

// CheckPlan implements plancheck.PlanCheck.
func (f planJSON) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = f(req.Plan)
}

// edited replaces texts of a configuration, each of which must be there once.
func edited(t *testing.T, config string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if n := strings.Count(config, pairs[i]); n != 1 {
			t.Fatalf("%q is %d times in the configuration", pairs[i], n)
		}
		config = strings.Replace(config, pairs[i], pairs[i+1], 1)
	}
	return config
}

// asked checks which operations that change something an apply consisted of, and forgets them
// for the next.
func asked(t *testing.T, sim *simulator.Simulator, want ...string) check {
	return look(func() {
		t.Helper()
		got := operations(sim.Requests(changing...))
		sim.ResetRequests()
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the apply changed vCenter otherwise (-want +got):\n%s", diff)
		}
	})
}

// reconfigured looks at the only ReconfigVM_Task of an apply.
func reconfigured(t *testing.T, sim *simulator.Simulator, see func(request simulator.Request)) check {
	return look(func() {
		t.Helper()
		requests := sim.Requests(opReconfigure)
		if len(requests) != 1 {
			t.Errorf("there were %d reconfigurations instead of one", len(requests))
			return
		}
		see(requests[0])
	})
}

// sends checks which fields and which ExtraConfig keys the only ReconfigVM_Task of an apply changes.
func sends(t *testing.T, sim *simulator.Simulator, fields, keys []string) check {
	return reconfigured(t, sim, func(request simulator.Request) {
		t.Helper()
		if diff := cmp.Diff(fields, changes(request)); diff != "" {
			t.Errorf("the reconfiguration has other fields (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(keys, extraConfigKeys(request), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the reconfiguration has other keys (-want +got):\n%s", diff)
		}
	})
}

func stateChecks(checks ...statecheck.StateCheck) []statecheck.StateCheck { return checks }

// servedCertificate is the certificate that the simulator shows, as DER.
func servedCertificate(t *testing.T, sim *simulator.Simulator) []byte {
	t.Helper()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}} //nolint:gosec // to see it
	conn, err := dialer.DialContext(t.Context(), "tcp", sim.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	secure, ok := conn.(*tls.Conn)
	if !ok {
		t.Fatalf("a connection is a %T", conn)
	}
	return secure.ConnectionState().PeerCertificates[0].Raw
}
