package machine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// delay makes the tasks of a kind take their time, without holding up reads of their object.
func delay(t *testing.T, task string, milliseconds int) {
	t.Helper()
	before := vcsim.TaskDelay
	t.Cleanup(func() { vcsim.TaskDelay = before })
	vcsim.TaskDelay = vcsim.DelayConfig{MethodDelay: map[string]int{task: milliseconds, "LockHandoff": 0}}
}

func TestATaskInProgressIsWaitedOut(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	for name, inject := range map[string]func() error{
		"refused call":     func() error { return e.sim.FailCall("ReconfigVM_Task", "TaskInProgress") },
		"failed task":      func() error { return e.sim.FailTask("ReconfigVM_Task", "TaskInProgress") },
		"concurrent write": func() error { return e.sim.FailTask("ReconfigVM_Task", "ConcurrentAccess") },
	} {
		t.Run(name, func(t *testing.T) {
			e.must(inject())
			e.sim.ResetRequests()
			e.must(e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: name}))
			if got := e.observe(ref).Annotation; got != name {
				t.Errorf("annotation %q", got)
			}
			if n := len(e.sim.Requests("ReconfigVM_Task")); n != 2 {
				t.Errorf("%d attempts, want 2", n)
			}
		})
	}
}

func TestTheTaskThatHoldsAMachineIsWaitedFor(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	delay(t, "Rename", 200)
	vim, err := e.client.Vim(t.Context())
	e.must(err)
	renamed, err := methods.Rename_Task(t.Context(), vim, &types.Rename_Task{This: ref, NewName: "held"})
	e.must(err)
	waited := false
	e.pause = func(ctx context.Context, _ time.Duration) error {
		info, _, err := e.look(ctx, renamed.Returnval, Ref{})
		waited = err == nil && ended(info)
		return err
	}
	e.tampered().set(failOnce("ReconfigVM_Task", &types.TaskInProgress{Task: renamed.Returnval}))
	e.must(e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: "after"}))
	if !waited {
		t.Error("the next try came before the end of the task that held the machine")
	}
}

func TestAGuardedReconfigurationIsNotRepeated(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.sim.FailTask("ReconfigVM_Task", "ConcurrentAccess"))
	spec := types.VirtualMachineConfigSpec{ChangeVersion: e.observe(ref).ChangeVersion, Annotation: "x"}
	if err := e.Reconfigure(t.Context(), ref, spec); !errors.Is(err, vsphere.ErrConflict) {
		t.Errorf("error %v, want ErrConflict", err)
	}
}

func TestABusyMachineIsGivenUpWithTheContext(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.sim.Inject(simulator.Rule{Operation: "ReconfigVM_Task", Fault: "TaskInProgress", Times: -1}))
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	e.pause = func(ctx context.Context, _ time.Duration) error {
		if tries++; tries == 3 {
			cancel()
		}
		return ctx.Err()
	}
	err := e.Reconfigure(ctx, ref, types.VirtualMachineConfigSpec{Annotation: "x"})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, vsphere.ErrTaskInProgress) && !hasFault[*types.TaskInProgress](err) {
		t.Errorf("error %v, want the cancellation and what it was waiting for", err)
	}
}

func TestAFailedTaskSaysWhy(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.sim.FailTask("PowerOnVM_Task", "InsufficientResourcesFault"))
	err := e.PowerOn(t.Context(), ref)
	if !errors.Is(err, vsphere.ErrInsufficientResources) || !strings.HasPrefix(err.Error(), "power on virtual machine "+ref.Value) {
		t.Errorf("error %v", err)
	}
}

