package virtualmachine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	govmomi "github.com/vmware/govmomi/vim25/types"

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
// configuration in one reconfiguration, power on, and take the mark of an unfinished
// creation off.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	want, diags := r.desire(ctx, &plan, &config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	source, diags := r.source(ctx, want)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	deploy := want.deploySpec(source)
	ref, err := r.backend.Machines.Deploy(ctx, deploy)
	if ref.Value != "" {
		// From here on Terraform knows the machine, whatever happens to its creation.
		resp.Diagnostics.Append(saveUnfinished(ctx, req.Plan, &resp.State, resp.Identity, deploy.InstanceUUID)...)
	}
	if err != nil {
		existing(&resp.Diagnostics, "Unable to deploy the virtual machine", err)
		return
	}
	creation := &creation{Resource: r, desired: want, ref: ref, deployed: deploy, source: source}
	if err := creation.finish(ctx, req.Plan); err != nil {
		resp.Diagnostics.AddError("Unable to finish the virtual machine",
			fmt.Sprintf("%s\n\nThe machine %q exists with instance UUID %s and is kept in state as tainted: the next apply replaces it.",
				backend.Sentence(err.Error()), plan.Name.ValueString(), deploy.InstanceUUID))
		return
	}
	resp.Diagnostics.Append(creation.save(ctx, &resp.State)...)
	resp.Diagnostics.Append(creation.sent.write(ctx, resp.Private)...)
}

// source is the image to deploy. Its name was resolved in plan.
func (r *Resource) source(ctx context.Context, want *desired) (*image.Image, diag.Diagnostics) {
	block, diags := fwtypes.Block[imageModel](ctx, want.plan.Image)
	pinned, ok := block.Get()
	if !ok || diags.HasError() {
		diags.AddAttributeError(path.Root("image_name"), "The image is not known", "The image could not be resolved before the machine is created. Please report this to the provider's developers.")
		return nil, diags
	}
	found, _, err := r.backend.Images.Image(ctx, r.backend.Scopes(want.world.configured),
		library.Query{Name: pinned.Name.ValueString(), Kind: image.Kind(pinned.Kind.ValueString())})
	if err != nil {
		backend.Failed(&diags, path.Root("image_name"), "Unable to find the image", err)
		return nil, diags
	}
	return &found, diags
}

// deploySpec is what to deploy. UUIDs are chosen here: a plan must not be random.
func (d *desired) deploySpec(source *image.Image) machine.DeploySpec {
	spec := machine.DeploySpec{
		Name:          d.plan.Name.ValueString(),
		InstanceUUID:  chosen(d.plan.InstanceUUID),
		BIOSUUID:      chosen(d.plan.BiosUUID),
		LibraryItemID: source.ItemID,
		Folder:        d.world.namespace.FolderReference(),
		ResourcePool:  d.world.namespace.ResourcePoolReference(),
		NICs:          d.nics,
	}
	// A storage policy places the machine; the namespace's datastore is for those without one.
	switch datastore, policy := d.world.namespace.Datastore, d.world.policy; {
	case policy != nil:
		spec.StorageProfileID = policy.ID
	case datastore != nil:
		spec.Datastore = &machine.Ref{Type: "Datastore", Value: datastore.ID}
	}
	hardware(&spec, source.Descriptor)
	if class := d.world.class; class != nil {
		spec.CPUs, spec.MemoryMB = class.CPUs, class.MemoryMB()
		spec.CPUAllocation, spec.MemoryAllocation = d.cpu, d.memory
	}
	return spec
}

