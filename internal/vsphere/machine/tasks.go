package machine

import (
	"context"
	"fmt"
	"time"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/task"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// starter begins a task on a machine.
type starter func(ctx context.Context, client *vim25.Client) (Ref, error)

// do starts a task and waits for its end. While another task holds the machine, or the machine
// changes under it, it waits and starts again, until ctx ends. What names the operation and the
// machine, for errors.
func (s *Service) do(ctx context.Context, ref Ref, what string, start starter) error {
	for try := 0; ; try++ {
		err := s.attempt(ctx, ref, start)
		if err == nil {
			return nil
		}
		busy, isBusy := busyWith(err)
		if !isBusy {
			return vsphere.Translate(err, what)
		}
		if ctx.Err() == nil && busy != nil {
			// How that task ends is the business of whoever started it.
			_ = s.await(ctx, *busy)
		}
		// Not every task that holds a machine is named, and its end is not yet its release.
		if perr := s.pause(ctx, backoff(try)); perr != nil {
			return vsphere.Translate(fmt.Errorf("%w (%w)", perr, err), what)
		}
	}
}

func (s *Service) attempt(ctx context.Context, ref Ref, start starter) error {
	s.ahead.settle(ref)
	client, err := s.client.Vim(ctx)
	if err != nil {
		return err
	}
	started, err := start(ctx, client)
	if err != nil {
		return err
	}
	return s.await(ctx, started)
}

// await waits for the end of a task. One that failed is a task.Error. When ctx ends first, the
// error names the task: it goes on in vCenter.
//
// News come from the watcher. Now and then the task itself is asked as well, should news of it
// ever go missing.
func (s *Service) await(ctx context.Context, ref Ref) error {
	sub := s.watch.subscribe(ref) //nolint:contextcheck // the watcher serves all callers and outlives this one
	defer s.watch.unsubscribe(sub)
	timer := time.NewTimer(s.recheck)
	defer timer.Stop()
	var last *types.TaskInfo
	for {
		ask := false
		select {
		case <-sub.signal:
		case <-timer.C:
			timer.Reset(s.recheck)
			ask = true
		case <-ctx.Done():
			return stillRunning(ref, last, ctx.Err())
		}
		n := s.watch.read(sub)
		if n.err != nil {
			return fmt.Errorf("task %s: %w", ref.Value, n.err)
		}
		info := n.info
		// It may have left the view for another reason than its own end.
		if info == nil && n.gone || ask && (info == nil || !ended(info)) {
			read, err := s.taskInfo(ctx, ref)
			switch {
			case err == nil:
				info = read
			case isGone(err) || isHopeless(err):
				return fmt.Errorf("task %s vanished before its end was seen: %w", ref.Value, err)
			default: // asked again in a while
			}
		}
		if info == nil {
			continue
		}
		last = info
		switch info.State {
		case types.TaskInfoStateSuccess:
			return nil
		case types.TaskInfoStateError:
			return taskError(info)
		case types.TaskInfoStateQueued, types.TaskInfoStateRunning:
		}
	}
}

func taskError(info *types.TaskInfo) error {
	if info.Error == nil {
		return fmt.Errorf("task %s failed, and vCenter does not say why", info.Key)
	}
	if info.Error.LocalizedMessage == "" {
		// task.Error has no other text.
		info.Error.LocalizedMessage = fmt.Sprintf("%T", info.Error.Fault)
	}
	return task.Error{LocalizedMethodFault: info.Error, Description: info.Description}
}

func stillRunning(ref Ref, info *types.TaskInfo, cause error) error {
	name := "task"
	if info != nil {
		name += fmt.Sprintf(" %s of %q", info.DescriptionId, info.EntityName)
		if info.Entity != nil {
			name += " (" + info.Entity.Value + ")"
		}
	}
	return fmt.Errorf("%s, id %s, was still running and goes on in vCenter: %w", name, ref.Value, cause)
}

func (s *Service) taskInfo(ctx context.Context, ref Ref) (*types.TaskInfo, error) {
	client, err := s.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	var t mo.Task
	if err := property.DefaultCollector(client).RetrieveOne(ctx, ref, []string{"info"}, &t); err != nil {
		return nil, err
	}
	return &t.Info, nil
}

// settle waits for the tasks that run on a machine now, whoever started them and however they
// end.
func (s *Service) settle(ctx context.Context, ref Ref) error {
	client, err := s.client.Vim(ctx)
	if err != nil {
		return err
	}
	collector := property.DefaultCollector(client)
	var vm mo.VirtualMachine
	if err := collector.RetrieveOne(ctx, ref, []string{"recentTask"}, &vm); err != nil {
		return err
	}
	if len(vm.RecentTask) == 0 {
		return nil
	}
	spec := types.PropertyFilterSpec{
		PropSet:                       []types.PropertySpec{{Type: "Task", PathSet: []string{"info.state"}}},
		ReportMissingObjectsInResults: types.NewBool(true), // tasks are forgotten after a while
	}
	for _, t := range vm.RecentTask {
		spec.ObjectSet = append(spec.ObjectSet, types.ObjectSpec{Obj: t})
	}
	res, err := collector.RetrieveProperties(ctx, types.RetrieveProperties{SpecSet: []types.PropertyFilterSpec{spec}})
	if err != nil {
		return err
	}
	for _, content := range res.Returnval {
		for _, p := range content.PropSet {
			if state, ok := p.Val.(types.TaskInfoState); ok && (state == types.TaskInfoStateQueued || state == types.TaskInfoStateRunning) {
				_ = s.await(ctx, content.Obj)
			}
		}
	}
	return ctx.Err()
}

// once is do without a second try.
func (s *Service) once(ctx context.Context, ref Ref, what string, start starter) error {
	err := s.attempt(ctx, ref, start)
	return vsphere.Translate(err, what)
}
