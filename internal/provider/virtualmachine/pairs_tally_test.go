package virtualmachine_test

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"testing"
)

// tally counts how changes ended.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

// note counts an outcome, as such and by what the machine is.
func (c *tally) note(g *generator, outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[outcome]++
	c.counts["of "+g.source.image+": "+outcome]++
	c.counts["with "+cmp.Or(g.provider, "no bootstrap")+": "+outcome]++
}

const (
	inPlace, offAndOn, anotherMachine, refusedPlan = "changed in place", "powered off for it", "another machine", "refused"
)

func (c *tally) judge(t *testing.T, wanted int) {
	total := 0
	for _, outcome := range []string{inPlace, offAndOn, anotherMachine, refusedPlan} {
		total += c.counts[outcome]
	}
	for _, outcome := range slices.Sorted(maps.Keys(c.counts)) {
		t.Logf("%5d %s", c.counts[outcome], outcome)
	}
	if total < wanted*9/10 && !t.Failed() {
		t.Errorf("%d changes were tried, want %d", total, wanted)
	}
	if aside := c.counts[anotherMachine] + c.counts[refusedPlan]; aside*100 > total*elsewhere {
		t.Errorf("%d of %d changes were refused or made another machine, which says little about changes", aside, total)
	}
}
