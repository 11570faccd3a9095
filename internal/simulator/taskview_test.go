package simulator_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// patience is how long a call of the simulator may take that does next to nothing: calls that wait for
// each other never end, and a busy computer takes its time.
const patience = 2 * time.Minute

// follower waits for any number of tasks with one list view and one long poll.
type follower struct {
	*clients
	list      *view.ListView
	collector *property.Collector

	mu   sync.Mutex
	ends map[types.ManagedObjectReference]chan types.TaskInfo
}

// follow begins to poll, until the test ends.
func (c *clients) follow() *follower {
	c.t.Helper()
	ctx := c.t.Context()
	list, err := view.NewManager(c.c.Client).CreateListView(ctx, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	collector, err := property.DefaultCollector(c.c.Client).Create(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	f := &follower{clients: c, list: list, collector: collector, ends: map[types.ManagedObjectReference]chan types.TaskInfo{}}
	_, err = collector.CreateFilter(ctx, types.CreateFilter{Spec: types.PropertyFilterSpec{
		ObjectSet: []types.ObjectSpec{{Obj: list.Reference(), Skip: types.NewBool(true), SelectSet: []types.BaseSelectionSpec{list.TraversalSpec()}}},
		PropSet:   []types.PropertySpec{{Type: "Task", PathSet: []string{"info"}}},
	}})
	if err != nil {
		c.t.Fatal(err)
	}
	polling, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.poll(polling)
	}()
	c.t.Cleanup(func() {
		stop()
		<-done
	})
	return f
}

func (f *follower) poll(ctx context.Context) {
	for version := ""; ctx.Err() == nil; {
		res, err := methods.WaitForUpdatesEx(ctx, f.c.Client, &types.WaitForUpdatesEx{
			This: f.collector.Reference(), Version: version, Options: &types.WaitOptions{MaxWaitSeconds: types.NewInt32(1)},
		})
		if err != nil {
			if ctx.Err() == nil {
				f.t.Errorf("wait for updates: %v", err)
			}
			return
		}
		if res.Returnval == nil {
			continue
		}
		version = res.Returnval.Version
		for _, filter := range res.Returnval.FilterSet {
			for _, o := range filter.ObjectSet {
				for _, change := range o.ChangeSet {
					if info, ok := change.Val.(types.TaskInfo); ok && info.CompleteTime != nil {
						f.end(o.Obj, info)
					}
				}
			}
		}
	}
}

// end tells whoever waits for a task.
func (f *follower) end(task types.ManagedObjectReference, info types.TaskInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ch := f.ends[task]; ch != nil {
		ch <- info
		delete(f.ends, task)
	}
}

// await returns the result of a task.
func (f *follower) await(task *object.Task, err error) (types.AnyType, error) {
	if err != nil {
		return nil, err
	}
	ref := task.Reference()
	ch := make(chan types.TaskInfo, 1)
	f.mu.Lock()
	f.ends[ref] = ch
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	if err := f.modify(ctx, []types.ManagedObjectReference{ref}, nil); err != nil {
		return nil, fmt.Errorf("add a task to the view: %w", err)
	}
	defer func() { _ = f.modify(ctx, nil, []types.ManagedObjectReference{ref}) }()
	select {
	case info := <-ch:
		if info.Error != nil {
			return nil, fmt.Errorf("%s: %T", info.DescriptionId, info.Error.Fault)
		}
		return info.Result, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("task %s: %w", ref.Value, ctx.Err())
	}
}

func (f *follower) modify(ctx context.Context, add, remove []types.ManagedObjectReference) error {
	_, err := methods.ModifyListView(ctx, f.c.Client, &types.ModifyListView{This: f.list.Reference(), Add: add, Remove: remove})
	return err
}

// Whoever changes a list view while somebody waits for what is in it is answered, and so is who
// waits.
func TestAListViewChangesWhileItIsWaitedFor(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t, simulator.WithEveryImageType())
	f := login(t, p.Connection, p.CAPEM).follow()
	// Many, so that the view is held for a while.
	many := slices.Repeat([]types.ManagedObjectReference{f.template().Reference()}, 500)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				if err := f.modify(ctx, many, many); err != nil {
					t.Errorf("change the view: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// Copies of one template are made while others that were made before are changed, run and go.
func TestCopiesOfATemplateComeAndGoInParallel(t *testing.T) {
	t.Parallel()
	p := simulator.StartProcess(t, simulator.WithEveryImageType())
	f := login(t, p.Connection, p.CAPEM).follow()
	template := f.template()
	pool, folder := f.place()
	var wg sync.WaitGroup
	for i := range 6 {
		card := f.card("backend")
		wg.Go(func() {
			for n := range 3 {
				name := fmt.Sprintf("vm%d-%d", i, n)
				if err := f.live(template, folder, pool, name, card); err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if list, err := p.Machines(); err != nil || len(list) != 1 {
		t.Errorf("machines: %v, %v", list, err)
	}
}

// live is the life of one machine.
func (f *follower) live(template *object.VirtualMachine, folder *object.Folder, pool types.ManagedObjectReference, name string, card *types.VirtualDeviceConfigSpec) error {
	ctx := f.t.Context()
	made, err := f.await(template.Clone(ctx, folder, name, types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Pool: &pool}}))
	if err != nil {
		return fmt.Errorf("clone: %w", err)
	}
	ref, ok := made.(types.ManagedObjectReference)
	if !ok {
		return fmt.Errorf("the clone is %v", made)
	}
	vm := object.NewVirtualMachine(f.c.Client, ref)
	for _, step := range []struct {
		name string
		run  func() (*object.Task, error)
	}{
		{"reconfigure", func() (*object.Task, error) { return vm.Reconfigure(ctx, spec(card)) }},
		{"power on", func() (*object.Task, error) { return vm.PowerOn(ctx) }},
		{"note", func() (*object.Task, error) {
			return vm.Reconfigure(ctx, types.VirtualMachineConfigSpec{Annotation: name})
		}},
		{"power off", func() (*object.Task, error) { return vm.PowerOff(ctx) }},
		{"destroy", func() (*object.Task, error) { return vm.Destroy(ctx) }},
	} {
		if _, err := f.await(step.run()); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}
