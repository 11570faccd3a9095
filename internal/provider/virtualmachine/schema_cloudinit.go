package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
)

func cloudInitBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Configure the guest with cloud-init, through its VMware data source (guestinfo). Changes are written to a running machine, and the guest reads them when cloud-init next runs.",
		Attributes: map[string]schema.Attribute{
			"instance_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "cloud-init's instance id; a changed one makes cloud-init treat the guest as a new instance. Default: `bios_uuid`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"ssh_authorized_keys": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "SSH public keys of the guest's default user.",
				Validators:          someTexts(),
			},
			"use_global_nameservers_as_default": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether interfaces without `nameservers` inherit `network.nameservers`. Default `true`.",
			},
			"use_global_search_domains_as_default": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether interfaces without `search_domains` inherit `network.search_domains`. Default `true`.",
			},
			"wait_on_network4": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether cloud-init waits for an IPv4 address before it goes on.",
			},
			"wait_on_network6": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether cloud-init waits for an IPv6 address before it goes on.",
			},
		},
		Blocks: map[string]schema.Block{
			"raw_cloud_config": secretBlock("User data as cloud-init documents it, instead of `cloud_config`. Base64, or gzip in base64, is decoded where it holds recognisable user data."),
			"cloud_config":     cloudConfigBlock(),
		},
	}
}

func cloudConfigBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Cloud-config, field by field. The document that the guest gets starts with a Jinja header, so that `{{ ds.meta_data.hostname }}` works in it.",
		Attributes: map[string]schema.Attribute{
			"timezone": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Time zone of the guest, such as `Europe/Paris`. Default: the guest's own.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"default_user_enabled": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether to keep the distribution's default user beside the `user` blocks. Default `false`; without a `user` block it has no effect.",
			},
			"ssh_pwauth": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether the SSH server accepts passwords. Default: the guest's own.",
			},
			"runcmd": schema.DynamicAttribute{
				Optional:            true,
				MarkdownDescription: "Commands to run at first boot: a list whose elements are strings, for the shell, or lists of strings, for exec.",
			},
		},
		Blocks: map[string]schema.Block{
			"user":       userBlock(),
			"write_file": writeFileBlock(),
		},
	}
}

func userBlock() schema.Block {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
	flag := func(description string) schema.Attribute {
		return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
	}
	list := func(description string) schema.Attribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: someTexts(),
		}
	}
	return schema.ListNestedBlock{
		MarkdownDescription: "A user of the guest.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					Required: true, MarkdownDescription: "Login name.",
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"create_groups":       flag("Whether the groups in `groups` are created. cloud-init's default is `true`."),
				"expiredate":          text("Date on which the account is disabled, such as `2030-01-01`."),
				"gecos":               text("Comment about the user, usually the full name."),
				"groups":              list("Additional groups."),
				"homedir":             text("Home directory. cloud-init's default is `/home/<name>`."),
				"inactive":            schema.Int64Attribute{Optional: true, MarkdownDescription: "Days after the password's expiry until the account is disabled."},
				"lock_passwd":         flag("Whether password login is locked. cloud-init's default is `true`."),
				"no_create_home":      flag("Whether to do without a home directory."),
				"no_log_init":         flag("Whether to keep the user out of lastlog and faillog."),
				"no_user_group":       flag("Whether to do without a group of the user's name."),
				"primary_group":       text("Primary group. cloud-init's default is a group of the user's name."),
				"selinux_user":        text("SELinux user of the login."),
				"shell":               text("Login shell."),
				"snapuser":            text("E-mail address of a Snappy user to create."),
				"ssh_authorized_keys": list("SSH public keys of the user."),
				"ssh_import_id":       list("SSH ids to import keys from, such as `gh:user`."),
				"ssh_redirect_user":   flag("Whether SSH logins of this user are told to use the default user."),
				"sudo":                text("Sudo rule, such as `ALL=(ALL) NOPASSWD:ALL`."),
				"system":              flag("Whether this is a system user."),
				"uid":                 schema.Int64Attribute{Optional: true, MarkdownDescription: "User id."},
			},
			Blocks: map[string]schema.Block{
				"passwd":        secretBlock("Password as crypt(3) writes it, for an existing or a new user."),
				"hashed_passwd": secretBlock("Hash of the password, applied to new and existing users."),
			},
		},
	}
}

func writeFileBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "A file to write in the guest.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"path": schema.StringAttribute{
					Required: true, MarkdownDescription: "Path of the file.",
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"content": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Content of the file, encoded as `encoding` says. It is shown in plans: use `content_from` for secrets.",
				},
				"append": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to append to an existing file. Default `false`."},
				"defer":  schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to write the file at the end of the boot, when users and packages are there. Default `false`."},
				"encoding": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Encoding of the content: `text/plain` (default), `b64`, `base64`, `gz`, `gzip`, `gz+b64`, `gz+base64`, `gzip+b64` or `gzip+base64`.",
					Validators:          []validator.String{stringvalidator.OneOf(cloudinit.Encodings...)},
				},
				"owner": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Owner and group. Default `root:root`.",
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"permissions": schema.StringAttribute{
					Optional: true, MarkdownDescription: "Octal permissions. Default `0644`.",
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
			},
			Blocks: map[string]schema.Block{
				"content_from": fromBlock("Take the content from `bootstrap.secrets_wo`.", ""),
			},
		},
	}
}

// someTexts accepts a list of texts: one at the least, and none of them empty.
func someTexts() []validator.List {
	return []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}
}
