package simulator

import (
	"strings"
	"time"

	"github.com/google/uuid"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CustomizeVMTask keeps the specification for the guest, which applies it at power-on.
// vcsim's own customization would write MAC addresses into the machine.
func (m *machineMethods) CustomizeVMTask(ctx *vcsim.Context, req *types.CustomizeVM_Task) soap.HasFault {
	body := new(methods.CustomizeVM_TaskBody)
	vm, fault := machine(ctx, req.This)
	if fault == nil {
		fault = m.sim.tooNew(&req.Spec)
	}
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
	if vm.Config.Template {
		return &types.NotSupported{}
	}
	if state := vm.Runtime.PowerState; state != types.VirtualMachinePowerStatePoweredOff {
		return needsOff(state)
	}
	if vm.Config.Tools != nil && vm.Config.Tools.PendingCustomization != "" {
		return &types.CustomizationPending{}
	}
	if f := s.checkCustomization(ctx, vm, spec); f != nil {
		return f
	}
	if vm.Config.Tools == nil {
		vm.Config.Tools = &types.ToolsConfigInfo{}
	}
	s.agent.with(vm.Self, func(g *guest) { g.pending = spec })
	// Both name the file of the package that the guest will fetch.
	file := "imcf-" + uuid.NewString()[:8]
	ctx.Update(vm, []types.PropertyChange{
		{Name: "config.tools.pendingCustomization", Val: file},
		{Name: "config.extraConfig", Val: withOption(vm.Config.ExtraConfig, deployPackage, file)},
		customizationInfo(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_PENDING, time.Time{}, time.Time{}, ""),
	})
	return nil
}

// deployPackage is the ExtraConfig key that names the package of a pending customization.
const deployPackage = "tools.deployPkg.fileName"

// withoutOption is ExtraConfig without a key.
func withoutOption(options []types.BaseOptionValue, key string) []types.BaseOptionValue {
	kept := make([]types.BaseOptionValue, 0, len(options)+1)
	for _, o := range options {
		if !strings.EqualFold(o.GetOptionValue().Key, key) {
			kept = append(kept, o)
		}
	}
	return kept
}

// withOption is ExtraConfig with a key that has a value.
func withOption(options []types.BaseOptionValue, key, value string) []types.BaseOptionValue {
	return append(withoutOption(options, key), &types.OptionValue{Key: key, Value: value})
}

// customizationInfo is how far a customization is.
func customizationInfo(status types.GuestInfoCustomizationStatus, begin, end time.Time, message string) types.PropertyChange {
	info := types.GuestInfoCustomizationInfo{CustomizationStatus: string(status), ErrorMsg: message}
	if !begin.IsZero() {
		info.StartTime = &begin
	}
	if !end.IsZero() {
		info.EndTime = &end
	}
	return types.PropertyChange{Name: "guest.customizationInfo", Val: info}
}

// begin notes that the customization has begun, and says so.
func (g *guest) begin() types.PropertyChange {
	g.began = time.Now()
	return customizationInfo(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_RUNNING, g.began, time.Time{}, "")
}

// customize applies the pending customization specification. It returns ExtraConfig as it
// then is, and what vCenter shows of the end. The caller holds the machine's and the agent's
// lock.
func (a *agent) customize(vm *vcsim.VirtualMachine, g *guest, h *hardware) ([]types.BaseOptionValue, []types.PropertyChange) {
	spec := g.pending
	g.pending = nil
	status, message := types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED, ""
	if len(a.failures) > 0 {
		message, a.failures = a.failures[0], a.failures[1:]
	} else if err := g.take(spec, vm.Name, h); err != nil {
		message = err.Error()
	}
	if message != "" {
		status = types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED
		g.custom = &machineConfig{problem: message}
	}
	began := g.began
	g.began = time.Time{}
	return withoutOption(vm.Config.ExtraConfig, deployPackage), []types.PropertyChange{
		{Name: "config.tools.pendingCustomization", Val: ""},
		customizationInfo(status, began, time.Now(), message),
	}
}

// failNext makes a customization to come fail with a message.
func (a *agent) failNext(message string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures = append(a.failures, message)
}

// FailNextCustomization makes the next guest customization (a CustomizationSpec that is
// applied at power-on) fail in the guest, with the message that its Tools report.
func (s *Simulator) FailNextCustomization(message string) {
	if message == "" {
		message = "Customization failed: the simulator was told so"
	}
	s.agent.failNext(message)
}
