package virtualmachine_test

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/protocol"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/virtualmachine"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// powering are the calls that change the power state of a machine.
var powering = []string{
	"PowerOffVM_Task", "ShutdownGuest", "PowerOnVM_Task", "SuspendVM_Task", "StandbyGuest", "ResetVM_Task", "RebootGuest",
}

// ofTheTable is the provider for the machines of the table.
func ofTheTable(t *testing.T) (*direct, *simulator.Simulator) {
	t.Helper()
	sim := simulator.Start(t, simulator.WithEveryImageType())
	config := providerTree(sim)
	own := config["namespace"].([]any)[0].(tree)
	own["content_libraries"] = []any{simulator.LibraryTeamAImages, simulator.LibraryPublished}
	other := maps.Clone(own)
	other["name"], other["folder"] = "team-b", simulator.FolderTeamB
	config["namespace"] = []any{own, other}
	config["cluster_content_libraries"] = []any{simulator.LibraryBaseImages, simulator.LibraryInstallers}
	d := serve(t)
	d.clean("configure the provider", d.configure(config))
	return d, sim
}

// tried is a row while it is tried on machines of a simulator.
type tried struct {
	*direct
	sim  *simulator.Simulator
	row  *virtualmachine.ChangeRow
	does virtualmachine.ChangeOutcome
}

// effect is a cell without what the guest is told.
func effect(cell string) string { return strings.TrimSuffix(cell, ", "+virtualmachine.Told) }

// configs are the two configurations, with more in both. The guest is cloud-init's, where it is told.
func (r *tried) configs(more tree) (before, after tree) {
	before, after = r.row.Before(), r.row.After()
	if strings.Contains(r.does.Running, virtualmachine.Told) && len(before["bootstrap"].(tree)) == 0 {
		before["bootstrap"], after["bootstrap"] = tree{"cloud_init": tree{}}, tree{"cloud_init": tree{}}
	}
	for name, value := range more {
		if after[name] == nil || after[name] == before[name] {
			after[name] = value
		}
		before[name] = value
	}
	return before, after
}

// made makes the machine of the row.
func (r *tried) made(config tree) machine {
	r.Helper()
	if !r.row.HotPlug {
		made := r.applied(r.nothing(), config)
		r.sim.Settle()
		return made
	}
	made := r.applied(r.nothing(), with(config, "power_state", "PoweredOff"))
	if err := r.sim.Reconfigure("web", govmomi.VirtualMachineConfigSpec{CpuHotAddEnabled: govmomi.NewBool(true), MemoryHotAddEnabled: govmomi.NewBool(true)}); err != nil {
		r.Fatal(err)
	}
	if config["power_state"] != "PoweredOff" {
		made = r.applied(made, config)
		r.sim.Settle()
	}
	return made
}

// gone takes every machine away.
func (r *tried) gone() {
	for _, name := range []string{"web", "db"} {
		_ = r.sim.Destroy(name) // one of them is not there
	}
}

// done applies a plan, and wants nothing to be left to do.
func (r *tried) done(p plan) machine {
	r.Helper()
	r.sim.ResetRequests()
	made, diags := p.apply()
	r.clean("apply", diags)
	if broken := contradictions(p.planned, made.state); len(broken) > 0 {
		r.Errorf("apply contradicts the plan:\n%s", strings.Join(broken, "\n"))
	}
	return made
}

func (r *tried) settled(made machine, config tree) {
	r.Helper()
	r.sim.Settle()
	made = r.refreshed(made)
	again, diags := r.plan(made, config)
	if failed(diags) {
		r.Fatalf("the next plan: %s", said(diags))
	}
	if left := contradictions(made.state, again.planned); len(left) > 0 || len(unknownIn(again.planned)) > 0 {
		r.Errorf("the next plan is not empty:\n%s\nunknown: %v", strings.Join(left, "\n"), unknownIn(again.planned))
	}
}

// powered wants calls that change the power state, and no other.
func (r *tried) powered(want ...string) {
	r.Helper()
	var got []string
	for _, request := range r.sim.Requests(powering...) {
		got = append(got, request.Operation)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("power (-want +got):\n%s", diff)
	}
}

// changed wants the members of the row in the reconfigurations, beside what every one may have: what
// the machine remembers, and what the guest is told.
func (r *tried) changed() {
	r.Helper()
	var got []string
	for _, request := range r.sim.Requests("ReconfigVM_Task") {
		got = append(got, members(r, request.Body)...)
	}
	got = slices.Compact(slices.Sorted(slices.Values(got)))
	if !slices.Contains(r.does.Members, "extraConfig") {
		got = slices.DeleteFunc(got, func(member string) bool { return member == "extraConfig" })
	}
	if diff := cmp.Diff(r.does.Members, got, cmpopts.EquateEmpty()); diff != "" {
		r.Errorf("members of the reconfiguration (-want +got):\n%s", diff)
	}
	if upgrades := len(r.sim.Requests("UpgradeVM_Task")); (upgrades == 1) != (r.does.Version > 0) {
		r.Errorf("%d upgrades to version %d", upgrades, r.does.Version)
	}
}

