package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	pbm "github.com/vmware/govmomi/pbm/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// StoragePolicy is a storage policy of vCenter: what VM Operator calls a storage class.
type StoragePolicy struct {
	// ID is the profile id.
	ID string
	// Name is the policy's own name, such as "vSAN Default Storage Policy".
	Name string
	// ClassName is its name as a storage class, such as "vsan-default-storage-policy": the one
	// that vCenter reserved for it, else the policy's name in lower case and hyphenated.
	ClassName   string
	Description string
}

// StoragePolicy finds a storage policy by its own name, or else by its name as a storage class.
func (i *Inventory) StoragePolicy(ctx context.Context, name string) (StoragePolicy, error) {
	var policy StoragePolicy
	err := i.policies.Find(ctx, func(policies []StoragePolicy) error {
		found, err := findPolicy(policies, name)
		policy = found
		return err
	})
	return policy, err
}

// StoragePolicyByID finds a storage policy by its profile id, as virtual machines report it.
func (i *Inventory) StoragePolicyByID(ctx context.Context, id string) (StoragePolicy, error) {
	var policy StoragePolicy
	err := i.policies.Find(ctx, func(policies []StoragePolicy) error {
		at := slices.IndexFunc(policies, func(p StoragePolicy) bool { return p.ID == id })
		if at < 0 {
			return failure(vsphere.ErrNotFound, "vCenter has no storage policy with the id %q", id)
		}
		policy = policies[at]
		return nil
	})
	return policy, err
}

// StoragePolicies lists the storage policies for virtual machines, in the order of their names.
func (i *Inventory) StoragePolicies(ctx context.Context) ([]StoragePolicy, error) {
	policies, err := i.policies.Since(ctx, time.Now())
	return slices.Clone(policies), err
}

func findPolicy(policies []StoragePolicy, name string) (StoragePolicy, error) {
	for _, matches := range []func(StoragePolicy) bool{
		func(p StoragePolicy) bool { return p.Name == name },
		func(p StoragePolicy) bool { return p.ClassName == name },
	} {
		found := slices.DeleteFunc(slices.Clone(policies), func(p StoragePolicy) bool { return !matches(p) })
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			names := make([]string, len(found))
			for i, policy := range found {
				names[i] = fmt.Sprintf("%q (%s)", policy.Name, policy.ID)
			}
			return StoragePolicy{}, failure(vsphere.ErrAmbiguous,
				"the storage class %q stands for the policies %s. Use a policy's own name, and rename one if they share it",
				name, strings.Join(names, ", "))
		}
	}
	names := make([]string, len(policies))
	for i, policy := range policies {
		names[i] = policy.Name
	}
	return StoragePolicy{}, failure(vsphere.ErrNotFound, "vCenter has no storage policy %q. %s", name, offer("storage policy", name, names))
}

func (i *Inventory) readPolicies(ctx context.Context) ([]StoragePolicy, error) {
	const doing = "read the storage policies"
	client, err := i.client.PBM(ctx)
	if err != nil {
		return nil, err
	}
	storage := pbm.PbmProfileResourceType{ResourceType: string(pbm.PbmProfileResourceTypeEnumSTORAGE)}
	ids, err := client.QueryProfile(ctx, storage, string(pbm.PbmProfileCategoryEnumREQUIREMENT))
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	profiles, err := client.RetrieveContent(ctx, ids)
	if err != nil {
		return nil, vsphere.Translate(err, doing)
	}
	policies := make([]StoragePolicy, len(profiles))
	for n, profile := range profiles {
		common := profile.GetPbmProfile()
		policies[n] = StoragePolicy{
			ID:          common.ProfileId.UniqueId,
			Name:        common.Name,
			ClassName:   className(common.Name),
			Description: common.Description,
		}
		if capability, ok := profile.(*pbm.PbmCapabilityProfile); ok && capability.K8sCompliantName != "" {
			policies[n].ClassName = capability.K8sCompliantName
		}
	}
	slices.SortFunc(policies, func(a, b StoragePolicy) int { return strings.Compare(a.Name, b.Name) })
	return policies, nil
}

// className is the lower-case hyphenated form of a policy's name: letters and digits stay,
// any run of others becomes one hyphen, and none is left at either end.
func className(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(parts, "-")
}
