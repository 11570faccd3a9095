package inventory

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// The kinds of objects in the tree, by the names that vSphere gives their types.
const (
	typeFolder    = "Folder"
	typePod       = "StoragePod"
	typeCompute   = "ComputeResource"
	typeCluster   = "ClusterComputeResource"
	typePool      = "ResourcePool"
	typeHost      = "HostSystem"
	typeDatastore = "Datastore"
	typeNetwork   = "Network"
	typePortgroup = "DistributedVirtualPortgroup"
	typeOpaque    = "OpaqueNetwork"
	typeSwitch    = "DistributedVirtualSwitch"
)

// properties is everything that the tree knows about an object, by type. A type that
// inherits from another in this list names the other's properties again: whether vSphere
// merges the two is not written down.
var properties = map[string][]string{
	"Datacenter":  {"name", "vmFolder", "hostFolder", "datastoreFolder", "networkFolder"},
	typeFolder:    {"name", "parent"},
	typeCompute:   {"name", "parent", "resourcePool", "network", "datastore", "environmentBrowser"},
	typePool:      {"name", "parent", "owner"},
	typeHost:      {"parent", "summary.hardware.cpuMhz"},
	typeDatastore: {"name", "parent", "summary.accessible", "summary.maintenanceMode", "summary.freeSpace"},
	typeNetwork:   {"name", "parent", "summary"},
	typePortgroup: {"name", "parent", "key", "config.distributedVirtualSwitch", "config.uplink"},
	typeSwitch:    {"name", "parent", "uuid"},
}

// node is one object of the inventory.
type node struct {
	ref    types.ManagedObjectReference
	parent types.ManagedObjectReference
	name   string // with vSphere's escapes: %2f for a slash
	path   string // absolute inventory path
	values map[string]types.AnyType
}

// title is the name as people write it, without vSphere's escapes.
func (n *node) title() string { return unescape(n.name) }

func value[T any](n *node, property string) T {
	v, _ := n.values[property].(T)
	return v
}

func reference(n *node, property string) types.ManagedObjectReference {
	return value[types.ManagedObjectReference](n, property)
}

func (n *node) references(property string) []types.ManagedObjectReference {
	if list, ok := n.values[property].(types.ArrayOfManagedObjectReference); ok {
		return list.ManagedObjectReference
	}
	return nil
}

// tree is the inventory of one datacenter: its virtual machines, or everything else.
type tree struct {
	path  string // the datacenter's
	root  *node
	nodes map[types.ManagedObjectReference]*node
}

// readTree reads the datacenter's folders, pools, networks and datastores. It is one request
// to the property collector (and one more per page that vCenter splits its answer into),
// where looking for each object by itself would be one request per name, one more for each
// backing, and could not tell a unique name from an ambiguous one.
func readTree(ctx context.Context, client *vim25.Client, datacenter *object.Datacenter) (*tree, error) {
	return retrieve(ctx, client, datacenter, traversal(datacenter.Reference()), properties)
}

// retrieve reads properties, by type, of a datacenter and of what a traversal visits from there.
func retrieve(ctx context.Context, client *vim25.Client, datacenter *object.Datacenter, from types.ObjectSpec, properties map[string][]string) (*tree, error) {
	request := types.RetrievePropertiesEx{
		This:    client.ServiceContent.PropertyCollector,
		SpecSet: []types.PropertyFilterSpec{{ObjectSet: []types.ObjectSpec{from}}},
	}
	for kind, paths := range properties {
		request.SpecSet[0].PropSet = append(request.SpecSet[0].PropSet, types.PropertySpec{Type: kind, PathSet: paths})
	}
	slices.SortFunc(request.SpecSet[0].PropSet, func(a, b types.PropertySpec) int { return strings.Compare(a.Type, b.Type) })
	contents, err := mo.RetrievePropertiesEx(ctx, client, request)
	if err != nil {
		return nil, vsphere.Translate(err, "read the inventory of datacenter "+datacenter.InventoryPath)
	}
	t := &tree{nodes: make(map[types.ManagedObjectReference]*node, len(contents))}
	for i := range contents {
		n, err := newNode(&contents[i])
		if err != nil {
			return nil, vsphere.Translate(err, "read the inventory of datacenter "+datacenter.InventoryPath)
		}
		t.nodes[n.ref] = n
	}
	t.root = t.nodes[datacenter.Reference()]
	if t.root == nil {
		return nil, fmt.Errorf("reading the inventory of datacenter %s (%s): vCenter returned nothing about it; does the user have System.View there?: %w",
			datacenter.InventoryPath, datacenter.Reference().Value, vsphere.ErrNotFound)
	}
	t.path = datacenter.InventoryPath
	if t.path == "" {
		t.path = "/" + t.root.name
	}
	t.root.path = t.path
	for _, n := range t.nodes {
		t.locate(n)
	}
	return t, nil
}

