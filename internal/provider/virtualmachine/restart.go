package virtualmachine

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// restartTime is the time in next_restart_time; zero without one, and while it is not known.
func (m *model) restartTime() time.Time {
	parsed, err := time.Parse(time.RFC3339, m.NextRestartTime.ValueString())
	if err != nil {
		return time.Time{}
	}
	return parsed.UTC()
}

// planRestart refuses a restart in the future: apply restarts a machine when it is run, and
// nobody comes back later. VM Operator ignores such a time.
func (p *planner) planRestart(observed *machine.Observation) {
	due := p.plan.restartTime()
	if due.After(time.Now().Add(clockSkew)) {
		p.resp.Diagnostics.AddAttributeError(path.Root("next_restart_time"), "The restart is in the future",
			fmt.Sprintf("%s has not come yet. Apply restarts a machine when it is run, and not later: use a time that has passed, such as plantimestamp().", p.plan.NextRestartTime.ValueString()))
		return
	}
	remembered := recordOf(observed)
	p.moves.power = p.moves.power || p.plan.NextRestartTime.IsUnknown() || due.After(remembered.Restarted)
}

// clockSkew is how far the clocks of those who write a time and of those who plan may differ.
const clockSkew = 5 * time.Minute

// restart restarts a machine that has run all the time, when it is to be restarted for a time
// after the last one. The time is written down afterwards: whoever is interrupted between the two
// restarts once more, and never not at all.
func (u *update) restart(ctx context.Context) error {
	due := u.plan.restartTime()
	if !due.After(u.record.Restarted) {
		return nil
	}
	if u.observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOn && !u.resumed {
		if err := u.backend.Machines.Restart(ctx, u.ref, machine.Mode(u.plan.RestartMode.ValueString())); err != nil {
			return err
		}
	}
	u.record.Restarted = due
	value, err := u.record.encode()
	if err != nil {
		return err
	}
	return u.backend.Machines.Reconfigure(ctx, u.ref, govmomi.VirtualMachineConfigSpec{
		ExtraConfig: machine.ExtraConfigChange(map[string]string{recordKey: value}),
	})
}
