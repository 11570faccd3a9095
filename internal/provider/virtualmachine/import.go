package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"sigs.k8s.io/yaml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

var (
	idPath        = path.Root("id")
	namePath      = path.Root("name")
	namespacePath = path.Root("namespace")
)

// importForms says how a machine is named that is to be imported.
const importForms = "A virtual machine is imported by its instance UUID, such as 5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a, " +
	"by its inventory path, such as /DC0/vm/team-a/web, or by its managed object id, such as vm-123. " +
	"`govc vm.info -json NAME` shows the first as config.instanceUuid and the last as self.value."

// ImportState implements resource.ResourceWithImportState: by instance UUID, as import id or as
// identity, and by inventory path or managed object id, which vCenter is asked for.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := strings.TrimSpace(req.ID)
	byIdentity := req.Identity != nil && !req.Identity.Raw.IsNull()
	switch lower := strings.ToLower(id); {
	case id == "" && byIdentity:
	case uuidPattern.MatchString(lower):
		id = lower
	default:
		located, diags := r.locate(ctx, id)
		if resp.Diagnostics.Append(diags...); located == "" {
			return
		}
		id = located
	}
	req.ID = id
	resource.ImportStatePassthroughWithIdentity(ctx, idPath, path.Root("instance_uuid"), req, resp)
}

// locate finds the instance UUID of a machine that is named in another way; empty beside an error.
func (r *Resource) locate(ctx context.Context, id string) (string, diag.Diagnostics) {
	var diags diag.Diagnostics
	if id == "" {
		diags.AddError("No import id", "The import id is empty. "+importForms)
		return "", diags
	}
	if r.backend == nil || r.backend.Deferred {
		diags.AddError("vCenter is not known yet",
			fmt.Sprintf("The provider's configuration is not known yet, so that %q cannot be looked up. Import the machine by its instance UUID.", id))
		return "", diags
	}
	found, err := r.backend.Machines.Locate(ctx, id)
	switch {
	case errors.Is(err, machine.ErrNoReference):
		diags.AddError("Not an import id", fmt.Sprintf("%q is no form of it. %s", id, importForms))
	case errors.Is(err, vsphere.ErrNotFound):
		diags.AddError("No such virtual machine", backend.Sentence(err.Error())+" "+importForms)
	case err != nil:
		backend.Failed(&diags, path.Empty(), "Unable to find the virtual machine", err)
	default:
		return found.InstanceUUID, diags
	}
	return "", diags
}

// recallSecrets puts back what the record leaves out because it is sensitive, as far as the
// guest's own documents hold it: those are where such a value was sent. vCenter shows no
// customization, so that those of linux_prep and sysprep are found nowhere.
func recallSecrets(ctx context.Context, state *tfsdk.State, o *machine.Observation) diag.Diagnostics {
	var diags diag.Diagnostics
	var m model
	diags.Append(state.Get(ctx, &m)...)
	if diags.HasError() {
		return diags
	}
	boot, more := fwtypes.Block[bootstrapModel](ctx, m.Bootstrap)
	diags.Append(more...)
	written, _ := boot.Get()
	cloudInit, more := fwtypes.Block[cloudInitModel](ctx, written.CloudInit)
	diags.Append(more...)
	settings, ok := cloudInit.Get()
	if !ok {
		return diags
	}
	userData := held(o).userData
	raw, more := fwtypes.Block[secretModel](ctx, settings.RawCloudConfig)
	diags.Append(more...)
	if secret, ok := raw.Get(); ok && secret.From.IsNull() {
		diags.Append(state.SetAttribute(ctx, cloudInitPath.AtName("raw_cloud_config").AtName("value"), userData)...)
	}
	config, more := fwtypes.Block[cloudConfigModel](ctx, settings.CloudConfig)
	diags.Append(more...)
	blocks, ok := config.Get()
	if !ok {
		return diags
	}
	users, more := fwtypes.Blocks[userModel](ctx, blocks.User)
	diags.Append(more...)
	models, _ := users.Get()
	passwords := passwordsIn(userData)
	for i := range models {
		at := cloudInitPath.AtName("cloud_config").AtName("user").AtListIndex(i)
		for field, object := range map[string]types.Object{"passwd": models[i].Passwd, "hashed_passwd": models[i].HashedPasswd} {
			block, more := fwtypes.Block[secretModel](ctx, object)
			diags.Append(more...)
			value, found := passwords[models[i].Name.ValueString()][field]
			if secret, ok := block.Get(); ok && found && secret.From.IsNull() {
				diags.Append(state.SetAttribute(ctx, at.AtName(field).AtName("value"), value)...)
			}
		}
	}
	return diags
}

// passwordsIn reads the passwords of users out of a cloud-config, by user and field.
func passwordsIn(userData string) map[string]map[string]string {
	var document struct {
		Users []any `json:"users"`
	}
	out := map[string]map[string]string{}
	if yaml.Unmarshal([]byte(userData), &document) != nil {
		return out
	}
	for _, entry := range document.Users {
		user, ok := entry.(map[string]any)
		if !ok {
			continue
		}
		name, _ := user["name"].(string)
		out[name] = map[string]string{}
		for _, field := range []string{"passwd", "hashed_passwd"} {
			if value, ok := user[field].(string); ok {
				out[name][field] = value
			}
		}
	}
	return out
}
