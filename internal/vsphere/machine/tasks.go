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

// job is a task to be done on a machine.
type job struct {
	ref   Ref
	what  string // names the operation and the machine, for errors
	start starter
	// unlocks says that drives may be disconnected that the guest holds.
	unlocks bool
	// guarded says that the request names what it was made for: after a change by others it is
	// another request that is to be made.
	guarded bool
}

// do starts a task and waits for its end: see run.
func (s *Service) do(ctx context.Context, ref Ref, what string, start starter) error {
	return s.run(ctx, job{ref: ref, what: what, start: start})
}

// run starts a task and waits for its end. While another task holds the machine, or the machine
// changes under it, it waits and starts again, until ctx ends. A question of vSphere's that
// nobody answers ends the wait with ErrQuestion.
func (s *Service) run(ctx context.Context, j job) error {
	for try := 0; ; try++ {
		err := s.attempt(ctx, j)
		if err == nil {
			return nil
		}
		busy, isBusy := busyWith(err)
		if !isBusy || j.guarded && hasFault[*types.ConcurrentAccess](err) {
			return vsphere.Translate(err, j.what)
		}
		if ctx.Err() == nil && busy != nil {
			// How that task ends is the business of whoever started it.
			_ = s.await(ctx, *busy)
		}
		// Not every task that holds a machine is named, and its end is not yet its release.
		if perr := s.pause(ctx, backoff(try)); perr != nil {
			return vsphere.Translate(fmt.Errorf("%w (%w)", perr, err), j.what)
		}
	}
}

func (s *Service) attempt(ctx context.Context, j job) error {
	s.ahead.settle(j.ref)
	client, err := s.client.Vim(ctx)
	if err != nil {
		return err
	}
	started, err := j.start(ctx, client)
	if err != nil {
		return err
	}
	_, err = s.follow(ctx, started, j)
	return err
}

// await waits for the end of a task, whatever it works on: see follow.
func (s *Service) await(ctx context.Context, ref Ref) error {
	_, err := s.follow(ctx, ref, job{})
	return err
}

// follow waits for the end of the task of a job, and returns its result. One that failed is a
// task.Error. When ctx ends first, the error names the task: it goes on in vCenter.
//
// News come from the watcher. Now and then the task itself is asked as well, should news of it
// ever go missing, and its machine for what vSphere wants to know.
func (s *Service) follow(ctx context.Context, ref Ref, j job) (types.AnyType, error) {
	sub := s.watch.subscribe(ref) //nolint:contextcheck // the watcher serves all callers and outlives this one
	defer s.watch.unsubscribe(sub)
	timer := time.NewTimer(s.firstLook(j))
	defer timer.Stop()
	var last *types.TaskInfo
	var pending string
	for {
		ask := false
		select {
		case <-sub.signal:
		case <-timer.C:
			timer.Reset(s.recheck)
			ask = true
		case <-ctx.Done():
			return nil, stillRunning(ref, last, ctx.Err())
		}
		n := s.watch.read(sub)
		if n.err != nil {
			return nil, fmt.Errorf("task %s: %w", ref.Value, n.err)
		}
		info := n.info
		// It may have left the view for another reason than its own end.
		if info == nil && n.gone || ask && (info == nil || !ended(info)) {
			read, question, err := s.look(ctx, ref, j.ref)
			switch {
			case err == nil:
				info = read
			case isGone(err) || isHopeless(err):
				return nil, fmt.Errorf("task %s vanished before its end was seen: %w", ref.Value, err)
			default: // asked again in a while
			}
			if question != nil {
				if pending, err = s.respond(ctx, ref, j, question, pending); err != nil {
					return nil, err
				}
			}
		}
		if info == nil {
			continue
		}
		last = info
		switch info.State {
		case types.TaskInfoStateSuccess:
			return info.Result, nil
		case types.TaskInfoStateError:
			return nil, taskError(info)
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

// firstLook is when a task is looked at that has not ended: soon where there may be a question.
func (s *Service) firstLook(j job) time.Duration {
	if j.ref.Value == "" {
		return s.recheck
	}
	return min(questionAfter, s.recheck)
}

// respond answers a question that came up during a job where it may. One that it may not answer
// is remembered, and is an error when it is still there at the next look: somebody at a console,
// or a setting of the machine, may be faster.
func (s *Service) respond(ctx context.Context, task Ref, j job, question *types.VirtualMachineQuestionInfo, pending string) (string, error) {
	if j.unlocks {
		// What fails for a passing reason is tried again at the next look.
		if was, err := s.unlock(ctx, j.ref, question); was {
			if err != nil && isHopeless(err) {
				return "", vsphere.Translate(err, "answer vSphere's question about "+s.title(j.ref))
			}
			return "", nil
		}
	}
	if question.Id == pending {
		return "", unanswered(task, s.title(j.ref), question)
	}
	return question.Id, nil
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
