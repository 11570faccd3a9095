package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

func volumeBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "A disk of the machine beside those of its image, and one that the provider makes, or takes over: a new volume with `controller_type`, `controller_bus_number` and `unit_number` gets the disk that the machine has there, with what is on it, unless that is the first disk, which it boots from, or another volume's. " +
			"So an import can name the disks of a machine that was made by other means; a plan warns of each. Adding or removing one adds or removes a disk in place, also on a running machine unless it is on an IDE controller. " +
			"Removing a volume destroys what is on it, unless `reclaim_policy` says otherwise. A volume is known by its `name`, wherever its block stands: a plan warns of each disk that goes, and the order of the blocks means nothing.",
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name that identifies the volume, as a DNS label: up to 63 lower-case letters, digits and hyphens. Renaming a volume is removing one, with what is on it, and adding an empty one.",
			},
			"capacity": schema.StringAttribute{
				CustomType: fwtypes.QuantityType{}, Required: true,
				MarkdownDescription: "Capacity, such as `20Gi`, a multiple of `1Mi`. Raising this grows the disk in place, also on a running machine; one that is shared or on an IDE controller needs the machine powered off, which `allow_power_cycle` permits. " +
					"A disk cannot shrink, nor grow while the machine has snapshots.",
			},
			"storage_class": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Storage policy of the disk, by name or by its lower-case hyphenated form. Default: that of the machine. Changed in place, also on a running machine.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"provisioning_mode": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How a new disk takes its space: `Thin`, `Thick` or `ThickEagerZero`, which is the only one that machines can share. " +
					"Default: `advanced.default_volume_provisioning_mode`, else as the storage policy says, else `Thin`, and `ThickEagerZero` for a disk that is shared. Changing this changes no disk that is there.",
				Validators: []validator.String{stringvalidator.OneOf(provisioningWords...)},
			},
			"disk_mode": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What becomes of what is written: `Persistent` keeps it, `IndependentPersistent` keeps it and leaves the disk out of snapshots, `NonPersistent` and `IndependentNonPersistent` forget it at a power-off. " +
					"Default: what `application_type` asks for, else `Persistent`. " + powerOffSentence,
				Validators: []validator.String{stringvalidator.OneOf(diskModeWords...)},
			},
			"sharing_mode": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Whether several machines may write to the disk: `None` or `MultiWriter`. Default: what `application_type` asks for, else `None`. " + powerOffSentence,
				Validators:          []validator.String{stringvalidator.OneOf(sharingWords...)},
			},
			"application_type": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Application that the disk is for, which presets the rest: `OracleRAC` is `IndependentPersistent` and `MultiWriter`, `MicrosoftWSFC` is `IndependentPersistent` on a SCSI or NVME controller whose bus is shared physically. " +
					"Default: none. " + powerOffSentence,
				Validators: []validator.String{stringvalidator.OneOf(applicationWords...)},
			},
			"controller_type": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Controller that the disk is on: `SCSI`, `SATA`, `NVME` or `IDE`. Default `SCSI`. Changing this moves the disk, which needs the machine powered off, as `allow_power_cycle` permits.",
				Validators:          []validator.String{stringvalidator.OneOf(volumeControllerWords...)},
			},
			"controller_bus_number": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Bus number of the controller, 0 to 3, and 0 or 1 for IDE; needs `controller_type`. A controller that is not there is added. Default: the first one with a free unit. Changing this moves the disk, which needs the machine powered off, as `allow_power_cycle` permits.",
			},
			"unit_number": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Unit on the controller: 0 to 64 but 7 for SCSI, 0 to 29 for SATA, 0 to 63 for NVME, 0 or 1 for IDE; needs `controller_bus_number`. Default: the first free one. Changing this moves the disk, which needs the machine powered off, as `allow_power_cycle` permits.",
			},
			"removable": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Whether the volume may be dropped from the configuration. With `false`, a plan that would remove it from a machine that stays fails. That is no guard against what replaces or destroys the machine, and the disk with it: `reclaim_policy` and Terraform's `prevent_destroy` are. Default `true`. Changed in place.",
			},
			"reclaim_policy": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "What becomes of the disk's file when the volume or the machine goes: `Delete` destroys it, `Retain` leaves it on the datastore. Default `Delete`. Changed in place.",
				Validators:          []validator.String{stringvalidator.OneOf(reclaimWords...)},
			},
		}},
	}
}
