package virtualmachine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const (
	// The environment may ask for more than pairsWanted changes, and for others: a seed that failed
	// is tried again with it and four changes.
	pairsVariable    = "VMOPERATOR_PAIRS"
	pairSeedVariable = "VMOPERATOR_PAIRS_SEED"
	// walk is how many of them one machine goes through, and lanes how many machines there are at a
	// time, each in a vCenter of its own.
	walk  = 4
	lanes = 4
	// elsewhere is the most that may be refused or be another machine, in a hundred.
	elsewhere = 30
)

// A change ends where creation would have ended: whatever a machine was before, it is what its
// configuration says, a plan after that is empty, a refresh finds nothing else, and an import is
// the same machine. What a change leaves as it was by design is in expected.
func TestAChangedMachineIsWhatItsConfigurationAloneMakesOfOne(t *testing.T) {
	t.Parallel()
	count, first := number(t, pairsVariable, pairsWanted), number(t, pairSeedVariable, 1)
	if testing.Short() {
		count = min(count, 2*walk)
	}
	outcomes := &tally{counts: map[string]int{}}
	t.Run("lanes", func(t *testing.T) {
		for lane := range lanes {
			t.Run(strconv.Itoa(lane), func(t *testing.T) {
				t.Parallel()
				w := newWalker(t, outcomes)
				for n := lane * walk; n < count; n += lanes * walk {
					seed := uint64(first + n/walk)
					t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { w.in(t).walk(seed) })
				}
			})
		}
	})
	outcomes.judge(t, count)
}

// number is that of an environment variable.
func number(t *testing.T, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %s", variable, err)
	}
	return n
}

// walker changes machines in one vCenter.
type walker struct {
	*direct
	painter
	outcomes *tally
	// history are the configurations of the machine.
	history []tree
}

func newWalker(t *testing.T, outcomes *tally) *walker {
	t.Helper()
	sim := simulator.StartProcess(t, simulator.WithEveryImageType())
	d := serve(t)
	d.clean("configure the provider", d.configure(pairsProvider(sim)))
	transport := soap.NewClient(&url.URL{Scheme: "https", Host: sim.Server, Path: vim25.Path}, false)
	if err := transport.SetRootCAs(sim.CAFile); err != nil {
		t.Fatal(err)
	}
	client, err := vim25.NewClient(t.Context(), transport)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.NewManager(client).Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	w := &walker{direct: d, painter: painter{t, client, sim}, outcomes: outcomes}
	w.addClasses()
	return w
}

// addClasses adds classes with a config_spec to vCenter.
func (w *walker) addClasses() {
	session := rest.NewClient(w.client)
	if err := session.Login(w.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		w.painter.Fatal(err)
	}
	for name, spec := range specOfClass {
		err := namespace.NewManager(session).CreateVmClass(w.Context(), namespace.VirtualMachineClassCreateSpec{
			Id: name, CpuCount: 2, MemoryMb: 2048, ConfigSpec: json.RawMessage(spec),
			CpuReservation: reservedBy[name], MemoryReservation: reservedBy[name],
		})
		if err != nil {
			w.painter.Fatal(err)
		}
	}
}

// pairsProvider is a provider with classes of its own, to whose machines all libraries are shown.
func pairsProvider(sim *simulator.Process) tree {
	amount := func(cpu, memory string) tree { return tree{"cpu": cpu, "memory": memory} }
	class := func(name string, cpus int, memory string, resources tree) tree {
		return tree{"name": name, "hardware": tree{"cpus": cpus, "memory": memory}, "policies": tree{"resources": resources}}
	}
	out := providerTree(&simulator.Simulator{Host: sim.Server, CAPEM: sim.CAPEM})
	out["cluster_content_libraries"] = []any{simulator.LibraryBaseImages, simulator.LibraryTemplates, simulator.LibraryInstallers, simulator.LibraryPublished}
	out["virtual_machine_class"] = []any{
		class("tiny", 1, "1Gi", tree{}),
		class("reserved", 2, "2Gi", tree{"requests": amount("1", "1Gi")}),
		class("limited", 3, "3Gi", tree{"requests": amount("500m", "512Mi"), "limits": amount("2", "3Gi")}),
	}
	return out
}

// in is the same vCenter, seen by another test.
func (w *walker) in(t *testing.T) *walker {
	return &walker{direct: w.direct.in(t), painter: painter{t, w.client, w.sim}, outcomes: w.outcomes}
}

