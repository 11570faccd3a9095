package virtualmachine_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// The ports that the rows about TCP write stand for one that accepts connections, and one that does
// so when its guest is there.
const openPort, laterPort = 22, 23

// portsOf are ports of this machine that those of the rows stand for.
func portsOf(t *testing.T) map[int]int {
	t.Helper()
	later := listening(t, "127.0.0.1:0")
	port := later.Addr().(*net.TCPAddr).Port
	_ = later.Close()
	return map[int]int{openPort: listening(t, "127.0.0.1:0").Addr().(*net.TCPAddr).Port, laterPort: port}
}

// listening accepts connections until the test ends.
func listening(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(context.WithoutCancel(t.Context()), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// published are what every guest sets when it starts: first what answers the probes that the machines
// have at first, and no other.
var (
	publishedFirst = map[string]string{"guestinfo.a": "no"}
	publishedThen  = map[string]string{"guestinfo.a": "yes", "guestinfo.b": "yes"}
)

func publish(t *testing.T, sim *simulator.Simulator, values map[string]string) {
	t.Helper()
	for key, value := range values {
		if err := sim.PublishGuestInfo(simulator.AllMachines, key, value); err != nil {
			t.Fatal(err)
		}
	}
}

// The time that a guest gets that never answers.
const briefly = "30s"

// wait tries rows that are waited for. A wait that comes to no end shows that there is one: it is an
// error for a machine that is changed, and a warning for a new one. When the guests answer, the next
// apply comes to its end.
func (g *runs) wait(ports map[int]int) {
	g.t.Helper()
	late := func(config tree) tree { return with(config, "timeouts", tree{"create": briefly, "update": briefly}) }
	g.create(func(r *trial) tree {
		if r.column == onNew {
			return nil
		}
		return late(r.before)
	})
	for _, r := range g.trials {
		g.silence(r)
	}
	g.written(func(r *trial) tree { return late(r.after) })
	g.plan(changes, (*trial).saysPlanned, func(r *trial, does *tfjson.ResourceChange) { r.seen.change = does })
	g.run(failing, (*trial).saysApplied, "apply", "-json", "planned")

	publish(g.t, g.sim, publishedThen)
	listening(g.t, fmt.Sprintf("127.0.0.2:%d", ports[openPort]))
	listening(g.t, fmt.Sprintf("127.0.0.1:%d", ports[laterPort]))
	for _, r := range g.trials {
		if err := g.sim.SetGuestPace(r.name, simulator.GuestPace{}); err != nil {
			g.t.Fatal(err)
		}
	}
	g.sim.Settle()
	g.run(fine, (*trial).saysAgain, "apply", "-auto-approve", "-json")
	g.plan(append(slices.Clone(fine), changes...), (*trial).saysAgain, func(r *trial, does *tfjson.ResourceChange) { r.seen.next = does })
}

// silence starts the guest of a machine anew, or lets one start for the first time, without an end.
func (g *runs) silence(r *trial) {
	g.t.Helper()
	err := g.sim.SetGuestPace(r.name, simulator.GuestPace{Tools: simulator.Never})
	if err == nil && r.column != onNew {
		if err = g.sim.PowerOff(r.name); err == nil {
			err = g.sim.PowerOn(r.name)
		}
	}
	if err != nil {
		g.t.Fatal(err)
	}
}

// judgeWait compares what was said of a wait with the column.
func (r *trial) judgeWait(t *testing.T) {
	t.Helper()
	severity := "error"
	if r.column == onNew {
		severity = "warning"
	}
	said := r.seen.applied
	if len(said) != 1 || said[0].Severity != severity || !strings.Contains(said[0].Detail, "last seen: ") {
		t.Errorf("of a guest that does not answer, apply says: %v", said)
	}
	if len(r.seen.planned) > 0 || len(r.seen.again) > 0 {
		t.Errorf("the plan says %v, and when the guest answers: %v", r.seen.planned, r.seen.again)
	}
	if does := r.seen.change; does == nil || !does.Change.Actions.Update() && r.column != onNew || !does.Change.Actions.Create() && r.column == onNew {
		t.Errorf("the plan is another: %+v", does)
	}
	if next := r.seen.next; next != nil && !next.Change.Actions.NoOp() {
		t.Errorf("the next plan would %v it", next.Change.Actions)
	}
}
