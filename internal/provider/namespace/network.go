package namespace

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

var _ datasource.DataSourceWithConfigure = (*Network)(nil)

// Network is the data source vmoperator_network: one network.
type Network struct {
	source
}

// NewNetwork returns the data source.
func NewNetwork() datasource.DataSource { return new(Network) }

// Metadata implements datasource.DataSource.
func (d *Network) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_network"
}

// Schema implements datasource.DataSource.
func (d *Network) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"namespace": namespaceArgument(""),
		"name": nameArgument("Name of the network, as `network` of an interface has it: its name or inventory path, or a distributed port group below its switch, such as `DVS0/backend`. " +
			"Default: the network of interfaces that name none."),
	}
	maps.Copy(attributes, networkAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "One network that machines of a namespace can be connected to, with its Network Protocol Profile.",
		Attributes:          attributes,
	}
}

type networkSourceModel struct {
	Namespace types.String `tfsdk:"namespace"`
	networkModel
}

// Read implements datasource.DataSource.
func (d *Network) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
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
	network, err := d.backend.Inventory.Network(ctx, namespace, name.ValueString())
	if err != nil {
		backend.Failed(&resp.Diagnostics, namePath, "Unable to find the network", err)
		return
	}
	facts, err := d.facts(ctx, namespace, network)
	if err != nil {
		backend.Failed(&resp.Diagnostics, namePath, "Unable to read the network", err)
		return
	}
	profile, ok, err := d.backend.Pools.Profile(ctx, network.Reference())
	if err != nil {
		backend.Failed(&resp.Diagnostics, namePath, "Unable to read the Network Protocol Profile of the network", err)
		return
	}
	if ok {
		facts.profiles = map[string]ippool.Profile{network.ID: profile}
	}
	model := networkSourceModel{Namespace: types.StringValue(namespace.Name), networkModel: newNetworkModel(&network, facts)}
	if !name.IsNull() {
		model.Name = name
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// facts reads what is known of networks, apart from their profiles.
func (s *source) facts(ctx context.Context, namespace inventory.Namespace, networks ...inventory.Network) (*networkFacts, error) {
	vlans, err := s.backend.Inventory.VLANs(ctx, networks...)
	if err != nil {
		return nil, err
	}
	sriov, err := s.backend.Inventory.SRIOV(ctx, namespace, networks...)
	if err != nil {
		return nil, err
	}
	return &networkFacts{vlans: vlans, sriov: sriov}, nil
}
