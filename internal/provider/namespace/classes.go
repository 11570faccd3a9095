package namespace

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
)

var _ datasource.DataSourceWithConfigure = (*Classes)(nil)

// Classes is the data source vmoperator_virtual_machine_classes: all classes.
type Classes struct {
	source
}

// NewClasses returns the data source.
func NewClasses() datasource.DataSource { return new(Classes) }

// Metadata implements datasource.DataSource.
func (d *Classes) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_virtual_machine_classes"
}

// Schema implements datasource.DataSource.
func (d *Classes) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := classAttributes()
	attributes["name"] = text("Name of the class, as `class_name` of a machine has it.")
	resp.Schema = schema.Schema{
		MarkdownDescription: "The virtual machine classes: the `virtual_machine_class` blocks of the provider, and those classes of vCenter that have other names. " +
			"A class of which no machine can be made is in the list, with the reason in its conditions.",
		Attributes: map[string]schema.Attribute{
			"namespace": namespaceArgument(everywhere),
			"classes":   objects("Classes, ordered by name.", attributes),
		},
	}
}

type classesModel struct {
	Namespace types.String `tfsdk:"namespace"`
	Classes   []classModel `tfsdk:"classes"`
}

// Read implements datasource.DataSource.
func (d *Classes) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model classesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, ok := d.configured(model.Namespace, &resp.Diagnostics)
	if !ok {
		return
	}
	classes, err := d.backend.Inventory.Classes(ctx, d.backend.Classes)
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to list the classes", err)
		return
	}
	model.Namespace = types.StringValue(namespace.Name)
	model.Classes = make([]classModel, len(classes))
	for i := range classes {
		if model.Classes[i], err = newClassModel(ctx, &classes[i], d.backend.Inventory); err != nil {
			backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to list the classes", err)
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
