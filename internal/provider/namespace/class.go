package namespace

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
)

var _ datasource.DataSourceWithConfigure = (*Class)(nil)

// everywhere says what a namespace is to classes.
const everywhere = " Classes are the same in every namespace; one that does not exist is an error."

// Class is the data source vmoperator_virtual_machine_class: one class.
type Class struct {
	source
}

// NewClass returns the data source.
func NewClass() datasource.DataSource { return new(Class) }

// Metadata implements datasource.DataSource.
func (d *Class) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_virtual_machine_class"
}

// Schema implements datasource.DataSource.
func (d *Class) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"namespace": namespaceArgument(everywhere),
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Name of the class, as `class_name` of a machine has it.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	}
	maps.Copy(attributes, classAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "One virtual machine class: a `virtual_machine_class` block of the provider, or else a class of vCenter.",
		Attributes:          attributes,
	}
}

type classSourceModel struct {
	Namespace types.String `tfsdk:"namespace"`
	classModel
}

// Read implements datasource.DataSource.
func (d *Class) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name, named types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, namePath, &name)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, namespacePath, &named)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, ok := d.configured(named, &resp.Diagnostics)
	if !ok {
		return
	}
	class, err := d.backend.Inventory.DescribeClass(ctx, d.backend.Classes, name.ValueString())
	if err != nil {
		backend.Failed(&resp.Diagnostics, namePath, "Unable to find the class", err)
		return
	}
	shown, err := newClassModel(ctx, &class, d.backend.Inventory)
	if err != nil {
		backend.Failed(&resp.Diagnostics, namePath, "Unable to read the class", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &classSourceModel{Namespace: types.StringValue(namespace.Name), classModel: shown})...)
}
