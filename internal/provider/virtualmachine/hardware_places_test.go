package virtualmachine_test

import "fmt"

var mistakesOfVolumes = []hardwareMistake{
	{"volume[1].name", "Rac", "volume[1]", []string{"Not a volume's name", `"Rac" was given`, "lower-case"}},
	{"volume[1].name", "-rac", "volume[1]", []string{"Not a volume's name", `"-rac" was given`}},
	{"volume[1].name", "", "volume[1]", []string{"Not a volume's name", `"" was given`}},
	{"volume[1].name", "data", "volume[1]", []string{"Two volumes have one name", `"data"`}},
	{"volume[1].capacity", "20GB", "", []string{"Not a whole quantity", `capacity of volume "rac": a whole number`, `"20GB" was given`}},
	{"volume[1].capacity", "0", "", []string{"An amount is too small", "0 bytes"}},
	{"volume[1].capacity", "-1Gi", "", []string{"An amount is too small", "-1073741824 bytes"}},
	{"volume[1].capacity", "1537Ki", "", []string{"Not a multiple of 1Mi", `volume "rac": `, "1Mi and 2Mi"}},
	{"volume[0].storage_class", "", "", []string{"Invalid Attribute Value Length"}},
	{"volume[0].provisioning_mode", "Eager", "", []string{"Invalid Attribute Value Match"}},
	{"volume[1].provisioning_mode", "Thin", "", []string{"A shared disk", "sharing_mode is MultiWriter", "is Thin: use ThickEagerZero"}},
	{"volume[1].provisioning_mode", "Thick", "", []string{"A shared disk", "is Thick: use ThickEagerZero"}},
	{"volume[2].provisioning_mode", "Thin", "", []string{"A shared disk", `volume "wsfc": `, "application_type is MicrosoftWSFC"}},
	{"volume[0].sharing_mode", "MultiWriter", "volume[0].provisioning_mode", []string{"A shared disk", "sharing_mode is MultiWriter"}},
	{"volume[0].disk_mode", "persistent", "", []string{"Invalid Attribute Value Match"}},
	{"volume[0].sharing_mode", "Multi", "", []string{"Invalid Attribute Value Match"}},
	{"volume[0].application_type", "Oracle", "", []string{"Invalid Attribute Value Match"}},
	{"volume[1].disk_mode", "Persistent", "", []string{"application needs something else", "OracleRAC", "disk_mode IndependentPersistent", `"Persistent" was given`}},
	{"volume[1].sharing_mode", "None", "", []string{"application needs something else", "OracleRAC", "sharing_mode MultiWriter", `"None" was given`}},
	{"volume[2].disk_mode", "NonPersistent", "", []string{"application needs something else", "MicrosoftWSFC", "disk_mode IndependentPersistent"}},
	{"volume[2].controller_type", "SATA", "", []string{"application needs something else", "MicrosoftWSFC", "SATA controller cannot"}},
	{"volume[0].reclaim_policy", "Keep", "", []string{"Invalid Attribute Value Match"}},
	{"volume[0].controller_type", "PVSCSI", "", []string{"Invalid Attribute Value Match"}},
	{"volume[2].controller_type", nil, "volume[2].controller_bus_number", []string{"A bus number without a controller", "Bus number 1"}},
	{"volume[0].controller_bus_number", nil, "volume[0].unit_number", []string{"A unit number without a controller", "Unit 64"}},
	{"volume[0].controller_bus_number", 4, "", []string{"no such place", "Bus number 4", "SCSI controllers 0 to 3"}},
	{"volume[0].controller_bus_number", -1, "", []string{"no such place", "Bus number -1"}},
	{"volume[0].unit_number", 65, "", []string{"no such place", "Unit 65", "units 0 to 64"}},
	{"volume[0].unit_number", 7, "", []string{"no such place", "Unit 7", "takes itself"}},
	{"volume[0].unit_number", -1, "", []string{"no such place", "Unit -1"}},
	{"volume[1].unit_number", 64, "", []string{"no such place", "Unit 64", "NVME", "0 to 63"}},
	{"volume[1]", placedOn("two", "SCSI", 0, 64), "volume[1].unit_number", []string{"Two devices have one place", `SCSI 0:64 is the place of the volume "data" too`}},
	{"volume[1]", placedOn("two", "SATA", 3, 29), "hardware.cdrom[0].unit_number", []string{"Two devices have one place", `SATA 3:29 is the place of the volume "two" too`}},
	{"volume[2].controller_bus_number", 0, "", []string{"in different ways", `SCSI 0 is that of the volume "data" too`, "MicrosoftWSFC"}},
	{"volume", volumesOn("IDE", 1, 2), "hardware.cdrom[1].controller_bus_number", []string{"The controller is full", "IDE 1 has room for 2 devices"}},
	{"volume", volumesOn("IDE", -1, 4), "hardware.cdrom[1].controller_type", []string{"The controllers are full", "2 IDE controllers with room for 2 devices on each"}},
	{"volume", volumesOn("SCSI", 2, 65), "volume[64].controller_bus_number", []string{"The controller is full", "SCSI 2 has room for 64 devices"}},
}

