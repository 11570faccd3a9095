package virtualmachine

import (
	"regexp"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

const volumeRule, driveRule = "5.5", "5.7"

// volumeNames are the names of the volumes. They are unknown while one of them is.
func (j *hardwareJudge) volumeNames() known.Value[[]string] {
	return known.FlatMap(j.spec.Volumes, func(volumes []volumeSpec) known.Value[[]string] {
		names := make([]string, 0, len(volumes))
		for i := range volumes {
			if volumes[i].Name.IsUnknown() {
				return known.Unknown[[]string]()
			}
			names = append(names, volumes[i].Name.Or(""))
		}
		return known.Of(names)
	})
}

func (j *hardwareJudge) volumes() {
	seen := map[string]bool{}
	for i := range j.spec.Volumes.Or(nil) {
		v := &j.spec.Volumes.Or(nil)[i]
		at := network.Path{"volume", i}
		if name, ok := v.Name.Get(); ok {
			if wrong := validation.IsDNS1123Label(name); len(wrong) > 0 {
				j.refuse(volumeRule, at.At("name"), "Not a volume's name",
					"%q was given. A volume's name is up to %d lower-case letters, digits and hyphens, with a letter or digit at both ends, such as \"data\" or \"data-1\".",
					name, validation.DNS1123LabelMaxLength)
			}
			if seen[name] {
				j.refuse(volumeRule, at.At("name"), "Two volumes have one name", "There is another volume with the name %q. Give each its own: a volume's disk is found by it.", name)
			}
			seen[name] = true
		}
		j.mebibytes(volumeRule, at.At("capacity"), v.CapacityBytes, 1)
		j.application(at, v)
		j.shared(at, v)
	}
}

// application judges what was written by what the application needs.
func (j *hardwareJudge) application(at network.Path, v *volumeSpec) {
	const summary = "The volume's application needs something else"
	application := machine.Application(v.ApplicationType.Or(""))
	if application == "" {
		return
	}
	differs := func(name string, written known.Value[string], need string) {
		if found, ok := written.Get(); ok && found != need {
			j.refuse(volumeRule, at.At(name), summary, "The application_type is %s, which needs %s %s, and %q was given. Remove %s, or the application_type.", application, name, need, found, name)
		}
	}
	differs("disk_mode", v.DiskMode, string(machine.IndependentPersistent))
	switch application {
	case machine.OracleRAC:
		differs("sharing_mode", v.SharingMode, string(machine.MultiWriter))
	case machine.MicrosoftWSFC:
		if found, ok := v.At.ControllerType.Get(); ok && (found == string(machine.SATA) || found == string(machine.IDE)) {
			j.refuse(volumeRule, at.At("controller_type"), summary,
				"The application_type is %s, which shares the bus of its controller, and a %s controller cannot. Use SCSI or NVME, or remove the application_type.", application, found)
		}
	}
}

// shares tells whether machines are to share the disk, and by which argument.
func (v *volumeSpec) shares() (by string, shared bool) {
	switch {
	case v.SharingMode.Or("") == string(machine.MultiWriter):
		return "sharing_mode is " + string(machine.MultiWriter), true
	case v.ApplicationType.IsSet():
		return "application_type is " + v.ApplicationType.Or(""), true
	}
	return "", false
}

func (j *hardwareJudge) shared(at network.Path, v *volumeSpec) {
	by, shared := v.shares()
	if found, ok := v.Provisioning.Get(); ok && shared && (found == provisionThin || found == provisionThick) {
		j.refuse(volumeRule, at.At("provisioning_mode"), "A shared disk takes all of its space at once",
			"The %s, and VMFS lets machines share eager zeroed disks only. The provisioning_mode is %s: use %s, or leave it out.", by, found, provisionThickEagerZero)
	}
}

var driveName = regexp.MustCompile(`^[a-z0-9]{2,}$`)

func (j *hardwareJudge) drives() {
	names, images := map[string]bool{}, map[string]string{}
	drives := j.spec.CDROMs.Or(nil)
	for i := range drives {
		drive := &drives[i]
		at := network.Path{"hardware", "cdrom", i}
		name, named := drive.Name.Get()
		if named && !driveName.MatchString(name) {
			j.refuse(driveRule, at.At("name"), "Not a drive's name", "%q was given. A drive's name is two or more lower-case letters and digits, such as \"cdrom1\".", name)
		}
		if named && names[name] {
			j.refuse(driveRule, at.At("name"), "Two drives have one name", "There is another cdrom with the name %q. Give each its own: a drive is found by it.", name)
		}
		names[name] = named
		if written, ok := drive.ImageName.Get(); ok {
			if id, err := image.ParseID(written); err == nil { // else the schema refuses it
				if other, twice := images[id.String()]; twice {
					j.refuse(driveRule, at.At("image"), "Two drives hold one image",
						"The image %s is in the drive %q too, and kinds do not tell them apart. Give each drive its own image, or remove one of them.", written, other)
				} else {
					images[id.String()] = name
				}
			}
		}
		if drive.Connected.Or(false) && drive.ImageName.IsAbsent() {
			j.refuse(driveRule, at.At("connected"), "Nothing to connect",
				"The drive has no image, so that it is for the device of a client, which is connected at the machine's console. Set image, or remove connected.")
		}
	}
}
