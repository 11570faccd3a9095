package virtualmachine

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// atNextPowerOn says when a change of what vSphere customizes a guest with is in effect.
const atNextPowerOn = "A change reaches a guest that runs when it is powered off and on: with `allow_power_cycle` the apply does that; " +
	"without it the plan warns, and the change waits for an apply to a machine that is powered off."

func bootstrapBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "What configures the guest when it boots: `cloud_init`, `linux_prep` or `sysprep`, and `vapp_config` by itself or beside one of the last two. " +
			"A machine that is deployed from a Linux image without this block is configured by LinuxPrep; an empty block prevents that. " +
			"Changing from one of `cloud_init`, `linux_prep` and `sysprep` to another replaces the virtual machine.",
		Attributes: map[string]schema.Attribute{
			"disabled": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Send the guest no configuration at all. Default `false`.",
			},
			"customize_trigger": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Any text; when it changes, the guest is customized once more, although nothing else has changed (`linux_prep` and `sysprep` only). " +
					"Default: the guest is customized when its configuration changes. " + atNextPowerOn,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"secrets_wo": schema.MapAttribute{
				Optional: true, Sensitive: true, WriteOnly: true,
				ElementType: types.MapType{ElemType: types.StringType},
				MarkdownDescription: "Secrets that `from` blocks and `raw_properties` point into, as `{ <secret name> = { <key> = <value> } }`. Write-only: never in a plan and never in state. " +
					"A changed value is noticed and applied without a version counter.",
			},
			"secrets_wo_version": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Overrules the comparison of `secrets_wo`: with a version, changed secrets are applied when the version changes and only then. " +
					"For secrets that differ at every run.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
		Blocks: map[string]schema.Block{
			"cloud_init":  cloudInitBlock(),
			"linux_prep":  linuxPrepBlock(),
			"sysprep":     sysprepBlock(),
			"vapp_config": vappConfigBlock(),
		},
	}
}

// secretBlock is a value that VM Operator takes from a Secret: written in place, or
// taken from the write-only secrets.
func secretBlock(description string) schema.Block { return keyedSecretBlock(description, "") }

// keyedSecretBlock is one whose from block may leave out the key, as in VM Operator.
func keyedSecretBlock(description, key string) schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: description + " Exactly one of `value` and `from`.",
		Attributes: map[string]schema.Attribute{
			"value": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The value itself. It is sensitive, but it is in state: use `from` to keep it out.",
			},
		},
		Blocks: map[string]schema.Block{"from": fromBlock("Take the value from `bootstrap.secrets_wo`.", key)},
	}
}

// fromBlock points to an entry of the write-only secrets. key is its key where none is
// written; empty for none.
func fromBlock(description, key string) schema.Block {
	keyDescription := "Key in that secret. Needed where the block is there."
	if key != "" {
		keyDescription = fmt.Sprintf("Key in that secret. Default `%s`.", key)
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{Optional: true, MarkdownDescription: "Name of the secret in `bootstrap.secrets_wo`. Needed where the block is there."},
			"key":  schema.StringAttribute{Optional: true, MarkdownDescription: keyDescription},
		},
	}
}
