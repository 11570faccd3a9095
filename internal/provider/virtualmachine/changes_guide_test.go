package virtualmachine_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/acceptance"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/virtualmachine"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// The environment may ask for some rows only, by a regular expression: -run chooses among results that
// all rows have been tried for.
const rowsVariable = "VMOPERATOR_ROWS"

// batchSize is how many machines share commands: the CLI writes the state of all of them whenever one
// changes.
const batchSize = 60

// The guide's table says what becomes of a change. This is what becomes of it, in every column, when
// Terraform or OpenTofu plan and apply it: each row has a machine of its own in each column, and the
// machines share the commands.
func TestARowOfTheGuideIsWhatHappens(t *testing.T) {
	t.Parallel()
	cli := acceptance.NewCLI(t)
	ports := portsOf(t)
	all := trialsOf(t, ports)
	if some := os.Getenv(rowsVariable); some != "" {
		all = among(all, func(r *trial) bool { return regexp.MustCompile(some).MatchString(r.row.Name()) })
	}
	sim := simulator.Start(t, simulator.WithEveryImageType())
	publish(t, sim, publishedFirst)
	pictures := newGallery(t, sim)
	t.Run("runs", func(t *testing.T) {
		run := func(name string, which func(*trial) bool, f func(*runs)) {
			for batch := range slices.Chunk(among(all, which), batchSize) {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					f(&runs{CLI: cli.In(t), gallery: pictures.in(t), t: t, trials: batch})
				})
			}
		}
		run("wait", (*trial).waits, func(g *runs) { g.wait(ports) })
		run("make", func(r *trial) bool { return r.column == onNew && !r.waits() && !r.asks() }, func(g *runs) {
			g.create(func(r *trial) tree { return r.after })
		})
		run("change", func(r *trial) bool { return r.column != onNew && !r.waits() && !r.asks() }, func(g *runs) {
			g.create((*trial).first)
			g.change()
		})
		run("ask", (*trial).asks, func(g *runs) {
			g.refused = true
			g.create((*trial).first)
			g.change()
		})
	})
	ended := t.Failed()
	for _, r := range all {
		if blamed := r.errors(); !ended {
			t.Run(r.path(), func(t *testing.T) { r.judge(t, all) })
		} else if len(blamed) > 0 && !r.waits() {
			t.Run(r.path(), func(t *testing.T) { t.Errorf("the guide says %q, and the CLI %v", r.effect, blamed) })
		}
	}
}

// judge compares what was seen of a trial with the guide.
func (r *trial) judge(t *testing.T, all []*trial) {
	t.Helper()
	beside := func(column string) *picture {
		return all[slices.IndexFunc(all, func(o *trial) bool { return o.row.Name() == r.row.Name() && o.column == column })].seen.made
	}
	switch {
	case r.waits():
		r.judgeWait(t)
	case r.effect == virtualmachine.Refused && r.column == onNew:
		r.judgeRefusal(t)
	case r.column == onNew:
		r.judgeNew(t, beside(onRunning))
	default:
		r.judgePlans(t)
		r.judgeChange(t, beside(onRunning), beside(onNew))
	}
}

// judgeNew compares a machine that was made with what the row is about with one that was made
// without.
func (r *trial) judgeNew(t *testing.T, without *picture) {
	t.Helper()
	made := r.seen.made
	if made == nil || without == nil {
		t.Fatal("it was not made")
	}
	hardware, guest := differing(without.hardware, made.hardware), differing(without.guest, made.guest)+otherCards(without, made)
	if (hardware != "") != (r.effect == virtualmachine.Set) {
		t.Errorf("the guide says %q; of the machine is different:\n%s", r.effect, hardware)
	}
	if (guest != "") != r.told {
		t.Errorf("told: the guide says %t; the guest is told otherwise:\n%s", r.told, guest)
	}
}