var mistakesOfDrives = []hardwareMistake{
	{"hardware.cdrom[1].name", "cd-2", "", []string{"Not a drive's name", `"cd-2" was given`}},
	{"hardware.cdrom[1].name", "c", "", []string{"Not a drive's name", "two or more"}},
	{"hardware.cdrom[1].name", "cd1", "", []string{"Two drives have one name", `"cd1"`}},
	{"hardware.cdrom[1].image", tree{"name": "cvmi-0a0044d7c690bcbea"}, "", []string{"Two drives hold one image", `is in the drive "cd1" too`}},
	{"hardware.cdrom[1].image", tree{"name": "Photon.iso"}, "hardware.cdrom[1].image", []string{"Not a VMI ID"}},
	{"hardware.cdrom[1].image", tree{"name": "vmi-1a0044d7c690bcbea", "kind": "Image"}, "hardware.cdrom[1].image", []string{"Not a kind of images", "VirtualMachineImage"}},
	{"hardware.cdrom[1].connected", true, "", []string{"Nothing to connect", "Set image"}},
	{"hardware.cdrom[1].controller_type", "SCSI", "", []string{"Invalid Attribute Value Match"}},
	{"hardware.cdrom[1].controller_type", nil, "hardware.cdrom[1].controller_bus_number", []string{"A bus number without a controller"}},
	{"hardware.cdrom[1].controller_bus_number", nil, "hardware.cdrom[1].unit_number", []string{"A unit number without a controller"}},
	{"hardware.cdrom[1].controller_bus_number", 2, "", []string{"no such place", "IDE controllers 0 to 1"}},
	{"hardware.cdrom[1].unit_number", 2, "", []string{"no such place", "units 0 to 1"}},
	{"hardware.cdrom[0].unit_number", 30, "", []string{"no such place", "units 0 to 29"}},
	{"hardware.cdrom[1]", tree{"name": "cd2", "controller_type": "SATA", "controller_bus_number": 3, "unit_number": 29}, "hardware.cdrom[1].unit_number", []string{"Two devices have one place", `the cdrom "cd1" too`}},
}

// placedOn is a volume with an address.
func placedOn(name, controller string, bus, unit int) tree {
	return tree{"name": name, "capacity": "1Gi", "controller_type": controller, "controller_bus_number": bus, "unit_number": unit}
}

// volumesOn are volumes on a controller, or on any of a type for -1, of which the boot order names
// one.
func volumesOn(controller string, bus, count int) []any {
	volumes := make([]any, count)
	for i := range volumes {
		name := "data"
		if i > 0 {
			name = fmt.Sprintf("v%d", i)
		}
		volume := tree{"name": name, "capacity": "1Gi", "controller_type": controller}
		if bus >= 0 {
			volume["controller_bus_number"] = bus
		}
		volumes[i] = volume
	}
	return volumes
}
