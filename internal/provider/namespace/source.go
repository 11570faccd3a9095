// Package namespace holds the data sources of what a namespace offers: virtual machine classes,
// storage classes and networks.
package namespace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

var (
	namespacePath = path.Root("namespace")
	namePath      = path.Root("name")
)

// source is what the data sources have in common: they look from a namespace.
type source struct {
	backend *backend.Backend
}

// Configure implements datasource.DataSourceWithConfigure.
func (s *source) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	configured, diags := backend.From(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	s.backend = configured
}

// configured returns the namespace to look from as it was configured: the one that was named,
// else the provider's default.
func (s *source) configured(named types.String, diags *diag.Diagnostics) (backend.Namespace, bool) {
	if s.backend == nil || s.backend.Deferred {
		diags.AddError("The provider is not configured",
			"The provider's configuration is not known yet, and what a namespace offers is looked up in vCenter. Apply what the configuration depends on first, or add depends_on so that the data source is read during apply.")
		return backend.Namespace{}, false
	}
	name := named.ValueString()
	if named.IsNull() {
		name = s.backend.DefaultNamespace
	}
	namespace, err := s.backend.Namespace(name)
	if err != nil {
		diags.AddAttributeError(namespacePath, "No such namespace", backend.Sentence(err.Error()))
		return backend.Namespace{}, false
	}
	return namespace, true
}

// namespace returns the namespace to look from with what it is made of, found in vCenter.
func (s *source) namespace(ctx context.Context, named types.String, diags *diag.Diagnostics) (inventory.Namespace, bool) {
	configured, ok := s.configured(named, diags)
	if !ok {
		return inventory.Namespace{}, false
	}
	namespace, err := s.backend.Inventory.Namespace(ctx, configured.NamespaceSpec)
	if err != nil {
		backend.Failed(diags, namespacePath, "Unable to find what the namespace is made of", err)
		return inventory.Namespace{}, false
	}
	return namespace, true
}

// namespaceArgument is the namespace to look from.
func namespaceArgument(more string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Namespace to look from. Default: the provider's `default_namespace`." + more,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// nameArgument is what to look for.
func nameArgument(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, MarkdownDescription: description,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func texts(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func flag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func object(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: attributes}
}

func objects(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}
