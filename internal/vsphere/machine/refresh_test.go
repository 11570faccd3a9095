package machine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// together has Terraform's ten workers do f for each of n machines, and returns when all is done.
func together(n int, f func(i int)) {
	const workers = 10
	next := make(chan int)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}

// bare makes n machines without an image, which takes a tenth of the time of a deploy. The
// folder is theirs alone.
func (e *env) bare(n int) []Ref {
	e.t.Helper()
	client, err := e.client.Vim(e.t.Context())
	e.must(err)
	made, err := methods.CreateFolder(e.t.Context(), client, &types.CreateFolder{This: e.folder, Name: "many"})
	e.must(err)
	refs := make([]Ref, n)
	together(n, func(i int) {
		info, err := e.attempt(e.t.Context(), Ref{}, func(ctx context.Context, client *vim25.Client) (Ref, error) {
			res, err := methods.CreateVM_Task(ctx, client, &types.CreateVM_Task{
				This: made.Returnval, Pool: e.pool,
				Config: types.VirtualMachineConfigSpec{
					Name: fmt.Sprint("many-", i), InstanceUuid: uuid(i), GuestId: "otherGuest", NumCPUs: 1, MemoryMB: 512,
					Annotation: fmt.Sprint("number ", i),
					Files:      &types.VirtualMachineFileInfo{VmPathName: "[" + simulator.Datastore1 + "]"},
				},
			})
			if err != nil {
				return Ref{}, err
			}
			return res.Returnval, nil
		})
		if err != nil {
			e.t.Errorf("machine %d: %v", i, err)
			return
		}
		refs[i], _ = info.Result.(Ref)
	})
	if e.t.Failed() {
		e.t.FailNow()
	}
	return refs
}

// afresh gives e the Service of a new process.
func (e *env) afresh() {
	e.t.Helper()
	e.Close(e.t.Context())
	e.Service = New(e.client)
	e.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
}

// keeping makes machines of which some are read ahead, and returns the numbers of these.
func (e *env) keeping(n int) (refs []Ref, kept []int) {
	e.t.Helper()
	refs = e.bare(n)
	e.afresh()
	e.ahead.keep = time.Hour
	for i := range aheadAfter + 3 {
		e.refreshed(refs[i], i)
	}
	for i, ref := range refs {
		if e.keeps(ref) {
			kept = append(kept, i)
		}
	}
	if len(kept) < 10 {
		e.t.Fatalf("%d machines were read ahead", len(kept))
	}
	return refs, kept
}

func (e *env) keeps(ref Ref) bool {
	e.ahead.mu.Lock()
	defer e.ahead.mu.Unlock()
	_, kept := e.ahead.kept[ref]
	return kept
}

func (e *env) refreshed(ref Ref, i int) *Observation {
	e.t.Helper()
	o, err := e.Refresh(e.t.Context(), ref, uuid(i))
	e.must(err)
	return o
}

// Terraform reads ten machines at a time, in no order.
func TestAThousandMachinesRefreshInTensOfCalls(t *testing.T) {
	t.Parallel()
	process := simulator.StartProcess(t)
	e := &env{t: t}
	e.connect(process.Connection)
	const n, most = 1000, 50
	refs := e.bare(n)
	e.afresh()
	_, err := process.ResetRequests()
	e.must(err)
	order := rand.New(rand.NewPCG(1, 2)).Perm(n) //nolint:gosec // not a secret
	together(n, func(at int) {
		i := order[at]
		o, err := e.Refresh(t.Context(), refs[i], uuid(i))
		if err != nil || o.Ref != refs[i] || o.Annotation != fmt.Sprint("number ", i) {
			t.Errorf("machine %d is %+v, %v", i, o, err)
		}
	})
	calls, err := process.Calls()
	e.must(err)
	total := 0
	for _, count := range calls {
		total += count
	}
	if total >= most {
		t.Errorf("%d calls for %d machines, want less than %d: %v", total, n, most, calls)
	}
	t.Logf("%d machines: %v", n, calls)
	if len(e.ahead.kept) != 0 {
		t.Errorf("%d answers are kept after all were handed out", len(e.ahead.kept))
	}
}

func TestARefreshSeesWhatItsProcessWrote(t *testing.T) {
	e := start(t)
	refs, kept := e.keeping(60)
	for at, write := range map[int]func(ctx context.Context, ref Ref) error{
		0: func(ctx context.Context, ref Ref) error {
			return e.Reconfigure(ctx, ref, types.VirtualMachineConfigSpec{Annotation: "new"})
		},
		1: func(ctx context.Context, ref Ref) error { return e.Rename(ctx, ref, "new") },
		2: func(ctx context.Context, ref Ref) error { return e.PowerOn(ctx, ref) },
		3: func(ctx context.Context, ref Ref) error {
			return e.Reconfigure(ctx, ref, types.VirtualMachineConfigSpec{ChangeVersion: e.observe(ref).ChangeVersion, Annotation: "new"})
		},
	} {
		i := kept[at]
		e.must(write(t.Context(), refs[i]))
		if o := e.refreshed(refs[i], i); o.Annotation != "new" && o.Name != "new" && o.PowerState != on {
			t.Errorf("after write %d: %+v", at, o)
		}
	}
	i := kept[4]
	e.must(e.Destroy(t.Context(), refs[i], Hard))
	if o, err := e.Refresh(t.Context(), refs[i], uuid(i)); !errors.Is(err, vsphere.ErrNotFound) {
		t.Errorf("after Destroy: %+v, %v", o, err)
	}
}