// walk makes a machine and changes it. What goes wrong is told with everything that led to it.
func (w *walker) walk(seed uint64) {
	t := w.painter.T
	defer func() {
		if t.Failed() {
			for i, config := range w.history {
				text, _ := json.Marshal(config)
				t.Logf("seed %d, configuration %d: %s", seed, i, text)
			}
			w.sweep()
		}
	}()
	g := newGenerator(seed)
	config, p := w.first(g)
	w.history = append(w.history, config)
	made := w.create(p)
	for range walk {
		made = w.change(g, made)
	}
	w.clean("destroy", w.direct.destroy(made))
	if left := w.left(); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if held, err := w.sim.IPAllocations(simulator.NetworkPooled); err != nil || len(held) > 0 {
		t.Errorf("%v are still allocated (%v)", held, err)
	}
}

// left are the machines that are there beside the template.
func (w *walker) left() []string {
	names, err := w.sim.Machines()
	if err != nil {
		w.painter.Fatal(err)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == simulator.TemplateMachine || strings.HasPrefix(name, "DC0_") })
}

// sweep removes what a change that failed has left.
func (w *walker) sweep() {
	for _, name := range w.left() {
		if err := w.sim.Destroy(name); err != nil {
			w.painter.Log(err)
		}
	}
}

// valid is a configuration that validation has nothing against.
func (w *walker) valid(g *generator, before tree) tree {
	for range 100 {
		if config := g.next(before); !failed(w.validate(config)) {
			return config
		}
	}
	w.painter.Fatal("no valid configuration in a hundred")
	return nil
}

// first is a configuration of a machine that can be planned.
func (w *walker) first(g *generator) (tree, plan) {
	for range 100 {
		config := w.valid(g, nil)
		if p, diags := w.plan(w.nothing(), config); !failed(diags) {
			return config, p
		}
		w.outcomes.note(g, "refused, as a new machine")
	}
	w.painter.Fatal("no plan in a hundred")
	return nil, plan{}
}

func (w *walker) create(p plan) machine {
	t := w.painter.T
	t.Helper()
	made, diags := p.apply()
	if failed(diags) {
		t.Fatalf("create: %s", said(diags))
	}
	if broken := contradictions(p.planned, made.state); len(broken) > 0 {
		t.Fatalf("creation contradicts its plan:\n%s", strings.Join(broken, "\n"))
	}
	return w.steady("a new machine", made)
}

// suspended is a machine that runs and is suspended.
func (w *walker) suspended(made machine, config tree) machine {
	w.painter.Helper()
	p, diags := w.plan(made, config)
	if failed(diags) {
		w.painter.Fatalf("suspend: %s", said(diags))
	}
	after, diags := p.apply()
	if failed(diags) {
		w.painter.Fatalf("suspend: %s", said(diags))
	}
	return after
}

// steady refreshes a machine, and wants that nothing of it is another than apply said.
func (w *walker) steady(what string, made machine) machine {
	w.painter.Helper()
	if err := w.sim.Settle(); err != nil {
		w.painter.Fatal(err)
	}
	once := w.refreshed(made)
	if broken := written(contradictions(made.state, once.state)); len(broken) > 0 {
		w.painter.Errorf("%s: a refresh finds something else:\n%s", what, strings.Join(broken, "\n"))
	}
	return once
}

// written are the places outside of what a machine reports, which moves by itself.
func written(places []string) []string {
	return slices.DeleteFunc(places, func(place string) bool { return strings.HasPrefix(place, "status.") })
}

// next is a configuration that follows another one, the same for a machine that begins with it, and
// the plan of that machine.
func (w *walker) next(g *generator, before tree) (to, alone tree, lone plan) {
	for range 100 {
		to = w.valid(g, before)
		alone = maps.Clone(to)
		alone["name"] = "omega-9"
		if powerOf(to) == "Suspended" {
			delete(alone, "power_state") // only what runs is suspended
		}
		p, diags := w.plan(w.nothing(), alone)
		if !failed(diags) {
			return to, alone, p
		}
		w.outcomes.note(g, "refused, as a new machine")
	}
	w.painter.Fatal("no machine in a hundred")
	return nil, nil, plan{}
}

