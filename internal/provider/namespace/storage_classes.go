package namespace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
)

var _ datasource.DataSourceWithConfigure = (*StorageClasses)(nil)

// StorageClasses is the data source vmoperator_storage_classes: all storage classes.
type StorageClasses struct {
	source
}

// NewStorageClasses returns the data source.
func NewStorageClasses() datasource.DataSource { return new(StorageClasses) }

// Metadata implements datasource.DataSource.
func (d *StorageClasses) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_storage_classes"
}

// Schema implements datasource.DataSource.
func (d *StorageClasses) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := storageAttributes()
	attributes["name"] = text("The name that VM Operator has for the storage class: the storage policy's in lower case and hyphenated, such as `vsan-default-storage-policy`. " +
		"Where two policies come to the same, `storage_class` of a machine takes the policy's own name.")
	resp.Schema = schema.Schema{
		MarkdownDescription: "The storage classes: the storage policies of vCenter, each with the datastores that it can use in a namespace. One that can use none there is in the list, without datastores. " +
			"Each policy costs a request to vCenter.",
		Attributes: map[string]schema.Attribute{
			"namespace":       namespaceArgument(""),
			"storage_classes": objects("Storage classes, ordered by the names of their storage policies.", attributes),
		},
	}
}

type storageClassesModel struct {
	Namespace      types.String   `tfsdk:"namespace"`
	StorageClasses []storageModel `tfsdk:"storage_classes"`
}

// Read implements datasource.DataSource.
func (d *StorageClasses) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model storageClassesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, ok := d.namespace(ctx, model.Namespace, &resp.Diagnostics)
	if !ok {
		return
	}
	policies, err := d.backend.Inventory.StoragePolicies(ctx)
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to list the storage classes", err)
		return
	}
	standard, ok := d.standard(ctx, namespace, &resp.Diagnostics)
	if !ok {
		return
	}
	datastores, err := d.backend.Inventory.DatastoresFor(ctx, namespace, policies...)
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to find the datastores of the storage classes", err)
		return
	}
	model.Namespace = types.StringValue(namespace.Name)
	model.StorageClasses = make([]storageModel, len(policies))
	for i, policy := range policies {
		model.StorageClasses[i] = newStorageModel(policy, datastores[i], policy.ID == standard)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
