package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

var (
	_ datasource.DataSourceWithConfigure        = (*DataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*DataSource)(nil)
)

// DataSource is the data source vmoperator_virtual_machine: the status of any machine, managed by
// this provider or not.
type DataSource struct {
	backend *backend.Backend
}

// NewDataSource returns the data source.
func NewDataSource() datasource.DataSource { return new(DataSource) }

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_virtual_machine"
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	configured, diags := backend.From(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	d.backend = configured
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *DataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("name"), path.MatchRoot("instance_uuid")),
		datasourcevalidator.Conflicting(path.MatchRoot("namespace"), path.MatchRoot("instance_uuid")),
	}
}

type sourceModel struct {
	Namespace    types.String `tfsdk:"namespace"`
	Name         types.String `tfsdk:"name"`
	InstanceUUID types.String `tfsdk:"instance_uuid"`
	Path         types.String `tfsdk:"path"`
	Folder       types.String `tfsdk:"folder"`
	ResourcePool types.String `tfsdk:"resource_pool"`
	StorageClass types.String `tfsdk:"storage_class"`
	Status       types.Object `tfsdk:"status"`
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m sourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if d.backend == nil || d.backend.Deferred {
		resp.Diagnostics.AddError("The provider is not configured",
			"The provider's configuration is not known yet, and virtual machines are looked up in vCenter. Apply what the configuration depends on first, or add depends_on so that the data source is read during apply.")
		return
	}
	o := d.find(ctx, &m, &resp.Diagnostics)
	if o == nil {
		return
	}
	if err := d.place(ctx, &m, o); err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to find out where the virtual machine is", err)
		return
	}
	m.InstanceUUID, m.Path = types.StringValue(o.InstanceUUID), types.StringValue(o.Path)
	if m.Name.IsNull() {
		m.Name = types.StringValue(o.Name)
	}
	status, diags := d.status(ctx, o)
	resp.Diagnostics.Append(diags...)
	m.Status = status
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// find observes the machine that is meant, and fills in the namespace that a name was looked for
// from. It is nil after an error.
func (d *DataSource) find(ctx context.Context, m *sourceModel, diags *diag.Diagnostics) *machine.Observation {
	if !m.InstanceUUID.IsNull() {
		o, err := d.backend.Machines.ObserveByID(ctx, machine.Ref{}, m.InstanceUUID.ValueString())
		if err != nil {
			backend.Failed(diags, path.Root("instance_uuid"), "Unable to find the virtual machine", err)
			return nil
		}
		return o
	}
	if m.Namespace.IsNull() {
		m.Namespace = types.StringValue(d.backend.DefaultNamespace)
	}
	configured, err := d.backend.Namespace(m.Namespace.ValueString())
	if err != nil {
		diags.AddAttributeError(namespacePath, "No such namespace", backend.Sentence(err.Error()))
		return nil
	}
	namespace, err := d.backend.Inventory.Namespace(ctx, configured.NamespaceSpec)
	if err != nil {
		backend.Failed(diags, namespacePath, "Unable to find what the namespace is made of", err)
		return nil
	}
	ref, err := d.backend.Inventory.VirtualMachine(ctx, namespace, m.Name.ValueString())
	if err != nil {
		backend.Failed(diags, namePath, "Unable to find the virtual machine", err)
		return nil
	}
	o, err := d.backend.Machines.Observe(ctx, ref)
	if err != nil {
		backend.Failed(diags, namePath, "Unable to read the virtual machine", err)
		return nil
	}
	return o
}
