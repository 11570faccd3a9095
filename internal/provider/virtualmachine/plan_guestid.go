package virtualmachine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// planGuestID refuses a guest id that vSphere does not know, where it is to be set: vCenter's own
// refusal names nothing. A cluster that cannot be asked is no reason to refuse it.
func (p *planner) planGuestID(ctx context.Context) {
	id := p.config.GuestID
	if p.world == nil || id.IsNull() || id.IsUnknown() || p.prior != nil && p.prior.GuestID.Equal(id) {
		return
	}
	at := path.Root("guest_id")
	err := p.backend.Inventory.CheckGuestID(ctx, p.world.namespace, id.ValueString())
	switch {
	case err == nil:
	case errors.Is(err, vsphere.ErrInvalidArgument):
		p.resp.Diagnostics.AddAttributeError(at, "No such guest id", backend.Sentence(err.Error()))
	default:
		p.resp.Diagnostics.AddAttributeWarning(at, "The guest id is not known",
			fmt.Sprintf("%q is not among the guest ids that this version of the provider knows, and vCenter cannot be asked for those of %s: %s. Apply will fail if it does not know it.",
				id.ValueString(), p.world.namespace.Compute.Path, err))
	}
}
