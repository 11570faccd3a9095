package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func vappConfigBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Hand settings to the guest as OVF properties of its image, for which the guest has programs of its own: by itself, or beside `linux_prep` or `sysprep`. A change is set at once by itself, also on a machine that runs; beside `linux_prep` or `sysprep` it goes with the customization, which takes the machine powered off and on.",
		Attributes: map[string]schema.Attribute{
			"raw_properties": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of a secret in `bootstrap.secrets_wo`, each key of which is the key of a property, instead of `property` blocks.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
		Blocks: map[string]schema.Block{
			"property": schema.ListNestedBlock{
				MarkdownDescription: "Value of an OVF property. It is checked against the property's type in the image when planned.",
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"key": schema.StringAttribute{
							Required:            true,
							MarkdownDescription: "Key of the property: its id, or class, id and instance with dots between them where several have that id.",
						},
						"value": schema.StringAttribute{
							Optional: true,
							MarkdownDescription: "The value, shown in plans: use `from` for secrets. It may be a template over the network, such as `{{ V1alpha6_FirstIP }}`; " +
								"`\\\\{` and `\\\\}` stand for braces. An empty value leaves the image's default in force.",
						},
					},
					Blocks: map[string]schema.Block{
						"from": fromBlock("Take the value from `bootstrap.secrets_wo`. At most one of `value` and `from`; without either, the property is left alone.", ""),
					},
				},
			},
		},
	}
}
