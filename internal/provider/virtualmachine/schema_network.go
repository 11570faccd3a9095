package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func networkBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "The guest's network. Without this block, or without an `interface`, the machine gets one interface named `eth0` on the namespace's default network; " +
			"one that was made by other means and is imported keeps the network cards that it has, until interfaces are written. " +
			"A change of what the guest is told reaches it as its bootstrap provider carries it: with `cloud_init` it is written to the running machine, and with `linux_prep` and `sysprep` it takes the machine powered off and on.",
		Attributes: map[string]schema.Attribute{
			"disabled": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Leave the machine without network interfaces, even those of its image. Default `false`. Changing this adds or removes network cards in place.",
			},
			"host_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Short host name of the guest, at most 63 characters, and 15 bytes for Windows. Every bootstrap provider carries it; with `vapp_config` alone, through templates. Default: `name`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"domain_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "DNS domain of the guest, at most 253 bytes. With `sysprep` it is also the domain to join, where `identification` is there. Default: the domain of the first connected network whose Network Protocol Profile names one, else none.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"nameservers": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "IP addresses of DNS servers for the whole guest (`cloud_init`, `linux_prep` or `sysprep`). With `cloud_init`, the default of interfaces that name none. " +
					"Default: with `linux_prep`, `sysprep` and `vapp_config`, those of the first connected network whose Network Protocol Profile names any; then the namespace's, if an interface without DHCP has none.",
				Validators: []validator.List{listvalidator.SizeAtLeast(1)},
			},
			"search_domains": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "DNS search domains for the whole guest (`cloud_init`, `linux_prep` or `sysprep`). With `cloud_init`, the default of interfaces that name none. Default: as for `nameservers`.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
			},
		},
		Blocks: map[string]schema.Block{
			"interface": interfaceBlock(),
			"vlan": schema.ListNestedBlock{
				MarkdownDescription: "A VLAN sub-interface in the guest (`cloud_init` only; refused with any other bootstrap provider).",
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
		MarkdownDescription: "A network interface, at most ten, in the order of the machine's network cards. Adding or removing one adds or removes a network card in place.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Name that identifies the interface: two or more lower-case letters and digits. Renaming an interface replaces its network card.",
				},
				"type": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Virtual network card: `VMXNet3`, `E1000`, `E1000e`, `SRIOV`, `VMXNet2` or `PCNet32`. Default `VMXNet3`. Changing this replaces the network card in place, and with it the MAC address.",
				},
				"guest_device_name": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Name of the device in the guest, 2 to 15 letters, digits and underscores (`cloud_init` only). Default: `name`.",
				},
				"mac_addr": macAttribute(),
				"addresses": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "Static IPv4 and IPv6 addresses in CIDR notation, such as `10.0.1.100/24`. `linux_prep` and `sysprep` carry one IPv4 address for each interface, the first. " +
						"Default: an address from each enabled pool of the connected network's Network Protocol Profile, unless `dhcp4` or `dhcp6` asks for DHCP of its family; without a profile, none.",
					Validators: []validator.List{listvalidator.SizeAtLeast(1)},
				},
				"dhcp4": schema.BoolAttribute{
					Optional:            true,
					MarkdownDescription: "Whether the guest uses DHCP for IPv4. Default: `false` with an IPv4 address, written or from a pool; else as the connected network's Network Protocol Profile says; without a profile, `true` for an interface without addresses of either family.",
				},
				"dhcp6": schema.BoolAttribute{
					Optional:            true,
					MarkdownDescription: "Whether the guest uses DHCP for IPv6 and honours router advertisements; guests that `linux_prep` configures do not. Default: `false` with an IPv6 address, written or from a pool; else as the connected network's Network Protocol Profile says; without a profile, `false`.",
				},
				"gateway4": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Default gateway for IPv4, without prefix length, or `None` for none. `linux_prep` carries that of the first interface only. Default: that of the connected network's Network Protocol Profile for an interface with an address of the family, else none.",
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"gateway6": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Default gateway for IPv6, without prefix length, or `None` for none. `linux_prep` carries that of the first interface only. Default: that of the connected network's Network Protocol Profile for an interface with an address of the family, else none.",
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"mtu": schema.Int64Attribute{
					Optional:            true,
					MarkdownDescription: "Maximum transmission unit in bytes, 68 to 65535 (`cloud_init` only). Default: the guest's own.",
				},
				"nameservers": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "IP addresses of DNS servers for this interface (`cloud_init` or `sysprep`). " +
						"Default: with `cloud_init`, `network.nameservers`; where that is not set, those of the connected network's Network Protocol Profile, and for an interface without DHCP those of the namespace; none with `linux_prep`.",
					Validators: []validator.List{listvalidator.SizeAtLeast(1)},
				},
				"search_domains": schema.ListAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "DNS search domains for this interface (`cloud_init` only). " +
						"Default: with `cloud_init`, `network.search_domains`; where that is not set, the search path of the connected network's Network Protocol Profile, and for an interface without DHCP that of the namespace; none with `linux_prep` and `sysprep`.",
					Validators: []validator.List{listvalidator.SizeAtLeast(1)},
				},
			},
			Blocks: map[string]schema.Block{
				"network": schema.SingleNestedBlock{
					MarkdownDescription: "The network to connect the interface to. Default: the namespace's default network. Changing this connects the card to the other network in place.",
					Attributes: map[string]schema.Attribute{
						"name": schema.StringAttribute{
							Optional:            true,
							MarkdownDescription: "Name or inventory path of the network. Default: the namespace's default network.",
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
