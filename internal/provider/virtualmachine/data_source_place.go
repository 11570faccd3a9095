package virtualmachine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// place reads back where a machine is, by names that a configuration can use. What vCenter does not
// tell stays null: a machine can be in another datacenter, or its storage policy be nobody's
// business.
func (d *DataSource) place(ctx context.Context, m *sourceModel, o *machine.Observation) error {
	placement, err := d.backend.Inventory.Placement(ctx, o.Folder, o.ResourcePool)
	if err != nil && !errors.Is(err, vsphere.ErrNotFound) {
		return err
	}
	if placement.Folder != nil {
		m.Folder = types.StringValue(placement.Folder.Reference)
	}
	if placement.ResourcePool != nil {
		m.ResourcePool = types.StringValue(placement.ResourcePool.Reference)
	}
	if m.Namespace.IsNull() {
		namespaces, err := d.backend.Inventory.NamespacesOf(ctx, d.namespaces(), placement)
		if err != nil {
			return err
		}
		if len(namespaces) > 0 {
			m.Namespace = types.StringValue(namespaces[0])
		}
	}
	policies, err := d.backend.Inventory.PoliciesOf(ctx, o.Ref)
	if err != nil && !errors.Is(err, vsphere.ErrNotPermitted) && !errors.Is(err, vsphere.ErrUnsupported) {
		return err
	}
	if policy, ok := policies[o.Ref]; ok {
		m.StorageClass = fwtypes.OptionalText(policy.ClassName)
	}
	return nil
}

// namespaces are all namespaces: the provider's default one first, the others by name.
func (d *DataSource) namespaces() []inventory.NamespaceSpec {
	names := slices.Sorted(maps.Keys(d.backend.Namespaces))
	if !slices.Contains(names, backend.DefaultNamespace) {
		names = append(names, backend.DefaultNamespace)
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(rank(a, d.backend.DefaultNamespace), rank(b, d.backend.DefaultNamespace))
	})
	specs := make([]inventory.NamespaceSpec, 0, len(names))
	for _, name := range names {
		if namespace, err := d.backend.Namespace(name); err == nil {
			specs = append(specs, namespace.NamespaceSpec)
		}
	}
	return specs
}

// rank is 0 for the first of names and 1 for all others.
func rank(name, first string) int {
	if name == first {
		return 0
	}
	return 1
}
