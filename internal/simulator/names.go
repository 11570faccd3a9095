package simulator

import (
	"sync"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// names knows what every machine is called, so that a duplicate is found without taking the
// locks of a folder's other machines, and which names are being taken right now. vcsim looks
// for duplicates, if at all, before it begins to create.
type names struct {
	self types.ManagedObjectReference

	mu    sync.Mutex
	known map[types.ManagedObjectReference]string
	taken map[string]bool
}

func newNames() *names {
	return &names{
		self:  reference("VcsimNames", "names"),
		known: map[types.ManagedObjectReference]string{},
		taken: map[string]bool{},
	}
}

// Reference implements vcsim.RegisterObject.
func (n *names) Reference() types.ManagedObjectReference { return n.self }

// PutObject does nothing: vcsim names a machine after it has put it.
func (n *names) PutObject(*vcsim.Context, mo.Reference) {}

// UpdateObject learns a machine's new name.
func (n *names) UpdateObject(_ *vcsim.Context, obj mo.Reference, changes []types.PropertyChange) {
	if obj.Reference().Type != "VirtualMachine" {
		return
	}
	for _, c := range changes {
		if name, ok := c.Val.(string); ok && c.Name == "name" {
			n.set(obj.Reference(), name)
		}
	}
}

// RemoveObject forgets a machine.
func (n *names) RemoveObject(_ *vcsim.Context, ref types.ManagedObjectReference) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.known, ref)
}

func (n *names) set(ref types.ManagedObjectReference, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[ref] = name
}

// reserve takes a name in a folder until release is called, or says DuplicateName. The
// machine except, where not nil, may have the name already.
func (n *names) reserve(ctx *vcsim.Context, folder *vcsim.Folder, name string, except *types.ManagedObjectReference) (release func(), fault types.BaseMethodFault) {
	var children []types.ManagedObjectReference
	ctx.WithLock(folder, func() { children = append(children, folder.ChildEntity...) })

	n.mu.Lock()
	defer n.mu.Unlock()
	key := folder.Self.Value + "/" + name
	if n.taken[key] {
		return nil, &types.DuplicateName{Name: name, Object: folder.Self}
	}
	for _, ref := range children {
		if known, ok := n.known[ref]; ok && known == name && (except == nil || ref != *except) {
			return nil, &types.DuplicateName{Name: name, Object: ref}
		}
	}
	n.taken[key] = true
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.taken, key)
	}, nil
}

// of is the name of a machine, empty where it is unknown.
func (n *names) of(ref types.ManagedObjectReference) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known[ref]
}

// find lists the machines of a name.
func (n *names) find(name string) []types.ManagedObjectReference {
	n.mu.Lock()
	defer n.mu.Unlock()
	var refs []types.ManagedObjectReference
	for ref, known := range n.known {
		if known == name {
			refs = append(refs, ref)
		}
	}
	return refs
}

// list lists the names of all machines.
func (n *names) list() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]string, 0, len(n.known))
	for _, name := range n.known {
		out = append(out, name)
	}
	return out
}
