package virtualmachine_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/acceptance"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/virtualmachine"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// The columns of the guide's table, in its order, and one more for what waits for the next power-on
// of a machine that runs: with allow_power_cycle, which the table is without, it is not waited for.
const (
	onNew       = "new machine"
	onRunning   = "running"
	onOff       = "off"
	onSuspended = "suspended"
	onWaiting   = "running, to wait"
)

// guideTable are the cells of the guide's table by row, as people read them.
func guideTable(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/guides/changes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "<!-- changes: generated -->")
	table, _, also := strings.Cut(table, "<!-- end of changes -->")
	if !found || !also {
		t.Fatal("the guide has no table")
	}
	out := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if name := strings.TrimSpace(cells[0]); len(cells) == 5 && strings.HasPrefix(name, "`") {
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			out[name] = cells[1:]
		}
	}
	return out
}

// trial is a row tried in one column, on a machine of its own.
type trial struct {
	row    *virtualmachine.ChangeRow
	does   virtualmachine.ChangeOutcome
	column string
	// effect is the cell without what the guest is told, and told tells that it is told.
	effect string
	told   bool
	// name is that of the machine, and address that of its resource.
	name, address string
	number        int
	ports         map[int]int
	// before and after are the two configurations. Only the latter is for a new machine.
	before, after tree

	seen seen
}

// seen is what was seen of a trial.
type seen struct {
	// refused is what the plan says where the machine may not be powered off, and planned what it
	// says otherwise.
	refused, planned, applied []acceptance.Said
	// again is what is said after that: by the next plan, and by an apply that comes to the end which
	// the first did not come to.
	again []acceptance.Said
	// change is what that plan does, and next what the plan after the change does.
	change, next *tfjson.ResourceChange
	// made is the machine as Terraform made it, from as it was before the change, and to after it.
	made, from, to *picture
	// requests are what the change asked of the machine.
	requests []simulator.Request
}

func (r *trial) saysPlanned() *[]acceptance.Said { return &r.seen.planned }
func (r *trial) saysApplied() *[]acceptance.Said { return &r.seen.applied }
func (r *trial) saysAgain() *[]acceptance.Said   { return &r.seen.again }

// errors are those that ended the commands of the trial and of others, if any did.
func (r *trial) errors() []acceptance.Said {
	return slices.DeleteFunc(slices.Concat(r.seen.planned, r.seen.applied, r.seen.again), func(said acceptance.Said) bool {
		return said.Severity != "error"
	})
}

// path is the name of the trial's test.
func (r *trial) path() string { return r.row.Name() + "/" + r.column }

var notWords = regexp.MustCompile(`[^A-Za-z0-9]+`)

// trialsOf are the trials of the table. A row that is not in the guide, or that only the guide has,
// is an error.
func trialsOf(t *testing.T, ports map[int]int) []*trial {
	t.Helper()
	guide := guideTable(t)
	var out []*trial
	for _, row := range virtualmachine.ChangeRows() {
		cells := guide[row.Name()]
		if cells == nil {
			t.Errorf("%s is not in the guide", row.Name())
			continue
		}
		delete(guide, row.Name())
		does := row.Outcome(t)
		add := func(column, cell string) {
			r := &trial{row: &row, does: does, column: column, number: len(out), ports: ports}
			r.effect, r.told = strings.CutSuffix(cell, ", "+virtualmachine.Told)
			r.told = r.told || cell == virtualmachine.Told
			r.name = fmt.Sprintf("row-%03d", r.number)
			r.address = strings.TrimRight(notWords.ReplaceAllString(fmt.Sprintf("%s of %s %s", r.name, row.Name(), column), "_"), "_")
			r.configure(strings.Contains(cells[1], virtualmachine.Told))
			out = append(out, r)
		}
		for i, column := range []string{onNew, onRunning, onOff, onSuspended} {
			add(column, cells[i])
		}
		if cells[1] == virtualmachine.AtNextStart {
			add(onWaiting, cells[1])
		}
	}
	for name := range guide {
		t.Errorf("the guide has %s, which no row is about", name)
	}
	return out
}

