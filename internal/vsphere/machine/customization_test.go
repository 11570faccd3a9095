package machine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	idle      = types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_IDLE
	pending   = types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_PENDING
	running   = types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_RUNNING
	succeeded = types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED
	broken    = types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED
)

func TestCustomizationEnds(t *testing.T) {
	t.Parallel()
	tools := Tools{RunningStatus: types.VirtualMachineToolsRunningStatusGuestToolsRunning}
	before := Customization{Status: succeeded, Began: time.Unix(10, 0), Ended: time.Unix(20, 0)}
	again := Customization{Status: succeeded, Began: time.Unix(30, 0), Ended: time.Unix(40, 0)}
	for name, tc := range map[string]struct {
		earlier Customization
		seen    Observation
		want    verdict
	}{
		"vCenter says nothing": {
			Customization{},
			Observation{Tools: tools},
			verdict{false, "guest customization: vCenter does not tell how far it is (vSphere 7.0 Update 2 and later do)"},
		},
		"none has begun": {
			Customization{},
			Observation{Tools: tools, Customization: Customization{Status: idle}},
			verdict{false, "guest customization: none has begun"},
		},
		"no power-on yet": {
			Customization{},
			Observation{PowerState: off, PendingCustomization: true, Customization: Customization{Status: succeeded}},
			verdict{false, "guest customization: it waits for the machine to be powered on; the machine is poweredOff"},
		},
		"Tools do not start": {
			Customization{},
			Observation{Customization: Customization{Status: pending}},
			verdict{false, "guest customization: it waits for the guest to start it; VMware Tools: not reported"},
		},
		"running": {
			Customization{},
			Observation{Tools: tools, Customization: Customization{Status: running}},
			verdict{false, "guest customization: it is running"},
		},
		"succeeded": {
			Customization{},
			Observation{Customization: Customization{Status: succeeded}},
			verdict{true, "guest customization: it succeeded"},
		},
		"failed": {
			Customization{},
			Observation{Customization: Customization{Status: broken, Message: "no such card"}},
			verdict{true, "guest customization: it failed: no such card"},
		},
		"failed without a word": {
			Customization{},
			Observation{Customization: Customization{Status: broken}},
			verdict{true, "guest customization: it failed: the guest does not say why; see /var/log/vmware-imc/toolsDeployPkg.log there"},
		},
		"the end of the previous one": {
			before,
			Observation{Customization: before},
			verdict{false, "guest customization: it succeeded, which is the previous one"},
		},
		"the end of another": {
			before,
			Observation{Customization: again},
			verdict{true, "guest customization: it succeeded"},
		},
		"a word of a later vSphere": {
			Customization{},
			Observation{Tools: tools, Customization: Customization{Status: "NEW"}},
			verdict{false, "guest customization: status NEW"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, judge(CustomizationEnds(tc.earlier), &tc.seen)); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

func linuxPrep() types.CustomizationSpec {
	return types.CustomizationSpec{
		Identity: &types.CustomizationLinuxPrep{HostName: &types.CustomizationFixedName{Name: "web"}, Domain: "example.com"},
		NicSettingMap: []types.CustomizationAdapterMapping{{Adapter: types.CustomizationIPSettings{
			Ip: &types.CustomizationDhcpIpGenerator{},
		}}},
	}
}

func TestWaitForCustomizationReturnsItsEnd(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	var earlier Customization
	for _, message := range []string{"", "the package is damaged", ""} {
		e.must(e.PowerOff(t.Context(), ref, Hard))
		e.must(e.Customize(t.Context(), ref, linuxPrep()))
		if o := e.observe(ref); !o.PendingCustomization || o.Customization.Status != pending {
			t.Fatalf("pending %t, %+v", o.PendingCustomization, o.Customization)
		}
		if message != "" {
			e.sim.FailNextCustomization(message)
		}
		e.must(e.PowerOn(t.Context(), ref))
		got, err := e.WaitForCustomization(t.Context(), ref, earlier)
		switch {
		case message == "" && (err != nil || got.Status != succeeded):
			t.Fatalf("%+v, error %v", got, err)
		case message != "" && (!errors.Is(err, ErrCustomizationFailed) || !strings.HasSuffix(err.Error(), message) || got.Status != broken || got.Message != message):
			t.Fatalf("%+v, error %v", got, err)
		case got.Began.IsZero() || got.Ended.Before(got.Began) || got == earlier:
			t.Fatalf("times of %+v after %+v", got, earlier)
		}
		earlier = got
	}
}

func TestAWaitForCustomizationSaysHowFarItIs(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	e.must(e.Customize(t.Context(), ref, linuxPrep()))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ends := CustomizationEnds(Customization{})
	err := e.WaitFor(ctx, ref, func(o *Observation) (bool, string) {
		cancel()
		return ends(o)
	})
	var missed *WaitError
	if !errors.As(err, &missed) {
		t.Fatalf("error %v", err)
	}
	if missed.Seen == nil || missed.Seen.Ref != ref || missed.Seen.Customization.Status != pending {
		t.Errorf("last seen %+v", missed.Seen)
	}
	if want := "guest customization: it waits for the machine to be powered on; the machine is poweredOff"; missed.Last != want {
		t.Errorf("last %q, want %q", missed.Last, want)
	}
}
