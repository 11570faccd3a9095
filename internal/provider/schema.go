package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// Schema implements provider.Provider.
func (p *vmoperator) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "VM Operator's declarative virtual machines on any vCenter, without a Supervisor: images with stable ids, and guests whose network and bootstrap are part of the configuration.",
		Attributes: map[string]schema.Attribute{
			"vsphere_server": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Host name of vCenter, with a port if it is not 443. Environment: `VSPHERE_SERVER`.",
			},
			"user": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "User to log in as, such as `administrator@vsphere.local`. Environment: `VSPHERE_USER`.",
			},
			"password": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Password of the user. Environment: `VSPHERE_PASSWORD`.",
			},
			"allow_unverified_ssl": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to trust any server certificate. Default `false`. Environment: `VSPHERE_ALLOW_UNVERIFIED_SSL`.",
			},
			"ca_certificates": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "PEM certificates of the authorities to trust beside the system's, as text or as the path of a file. Environment: `VSPHERE_CA_CERTIFICATES`.",
			},
			"thumbprint": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "SHA-1 or SHA-256 thumbprint of the server certificate to trust, in any case, with or without colons. Environment: `VSPHERE_THUMBPRINT`.",
			},
			"datacenter": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name or inventory path of the datacenter. Default: the only one there is. Environment: `VSPHERE_DATACENTER`.",
			},
			"default_namespace": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Namespace of machines and images that name none. Default `default`. Environment: `VMOPERATOR_NAMESPACE`.",
			},
			"cluster_content_libraries": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Names or ids of the content libraries whose images are `ClusterVirtualMachineImage`s, visible in every namespace. Default: every library that no `namespace` block names.",
			},
			"max_concurrent_requests": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Bound on requests to vCenter in flight. Default `32`. Environment: `VSPHERE_MAX_CONCURRENT_REQUESTS`.",
				Validators:          []validator.Int64{int64validator.Between(1, 1000)},
			},
		},
		Blocks: map[string]schema.Block{
			"content_library":       libraryBlock(),
			"namespace":             namespaceBlock(),
			"virtual_machine_class": classBlock(),
		},
	}
}

func namespaceBlock() schema.Block {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
	list := func(description string) schema.Attribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.List{listvalidator.UniqueValues()},
		}
	}
	return schema.ListNestedBlock{
		MarkdownDescription: "A namespace: where its machines live and what they may use. Without a block for it, the namespace `default` is the datacenter's default resource pool and its `vm` folder.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Name of the namespace.",
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"content_libraries":     list("Names or ids of the content libraries whose images are the namespace's own (`VirtualMachineImage`)."),
				"resource_pool":         text("Resource pool of the machines, by name or inventory path. Default: the only cluster's or host's own pool."),
				"folder":                text("Folder of the machines, by name or inventory path. Default: the datacenter's `vm` folder."),
				"datastore":             text("Datastore of the machines, by name or inventory path. Default: what the storage policy allows."),
				"default_network":       text("Network of interfaces that name none, by name or inventory path. Default: `VM Network`, or the only network there is. Changing this connects the network cards of those interfaces to the other network, also of machines that run; the plan names each."),
				"default_storage_class": text("Storage policy of machines that name none when they are created. Changing this changes no machine that exists."),
				"nameservers": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "DNS servers of guests with a static address, where neither the machine nor its network names any.",
					Validators:          []validator.List{listvalidator.ValueStringsAre(fwtypes.IsAddress{})},
				},
				"search_domains": list("DNS search domains of guests with a static address, where neither the machine nor its network names any."),
			},
		},
	}
}

func classBlock() schema.Block {
	pair := func(what string) schema.Block {
		return schema.SingleNestedBlock{
			MarkdownDescription: what,
			Attributes: map[string]schema.Attribute{
				"cpu": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "CPU as a quantity of cores, such as `500m` or `2`.",
					Validators:          []validator.String{fwtypes.IsQuantity{}},
				},
				"memory": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Memory as a quantity, such as `4Gi`.",
					Validators:          []validator.String{fwtypes.IsQuantity{}},
				},
			},
		}
	}
	return schema.ListNestedBlock{
		MarkdownDescription: "A virtual machine class. It is looked at before vCenter's own classes.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Name of the class.",
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
			},
			Blocks: map[string]schema.Block{
				"hardware": schema.SingleNestedBlock{
					MarkdownDescription: "Size of the machine.",
					Attributes: map[string]schema.Attribute{
						"cpus": schema.Int64Attribute{
							Optional:            true,
							MarkdownDescription: "Number of virtual CPUs.",
							Validators:          []validator.Int64{int64validator.Between(1, 768)},
						},
						"memory": schema.StringAttribute{
							Optional:            true,
							MarkdownDescription: "Memory as a quantity, such as `4Gi`.",
							Validators:          []validator.String{fwtypes.IsQuantity{}},
						},
					},
				},
				"policies": schema.SingleNestedBlock{
					MarkdownDescription: "Policies of the class.",
					Blocks: map[string]schema.Block{
						"resources": schema.SingleNestedBlock{
							MarkdownDescription: "Reservations and limits.",
							Blocks: map[string]schema.Block{
								"requests": pair("What is reserved for the machine."),
								"limits":   pair("What the machine may use at most."),
							},
						},
					},
				},
			},
		},
	}
}
