package image

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// ImportState implements resource.ResourceWithImportState: by the id of the library item, as
// import id or as identity, or by its VMI ID.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := strings.TrimSpace(req.ID)
	switch {
	case req.ID == "", uuidPattern.MatchString(id):
		req.ID = strings.ToLower(id)
	case image.IsID(id):
		vmi, err := image.ParseID(id)
		if err != nil {
			resp.Diagnostics.AddError("Not a VMI ID", backend.Sentence(err.Error()))
			return
		}
		if !r.connected(&resp.Diagnostics) {
			return
		}
		found, _, err := r.backend.Images.Resolve(ctx, r.scopes(types.StringValue(r.backend.DefaultNamespace)), library.Query{Name: vmi.String(), Argument: "the import id"})
		if err != nil {
			backend.Failed(&resp.Diagnostics, idPath, "Unable to find the image", err)
			return
		}
		req.ID = found.ItemID
	default:
		resp.Diagnostics.AddError("Not the id of an image", fmt.Sprintf(
			"An image is imported by the id of its content library item, such as e1968c25-dd84-4506-8dc7-9beacb6b688e, or by its VMI ID, such as vmi-0a0044d7c690bcbea, and %q is neither. "+
				"The data source vmoperator_virtual_machine_image shows both.", req.ID))
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, idPath, idPath, req, resp)
}