func TestARefreshOfWhatOthersWroteIsStaleForSecondsAtMost(t *testing.T) {
	e := start(t)
	refs, kept := e.keeping(60)
	changed, seen, deleted, late := kept[0], kept[1], kept[2], kept[3]
	for _, i := range []int{changed, seen} {
		e.must(e.sim.Rename(fmt.Sprint("many-", i), fmt.Sprint("new-", i)))
	}
	for _, i := range []int{deleted, late} {
		e.must(e.sim.Destroy(fmt.Sprint("many-", i)))
	}

	// As they were when they were read, once.
	if o := e.refreshed(refs[changed], changed); o.Name != fmt.Sprint("many-", changed) {
		t.Errorf("%s was not kept", o.Name)
	}
	if o := e.refreshed(refs[changed], changed); o.Name != fmt.Sprint("new-", changed) {
		t.Errorf("an answer was used twice: %s", o.Name)
	}
	e.refreshed(refs[deleted], deleted)
	if o, err := e.Refresh(t.Context(), refs[deleted], uuid(deleted)); !errors.Is(err, vsphere.ErrNotFound) {
		t.Errorf("a deleted machine is %+v, %v", o, err)
	}

	// Reads that have to be fresh are, and nothing falls behind them.
	if o := e.observe(refs[seen]); o.Name != fmt.Sprint("new-", seen) {
		t.Errorf("Observe told %s", o.Name)
	}
	if o := e.refreshed(refs[seen], seen); o.Name != fmt.Sprint("new-", seen) {
		t.Errorf("a refresh fell behind a read: %s", o.Name)
	}
	if o, err := e.ObserveByID(t.Context(), refs[late], uuid(late)); !errors.Is(err, vsphere.ErrNotFound) {
		t.Errorf("ObserveByID told %+v, %v", o, err)
	}

	// WaitFor looks for itself.
	i := kept[4]
	e.must(e.sim.Rename(fmt.Sprint("many-", i), "waited for"))
	e.must(e.WaitFor(t.Context(), refs[i], func(o *Observation) (bool, string) {
		if o.Name != "waited for" {
			t.Errorf("WaitFor saw %s", o.Name)
		}
		return true, ""
	}))
}

func TestARefreshFollowsTheMachine(t *testing.T) {
	e := start(t)
	refs, kept := e.keeping(60)
	here, other, third := kept[0], kept[1], kept[2]
	nowhere := Ref{Type: "VirtualMachine", Value: "vm-9999"}
	for name, tc := range map[string]struct {
		at    Ref
		i     int
		calls []string
	}{
		"place unknown":         {Ref{}, here, []string{"FindAllByUuid", "RetrievePropertiesEx"}},
		"registered anew":       {nowhere, other, []string{"RetrievePropertiesEx", "FindAllByUuid", "RetrievePropertiesEx"}},
		"another machine there": {refs[kept[3]], third, []string{"FindAllByUuid", "RetrievePropertiesEx"}},
		"read ahead":            {refs[kept[4]], kept[4], nil},
	} {
		t.Run(name, func(t *testing.T) {
			var o *Observation
			calls := e.calls(func() { o = e.refreshed(tc.at, tc.i) })
			if o.Ref != refs[tc.i] || !slices.Equal(calls, tc.calls) {
				t.Errorf("%s by %v, want %s by %v", o.Title(), calls, refs[tc.i].Value, tc.calls)
			}
		})
	}
}

// Refreshes, writes and deletions of others at the same time: each sees its own machine, and
// its own writes.
func TestRefreshesAmongWrites(t *testing.T) {
	t.Parallel()
	process := simulator.StartProcess(t)
	e := &env{t: t}
	e.connect(process.Connection)
	const n = 200
	refs := e.bare(n)
	e.afresh()
	deleted := map[int]bool{}
	for i := 150; i < n; i += 10 {
		deleted[i] = true
	}
	together(n, func(i int) {
		ref, id, want := refs[i], uuid(i), fmt.Sprint("number ", i)
		switch {
		case deleted[i]:
			if err := process.Destroy(fmt.Sprint("many-", i)); err != nil {
				t.Errorf("delete %d: %v", i, err)
			}
			_, _ = e.Refresh(t.Context(), ref, id) // may still be told of it, once
			if o, err := e.Refresh(t.Context(), ref, id); !errors.Is(err, vsphere.ErrNotFound) {
				t.Errorf("machine %d was deleted, and is %+v, %v", i, o, err)
			}
			return
		case i%3 == 0:
			want = fmt.Sprint("written ", i)
			if err := e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: want}); err != nil {
				t.Errorf("write %d: %v", i, err)
			}
		}
		for range 2 {
			o, err := e.Refresh(t.Context(), ref, id)
			if err != nil || o.Annotation != want || o.InstanceUUID != id {
				t.Errorf("machine %d is %+v, %v, want %q", i, o, err, want)
			}
		}
	})
	if left := slices.Collect(maps.Keys(e.ahead.kept)); len(left) != 0 {
		t.Errorf("kept after all were asked for: %v", left)
	}
}

// BenchmarkRefresh refreshes a thousand machines in a new process, ten at a time in no order.
func BenchmarkRefresh(b *testing.B) {
	process := simulator.StartProcess(b)
	e := &env{t: b}
	e.connect(process.Connection)
	const n = 1000
	refs := e.bare(n)
	total := 0
	for b.Loop() {
		b.StopTimer()
		e.afresh()
		_, err := process.ResetRequests()
		e.must(err)
		order := rand.Perm(n)
		b.StartTimer()
		together(n, func(at int) {
			if _, err := e.Refresh(b.Context(), refs[order[at]], uuid(order[at])); err != nil {
				b.Error(err)
			}
		})
		b.StopTimer()
		calls, err := process.Calls()
		e.must(err)
		for _, count := range calls {
			total += count
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(total)/float64(b.N), "calls/op")
}
