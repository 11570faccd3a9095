package machine

import (
	"context"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// Reconfigure applies a configuration change. While another task holds the machine it waits for
// that one and tries again, within ctx. A spec with a ChangeVersion is the caller's guard
// against changes by others, so a conflict is then vsphere.ErrConflict at once.
//
// vSphere asks before it takes a disc out of a CD-ROM drive that the guest holds. Where the spec
// edits a drive, the answer is yes: who asks for another disc, or none, means it. Any other
// question is ErrQuestion when nobody has answered it for a while; the task goes on.
func (s *Service) Reconfigure(ctx context.Context, ref Ref, spec types.VirtualMachineConfigSpec) error {
	start := func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.ReconfigVM_Task(ctx, client, &types.ReconfigVM_Task{This: ref, Spec: spec})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	}
	j := job{ref: ref, what: "reconfigure " + s.title(ref), start: start, unlocks: editsCDROM(spec.DeviceChange), guarded: spec.ChangeVersion != ""}
	return s.run(ctx, j)
}

func editsCDROM(changes []types.BaseVirtualDeviceConfigSpec) bool {
	return slices.ContainsFunc(changes, func(change types.BaseVirtualDeviceConfigSpec) bool {
		c := change.GetVirtualDeviceConfigSpec()
		_, drive := c.Device.(*types.VirtualCdrom)
		return drive && c.Operation == types.VirtualDeviceConfigSpecOperationEdit
	})
}

// Customize hands the guest a customization, which runs at the next power-on. The machine must
// be off.
func (s *Service) Customize(ctx context.Context, ref Ref, spec types.CustomizationSpec) error {
	return s.do(ctx, ref, "customize "+s.title(ref), func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.CustomizeVM_Task(ctx, client, &types.CustomizeVM_Task{This: ref, Spec: spec})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
}

// UpgradeHardware raises the virtual hardware to a version, like 21. The machine must be off;
// there is no way back. One that has the version, because an answer got lost or somebody else was
// faster, is left as it is.
func (s *Service) UpgradeHardware(ctx context.Context, ref Ref, version int) error {
	what := fmt.Sprintf("upgrade the hardware of %s to version %d", s.title(ref), version)
	err := s.do(ctx, ref, what, func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.UpgradeVM_Task(ctx, client, &types.UpgradeVM_Task{This: ref, Version: hardwareVersion(version)})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	if o, lookErr := s.Observe(ctx, ref); lookErr == nil && o.HardwareVersion >= version {
		return nil
	}
	return err
}

// rename starts to give a machine another name.
func (s *Service) rename(ref Ref, name string) starter {
	return func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.Rename_Task(ctx, client, &types.Rename_Task{This: ref, NewName: name})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	}
}