// members are those of the specification in a request, with the operation and the type of devices.
func members(t testing.TB, body string) []string {
	t.Helper()
	var names, out []string
	operation := ""
	decoder := xml.NewDecoder(strings.NewReader(body))
	inside := func() []string {
		if at := slices.Index(names, "spec"); at >= 0 {
			return names[at+1:]
		}
		return nil
	}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			names = append(names, e.Name.Local)
			switch at := inside(); {
			case len(at) == 1 && at[0] != "deviceChange":
				out = append(out, at[0])
			case len(at) == 2 && at[1] == "device":
				for _, attribute := range e.Attr {
					if attribute.Name.Local == "type" {
						out = append(out, operation+" "+attribute.Value)
					}
				}
			}
		case xml.CharData:
			if at := inside(); len(at) == 2 && at[1] == "operation" {
				operation = string(e)
			}
		case xml.EndElement:
			names = names[:len(names)-1]
		}
	}
}

// The guide's table says what becomes of a change. This is what becomes of it.
func TestARowOfTheGuideIsWhatHappens(t *testing.T) {
	d, sim := ofTheTable(t)
	for _, row := range virtualmachine.ChangeRows() {
		t.Run(row.Name(), func(t *testing.T) {
			r := &tried{direct: d.in(t), sim: sim, row: &row, does: row.Outcome(t)}
			running, off := effect(r.does.Running), effect(r.does.Off)
			switch running {
			case virtualmachine.Refused, virtualmachine.Replaces:
				r.planned(running)
				return
			case virtualmachine.PowerCycled, virtualmachine.AtNextStart:
				r.cycled(running)
			}
			if running == virtualmachine.WaitedFor && !strings.Contains(row.Attribute, "threshold_status") {
				r.onOne(tree{"power_state": "PoweredOff"}, off) // nothing answers the probe
				return
			}
			if running != virtualmachine.PowerCycled {
				r.onOne(nil, running)
			}
			if row.Attribute != "power_state" {
				r.onOne(tree{"power_state": "PoweredOff"}, off)
			}
		})
	}
}

// planned tries a row that a plan refuses, or makes another machine for.
func (r *tried) planned(does string) {
	r.Helper()
	defer r.gone()
	before, after := r.configs(nil)
	made := r.made(before)
	p, diags := r.plan(made, after)
	if does == virtualmachine.Refused {
		if len(diags) != 1 || !failed(diags) || diags[0].Attribute == nil {
			r.Errorf("it is not refused at its place, but: %s", said(diags))
		}
		return
	}
	r.clean("plan", beside(diags, replacesVolumes))
	if diff := cmp.Diff(r.does.Replacing, p.replace); diff != "" {
		r.Errorf("replacing (-want +got):\n%s", diff)
	}
}

// onOne tries the row on a machine that is not powered off and on for it.
func (r *tried) onOne(more tree, does string) {
	r.Helper()
	defer r.gone()
	before, after := r.configs(more)
	made := r.made(before)
	p, diags := r.plan(made, after)
	if does == virtualmachine.AtNextStart && len(diags) == 1 && !failed(diags) {
		if !strings.Contains(diags[0].Summary, "next power-on") || !strings.Contains(diags[0].Detail, strings.Join(r.does.Changes, ", ")) {
			r.Errorf("the plan says %s", said(diags))
		}
	} else if r.clean("plan", beside(diags, destroys)); does == virtualmachine.AtNextStart {
		r.Error("the plan does not say that the change waits")
	}
	if len(p.replace) > 0 {
		r.Errorf("the plan replaces it for %v", p.replace)
	}
	made = r.done(p)
	switch does {
	case virtualmachine.BroughtAbout:
		r.powered("ShutdownGuest")
	case virtualmachine.Restarts:
		r.powered("RebootGuest")
	default:
		r.powered()
	}
	r.changed()
	if goes := slices.Contains(r.does.Members, "remove VirtualDisk"); says(diags, destroys) != goes {
		r.Errorf("that a disk is destroyed is %t, and the plan says %s", goes, said(diags))
	}
	r.settled(made, after)
}

// cycled tries the row on a machine that runs, and may be powered off and on, or may not.
func (r *tried) cycled(does string) {
	r.Helper()
	defer r.gone()
	before, after := r.configs(tree{"allow_power_cycle": true, "power_off_mode": "Hard"})
	made := r.made(before)
	if does == virtualmachine.PowerCycled {
		_, diags := r.plan(made, with(after, "allow_power_cycle", false))
		if len(diags) != 1 || !failed(diags) || diags[0].Attribute == nil || !strings.Contains(diags[0].Detail, r.does.Reasons) {
			r.Errorf("it is not refused for %s, but: %s", r.does.Reasons, said(diags))
		}
	}
	p, diags := r.plan(made, after)
	said := slices.IndexFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Summary == cycles })
	if said < 0 || diags[said].Attribute == nil || does == virtualmachine.PowerCycled && !strings.Contains(diags[said].Detail, r.does.Reasons) {
		r.Errorf("the plan does not say that the machine is powered off and on for %s, but: %s", r.does.Reasons, protocol.Said(diags))
	}
	r.clean("plan", beside(diags, announcements...))
	made = r.done(p)
	r.powered("PowerOffVM_Task", "PowerOnVM_Task")
	r.changed()
	// A disk that is new is noted in the machine's record when it is there.
	want := 1
	if slices.Contains(r.does.Members, "add VirtualDisk") {
		want = 2
	}
	if got := len(r.sim.Requests("ReconfigVM_Task")); got != want {
		r.Errorf("%d reconfigurations, want %d", got, want)
	}
	r.settled(made, after)
}
