package virtualmachine

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// holdings are what a machine has of what its configuration refers to; empty for one that is to be
// created. Where that does not exist any more, the machine does not need it either.
type holdings struct {
	// class is the one that was applied, and storageClass that of the machine's files.
	class, storageClass string
	// hardware is what was written when it was applied.
	hardware hardwareSpec
}

// bound tells that the volume has the storage class already.
func (s *holdings) bound(volume, class string) bool {
	return slices.ContainsFunc(s.hardware.Volumes.Or(nil), func(v volumeSpec) bool {
		return v.Name.Or("") == volume && v.StorageClass.Or("") == class
	})
}

// holds tells that a drive holds the image already.
func (s *holdings) holds(id string) bool {
	return slices.ContainsFunc(s.hardware.CDROMs.Or(nil), func(c cdromSpec) bool { return c.ImageName.Or("") == id })
}

// keepsLost finds what drives hold of images that are not there any more: a drive that is as it
// was keeps its file. The error is about one that would have to be made.
func (w *wish) keepsLost(remembered *record, observed *machine.Observation) error {
	for i, drives := 0, w.spec.CDROMs.Or(nil); i < len(drives); i++ {
		name := drives[i].Name.Or("")
		problem, lost := w.world.lost.discs[name]
		if !lost {
			continue
		}
		id, err := image.ParseID(drives[i].ImageName.Or(""))
		if err != nil {
			return err
		}
		drive, ok := remembered.driveThat(name, func(item string) bool { return item != "" && image.NewID(item) == id })
		if !ok || !holds(observed, drive) {
			return lostError{path.Root("hardware").AtName("cdrom").AtListIndex(i).AtName("image"), problem}
		}
		w.discs[name] = disc{Item: drive.Item, ISO: drive.ISO}
	}
	return nil
}

// needsLost is an error about a new disk whose storage policy is not there any more.
func (w *wish) needsLost(d *machine.Difference) error {
	for i, volumes := 0, w.spec.Volumes.Or(nil); i < len(volumes); i++ {
		name := volumes[i].Name.Or("")
		if !slices.Contains(d.Disks.Add, name) {
			continue
		}
		at, problem := path.Root("volume").AtListIndex(i), w.world.lost.volumes[name]
		if !volumes[i].StorageClass.IsSet() {
			at, problem = path.Root("storage_class"), w.world.policyLost
		}
		if problem != nil {
			return lostError{at, problem}
		}
	}
	return nil
}

// lostError is about something that a machine needs, and that is not there any more.
type lostError struct {
	at  path.Path
	err error
}

// Error says where it is written.
func (e lostError) Error() string { return fmt.Sprintf("%s: %s", e.at, e.err) }

// Unwrap returns what is wrong.
func (e lostError) Unwrap() error { return e.err }
