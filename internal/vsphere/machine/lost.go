package machine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const (
	// A deploy whose answer got lost shows up within this many lookups, about a minute, or not
	// at all: vCenter registers the machine before it copies its disks.
	maxLookups = 15
	// lastLook is the time for one lookup after the caller's own is over.
	lastLook = 15 * time.Second
)

// findAgain finds out what became of a deploy whose answer got lost.
func (s *Service) findAgain(ctx context.Context, spec *DeploySpec, d *deployment, cause error) (Ref, error) {
	for try := range maxLookups {
		if ctx.Err() != nil {
			break
		}
		ref, known, err := s.lookUp(ctx, spec, d)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			return ref, fmt.Errorf("%w (before that: %w)", err, cause)
		case known:
			return ref, nil
		}
		if s.pause(ctx, backoff(try)) != nil {
			break
		}
	}
	if ctx.Err() == nil {
		return Ref{}, fmt.Errorf("%w. No machine with instance UUID %s has appeared. "+
			"If it does later, the next apply removes it before it deploys again", cause, spec.InstanceUUID)
	}
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	if ref, err := s.Find(looking, spec.InstanceUUID); err == nil {
		return ref, fmt.Errorf("%w. The machine exists unfinished as %s", cause, spec.title(ref))
	}
	return Ref{}, fmt.Errorf("%w. vCenter may go on with it; the next apply removes what it leaves, which bears %s=%s",
		cause, CreateMark, spec.InstanceUUID)
}

// lookUp looks once for the machine of a deploy, and says whether it is there. A task of the
// deploy, or of the machine, that still runs is waited for.
func (s *Service) lookUp(ctx context.Context, spec *DeploySpec, d *deployment) (ref Ref, known bool, err error) {
	client, err := s.client.Vim(ctx)
	if err != nil {
		return Ref{}, false, err
	}
	started, ours := []Ref{d.task}, true
	switch {
	case d.task.Value != "":
	case d.on.Value != "":
		// Whose they are is not to be seen: they are waited for, and how they end says nothing.
		ours = false
		started, err = tasksOn(ctx, client, d.on)
	default:
		started, err = deployTasks(ctx, client, types.TaskFilterSpec{ActivationId: []string{spec.InstanceUUID}},
			func(info *types.TaskInfo) bool { return info.ActivationId == spec.InstanceUUID })
	}
	if err != nil {
		return Ref{}, false, vsphere.Translate(err, "look for the tasks of the deploy")
	}
	var failure error
	for _, task := range started {
		if err := s.await(ctx, task); err != nil && ours {
			failure = vsphere.Translate(err, fmt.Sprintf("deploy %q", spec.Name))
		}
	}
	ref, err = s.Find(ctx, spec.InstanceUUID)
	switch {
	case failure != nil:
		return ref, err == nil, failure
	case errors.Is(err, vsphere.ErrNotFound):
		return Ref{}, false, nil
	case err != nil:
		return Ref{}, false, err
	}
	if err := s.settle(ctx, ref); err != nil {
		return ref, true, vsphere.Translate(err, "wait for the tasks of "+s.title(ref))
	}
	return ref, true, nil
}

// tasksOn returns the tasks of an object that have not ended.
func tasksOn(ctx context.Context, client *vim25.Client, object Ref) ([]Ref, error) {
	return deployTasks(ctx, client, types.TaskFilterSpec{
		Entity: &types.TaskFilterSpecByEntity{Entity: object, Recursion: types.TaskFilterSpecRecursionOptionSelf},
		State:  []types.TaskInfoState{types.TaskInfoStateQueued, types.TaskInfoStateRunning},
	}, func(info *types.TaskInfo) bool { return info.Entity != nil && *info.Entity == object && !ended(info) })
}

// deployTasks returns the tasks that a filter selects. A vCenter that does not know the filter
// returns all, so that is selects as well.
func deployTasks(ctx context.Context, client *vim25.Client, filter types.TaskFilterSpec, is func(*types.TaskInfo) bool) ([]Ref, error) {
	res, err := methods.CreateCollectorForTasks(ctx, client, &types.CreateCollectorForTasks{
		This: *client.ServiceContent.TaskManager, Filter: filter,
	})
	if err != nil {
		return nil, err
	}
	collector := res.Returnval
	defer func() {
		_, _ = methods.DestroyCollector(context.WithoutCancel(ctx), client, &types.DestroyCollector{This: collector})
	}()
	// Not ReadPreviousTasks, which begins before the latest page.
	var page mo.TaskHistoryCollector
	if err := property.DefaultCollector(client).RetrieveOne(ctx, collector, []string{"latestPage"}, &page); err != nil {
		return nil, err
	}
	var tasks []Ref
	for i := range page.LatestPage {
		if is(&page.LatestPage[i]) {
			tasks = append(tasks, page.LatestPage[i].Task)
		}
	}
	return tasks, nil
}
