package inventory

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const (
	typeMachine = "VirtualMachine"
	typeVApp    = "VirtualApp"
)

// VirtualMachine finds a machine, whoever made it, by its name or inventory path. A name is that
// of the machine in the namespace's folder, where it is unique, else of the only one of that name
// below it. A path is absolute, or below the namespace's folder; an absolute one can be of any
// machine of the datacenter.
//
// All names cost one request. The error wraps vsphere.ErrNotFound, and offers near names or says
// where in the datacenter a machine of the name is, or vsphere.ErrAmbiguous, and lists the paths.
func (i *Inventory) VirtualMachine(ctx context.Context, namespace Namespace, name string) (types.ManagedObjectReference, error) {
	var found types.ManagedObjectReference
	err := i.machines.Find(ctx, func(t *tree) error {
		n, err := t.machine(namespace, name)
		if err == nil {
			found = n.ref
		}
		return err
	})
	return found, err
}

func (t *tree) machine(namespace Namespace, name string) (*node, error) {
	all, folder := t.of(typeMachine), t.nodes[namespace.FolderReference()]
	if strings.HasPrefix(name, "/") {
		return t.one("virtual machine", all, nil, name)
	}
	below := slices.DeleteFunc(slices.Clone(all), func(n *node) bool { return !t.beneath(n, namespace.FolderReference()) })
	found := t.match(below, folder, name)
	if at := slices.IndexFunc(found, func(n *node) bool { return n.parent == namespace.FolderReference() }); at >= 0 && !strings.Contains(name, "/") {
		return found[at], nil
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
	default:
		return nil, t.ambiguous("virtual machine", found, name)
	}
	where := "folder " + namespace.Folder.Path + " of namespace " + namespace.Name
	if elsewhere := t.match(all, nil, name); len(elsewhere) > 0 {
		return nil, failure(vsphere.ErrNotFound,
			"there is no virtual machine %q in or below %s. Name it by its inventory path if %s is meant",
			name, where, strings.Join(paths(elsewhere[:min(offered, len(elsewhere))]), " or "))
	}
	names := titles(below)
	if strings.Contains(name, "/") {
		names = paths(below)
	}
	return nil, failure(vsphere.ErrNotFound, "there is no virtual machine %q in or below %s. %s",
		name, where, offer("virtual machine", path.Base(name), names))
}

// beneath tells whether a folder is above n.
func (t *tree) beneath(n *node, folder types.ManagedObjectReference) bool {
	for n != nil && n != t.root {
		if n.parent == folder {
			return true
		}
		n = t.nodes[n.parent]
	}
	return false
}

// machineProperties is what is known about the machines of a datacenter, and what is above them.
var machineProperties = map[string][]string{
	"Datacenter": {"name"},
	typeFolder:   {"name", "parent"},
	typeVApp:     {"name", "parent", "parentFolder"},
	typeMachine:  {"name", "parent", "parentVApp"},
}

// readMachines reads the names of the datacenter's machines and where they are: one request, and
// one more per page of the answer.
func readMachines(ctx context.Context, client *vim25.Client, datacenter *object.Datacenter) (*tree, error) {
	return retrieve(ctx, client, datacenter, machinesIn(datacenter.Reference()), machineProperties)
}

// machinesIn visits a datacenter's folders for machines, and the vApps in them.
func machinesIn(datacenter types.ManagedObjectReference) types.ObjectSpec {
	const folders, vapps = "folders", "vapps"
	all := func(name string) []types.BaseSelectionSpec {
		return []types.BaseSelectionSpec{&types.SelectionSpec{Name: name}}
	}
	step := func(name, kind, path string, next []types.BaseSelectionSpec) *types.TraversalSpec {
		spec := &types.TraversalSpec{Type: kind, Path: path, Skip: types.NewBool(false), SelectSet: next}
		spec.Name = name
		return spec
	}
	return types.ObjectSpec{
		Obj: datacenter, Skip: types.NewBool(false),
		SelectSet: []types.BaseSelectionSpec{step("", "Datacenter", "vmFolder", []types.BaseSelectionSpec{
			step(folders, typeFolder, "childEntity", append(all(folders),
				step("members", typeVApp, "vm", nil),
				step(vapps, typeVApp, "resourcePool", append(all(vapps), &types.SelectionSpec{Name: "members"})),
			)),
		})},
	}
}
