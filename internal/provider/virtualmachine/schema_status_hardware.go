package virtualmachine

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

// hardwareStatusAttribute is the size of the machine, as vCenter has it.
func hardwareStatusAttribute() schema.Attribute {
	return computedObject("Size of the machine, as vCenter reports it, wherever it came from.", map[string]schema.Attribute{
		"cpu": computedObject("Processors.", map[string]schema.Attribute{
			"total":       computedInt("Number of virtual processors."),
			"reservation": computedInt("MHz that are reserved, 0 for none."),
			"limit":       computedInt("MHz that the machine may use at most, null for no limit."),
		}),
		"memory": computedObject("Memory, as quantities such as `4Gi`.", map[string]schema.Attribute{
			"total":       computedString("Memory of the machine."),
			"reservation": computedString("Memory that is reserved, `0` for none."),
			"limit":       computedString("Memory of the host that the machine may use at most, null for no limit."),
		}),
	})
}

// volumesStatusAttribute are the virtual disks of the machine.
func volumesStatusAttribute() schema.Attribute {
	return computedObjects("All virtual disks of the machine, in the order of their UUIDs.", map[string]schema.Attribute{
		"name":                  computedString("Name of the `volume` block that the disk belongs to, else `disk-` and its UUID."),
		"type":                  computedString("`Managed` for the disk of a `volume` block, `Classic` for any other, such as those of the image."),
		"capacity":              computedString("Capacity, as a quantity such as `20Gi`."),
		"disk_uuid":             computedString("UUID of the disk, null for one without a file of its own."),
		"controller_type":       computedString("Controller that the disk is on: `SCSI`, `SATA`, `NVME` or `IDE`, null for one of another kind."),
		"controller_bus_number": computedInt("Bus number of the controller."),
		"unit_number":           computedInt("Unit on the controller."),
		"disk_mode":             computedString("What becomes of what is written, in the words of `volume.disk_mode`, or vSphere's own word where these have none."),
		"sharing_mode":          computedString("Whether several machines may write to the disk: `None` or `MultiWriter`."),
	})
}