// configure makes the configurations of the machine. One whose guest is told something has
// cloud-init, unless the row is about that.
func (r *trial) configure(told bool) {
	before, after := r.row.Before(), r.row.After()
	both := func(name string, value any) {
		if after[name] == nil || after[name] == before[name] {
			after[name] = value
		}
		before[name] = value
	}
	if bootstrap, _ := before["bootstrap"].(tree); told && len(bootstrap) == 0 {
		before["bootstrap"], after["bootstrap"] = tree{"cloud_init": tree{}}, tree{"cloud_init": tree{}}
	}
	if r.row.Attribute != "power_off_mode" {
		both("power_off_mode", "Hard")
	}
	changesPower := r.row.Attribute == "power_state"
	switch r.column {
	case onOff:
		both("power_state", "PoweredOff")
		if changesPower {
			after["power_state"] = "PoweredOn"
		}
	case onSuspended:
		// Terraform makes no machine that is suspended: this one is suspended when it is there.
		if !changesPower && r.effect != virtualmachine.Replaces {
			after["power_state"] = "Suspended"
		}
	}
	if r.asks() && r.column != onWaiting {
		both("allow_power_cycle", true)
	}
	r.before, r.after = r.own(before).(tree), r.own(after).(tree)
}

// asks tells that the trial is also about a plan that is refused, or is without allow_power_cycle.
func (r *trial) asks() bool {
	switch r.effect {
	case virtualmachine.PowerCycled, virtualmachine.Refused, virtualmachine.AtNextStart:
		return true
	}
	return false
}

// waits tells that the trial is about an apply that waits for the guest.
func (r *trial) waits() bool { return r.effect == virtualmachine.WaitedFor }

// first is the first configuration, of none for a new machine.
func (r *trial) first() tree {
	if r.column == onNew {
		return nil
	}
	return r.before
}

// still is the first configuration for a machine that is in its power state by now.
func (r *trial) still() tree { return with(r.before, "power_state", r.after["power_state"]) }

// forbidden is the second configuration without allow_power_cycle.
func (r *trial) forbidden() tree { return with(r.after, "allow_power_cycle", false) }

// What rows have that no two machines may have.
const (
	firstName, otherName         = "web", "db"
	firstInstance, otherInstance = "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4b", "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a"
	firstBIOS, otherBIOS         = "4219c3a0-7f3e-4a53-8c4f-2f8d1c9b7a12", "4219c3a0-7f3e-4a53-8c4f-2f8d1c9b7a11"
	writtenMAC                   = "00:50:56:0a:0b:0c"
)

// owned is what stands for it in the trial, with the row's word before the machine's. A name that
// begins with another comes before that.
func (r *trial) owned() []string {
	uuid := func(of string) string { return fmt.Sprintf("%s%04x%s", of[:len(of)-5], r.number, of[len(of)-1:]) }
	return []string{
		otherName, r.name + "-db", firstName, r.name,
		firstInstance, uuid(firstInstance), otherInstance, uuid(otherInstance), firstBIOS, uuid(firstBIOS), otherBIOS, uuid(otherBIOS),
		writtenMAC, fmt.Sprintf("00:50:56:0a:%02x:%02x", r.number>>8, r.number&0xff),
	}
}

// own is a configuration with what is the machine's own.
func (r *trial) own(value any) any {
	switch v := value.(type) {
	case tree:
		out := tree{}
		for name, member := range v {
			out[name] = r.own(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = r.own(v[i])
		}
		return out
	case int:
		if port, ok := r.ports[v]; ok {
			return port
		}
	case string:
		pairs := r.owned()
		for i := 0; i < len(pairs); i += 2 {
			if v == pairs[i] {
				return pairs[i+1]
			}
		}
	}
	return value
}

// rowsWords are texts of vCenter in the words of the row again.
func (r *trial) rowsWords() *strings.Replacer {
	pairs := r.owned()
	for i := 0; i < len(pairs); i += 2 {
		pairs[i], pairs[i+1] = pairs[i+1], pairs[i]
	}
	return strings.NewReplacer(pairs...)
}

// ofTheTable is the provider's configuration for the machines of the table.
func ofTheTable(sim *simulator.Simulator) tree {
	config := providerTree(sim)
	own := config["namespace"].([]any)[0].(tree)
	own["content_libraries"] = []any{simulator.LibraryTeamAImages, simulator.LibraryPublished}
	other := maps.Clone(own)
	other["name"], other["folder"] = "team-b", simulator.FolderTeamB
	config["namespace"] = []any{own, other}
	config["cluster_content_libraries"] = []any{simulator.LibraryBaseImages, simulator.LibraryInstallers}
	return config
}

// among are the trials for which f holds.
func among(all []*trial, f func(*trial) bool) []*trial {
	return slices.DeleteFunc(slices.Clone(all), func(r *trial) bool { return !f(r) })
}
