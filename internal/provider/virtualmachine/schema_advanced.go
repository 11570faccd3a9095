package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func advancedBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Settings of the machine that few machines need.",
		Attributes: map[string]schema.Attribute{
			"boot_disk_capacity": quantityAttribute("Capacity of the machine's first disk, such as `40Gi`, a multiple of `1Mi` and at least what the image's disk has. Default: that of the image's disk. " +
				"Raising this grows the disk; a disk cannot shrink. The guest has to grow its file systems by itself."),
			"default_volume_provisioning_mode": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How disks take their space when the machine is made, and volumes that are added later: `Thin` takes it when it is written, `Thick` at once, and `ThickEagerZero` also writes zeros to it. " +
					"Volumes that machines share are always `ThickEagerZero`, unless a storage policy says otherwise. Default: as the storage policy says, else `Thin`. Changing this changes no disk that is there.",
				Validators: []validator.String{stringvalidator.OneOf(provisioningWords...)},
			},
			"change_block_tracking": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether vSphere keeps track of changed blocks of the disks, which incremental backups need. Default: as the machine has it, since backup software sets it too. A running machine begins or ends it at the next power-on, or at the next snapshot.",
			},
			"extra_config": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Settings of the VMX file by key, for which this provider has no argument, such as `numa.nodeAffinity`. Keys are one whatever their case. Not for what this provider or VMware Tools keep there: `guestinfo.*`, `vmservice.*`, `vmoperator.*`, `ethernetN.*`. " +
					"A running machine reads a change at its next power-on, or when its guest restarts. A key that is dropped is removed from the machine; keys that were never here are left alone.",
			},
		},
	}
}
