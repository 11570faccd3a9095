package machine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// create makes a machine with empty disks and a medium to install from.
func (s *Service) create(ctx context.Context, spec *DeploySpec) (*deployment, error) {
	client, err := s.client.Vim(ctx)
	if err != nil {
		return nil, err
	}
	var store mo.Datastore
	if err := property.DefaultCollector(client).RetrieveOne(ctx, *spec.Datastore, []string{"name"}, &store); err != nil {
		return nil, vsphere.Translate(err, "find the name of datastore "+spec.Datastore.Value)
	}
	config, _, _, err := createSpec(spec, store.Name)
	if err != nil {
		return nil, err
	}
	d := &deployment{what: fmt.Sprintf("create %q", spec.Name), on: spec.Folder}
	d.send = s.begin(d, func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.CreateVM_Task(ctx, client, &types.CreateVM_Task{This: spec.Folder, Config: config, Pool: spec.ResourcePool})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
	return d, nil
}

// createSpec is the whole configuration of a machine that is not made of another one.
func createSpec(d *DeploySpec, datastore string) (types.VirtualMachineConfigSpec, DiskPlan, CDROMPlan, error) {
	config, err := ConfigSpec(*d)
	if err != nil {
		return types.VirtualMachineConfigSpec{}, DiskPlan{}, CDROMPlan{}, err
	}
	config.Files = &types.VirtualMachineFileInfo{VmPathName: "[" + datastore + "]"}
	config.VmProfile = policy(d.StorageProfileID)
	whole := Change{Spec: config}
	slots := NewSlots(nil, d.HardwareVersion)
	slots.reserveFor(d.Disks, d.CDROMs)
	disks := slices.Clone(d.Disks)
	for i := range disks {
		disks[i].StorageProfileID = cmp.Or(disks[i].StorageProfileID, d.StorageProfileID)
		if disks[i].Sharing != MultiWriter && disks[i].Application == "" { // those are shared eagerly zeroed only
			disks[i].Provisioning = cmp.Or(disks[i].Provisioning, Provisioning(d.Provisioning))
		}
	}
	change, diskPlan, err := DiskChanges(disks, nil, nil, slots)
	if err != nil {
		return types.VirtualMachineConfigSpec{}, DiskPlan{}, CDROMPlan{}, err
	}
	whole.Merge(change)
	change, cdromPlan, err := CDROMChanges(d.CDROMs, nil, nil, slots)
	if err != nil {
		return types.VirtualMachineConfigSpec{}, DiskPlan{}, CDROMPlan{}, err
	}
	whole.Merge(change)
	return whole.Spec, diskPlan, cdromPlan, nil
}

// Plans says where the disks and the CD-ROM drives of a machine FromISO go: by
// what their records name them until they are seen. Errors: as DiskChanges and CDROMChanges.
func (d *DeploySpec) Plans() (DiskPlan, CDROMPlan, error) {
	_, disks, drives, err := createSpec(d, "")
	return disks, drives, err
}
