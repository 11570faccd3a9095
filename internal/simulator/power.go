package simulator

import (
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// PowerOnVMTask gives the guest what vCenter makes of the vApp configuration, which may keep
// the machine off.
func (m *machineMethods) PowerOnVMTask(ctx *vcsim.Context, req *types.PowerOnVM_Task) soap.HasFault {
	body := new(methods.PowerOnVM_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	template := false
	ctx.WithLock(vm, func() { template = vm.Config.Template })
	if template {
		body.Fault_ = vcsim.Fault("a template cannot be powered on", &types.NotSupported{})
		return body
	}
	ref := task(ctx, vm, "powerOn", func() (types.AnyType, types.BaseMethodFault) {
		return nil, m.sim.powerOn(ctx, vm)
	})
	body.Res = &types.PowerOnVM_TaskResponse{Returnval: ref}
	return body
}

// powerOn turns a machine on, or lets it go on where it was suspended. The caller holds its lock.
func (s *Simulator) powerOn(ctx *vcsim.Context, vm *vcsim.VirtualMachine) types.BaseMethodFault {
	if vm.Config.Template {
		return &types.NotSupported{}
	}
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOff {
		e, f := s.environment(ctx, vm)
		if f != nil {
			return f
		}
		s.agent.with(vm.Self, func(g *guest) { g.environment = e })
	}
	_, f := wait(ctx, taskOf(vm.PowerOnVMTask(ctx, &types.PowerOnVM_Task{This: vm.Self})))
	return f
}

// UpgradeVMTask refuses a machine that is not off with the fault that vCenter has for it;
// vcsim's is of a type that only stands for the fault in the body of an answer.
func (m *machineMethods) UpgradeVMTask(ctx *vcsim.Context, req *types.UpgradeVM_Task) soap.HasFault {
	body := new(methods.UpgradeVM_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	ref := task(ctx, vm, "upgradeVm", func() (types.AnyType, types.BaseMethodFault) {
		if vm.Config.Template {
			return nil, &types.NotSupported{}
		}
		if state := vm.Runtime.PowerState; state != types.VirtualMachinePowerStatePoweredOff {
			return nil, needsOff(state)
		}
		return wait(ctx, taskOf(vm.UpgradeVMTask(ctx, req)))
	})
	body.Res = &types.UpgradeVM_TaskResponse{Returnval: ref}
	return body
}

// StandbyGuest needs Tools, as ShutdownGuest and RebootGuest do.
func (m *machineMethods) StandbyGuest(ctx *vcsim.Context, req *types.StandbyGuest) soap.HasFault {
	vm, fault := machine(ctx, req.This)
	if fault == nil {
		fault = needsTools(ctx, vm)
	}
	if fault != nil {
		return &methods.StandbyGuestBody{Fault_: fault}
	}
	return vm.StandbyGuest(ctx, req)
}

// ShutdownGuest needs Tools, which vcsim only asks of RebootGuest.
func (m *machineMethods) ShutdownGuest(ctx *vcsim.Context, req *types.ShutdownGuest) soap.HasFault {
	vm, fault := machine(ctx, req.This)
	if fault == nil {
		fault = needsTools(ctx, vm)
	}
	if fault != nil {
		return &methods.ShutdownGuestBody{Fault_: fault}
	}
	if m.sim.agent.ignoresShutdown(vm.Self) {
		return &methods.ShutdownGuestBody{Res: new(types.ShutdownGuestResponse)}
	}
	return vm.ShutdownGuest(ctx, req)
}

// RebootGuest boots the guest again.
func (m *machineMethods) RebootGuest(ctx *vcsim.Context, req *types.RebootGuest) soap.HasFault {
	vm, fault := machine(ctx, req.This)
	if fault == nil {
		fault = needsTools(ctx, vm)
	}
	if fault != nil {
		return &methods.RebootGuestBody{Fault_: fault}
	}
	ctx.WithLock(vm, func() {
		ctx.Update(vm, stopped())
		m.sim.agent.boot(vm.Self)
	})
	return &methods.RebootGuestBody{Res: new(types.RebootGuestResponse)}
}

func needsTools(ctx *vcsim.Context, vm *vcsim.VirtualMachine) (fault *soap.Fault) {
	ctx.WithLock(vm, func() {
		switch {
		case vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn:
			fault = vcsim.Fault("", &types.InvalidPowerState{
				RequestedState: types.VirtualMachinePowerStatePoweredOn, ExistingState: vm.Runtime.PowerState,
			})
		case vm.Guest.ToolsRunningStatus != string(types.VirtualMachineToolsRunningStatusGuestToolsRunning):
			fault = vcsim.Fault("", &types.ToolsUnavailable{})
		}
	})
	return fault
}
