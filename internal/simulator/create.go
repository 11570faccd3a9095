package simulator

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CreateVMTask checks and completes a new machine before vcsim creates it.
func (f *folderMethods) CreateVMTask(ctx *vcsim.Context, req *types.CreateVM_Task) soap.HasFault {
	body := new(methods.CreateVM_TaskBody)
	folder, ok := ctx.Map.Get(req.This).(*vcsim.Folder)
	if !ok {
		body.Fault_ = vcsim.Fault("", missing(req.This))
		return body
	}
	if body.Fault_ = f.sim.tooNew(&req.Config); body.Fault_ != nil {
		return body
	}
	ref := task(ctx, folder, "createVm", func() (types.AnyType, types.BaseMethodFault) {
		ref, fault := f.sim.create(ctx, folder, req.Config, req.Pool, req.Host)
		if fault != nil {
			return nil, fault
		}
		return ref, nil
	})
	body.Res = &types.CreateVM_TaskResponse{Returnval: ref}
	return body
}

// create makes a machine and returns when it exists. ctx is the caller's own.
func (s *Simulator) create(ctx *vcsim.Context, folder *vcsim.Folder, config types.VirtualMachineConfigSpec, pool types.ManagedObjectReference, host *types.ManagedObjectReference) (types.ManagedObjectReference, types.BaseMethodFault) {
	none := types.ManagedObjectReference{}
	if !slices.Contains(folder.ChildType, "VirtualMachine") {
		return none, &types.InvalidFolder{Target: folder.Self}
	}
	if config.Name == "" {
		return none, &types.InvalidVmConfig{Property: "configSpec.name"}
	}
	if config.Files == nil || config.Files.VmPathName == "" {
		return none, &types.InvalidVmConfig{Property: "configSpec.files.vmPathName"}
	}
	if f := checkPlacement(ctx.Map, &pool, host, nil); f != nil {
		return none, f
	}
	if f := checkPath(ctx.Map, config.Files.VmPathName); f != nil {
		return none, f
	}
	if f := checkHardware(&config, 1, 1); f != nil {
		return none, f
	}
	for i, change := range config.DeviceChange {
		if change.GetVirtualDeviceConfigSpec().Operation != types.VirtualDeviceConfigSpecOperationAdd {
			return none, invalidDevice(i, "configSpec.deviceChange.operation", "a new machine has no devices yet")
		}
	}
	if f := s.devices(ctx, defaultDevices(), false, config.DeviceChange); f != nil {
		return none, f
	}
	options, f := extraConfig(nil, config.ExtraConfig)
	if f != nil {
		return none, f
	}
	config.ExtraConfig = options
	var v *vapp
	if config.VAppConfig != nil {
		if v, f = v.change(config.VAppConfig.GetVmConfigSpec()); f != nil {
			return none, f
		}
		config.VAppConfig = nil
	}
	// vcsim derives both from the path: a machine made again would have the same.
	if config.Uuid == "" {
		config.Uuid = uuid.NewString()
	}
	if config.InstanceUuid == "" {
		config.InstanceUuid = uuid.NewString()
	}
	release, f := s.names.reserve(ctx, folder, config.Name, nil)
	if f != nil {
		return none, f
	}
	defer release()

	res, ok := folder.CreateVMTask(ctx, &types.CreateVM_Task{This: folder.Self, Config: config, Pool: pool, Host: host}).(*methods.CreateVM_TaskBody)
	if !ok || res.Res == nil {
		return none, &types.SystemError{Reason: fmt.Sprintf("vcsim does not create a machine in %s", folder.Self)}
	}
	result, f := wait(ctx, res.Res.Returnval)
	if f != nil {
		return none, f
	}
	ref, ok := result.(types.ManagedObjectReference)
	vm, found := ctx.Map.Get(ref).(*vcsim.VirtualMachine)
	if !ok || !found {
		return none, missing(ref)
	}
	ctx.WithLock(vm, func() {
		settleDevices(ctx, vm, nil)
		lockMemory(ctx, vm)
		ctx.Update(vm, []types.PropertyChange{{Name: "guestHeartbeatStatus", Val: types.ManagedEntityStatusGray}})
		s.setVApp(ctx, vm, v)
	})
	return ref, nil
}
