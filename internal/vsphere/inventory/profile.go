package inventory

import (
	"context"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

// Profile is the Network Protocol Profile that a network is associated with, and false where
// there is none. One answer of vCenter serves all networks; see package ippool, also for the
// errors.
func (i *Inventory) Profile(ctx context.Context, network Network) (ippool.Profile, bool, error) {
	return i.pools.Profile(ctx, network.reference)
}
