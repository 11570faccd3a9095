package virtualmachine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// world is what a machine's configuration refers to in vCenter, found.
type world struct {
	configured backend.Namespace
	namespace  inventory.Namespace
	// class is nil for a machine that keeps its image's size.
	class *inventory.Class
	// classGone tells that the class which was applied to the machine does not exist any more. The
	// machine needs it no more either: a class is applied once.
	classGone bool
	// policy is nil for a machine without storage class.
	policy *inventory.StoragePolicy
	// volumes are the storage policies of the volumes that have one of their own, by volume.
	volumes map[string]*inventory.StoragePolicy
	// discs are the images in CD-ROM drives, by drive.
	discs map[string]*image.Image
	// lost are errors about what the machine has already, and needs no more, by volume and by drive:
	// storage policies and images that are not there any more. policyLost is the one about the
	// machine's own storage policy.
	lost       struct{ volumes, discs map[string]error }
	policyLost error
	// networks by interface name. Interfaces whose network is not known yet are missing.
	networks map[string]inventory.Network
}

// look finds what a configuration refers to. What is not known yet is left out; what does not
// exist or is ambiguous is an error at its attribute, except for what the machine has already.
func (r *Resource) look(ctx context.Context, m *model, spec network.Spec, hardware *hardwareSpec, have holdings) (*world, diag.Diagnostics) {
	var diags diag.Diagnostics
	w := &world{
		networks: map[string]inventory.Network{}, volumes: map[string]*inventory.StoragePolicy{}, discs: map[string]*image.Image{},
	}
	w.lost.volumes, w.lost.discs = map[string]error{}, map[string]error{}
	if m.Namespace.IsUnknown() {
		return nil, diags
	}
	var err error
	if w.configured, err = r.backend.Namespace(m.Namespace.ValueString()); err != nil {
		diags.AddAttributeError(path.Root("namespace"), "No such namespace", backend.Sentence(err.Error()))
		return nil, diags
	}
	if w.namespace, err = r.backend.Inventory.Namespace(ctx, w.configured.NamespaceSpec); err != nil {
		backend.Failed(&diags, path.Root("namespace"), "Unable to find what the namespace is made of", err)
		return nil, diags
	}
	if name := m.ClassName; !name.IsNull() && !name.IsUnknown() {
		found, err := r.backend.Inventory.Class(ctx, r.backend.Classes, name.ValueString())
		switch {
		case err == nil:
			w.class = &found
		case name.ValueString() == have.class && errors.Is(err, vsphere.ErrNotFound):
			w.classGone = true
		case errors.Is(err, vsphere.ErrNotFound):
			backend.Failed(&diags, path.Root("class_name"), "Unable to find the class", err)
		default:
			backend.Failed(&diags, path.Root("class_name"), "Unable to use the class", err)
		}
	}
	if name := m.StorageClass; !name.IsNull() && !name.IsUnknown() {
		policy, err := r.backend.Inventory.StoragePolicy(ctx, name.ValueString())
		switch {
		case err == nil:
			w.policy = &policy
		case name.ValueString() == have.storageClass && errors.Is(err, vsphere.ErrNotFound):
			w.policyLost = err
		default:
			if name.ValueString() == w.configured.DefaultStorageClass {
				err = fmt.Errorf("namespace %q, default_storage_class: %w", w.configured.Name, err)
			}
			backend.Failed(&diags, path.Root("storage_class"), "Unable to find the storage class", err)
		}
	}
	diags.Append(r.lookForVolumes(ctx, w, hardware, have)...)
	diags.Append(r.lookForDiscs(ctx, w, hardware, have)...)
	written, _ := spec.Interfaces.Get()
	interfaces, _ := spec.EffectiveInterfaces().Get()
	for i, nic := range interfaces {
		name, named := nic.Name.Get()
		if !named || nic.Network.IsUnknown() {
			continue
		}
		found, err := r.backend.Inventory.Network(ctx, w.namespace, nic.Network.Or(""))
		if err != nil {
			at := path.Root("network")
			if len(written) > 0 {
				at = at.AtName("interface").AtListIndex(i).AtName("network").AtName("name")
			}
			backend.Failed(&diags, at, "Unable to find the network of interface "+name, err)
			continue
		}
		w.networks[name] = found
	}
	return w, diags
}

// lookForVolumes finds the storage policies of volumes.
func (r *Resource) lookForVolumes(ctx context.Context, w *world, hardware *hardwareSpec, have holdings) diag.Diagnostics {
	var diags diag.Diagnostics
	volumes, _ := hardware.Volumes.Get()
	for i := range volumes {
		name, named := volumes[i].Name.Get()
		class, written := volumes[i].StorageClass.Get()
		if !named || !written {
			continue
		}
		policy, err := r.backend.Inventory.StoragePolicy(ctx, class)
		if have.bound(name, class) && errors.Is(err, vsphere.ErrNotFound) {
			w.lost.volumes[name] = err
			continue
		}
		if err != nil {
			// Not at its storage_class: of a dynamic block a CLI finds the machine's instead.
			backend.Failed(&diags, path.Root("volume").AtListIndex(i), fmt.Sprintf("Unable to find the storage class of the volume %q", name), err)
			continue
		}
		w.volumes[name] = &policy
	}
	return diags
}

// lookForDiscs finds the images in CD-ROM drives, which have to be ISO images.
func (r *Resource) lookForDiscs(ctx context.Context, w *world, hardware *hardwareSpec, have holdings) diag.Diagnostics {
	var diags diag.Diagnostics
	drives, _ := hardware.CDROMs.Get()
	for i := range drives {
		name, named := drives[i].Name.Get()
		id, written := drives[i].ImageName.Get()
		if !named || !written || drives[i].ImageKind.IsUnknown() {
			continue
		}
		at := path.Root("hardware").AtName("cdrom").AtListIndex(i).AtName("image")
		kind := image.Kind(drives[i].ImageKind.Or(string(image.VirtualMachineImage)))
		found, _, err := r.backend.Images.Image(ctx, r.backend.Scopes(w.configured), library.Query{Name: id, Kind: kind})
		if have.holds(id) && errors.Is(err, image.ErrNotFound) {
			w.lost.discs[name] = err
			continue
		}
		if err != nil {
			backend.Failed(&diags, at, imageErrorSummary(err), err)
			continue
		}
		if found.Status.Type != image.TypeISO {
			diags.AddAttributeError(at, "A CD-ROM drive holds an ISO image",
				fmt.Sprintf("%q (%s, library %q) is of the type %s. Name an image of the type %s.", found.DisplayName, found.ID, found.LibraryName, found.Status.Type, image.TypeISO))
			continue
		}
		diags.Append(ready(&found, at)...)
		w.discs[name] = &found
	}
	return diags
}

// ready refuses an image whose content cannot be used.
func ready(found *image.Image, at path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	if ok, reason, message := found.Status.Ready(); !ok {
		diags.AddAttributeError(at, "The image is not ready",
			fmt.Sprintf("%q (%s, library %q) cannot be deployed: %s (%s). Repair the library item, or use another image.",
				found.DisplayName, found.ID, found.LibraryName, message, reason))
	}
	return diags
}
