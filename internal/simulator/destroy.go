package simulator

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/vmware/govmomi/object"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// DestroyTask destroys a machine with its own files. vcsim deletes its whole folder, and with it
// the disks that were detached before.
func (m *machineMethods) DestroyTask(ctx *vcsim.Context, req *types.Destroy_Task) soap.HasFault {
	body := new(methods.Destroy_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	m.sim.agent.busy(1)
	ref := task(ctx, vm, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		defer m.sim.agent.busy(-1)
		bringBack := setAside(ctx, vm)
		res, ok := vm.DestroyTask(ctx, req).(*methods.Destroy_TaskBody)
		if !ok || res.Res == nil {
			bringBack(false)
			return nil, &types.SystemError{Reason: "vcsim does not destroy " + vm.Self.Value}
		}
		_, f := wait(ctx, res.Res.Returnval)
		bringBack(f == nil)
		return nil, f
	})
	body.Res = &types.Destroy_TaskResponse{Returnval: ref}
	return body
}

// setAside moves the disks in the folder of a machine that it does not have out of the way.
func setAside(ctx *vcsim.Context, vm *vcsim.VirtualMachine) (bringBack func(destroyed bool)) {
	none := func(bool) {}
	var at object.DatastorePath
	if !at.FromString(vm.Config.Files.LogDirectory) {
		return none
	}
	var folder string
	for _, ref := range vm.Datastore {
		if store, ok := ctx.Map.Get(ref).(*vcsim.Datastore); ok && store.Name == at.Datastore {
			folder = filepath.Join(store.Info.GetDatastoreInfo().Url, at.Path)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || at.Path == "" {
		return none
	}
	own := map[string]bool{}
	for _, device := range vm.Config.Hardware.Device {
		if backing, ok := device.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
			own[path.Base(backing.GetVirtualDeviceFileBackingInfo().FileName)] = true
		}
	}
	aside := folder + ".aside"
	moved := false
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".vmdk") || own[strings.Replace(name, "-flat.vmdk", ".vmdk", 1)] {
			continue
		}
		if !moved && os.Mkdir(aside, 0o750) != nil {
			return none
		}
		moved = os.Rename(filepath.Join(folder, name), filepath.Join(aside, name)) == nil || moved
	}
	if !moved {
		return none
	}
	return func(destroyed bool) {
		// vcsim deletes the folder in a task that nobody waits for.
		for end := time.Now().Add(time.Second); destroyed && time.Now().Before(end); time.Sleep(200 * time.Microsecond) {
			if _, err := os.Stat(folder); err != nil {
				break
			}
		}
		_ = os.Mkdir(folder, 0o750)
		for _, entry := range entries {
			_ = os.Rename(filepath.Join(aside, entry.Name()), filepath.Join(folder, entry.Name()))
		}
		_ = os.Remove(aside)
	}
}
