package virtualmachine

import (
	"cmp"
	"context"
	"strings"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// deploySpec is what to deploy. UUIDs are chosen here: a plan must not be random.
func (r *Resource) deploySpec(ctx context.Context, d *desired, w *wish, source *image.Image) (machine.DeploySpec, error) {
	spec := machine.DeploySpec{
		Source:        machine.Source(source.Status.Type),
		Name:          d.plan.Name.ValueString(),
		InstanceUUID:  chosen(d.plan.InstanceUUID),
		BIOSUUID:      chosen(d.plan.BiosUUID),
		LibraryItemID: source.ItemID,
		Folder:        d.world.namespace.FolderReference(),
		FolderPath:    d.world.namespace.Folder.Path,
		ResourcePool:  d.world.namespace.ResourcePoolReference(),
		Provisioning:  string(provisionings[d.hardware.Advanced.Provisioning.Or("")]),
		NICs:          d.nics,
		Kept:          keptVolumes,
	}
	if err := r.place(ctx, d, &spec); err != nil {
		return spec, err
	}
	hardware(&spec, source.Descriptor)
	want := w.machine(new(record), nil)
	spec.CPUs, spec.MemoryMB = cmp.Or(want.Size.CPUs, spec.CPUs), cmp.Or(want.Size.MemoryMB, spec.MemoryMB)
	spec.CPUAllocation, spec.MemoryAllocation = want.Size.CPUAllocation, want.Size.MemoryAllocation
	// What is written goes before what the image says.
	spec.GuestID = cmp.Or(want.GuestID, spec.GuestID)
	if spec.GuestID == "" && spec.Source == machine.FromOVF {
		spec.GuestID = string(govmomi.VirtualMachineGuestOsIdentifierOtherGuest) // or it could not be powered on
	}
	spec.Firmware = cmp.Or(strings.ToLower(d.hardware.Boot.Firmware.Or("")), spec.Firmware)
	if class := d.world.class; class != nil {
		spec.Firmware = cmp.Or(spec.Firmware, class.Firmware)
		spec.Base = w.base()
	}
	spec.HardwareVersion = max(want.HardwareVersion, spec.HardwareVersion)
	if spec.Source == machine.FromISO {
		spec.LibraryItemID = ""
		spec.Disks, spec.CDROMs = want.Volumes, want.CDROMs
	}
	if len(d.pools) > 0 {
		// Whoever finds the machine unfinished has to know what it may hold.
		value, err := (&record{Pools: d.pools}).encode()
		if err != nil {
			return spec, err
		}
		spec.ExtraConfig = map[string]string{recordKey: value}
	}
	return spec, nil
}

// place says where the machine's files go. A storage policy decides; the namespace's datastore is
// for those without one. Only the deploy of an OVF item chooses a datastore by the policy itself.
func (r *Resource) place(ctx context.Context, d *desired, spec *machine.DeploySpec) error {
	policy, datastore := d.world.policy, d.world.namespace.Datastore
	if policy != nil {
		spec.StorageProfileID = policy.ID
	}
	switch {
	case policy == nil && datastore != nil:
		spec.Datastore = &machine.Ref{Type: "Datastore", Value: datastore.ID}
	case policy != nil && spec.Source != machine.FromOVF, spec.Source == machine.FromISO:
		found, err := r.backend.Inventory.DatastoreFor(ctx, d.world.namespace, policy)
		if err != nil {
			return err
		}
		spec.Datastore = &machine.Ref{Type: "Datastore", Value: found.ID}
	}
	return nil
}

// hardware takes the machine's hardware from the image. A deploy that carries a configuration
// takes only the disks from the OVF descriptor (vSphere API, VmConfigSpec): what else the
// descriptor says has to be in the configuration, or an EFI image comes up with a BIOS.
func hardware(spec *machine.DeploySpec, descriptor *image.Descriptor) {
	if descriptor == nil {
		return
	}
	spec.GuestID = descriptor.GuestID()
	spec.Firmware = strings.ToLower(string(descriptor.Firmware))
	if descriptor.HardwareVersion != nil {
		spec.HardwareVersion = int(*descriptor.HardwareVersion)
	}
	spec.CPUs, spec.MemoryMB = descriptor.CPUs, (descriptor.MemoryBytes+mebibyte-1)/mebibyte
}

// findInstaller finds the file of an ISO image that a machine is installed from, unless the
// hardware block says which drives there are.
func (r *Resource) findInstaller(ctx context.Context, w *wish, source *image.Image) error {
	if source.Status.Type != image.TypeISO || w.spec.Managed.Or(false) {
		return nil
	}
	file, err := r.backend.Machines.ISOFile(ctx, source.ItemID)
	if err != nil {
		return err
	}
	w.installer = true
	w.discs[installerDrive] = disc{Item: source.ItemID, ISO: file}
	return nil
}
