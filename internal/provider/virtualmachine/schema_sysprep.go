package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func sysprepBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Configure a Windows guest with vSphere's guest OS customization, which runs Microsoft's Sysprep: exactly one of `sysprep` and `raw_sysprep`. " + atNextPowerOn,
		Blocks: map[string]schema.Block{
			"raw_sysprep": keyedSecretBlock("Answer file of Windows' setup (`unattend.xml`) as text, or base64 of it, with or without gzip. It may be a template, as a property of `vapp_config` may.", keyUnattend),
			"sysprep":     answersBlock(),
		},
	}
}

func answersBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Answer file of Windows' setup, field by field. An empty block gives the guest its computer name and its network.",
		Attributes: map[string]schema.Attribute{
			"expire_password_after_next_login": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether the local administrators have to choose another password at the first logon (vSphere 9.1 and newer). Default `false`.",
			},
		},
		Blocks: map[string]schema.Block{
			"user_data":               userDataBlock(),
			"gui_unattended":          guiUnattendedBlock(),
			"identification":          identificationBlock(),
			"license_file_print_data": licenseBlock(),
			"gui_run_once": schema.SingleNestedBlock{
				MarkdownDescription: "What runs at the first logon.",
				Attributes: map[string]schema.Attribute{
					"commands": schema.ListAttribute{
						Optional: true, ElementType: types.StringType,
						MarkdownDescription: "Commands to run at the first logon, in their order.",
						Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
					},
				},
			},
			"script_text": secretBlock("Batch file that runs before the customization with the argument `precustomization` and after it with `postcustomization`, at most 65536 bytes (vSphere 9.1 and newer)."),
		},
	}
}

func userDataBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "To whom Windows is registered. Default: to `Administrator` of the domain, or of `Organization`.",
		Attributes: map[string]schema.Attribute{
			"full_name": schema.StringAttribute{Optional: true, MarkdownDescription: "Full name of the user. Needed where the block is there."},
			"org_name":  schema.StringAttribute{Optional: true, MarkdownDescription: "Name of the organization. Needed where the block is there."},
		},
		Blocks: map[string]schema.Block{
			"product_id": keyedSecretBlock("Product key: five groups of five capital letters and digits with dashes between them. Default: none, for images with a volume licence.", keyProductID),
		},
	}
}

func guiUnattendedBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "What Windows' setup would ask.",
		Attributes: map[string]schema.Attribute{
			"auto_logon": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether the Administrator is logged on without being asked, which needs `auto_logon_count` and `password`. Default `false`.",
			},
			"auto_logon_count": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How often the Administrator is logged on without being asked, 1 or more. Needed with `auto_logon`.",
			},
			"time_zone": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Time zone by its Microsoft index, such as `4` for Pacific time. Default `85`, Greenwich Mean Time.",
			},
		},
		Blocks: map[string]schema.Block{
			"password": keyedSecretBlock("Password of the local Administrator. Default: the image's own.", keyPassword),
		},
	}
}

func identificationBlock() schema.Block {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "What the machine joins: a domain, or a workgroup. Without this block it joins nothing, also where `network.domain_name` is set.",
		Attributes: map[string]schema.Attribute{
			"join_domain":    text("Domain to join, for which `domain_admin` and `domain_admin_password` are needed. Default: `network.domain_name`; where both are set they have to be equal."),
			"join_workgroup": text("Workgroup to join, at most 15 bytes, instead of a domain. Default: Windows' own, where no domain is joined."),
			"domain_admin":   text("User who may add machines to the domain, such as `EXAMPLE\\\\administrator`."),
			"domain_ou":      text("LDAP path of the organizational unit to put the machine in, such as `OU=Servers,DC=example,DC=com` (vSphere 8.0.2 and newer). Default: the domain's own."),
		},
		Blocks: map[string]schema.Block{
			"domain_admin_password": keyedSecretBlock("Password of `domain_admin`.", keyDomainAdminPassword),
		},
	}
}

func licenseBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "How client access is licensed, for Windows 2000 Server and Windows Server 2003.",
		Attributes: map[string]schema.Attribute{
			"auto_mode":  schema.StringAttribute{Optional: true, MarkdownDescription: "`perServer` or `perSeat`. Needed where the block is there."},
			"auto_users": schema.Int64Attribute{Optional: true, MarkdownDescription: "Number of client licences, 1 or more, with `perServer`."},
		},
	}
}
