package image

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := reported(imageAttributes())
	attributes["id"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "Id of the content library item. It survives renaming and new content, the VMI ID is made of it, and it is the import id.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
	attributes["content_library"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Name or id of the content library that the image goes to. A subscribed library takes no images of its own. Changing this to another library replaces the image.",
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["name"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Display name of the image, which no other item of the library has. Changing this renames the image in place.",
		Validators:          []validator.String{stringvalidator.LengthBetween(1, 255), isDisplayName{}},
	}
	attributes["description"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Description of the content library item. Default: empty. Changed in place.",
	}
	attributes["namespace"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Namespace of the provider that `kind`, `image` and `spec` are as seen from. Default: the provider's `default_namespace`. Changed in place.",
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["kind"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: kindDescription + " Null where the namespace does not see the library.",
	}
	attributes["image"] = schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The image by kind and VMI ID, as the `image` of a `vmoperator_virtual_machine` takes it. It stays the same when the image is renamed or gets new content. Null where the namespace does not see the library.",
		Attributes: map[string]schema.Attribute{
			"kind": schema.StringAttribute{Computed: true, MarkdownDescription: kindDescription},
			"name": schema.StringAttribute{Computed: true, MarkdownDescription: "VMI ID of the image, such as `vmi-0a0044d7c690bcbea`."},
		},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "An image in a content library, made of an OVA, an OVF package or an ISO on this machine or at a URL, or of a virtual machine. " +
			"Its content is updated in place, so that its VMI ID stays.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"source":   sourceBlock(),
			"timeouts": timeoutsBlock(ctx),
		},
	}
	fwtypes.Fix(ctx, resp)
}

func sourceBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "What the image is made of: exactly one of `file`, `url` and `virtual_machine`. Changing this updates the content in place, but for a change between an OVF image and an ISO, which replaces the image.",
		Attributes: map[string]schema.Attribute{
			"file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path of an `.ova`, `.ovf` or `.iso` file on this machine. Of an OVF descriptor, the files that it names are uploaded as well; they are beside it, as are its manifest (`.mf`) and certificate, where there are any. " +
					"A manifest is checked, also that in an OVA. That the content of a file has changed is noticed in plan, by its size, or by its SHA-256 where its time has changed; a file that is gone is no change.",
			},
			"url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "`http` or `https` URL of an `.ova`, `.ovf` or `.iso` file, which vCenter fetches by itself. Files that an OVF descriptor names are fetched from beside it. " +
					"An `.ova` with a `checksum` is streamed through this machine instead, because vCenter compares none for it. Another content at the same URL is not noticed: change `checksum`. A token in it is kept in state.",
			},
			"checksum": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Checksum of the file at `file` or `url`, as `sha256:`, `sha512:`, `sha1:` or `md5:` and hexadecimal digits. Content that does not have it never becomes an image. " +
					"Default for `file`: its SHA-256 when it was uploaded.",
				Validators: []validator.String{isChecksum{}},
			},
			"ssl_thumbprint": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "SHA-1 thumbprint of the certificate of the server at `url`, in any case, with or without colons. With it, no other certificate is accepted. " +
					"Default: certificates that vCenter trusts.",
				Validators: []validator.String{isThumbprint{}},
			},
			"virtual_machine": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Instance UUID of a virtual machine to capture, such as the `id` of a `vmoperator_virtual_machine`. Its guestinfo is not captured. " +
					"What becomes of the machine later changes nothing: another capture takes another `virtual_machine`.",
				Validators: []validator.String{isInstanceUUID{}},
			},
		},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long creating may take, with the upload, such as `4h`. Default `2h`.",
		ReadDescription:   "How long reading may take. Default `5m`.",
		UpdateDescription: "How long updating may take, with the upload. Default `2h`.",
		DeleteDescription: "How long deleting may take. Default `10m`.",
	})
	if single, ok := block.(schema.SingleNestedBlock); ok {
		single.MarkdownDescription = "How long operations on the image may take, as durations such as `90s` or `4h`."
		return fwtypes.LimitTimeouts(single)
	}
	return block
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Id of the content library item.",
			},
		},
	}
}

// reported are the attributes that the data source shows of an image, for a resource: the
// framework has types of its own for each.
func reported(attributes map[string]datasource.Attribute) map[string]schema.Attribute {
	out := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		description := attribute.GetMarkdownDescription()
		switch a := attribute.(type) {
		case datasource.StringAttribute:
			out[name] = schema.StringAttribute{Computed: true, MarkdownDescription: description}
		case datasource.Int64Attribute:
			out[name] = schema.Int64Attribute{Computed: true, MarkdownDescription: description}
		case datasource.BoolAttribute:
			out[name] = schema.BoolAttribute{Computed: true, MarkdownDescription: description}
		case datasource.ListAttribute:
			out[name] = schema.ListAttribute{Computed: true, MarkdownDescription: description, ElementType: a.ElementType}
		case datasource.MapAttribute:
			out[name] = schema.MapAttribute{Computed: true, MarkdownDescription: description, ElementType: a.ElementType}
		case datasource.SingleNestedAttribute:
			out[name] = schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: reported(a.Attributes)}
		case datasource.ListNestedAttribute:
			out[name] = schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: description,
				NestedObject: schema.NestedAttributeObject{Attributes: reported(a.NestedObject.Attributes)},
			}
		default:
			panic(fmt.Sprintf("%s: a resource cannot show a %T", name, attribute))
		}
	}
	return out
}