// hardware takes the machine's hardware from the image. A deploy that carries a configuration
// takes only the disks from the OVF descriptor (vSphere API, VmConfigSpec): what else the
// descriptor says has to be in the configuration, or an EFI image comes up with a BIOS.
func hardware(spec *machine.DeploySpec, descriptor *image.Descriptor) {
	if descriptor == nil {
		return
	}
	spec.GuestID = descriptor.GuestID()
	spec.Firmware = strings.ToLower(string(descriptor.Firmware))
	if descriptor.HardwareVersion != nil {
		spec.HardwareVersion = int(*descriptor.HardwareVersion)
	}
	const mebibyte = 1 << 20
	spec.CPUs, spec.MemoryMB = descriptor.CPUs, (descriptor.MemoryBytes+mebibyte-1)/mebibyte
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

// creation is a machine between its deploy and its end.
type creation struct {
	*Resource
	*desired
	ref      machine.Ref
	deployed machine.DeploySpec
	source   *image.Image

	observed *machine.Observation
	record   record
	sent     sent
}

// finish does everything after the deploy.
func (c *creation) finish(ctx context.Context, plan tfsdk.Plan) error {
	observed, err := c.backend.Machines.Observe(ctx, c.ref)
	if err != nil {
		return err
	}
	devices := machine.Assign(c.nics, observed.NICs, nil)
	devices, observed, err = c.settleCards(ctx, c.ref, c.nics, observed, devices)
	if err != nil {
		return err
	}
	var spec govmomi.VirtualMachineConfigSpec
	// vCenter takes the configuration together with the deploy; what it left out is made good.
	c.sizeSpec(observed, &spec)
	if observed.InstanceUUID != c.deployed.InstanceUUID {
		spec.InstanceUuid = c.deployed.InstanceUUID
	}
	if observed.BIOSUUID != c.deployed.BIOSUUID {
		spec.Uuid = c.deployed.BIOSUUID
		observed.BIOSUUID = c.deployed.BIOSUUID
	}
	if c.needsRemoval(observed) {
		spec.VAppConfigRemoved = govmomi.NewBool(true)
	}
	keys, documents, err := c.guestKeys(observed, devices, false)
	if err != nil {
		return err
	}
	written, err := c.configOf(ctx, plan)
	if err != nil {
		return err
	}
	c.record = record{
		ItemID: c.source.ItemID, ContentVersion: c.source.ContentVersion,
		Devices: devices, Class: c.plan.ClassName.ValueString(), Config: written,
	}
	if documents != nil {
		c.record.Revision = 1
		if err := c.sent.note(*documents); err != nil {
			return err
		}
	}
	value, err := c.record.encode()
	if err != nil {
		return err
	}
	addExtraConfig(&spec, observed, keys)
	addExtraConfig(&spec, observed, map[string]string{recordKey: value})
	powerOn := c.plan.PowerState.ValueString() == poweredOn
	done := machine.ExtraConfigChange(map[string]string{machine.CreateMark: ""})
	if !powerOn {
		spec.ExtraConfig = append(spec.ExtraConfig, done...)
	}
	tflog.Debug(ctx, "tell the guest its configuration", map[string]any{"machine": c.ref.Value})
	if err := c.backend.Machines.Reconfigure(ctx, c.ref, spec); err != nil {
		return err
	}
	if powerOn {
		if err := c.backend.Machines.PowerOn(ctx, c.ref); err != nil {
			return err
		}
	}
	c.observed, err = c.backend.Machines.Observe(ctx, c.ref)
	if err != nil {
		return err
	}
	c.sent.remember(c.observed, devices)
	if !powerOn {
		return nil
	}
	// The mark goes last: whoever is killed before that leaves a machine that the next
	// creation of this name takes for unfinished. What follows is only to tell Terraform.
	c.sent.ChangeVersion = ""
	return c.backend.Machines.Reconfigure(ctx, c.ref, govmomi.VirtualMachineConfigSpec{ExtraConfig: done})
}

// settleCards makes the network cards what they should be, when the deploy did not.
func (r *Resource) settleCards(ctx context.Context, ref machine.Ref, nics []machine.NIC, observed *machine.Observation, devices map[string]int32) (map[string]int32, *machine.Observation, error) {
	changes, steps, err := machine.NICChanges(nics, observed.NICs, devices)
	if err != nil {
		return nil, nil, err
	}
	if steps.Empty() {
		return steps.Keys, observed, nil
	}
	if err := r.backend.Machines.Reconfigure(ctx, ref, govmomi.VirtualMachineConfigSpec{DeviceChange: changes}); err != nil {
		return nil, nil, err
	}
	after, err := r.backend.Machines.Observe(ctx, ref)
	if err != nil {
		return nil, nil, err
	}
	devices = machine.Assign(nics, after.NICs, steps.Keys)
	if len(devices) != len(nics) || len(after.NICs) != len(nics) {
		return nil, nil, fmt.Errorf("%s has %d network cards after its reconfiguration, of which %d belong to the %d interfaces that were asked for",
			after.Title(), len(after.NICs), len(devices), len(nics))
	}
	return devices, after, nil
}

// save writes the finished machine into state.
func (c *creation) save(ctx context.Context, state *tfsdk.State) diag.Diagnostics {
	return c.saveState(ctx, c.observed, &c.record, state)
}