func TestATaskThatOutlivesItsCallerIsNamed(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: "x"}))
	delay(t, "PowerOn", 3000)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	err := e.PowerOn(ctx, ref)
	if !errors.Is(err, vsphere.ErrTimeout) {
		t.Fatalf("error %v, want ErrTimeout", err)
	}
	for _, part := range []string{"power on", "powerOn", ref.Value, "task-", "goes on in vCenter"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q: %v", part, err)
		}
	}
	// The next one to wait for the machine is not disturbed.
	e.must(e.WaitFor(t.Context(), ref, func(o *Observation) (bool, string) { return o.PowerState == on, "" }))
}

func TestManyTasksShareAWait(t *testing.T) {
	e := start(t)
	refs := e.machines(5)
	e.sim.ResetRequests()
	var wait sync.WaitGroup
	const rounds = 8
	for i, ref := range refs {
		wait.Go(func() {
			for n := range rounds {
				if err := e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: fmt.Sprint(i, n)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	calls := e.sim.Calls()
	if calls["CreateListView"] != 1 || calls["CreatePropertyCollector"] != 1 || calls["CreateFilter"] != 1 {
		t.Errorf("%v, want one view, collector and filter", calls)
	}
	if tasks := rounds * len(refs); calls["ModifyListView"] > tasks || calls["ReconfigVM_Task"] != tasks {
		t.Errorf("%v for %d tasks", calls, tasks)
	}
	for _, request := range e.sim.Requests("WaitForUpdatesEx") {
		if !strings.Contains(request.Body, "<maxWaitSeconds>") {
			t.Errorf("a wait without a bound: %s", request.Body)
		}
	}
}

func TestWaitsSurviveBrokenPolls(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.recheck = time.Hour
	for _, rule := range []simulator.Rule{
		{Operation: "WaitForUpdatesEx", Lose: true},
		{Operation: "WaitForUpdatesEx", Fault: "InvalidCollectorVersion"},
		{Operation: "WaitForUpdatesEx", Fault: "ManagedObjectNotFound"},
		{Operation: "ModifyListView", Fault: "ManagedObjectNotFound"},
		{Operation: "ModifyListView", Lose: true},
		{Operation: "CreateFilter", Status: 503},
	} {
		t.Run(fmt.Sprintf("%+v", rule), func(t *testing.T) {
			e.must(e.sim.Inject(rule))
			text := fmt.Sprint(rule)
			e.must(e.Reconfigure(t.Context(), ref, types.VirtualMachineConfigSpec{Annotation: text}))
			if got := e.observe(ref).Annotation; got != text {
				t.Errorf("annotation %q, want %q", got, text)
			}
			e.sim.ClearRules()
		})
	}
}

// The news that went with a lost answer come again, without a look at the task itself.
func TestALostPollTakesNoNewsAlong(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.recheck = time.Hour
	for i := range 5 {
		e.must(e.sim.LoseAnswer("WaitForUpdatesEx"))
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		e.must(e.Reconfigure(ctx, ref, types.VirtualMachineConfigSpec{Annotation: fmt.Sprint("revision ", i)}))
		cancel()
	}
}

func TestWaitsFailWhenVCenterStaysAway(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.tampered().set(func(_ context.Context, req, _ soap.HasFault, send func() error) error {
		switch method(req) {
		case "CreateListView", "CreatePropertyCollector", "CreateFilter", "WaitForUpdatesEx", "ModifyListView":
			return fmt.Errorf("away: %w", vsphere.ErrInterrupted)
		}
		return send()
	})
	if err := e.PowerOn(t.Context(), ref); !errors.Is(err, vsphere.ErrInterrupted) {
		t.Errorf("error %v, want ErrInterrupted", err)
	}
}

func TestCloseEndsWaits(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	looked := make(chan struct{}, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- e.WaitFor(t.Context(), ref, func(*Observation) (bool, string) {
			select {
			case looked <- struct{}{}:
			default:
			}
			return false, "never"
		})
	}()
	<-looked
	e.Close(t.Context())
	if err := <-ended; !errors.Is(err, vsphere.ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
	if err := e.PowerOn(t.Context(), ref); !errors.Is(err, vsphere.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
}
