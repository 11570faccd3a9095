package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func hardwareBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Devices of the machine. Where this block is there, the machine has the CD-ROM drives that are in it and no other: those that its image brought, or that somebody added, are removed, of which a plan of a machine that is there warns. When the block is taken out, the drives go that it had, and others are left alone.",
		Blocks: map[string]schema.Block{
			"cdrom": schema.ListNestedBlock{
				MarkdownDescription: "A CD-ROM drive. Adding or removing one needs the machine powered off, which `allow_power_cycle` permits.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{
						Required:            true,
						MarkdownDescription: "Name that identifies the drive: two or more lower-case letters and digits. Renaming a drive is removing one and adding one.",
					},
					"image": schema.SingleNestedAttribute{
						Optional:            true,
						MarkdownDescription: "ISO image in the drive, of which no other drive has the same. Default: none, and the drive is for the device of a client at the machine's console. Changed in place, also on a running machine.",
						Attributes: map[string]schema.Attribute{
							"kind": schema.StringAttribute{
								Optional:            true,
								MarkdownDescription: "`VirtualMachineImage` for an image of the namespace's own libraries, `ClusterVirtualMachineImage` for one of the shared libraries. Default `VirtualMachineImage`.",
								Validators:          []validator.String{imageKind{}},
							},
							"name": schema.StringAttribute{
								Required:            true,
								MarkdownDescription: "VMI ID of the image, such as `vmi-0a0044d7c690bcbea`.",
								Validators:          []validator.String{imageID{}},
							},
						},
					},
					"connected": schema.BoolAttribute{
						Optional:            true,
						MarkdownDescription: "Whether the drive is connected, also at the next power-on. Default: `true` with an `image`, else `false`. Changed in place, also on a running machine.",
					},
					"allow_guest_control": schema.BoolAttribute{
						Optional:            true,
						MarkdownDescription: "Whether the guest may connect the drive and eject what is in it. Default `true`. Changed in place, also on a running machine.",
					},
					"controller_type": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Controller that the drive is on: `IDE` or `SATA`. Default: IDE where it has a free unit, else SATA. " + powerOffSentence,
						Validators:          []validator.String{stringvalidator.OneOf(driveControllerWords...)},
					},
					"controller_bus_number": schema.Int64Attribute{
						Optional:            true,
						MarkdownDescription: "Bus number of the controller, 0 or 1 for IDE and 0 to 3 for SATA; needs `controller_type`. Default: the first one with a free unit. " + powerOffSentence,
					},
					"unit_number": schema.Int64Attribute{
						Optional:            true,
						MarkdownDescription: "Unit on the controller, 0 or 1 for IDE and 0 to 29 for SATA; needs `controller_bus_number`. Default: the first free one. " + powerOffSentence,
					},
				}},
			},
		},
	}
}