// change makes another configuration of a machine, and compares it with a new machine.
func (w *walker) change(g *generator, made machine) machine {
	t := w.painter.T
	before, from := w.history[len(w.history)-1], w.paint(made)
	to, alone, lone := w.next(g, before)
	w.history = append(w.history, to)
	p, diags := w.plan(made, to)
	if allowed, _ := to["allow_power_cycle"].(bool); failed(diags) && !allowed && strings.Contains(said(diags), "needs the machine powered off") {
		w.outcomes.note(g, "refused without allow_power_cycle")
		to["allow_power_cycle"], alone["allow_power_cycle"] = true, true
		lone, _ = w.plan(w.nothing(), alone)
		p, diags = w.plan(made, to)
	}
	if why := impossible(from, before, to); failed(diags) {
		if !slices.ContainsFunc(why, func(text string) bool { return strings.Contains(said(diags), text) }) {
			t.Fatalf("the change is refused: %s\n(want one of %q)", said(diags), why)
		}
		w.history = w.history[:len(w.history)-1]
		w.outcomes.note(g, refusedPlan)
		w.steadily(made, before)
		return made
	}
	fresh := w.create(lone)
	if powerOf(to) == "Suspended" {
		alone["power_state"] = "Suspended"
		fresh = w.suspended(fresh, alone)
	}
	model := w.paint(fresh)
	w.clean("destroy", w.direct.destroy(fresh))

	if len(p.replace) > 0 {
		if !another(from, before, to) {
			t.Errorf("the machine is replaced for %v", p.replace)
		}
		w.clean("destroy", w.direct.destroy(made))
		if powerOf(to) == "Suspended" {
			delete(to, "power_state")
		}
		w.outcomes.note(g, anotherMachine)
		anew, diags := w.plan(w.nothing(), to)
		if failed(diags) {
			t.Fatalf("plan another machine: %s", said(diags))
		}
		made = w.create(anew)
		w.steadily(made, to)
		return made
	}
	if err := w.applyChange(g, p, &made, says(diags, cycles)); err != nil {
		t.Fatal(err)
	}
	got := w.paint(made)
	if diff := differing(expected(from, model, got, before, to), got); diff != "" {
		t.Errorf("it is not what its configuration makes of a new machine (-new +changed):\n%s", diff)
	}
	w.steadily(made, to)
	found := w.imported(textAt(made.state, "id"))
	w.empty("the plan after an import", found, to, secretOfImport)
	return made
}

// applyChange carries a plan out, and tells whether the machine was powered off for it. announced is
// that the plan said of the machine that it is powered off and on.
func (w *walker) applyChange(g *generator, p plan, made *machine, announced bool) error {
	if _, err := w.sim.ResetRequests(); err != nil {
		return err
	}
	after, diags := p.apply()
	if failed(diags) {
		return fmt.Errorf("apply: %s", said(diags))
	}
	if broken := contradictions(p.planned, after.state); len(broken) > 0 {
		return fmt.Errorf("apply contradicts the plan:\n%s", strings.Join(broken, "\n"))
	}
	calls, err := w.sim.Calls()
	if err != nil {
		return err
	}
	outcome := inPlace
	if calls["PowerOffVM_Task"]+calls["ShutdownGuest"] > 0 {
		outcome = offAndOn
	}
	if cycled := outcome == offAndOn && calls["PowerOnVM_Task"] > 0; cycled != announced {
		w.painter.Errorf("that the machine is powered off and on is %t, and the plan said %t", cycled, announced)
	}
	w.outcomes.note(g, outcome)
	*made = w.steady("a changed machine", after)
	return nil
}

// steadily wants that a plan changes nothing.
func (w *walker) steadily(made machine, config tree) {
	w.painter.Helper()
	w.empty("the next plan", made, config)
}

// empty wants a plan without changes, but at places that are left out.
func (w *walker) empty(what string, made machine, config tree, without ...func(place string) bool) {
	w.painter.Helper()
	p, diags := w.plan(made, config)
	if failed(diags) {
		w.painter.Errorf("%s fails: %s", what, said(diags))
		return
	}
	broken, open := contradictions(made.state, p.planned), unknownIn(p.planned)
	for _, leave := range without {
		if all := len(broken); slices.ContainsFunc(broken, leave) {
			broken = written(slices.DeleteFunc(broken, leave))
			open = written(open)
			w.painter.Logf("%s has %d places to fill in", what, all-len(broken))
		}
	}
	if len(broken)+len(open)+len(p.replace) > 0 {
		w.painter.Errorf("%s is not empty:\n%s\nunknown: %v\nreplace: %v", what, strings.Join(broken, "\n"), open, p.replace)
	}
}
