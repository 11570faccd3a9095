package inventory

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// NamespaceSpec is what a namespace was configured with. Objects are named by their names or
// inventory paths; an empty string stands for the default.
type NamespaceSpec struct {
	Name string
	// ResourcePool is a resource pool, or a cluster or stand-alone host, which stands for its
	// root pool. Default: the datacenter's only root pool.
	ResourcePool string
	// Folder for virtual machines. Default: the datacenter's root folder for them.
	Folder string
	// Datastore for virtual machines that no storage policy places. No default.
	Datastore string
	// DefaultNetwork is the network of interfaces that name none.
	DefaultNetwork string
	// DefaultStorageClass is the storage policy of machines that name none.
	DefaultStorageClass string
	Nameservers         []netip.Addr
	SearchDomains       []string
}

// Namespace is a NamespaceSpec whose references were found. Networks, storage policies and
// classes are looked up when a machine asks for them.
type Namespace struct {
	Name         string
	ResourcePool Object
	// Compute is the cluster or stand-alone host that the resource pool belongs to.
	Compute Object
	Folder  Object
	// Datastore is nil where the namespace names none.
	Datastore           *Object
	DefaultNetwork      string
	DefaultStorageClass string
	Nameservers         []netip.Addr
	SearchDomains       []string

	compute types.ManagedObjectReference
}

// ResourcePoolReference is the resource pool for API calls.
func (n Namespace) ResourcePoolReference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: typePool, Value: n.ResourcePool.ID}
}

// FolderReference is the folder for API calls.
func (n Namespace) FolderReference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: typeFolder, Value: n.Folder.ID}
}

// ComputeReference is the cluster or stand-alone host for API calls.
func (n Namespace) ComputeReference() types.ManagedObjectReference { return n.compute }

// Namespace finds what a namespace is made of. It costs no request of its own: the objects
// are looked up in the shared picture of the datacenter.
//
// The error wraps vsphere.ErrNotFound or vsphere.ErrAmbiguous and names the attribute of the
// namespace block to set.
func (i *Inventory) Namespace(ctx context.Context, spec NamespaceSpec) (Namespace, error) {
	var namespace Namespace
	err := i.tree.Find(ctx, func(t *tree) error {
		found, err := t.namespace(spec)
		namespace = found
		return err
	})
	return namespace, err
}

func (t *tree) namespace(spec NamespaceSpec) (Namespace, error) {
	namespace := Namespace{
		Name:                spec.Name,
		DefaultNetwork:      spec.DefaultNetwork,
		DefaultStorageClass: spec.DefaultStorageClass,
		Nameservers:         slices.Clone(spec.Nameservers),
		SearchDomains:       slices.Clone(spec.SearchDomains),
	}
	attribute := func(name string, err error) error {
		return fmt.Errorf("namespace %q, %s: %w", spec.Name, name, err)
	}
	pool, err := t.pool(spec.ResourcePool)
	if err != nil {
		return Namespace{}, attribute("resource_pool", err)
	}
	namespace.ResourcePool = pool.object()
	if compute := t.nodes[reference(pool, "owner")]; compute != nil {
		namespace.Compute, namespace.compute = compute.object(), compute.ref
	}
	folder := t.folder("vmFolder")
	if spec.Folder != "" {
		folder, err = t.one("virtual machine folder", t.foldersUnder("vmFolder"), folder, spec.Folder)
		if err != nil {
			return Namespace{}, attribute("folder", err)
		}
	}
	if folder == nil {
		return Namespace{}, attribute("folder", failure(vsphere.ErrNotFound,
			"the user may not see the virtual machine folder of datacenter %s; grant System.View or name another folder",
			t.path))
	}
	namespace.Folder = folder.object()
	if spec.Datastore != "" {
		datastore, err := t.datastore(spec.Datastore)
		if err != nil {
			return Namespace{}, attribute("datastore", err)
		}
		object := datastore.object()
		namespace.Datastore = &object
	}
	return namespace, nil
}

// pool finds a resource pool by its name or path, or by those of its cluster or host; the
// datacenter's only root pool without one.
func (t *tree) pool(asked string) (*node, error) {
	computes := t.of(typeCompute, typeCluster)
	if asked == "" {
		switch len(computes) {
		case 1:
			if pool := t.nodes[reference(computes[0], "resourcePool")]; pool != nil {
				return pool, nil
			}
			return nil, failure(vsphere.ErrNotFound, "the user may not see the resource pool of %s. Name one that may be seen", computes[0].path)
		case 0:
			return nil, failure(vsphere.ErrNotFound, "datacenter %s has no cluster or host that the user may see", t.path)
		default:
			return nil, failure(vsphere.ErrAmbiguous,
				"datacenter %s has no default resource pool, because it has %d clusters and hosts: %s. Set resource_pool of the namespace to one of them, or to a pool of one",
				t.path, len(computes), strings.Join(paths(computes), ", "))
		}
	}
	pools, root := t.of(typePool), t.folder("hostFolder")
	found := t.match(pools, root, asked)
	for _, compute := range t.match(computes, root, asked) {
		if pool := t.nodes[reference(compute, "resourcePool")]; pool != nil && !slices.Contains(found, pool) {
			found = append(found, pool)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		// Every cluster has a pool called Resources: the cluster's own name says more.
		pools = slices.DeleteFunc(pools, func(pool *node) bool { return pool.parent == reference(pool, "owner") })
		return nil, t.missing("resource pool", append(pools, computes...), asked)
	default:
		return nil, t.ambiguous("resource pool", found, asked)
	}
}

func (t *tree) foldersUnder(property string) []*node {
	return slices.DeleteFunc(t.of(typeFolder), func(n *node) bool { return !t.under(n, property) })
}

func paths(nodes []*node) []string {
	list := make([]string, len(nodes))
	for i, n := range nodes {
		list[i] = n.path
	}
	return list
}
