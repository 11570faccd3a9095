package image

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
)

var _ datasource.DataSourceWithConfigure = (*DataSources)(nil)

// DataSources is the data source vmoperator_virtual_machine_images: the images that a
// namespace sees.
type DataSources struct {
	source
}

// NewDataSources returns the data source.
func NewDataSources() datasource.DataSource { return new(DataSources) }

// Metadata implements datasource.DataSource.
func (d *DataSources) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_virtual_machine_images"
}

// Schema implements datasource.DataSource.
func (d *DataSources) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := imageAttributes()
	attributes["kind"] = text(kindDescription)
	attributes["name"] = text("VMI ID of the image.")
	attributes["namespace"] = text("Namespace that was looked from, also of a `ClusterVirtualMachineImage`.")
	resp.Schema = schema.Schema{
		MarkdownDescription: "The images that a namespace can deploy, all or those that labels select. An image that is not ready is in the list, with the reason in its conditions.",
		Attributes: map[string]schema.Attribute{
			"namespace": namespaceArgument("Namespace to look from. Default: the provider's `default_namespace`."),
			"kind": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: kindDescription + " Default: images of both kinds.",
				Validators:          []validator.String{isKind()},
			},
			"label_selector": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Labels of the images, as a Kubernetes label selector, such as `" + image.LabelOSType + "=Linux," + image.LabelCapability + "cloud-init`. " +
					"Requirements are `key`, `!key`, `key=value`, `key!=value`, `key in (a,b)`, `key notin (a,b)`, and `key>1` and `key<1` for whole numbers; an image has to meet all of them. Default: all images.",
				Validators: []validator.String{isLabelSelector{}},
			},
			"images": objects("Images, ordered by kind, display name and VMI ID.", attributes),
		},
	}
}

type dataSourcesModel struct {
	Namespace     types.String `tfsdk:"namespace"`
	Kind          types.String `tfsdk:"kind"`
	LabelSelector types.String `tfsdk:"label_selector"`
	Images        types.List   `tfsdk:"images"`
}

// Read implements datasource.DataSource.
func (d *DataSources) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dataSourcesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace := d.namespace(model.Namespace, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	var kinds []image.Kind
	if !model.Kind.IsNull() {
		kinds = append(kinds, image.Kind(model.Kind.ValueString()))
	}
	listed, warnings, err := d.backend.Images.List(ctx, d.backend.Scopes(namespace), kinds...)
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to list the images", err)
		return
	}
	for _, warning := range warnings {
		resp.Diagnostics.AddWarning(warning.Summary, backend.Sentence(warning.Detail))
	}
	selected, err := image.Select(model.LabelSelector.ValueString(), listed)
	if err != nil {
		resp.Diagnostics.Append(badSelector(path.Root("label_selector"), err))
		return
	}
	model.Namespace = types.StringValue(namespace.Name)
	model.Images = newImageList(namespace.Name, selected)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
