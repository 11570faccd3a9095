package image

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// The times that operations may take where the timeouts block does not say. An upload takes as
// long as the file is large.
const (
	createTimeout = 2 * time.Hour
	readTimeout   = 5 * time.Minute
	updateTimeout = 2 * time.Hour
	deleteTimeout = 10 * time.Minute
)

// Paths that plans and diagnostics name.
var (
	idPath         = path.Root("id")
	libraryPath    = path.Root("content_library")
	namePath       = path.Root("name")
	namespacePath  = path.Root("namespace")
	sourcePath     = path.Root("source")
	filePath       = sourcePath.AtName("file")
	urlPath        = sourcePath.AtName("url")
	checksumPath   = sourcePath.AtName("checksum")
	thumbprintPath = sourcePath.AtName("ssl_thumbprint")
	machinePath    = sourcePath.AtName("virtual_machine")
)

// Resource is the resource vmoperator_virtual_machine_image: an item of a content library and
// what it was made of.
type Resource struct {
	backend *backend.Backend
}

// NewResource returns the resource.
func NewResource() resource.Resource { return new(Resource) }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_virtual_machine_image"
}

// Configure implements resource.ResourceWithConfigure.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	configured, diags := backend.From(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.backend = configured
}

// uploadsOf are the uploads of a provider. Tests have them wait less.
var uploadsOf = (*library.Catalogue).Uploads

func (r *Resource) uploads() *library.Uploads { return uploadsOf(r.backend.Images) }

// connected adds an error where vCenter is needed and not known yet.
func (r *Resource) connected(diags *diag.Diagnostics) bool {
	if r.backend == nil || r.backend.Deferred {
		diags.AddError("The provider is not configured", "The provider's configuration is not known, and vCenter is needed now. Apply what it depends on first.")
		return false
	}
	return true
}
