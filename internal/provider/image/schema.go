package image

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func object(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: attributes}
}

func objects(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

// imageAttributes are what is shown of an image, apart from what it is found by: kind, name
// and namespace.
func imageAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"labels": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Labels: type, operating system and capabilities of the image.",
		},
		"spec": object("Where the image comes from.", map[string]schema.Attribute{
			"provider_ref": object("The content library item, as the Image Registry names it.", map[string]schema.Attribute{
				"api_version": text("API version of the referenced object."),
				"kind":        text("`ContentLibraryItem` or `ClusterContentLibraryItem`."),
				"name":        text("Name of the referenced object."),
			}),
		}),
		"status": object("What is known about the image.", map[string]schema.Attribute{
			"name":             text("Display name."),
			"type":             text("`OVF`, `ISO`, or `VM` for a VM template."),
			"firmware":         text("`BIOS` or `EFI`. Null where the image does not say, as an ISO."),
			"hardware_version": number("Virtual hardware version, such as `19`."),
			"capabilities": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Capabilities that the image claims, such as `cloud-init`. Empty where it claims none.",
			},
			"os_info": object("Operating system.", map[string]schema.Attribute{
				"id":      text("vSphere guest id, such as `ubuntu64Guest`."),
				"type":    text("Family: `Linux`, `Windows`, `Darwin`, `BSD`, `Solaris` or `Other`."),
				"version": text("Version of the operating system."),
			}),
			"product_info": object("Product.", map[string]schema.Attribute{
				"product":      text("Product name."),
				"vendor":       text("Vendor."),
				"version":      text("Short version."),
				"full_version": text("Long version."),
			}),
			"disks": objects("Virtual disks.", map[string]schema.Attribute{
				"name":                  text("Name of the disk."),
				"capacity":              text("Virtual size as a quantity, such as `20Gi`."),
				"size":                  text("Populated size as a quantity, null where the image does not say."),
				"capacity_bytes":        number("Virtual size in bytes."),
				"size_bytes":            number("Populated size in bytes, null where the image does not say."),
				"controller_type":       text("`IDE`, `SCSI`, `SATA` or `NVME`."),
				"controller_bus_number": number("Bus number of the controller."),
				"unit_number":           number("Unit number on the controller."),
			}),
			"ovf_properties": objects("OVF properties that a user may set.", map[string]schema.Attribute{
				"key":         text("Key of the property."),
				"type":        text("vApp type of the property, such as `string(1..8)`."),
				"default":     text("Default value, null for none."),
				"label":       text("Label for people."),
				"description": text("Description for people."),
			}),
			"vmware_system_properties": objects("OVF properties that vSphere uses itself.", map[string]schema.Attribute{
				"key":   text("Key of the property."),
				"value": text("Value of the property."),
			}),
			"provider_item_id":         text("Id of the content library item."),
			"provider_content_version": text("Content version that the status was read from. Null where it could not be read."),
			"conditions": objects("Conditions of the image: `Ready`; for images of subscribed libraries `VirtualMachineImageCached`, which tells whether the disks are in the library already; and `VirtualMachineImageV1Alpha1Compatible` for images whose guest waits for VM Operator before it runs cloud-init.", map[string]schema.Attribute{
				"type":    text("What the condition is about."),
				"status":  text("`True` or `False`."),
				"reason":  text("Reason in one word."),
				"message": text("Explanation."),
			}),
		}),
	}
}
