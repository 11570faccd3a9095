package machine

import (
	"context"
	"errors"
	"fmt"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Destroy deletes a machine and its disks, from every power state: a running one is turned off
// by mode first. That it does not exist is success. Tasks that hold the machine are waited for,
// never cancelled.
func (s *Service) Destroy(ctx context.Context, ref Ref, mode Mode) error {
	if err := mode.check(); err != nil {
		return err
	}
	err := s.destroy(ctx, ref, mode)
	if isGone(err) {
		return nil
	}
	return err
}

func (s *Service) destroy(ctx context.Context, ref Ref, mode Mode) error {
	what := "destroy " + s.title(ref)
	client, err := s.client.Vim(ctx)
	if err != nil {
		return vsphere.Translate(err, what)
	}
	var vm mo.VirtualMachine
	err = property.DefaultCollector(client).RetrieveOne(ctx, ref, []string{"name", "runtime.powerState", "runtime.connectionState"}, &vm)
	if err != nil {
		return vsphere.Translate(err, what)
	}
	switch state := vm.Runtime.ConnectionState; state {
	case types.VirtualMachineConnectionStateConnected, "":
	default:
		return fmt.Errorf("%s: %w: %q is %s: its host or its files cannot be reached. "+
			"Bring them back, or remove the machine from the inventory in vCenter", what, vsphere.ErrInvalidState, vm.Name, state)
	}
	switch vm.Runtime.PowerState {
	case types.VirtualMachinePowerStatePoweredOff:
	case types.VirtualMachinePowerStateSuspended:
		mode = Hard // there is no guest that could be asked
		fallthrough
	case types.VirtualMachinePowerStatePoweredOn:
		if err := s.PowerOff(ctx, ref, mode); err != nil {
			return err
		}
	}
	err = s.do(ctx, ref, what, func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.Destroy_Task(ctx, client, &types.Destroy_Task{This: ref})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
	if errors.Is(err, vsphere.ErrInterrupted) && ctx.Err() == nil {
		// The answer got lost, which may well be the answer to a success.
		var gone mo.VirtualMachine
		if rerr := property.DefaultCollector(client).RetrieveOne(ctx, ref, []string{"name"}, &gone); isGone(rerr) {
			return nil
		}
	}
	return err
}
