package virtualmachine

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// The times that operations may take where the timeouts block does not say.
const (
	createTimeout = 30 * time.Minute
	readTimeout   = 5 * time.Minute
	updateTimeout = 30 * time.Minute
	deleteTimeout = 15 * time.Minute
)

// Create implements resource.Resource: deploy, remember the machine, tell the guest its
// configuration in one reconfiguration and by a customization, power on, wait for what was
// asked for, and take the mark of an unfinished creation off.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !r.configured(&resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	source, diags := r.source(ctx, &plan)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	want, diags := r.desire(ctx, &plan, &config, impliesLinuxPrep(source), nil, holdings{})
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted := want.wish(hardwareSpec{})
	// What a library that is subscribed on demand lacks is transferred first.
	err := r.backend.Images.Sync(ctx, source.ItemID)
	if err == nil {
		err = r.findInstaller(ctx, wanted, source)
	}
	if err == nil {
		err = r.findDiscs(ctx, wanted, new(record), nil)
	}
	var deploy machine.DeploySpec
	if err == nil {
		deploy, err = r.deploySpec(ctx, want, wanted, source)
	}
	if err == nil {
		err = r.releaseLeftover(ctx, deploy.Folder, deploy.Name)
	}
	if err != nil {
		backend.Failed(&resp.Diagnostics, path.Empty(), "Unable to deploy the virtual machine", err)
		return
	}
	ref, err := r.backend.Machines.Deploy(ctx, deploy)
	if ref.Value != "" {
		// From here on Terraform knows the machine, whatever happens to its creation.
		resp.Diagnostics.Append(saveUnfinished(ctx, req.Plan, &resp.State, resp.Identity, deploy.InstanceUUID)...)
	}
	if err != nil {
		after := ""
		if ref.Value != "" {
			after = kept(&plan, deploy.InstanceUUID)
		}
		existing(&resp.Diagnostics, "Unable to deploy the virtual machine", err, after)
		return
	}
	creation := &creation{Resource: r, desired: want, wanted: wanted, ref: ref, deployed: deploy, source: source}
	if err := creation.finish(ctx, req.Plan); err != nil {
		resp.Diagnostics.Append(creation.warnings...)
		resp.Diagnostics.AddError("Unable to finish the virtual machine",
			backend.Sentence(err.Error())+kept(&plan, deploy.InstanceUUID))
		return
	}
	resp.Diagnostics.Append(creation.warnings...)
	resp.Diagnostics.Append(creation.save(ctx, &resp.State)...)
	resp.Diagnostics.Append(creation.sent.write(ctx, resp.Private)...)
}

// kept says what becomes of a machine whose creation has failed.
func kept(plan *model, instanceUUID string) string {
	return fmt.Sprintf("\n\nThe machine %q exists with instance UUID %s and is kept in state as tainted: the next apply replaces it.",
		plan.Name.ValueString(), instanceUUID)
}

// source is the image to deploy. Its name was resolved in plan.
func (r *Resource) source(ctx context.Context, plan *model) (*image.Image, diag.Diagnostics) {
	block, diags := fwtypes.Block[imageModel](ctx, plan.Image)
	pinned, ok := block.Get()
	if !ok || diags.HasError() {
		diags.AddAttributeError(path.Root("image_name"), "The image is not known", "The image could not be resolved before the machine is created. Please report this to the provider's developers.")
		return nil, diags
	}
	namespace, err := r.backend.Namespace(plan.Namespace.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("namespace"), "No such namespace", backend.Sentence(err.Error()))
		return nil, diags
	}
	found, _, err := r.backend.Images.Image(ctx, r.backend.Scopes(namespace),
		library.Query{Name: pinned.Name.ValueString(), Kind: image.Kind(pinned.Kind.ValueString())})
	if err != nil {
		backend.Failed(&diags, path.Root("image_name"), "Unable to find the image", err)
		return nil, diags
	}
	return &found, diags
}

func chosen(value types.String) string {
	if !value.IsNull() && !value.IsUnknown() {
		return value.ValueString()
	}
	return uuid.NewString()
}

// saveUnfinished puts a machine into state whose creation is under way.
func saveUnfinished(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity, instanceUUID string) diag.Diagnostics {
	var diags diag.Diagnostics
	raw, err := withoutUnknown(plan.Raw)
	if err != nil {
		diags.AddError("Unable to remember the virtual machine", err.Error())
		return diags
	}
	state.Raw = raw
	diags.Append(state.SetAttribute(ctx, path.Root("id"), instanceUUID)...)
	diags.Append(state.SetAttribute(ctx, path.Root("instance_uuid"), instanceUUID)...)
	diags.Append(identity.Set(ctx, identityModel{InstanceUUID: types.StringValue(instanceUUID)})...)
	return diags
}
