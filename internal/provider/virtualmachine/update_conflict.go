package virtualmachine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// How long an update waits before it looks at a machine again that somebody else changes.
const (
	conflictWait        = 250 * time.Millisecond
	longestConflictWait = 5 * time.Second
)

// reconfigure changes everything that differs from the machine as it is, and as nobody has changed
// it since: another apply may be at work on it, and two would add each disk twice.
func (u *update) reconfigure(ctx context.Context, plan tfsdk.Plan, revision types.Int64) error {
	for wait := conflictWait; ; wait = min(2*wait, longestConflictWait) {
		if u.stale {
			if err := u.lookAgain(ctx); err != nil {
				return err
			}
		}
		err := u.reconfigureOnce(ctx, plan, revision)
		if !errors.Is(err, vsphere.ErrConflict) {
			return err
		}
		u.stale = true
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

// lookAgain reads the machine, and what it remembers by now. Cards that were added are those of
// their interfaces although the machine does not remember them yet.
func (u *update) lookAgain(ctx context.Context) error {
	observed, err := u.backend.Machines.Observe(ctx, u.ref)
	if err != nil {
		return err
	}
	added := u.record.Devices
	u.see(observed)
	devices := maps.Clone(u.record.Devices)
	for name, key := range added {
		_, has := devices[name]
		if taken := slices.Contains(slices.Collect(maps.Values(devices)), key); !has && !taken && cardOf(observed, added, name) != nil {
			if devices == nil {
				devices = map[string]int32{}
			}
			devices[name] = key
		}
	}
	u.record.Devices = devices
	return nil
}

// see takes a reading of the machine for what it is, and what it remembers.
func (u *update) see(observed *machine.Observation) {
	observed.StoragePolicies = u.observed.StoragePolicies
	u.observed, u.record, u.stale = observed, recordOf(observed), false
	u.record.adoptDisks(&u.hardware, observed)
}
