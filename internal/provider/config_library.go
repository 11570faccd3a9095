package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

func libraryBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "How the images of a content library are named. Libraries that need nothing else than the default need no block, and a block makes no library visible: `cluster_content_libraries` and `content_libraries` do.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Name or id of the content library. One that vCenter does not have is an error when an image is first looked for.",
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"naming_strategy": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "Which id the VMI IDs of the library's images are made of: `FromItemID` for that of the item itself, or `PreferItemSourceID` for that of the published item of which it is a copy. " +
						"With the latter, an image of a subscribed library has the VMI ID that it has in the library it comes from, as on a Supervisor whose library has this `resourceNamingStrategy`; items of other libraries have no source and keep their VMI ID. Default `FromItemID`. " +
						"A change gives the images of a subscribed library other VMI IDs: machines with a display name in `image_name` are kept, machines with a VMI ID there are replaced when it is changed along.",
					Validators: []validator.String{stringvalidator.OneOf(string(image.FromItemID), string(image.PreferItemSourceID))},
				},
			},
		},
	}
}

type libraryModel struct {
	Name           types.String `tfsdk:"name"`
	NamingStrategy types.String `tfsdk:"naming_strategy"`
}

// namingStrategies are the naming strategies of the content libraries that have a block, by the
// libraries' names or ids; nil where there is no block.
func (c *config) namingStrategies(ctx context.Context) (map[string]image.NamingStrategy, diag.Diagnostics) {
	blocks, diags := fwtypes.Blocks[libraryModel](ctx, c.ContentLibrary)
	models, _ := blocks.Get()
	var strategies map[string]image.NamingStrategy
	seen := map[string]bool{}
	for i, block := range models {
		diags.Append(unique(seen, block.Name, path.Root("content_library").AtListIndex(i).AtName("name"), "content_library")...)
		strategy := image.FromItemID
		if written := block.NamingStrategy.ValueString(); written != "" {
			strategy = image.NamingStrategy(written)
		}
		if strategies == nil {
			strategies = make(map[string]image.NamingStrategy, len(models))
		}
		strategies[block.Name.ValueString()] = strategy
	}
	return strategies, diags
}
