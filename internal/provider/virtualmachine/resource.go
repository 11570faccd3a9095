// Package virtualmachine is the resource vmoperator_virtual_machine: it moves values between
// Terraform and the packages that know what they mean.
package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
)

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// Resource is the resource vmoperator_virtual_machine.
type Resource struct {
	backend *backend.Backend
}

// NewResource returns the resource.
func NewResource() resource.Resource { return new(Resource) }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_virtual_machine"
}

// Configure implements resource.ResourceWithConfigure.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	configured, diags := backend.From(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.backend = configured
}
