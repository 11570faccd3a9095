package inventory

import (
	"context"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Placement is where a machine is.
type Placement struct {
	// Folder is nil for a machine in a vApp.
	Folder *Place
	// ResourcePool is nil for a template. Compute is the cluster or stand-alone host that it
	// belongs to.
	ResourcePool *Place
	Compute      *Object
}

// Place is a folder or resource pool, and how a configuration can name it.
type Place struct {
	Object
	// Reference is the name where that is not ambiguous, else the inventory path. The pool of a
	// cluster or stand-alone host goes by its owner's.
	Reference string
}

// Placement reads back where a machine is from its folder and resource pool, either of which may
// be zero. It costs no request where the picture of the datacenter has both. An object that the
// user may not see or that belongs to another datacenter is vsphere.ErrNotFound.
func (i *Inventory) Placement(ctx context.Context, folder, pool types.ManagedObjectReference) (Placement, error) {
	var placement Placement
	err := i.tree.Find(ctx, func(t *tree) error {
		placement = Placement{}
		if folder.Value != "" {
			n := t.nodes[folder]
			if n == nil {
				return t.elsewhere("folder", folder)
			}
			placement.Folder = &Place{Object: n.object(), Reference: t.shortest(n, t.foldersUnder("vmFolder"))}
		}
		if pool.Value == "" {
			return nil
		}
		n := t.nodes[pool]
		if n == nil {
			return t.elsewhere("resource pool", pool)
		}
		placement.ResourcePool = &Place{Object: n.object(), Reference: t.poolReference(n)}
		if compute := t.nodes[reference(n, "owner")]; compute != nil {
			object := compute.object()
			placement.Compute = &object
		}
		return nil
	})
	return placement, err
}

func (t *tree) elsewhere(what string, ref types.ManagedObjectReference) error {
	return failure(vsphere.ErrNotFound,
		"datacenter %s has no %s %s that the user may see. Set datacenter of the provider to the one that has it, or grant System.View",
		t.path, what, ref.Value)
}

// poolReference is how a configuration can name a pool.
func (t *tree) poolReference(pool *node) string {
	computes := t.of(typeCompute, typeCluster)
	if owner := t.nodes[reference(pool, "owner")]; owner != nil && pool.parent == owner.ref {
		if name := owner.title(); t.means(name, pool) {
			return name
		}
		return owner.path
	}
	return t.shortest(pool, append(t.of(typePool), computes...))
}

// means tells whether a reference to a pool finds this one.
func (t *tree) means(reference string, pool *node) bool {
	found, err := t.pool(reference)
	return err == nil && found == pool
}

// shortest is the name of a node if none of the others bears it, else its path.
func (t *tree) shortest(n *node, others []*node) string {
	if found := t.match(others, nil, n.title()); len(found) == 1 && found[0] == n {
		return n.title()
	}
	return n.path
}

// NamespacesOf names those of the namespaces whose machines are put where a machine is: into the
// same folder and the same resource pool. They are in the order of specs, without those whose
// folder or pool does not exist. It costs no request of its own.
func (i *Inventory) NamespacesOf(ctx context.Context, specs []NamespaceSpec, placement Placement) ([]string, error) {
	var names []string
	err := i.tree.Find(ctx, func(t *tree) error {
		names = nil
		for _, spec := range specs {
			namespace, err := t.namespace(spec)
			if err != nil || placement.Folder == nil || placement.ResourcePool == nil {
				continue
			}
			if namespace.Folder.ID == placement.Folder.ID && namespace.ResourcePool.ID == placement.ResourcePool.ID {
				names = append(names, spec.Name)
			}
		}
		return nil
	})
	return names, err
}
