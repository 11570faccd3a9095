package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

const powerOffSentence = "Changing this needs the machine powered off, which `allow_power_cycle` permits."

func bootOptionsBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "How the machine boots. What was never written is left as the image or the machine has it; what is taken out of the configuration goes back to vSphere's default, but for the firmware, which stays.",
		Attributes: map[string]schema.Attribute{
			"firmware": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Firmware: `bios` or `efi`, in any case. Default: that of the image. Changing this replaces the virtual machine, since a guest that was installed with one does not start with the other.",
				Validators:          []validator.String{stringvalidator.OneOfCaseInsensitive(firmwareWords...)},
			},
			"boot_delay": durationAttribute("Time between power-on and the boot, such as `10s`, in whole milliseconds. Default: as the machine has it, which is `0s` for most. " + powerOffSentence),
			"boot_retry": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Whether a boot that found no device to boot from is tried again: `Enabled` or `Disabled`. Default: as the machine has it, which is `Disabled` for most. " + powerOffSentence,
				Validators:          []validator.String{stringvalidator.OneOf(switchWords...)},
			},
			"boot_retry_delay": durationAttribute("Time between a boot that failed and the next, such as `10s`, in whole milliseconds; needs `boot_retry` to be `Enabled`. Default: as the machine has it, which is `10s` for most. " + powerOffSentence),
			"efi_secure_boot": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Whether only signed software boots: `Enabled` or `Disabled`. `Enabled` needs `firmware` to be written as `efi`. Default: as the image has it. " + powerOffSentence,
				Validators:          []validator.String{stringvalidator.OneOf(switchWords...)},
			},
			"network_boot_protocol": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Protocol of a boot from the network: `IP4` or `IP6`. Default: as the machine has it, which is `IP4` for most. " + powerOffSentence,
				Validators:          []validator.String{stringvalidator.OneOf(networkBootWords...)},
			},
		},
		Blocks: map[string]schema.Block{
			"boot_order": schema.ListNestedBlock{
				MarkdownDescription: "A device to boot from, in the order in which they are tried. Default: the order that the firmware has. " + powerOffSentence,
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"type": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "Kind of the device: `Disk`, `Network` or `CDRom`, which is the first drive that holds something to boot from.",
						Validators:          []validator.String{stringvalidator.OneOf(bootDeviceWords...)},
					},
					"name": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Name of a `volume` for a `Disk`, by default the first disk of the image; name of a `network.interface` for a `Network`, where it is needed; not for a `CDRom`.",
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
					},
				}},
			},
		},
	}
}

// durationAttribute is judged when it is decoded.
func durationAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{CustomType: fwtypes.DurationType{}, Optional: true, MarkdownDescription: description}
}
