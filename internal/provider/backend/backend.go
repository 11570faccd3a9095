// Package backend is what the configured provider hands to its resources and data sources:
// vCenter, and the namespaces and classes that the configuration describes.
package backend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// DefaultNamespace exists without a namespace block.
const DefaultNamespace = "default"

// Namespace is a namespace as it was configured.
type Namespace struct {
	inventory.NamespaceSpec
	// ContentLibraries are the names or ids of the namespace's own libraries.
	ContentLibraries []string
}

// Backend is the configured provider.
type Backend struct {
	// Deferred says that the provider's configuration is not known yet. Nothing else is set
	// then: what needs vCenter has to wait for apply.
	Deferred bool

	Client    *vsphere.Client
	Images    *library.Catalogue
	Inventory *inventory.Inventory
	Machines  *machine.Service
	// Pools are the Network Protocol Profiles of the datacenter.
	Pools *ippool.Pools

	// DefaultNamespace is the namespace of machines and images that name none.
	DefaultNamespace string
	// Namespaces are the configured ones, by name.
	Namespaces map[string]Namespace
	// ClusterLibraries are the names or ids of the libraries of cluster images; nil for
	// every library that no namespace names.
	ClusterLibraries []string
	// NamingStrategies say how content libraries name their images, by the libraries' names or
	// ids; those that are not there do by the ids of their items.
	NamingStrategies map[string]image.NamingStrategy
	// Classes are the configured classes.
	Classes []inventory.Class
}

// New returns a Backend over a client.
func New(client *vsphere.Client) *Backend {
	return &Backend{
		Client:    client,
		Images:    library.New(client),
		Inventory: inventory.New(client),
		Machines:  machine.New(client),
		Pools:     ippool.New(client),
	}
}

// From takes the backend out of a resource's or data source's configure request. It is nil
// before the provider is configured, as it is during validation.
func From(data any) (*Backend, diag.Diagnostics) {
	var diags diag.Diagnostics
	if data == nil {
		return nil, diags
	}
	backend, ok := data.(*Backend)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("A %T was passed where a %T is expected. Please report this to the provider's developers.", data, backend))
	}
	return backend, diags
}

// Namespace returns a configured namespace, or the one that is always there.
func (b *Backend) Namespace(name string) (Namespace, error) {
	if namespace, ok := b.Namespaces[name]; ok {
		return namespace, nil
	}
	if name == DefaultNamespace {
		return Namespace{NamespaceSpec: inventory.NamespaceSpec{Name: name}}, nil
	}
	names := make([]string, 0, len(b.Namespaces)+1)
	for configured := range b.Namespaces {
		names = append(names, fmt.Sprintf("%q", configured))
	}
	if _, ok := b.Namespaces[DefaultNamespace]; !ok {
		names = append(names, fmt.Sprintf("%q", DefaultNamespace))
	}
	slices.Sort(names)
	return Namespace{}, fmt.Errorf("%w: the provider has no namespace %q, only %s. Add a namespace block of that name to the provider's configuration, or use one of these",
		vsphere.ErrNotFound, name, strings.Join(names, ", "))
}

// Scopes says which libraries an image of a namespace may come from.
func (b *Backend) Scopes(namespace Namespace) library.Scopes {
	scopes := library.Scopes{
		Namespace:          namespace.Name,
		NamespaceLibraries: namespace.ContentLibraries,
		ClusterLibraries:   b.ClusterLibraries,
		NamingStrategies:   b.NamingStrategies,
	}
	for _, other := range b.Namespaces {
		if other.Name != namespace.Name {
			scopes.OtherLibraries = append(scopes.OtherLibraries, other.ContentLibraries...)
		}
	}
	slices.Sort(scopes.OtherLibraries)
	return scopes
}
