package machine

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shelf is a folder of machines and a read-ahead over it, without a vCenter.
type shelf struct {
	*ahead
	folder   Ref
	machines []Ref
	calls    int
	read     int // machines, by all calls
}

func newShelf(n int) *shelf {
	s := &shelf{ahead: newAhead(), folder: Ref{Type: "Folder", Value: "group-v1"}}
	for i := range n {
		s.machines = append(s.machines, Ref{Type: "VirtualMachine", Value: fmt.Sprint("vm-", i)})
	}
	return s
}

// refresh asks for machines together, as Service does.
func (s *shelf) refresh(refs ...Ref) {
	var missing []Ref
	for _, ref := range refs {
		if s.take(ref) == nil {
			missing = append(missing, ref)
		}
	}
	if len(missing) > 0 {
		chosen := s.choose(batchSize - len(missing))
		s.store(chosen, missing, s.answer(chosen, missing))
	}
}

// answer is what vCenter answers to a call.
func (s *shelf) answer(chosen *reading, asked []Ref) *retrieved {
	found := &retrieved{machines: map[Ref]answer[*Observation]{}, children: map[Ref][]Ref{}}
	for _, ref := range slices.AppendSeq(slices.Clone(asked), maps.Keys(chosen.machines)) {
		found.machines[ref] = answer[*Observation]{value: &Observation{Ref: ref, Folder: s.folder}}
	}
	for ref := range chosen.lists {
		found.children[ref] = s.machines
	}
	s.calls++
	s.read += len(found.machines)
	return found
}

// held is how many answers are kept.
func (a *ahead) held() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.kept)
}

// warm refreshes as many machines as it takes to have others read ahead.
func (s *shelf) warm() {
	s.refresh(s.machines[:aheadAfter]...) // is enough to begin
	s.refresh(s.machines[aheadAfter])     // lists the folder
	s.refresh(s.machines[aheadAfter+1])   // reads ahead
	s.machines = s.machines[aheadAfter+2:]
}

func TestAnAnswerThatWasKeptIsHandedOutOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(1000)
		s.warm()
		ref := s.machines[0]
		if o := s.take(ref); o == nil || o.Ref != ref {
			t.Fatalf("took %+v", o)
		}
		if o := s.take(ref); o != nil {
			t.Errorf("took %+v again", o)
		}
		for range 20 {
			s.refresh(s.machines[1])
		}
		if _, kept := s.kept[ref]; kept {
			t.Error("a machine that was asked for has been read ahead again")
		}
	})
}

func TestAnswersAreKeptForSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(1000)
		s.warm()
		kept := s.held()
		time.Sleep(aheadFor - time.Millisecond) // of the test's own clock
		synctest.Wait()
		if s.held() != kept || kept == 0 {
			t.Fatalf("%d of %d answers are left just before their time is over", s.held(), kept)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if s.held() != 0 {
			t.Errorf("%d answers are left after their time", s.held())
		}
		if o := s.take(s.machines[0]); o != nil {
			t.Errorf("took %+v", o)
		}
		if s.refresh(s.machines[1]); s.held() == 0 {
			t.Error("machines whose answers have grown old are not read ahead again")
		}
	})
}

// A call may take longer than its answers are kept.
func TestAnAnswerThatCameTooLateIsNotUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(1000)
		s.warm()
		s.refresh(s.machines[100])
		chosen := s.choose(10)
		time.Sleep(aheadFor)
		s.store(chosen, nil, s.answer(chosen, nil))
		for ref := range chosen.machines {
			if o := s.take(ref); o != nil {
				t.Errorf("took %s after %v", ref.Value, aheadFor)
			}
		}
		if len(chosen.machines) == 0 {
			t.Error("nothing was read ahead")
		}
	})
}

func TestKeptAnswersAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(2000)
		s.size = 150
		most := 0
		for _, ref := range s.machines[1900:] { // the last that would be read ahead
			s.refresh(ref)
			most = max(most, len(s.kept))
		}
		if most != 150 {
			t.Errorf("%d answers were kept at most, want 150", most)
		}
		// Calls at the same time do not know of each other's answers.
		for _, ref := range slices.Collect(maps.Keys(s.kept))[:5] {
			s.take(ref)
		}
		first, second := s.choose(10), s.choose(10)
		s.store(first, nil, s.answer(first, nil))
		s.store(second, nil, s.answer(second, nil))
		if len(s.kept) > 150 {
			t.Errorf("%d answers are kept", len(s.kept))
		}
	})
}

func TestReadingForNothingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(5000)
		mine := s.machines[4900:] // a list begins with the machines of others
		for _, ref := range mine {
			s.refresh(ref)
		}
		if most := len(mine) * (1 + aheadPerAsked); s.read > most || s.read == len(mine) {
			t.Errorf("%d machines were read for %d that were asked for, want up to %d", s.read, len(mine), most)
		}
	})
}

func TestAFewMachinesAreNotReadAhead(t *testing.T) {
	t.Parallel()
	s := newShelf(500)
	for _, ref := range s.machines[:aheadAfter] {
		s.refresh(ref)
	}
	if s.read != aheadAfter || len(s.kept) != 0 {
		t.Errorf("%d machines were read for %d", s.read, aheadAfter)
	}
}

// A call that is under way may have read a machine before it is written to.
func TestAWriteDropsWhatIsReadOfItsMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(1000)
		s.warm()
		kept := slices.Collect(maps.Keys(s.kept))[0]
		s.settle(kept)
		if o := s.take(kept); o != nil {
			t.Errorf("took %+v after a write to it", o)
		}
		s.refresh(s.machines[150])
		chosen := s.choose(10)
		for ref := range chosen.machines {
			s.settle(ref)
		}
		s.store(chosen, nil, s.answer(chosen, nil))
		for ref := range chosen.machines {
			if o := s.take(ref); o != nil {
				t.Errorf("took %s, which was read before the end of a write", ref.Value)
			}
		}
		if len(chosen.machines) == 0 {
			t.Error("nothing was read ahead")
		}
	})
}

func TestACallThatFailsLosesNoCandidates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(100)
		s.refresh(s.machines[:aheadAfter]...)
		s.giveBack(s.choose(50)) // the list
		s.refresh(s.machines[aheadAfter])
		lost := s.choose(50)
		s.giveBack(lost)
		again := s.choose(100)
		if diff := cmp.Diff(100-aheadAfter-1, len(again.machines)); diff != "" || len(lost.machines) != 50 {
			t.Errorf("machines to read after %d were lost (-want +got):\n%s", len(lost.machines), diff)
		}
	})
}

// Terraform refreshes in no order. It asks for ten machines at a time, of which fewer meet in a
// call where the computer is busy.
func TestManyMachinesCostFewCallsInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ machines, together, calls int }{
		{30, 10, 5}, {100, 10, 6}, {300, 10, 10}, {1000, 10, 20}, {1000, 4, 25}, {1000, 2, 40}, {1000, 1, 70}, {2000, 10, 50},
	} {
		t.Run(fmt.Sprintf("%d machines, %d together", tc.machines, tc.together), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShelf(tc.machines)
				order := rand.New(rand.NewPCG(1, 2)).Perm(tc.machines) //nolint:gosec // not a secret
				for len(order) > 0 {
					var missing []Ref
					for len(order) > 0 && len(missing) < tc.together {
						ref := s.machines[order[0]]
						order = order[1:]
						if s.take(ref) == nil {
							missing = append(missing, ref)
						}
					}
					s.refresh(missing...)
				}
				t.Logf("%d calls", s.calls)
				if s.calls > tc.calls {
					t.Errorf("%d calls, want up to %d", s.calls, tc.calls)
				}
			})
		})
	}
}
