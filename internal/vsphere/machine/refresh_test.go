package machine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
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

// startProcess is start with a simulator in a process of its own.
func startProcess(t testing.TB) (*env, *simulator.Process) {
	t.Helper()
	process := simulator.StartProcess(t)
	e := &env{t: t}
	e.connect(process.Connection)
	return e, process
}

// bare makes n machines without an image in a folder of their own, which takes a tenth of the
// time of a deploy: nobody waits for one of them.
func (e *env) bare(n int) []Ref {
	e.t.Helper()
	ctx := e.t.Context()
	client, err := e.client.Vim(ctx)
	e.must(err)
	made, err := methods.CreateFolder(ctx, client, &types.CreateFolder{This: e.folder, Name: "many"})
	e.must(err)
	folder := made.Returnval
	together(n, func(i int) {
		_, err := methods.CreateVM_Task(ctx, client, &types.CreateVM_Task{
			This: folder, Pool: e.pool,
			Config: types.VirtualMachineConfigSpec{
				Name: fmt.Sprint("many-", i), InstanceUuid: uuid(i), GuestId: "otherGuest", NumCPUs: 1, MemoryMB: 512,
				Annotation: fmt.Sprint("number ", i),
				Files:      &types.VirtualMachineFileInfo{VmPathName: "[" + simulator.Datastore1 + "]"},
			},
		})
		if err != nil {
			e.t.Errorf("machine %d: %v", i, err)
		}
	})
	collector := property.DefaultCollector(client)
	var all []Ref
	e.must(property.Wait(ctx, collector, folder, []string{"childEntity"}, func(changes []types.PropertyChange) bool {
		for _, change := range changes {
			children, _ := change.Val.(types.ArrayOfManagedObjectReference)
			all = children.ManagedObjectReference
		}
		return len(all) == n || e.t.Failed()
	}))
	// A machine is in its folder before it is complete.
	refs := make([]Ref, n)
	for left := n; left > 0; {
		e.must(ctx.Err())
		var found []mo.VirtualMachine
		e.must(collector.Retrieve(ctx, all, []string{"config.annotation"}, &found))
		left = n
		for i := range found {
			var number int
			if c := found[i].Config; c == nil {
				continue
			} else if _, err := fmt.Sscanf(c.Annotation, "number %d", &number); err != nil {
				continue
			}
			refs[number] = found[i].Self
			left--
		}
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
	e, process := startProcess(t)
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
	if held := e.ahead.held(); held != 0 {
		t.Errorf("%d answers are kept after all machines were asked for", held)
	}
}

func TestARefreshSeesWhatItsProcessWrote(t *testing.T) {
	t.Parallel()
	e, _ := startProcess(t)
	refs, kept := e.keeping(60)
	for at, write := range map[int]func(ctx context.Context, ref Ref) error{
		0: func(ctx context.Context, ref Ref) error {
			return e.Reconfigure(ctx, ref, types.VirtualMachineConfigSpec{Annotation: "new"})
		},
		1: func(ctx context.Context, ref Ref) error { return e.Rename(ctx, ref, "new") },
		2: func(ctx context.Context, ref Ref) error { return e.PowerOn(ctx, ref) },
		3: func(ctx context.Context, ref Ref) error {
			return e.Reconfigure(ctx, ref, types.VirtualMachineConfigSpec{ChangeVersion: e.ahead.kept[ref].value.ChangeVersion, Annotation: "new"})
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
	t.Parallel()
	e, process := startProcess(t)
	refs, kept := e.keeping(60)
	changed, seen, deleted, late := kept[0], kept[1], kept[2], kept[3]
	for _, i := range []int{changed, seen} {
		e.must(process.Rename(fmt.Sprint("many-", i), fmt.Sprint("new-", i)))
	}
	for _, i := range []int{deleted, late} {
		e.must(process.Destroy(fmt.Sprint("many-", i)))
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
	e.must(process.Rename(fmt.Sprint("many-", i), "waited for"))
	e.must(e.WaitFor(t.Context(), refs[i], func(o *Observation) (bool, string) {
		if o.Name != "waited for" {
			t.Errorf("WaitFor saw %s", o.Name)
		}
		return true, ""
	}))
}

func TestARefreshFollowsTheMachine(t *testing.T) {
	t.Parallel()
	e, process := startProcess(t)
	refs, kept := e.keeping(60)
	here, other, third := kept[0], kept[1], kept[2]
	nowhere := Ref{Type: "VirtualMachine", Value: "vm-9999"}
	for name, tc := range map[string]struct {
		at    Ref
		i     int
		calls map[string]int
	}{
		"place unknown":         {Ref{}, here, map[string]int{"FindAllByUuid": 1, "RetrievePropertiesEx": 1}},
		"registered anew":       {nowhere, other, map[string]int{"FindAllByUuid": 1, "RetrievePropertiesEx": 2}},
		"another machine there": {refs[kept[3]], third, map[string]int{"FindAllByUuid": 1, "RetrievePropertiesEx": 1}},
		"read ahead":            {refs[kept[4]], kept[4], map[string]int{}},
	} {
		_, err := process.ResetRequests()
		e.must(err)
		o := e.refreshed(tc.at, tc.i)
		calls, err := process.Calls()
		e.must(err)
		if diff := cmp.Diff(tc.calls, calls); diff != "" || o.Ref != refs[tc.i] {
			t.Errorf("%s: %s for %s; calls (-want +got):\n%s", name, o.Title(), refs[tc.i].Value, diff)
		}
	}
}

// Refreshes, writes and deletions of others at the same time: each sees its own machine, and
// its own writes.
func TestRefreshesAmongWrites(t *testing.T) {
	t.Parallel()
	e, process := startProcess(t)
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
	if held := e.ahead.held(); held != 0 {
		t.Errorf("%d answers are kept after all machines were asked for", held)
	}
}

// BenchmarkRefresh refreshes a thousand machines in a new process, ten at a time in no order.
func BenchmarkRefresh(b *testing.B) {
	e, process := startProcess(b)
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