// newNode takes over what vCenter returned about an object. Properties that the user may not
// read are absent; anything else that is missing, such as an expired session, is an error.
func newNode(content *types.ObjectContent) (*node, error) {
	for _, missing := range content.MissingSet {
		if f := missing.Fault.Fault; fault.Is(f, &types.NotAuthenticated{}) || !fault.Is(f, &types.NoPermission{}) {
			return nil, fmt.Errorf("property %s of %s: %w", missing.Path, content.Obj.Value, soap.WrapVimFault(f))
		}
	}
	n := &node{ref: content.Obj, values: make(map[string]types.AnyType, len(content.PropSet))}
	for _, property := range content.PropSet {
		n.values[property.Name] = property.Val
	}
	n.name = value[string](n, "name")
	n.parent = reference(n, "parent")
	// What is in a vApp has that above it, and a vApp has a pool beside its folder.
	for _, property := range []string{"parentFolder", "parentVApp"} {
		if above := reference(n, property); above.Value != "" {
			n.parent = above
		}
	}
	return n, nil
}

// locate fills in the inventory path of n and of everything above it.
func (t *tree) locate(n *node) string {
	if n.path != "" {
		return n.path
	}
	n.path = n.ref.Value // what an object below an unreadable parent is called
	if parent := t.nodes[n.parent]; parent != nil {
		n.path = path.Join(t.locate(parent), n.name)
	}
	return n.path
}

// of returns the objects of the given types, in the order of their paths.
func (t *tree) of(kinds ...string) []*node {
	var nodes []*node
	for _, n := range t.nodes {
		if slices.Contains(kinds, n.ref.Type) {
			nodes = append(nodes, n)
		}
	}
	slices.SortFunc(nodes, func(a, b *node) int {
		if c := strings.Compare(a.path, b.path); c != 0 {
			return c
		}
		return strings.Compare(a.ref.Value, b.ref.Value)
	})
	return nodes
}

// under reports whether n is below the folder that the datacenter has for one kind of
// objects: vmFolder, hostFolder, datastoreFolder, networkFolder.
func (t *tree) under(n *node, folder string) bool {
	root := reference(t.root, folder)
	for n != nil && n != t.root {
		if n.ref == root {
			return true
		}
		n = t.nodes[n.parent]
	}
	return false
}

// traversal visits a datacenter's folders, the compute resources with their pools and hosts,
// the networks and switches, and the datastores.
func traversal(datacenter types.ManagedObjectReference) types.ObjectSpec {
	const folders, pools = "folders", "pools"
	reference := func(name string) *types.SelectionSpec { return &types.SelectionSpec{Name: name} }
	step := func(kind, path string, next ...types.BaseSelectionSpec) *types.TraversalSpec {
		return &types.TraversalSpec{Type: kind, Path: path, Skip: types.NewBool(false), SelectSet: next}
	}
	named := func(name string, spec *types.TraversalSpec) *types.TraversalSpec {
		spec.Name = name
		return spec
	}
	below := named(folders, step(typeFolder, "childEntity",
		reference(folders),
		step(typeCompute, "host"),
		step(typeCompute, "resourcePool",
			named(pools, step(typePool, "resourcePool", reference(pools)))),
	))
	return types.ObjectSpec{
		Obj:  datacenter,
		Skip: types.NewBool(false),
		SelectSet: []types.BaseSelectionSpec{
			step("Datacenter", "vmFolder", below),
			step("Datacenter", "hostFolder", reference(folders)),
			step("Datacenter", "datastoreFolder", reference(folders)),
			step("Datacenter", "networkFolder", reference(folders)),
		},
	}
}

// unescape undoes the percent escapes that vSphere puts into names in place of a slash, a
// backslash and the percent sign.
func unescape(name string) string {
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}
