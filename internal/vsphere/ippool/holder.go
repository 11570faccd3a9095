package ippool

import (
	"context"
	"fmt"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Holder returns the machine of a name in a folder, which may hold allocations that have to be
// released before it goes, and false where there is none. Where the datacenter has no pool to
// allocate from, nobody holds anything, and no machine is looked for.
func (p *Pools) Holder(ctx context.Context, folder types.ManagedObjectReference, name string) (types.ManagedObjectReference, bool, error) {
	none := types.ManagedObjectReference{}
	if enabled, err := p.AnyEnabled(ctx); err != nil || !enabled {
		return none, false, err
	}
	what := fmt.Sprintf("look for %q in folder %s", name, folder.Value)
	client, err := p.client.Vim(ctx)
	if err != nil {
		return none, false, vsphere.Translate(err, what)
	}
	res, err := methods.FindChild(ctx, client, &types.FindChild{This: *client.ServiceContent.SearchIndex, Entity: folder, Name: name})
	if err != nil {
		return none, false, vsphere.Translate(err, what)
	}
	if res.Returnval == nil || res.Returnval.Type != "VirtualMachine" {
		return none, false, nil
	}
	return *res.Returnval, true, nil
}
