package simulator

import (
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// override puts the methods of this package in front of vcsim's. vcsim dispatches a call by
// the object it names, after asking Registry.Handler; the handler therefore makes the call
// name one of the objects below, and the request still says which object was meant.
func (s *Simulator) override() {
	reg := s.registry()
	machines := &machineMethods{overriding("machines"), s}
	folders := &folderMethods{overriding("folders"), s}
	views := &viewMethods{ExtensibleManagedObject: overriding("views")}
	searches := &searchMethods{overriding("searches"), s}
	reg.Put(machines)
	reg.Put(folders)
	reg.Put(views)
	reg.Put(searches)
	reg.Handler = func(ctx *vcsim.Context, m *vcsim.Method) (mo.Reference, types.BaseMethodFault) {
		if ctx.Session == nil {
			return nil, nil
		}
		if m.Name == "ModifyListView" || m.Name == "ResetListView" {
			m.This = views.Self // of the session, and not in the inventory
			return nil, nil
		}
		switch ctx.Map.Get(m.This).(type) {
		case *vcsim.VirtualMachine:
			switch m.Name {
			case "ReconfigVM_Task", "CustomizeVM_Task", "Rename_Task", "CloneVM_Task", "UpgradeVM_Task", "PowerOnVM_Task",
				"Destroy_Task", "ShutdownGuest", "RebootGuest", "StandbyGuest":
				m.This = machines.Self
			}
		case *vcsim.SearchIndex:
			if m.Name == "FindChild" {
				m.This = searches.Self
			}
		case *vcsim.Folder:
			if m.Name == "CreateVM_Task" {
				m.This = folders.Self
			}
		}
		return nil, nil
	}
}

// machineMethods are methods of VirtualMachine.
type machineMethods struct {
	mo.ExtensibleManagedObject
	sim *Simulator
}

// Lock and Unlock do nothing: the objects that a call is about have locks of their own.
func (*machineMethods) Lock() {}

// Unlock does nothing.
func (*machineMethods) Unlock() {}

// folderMethods are methods of Folder.
type folderMethods struct {
	mo.ExtensibleManagedObject
	sim *Simulator
}

// Lock and Unlock do nothing.
func (*folderMethods) Lock() {}

// Unlock does nothing.
func (*folderMethods) Unlock() {}

// task runs f as a task of an object, with the object's lock held on behalf of ctx.
func task(ctx *vcsim.Context, obj mo.Reference, name string, f func() (types.AnyType, types.BaseMethodFault)) types.ManagedObjectReference {
	return vcsim.CreateTask(obj, name, func(*vcsim.Task) (types.AnyType, types.BaseMethodFault) { return f() }).Run(ctx)
}

// wait returns the result of a task, or the fault that it failed with. vcsim's own Wait
// looks every ten milliseconds only.
func wait(ctx *vcsim.Context, ref types.ManagedObjectReference) (types.AnyType, types.BaseMethodFault) {
	t, ok := ctx.Map.Get(ref).(*vcsim.Task)
	if !ok {
		return nil, &types.ManagedObjectNotFound{Obj: ref}
	}
	apart := &vcsim.Context{} // shares no lock with the task's own context
	for {
		var info types.TaskInfo
		ctx.Map.WithLock(apart, t, func() { info = t.Info })
		switch info.State {
		case types.TaskInfoStateSuccess:
			return info.Result, nil
		case types.TaskInfoStateError:
			return nil, info.Error.Fault
		case types.TaskInfoStateQueued, types.TaskInfoStateRunning:
			time.Sleep(200 * time.Microsecond)
		}
	}
}

// overriding is what makes an object of vcsim's registry: methods that look at all objects
// there, such as FindAllByUuid, panic on one that holds no managed object.
func overriding(name string) mo.ExtensibleManagedObject {
	return mo.ExtensibleManagedObject{Self: reference("VcsimOverride", name)}
}
