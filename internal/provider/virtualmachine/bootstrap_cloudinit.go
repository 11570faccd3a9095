package virtualmachine

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

var cloudInitPath = path.Root("bootstrap").AtName("cloud_init")

type cloudInitModel struct {
	InstanceID                      types.String `tfsdk:"instance_id"`
	SSHAuthorizedKeys               types.List   `tfsdk:"ssh_authorized_keys"`
	UseGlobalNameserversAsDefault   types.Bool   `tfsdk:"use_global_nameservers_as_default"`
	UseGlobalSearchDomainsAsDefault types.Bool   `tfsdk:"use_global_search_domains_as_default"`
	WaitOnNetwork4                  types.Bool   `tfsdk:"wait_on_network4"`
	WaitOnNetwork6                  types.Bool   `tfsdk:"wait_on_network6"`
	RawCloudConfig                  types.Object `tfsdk:"raw_cloud_config"`
	CloudConfig                     types.Object `tfsdk:"cloud_config"`
}

type cloudConfigModel struct {
	Timezone           types.String  `tfsdk:"timezone"`
	DefaultUserEnabled types.Bool    `tfsdk:"default_user_enabled"`
	SSHPWAuth          types.Bool    `tfsdk:"ssh_pwauth"`
	RunCmd             types.Dynamic `tfsdk:"runcmd"`
	User               types.List    `tfsdk:"user"`
	WriteFile          types.List    `tfsdk:"write_file"`
}

type userModel struct {
	Name              types.String `tfsdk:"name"`
	CreateGroups      types.Bool   `tfsdk:"create_groups"`
	ExpireDate        types.String `tfsdk:"expiredate"`
	Gecos             types.String `tfsdk:"gecos"`
	Groups            types.List   `tfsdk:"groups"`
	HomeDir           types.String `tfsdk:"homedir"`
	Inactive          types.Int64  `tfsdk:"inactive"`
	LockPasswd        types.Bool   `tfsdk:"lock_passwd"`
	NoCreateHome      types.Bool   `tfsdk:"no_create_home"`
	NoLogInit         types.Bool   `tfsdk:"no_log_init"`
	NoUserGroup       types.Bool   `tfsdk:"no_user_group"`
	PrimaryGroup      types.String `tfsdk:"primary_group"`
	SELinuxUser       types.String `tfsdk:"selinux_user"`
	Shell             types.String `tfsdk:"shell"`
	SnapUser          types.String `tfsdk:"snapuser"`
	SSHAuthorizedKeys types.List   `tfsdk:"ssh_authorized_keys"`
	SSHImportID       types.List   `tfsdk:"ssh_import_id"`
	SSHRedirectUser   types.Bool   `tfsdk:"ssh_redirect_user"`
	Sudo              types.String `tfsdk:"sudo"`
	System            types.Bool   `tfsdk:"system"`
	UID               types.Int64  `tfsdk:"uid"`
	Passwd            types.Object `tfsdk:"passwd"`
	HashedPasswd      types.Object `tfsdk:"hashed_passwd"`
}

type writeFileModel struct {
	Path        types.String `tfsdk:"path"`
	Content     types.String `tfsdk:"content"`
	Append      types.Bool   `tfsdk:"append"`
	Defer       types.Bool   `tfsdk:"defer"`
	Encoding    types.String `tfsdk:"encoding"`
	Owner       types.String `tfsdk:"owner"`
	Permissions types.String `tfsdk:"permissions"`
	ContentFrom types.Object `tfsdk:"content_from"`
}

// cloudInit decodes the cloud_init block.
func (d *bootstrapDecoder) cloudInit(ctx context.Context, object types.Object) {
	model, ok := decodeProvider[cloudInitModel](ctx, d, object, &d.out.CloudInit, &d.out.settings)
	if !ok {
		return
	}
	d.out.UseGlobalNameserversAsDefault = fwtypes.Bool(model.UseGlobalNameserversAsDefault)
	d.out.UseGlobalSearchDomainsAsDefault = fwtypes.Bool(model.UseGlobalSearchDomainsAsDefault)
	settings, diags := model.settings(ctx, d.secrets)
	d.diags.Append(diags...)
	d.out.settings = known.Of(settings)
}

