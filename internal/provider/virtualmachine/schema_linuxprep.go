package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func linuxPrepBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Configure a Linux guest with vSphere's guest OS customization, which needs VMware Tools and Perl in the guest, but no cloud-init. An empty block gives the guest its host name and its network. " + atNextPowerOn,
		Attributes: map[string]schema.Attribute{
			"hardware_clock_is_utc": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether the hardware clock runs in UTC (`true`) or in local time (`false`). Default: the guest's setting is left alone.",
			},
			"time_zone": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Time zone of the guest by its name in the tz database, such as `America/Los_Angeles`. Default: the guest's own.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"expire_password_after_next_login": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether root has to choose another password at the first login (vSphere 9.1 and newer). Default `false`.",
			},
		},
		Blocks: map[string]schema.Block{
			"password":    keyedSecretBlock("Password of root (vSphere 9.1 and newer). Default: the image's own.", keyPassword),
			"script_text": secretBlock("Script that runs before the customization with the argument `precustomization` and after it with `postcustomization`, at most 65536 bytes (1500 before vSphere 7.0.3). Its first line names the interpreter, as in `#!/bin/sh`."),
		},
	}
}
