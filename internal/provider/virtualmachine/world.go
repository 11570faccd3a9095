package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

// world is what a machine's configuration refers to in vCenter, found.
type world struct {
	configured backend.Namespace
	namespace  inventory.Namespace
	// class is nil for a machine that keeps its image's size.
	class *inventory.Class
	// policy is nil for a machine without storage class.
	policy *inventory.StoragePolicy
	// networks by interface name. Interfaces whose network is not known yet are missing.
	networks map[string]inventory.Network
}

// look finds what a configuration refers to. What is not known yet is left out; what does not
// exist or is ambiguous is an error at its attribute.
func (r *Resource) look(ctx context.Context, m *model, spec network.Spec) (*world, diag.Diagnostics) {
	var diags diag.Diagnostics
	w := &world{networks: map[string]inventory.Network{}}
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
		class, err := r.backend.Inventory.Class(ctx, r.backend.Classes, name.ValueString())
		if err != nil {
			backend.Failed(&diags, path.Root("class_name"), "Unable to find the class", err)
		}
		if err == nil && class.ConfigSpec != nil && len(class.ConfigSpec.DeviceChange) > 0 {
			diags.AddAttributeError(path.Root("class_name"), "The class has devices",
				fmt.Sprintf("vCenter's class %q gives a machine PCI devices or vGPUs, and this provider gives it only CPUs and memory. Use a class without devices.", class.Name))
		}
		w.class = &class
	}
	if name := m.StorageClass; !name.IsNull() && !name.IsUnknown() {
		policy, err := r.backend.Inventory.StoragePolicy(ctx, name.ValueString())
		if err != nil {
			backend.Failed(&diags, path.Root("storage_class"), "Unable to find the storage class", err)
		}
		w.policy = &policy
	}
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
