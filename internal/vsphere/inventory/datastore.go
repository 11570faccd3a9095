package inventory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	pbm "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Datastore finds a datastore by its name or inventory path. A datastore that is not
// accessible or in maintenance is an error that wraps vsphere.ErrInvalidState.
func (i *Inventory) Datastore(ctx context.Context, name string) (Object, error) {
	var datastore Object
	err := i.tree.Find(ctx, func(t *tree) error {
		n, err := t.datastore(name)
		if err == nil {
			datastore = n.object()
		}
		return err
	})
	return datastore, err
}

func (t *tree) datastore(name string) (*node, error) {
	folder := t.folder("datastoreFolder")
	datastores := t.of(typeDatastore)
	n, err := t.one("datastore", datastores, folder, name)
	if err != nil {
		if pods := t.match(t.of(typePod), folder, name); len(pods) > 0 {
			return nil, failure(vsphere.ErrUnsupported,
				"%s is a datastore cluster. Name one of its datastores, or a storage class, which lets vCenter choose",
				pods[0].path)
		}
		return nil, err
	}
	return n, usable(n)
}

// usable says why a virtual machine cannot be put on a datastore. What vCenter does not tell
// does not count against it.
func usable(n *node) error {
	if accessible, told := n.values["summary.accessible"].(bool); told && !accessible {
		return failure(vsphere.ErrInvalidState, "datastore %s is not accessible", n.path)
	}
	if mode := value[string](n, "summary.maintenanceMode"); mode != "" && mode != string(types.DatastoreSummaryMaintenanceModeStateNormal) {
		return failure(vsphere.ErrInvalidState, "datastore %s is in maintenance (%s)", n.path, mode)
	}
	return nil
}

// DatastoreFor chooses the datastore of a new machine: one that satisfies the storage policy,
// where there is one (policy may be nil), and that the namespace's cluster can use. Among
// those it is the namespace's own datastore, else the one with the most free space, else the
// first by path. Without a policy the namespace's datastore is taken as it is, for no request
// at all; a policy costs one.
func (i *Inventory) DatastoreFor(ctx context.Context, namespace Namespace, policy *StoragePolicy) (Object, error) {
	if policy == nil && namespace.Datastore != nil {
		return *namespace.Datastore, nil
	}
	satisfies := func(*node) bool { return true }
	wanted := "usable"
	if policy != nil {
		compatible, err := i.compatible(ctx, *policy)
		if err != nil {
			return Object{}, err
		}
		satisfies = func(n *node) bool { return compatible[n.ref.Value] }
		wanted = fmt.Sprintf("usable and satisfies storage policy %q", policy.Name)
	}
	var chosen Object
	err := i.tree.Find(ctx, func(t *tree) error {
		n := t.roomiest(namespace, satisfies)
		if n == nil {
			return failure(vsphere.ErrNotFound,
				"no datastore of %s is %s. Set datastore of namespace %q, or choose another storage_class",
				namespace.Compute.Path, wanted, namespace.Name)
		}
		chosen = n.object()
		return nil
	})
	return chosen, err
}

// DatastoresFor lists, for each of the storage policies, the datastores that satisfy it and that
// machines of the namespace can be put on now, in the order of their paths. vCenter judges one
// policy per request: they are sent together.
func (i *Inventory) DatastoresFor(ctx context.Context, namespace Namespace, policies ...StoragePolicy) ([][]Object, error) {
	compatible, failed := make([]map[string]bool, len(policies)), make([]error, len(policies))
	var asking sync.WaitGroup
	for n, policy := range policies {
		asking.Go(func() { compatible[n], failed[n] = i.compatible(ctx, policy) })
	}
	asking.Wait()
	if at := slices.IndexFunc(failed, func(err error) bool { return err != nil }); at >= 0 {
		return nil, failed[at]
	}
	t, err := i.tree.Since(ctx, time.Now().Add(-life))
	if err != nil {
		return nil, err
	}
	usable := t.usableDatastores(namespace)
	datastores := make([][]Object, len(policies))
	for n := range policies {
		for _, datastore := range usable {
			if compatible[n][datastore.ref.Value] {
				datastores[n] = append(datastores[n], datastore.object())
			}
		}
	}
	return datastores, nil
}

// usableDatastores are those that the namespace's cluster is connected to and that machines can
// be put on, by path.
func (t *tree) usableDatastores(namespace Namespace) []*node {
	var connected []types.ManagedObjectReference
	if compute := t.nodes[namespace.compute]; compute != nil {
		connected = compute.references("datastore")
	}
	return slices.DeleteFunc(t.of(typeDatastore), func(n *node) bool {
		return !slices.Contains(connected, n.ref) || usable(n) != nil
	})
}

func (t *tree) roomiest(namespace Namespace, satisfies func(*node) bool) *node {
	var best *node
	for _, n := range t.usableDatastores(namespace) {
		if !satisfies(n) {
			continue
		}
		if namespace.Datastore != nil && namespace.Datastore.ID == n.ref.Value {
			return n
		}
		if best == nil || value[int64](n, "summary.freeSpace") > value[int64](best, "summary.freeSpace") {
			best = n
		}
	}
	return best
}

// compatible returns the ids of the datastores that satisfy a policy.
func (i *Inventory) compatible(ctx context.Context, policy StoragePolicy) (map[string]bool, error) {
	client, err := i.client.PBM(ctx)
	if err != nil {
		return nil, err
	}
	result, err := client.CheckRequirements(ctx, nil, nil, []pbm.BasePbmPlacementRequirement{
		&pbm.PbmPlacementCapabilityProfileRequirement{ProfileId: pbm.PbmProfileId{UniqueId: policy.ID}},
	})
	if err != nil {
		return nil, vsphere.Translate(err, fmt.Sprintf("find datastores for storage policy %q", policy.Name))
	}
	ids := make(map[string]bool)
	for _, hub := range result.CompatibleDatastores() {
		if hub.HubType == typeDatastore {
			ids[hub.HubId] = true
		}
	}
	return ids, nil
}
