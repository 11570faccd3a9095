package simulator

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/object"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CloneVMTask honours the whole specification; vcsim drops most of spec.config, the errors
// of device changes, and gives the clone the MAC addresses of its source.
func (m *machineMethods) CloneVMTask(ctx *vcsim.Context, req *types.CloneVM_Task) soap.HasFault {
	body := new(methods.CloneVM_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault == nil {
		fault = m.sim.tooNew(&req.Spec)
	}
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	ref := task(ctx, vm, "cloneVm", func() (types.AnyType, types.BaseMethodFault) {
		clone, f := m.sim.clone(ctx, vm, req)
		if f != nil {
			return nil, f
		}
		return clone, nil
	})
	body.Res = &types.CloneVM_TaskResponse{Returnval: ref}
	return body
}

// clone makes a copy of a machine. The caller holds its lock on behalf of ctx.
func (s *Simulator) clone(ctx *vcsim.Context, vm *vcsim.VirtualMachine, req *types.CloneVM_Task) (types.ManagedObjectReference, types.BaseMethodFault) {
	none := types.ManagedObjectReference{}
	folder, ok := ctx.Map.Get(req.Folder).(*vcsim.Folder)
	if !ok {
		return none, missing(req.Folder)
	}
	at := req.Spec.Location
	if f := checkPlacement(ctx.Map, at.Pool, at.Host, at.Datastore); f != nil {
		return none, f
	}
	release, f := s.names.reserve(ctx, folder, req.Name, nil)
	if f != nil {
		return none, f
	}
	defer release()

	inner := *req
	inner.Spec.Customization, inner.Spec.PowerOn, inner.Spec.Template = nil, false, false
	inner.Spec.Location.DeviceChange = nil
	if f := settleLocation(ctx, vm, &inner.Spec.Location, req.Spec.Template); f != nil {
		return none, f
	}
	inner.Spec.Config = &types.VirtualMachineConfigSpec{Uuid: uuid.NewString(), InstanceUuid: uuid.NewString()}
	change := cloneConfig(vm, &req.Spec)
	if change.Uuid != "" {
		inner.Spec.Config.Uuid = change.Uuid
	}
	if change.InstanceUuid != "" {
		inner.Spec.Config.InstanceUuid = change.InstanceUuid
	}
	result, f := wait(ctx, taskOf(vm.CloneVMTask(ctx, &inner)))
	if f != nil {
		return none, f
	}
	ref, ok := result.(types.ManagedObjectReference)
	clone, found := ctx.Map.Get(ref).(*vcsim.VirtualMachine)
	if !ok || !found {
		return none, &types.SystemError{Reason: fmt.Sprintf("vcsim does not clone %s", vm.Self)}
	}
	ctx.WithLock(clone, func() { f = s.finishClone(ctx, vm, clone, change, &req.Spec) })
	if f != nil {
		s.destroy(ctx, clone)
		return none, f
	}
	if req.Spec.PowerOn && !req.Spec.Template {
		if err := s.PowerOn(ref.Value); err != nil {
			return none, &types.SystemError{Reason: err.Error()}
		}
	}
	return ref, nil
}

// cloneConfig is what a clone has beyond what vcsim copies: the source's firmware, boot
// options, annotation and ExtraConfig, and over these what the specification says.
func cloneConfig(vm *vcsim.VirtualMachine, spec *types.VirtualMachineCloneSpec) types.VirtualMachineConfigSpec {
	var c types.VirtualMachineConfigSpec
	if spec.Config != nil {
		c = *spec.Config
	}
	c.Name, c.Version = "", "" // the request has the one, and a copy has the other of its source
	if c.Firmware == "" {
		c.Firmware = vm.Config.Firmware
	}
	if c.BootOptions == nil {
		c.BootOptions = vm.Config.BootOptions
	}
	if c.Annotation == "" {
		c.Annotation = vm.Config.Annotation
	}
	own := c.ExtraConfig
	c.ExtraConfig = nil
	for _, o := range withoutOption(vm.Config.ExtraConfig, "govcsim") {
		if _, ok := object.OptionValueList(own).Get(o.GetOptionValue().Key); !ok {
			c.ExtraConfig = append(c.ExtraConfig, o)
		}
	}
	c.ExtraConfig = append(c.ExtraConfig, own...)
	c.DeviceChange = append(append([]types.BaseVirtualDeviceConfigSpec(nil), spec.Location.DeviceChange...), c.DeviceChange...)
	return c
}

// finishClone makes the clone what the specification says. The caller holds its lock.
func (s *Simulator) finishClone(ctx *vcsim.Context, source, clone *vcsim.VirtualMachine, change types.VirtualMachineConfigSpec, spec *types.VirtualMachineCloneSpec) types.BaseMethodFault {
	s.renewCards(clone)
	s.agent.copyDisks(source.Self, clone.Self)
	ctx.Update(clone, []types.PropertyChange{{Name: "guestHeartbeatStatus", Val: types.ManagedEntityStatusGray}})
	s.setVApp(ctx, clone, s.vappOf(source))
	provision(clone, spec.Location.Disk)
	if f := s.reconfigure(ctx, clone, change); f != nil {
		return f
	}
	if spec.Template {
		return markTemplate(ctx, clone)
	}
	if spec.Customization != nil {
		return s.customizeVM(ctx, clone, spec.Customization)
	}
	return nil
}