// otherCards are the cards of one machine that the other does not have so, and that the guest is told of:
// it is told their addresses.
func otherCards(without, made *picture) string {
	var out []string
	for key, value := range made.hardware {
		name, is := strings.CutSuffix(key, " type")
		if !is {
			name, is = strings.CutSuffix(key, " address")
		}
		if is && value != without.hardware[key] && strings.Contains(made.guest[cloudinit.KeyMetadata], "<"+name+">") {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

// needsOff is what a plan says of a change that needs allow_power_cycle, and waitsForStart of one that
// does without.
const (
	needsOff      = "The change needs the machine powered off"
	waitsForStart = "The change takes effect at the next power-on"
)

// judgeRefusal wants that the plan refuses the change for itself.
func (r *trial) judgeRefusal(t *testing.T) {
	t.Helper()
	said := r.seen.refused
	if len(said) != 1 || said[0].Severity != "error" || said[0].Attribute == "" || said[0].Summary == needsOff {
		t.Errorf("it is not refused at its place, but the plan says: %v", said)
	}
}

// judgeForbidden compares what the plan without allow_power_cycle says with the guide.
func (r *trial) judgeForbidden(t *testing.T) {
	t.Helper()
	summary, severity, details := needsOff, "error", r.does.Changes // all that changes of a suspended machine
	switch r.effect {
	case virtualmachine.Refused:
		r.judgeRefusal(t)
		return
	case virtualmachine.PowerCycled:
		if r.column == onRunning {
			details = []string{r.does.Reasons}
		}
	case virtualmachine.AtNextStart:
		summary, severity = waitsForStart, "warning"
	default:
		return
	}
	said := r.seen.refused
	if len(said) != 1 || said[0].Severity != severity || said[0].Summary != summary || said[0].Attribute == "" ||
		slices.ContainsFunc(details, func(text string) bool { return !strings.Contains(said[0].Detail, text) }) {
		t.Errorf("without allow_power_cycle the plan does not say %q of %v, but: %v", summary, details, said)
	}
}

// warnings are what a plan says of the change, where it is allowed.
func (r *trial) warnings() []string {
	var out []string
	switch {
	case r.column == onWaiting:
		out = append(out, waitsForStart)
	case r.effect == virtualmachine.PowerCycled || r.effect == virtualmachine.AtNextStart:
		out = append(out, cycles)
	}
	bootstrap, _ := r.after["bootstrap"].(tree)
	boots := r.effect == virtualmachine.PowerCycled || r.effect == virtualmachine.AtNextStart || r.effect == virtualmachine.Replaces
	if r.column == onRunning && r.told && bootstrap["cloud_init"] != nil && !boots {
		out = append(out, reads)
	}
	if r.effect != virtualmachine.Refused && slices.Contains(r.does.Members, "remove VirtualDisk") {
		out = append(out, destroys)
	}
	return out
}

// judgePlans compares what the plans say and do with the guide.
func (r *trial) judgePlans(t *testing.T) {
	t.Helper()
	r.judgeForbidden(t)
	summaries := func(all []acceptance.Said) []string {
		var out []string
		for _, said := range all {
			out = append(out, said.Summary)
		}
		return slices.Sorted(slices.Values(out))
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(r.warnings())), summaries(r.seen.planned), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the plan says (-want +got):\n%s\n%v", diff, r.seen.planned)
	}
	// Terraform repeats what the plan says.
	if diff := cmp.Diff(summaries(r.seen.planned), summaries(r.seen.applied), cmpopts.EquateEmpty()); diff != "" && len(r.seen.applied) > 0 {
		t.Errorf("apply says (-plan +apply):\n%s\n%v", diff, r.seen.applied)
	}
	if len(r.seen.again) > 0 {
		t.Errorf("the next plan says: %v", r.seen.again)
	}
	if r.seen.change == nil {
		t.Fatal("it is in no plan")
	}
	does := r.seen.change.Change
	switch {
	case r.effect == virtualmachine.Refused:
		if !does.Actions.NoOp() {
			t.Errorf("as it was, the plan would %v it", does.Actions)
		}
	case r.effect == virtualmachine.Replaces:
		if !does.Actions.Replace() {
			t.Errorf("the plan would %v it, not replace it", does.Actions)
		}
		var paths []string
		for _, path := range does.ReplacePaths {
			var steps []string
			for _, step := range path.([]any) {
				steps = append(steps, step.(string))
			}
			paths = append(paths, strings.Join(steps, "."))
		}
		slices.Sort(paths)
		if diff := cmp.Diff(r.does.Replacing, paths); diff != "" {
			t.Errorf("what replaces it (-want +got):\n%s", diff)
		}
	case !does.Actions.Update():
		t.Errorf("the plan would %v it, not update it in place", does.Actions)
	}
	if next := r.seen.next; next != nil && !next.Change.Actions.NoOp() {
		t.Errorf("the next plan would %v it:\n%s", next.Change.Actions, cmp.Diff(next.Change.Before, next.Change.After))
	}
}

// judgeChange compares what vCenter was asked for, and what it has now, with the guide. Beside it are
// the pictures of machines that were made without what the row is about, and with it.
func (r *trial) judgeChange(t *testing.T, without, with *picture) {
	t.Helper()
	from, to := r.seen.from, r.seen.to
	if from == nil || to == nil {
		t.Fatal("the machine is not there")
	}
	if (to.ref != from.ref) != (r.effect == virtualmachine.Replaces) {
		t.Errorf("it was %s and is %s", from.ref.Value, to.ref.Value)
	}
	if r.effect == virtualmachine.Replaces {
		model := maps.Clone(with.hardware)
		if r.column == onOff {
			model["power"] = from.hardware["power"]
		}
		if diff := differing(model, to.hardware); diff != "" {
			t.Errorf("it is not what a new machine is:\n%s", diff)
		}
		return
	}
	if diff := cmp.Diff(r.powers(), operationsOf(r.seen.requests, powering...), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("power (-want +got):\n%s", diff)
	}
	changed := false
	switch r.effect {
	case virtualmachine.Set, virtualmachine.Live, virtualmachine.PowerCycled, virtualmachine.AtNextStart, virtualmachine.BroughtAbout:
		changed = true
	}
	if diff := differing(from.hardware, to.hardware); (diff != "") != changed {
		t.Errorf("the guide says %q; of the machine is different:\n%s", r.effect, diff)
	}
	if diff := differing(from.letters, to.letters); (diff != "") != r.told {
		t.Errorf("told: the guide says %t; the guest is told otherwise:\n%s", r.told, diff)
	}
	if changed {
		for key := range union(without.hardware, with.hardware) {
			if key != "power" && without.hardware[key] != with.hardware[key] && with.hardware[key] != to.hardware[key] {
				t.Errorf("%s: it has %q, a new machine %q", key, to.hardware[key], with.hardware[key])
			}
		}
	}
	r.judgeReconfiguration(t)
}

// powers are the calls that change the power state of the machine.
func (r *trial) powers() []string {
	offAndOn := []string{"PowerOffVM_Task", "PowerOnVM_Task"}
	switch {
	case r.effect == virtualmachine.PowerCycled && r.column == onSuspended:
		return append(offAndOn, "SuspendVM_Task")
	case r.effect == virtualmachine.PowerCycled, r.effect == virtualmachine.AtNextStart && r.column != onWaiting:
		return offAndOn
	case r.effect == virtualmachine.BroughtAbout && r.column == onOff:
		return offAndOn[1:]
	case r.effect == virtualmachine.BroughtAbout:
		return offAndOn[:1]
	case r.effect == virtualmachine.Restarts:
		return []string{"RebootGuest"}
	}
	return nil
}

// judgeReconfiguration wants the members of the row in the reconfigurations, beside what every one
// may have: the version of the machine that it is for, what the machine remembers, and what the guest is
// told.
func (r *trial) judgeReconfiguration(t *testing.T) {
	t.Helper()
	var got []string
	count := 0
	for _, request := range r.seen.requests {
		if request.Operation == "ReconfigVM_Task" {
			got = append(got, members(t, request.Body)...)
			count++
		}
	}
	got = slices.Compact(slices.Sorted(slices.Values(got)))
	got = slices.DeleteFunc(got, func(member string) bool {
		return member == "changeVersion" || member == "extraConfig" && !slices.Contains(r.does.Members, member)
	})
	if diff := cmp.Diff(r.does.Members, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("members of the reconfiguration (-want +got):\n%s", diff)
	}
	// A disk that is new is noted in the machine's record when it is there.
	want := 1
	if slices.Contains(r.does.Members, "add VirtualDisk") {
		want = 2
	}
	if r.effect == virtualmachine.PowerCycled && r.column == onRunning && count != want {
		t.Errorf("%d reconfigurations, want %d", count, want)
	}
	if upgrades := len(operationsOf(r.seen.requests, "UpgradeVM_Task")); (upgrades == 1) != (r.does.Version > 0) {
		t.Errorf("%d upgrades to version %d", upgrades, r.does.Version)
	}
}

func operationsOf(requests []simulator.Request, operations ...string) []string {
	var out []string
	for _, request := range requests {
		if slices.Contains(operations, request.Operation) {
			out = append(out, request.Operation)
		}
	}
	return out
}
