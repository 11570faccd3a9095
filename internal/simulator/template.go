package simulator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/vmware/govmomi"
	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"
)

// templateVersion is the content version of a vm-template item from the beginning: vCenter makes
// the item with version 1, and raises it when the copy of the machine has become its content.
const templateVersion = "2"

// ofTemplates tells whether a template takes a change: its name and its notes. For everything
// else it has to become a machine first.
func ofTemplates(spec types.VirtualMachineConfigSpec) bool {
	spec.Name, spec.Annotation, spec.ChangeVersion = "", "", ""
	return reflect.ValueOf(spec).IsZero()
}

// markTemplate makes a machine a template, which is in no resource pool. The caller holds its lock.
func markTemplate(ctx *vcsim.Context, vm *vcsim.VirtualMachine) types.BaseMethodFault {
	pool := vm.ResourcePool
	if body := vm.MarkAsTemplate(&types.MarkAsTemplate{This: vm.Self}); body.Fault() != nil {
		f, _ := body.Fault().VimFault().(types.BaseMethodFault)
		return f
	}
	if pool != nil {
		if p, ok := ctx.Map.Get(*pool).(*vcsim.ResourcePool); ok {
			ctx.Map.RemoveReference(ctx, p, &p.Vm, vm.Self)
		}
	}
	return nil
}

// seedTemplate makes the template of the seed, and its item: a machine that was deployed from an
// OVF item, has been configured by guestinfo, and keeps that.
func (s *Simulator) seedTemplate(ctx context.Context, c *govmomi.Client, ds *vcsim.Datastore) error {
	f := s.find(ctx, c)
	folders, err := f.DefaultFolder(ctx)
	if err != nil {
		return err
	}
	made, err := folders.CreateFolder(ctx, FolderTemplates)
	if err != nil {
		return err
	}
	pool, err := f.ResourcePool(ctx, ClusterA+"/Resources")
	if err != nil {
		return err
	}
	network, err := f.Network(ctx, NetworkStandard)
	if err != nil {
		return err
	}
	folder, ok := s.registry().Get(made.Reference()).(*vcsim.Folder)
	if !ok {
		return fmt.Errorf("folder %s: %w", FolderTemplates, errNotFound)
	}
	d := templateMachine()
	item, remove, err := temporaryItem(d)
	if err != nil {
		return err
	}
	defer remove()
	spec := vcenter.DeploymentSpec{
		Name: TemplateMachine, Annotation: "Ubuntu 24.04 LTS with cloud-init",
		NetworkMappings: []vcenter.NetworkMapping{{Key: "nic0", Value: network.Reference().Value}},
	}
	own := s.context()
	ref, err := s.deployOVF(own, item, spec, &target{folder: folder, pool: pool.Reference(), datastore: ds})
	if err != nil {
		return err
	}
	vm, ok := machineOf(own, ref)
	if !ok {
		return fmt.Errorf("machine %s: %w", ref, errNotFound)
	}
	var fault types.BaseMethodFault
	own.WithLock(vm, func() {
		fault = s.reconfigure(own, vm, types.VirtualMachineConfigSpec{
			Uuid: TemplateBIOSUUID, InstanceUuid: TemplateInstanceUUID,
			ExtraConfig: []types.BaseOptionValue{
				&types.OptionValue{Key: "disk.enableUUID", Value: "TRUE"},
				&types.OptionValue{Key: "guestinfo.metadata", Value: "aW5zdGFuY2UtaWQ6IGdvbGRlbgo="},
				&types.OptionValue{Key: "guestinfo.metadata.encoding", Value: "base64"},
			},
		})
		if fault == nil {
			fault = markTemplate(own, vm)
		}
	})
	if fault != nil {
		return &vimError{fault}
	}
	s.keepTemplate(library.Item{
		ID: ItemTemplate, LibraryID: LibraryTemplatesID, Name: TemplateMachine, Size: int64(d.Disks[0].PopulatedGiB) << 30,
	}, "A virtual machine template", ref)
	return nil
}

// keepTemplate adds the item that keeps a template.
func (s *Simulator) keepTemplate(item library.Item, description string, ref types.ManagedObjectReference) {
	when := seeded
	item.Type, item.Cached, item.Description, item.CreationTime, item.LastModifiedTime = library.ItemTypeVMTX, true, &description, &when, &when
	item.ContentVersion, item.MetadataVersion, item.Version = templateVersion, "1", "1"
	s.gate.vapi.addItem(&item, []library.File{}, &ref)
}

// temporaryItem is an OVF item outside of all libraries.
func temporaryItem(d *descriptor) (*libraryItem, func(), error) {
	text, err := d.render()
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "vcsim-ovf-")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	if err := os.WriteFile(filepath.Join(dir, d.ID+".ovf"), text, 0o600); err != nil {
		remove()
		return nil, nil, err
	}
	return &libraryItem{
		Item: library.Item{ID: d.ID, Name: d.ID, Type: library.ItemTypeOVF}, files: []library.File{{Name: d.ID + ".ovf"}}, dir: dir,
	}, remove, nil
}
