package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/vapp"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

type vappConfigModel struct {
	RawProperties types.String `tfsdk:"raw_properties"`
	Property      types.List   `tfsdk:"property"`
}

type propertyModel struct {
	Key   types.String `tfsdk:"key"`
	Value types.String `tfsdk:"value"`
	From  types.Object `tfsdk:"from"`
}

var vappConfigPath = path.Root("bootstrap").AtName("vapp_config")

// vappConfig decodes the vapp_config block. What a property is given inline is no secret.
func (d *bootstrapDecoder) vappConfig(ctx context.Context, object types.Object) {
	model, ok := decodeProvider[vappConfigModel](ctx, d, object, &d.out.VAppConfig, &d.out.vapp)
	if !ok {
		return
	}
	blocks, diags := fwtypes.Blocks[propertyModel](ctx, model.Property)
	d.diags.Append(diags...)
	d.out.vapp = known.Of(vapp.Settings{
		Properties: known.Map(blocks, func(models []propertyModel) []vapp.Property {
			list := make([]vapp.Property, len(models))
			for i := range models {
				list[i] = vapp.Property{
					Key:   fwtypes.String(models[i].Key),
					Value: fwtypes.String(models[i].Value),
					From:  d.secrets.optional(ctx, models[i].From, vappConfigPath.AtName("property").AtListIndex(i).AtName("from")),
				}
			}
			return list
		}),
		RawProperties: d.secrets.all(model.RawProperties, vappConfigPath.AtName("raw_properties")),
	})
}
