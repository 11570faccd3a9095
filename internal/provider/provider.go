// Package provider is the Terraform provider vmoperator: its schema, its configuration and
// the registry of what it offers.
package provider

import (
	"context"
	"os"

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
	version     string
	sessions    *Sessions
	environment environment
}

// Option changes what New makes.
type Option func(*vmoperator)

// WithEnvironment looks the variables that stand for what is not configured up in lookup, which is empty for a variable
// that is not set, and not in the environment: a process has only one, and may serve providers of several vCenters.
func WithEnvironment(lookup func(variable string) string) Option {
	return func(p *vmoperator) { p.environment = lookup }
}

// New returns a factory of providers of the given version. The sessions that they open are
// kept in sessions, for the process to close when it ends.
func New(version string, sessions *Sessions, options ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &vmoperator{version: version, sessions: sessions, environment: os.Getenv}
		for _, option := range options {
			option(p)
		}
		return p
	}
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
