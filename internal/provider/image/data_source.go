// Package image holds the resource and the data sources of virtual machine images.
package image

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

var (
	_ datasource.DataSourceWithConfigure        = (*DataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*DataSource)(nil)
)

// DataSource is the data source vmoperator_virtual_machine_image: one image.
type DataSource struct {
	source
}

// NewDataSource returns the data source.
func NewDataSource() datasource.DataSource { return new(DataSource) }

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_virtual_machine_image"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := imageAttributes()
	attributes["namespace"] = namespaceArgument("Namespace to look from. Default: the provider's `default_namespace`. Of a `ClusterVirtualMachineImage`, it is where was looked from.")
	attributes["image_name"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Display name or VMI ID of the image. Exactly one of this and `name`. The `name` of a `vmoperator_virtual_machine_image` resource is no VMI ID: its `image.name` is.",
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1), isImageName{}},
	}
	attributes["kind"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: kindDescription + " Needed with `name`.",
		Validators:          []validator.String{isKind()},
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "VMI ID of the image.",
		Validators:          []validator.String{isVMIID{}, stringvalidator.AlsoRequires(path.MatchRoot("kind"))},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One image that a namespace can deploy, found by display name or VMI ID.",
		Attributes:          attributes,
	}
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *DataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("image_name"), path.MatchRoot("name")),
	}
}

type dataSourceModel struct {
	ImageName types.String `tfsdk:"image_name"`
	imageModel
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace := d.namespace(config.Namespace, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	query, at := library.Query{Name: config.ImageName.ValueString(), Kind: image.Kind(config.Kind.ValueString()), Argument: "image_name"}, path.Root("image_name")
	if config.ImageName.IsNull() {
		query.Name, query.Argument, at = config.Name.ValueString(), "name", path.Root("name")
	}
	found, warnings, err := d.backend.Images.Image(ctx, d.backend.Scopes(namespace), query)
	if err != nil {
		backend.Failed(&resp.Diagnostics, at, "Unable to find the image", err)
		return
	}
	for _, warning := range warnings {
		resp.Diagnostics.AddAttributeWarning(at, warning.Summary, warning.Detail)
	}
	state := dataSourceModel{ImageName: config.ImageName, imageModel: newImageModel(namespace.Name, &found)}
	if !config.Name.IsNull() {
		state.Name = config.Name
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}
