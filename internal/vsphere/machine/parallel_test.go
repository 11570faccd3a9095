package machine

import (
	"fmt"
	"sync"
	"testing"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// Many machines at a time, as in an apply with much parallelism: nothing gets mixed up, and
// what is shared costs as much as if it were one.
func TestManyMachinesAtATime(t *testing.T) {
	t.Parallel()
	process := simulator.StartProcess(t)
	e := &env{t: t}
	e.connect(process.Connection)
	const n, workers = 40, 10
	refs := make([]Ref, n)
	each := func(f func(i int) error) {
		t.Helper()
		var wait sync.WaitGroup
		next := make(chan int)
		for range workers {
			wait.Go(func() {
				for i := range next {
					if err := f(i); err != nil {
						t.Errorf("machine %d: %v", i, err)
					}
				}
			})
		}
		for i := range n {
			next <- i
		}
		close(next)
		wait.Wait()
	}
	ctx := t.Context()
	each(func(i int) (err error) {
		refs[i], err = e.Deploy(ctx, e.spec(fmt.Sprintf("web-%d", i), i+1))
		if err != nil {
			return err
		}
		changes := types.VirtualMachineConfigSpec{Annotation: fmt.Sprint("number ", i), ExtraConfig: ExtraConfigChange(map[string]string{CreateMark: ""})}
		if err := e.Reconfigure(ctx, refs[i], changes); err != nil {
			return err
		}
		return e.PowerOn(ctx, refs[i])
	})
	if t.Failed() {
		t.FailNow()
	}
	calls, err := process.Calls()
	e.must(err)
	if calls["CreateListView"] != 1 || calls["CreatePropertyCollector"] != 1 {
		t.Errorf("%v: one view and collector would do", calls)
	}

	// All of them are read at once.
	_, err = process.ResetRequests()
	e.must(err)
	e.slowly()
	var wait sync.WaitGroup
	for i, ref := range refs {
		wait.Go(func() {
			o, err := e.ObserveByID(ctx, ref, uuid(i+1))
			if err != nil || o.Annotation != fmt.Sprint("number ", i) || o.PowerState != on || o.Unfinished() {
				t.Errorf("machine %d is %+v, %v", i, o, err)
			}
		})
	}
	wait.Wait()
	calls, err = process.Calls()
	e.must(err)
	if got := calls["RetrievePropertiesEx"]; got > 4 {
		t.Errorf("%d calls for %d reads at once: %v", got, n, calls)
	}

	each(func(i int) error { return e.Destroy(ctx, refs[i], TrySoft) })
	left, err := process.Machines()
	e.must(err)
	if len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
