package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

type sysprepModel struct {
	RawSysprep types.Object `tfsdk:"raw_sysprep"`
	Sysprep    types.Object `tfsdk:"sysprep"`
}

type answersModel struct {
	UserData                     types.Object `tfsdk:"user_data"`
	GUIUnattended                types.Object `tfsdk:"gui_unattended"`
	GUIRunOnce                   types.Object `tfsdk:"gui_run_once"`
	Identification               types.Object `tfsdk:"identification"`
	LicenseFilePrintData         types.Object `tfsdk:"license_file_print_data"`
	ExpirePasswordAfterNextLogin types.Bool   `tfsdk:"expire_password_after_next_login"`
	ScriptText                   types.Object `tfsdk:"script_text"`
}

type userDataModel struct {
	FullName  types.String `tfsdk:"full_name"`
	OrgName   types.String `tfsdk:"org_name"`
	ProductID types.Object `tfsdk:"product_id"`
}

type guiUnattendedModel struct {
	AutoLogon      types.Bool   `tfsdk:"auto_logon"`
	AutoLogonCount types.Int64  `tfsdk:"auto_logon_count"`
	TimeZone       types.Int64  `tfsdk:"time_zone"`
	Password       types.Object `tfsdk:"password"`
}

type guiRunOnceModel struct {
	Commands types.List `tfsdk:"commands"`
}

type identificationModel struct {
	JoinDomain          types.String `tfsdk:"join_domain"`
	JoinWorkgroup       types.String `tfsdk:"join_workgroup"`
	DomainAdmin         types.String `tfsdk:"domain_admin"`
	DomainAdminPassword types.Object `tfsdk:"domain_admin_password"`
	DomainOU            types.String `tfsdk:"domain_ou"`
}

type licenseModel struct {
	AutoMode  types.String `tfsdk:"auto_mode"`
	AutoUsers types.Int64  `tfsdk:"auto_users"`
}

var (
	sysprepPath = path.Root("bootstrap").AtName("sysprep")
	answersPath = sysprepPath.AtName("sysprep")
)

// sysprep decodes the sysprep block of bootstrap.
func (d *bootstrapDecoder) sysprep(ctx context.Context, object types.Object) {
	model, ok := decodeProvider[sysprepModel](ctx, d, object, &d.out.Sysprep, &d.out.sysprep)
	if !ok {
		return
	}
	settings := gosc.SysprepSettings{
		RawSysprep: d.secrets.keyed(ctx, model.RawSysprep, sysprepPath.AtName("raw_sysprep"), keyUnattend),
		Sysprep:    decodeBlock(ctx, d, model.Sysprep, d.answers),
	}
	if fwtypes.PresenceOf(model.Sysprep) == fwtypes.Possible {
		settings.Sysprep = known.Unknown[gosc.Answers]() // raw_sysprep may stand in its place
	}
	d.out.sysprep = known.Of(settings)
}

func (d *bootstrapDecoder) answers(ctx context.Context, model answersModel) gosc.Answers {
	out := gosc.Answers{
		UserData:                     decodeBlock(ctx, d, model.UserData, d.userData),
		GUIUnattended:                decodeBlock(ctx, d, model.GUIUnattended, d.guiUnattended),
		GUIRunOnce:                   decodeBlock(ctx, d, model.GUIRunOnce, guiRunOnce),
		Identification:               decodeBlock(ctx, d, model.Identification, d.identification),
		LicenseFilePrintData:         decodeBlock(ctx, d, model.LicenseFilePrintData, license),
		ExpirePasswordAfterNextLogin: fwtypes.Bool(model.ExpirePasswordAfterNextLogin),
	}
	out.ScriptText, out.ScriptTextFrom = d.secrets.pair(ctx, model.ScriptText, answersPath.AtName("script_text"))
	return out
}

func (d *bootstrapDecoder) userData(ctx context.Context, model userDataModel) gosc.UserData {
	return gosc.UserData{
		FullName:  fwtypes.String(model.FullName),
		OrgName:   fwtypes.String(model.OrgName),
		ProductID: d.secrets.keyed(ctx, model.ProductID, answersPath.AtName("user_data").AtName("product_id"), keyProductID),
	}
}

func (d *bootstrapDecoder) guiUnattended(ctx context.Context, model guiUnattendedModel) gosc.GUIUnattended {
	return gosc.GUIUnattended{
		AutoLogon:      fwtypes.Bool(model.AutoLogon),
		AutoLogonCount: fwtypes.Int64(model.AutoLogonCount),
		TimeZone:       fwtypes.Int64(model.TimeZone),
		Password:       d.secrets.keyed(ctx, model.Password, answersPath.AtName("gui_unattended").AtName("password"), keyPassword),
	}
}

func guiRunOnce(_ context.Context, model guiRunOnceModel) gosc.GUIRunOnce {
	return gosc.GUIRunOnce{Commands: fwtypes.Strings(model.Commands)}
}

func (d *bootstrapDecoder) identification(ctx context.Context, model identificationModel) gosc.Identification {
	return gosc.Identification{
		JoinDomain:    fwtypes.String(model.JoinDomain),
		JoinWorkgroup: fwtypes.String(model.JoinWorkgroup),
		DomainAdmin:   fwtypes.String(model.DomainAdmin),
		DomainAdminPassword: d.secrets.keyed(ctx, model.DomainAdminPassword,
			answersPath.AtName("identification").AtName("domain_admin_password"), keyDomainAdminPassword),
		DomainOU: fwtypes.String(model.DomainOU),
	}
}

func license(_ context.Context, model licenseModel) gosc.LicenseFilePrintData {
	return gosc.LicenseFilePrintData{AutoMode: fwtypes.String(model.AutoMode), AutoUsers: fwtypes.Int64(model.AutoUsers)}
}

// decodeBlock decodes a block inside of a provider's: absent and unknown stay what they are.
func decodeBlock[Model, Settings any](
	ctx context.Context, d *bootstrapDecoder, object types.Object, convert func(context.Context, Model) Settings,
) known.Value[Settings] {
	block, diags := fwtypes.Block[Model](ctx, object)
	d.diags.Append(diags...)
	return known.Map(block, func(model Model) Settings { return convert(ctx, model) })
}
