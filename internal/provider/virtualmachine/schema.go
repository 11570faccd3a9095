package virtualmachine

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// Power states and modes, spelled as VM Operator spells them.
const (
	poweredOn  = "PoweredOn"
	poweredOff = "PoweredOff"
	suspended  = "Suspended"

	modeHard    = "Hard"
	modeSoft    = "Soft"
	modeTrySoft = "TrySoft"
)

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A virtual machine, described as VM Operator's `VirtualMachine` is: an image with a stable id, and a guest " +
			"whose network and bootstrap are part of the configuration. The plan shows the image's VMI ID and the network that the guest will have, " +
			"and where each value came from.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Instance UUID of the virtual machine. It survives vMotion, renaming and re-registration, and is the import id; an inventory path or a managed object id does as well.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the virtual machine in vCenter, of 1 to 80 characters without `/`, `\\` and `%`, which vSphere would store in another form; and the guest's host name unless `network.host_name` is set. Changing this renames the virtual machine in place.",
				Validators:          []validator.String{machineName{}},
			},
			"namespace": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Namespace of the provider that the machine lives in: its folder, resource pool, default network and image libraries. Default: the provider's `default_namespace`. Changing this replaces the virtual machine.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"image_name": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Display name or VMI ID of the image to deploy. It stays as written, `image` shows what it resolved to. The resolution is pinned: " +
					"a later image of the same name changes nothing. Needed, if `image` is not written, for a machine that is to be created; " +
					"one that was imported may have neither. Removing this changes nothing. Changing this to another image replaces the virtual machine. " +
					"A name that is not known yet replaces nothing, and the plan warns of what comes of another one.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"image": schema.SingleNestedAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The image to deploy, by kind and VMI ID: what `image_name` resolved to, known in plan, or written instead of it. Changing this replaces the virtual machine, " +
					"as does a `name` that is not known yet, which is that of an image that the same apply makes.",
				// Not Required: to Terraform, a value with parts that only a configuration can set
				// comes from one, and it would plan the image away where image_name is written.
				Attributes: map[string]schema.Attribute{
					"kind": schema.StringAttribute{
						Optional: true, Computed: true,
						MarkdownDescription: "`VirtualMachineImage` for an image of the namespace's own libraries, `ClusterVirtualMachineImage` for one of the shared libraries. Needed where `image` is written.",
						Validators:          []validator.String{imageKind{}},
					},
					"name": schema.StringAttribute{
						Optional: true, Computed: true,
						MarkdownDescription: "VMI ID of the image, such as `vmi-0a0044d7c690bcbea`. Needed where `image` is written.",
						Validators:          []validator.String{imageID{}},
					},
				},
			},
			"class_name": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Virtual machine class: one of the provider's `virtual_machine_class` blocks, else one of vCenter's own classes. " +
					"Default: the size of the image. A class is applied once: what becomes of it later does not resize the machine. " +
					"Changing this needs the machine powered off, which `allow_power_cycle` permits.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"guest_id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Guest operating system, by its vSphere id, such as `vmwarePhoton64Guest`: one that the vSphere API lists, or that the cluster offers. Default: that of the image; an ISO image has none, and needs it written. Changing this needs the machine powered off, which `allow_power_cycle` permits.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"min_hardware_version": schema.Int64Attribute{
				Optional: true, Computed: true,
				Default: int64default.StaticInt64(0),
				MarkdownDescription: "Least virtual hardware version that the machine is to have, 13 to 22; `0` asks for none. Default `0`. A version never decreases. " +
					"Raising this above what the machine has upgrades it, which needs it powered off, as `allow_power_cycle` permits.",
			},
			"storage_class": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Storage policy of the machine and its disks, by name or by its lower-case hyphenated form. Default: the namespace's `default_storage_class`, else the datastore's own default. Changing this replaces the virtual machine.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"instance_uuid": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Instance UUID to give the virtual machine, lower case. Default: a random one. Changing this replaces the virtual machine.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
				Validators:          []validator.String{stringvalidator.RegexMatches(uuidPattern, "a lower-case UUID such as 5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a")},
			},
			"bios_uuid": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "BIOS UUID to give the virtual machine, lower case; also the default of `bootstrap.cloud_init.instance_id`. Default: a random one. Changing this replaces the virtual machine.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
				Validators:          []validator.String{stringvalidator.RegexMatches(uuidPattern, "a lower-case UUID such as 5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a")},
			},
			"power_state": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:             stringdefault.StaticString(poweredOn),
				MarkdownDescription: "Power state to bring the machine to: `PoweredOn`, `PoweredOff` or `Suspended` (a running machine only, not at creation). Default `PoweredOn`. Changed in place.",
				Validators:          []validator.String{stringvalidator.OneOf(poweredOn, poweredOff, suspended)},
			},
			"power_off_mode": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:             stringdefault.StaticString(modeTrySoft),
				MarkdownDescription: "How the machine is powered off or suspended: `Soft` asks the guest and fails if it does not follow within five minutes, `Hard` does not ask, `TrySoft` asks and then does it anyway. Default `TrySoft`.",
				Validators:          []validator.String{stringvalidator.OneOf(modeHard, modeSoft, modeTrySoft)},
			},
			"restart_mode": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:             stringdefault.StaticString(modeTrySoft),
				MarkdownDescription: "How the machine is restarted where `next_restart_time` asks for it: `Soft` asks the guest and fails if it cannot be asked, `Hard` resets the machine, `TrySoft` asks and resets it where the guest cannot be asked. Default `TrySoft`.",
				Validators:          []validator.String{stringvalidator.OneOf(modeHard, modeSoft, modeTrySoft)},
			},
			"next_restart_time": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Time in RFC 3339 form, such as `2025-06-01T12:00:00Z`. A time later than the last restart that was asked for restarts a running machine when it is applied, by `restart_mode`; the machine remembers it. " +
					"It is not in the future: set it to the time at which a restart is wanted, or to `plantimestamp()` for one at every apply.",
				Validators: []validator.String{isTime{}},
			},
			"allow_power_cycle": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether an update may power the machine off and on again. Where a change needs that and this is false, the plan fails and names the attributes. Default `false`.",
			},
			"status": statusAttribute(),
		},
		Blocks: map[string]schema.Block{
			"network":         networkBlock(),
			"bootstrap":       bootstrapBlock(),
			"resources":       resourcesBlock(),
			"advanced":        advancedBlock(),
			"boot_options":    bootOptionsBlock(),
			"hardware":        hardwareBlock(),
			"volume":          volumeBlock(),
			"readiness_probe": readinessProbeBlock(),
			"timeouts":        timeoutsBlock(ctx),
		},
	}
	fwtypes.Fix(ctx, resp)
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"instance_uuid": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Instance UUID of the virtual machine.",
			},
		},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long creating may take, such as `45m`. Default `30m`.",
		ReadDescription:   "How long reading may take. Default `5m`.",
		UpdateDescription: "How long updating may take. Default `30m`.",
		DeleteDescription: "How long deleting may take. Default `15m`.",
	})
	if single, ok := block.(schema.SingleNestedBlock); ok {
		single.MarkdownDescription = "How long operations on the machine may take, as durations such as `90s` or `30m`."
		return fwtypes.LimitTimeouts(single)
	}
	return block
}
