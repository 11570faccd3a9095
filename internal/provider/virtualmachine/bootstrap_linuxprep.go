package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

type linuxPrepModel struct {
	HardwareClockIsUTC           types.Bool   `tfsdk:"hardware_clock_is_utc"`
	TimeZone                     types.String `tfsdk:"time_zone"`
	ExpirePasswordAfterNextLogin types.Bool   `tfsdk:"expire_password_after_next_login"`
	Password                     types.Object `tfsdk:"password"`
	ScriptText                   types.Object `tfsdk:"script_text"`
}

var linuxPrepPath = path.Root("bootstrap").AtName("linux_prep")

// linuxPrep decodes the linux_prep block.
func (d *bootstrapDecoder) linuxPrep(ctx context.Context, object types.Object) {
	model, ok := decodeProvider[linuxPrepModel](ctx, d, object, &d.out.LinuxPrep, &d.out.linuxPrep)
	if !ok {
		return
	}
	settings := gosc.LinuxPrepSettings{
		HardwareClockIsUTC:           fwtypes.Bool(model.HardwareClockIsUTC),
		TimeZone:                     fwtypes.String(model.TimeZone),
		ExpirePasswordAfterNextLogin: fwtypes.Bool(model.ExpirePasswordAfterNextLogin),
		Password:                     d.secrets.keyed(ctx, model.Password, linuxPrepPath.AtName("password"), keyPassword),
	}
	settings.ScriptText, settings.ScriptTextFrom = d.secrets.pair(ctx, model.ScriptText, linuxPrepPath.AtName("script_text"))
	d.out.linuxPrep = known.Of(settings)
}
