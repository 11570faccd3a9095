package machine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// templateOf finds the machine that a VM template item of a content library keeps.
func (s *Service) templateOf(ctx context.Context, itemID string) (*Observation, error) {
	what := "find the virtual machine template of library item " + itemID
	client, err := s.client.REST(ctx)
	if err != nil {
		return nil, vsphere.Translate(err, what)
	}
	info, err := vcenter.NewManager(client).GetLibraryTemplateInfo(ctx, itemID)
	if err != nil {
		return nil, vsphere.Translate(err, what)
	}
	if info.VmTemplate == "" {
		return nil, fmt.Errorf("%s: %w: vCenter does not say which machine the item keeps", what, vsphere.ErrNotFound)
	}
	return s.Observe(ctx, Ref{Type: "VirtualMachine", Value: info.VmTemplate})
}

// clone copies the machine of a VM template item. By CloneVM_Task and not by the item's own
// deploy, whose request holds processors, memory, disks and cards, but no UUIDs and no
// ExtraConfig (vSphere Automation API, vm_template/library_items deploy): the copy could be told
// by nothing but its name until it is reconfigured. CloneVM_Task takes a ConfigSpec.
func (s *Service) clone(spec *DeploySpec, template *Observation) (*deployment, error) {
	request, err := cloneSpec(spec, template)
	if err != nil {
		return nil, err
	}
	d := &deployment{
		what: fmt.Sprintf("deploy %q from library item %s, which is %s", spec.Name, spec.LibraryItemID, template.Title()), on: template.Ref,
	}
	d.send = s.begin(d, func(ctx context.Context, client *vim25.Client) (Ref, error) {
		res, err := methods.CloneVM_Task(ctx, client, &types.CloneVM_Task{This: template.Ref, Folder: spec.Folder, Name: spec.Name, Spec: request})
		if err != nil {
			return Ref{}, err
		}
		return res.Returnval, nil
	})
	if spec.HardwareVersion > template.HardwareVersion {
		// A copy has the version of its template, whatever the ConfigSpec says.
		d.finish = func(ctx context.Context, ref Ref) error { return s.UpgradeHardware(ctx, ref, spec.HardwareVersion) }
	}
	return d, nil
}

// cloneSpec is the request for a copy with its whole configuration, turned off.
func cloneSpec(d *DeploySpec, template *Observation) (types.VirtualMachineCloneSpec, error) {
	config, err := ConfigSpec(*d)
	if err != nil {
		return types.VirtualMachineCloneSpec{}, err
	}
	config.Name, config.Version = "", "" // the request has the one; a copy cannot have the other
	if cores := template.CoresPerSocket; config.NumCoresPerSocket == nil && cores > 1 && config.NumCPUs%cores != 0 {
		config.NumCoresPerSocket = types.NewInt32(1)
	}
	// Unset members would be the template's.
	if config.CpuAllocation != nil {
		config.CpuAllocation = whole(config.CpuAllocation)
	}
	if config.MemoryAllocation != nil {
		config.MemoryAllocation = whole(config.MemoryAllocation)
	}
	removals := make([]types.BaseVirtualDeviceConfigSpec, len(template.NICs))
	for i := range template.NICs {
		if removals[i], err = removeCard(&template.NICs[i]); err != nil {
			return types.VirtualMachineCloneSpec{}, err
		}
	}
	config.DeviceChange = slices.Concat(removals, config.DeviceChange)
	config.ExtraConfig = append(config.ExtraConfig, ExtraConfigChange(Inherited(template.ExtraConfig, d.Given()))...)
	location := types.VirtualMachineRelocateSpec{
		Pool: &d.ResourcePool, Datastore: d.Datastore, Profile: policy(d.StorageProfileID),
		DiskMoveType: string(types.VirtualMachineRelocateDiskMoveOptionsMoveAllDiskBackingsAndDisallowSharing),
	}
	if d.Provisioning != "" || d.StorageProfileID != "" {
		for i := range template.Disks {
			locator, err := locate(d, &template.Disks[i])
			if err != nil {
				return types.VirtualMachineCloneSpec{}, err
			}
			location.Disk = append(location.Disk, locator)
		}
	}
	return types.VirtualMachineCloneSpec{Location: location, Config: &config}, nil
}

// locate says where and how a disk of the template is copied.
func locate(d *DeploySpec, disk *Disk) (types.VirtualMachineRelocateSpecDiskLocator, error) {
	locator := types.VirtualMachineRelocateSpecDiskLocator{DiskId: disk.Key, Profile: policy(d.StorageProfileID)}
	backing, flat := disk.Device.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	switch {
	case d.Datastore != nil:
		locator.Datastore = *d.Datastore
	case flat && backing.Datastore != nil:
		locator.Datastore = *backing.Datastore
	default:
		return locator, fmt.Errorf("%w: deploy %q: no datastore, and vCenter does not say where the template's disk %q is", vsphere.ErrInvalidArgument, d.Name, disk.Label)
	}
	if d.Provisioning != "" {
		copied := &types.VirtualDiskFlatVer2BackingInfo{DiskMode: cmp.Or(disk.Mode, string(types.VirtualDiskModePersistent))}
		provision(copied, Provisioning(d.Provisioning))
		locator.DiskBackingInfo = copied
	}
	return locator, nil
}

// deniedPrefixes begin the ExtraConfig keys of an image that are about the machine it was made
// of: its guest's configuration, and the notes of VM Operator, of the image registry and of this
// provider.
var deniedPrefixes = []string{guestInfoPrefix, "vmservice.", "imageregistry.", "vmoperator."}

// allowedKeys are exceptions, as VM Operator has them.
var allowedKeys = ExtraConfig{"vmservice.virtualmachine.pvc.disk.data": "", "vmservice.vmi.labels": ""}

// Given are the ExtraConfig keys that the machine gets by its class and by the deploy itself.
func (d *DeploySpec) Given() ExtraConfig { return layered(ClassExtraConfig(d.Base), d.ExtraConfig) }

// Inherited are the ExtraConfig keys of an image that a machine which is made of it does not keep,
// with the empty value, which removes them: those about the machine that the image was made of,
// unless given has them. A copy of a template is made without them. What vCenter deploys of an OVF
// item may have them of its descriptor, until they are removed.
func Inherited(has, given ExtraConfig) map[string]string {
	denied := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(has)) {
		_, allowed := allowedKeys.Get(key)
		_, given := given.Get(key)
		if allowed || given || hasPrefixFold(key, CreateMark) {
			continue
		}
		if slices.ContainsFunc(deniedPrefixes, func(prefix string) bool { return hasPrefixFold(key, prefix) }) {
			denied[key] = ""
		}
	}
	return denied
}
