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

// restartHasCome refuses a restart in the future: apply restarts a machine when it is run, and
// nobody comes back later. VM Operator ignores such a time. A machine that is to be created is not
// restarted at all, but what is written would put off those that come.
func (p *planner) restartHasCome() bool {
	if due := p.plan.restartTime(); !due.After(time.Now().Add(clockSkew)) {
		return true
	}
	p.resp.Diagnostics.AddAttributeError(path.Root("next_restart_time"), "The restart is in the future",
		fmt.Sprintf("%s has not come yet. Apply restarts a machine when it is run, and not later: use a time that has passed, such as plantimestamp().", p.plan.NextRestartTime.ValueString()))
	return false
}

// planRestart finds out whether the change restarts the machine.
func (p *planner) planRestart(observed *machine.Observation) {
	if p.restartHasCome() {
		remembered := recordOf(observed)
		p.moves.power = p.moves.power || p.plan.NextRestartTime.IsUnknown() || p.plan.restarts(p.prior, &remembered)
	}
}

// restarts tells whether a machine is to be restarted, or would be if it ran: for another time than
// was written before, and one after the last restart.
func (m *model) restarts(prior *model, remembered *record) bool {
	due := m.restartTime()
	return due.After(remembered.Restarted) && !due.Equal(prior.restartTime())
}

// restarted is what is written down of a restart for the time that is written. A clock that goes
// before this one does not put off the next restart.
func (m *model) restarted() time.Time {
	due, now := m.restartTime(), time.Now().UTC()
	if due.After(now) {
		return now
	}
	return due
}

// clockSkew is how far the clocks of those who write a time and of those who plan may differ.
const clockSkew = 5 * time.Minute

// restart restarts a machine that has run all the time, when it is to be restarted for a time
// after the last one. The time is written down afterwards: whoever is interrupted between the two
// restarts once more, and never not at all.
func (u *update) restart(ctx context.Context) error {
	if u.wasOff || !u.plan.restarts(u.prior, &u.record) {
		return nil
	}
	if u.observed.PowerState == govmomi.VirtualMachinePowerStatePoweredOn && !u.resumed {
		if err := u.backend.Machines.Restart(ctx, u.ref, machine.Mode(u.plan.RestartMode.ValueString())); err != nil {
			return err
		}
	}
	u.record.Restarted = u.plan.restarted()
	return u.writeDown(ctx, u.ref, &u.record)
}