func (m *cloudInitModel) settings(ctx context.Context, secrets *secretReader) (cloudinit.Settings, diag.Diagnostics) {
	out := cloudinit.Settings{
		InstanceID:        fwtypes.String(m.InstanceID),
		SSHAuthorizedKeys: fwtypes.Strings(m.SSHAuthorizedKeys),
		WaitOnNetwork4:    fwtypes.Bool(m.WaitOnNetwork4),
		WaitOnNetwork6:    fwtypes.Bool(m.WaitOnNetwork6),
		RawCloudConfig:    secrets.value(ctx, m.RawCloudConfig, cloudInitPath.AtName("raw_cloud_config")),
	}
	block, diags := fwtypes.PossibleBlock[cloudConfigModel](ctx, m.CloudConfig)
	if block.IsUnknown() {
		out.CloudConfig = known.Unknown[cloudinit.CloudConfig]()
		return out, diags
	}
	written, ok := block.Get()
	if !ok {
		return out, diags
	}
	at := cloudInitPath.AtName("cloud_config")
	users, more := fwtypes.Blocks[userModel](ctx, written.User)
	diags.Append(more...)
	files, more := fwtypes.Blocks[writeFileModel](ctx, written.WriteFile)
	diags.Append(more...)
	out.CloudConfig = known.Of(cloudinit.CloudConfig{
		Timezone:           fwtypes.String(written.Timezone),
		DefaultUserEnabled: fwtypes.Bool(written.DefaultUserEnabled),
		SSHPWAuth:          fwtypes.Bool(written.SSHPWAuth),
		RunCmd:             commands(written.RunCmd),
		Users: known.Map(users, func(models []userModel) []cloudinit.User {
			list := make([]cloudinit.User, len(models))
			for i := range models {
				list[i] = models[i].user(ctx, secrets, at.AtName("user").AtListIndex(i))
			}
			return list
		}),
		Files: known.Map(files, func(models []writeFileModel) []cloudinit.File {
			list := make([]cloudinit.File, len(models))
			for i := range models {
				list[i] = models[i].file(ctx, secrets, at.AtName("write_file").AtListIndex(i))
			}
			return list
		}),
	})
	return out, diags
}

func (m *userModel) user(ctx context.Context, secrets *secretReader, at path.Path) cloudinit.User {
	return cloudinit.User{
		Name:              fwtypes.String(m.Name),
		CreateGroups:      fwtypes.Bool(m.CreateGroups),
		ExpireDate:        fwtypes.String(m.ExpireDate),
		Gecos:             fwtypes.String(m.Gecos),
		Groups:            fwtypes.Strings(m.Groups),
		HashedPasswd:      secrets.value(ctx, m.HashedPasswd, at.AtName("hashed_passwd")),
		HomeDir:           fwtypes.String(m.HomeDir),
		Inactive:          fwtypes.Int64(m.Inactive),
		LockPasswd:        fwtypes.Bool(m.LockPasswd),
		NoCreateHome:      fwtypes.Bool(m.NoCreateHome),
		NoLogInit:         fwtypes.Bool(m.NoLogInit),
		NoUserGroup:       fwtypes.Bool(m.NoUserGroup),
		Passwd:            secrets.value(ctx, m.Passwd, at.AtName("passwd")),
		PrimaryGroup:      fwtypes.String(m.PrimaryGroup),
		SELinuxUser:       fwtypes.String(m.SELinuxUser),
		Shell:             fwtypes.String(m.Shell),
		SnapUser:          fwtypes.String(m.SnapUser),
		SSHAuthorizedKeys: fwtypes.Strings(m.SSHAuthorizedKeys),
		SSHImportID:       fwtypes.Strings(m.SSHImportID),
		SSHRedirectUser:   fwtypes.Bool(m.SSHRedirectUser),
		Sudo:              fwtypes.String(m.Sudo),
		System:            fwtypes.Bool(m.System),
		UID:               fwtypes.Int64(m.UID),
	}
}

func (m *writeFileModel) file(ctx context.Context, secrets *secretReader, at path.Path) cloudinit.File {
	return cloudinit.File{
		Path:        fwtypes.String(m.Path),
		Content:     fwtypes.String(m.Content),
		ContentFrom: secrets.reference(ctx, m.ContentFrom, at.AtName("content_from")),
		Append:      fwtypes.Bool(m.Append),
		Defer:       fwtypes.Bool(m.Defer),
		Encoding:    fwtypes.String(m.Encoding),
		Owner:       fwtypes.String(m.Owner),
		Permissions: fwtypes.String(m.Permissions),
	}.WithDefaults()
}

// commands turns the dynamic runcmd into the tree that the cloudinit package judges.
func commands(value types.Dynamic) known.Value[any] {
	switch {
	case value.IsNull(), value.IsUnderlyingValueNull():
		return known.Value[any]{}
	case value.IsUnknown(), value.IsUnderlyingValueUnknown():
		return known.Unknown[any]()
	default:
		return known.Of(tree(value.UnderlyingValue()))
	}
}

func tree(value attr.Value) any {
	if value == nil || value.IsNull() {
		return nil
	}
	if value.IsUnknown() {
		return cloudinit.Unknown{}
	}
	var elements []attr.Value
	switch v := value.(type) {
	case types.String:
		return v.ValueString()
	case types.Bool:
		return v.ValueBool()
	case types.Number:
		number, _ := v.ValueBigFloat().Float64()
		return number
	case types.Tuple:
		elements = v.Elements()
	case types.List:
		elements = v.Elements()
	case types.Set:
		elements = v.Elements()
	case types.Dynamic:
		return tree(v.UnderlyingValue())
	case types.Object:
		out := make(map[string]any, len(v.Attributes()))
		for name, attribute := range v.Attributes() {
			out[name] = tree(attribute)
		}
		return out
	case types.Map:
		out := make(map[string]any, len(v.Elements()))
		for name, element := range v.Elements() {
			out[name] = tree(element)
		}
		return out
	}
	list := make([]any, len(elements))
	for i, element := range elements {
		list[i] = tree(element)
	}
	return list
}
