package simulator

import (
	"slices"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// searchMethods are methods of SearchIndex that know of machines without a name.
//
// In govmomi v0.56.0 a new machine is in its folder before it has a name (virtual_machine.go:170, and
// apply after that), and FindChild panics when it comes across one (registry.go:450). The lock of the
// index, which it holds then, is never released: no search is answered any more.
type searchMethods struct {
	mo.ExtensibleManagedObject
	sim *Simulator
}

// Lock and Unlock do nothing: a search waits for nobody else's.
func (*searchMethods) Lock() {}

// Unlock does nothing.
func (*searchMethods) Unlock() {}

// FindChild looks for machines in a folder by the names that they have by now, and for everything
// else as vcsim does.
func (m *searchMethods) FindChild(ctx *vcsim.Context, req *types.FindChild) soap.HasFault {
	folder, ok := ctx.Map.Get(req.Entity).(*vcsim.Folder)
	if !ok {
		return ctx.Map.SearchIndex().FindChild(ctx, req)
	}
	var children []types.ManagedObjectReference
	ctx.WithLock(folder, func() { children = slices.Clone(folder.ChildEntity) })

	body := &methods.FindChildBody{Res: new(types.FindChildResponse)}
	others := children[:0:0]
	for _, ref := range children {
		switch {
		case ref.Type != "VirtualMachine":
			others = append(others, ref)
		case m.sim.names.of(ref) == req.Name:
			body.Res.Returnval = &ref
			return body
		}
	}
	if found := ctx.Map.FindByName(req.Name, others); found != nil {
		ref := found.Reference()
		body.Res.Returnval = &ref
	}
	return body
}
