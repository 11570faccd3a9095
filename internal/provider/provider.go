// Package provider is the Terraform provider vmoperator: its schema, its configuration and
// the registry of what it offers.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	tffunction "github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/function"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/namespace"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/virtualmachine"
)

const (
	// Address is where registries have the provider.
	Address = "registry.terraform.io/vmoperator/vmoperator"
	// TypeName is the prefix of its resources and data sources.
	TypeName = "vmoperator"
)

var (
	_ provider.Provider                   = (*vmoperator)(nil)
	_ provider.ProviderWithFunctions      = (*vmoperator)(nil)
	_ provider.ProviderWithValidateConfig = (*vmoperator)(nil)
)

type vmoperator struct {
	version  string
	sessions *Sessions
}

// New returns a factory of providers of the given version. The sessions that they open are
// kept in sessions, for the process to close when it ends.
func New(version string, sessions *Sessions) func() provider.Provider {
	return func() provider.Provider { return &vmoperator{version: version, sessions: sessions} }
}

// Metadata implements provider.Provider.
func (p *vmoperator) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = TypeName
	resp.Version = p.version
}

// Resources implements provider.Provider.
func (p *vmoperator) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{virtualmachine.NewResource, image.NewResource}
}

// DataSources implements provider.Provider.
func (p *vmoperator) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		image.NewDataSource, image.NewDataSources,
		namespace.NewClass, namespace.NewClasses,
		namespace.NewStorageClass, namespace.NewStorageClasses,
		namespace.NewNetwork, namespace.NewNetworks,
		virtualmachine.NewDataSource,
	}
}

// Functions implements provider.ProviderWithFunctions.
func (p *vmoperator) Functions(context.Context) []func() tffunction.Function {
	return []func() tffunction.Function{function.NewVMIID}
}
