package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const (
	on        = types.VirtualMachinePowerStatePoweredOn
	off       = types.VirtualMachinePowerStatePoweredOff
	suspended = types.VirtualMachinePowerStateSuspended
)

// bring takes a machine to a power state.
func (e *env) bring(ref Ref, state types.VirtualMachinePowerState) {
	e.t.Helper()
	switch state {
	case on:
		e.must(e.PowerOn(e.t.Context(), ref))
	case off:
		e.must(e.PowerOff(e.t.Context(), ref, Hard))
	case suspended:
		e.must(e.PowerOn(e.t.Context(), ref))
		e.must(e.Suspend(e.t.Context(), ref, Hard))
	}
	e.sim.Settle()
}

// powerCalls are those of the given calls that change a power state.
func powerCalls(calls []string) []string {
	return slices.DeleteFunc(slices.Clone(calls), func(call string) bool {
		return !slices.Contains([]string{
			"PowerOnVM_Task", "PowerOffVM_Task", "SuspendVM_Task", "ResetVM_Task", "ShutdownGuest", "StandbyGuest", "RebootGuest",
		}, call)
	})
}

func TestPower(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	tamper := e.tampered()
	unwilling := func(name string) answerFunc { return failOnce(name, &types.ToolsUnavailable{}) }
	for name, tc := range map[string]struct {
		from   types.VirtualMachinePowerState
		do     func(context.Context) error
		answer answerFunc
		calls  []string
		to     types.VirtualMachinePowerState
		err    error
		text   string
		// ignored says that the guest accepts what it is asked and does nothing.
		ignored bool
	}{
		"on": {from: off, do: func(ctx context.Context) error { return e.PowerOn(ctx, ref) }, calls: []string{"PowerOnVM_Task"}, to: on},
		"on, suspended": {
			from: suspended, do: func(ctx context.Context) error { return e.PowerOn(ctx, ref) }, calls: []string{"PowerOnVM_Task"}, to: on,
		},
		"off hard": {from: on, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, Hard) }, calls: []string{"PowerOffVM_Task"}, to: off},
		"off soft": {from: on, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, Soft) }, calls: []string{"ShutdownGuest"}, to: off},
		"off soft, no Tools": {
			from: on, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, Soft) }, answer: unwilling("ShutdownGuest"),
			to: on, err: vsphere.ErrInvalidState, text: "through its guest",
		},
		"off soft, guest ignores it": {
			from: on, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, Soft) }, answer: swallow("ShutdownGuest"), ignored: true,
			to: on, err: vsphere.ErrTimeout, text: "the guest accepted, but did not comply",
		},
		"off soft, suspended": {
			from: suspended, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, Soft) }, calls: []string{"ShutdownGuest"},
			to: suspended, err: vsphere.ErrInvalidState,
		},
		"off, off already": {from: off, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, Soft) }, calls: []string{"ShutdownGuest"}, to: off},
		"off if need be hard": {
			from: on, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, TrySoft) }, calls: []string{"ShutdownGuest"}, to: off,
		},
		"off if need be hard, no Tools": {
			from: on, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, TrySoft) }, answer: unwilling("ShutdownGuest"),
			calls: []string{"PowerOffVM_Task"}, to: off,
		},
		"off if need be hard, guest ignores it": {
			from: on, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, TrySoft) }, answer: swallow("ShutdownGuest"), ignored: true,
			calls: []string{"PowerOffVM_Task"}, to: off,
		},
		"off if need be hard, suspended": {
			from: suspended, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, TrySoft) },
			calls: []string{"ShutdownGuest", "PowerOffVM_Task"}, to: off,
		},
		"suspend hard": {from: on, do: func(ctx context.Context) error { return e.Suspend(ctx, ref, Hard) }, calls: []string{"SuspendVM_Task"}, to: suspended},
		"suspend soft": {from: on, do: func(ctx context.Context) error { return e.Suspend(ctx, ref, Soft) }, calls: []string{"StandbyGuest"}, to: suspended},
		"suspend if need be hard": {
			from: on, do: func(ctx context.Context) error { return e.Suspend(ctx, ref, TrySoft) }, answer: unwilling("StandbyGuest"),
			calls: []string{"SuspendVM_Task"}, to: suspended,
		},
		"restart hard": {from: on, do: func(ctx context.Context) error { return e.Restart(ctx, ref, Hard) }, calls: []string{"ResetVM_Task"}, to: on},
		"restart soft": {from: on, do: func(ctx context.Context) error { return e.Restart(ctx, ref, Soft) }, calls: []string{"RebootGuest"}, to: on},
		"restart if need be hard": {
			from: on, do: func(ctx context.Context) error { return e.Restart(ctx, ref, TrySoft) }, answer: unwilling("RebootGuest"),
			calls: []string{"ResetVM_Task"}, to: on,
		},
		"restart soft, no Tools": {
			from: on, do: func(ctx context.Context) error { return e.Restart(ctx, ref, Soft) }, answer: unwilling("RebootGuest"),
			to: on, err: vsphere.ErrInvalidState,
		},
		"an unknown mode": {
			from: on, do: func(ctx context.Context) error { return e.PowerOff(ctx, ref, "soft") }, to: on, err: vsphere.ErrInvalidArgument, text: `"soft"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			tamper.set(nil)
			e.bring(ref, off)
			e.bring(ref, tc.from)
			tamper.set(tc.answer)
			e.softTimeout = defaultSoftTimeout
			if tc.ignored {
				e.softTimeout = 50 * time.Millisecond
			}
			var err error
			calls := powerCalls(e.calls(func() { err = tc.do(t.Context()) }))
			tamper.set(nil)
			if !errors.Is(err, tc.err) || tc.err == nil && err != nil {
				t.Errorf("error %v, want %v", err, tc.err)
			}
			if tc.text != "" && !strings.Contains(fmt.Sprint(err), tc.text) {
				t.Errorf("error %v lacks %q", err, tc.text)
			}
			if len(tc.calls)+len(calls) > 0 {
				if diff := cmp.Diff(tc.calls, calls); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			}
			if got := e.observe(ref).PowerState; got != tc.to {
				t.Errorf("power state %s, want %s", got, tc.to)
			}
		})
	}
}

func TestDestroyFromEveryPowerState(t *testing.T) {
	e := start(t)
	for i, state := range []types.VirtualMachinePowerState{on, off, suspended} {
		for j, mode := range []Mode{Hard, Soft, TrySoft} {
			t.Run(fmt.Sprintf("%s %s", state, mode), func(t *testing.T) {
				ref := e.deploy(e.spec(fmt.Sprintf("web-%d-%d", i, j), 10*i+j))
				e.bring(ref, state)
				e.must(e.Destroy(t.Context(), ref, mode))
				if _, err := e.Observe(t.Context(), ref); !errors.Is(err, vsphere.ErrNotFound) {
					t.Errorf("read: %v", err)
				}
			})
		}
	}
}

func TestDestroyLeavesWhatItCannotReach(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.tampered().set(observing("runtime.connectionState", types.VirtualMachineConnectionStateDisconnected))
	err := e.Destroy(t.Context(), ref, TrySoft)
	if !errors.Is(err, vsphere.ErrInvalidState) || !strings.Contains(err.Error(), "disconnected") {
		t.Errorf("error %v", err)
	}
	if n := len(e.sim.Requests("Destroy_Task")); n != 0 {
		t.Errorf("%d attempts to destroy it", n)
	}
}

func TestADestroyWhoseAnswerIsLostIsLookedUp(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.sim.LoseAnswer("Destroy_Task"))
	e.must(e.Destroy(t.Context(), ref, Hard))
	if n := len(e.sim.Requests("Destroy_Task")); n != 1 {
		t.Errorf("%d attempts, want 1", n)
	}
}

func TestAPowerOperationWhoseAnswerIsLostIsRepeated(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.sim.LoseAnswer("PowerOnVM_Task"))
	e.must(e.PowerOn(t.Context(), ref))
	if got := e.observe(ref).PowerState; got != on {
		t.Errorf("power state %s", got)
	}
}
