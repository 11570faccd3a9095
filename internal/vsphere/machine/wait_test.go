package machine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

func TestWaitForSeesWhatOthersDo(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.PowerOn(t.Context(), ref))
	looked := make(chan struct{}, 100)
	ended := make(chan error, 1)
	go func() {
		ended <- e.WaitFor(t.Context(), ref, func(o *Observation) (bool, string) {
			looked <- struct{}{}
			return o.PowerState == off, string(o.PowerState)
		})
	}()
	<-looked
	e.must(e.sim.PowerOff("web-1"))
	e.must(<-ended)
}

func TestWaitForAnAddressOfTheGuest(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.PowerOn(t.Context(), ref))
	e.must(e.WaitFor(t.Context(), ref, func(o *Observation) (bool, string) {
		return o.Guest != nil && o.Guest.ToolsRunningStatus == "guestToolsRunning", "Tools do not run"
	}))
}

func TestWaitForSaysWhatItLastSaw(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := e.WaitFor(ctx, ref, func(o *Observation) (bool, string) {
		cancel()
		return false, "it is " + string(o.PowerState)
	})
	if !errors.Is(err, vsphere.ErrInterrupted) || !strings.Contains(err.Error(), "last seen: it is poweredOff") {
		t.Errorf("error %v", err)
	}
}

func TestWaitForADeletedMachine(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	looked := make(chan struct{}, 100)
	ended := make(chan error, 1)
	go func() {
		ended <- e.WaitFor(t.Context(), ref, func(*Observation) (bool, string) {
			looked <- struct{}{}
			return false, ""
		})
	}()
	<-looked
	e.must(e.sim.Destroy("web-1"))
	if err := <-ended; !errors.Is(err, vsphere.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
}

func TestWaitForOutlastsAPassingFailure(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	failures := maxReadFailures
	e.tampered().set(func(_ context.Context, req, _ soap.HasFault, send func() error) error {
		if method(req) == "RetrievePropertiesEx" && failures > 0 {
			failures--
			return fmt.Errorf("away: %w", vsphere.ErrInterrupted)
		}
		return send()
	})
	e.must(e.WaitFor(t.Context(), ref, func(*Observation) (bool, string) { return true, "" }))
	failures = maxReadFailures + 1
	if err := e.WaitFor(t.Context(), ref, func(*Observation) (bool, string) { return true, "" }); !errors.Is(err, vsphere.ErrInterrupted) {
		t.Errorf("error %v, want ErrInterrupted", err)
	}
}

func TestAWaitErrorTellsALateMachineFromAnImpatientCaller(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]error{context.DeadlineExceeded: vsphere.ErrTimeout, context.Canceled: vsphere.ErrInterrupted} {
		err := error(&WaitError{Ref: Ref{Type: "VirtualMachine", Value: "vm-1"}, Last: "no heartbeat", cause: cause})
		if !errors.Is(err, want) || !errors.Is(err, cause) || !strings.Contains(err.Error(), "virtual machine vm-1: ") || !strings.Contains(err.Error(), "last seen: no heartbeat") {
			t.Errorf("%v is not %v and %v", err, want, cause)
		}
	}
}
