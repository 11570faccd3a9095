package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func computedString(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func computedInt(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func computedBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func computedStrings(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func computedObject(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: attributes}
}

func computedObjects(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

// statusAttribute is what the provider reports: nested attributes, computed as a whole.
func statusAttribute() schema.Attribute {
	return computedObject("What is known about the virtual machine.", map[string]schema.Attribute{
		"unique_id":        computedString("Managed object id, such as `vm-42`."),
		"instance_uuid":    computedString("Instance UUID, as vCenter reports it."),
		"bios_uuid":        computedString("BIOS UUID, as vCenter reports it."),
		"power_state":      computedString("Power state, as vCenter reports it."),
		"node_name":        computedString("Name of the host that the machine is on."),
		"hardware_version": computedInt("Virtual hardware version, such as `19`."),
		"class":            computedString("Class that was applied."),
		"image": computedObject("The image that was deployed; null for a machine that was made by other means.", map[string]schema.Attribute{
			"provider_item_id":         computedString("Id of the content library item."),
			"provider_content_version": computedString("Content version of the item when it was deployed."),
		}),
		"guest": computedObject("The configured guest operating system.", map[string]schema.Attribute{
			"guest_id":        computedString("vSphere guest id, such as `ubuntu64Guest`."),
			"guest_full_name": computedString("Name of the guest operating system."),
		}),
		"bootstrap": computedObject("The configuration that was sent to the guest.", map[string]schema.Attribute{
			"provider":    computedString("Bootstrap provider: `CloudInit`, or empty for none."),
			"instance_id": computedString("cloud-init's instance id."),
			"revision":    computedInt("How often configuration was sent to the guest. A plan that raises it sends changed secrets, or restores what somebody changed in vCenter."),
		}),
		"hardware":              hardwareStatusAttribute(),
		"volumes":               volumesStatusAttribute(),
		"change_block_tracking": computedBool("Whether changed blocks of the disks are tracked. Null where vCenter does not say."),
		"network":               networkStatusAttribute(),
		"conditions":            conditionsAttribute(),
	})
}

func conditionsAttribute() schema.Attribute {
	return computedObjects("Conditions of the machine.", map[string]schema.Attribute{
		"type":    computedString("What the condition is about."),
		"status":  computedString("`True`, `False` or `Unknown`."),
		"reason":  computedString("Reason in one word."),
		"message": computedString("Explanation."),
	})
}

func networkStatusAttribute() schema.Attribute {
	dns := func() schema.Attribute {
		return computedObject("DNS of the interface.", map[string]schema.Attribute{
			"nameservers":    computedStrings("IP addresses of DNS servers."),
			"search_domains": computedStrings("DNS search domains."),
		})
	}
	dhcp := func() schema.Attribute {
		family := func(name string) schema.Attribute {
			return computedObject("DHCP for "+name+".", map[string]schema.Attribute{"enabled": computedBool("Whether DHCP is on.")})
		}
		return computedObject("DHCP of the interface.", map[string]schema.Attribute{"ip4": family("IPv4"), "ip6": family("IPv6")})
	}
	route := func() schema.Attribute {
		return computedObjects("Static routes.", map[string]schema.Attribute{
			"to":     computedString("Destination in CIDR notation, or `default`."),
			"via":    computedString("Next hop."),
			"metric": computedInt("Metric, null for the guest's own."),
		})
	}
	return computedObject("The guest's network: what it was told, and what VMware Tools reports.", map[string]schema.Attribute{
		"config": computedObject("The resolved configuration, known in plan wherever its inputs are.", map[string]schema.Attribute{
			"dns": computedObject("Names and DNS of the whole guest.", map[string]schema.Attribute{
				"host_name":      computedString("Short host name."),
				"domain_name":    computedString("DNS domain."),
				"nameservers":    computedStrings("IP addresses of DNS servers."),
				"search_domains": computedStrings("DNS search domains."),
			}),
			"interfaces": computedObjects("One record per interface.", map[string]schema.Attribute{
				"name":              computedString("Name of the interface."),
				"guest_device_name": computedString("Name of the device in the guest."),
				"mtu":               computedInt("Maximum transmission unit in bytes, null for the guest's own."),
				"ip": computedObject("Addressing of the interface.", map[string]schema.Attribute{
					"addresses": computedStrings("Addresses with prefix length, sorted."),
					"gateway4":  computedString("Default gateway for IPv4."),
					"gateway6":  computedString("Default gateway for IPv6."),
					"dhcp":      dhcp(),
				}),
				"dns":    dns(),
				"routes": route(),
				"sources": schema.MapAttribute{
					Computed: true, ElementType: types.StringType,
					MarkdownDescription: "The level that each value came from: `interface`, `vm`, `network` (the connected network) or `bootstrap` (a default of the namespace or the bootstrap provider).",
				},
			}),
		}),
		"host_name":   computedString("Host name that the guest reports."),
		"primary_ip4": computedString("Primary IPv4 address that the guest reports."),
		"primary_ip6": computedString("Primary IPv6 address that the guest reports."),
		"interfaces": computedObjects("Interfaces that the guest reports.", map[string]schema.Attribute{
			"name":       computedString("Name of the interface, empty for a card that the configuration does not name."),
			"device_key": computedInt("Key of the network card."),
			"ip": computedObject("Addressing that the guest reports.", map[string]schema.Attribute{
				"mac_addr": computedString("MAC address."),
				"addresses": computedObjects("Addresses.", map[string]schema.Attribute{
					"address": computedString("Address with prefix length."),
					"origin":  computedString("Where the address came from, such as `manual` or `dhcp`."),
					"state":   computedString("State of the address, such as `preferred`."),
				}),
				"dhcp": dhcp(),
			}),
			"dns": dns(),
		}),
		"ip_stacks": computedObjects("IP stacks that the guest reports.", map[string]schema.Attribute{
			"dns": computedObject("DNS of the stack.", map[string]schema.Attribute{
				"host_name":      computedString("Host name."),
				"domain_name":    computedString("DNS domain."),
				"nameservers":    computedStrings("IP addresses of DNS servers."),
				"search_domains": computedStrings("DNS search domains."),
			}),
			"routes": computedObjects("Routes.", map[string]schema.Attribute{
				"network_address": computedString("Destination in CIDR notation."),
				"gateway_address": computedString("Next hop, null for a connected network."),
				"gateway_device":  computedString("Device of the route, as VMware Tools names it: its place among the interfaces that the guest reports."),
			}),
		}),
	})
}
