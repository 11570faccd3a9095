package virtualmachine

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
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
				MarkdownDescription: "Instance UUID of the virtual machine. It survives vMotion, renaming and re-registration, and is the import id.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the virtual machine in vCenter, and the guest's host name unless `network.host_name` is set. Changing this renames the virtual machine in place.",
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 80)},
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
					"a later image of the same name changes nothing. Changing this to another image replaces the virtual machine.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"image": schema.SingleNestedAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The image to deploy, by kind and VMI ID: what `image_name` resolved to, known in plan, or written instead of it. Changing this replaces the virtual machine.",
				// Not Required: to Terraform, a value with parts that only a configuration can set
				// comes from one, and it would plan the image away where image_name is written.
				Attributes: map[string]schema.Attribute{
					"kind": schema.StringAttribute{
						Optional: true, Computed: true,
						MarkdownDescription: "`VirtualMachineImage` for an image of the namespace's own libraries, `ClusterVirtualMachineImage` for one of the shared libraries. Needed where `image` is written.",
						Validators:          []validator.String{stringvalidator.OneOf(string(image.VirtualMachineImage), string(image.ClusterVirtualMachineImage))},
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
			"readiness_probe": readinessProbeBlock(),
			"timeouts":        timeoutsBlock(ctx),
		},
	}
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
		return single
	}
	return block
}

func networkBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "The guest's network. Without this block, or without an `interface`, the machine gets one interface named `eth0` on the namespace's default network.",
		Attributes: map[string]schema.Attribute{
			"disabled": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Leave the machine without network interfaces, even those of its image. Default `false`.",
			},
			"host_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Short host name of the guest, at most 63 characters and 15 bytes for Windows. Default: `name`.",
			},
			"domain_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "DNS domain of the guest.",
			},
			"nameservers": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "IP addresses of DNS servers for the whole guest. With cloud-init, the default of interfaces that name none.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
			},
			"search_domains": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "DNS search domains for the whole guest. With cloud-init, the default of interfaces that name none.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
			},
		},
		Blocks: map[string]schema.Block{
			"interface": interfaceBlock(),
			"vlan": schema.ListNestedBlock{
				MarkdownDescription: "A VLAN sub-interface in the guest (`cloud_init` only).",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the VLAN device in the guest, 1 to 15 characters."},
					"id":   schema.Int64Attribute{Required: true, MarkdownDescription: "VLAN id, 0 to 4094."},
					"link": schema.StringAttribute{Required: true, MarkdownDescription: "`name` of the interface that carries the VLAN."},
				}},
			},
		},
	}
}

func interfaceBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "A network interface, at most ten, in the order of the machine's network cards.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Name that identifies the interface: two or more lower-case letters and digits. Renaming an interface replaces its network card.",
				},
				"type": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Virtual network card: `VMXNet3` (default), `E1000`, `E1000e`, `SRIOV`, `VMXNet2` or `PCNet32`.",
				},
				"guest_device_name": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Name of the device in the guest, at most 15 bytes (`cloud_init` only). Default: `name`.",
				},
				"mac_addr": macAttribute(),
				"addresses": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "Static IPv4 and IPv6 addresses in CIDR notation, such as `10.0.1.100/24`.",
					Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				},
				"dhcp4": schema.BoolAttribute{
					Optional:            true,
					MarkdownDescription: "Whether the guest uses DHCP for IPv4. Default: `true` for an interface without any address, else `false`.",
				},
				"dhcp6": schema.BoolAttribute{
					Optional:            true,
					MarkdownDescription: "Whether the guest uses DHCP for IPv6 and honours router advertisements. Default `false`.",
				},
				"gateway4": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Default gateway for IPv4, without prefix length, or `None` for none. Default: none.",
				},
				"gateway6": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Default gateway for IPv6, without prefix length, or `None` for none. Default: none.",
				},
				"mtu": schema.Int64Attribute{
					Optional:            true,
					MarkdownDescription: "Maximum transmission unit in bytes, 68 to 65535 (`cloud_init` only). Default: the guest's own.",
				},
				"nameservers": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "IP addresses of DNS servers for this interface (`cloud_init` only). Default: `network.nameservers`.",
					Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				},
				"search_domains": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "DNS search domains for this interface (`cloud_init` only). Default: `network.search_domains`.",
					Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				},
			},
			Blocks: map[string]schema.Block{
				"network": schema.SingleNestedBlock{
					MarkdownDescription: "The network to connect the interface to. Default: the namespace's default network.",
					Attributes: map[string]schema.Attribute{
						"name": schema.StringAttribute{
							Optional:            true,
							MarkdownDescription: "Name or inventory path of the network.",
							Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
						},
					},
				},
				"route": schema.ListNestedBlock{
					MarkdownDescription: "A static route through this interface (`cloud_init` only).",
					NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
						"to":     schema.StringAttribute{Required: true, MarkdownDescription: "Destination in CIDR notation, or `default`."},
						"via":    schema.StringAttribute{Required: true, MarkdownDescription: "IP address of the next hop."},
						"metric": schema.Int64Attribute{Optional: true, MarkdownDescription: "Metric of the route, 1 or more. Default: the guest's own."},
					}},
				},
			},
		},
	}
}
