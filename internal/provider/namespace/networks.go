package namespace

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

var _ datasource.DataSourceWithConfigure = (*Networks)(nil)

// Networks is the data source vmoperator_networks: the networks of a namespace.
type Networks struct {
	source
}

// NewNetworks returns the data source.
func NewNetworks() datasource.DataSource { return new(Networks) }

// Metadata implements datasource.DataSource.
func (d *Networks) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_networks"
}

// Schema implements datasource.DataSource.
func (d *Networks) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := networkAttributes()
	attributes["name"] = text("Name of the network. Where another network has it, `path` tells them apart.")
	resp.Schema = schema.Schema{
		MarkdownDescription: "The networks that machines of a namespace can be connected to, because a host of its cluster is, each with its Network Protocol Profile.",
		Attributes: map[string]schema.Attribute{
			"namespace": namespaceArgument(""),
			"networks":  objects("Networks, ordered by inventory path.", attributes),
		},
	}
}

type networksModel struct {
	Namespace types.String   `tfsdk:"namespace"`
	Networks  []networkModel `tfsdk:"networks"`
}

// Read implements datasource.DataSource.
func (d *Networks) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	const unable = "Unable to list the networks"
	var model networksModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, ok := d.namespace(ctx, model.Namespace, &resp.Diagnostics)
	if !ok {
		return
	}
	networks, err := d.backend.Inventory.Networks(ctx, namespace)
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), unable, err)
		return
	}
	facts, err := d.facts(ctx, namespace, networks...)
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), unable, err)
		return
	}
	facts.profiles = make(map[string]ippool.Profile)
	for i := range networks {
		profile, ok, err := d.backend.Pools.Profile(ctx, networks[i].Reference())
		switch {
		case errors.Is(err, vsphere.ErrInvalidArgument), errors.Is(err, vsphere.ErrAmbiguous):
			// A profile that is wrong must not hide the other networks.
			resp.Diagnostics.AddWarning("A Network Protocol Profile cannot be used",
				fmt.Sprintf("The network %s is listed without its profile. %s", networks[i].Path, backend.Sentence(err.Error())))
		case err != nil:
			backend.Failed(&resp.Diagnostics, path.Empty(), unable, err)
			return
		case ok:
			facts.profiles[networks[i].ID] = profile
		}
	}
	model.Namespace = types.StringValue(namespace.Name)
	model.Networks = make([]networkModel, len(networks))
	for i := range networks {
		model.Networks[i] = newNetworkModel(&networks[i], facts)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
