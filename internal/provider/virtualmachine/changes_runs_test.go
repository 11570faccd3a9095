package virtualmachine_test

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/acceptance"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/virtualmachine"
)

// runs are the commands that a group of trials shares.
type runs struct {
	*acceptance.CLI
	*gallery
	t      *testing.T
	trials []*trial
	// refused is for trials whose plan is also tried without allow_power_cycle.
	refused bool
}

// exit codes of plans with -detailed-exitcode.
var (
	fine    = []int{0}
	failing = []int{1}
	changes = []int{2}
)

// written writes the configuration of every trial.
func (g *runs) written(of func(*trial) tree) {
	g.t.Helper()
	machines := tree{}
	for _, r := range g.trials {
		if config := of(r); config != nil {
			machines[r.address] = config
		}
	}
	g.Configure(tree{"provider": tree{"vmoperator": ofTheTable(g.sim)}, "resource": tree{machineType: machines}})
}

// run runs a command, and deals its diagnostics out to the trials. Another exit code than one of those
// ends the commands of these trials, and so does a diagnostic that is of none of them.
func (g *runs) run(codes []int, to func(*trial) *[]acceptance.Said, arguments ...string) acceptance.Ran {
	g.t.Helper()
	ran := g.Run(arguments...)
	var errors []string
	for _, said := range ran.Said {
		i := slices.IndexFunc(g.trials, func(r *trial) bool { return machineType+"."+r.address == said.Address })
		switch {
		case i >= 0:
			all := to(g.trials[i])
			*all = append(*all, said)
		case said.Summary != "Provider development overrides are in effect":
			g.t.Errorf("about no machine: %s", said)
		}
		if said.Severity == "error" {
			errors = append(errors, said.String())
		}
	}
	if !slices.Contains(codes, ran.Code) {
		g.t.Errorf("%s: exit code %d, want one of %v:\n%s", strings.Join(arguments, " "), ran.Code, codes, strings.Join(errors, "\n"))
	}
	if g.t.Failed() {
		g.t.FailNow()
	}
	return ran
}

// plan plans into a file, and deals out what the plan says and does.
func (g *runs) plan(codes []int, said func(*trial) *[]acceptance.Said, does func(*trial, *tfjson.ResourceChange)) {
	g.t.Helper()
	if g.run(codes, said, "plan", "-json", "-detailed-exitcode", "-out=planned").Code == 0 {
		return
	}
	var plan tfjson.Plan
	if err := json.Unmarshal(g.Run("show", "-json", "planned").Output, &plan); err != nil {
		g.t.Fatal(err)
	}
	for _, change := range plan.ResourceChanges {
		i := slices.IndexFunc(g.trials, func(r *trial) bool { return machineType+"."+r.address == change.Address })
		if i < 0 {
			g.t.Fatalf("%s is planned", change.Address)
		}
		does(g.trials[i], change)
	}
}

// there are the trials that have a machine: not those of new ones that are refused.
func (g *runs) there() []*trial {
	return among(g.trials, func(r *trial) bool { return r.column != onNew || !r.asks() && !r.waits() })
}

// create makes the machines with what they have at first.
func (g *runs) create(config func(*trial) tree) {
	g.t.Helper()
	g.written(config)
	g.run(fine, (*trial).saysApplied, "apply", "-auto-approve", "-json")
	for _, r := range g.trials {
		if len(r.seen.applied) > 0 {
			g.t.Errorf("%s: creation says %v", r.path(), r.seen.applied)
		}
	}
	requests := g.sim.Requests()
	g.look(g.there(), func(r *trial, found *picture) {
		found.hardware["policies"] = policies(requestsOf(requests, r, found.ref))
		r.seen.made = found
	})
}

// prepare does behind Terraform's back what the trials need.
func (g *runs) prepare() {
	g.t.Helper()
	for _, r := range g.there() {
		if r.row.HotPlug {
			g.pluggable(r.seen.made.ref, r.column == onOff)
		}
		if r.column == onSuspended {
			g.suspend(r.seen.made.ref)
		}
	}
	g.look(g.there(), func(r *trial, found *picture) {
		found.hardware["policies"] = r.seen.made.hardware["policies"]
		r.seen.from = found
	})
}

// change makes the machines what they are to be, and plans once more.
func (g *runs) change() {
	g.t.Helper()
	g.prepare()
	if g.refused {
		g.written((*trial).forbidden)
		g.run(failing, func(r *trial) *[]acceptance.Said { return &r.seen.refused }, "plan", "-json")
	}
	after := func(r *trial) tree {
		switch {
		case r.effect == virtualmachine.Refused && r.column == onNew:
			return nil
		case r.effect == virtualmachine.Refused:
			return r.still()
		}
		return r.after
	}
	g.written(after)
	g.plan(changes, (*trial).saysPlanned, func(r *trial, does *tfjson.ResourceChange) { r.seen.change = does })
	earlier := len(g.sim.Requests())
	g.run(fine, (*trial).saysApplied, "apply", "-json", "planned")
	requests := g.sim.Requests()[earlier:]
	g.look(g.there(), func(r *trial, found *picture) {
		r.seen.requests = requestsOf(requests, r, r.seen.from.ref)
		if found.ref != r.seen.from.ref {
			r.seen.requests = append(r.seen.requests, requestsOf(requests, r, found.ref)...)
		}
		found.hardware["policies"] = cmp.Or(policies(r.seen.requests), r.seen.from.hardware["policies"])
		r.seen.to = found
	})
	g.plan(append(slices.Clone(fine), changes...), (*trial).saysAgain, func(r *trial, does *tfjson.ResourceChange) { r.seen.next = does })
}
