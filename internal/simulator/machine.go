package simulator

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/object"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// machine is the machine that a request is about. Requests reach these methods only when
// it exists, but it may be gone a moment later.
func machine(ctx *vcsim.Context, ref types.ManagedObjectReference) (*vcsim.VirtualMachine, *soap.Fault) {
	vm, ok := ctx.Map.Get(ref).(*vcsim.VirtualMachine)
	if !ok {
		return nil, vcsim.Fault("", missing(ref))
	}
	return vm, nil
}

// ReconfigVMTask checks and completes a reconfiguration before vcsim executes it.
func (m *machineMethods) ReconfigVMTask(ctx *vcsim.Context, req *types.ReconfigVM_Task) soap.HasFault {
	body := new(methods.ReconfigVM_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	ref := task(ctx, vm, "reconfigVm", func() (types.AnyType, types.BaseMethodFault) {
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
	spec.ExtraConfig = options
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
	if len(spec.DeviceChange) > 0 {
		settleDevices(ctx, vm, before)
	}
	if f == nil && spec.VAppConfigRemoved != nil && *spec.VAppConfigRemoved {
		vm.Config.VAppConfig = nil // vcsim passes over the wish
	}
	s.names.set(vm.Self, vm.Name)
	return f
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

// CustomizeVMTask keeps the specification for the guest, which applies it at power-on.
// vcsim's own customization would write MAC addresses into the machine.
func (m *machineMethods) CustomizeVMTask(ctx *vcsim.Context, req *types.CustomizeVM_Task) soap.HasFault {
	body := new(methods.CustomizeVM_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	ref := task(ctx, vm, "customizeVm", func() (types.AnyType, types.BaseMethodFault) {
		return nil, m.sim.customizeVM(ctx, vm, &req.Spec)
	})
	body.Res = &types.CustomizeVM_TaskResponse{Returnval: ref}
	return body
}

// customizeVM makes a customization pending. The caller holds the machine's lock.
func (s *Simulator) customizeVM(ctx *vcsim.Context, vm *vcsim.VirtualMachine, spec *types.CustomizationSpec) types.BaseMethodFault {
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
		return &types.InvalidPowerState{
			RequestedState: types.VirtualMachinePowerStatePoweredOff,
			ExistingState:  vm.Runtime.PowerState,
		}
	}
	if vm.Config.Tools != nil && vm.Config.Tools.PendingCustomization != "" {
		return &types.CustomizationPending{}
	}
	if f := checkCustomization(spec, vm.Config.GuestId, len(inspect(ctx, vm).nics)); f != nil {
		return f
	}
	id := uuid.NewString()
	if vm.Config.Tools == nil {
		vm.Config.Tools = &types.ToolsConfigInfo{}
	}
	s.agent.with(vm.Self, func(g *guest) { g.pending = spec })
	options := append(withoutOption(vm.Config.ExtraConfig, deployPackage),
		&types.OptionValue{Key: deployPackage, Value: "imcf-" + id[:8]})
	ctx.Update(vm, []types.PropertyChange{
		{Name: "config.tools.pendingCustomization", Val: id},
		{Name: "config.extraConfig", Val: options},
		{Name: "guest.customizationInfo", Val: types.GuestInfoCustomizationInfo{
			CustomizationStatus: string(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_PENDING),
		}},
	})
	return nil
}

// checkCustomization checks a specification by the rules of the vSphere API.
func checkCustomization(spec *types.CustomizationSpec, guestID string, nics int) types.BaseMethodFault {
	invalid := func(property string) types.BaseMethodFault { return &types.InvalidArgument{InvalidProperty: property} }
	windows := types.GuestIDToFamily(guestID) == types.VirtualMachineGuestOsFamilyWindowsGuest
	unsuited := &types.UncustomizableGuest{UncustomizableGuestOS: guestID}
	switch id := spec.Identity.(type) {
	case *types.CustomizationLinuxPrep:
		if windows {
			return unsuited
		}
		if id.HostName == nil {
			return invalid("spec.identity.hostName")
		}
	case *types.CustomizationSysprep:
		if !windows {
			return unsuited
		}
		if id.UserData.ComputerName == nil {
			return invalid("spec.identity.userData.computerName")
		}
	case *types.CustomizationSysprepText:
		if !windows {
			return unsuited
		}
	case *types.CustomizationCloudinitPrep:
		if len(spec.NicSettingMap) == 0 {
			return nil
		}
	default:
		return invalid("spec.identity")
	}
	if len(spec.NicSettingMap) != nics {
		return &types.NicSettingMismatch{NumberOfNicsInSpec: int32(len(spec.NicSettingMap)), NumberOfNicsInVM: int32(nics)}
	}
	for i, m := range spec.NicSettingMap {
		at := fmt.Sprintf("spec.nicSettingMap[%d].adapter.", i)
		switch ip := m.Adapter.Ip.(type) {
		case nil:
			return invalid(at + "ip")
		case *types.CustomizationFixedIp:
			if ip.IpAddress == "" {
				return invalid(at + "ip.ipAddress")
			}
			if m.Adapter.SubnetMask == "" {
				return invalid(at + "subnetMask")
			}
		}
	}
	return nil
}

// ShutdownGuest and RebootGuest need Tools, which vcsim only asks of the second.
func (m *machineMethods) ShutdownGuest(ctx *vcsim.Context, req *types.ShutdownGuest) soap.HasFault {
	vm, fault := machine(ctx, req.This)
	if fault == nil {
		fault = needsTools(ctx, vm)
	}
	if fault != nil {
		return &methods.ShutdownGuestBody{Fault_: fault}
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
