package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/observed"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// readyCondition is the condition of a machine whose probe has just been waited for.
func readyCondition(ready bool, lastSeen string) observed.Condition {
	if ready {
		return observed.Condition{Type: conditionReady, Status: observed.StatusTrue, Reason: reasonReady}
	}
	return observed.Condition{Type: conditionReady, Status: observed.StatusFalse, Reason: observed.ReasonNotReady, Message: lastSeen}
}

// glance is the condition of a machine that was only read. A refresh connects to nothing: where
// the probe is a TCP port, it tells that a machine is not running, and else that nobody knows.
func (p *probe) glance(o *machine.Observation) observed.Condition {
	if p.TCP == nil || notRunning(o) != "" {
		return readyCondition(p.until()(o))
	}
	return observed.Condition{
		Type: conditionReady, Status: observed.StatusUnknown, Reason: observed.ReasonUnknown,
		Message: "A refresh does not connect to the guest. The last creation or update that changed the machine did",
	}
}

// conditionOf is a condition that a state shows.
func conditionOf(ctx context.Context, status types.Object, name string) (observed.Condition, bool) {
	block, _ := fwtypes.Block[statusModel](ctx, status)
	shown, _ := block.Get()
	list, _ := fwtypes.Blocks[conditionModel](ctx, shown.Conditions)
	conditions, _ := list.Get()
	for _, c := range conditions {
		if c.Type.ValueString() == name {
			return observed.Condition{
				Type: name, Status: c.Status.ValueString(), Reason: c.Reason.ValueString(), Message: c.Message.ValueString(),
			}, true
		}
	}
	return observed.Condition{}, false
}
