package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	pbm "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// PoliciesOf reads back the storage policies of machines: those of their home directories, which
// hold the configuration. A machine without one, or that is gone, is left out. It costs one request for all
// of them, and one of StoragePolicyByID.
func (i *Inventory) PoliciesOf(ctx context.Context, machines ...types.ManagedObjectReference) (map[types.ManagedObjectReference]StoragePolicy, error) {
	if len(machines) == 0 {
		return nil, nil
	}
	const doing = "read the storage policies of virtual machines"
	client, err := i.client.PBM(ctx)
	if err != nil {
		return nil, err
	}
	entities := make([]pbm.PbmServerObjectRef, len(machines))
	for n, machine := range machines {
		entities[n] = pbm.PbmServerObjectRef{ObjectType: string(pbm.PbmObjectTypeVirtualMachine), Key: machine.Value}
	}
	results, err := client.QueryAssociatedProfiles(ctx, entities)
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	policies := make(map[types.ManagedObjectReference]StoragePolicy, len(results))
	for _, result := range results {
		at := slices.IndexFunc(machines, func(m types.ManagedObjectReference) bool { return m.Value == result.Object.Key })
		if at < 0 || result.Object.ObjectType != string(pbm.PbmObjectTypeVirtualMachine) {
			continue
		}
		if result.Fault != nil {
			err := vsphere.Translate(soap.WrapVimFault(result.Fault.Fault), fmt.Sprintf("read the storage policy of virtual machine %s", result.Object.Key))
			if errors.Is(err, vsphere.ErrNotFound) {
				continue
			}
			return nil, err
		}
		for _, id := range result.ProfileId {
			policy, err := i.StoragePolicyByID(ctx, id.UniqueId)
			if errors.Is(err, vsphere.ErrNotFound) {
				continue // such as the profile of a datastore's capabilities
			}
			if err != nil {
				return nil, err
			}
			policies[machines[at]] = policy
			break
		}
	}
	return policies, nil
}
