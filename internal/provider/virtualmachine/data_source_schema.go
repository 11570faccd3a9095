package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	shown "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	computed := func(description string) shown.StringAttribute {
		return shown.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	argument := func(description string, more ...validator.String) shown.StringAttribute {
		return shown.StringAttribute{
			Optional: true, Computed: true, MarkdownDescription: description,
			Validators: append([]validator.String{stringvalidator.LengthAtLeast(1)}, more...),
		}
	}
	resp.Schema = shown.Schema{
		MarkdownDescription: "The status of any virtual machine, whether Terraform manages it or not. A resource that Terraform manages in the same configuration has the same in its own `status`.",
		Attributes: map[string]shown.Attribute{
			"namespace": argument("Namespace to look for `name` from. Default: the provider's `default_namespace`. " +
				"With `instance_uuid`, which is unique in vCenter, it is not an argument: it is the namespace that puts its machines into the machine's folder and resource pool, null for none."),
			"name": argument("Name of the machine in the namespace's folder, or below it where no other has the name; or its inventory path, which can be of any machine of the datacenter. " +
				"Exactly one of this and `instance_uuid`."),
			"instance_uuid": argument("Instance UUID of the machine, such as the `id` of a `vmoperator_virtual_machine`.",
				stringvalidator.RegexMatches(uuidPattern, "must be a UUID in lower case, such as 5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a")),
			"path":          computed("Inventory path."),
			"folder":        computed("Folder, as `folder` of a namespace takes it: its name, or its inventory path where the name is ambiguous. Null for a machine in a vApp and in another datacenter."),
			"resource_pool": computed("Resource pool, as `resource_pool` of a namespace takes it: its name or that of its cluster, or its inventory path where the name is ambiguous. Null for a template and in another datacenter."),
			"storage_class": computed("Storage class of the machine's configuration files, null for none and where the user may not see it."),
			"status":        statusShown(),
		},
	}
}

// statusShown is the status of the resource, as a data source has it.
func statusShown() shown.Attribute {
	status, ok := attributeShown(statusAttribute()).(shown.SingleNestedAttribute)
	if !ok {
		return status
	}
	network, ok := status.Attributes["network"].(shown.SingleNestedAttribute)
	if !ok {
		return status
	}
	config, ok := network.Attributes["config"].(shown.SingleNestedAttribute)
	if !ok {
		return status
	}
	config.MarkdownDescription = "What the guest was told, as an import of the machine would show it. Null for a machine that this provider does not manage."
	network.Attributes["config"] = config
	return status
}

// attributeShown is a computed attribute of a resource as one of a data source.
func attributeShown(attribute schema.Attribute) shown.Attribute {
	switch a := attribute.(type) {
	case schema.StringAttribute:
		return shown.StringAttribute{Computed: true, MarkdownDescription: a.MarkdownDescription}
	case schema.Int64Attribute:
		return shown.Int64Attribute{Computed: true, MarkdownDescription: a.MarkdownDescription}
	case schema.BoolAttribute:
		return shown.BoolAttribute{Computed: true, MarkdownDescription: a.MarkdownDescription}
	case schema.ListAttribute:
		return shown.ListAttribute{Computed: true, ElementType: a.ElementType, MarkdownDescription: a.MarkdownDescription}
	case schema.MapAttribute:
		return shown.MapAttribute{Computed: true, ElementType: a.ElementType, MarkdownDescription: a.MarkdownDescription}
	case schema.SingleNestedAttribute:
		return shown.SingleNestedAttribute{Computed: true, MarkdownDescription: a.MarkdownDescription, Attributes: attributesShown(a.Attributes)}
	case schema.ListNestedAttribute:
		return shown.ListNestedAttribute{
			Computed: true, MarkdownDescription: a.MarkdownDescription,
			NestedObject: shown.NestedAttributeObject{Attributes: attributesShown(a.NestedObject.Attributes)},
		}
	default:
		panic(fmt.Sprintf("status has an attribute of the kind %T, which data sources do not show yet", attribute))
	}
}

func attributesShown(attributes map[string]schema.Attribute) map[string]shown.Attribute {
	out := make(map[string]shown.Attribute, len(attributes))
	for name, attribute := range attributes {
		out[name] = attributeShown(attribute)
	}
	return out
}
