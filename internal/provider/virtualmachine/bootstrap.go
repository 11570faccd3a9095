package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

type bootstrapModel struct {
	Disabled         types.Bool   `tfsdk:"disabled"`
	Secrets          types.Map    `tfsdk:"secrets_wo"`
	SecretsWOVersion types.String `tfsdk:"secrets_wo_version"`
	CustomizeTrigger types.String `tfsdk:"customize_trigger"`
	CloudInit        types.Object `tfsdk:"cloud_init"`
	LinuxPrep        types.Object `tfsdk:"linux_prep"`
	Sysprep          types.Object `tfsdk:"sysprep"`
	VAppConfig       types.Object `tfsdk:"vapp_config"`
}

// bootstrap is what was written about the guest's bootstrap, with secrets read.
type bootstrap struct {
	network.Bootstrap
	// written tells that there is a bootstrap block, be it an empty one.
	written bool
	// implied tells that linuxPrep is what VM Operator does without a bootstrap block: see imply.
	implied bool
	// settings is absent without a cloud_init block, and so are the others without theirs.
	settings  known.Value[cloudinit.Settings]
	linuxPrep known.Value[gosc.LinuxPrepSettings]
	sysprep   known.Value[gosc.SysprepSettings]
	vapp      known.Value[vapp.Settings]
	// secret says that what the guest is sent holds something that must not be told.
	secret bool
	// version overrules the comparison of secrets where it is set.
	version types.String
	// trigger asks for another customization when it changes.
	trigger types.String
	// presence is what is known of the blocks of the providers.
	presence providers
}

// bootstrap decodes the bootstrap block. secrets come from the configuration alone, because
// write-only values are nowhere else.
func (m *model) bootstrap(ctx context.Context, config *model) (bootstrap, diag.Diagnostics) {
	block, diags := fwtypes.Block[bootstrapModel](ctx, m.Bootstrap)
	if block.IsUnknown() {
		out := bootstrap{
			settings:  known.Unknown[cloudinit.Settings](),
			linuxPrep: known.Unknown[gosc.LinuxPrepSettings](),
			sysprep:   known.Unknown[gosc.SysprepSettings](),
			vapp:      known.Unknown[vapp.Settings](),
			version:   types.StringUnknown(),
			trigger:   types.StringUnknown(),
		}
		out.Disabled = known.Unknown[bool]()
		out.Unknown = true
		return out, diags
	}
	written, ok := block.Get()
	if !ok {
		return bootstrap{}, diags
	}
	configured, more := fwtypes.Block[bootstrapModel](ctx, config.Bootstrap)
	diags.Append(more...)
	values := types.MapNull(types.MapType{ElemType: types.StringType})
	if c, ok := configured.Get(); ok {
		values = c.Secrets
	}
	d := &bootstrapDecoder{
		out:     bootstrap{written: true, version: written.SecretsWOVersion, trigger: written.CustomizeTrigger},
		secrets: &secretReader{secrets: values},
	}
	d.out.Disabled = fwtypes.Bool(written.Disabled)
	d.cloudInit(ctx, written.CloudInit)
	d.linuxPrep(ctx, written.LinuxPrep)
	d.sysprep(ctx, written.Sysprep)
	d.vappConfig(ctx, written.VAppConfig)
	d.out.presence = providers{
		cloudInit: fwtypes.PresenceOf(written.CloudInit), linuxPrep: fwtypes.PresenceOf(written.LinuxPrep),
		sysprep: fwtypes.PresenceOf(written.Sysprep), vappConfig: fwtypes.PresenceOf(written.VAppConfig),
	}
	d.out.Unknown = d.out.Unknown || d.out.presence.alternative()
	d.out.secret = d.secrets.used
	diags.Append(d.diags...)
	diags.Append(d.secrets.diags...)
	return d.out, diags
}

// bootstrapDecoder gathers the settings of the bootstrap providers.
type bootstrapDecoder struct {
	out     bootstrap
	secrets *secretReader
	diags   diag.Diagnostics
}

// decodeProvider decodes a provider's block into its model. there is raised for a block that is
// there; settings become unknown where it is not known whether it is.
func decodeProvider[Model, Settings any](
	ctx context.Context, d *bootstrapDecoder, object types.Object, there *bool, settings *known.Value[Settings],
) (Model, bool) {
	block, diags := fwtypes.Block[Model](ctx, object)
	d.diags.Append(diags...)
	if block.IsUnknown() {
		*settings = known.Unknown[Settings]()
		d.out.Unknown = true
	}
	model, ok := block.Get()
	*there = ok
	return model, ok
}
