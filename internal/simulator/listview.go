package simulator

import (
	"sync"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// viewMethods are methods of ListView that take locks in the order in which a wait for updates takes
// them: first that of a filter, then that of the view which the filter goes through.
//
// In govmomi v0.56.0 PropertyFilter.update (property_filter.go:67) holds the filter when collect
// takes the view, while ModifyListView and ResetListView hold the view when PropertyFilter.UpdateObject
// (property_filter.go:35) takes the filter. Now and then two calls of one session, a long poll and a
// change of its view, so wait for each other for ever, and no news of any task comes any more. Its
// pull request 4109, of after v0.56.0, has UpdateObject take no lock: with it this file can go.
type viewMethods struct {
	mo.ExtensibleManagedObject
	// changing is held while a view changes: a filter that is made meanwhile has seen no change of the
	// view yet, and therefore does not look at it while it is held.
	changing sync.Mutex
}

// Lock and Unlock do nothing.
func (*viewMethods) Lock() {}

// Unlock does nothing.
func (*viewMethods) Unlock() {}

// ModifyListView adds to a view and removes from it.
func (v *viewMethods) ModifyListView(ctx *vcsim.Context, req *types.ModifyListView) soap.HasFault {
	var body soap.HasFault
	if fault := v.change(ctx, req.This, func(list *vcsim.ListView) { body = list.ModifyListView(ctx, req) }); fault != nil {
		return &methods.ModifyListViewBody{Fault_: fault}
	}
	return body
}

// ResetListView replaces what is in a view.
func (v *viewMethods) ResetListView(ctx *vcsim.Context, req *types.ResetListView) soap.HasFault {
	var body soap.HasFault
	if fault := v.change(ctx, req.This, func(list *vcsim.ListView) { body = list.ResetListView(ctx, req) }); fault != nil {
		return &methods.ResetListViewBody{Fault_: fault}
	}
	return body
}

// change runs f on a view of the session with the locks of the view and of all filters that go
// through it.
func (v *viewMethods) change(ctx *vcsim.Context, ref types.ManagedObjectReference, f func(*vcsim.ListView)) *soap.Fault {
	list, ok := ctx.Session.Get(ref).(*vcsim.ListView)
	if !ok {
		return vcsim.Fault("", missing(ref))
	}
	v.changing.Lock()
	defer v.changing.Unlock()
	run := func() { ctx.WithLock(list, func() { f(list) }) }
	for _, object := range ctx.Session.AllReference("PropertyFilter") {
		if filter, ok := object.(*vcsim.PropertyFilter); ok && goesThrough(filter, ref) {
			inner := run
			run = func() { ctx.WithLock(filter, inner) }
		}
	}
	run()
	return nil
}

// goesThrough tells whether a filter selects what is in a view.
func goesThrough(filter *vcsim.PropertyFilter, view types.ManagedObjectReference) bool {
	for _, set := range filter.Spec.ObjectSet {
		if set.Obj == view && len(set.SelectSet) > 0 {
			return true
		}
	}
	return false
}
