package simulator

import (
	"fmt"
	"slices"

	"github.com/vmware/govmomi/object"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// machine is the machine that a request is about. Requests reach these methods only when
// it exists, but it may be gone a moment later.
func machine(ctx *vcsim.Context, ref types.ManagedObjectReference) (*vcsim.VirtualMachine, *soap.Fault) {
	vm, ok := machineOf(ctx, ref)
	if !ok {
		return nil, vcsim.Fault("", missing(ref))
	}
	return vm, nil
}

// machineOf is the machine of a reference, if it exists.
func machineOf(ctx *vcsim.Context, ref types.ManagedObjectReference) (*vcsim.VirtualMachine, bool) {
	vm, ok := ctx.Map.Get(ref).(*vcsim.VirtualMachine)
	return vm, ok
}

// ReconfigVMTask checks and completes a reconfiguration before vcsim executes it.
func (m *machineMethods) ReconfigVMTask(ctx *vcsim.Context, req *types.ReconfigVM_Task) soap.HasFault {
	body := new(methods.ReconfigVM_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault == nil {
		fault = m.sim.tooNew(&req.Spec)
	}
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	ref := task(ctx, vm, "reconfigVm", func() (types.AnyType, types.BaseMethodFault) {
		if vm.Config.Template && !ofTemplates(req.Spec) {
			return nil, &types.NotSupported{}
		}
		return nil, m.sim.reconfigure(ctx, vm, req.Spec)
	})
	body.Res = &types.ReconfigVM_TaskResponse{Returnval: ref}
	return body
}

// reconfigure changes a machine. The caller holds its lock on behalf of ctx.
func (s *Simulator) reconfigure(ctx *vcsim.Context, vm *vcsim.VirtualMachine, spec types.VirtualMachineConfigSpec) types.BaseMethodFault {
	if f := checkConfig(vm, &spec); f != nil {
		return f
	}
	on := vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
	if f := s.devices(ctx, vm.Config.Hardware.Device, on, spec.DeviceChange); f != nil {
		return f
	}
	options, f := extraConfig(vm.Config.ExtraConfig, spec.ExtraConfig)
	if f != nil {
		return f
	}
	if spec.ExtraConfig != nil {
		spec.ExtraConfig = options
	}
	spec.ChangeVersion = "" // vcsim takes it for a change of a template
	// vcsim forgets what is left out.
	spec.BootOptions = over(vm.Config.BootOptions, spec.BootOptions)
	spec.CpuAllocation, spec.MemoryAllocation = over(vm.Config.CpuAllocation, spec.CpuAllocation), over(vm.Config.MemoryAllocation, spec.MemoryAllocation)
	v := s.vappOf(vm)
	if spec.VAppConfig != nil {
		if v, f = v.change(spec.VAppConfig.GetVmConfigSpec()); f != nil {
			return f
		}
	}
	edited := spec.VAppConfig != nil
	spec.VAppConfig = nil // vcsim takes every value, and replaces what it is to edit
	if isTrue(spec.VAppConfigRemoved) {
		v, edited = nil, true
	}
	if spec.Name != "" && spec.Name != vm.Name {
		release, f := s.reserveRename(ctx, vm, spec.Name)
		if f != nil {
			return f
		}
		defer release()
	}
	before := slices.Clone(vm.Guest.Net)
	res, ok := vm.ReconfigVMTask(ctx, &types.ReconfigVM_Task{This: vm.Self, Spec: spec}).(*methods.ReconfigVM_TaskBody)
	if !ok || res.Res == nil {
		return &types.SystemError{Reason: fmt.Sprintf("vcsim does not reconfigure %s", vm.Self)}
	}
	_, f = wait(ctx, res.Res.Returnval)
	lockMemory(ctx, vm)
	if len(spec.DeviceChange) > 0 {
		settleDevices(ctx, vm, before)
	}
	if f == nil && edited {
		s.setVApp(ctx, vm, v)
	}
	s.names.set(vm.Self, vm.Name)
	return f
}

// lockMemory keeps the memory reservation at the size of the memory where the machine says so. The
// caller holds its lock.
func lockMemory(ctx *vcsim.Context, vm *vcsim.VirtualMachine) {
	if !isTrue(vm.Config.MemoryReservationLockedToMax) {
		return
	}
	locked := over(vm.Config.MemoryAllocation, &types.ResourceAllocationInfo{Reservation: types.NewInt64(int64(vm.Config.Hardware.MemoryMB))})
	ctx.Update(vm, []types.PropertyChange{{Name: "config.memoryAllocation", Val: locked}})
}

// reserveRename reserves a new name for a machine in its folder.
func (s *Simulator) reserveRename(ctx *vcsim.Context, vm *vcsim.VirtualMachine, name string) (func(), types.BaseMethodFault) {
	folder, ok := ctx.Map.Get(*vm.Parent).(*vcsim.Folder)
	if !ok {
		return func() {}, nil
	}
	return s.names.reserve(ctx, folder, name, &vm.Self)
}

// RenameTask renames a machine everywhere; vcsim leaves its configuration as it was.
func (m *machineMethods) RenameTask(ctx *vcsim.Context, req *types.Rename_Task) soap.HasFault {
	body := new(methods.Rename_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	ref := task(ctx, vm, "rename", func() (types.AnyType, types.BaseMethodFault) {
		return nil, m.sim.rename(ctx, vm, req.NewName)
	})
	body.Res = &types.Rename_TaskResponse{Returnval: ref}
	return body
}

// rename renames a machine. The caller holds its lock on behalf of ctx.
func (s *Simulator) rename(ctx *vcsim.Context, vm *vcsim.VirtualMachine, name string) types.BaseMethodFault {
	if name == "" {
		return &types.InvalidName{}
	}
	release, f := s.reserveRename(ctx, vm, name)
	if f != nil {
		return f
	}
	defer release()
	ctx.Update(vm, []types.PropertyChange{
		{Name: "name", Val: name},
		{Name: "config.name", Val: name},
		{Name: "summary.config.name", Val: name},
	})
	return nil
}

// renewCards gives the cards of a clone MAC addresses of their own, except those that
// somebody chose. The caller holds the machine's lock.
func (s *Simulator) renewCards(vm *vcsim.VirtualMachine) {
	for _, d := range object.VirtualDeviceList(vm.Config.Hardware.Device).SelectByType((*types.VirtualEthernetCard)(nil)) {
		c, ok := d.(types.BaseVirtualEthernetCard)
		if ok && c.GetVirtualEthernetCard().AddressType != string(types.VirtualEthernetCardMacTypeManual) {
			c.GetVirtualEthernetCard().MacAddress = s.cards.mac()
		}
	}
}
