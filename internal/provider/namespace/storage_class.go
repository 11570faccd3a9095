package namespace

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
)

var _ datasource.DataSourceWithConfigure = (*StorageClass)(nil)

// StorageClass is the data source vmoperator_storage_class: one storage class.
type StorageClass struct {
	source
}

// NewStorageClass returns the data source.
func NewStorageClass() datasource.DataSource { return new(StorageClass) }

// Metadata implements datasource.DataSource.
func (d *StorageClass) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_storage_class"
}

// Schema implements datasource.DataSource.
func (d *StorageClass) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"namespace": namespaceArgument(""),
		"name": nameArgument("Name of the storage class, as `storage_class` of a machine has it: the name of a storage policy, or its name in lower case and hyphenated. " +
			"Default: the namespace's `default_storage_class`."),
		"storage_class_name": text("The name that VM Operator has for the storage class: the storage policy's in lower case and hyphenated, such as `vsan-default-storage-policy`."),
	}
	maps.Copy(attributes, storageAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "One storage class: a storage policy of vCenter, with the datastores that it can use in a namespace.",
		Attributes:          attributes,
	}
}

type storageSourceModel struct {
	Namespace types.String `tfsdk:"namespace"`
	ClassName types.String `tfsdk:"storage_class_name"`
	storageModel
}

// Read implements datasource.DataSource.
func (d *StorageClass) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name, named types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, namePath, &name)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, namespacePath, &named)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, ok := d.namespace(ctx, named, &resp.Diagnostics)
	if !ok {
		return
	}
	if name.IsNull() {
		if namespace.DefaultStorageClass == "" {
			resp.Diagnostics.AddAttributeError(namePath, "No default storage class",
				fmt.Sprintf("Namespace %q has no default_storage_class, and no name says which one is meant. Set name, or default_storage_class of the provider's namespace block.", namespace.Name))
			return
		}
		name = types.StringValue(namespace.DefaultStorageClass)
	}
	policy, err := d.backend.Inventory.StoragePolicy(ctx, name.ValueString())
	if err != nil {
		backend.Failed(&resp.Diagnostics, namePath, "Unable to find the storage class", err)
		return
	}
	standard, ok := d.standard(ctx, namespace, &resp.Diagnostics)
	if !ok {
		return
	}
	datastores, err := d.backend.Inventory.DatastoresFor(ctx, namespace, policy)
	if err != nil {
		backend.Failed(&resp.Diagnostics, namePath, "Unable to find the datastores of the storage class", err)
		return
	}
	model := storageSourceModel{Namespace: types.StringValue(namespace.Name), ClassName: types.StringValue(policy.ClassName)}
	model.storageModel = newStorageModel(policy, datastores[0], policy.ID == standard)
	model.Name = name
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// standard is the id of the storage policy of machines that name none; empty where there is no
// such policy, which is a matter of who needs it.
func (s *source) standard(ctx context.Context, namespace inventory.Namespace, diags *diag.Diagnostics) (string, bool) {
	if namespace.DefaultStorageClass == "" {
		return "", true
	}
	policy, err := s.backend.Inventory.StoragePolicy(ctx, namespace.DefaultStorageClass)
	if errors.Is(err, vsphere.ErrNotFound) || errors.Is(err, vsphere.ErrAmbiguous) {
		return "", true
	}
	if err != nil {
		backend.Failed(diags, namespacePath, "Unable to find the default storage class of the namespace", err)
		return "", false
	}
	return policy.ID, true
}
