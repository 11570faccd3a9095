package image

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
)

// source is what the data sources of images have in common: they look from a namespace.
type source struct {
	backend *backend.Backend
}

// Configure implements datasource.DataSourceWithConfigure.
func (s *source) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	configured, diags := backend.From(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	s.backend = configured
}

// namespace returns the namespace to look from: the configured one, else the provider's
// default. Errors are in diags.
func (s *source) namespace(configured types.String, diags *diag.Diagnostics) backend.Namespace {
	if s.backend == nil || s.backend.Deferred {
		diags.AddError("The provider is not configured",
			"The provider's configuration is not known yet, and images are looked up in vCenter. Apply what the configuration depends on first, or add depends_on so that the data source is read during apply.")
		return backend.Namespace{}
	}
	name := configured.ValueString()
	if configured.IsNull() {
		name = s.backend.DefaultNamespace
	}
	namespace, err := s.backend.Namespace(name)
	if err != nil {
		diags.AddAttributeError(path.Root("namespace"), "No such namespace", err.Error())
	}
	return namespace
}

// namespaceArgument is the namespace to look from.
func namespaceArgument(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: description,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// kindDescription says what the kinds of images are.
const kindDescription = "`VirtualMachineImage` for an image of the namespace's own libraries, `ClusterVirtualMachineImage` for one of the shared libraries."

// isKind accepts the kinds of images.
func isKind() validator.String {
	var kinds []string
	for _, kind := range image.Kinds() {
		kinds = append(kinds, string(kind))
	}
	return stringvalidator.OneOf(kinds...)
}
