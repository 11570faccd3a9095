package virtualmachine

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// Hardware versions that may be asked for: VM Operator's, which are those of ESXi 6.5 and later.
const (
	oldestHardware = 13
	newestHardware = 22
)

const mebibyte = 1 << 20

// unlimited stands for a limit that is none.
const unlimited = -1

// validateHardware judges what was written of a machine's hardware by the rules that need neither
// vCenter nor an image, and returns everything that is wrong. Interfaces are the names of the
// machine's network cards, which a boot order may name.
//
// What is unknown is not judged: a problem stands whatever the unknown values turn out to be.
// So is a word that the schema refuses.
func validateHardware(spec *hardwareSpec, interfaces known.Value[[]string]) []network.Problem {
	j := hardwareJudge{spec: spec}
	j.version()
	j.resources()
	j.advanced()
	j.boot(interfaces)
	j.volumes()
	j.drives()
	j.addresses()
	for i := range j.problems {
		j.problems[i] = j.named(j.problems[i])
	}
	return j.problems
}

// named is a problem of a block that is repeated with the name of the block: a dynamic block has one
// line for all of them, if a CLI finds any. The name and the storage class of a volume it would look
// for in the machine, which has arguments of these names itself.
func (j *hardwareJudge) named(problem network.Problem) network.Problem {
	steps := problem.Path
	switch {
	case len(steps) > 1 && steps[0] == "volume":
		if i, ok := steps[1].(int); ok {
			problem.Detail = blockName("volume", i, j.spec.Volumes.Or(nil)[i].Name) + ": " + problem.Detail
			if len(steps) > 2 && (steps[2] == "name" || steps[2] == "storage_class") {
				problem.Path = steps[:2]
			}
		}
	case len(steps) > 2 && steps[0] == "hardware" && steps[1] == "cdrom":
		if i, ok := steps[2].(int); ok {
			problem.Detail = blockName("cdrom", i, j.spec.CDROMs.Or(nil)[i].Name) + ": " + problem.Detail
		}
	}
	return problem
}

// blockName says which one of several blocks it is: by its name, else by its place, of which the
// first is 1.
func blockName(block string, i int, name known.Value[string]) string {
	if text, ok := name.Get(); ok {
		return fmt.Sprintf("%s %q", block, text)
	}
	return fmt.Sprintf("%s %d", block, i+1)
}

// interfaceNames are the names of the machine's network cards. They are unknown while one of
// them is.
func interfaceNames(spec network.Spec) known.Value[[]string] {
	return known.FlatMap(spec.EffectiveInterfaces(), func(cards []network.Interface) known.Value[[]string] {
		names := make([]string, 0, len(cards))
		for i := range cards {
			if cards[i].Name.IsUnknown() {
				return known.Unknown[[]string]()
			}
			names = append(names, cards[i].Name.Or(""))
		}
		return known.Of(names)
	})
}

// hardwareJudge collects what is wrong with a machine's hardware. A rule is a section of the
// specification.
type hardwareJudge struct {
	spec     *hardwareSpec
	problems []network.Problem
}

func (j *hardwareJudge) refuse(rule string, at network.Path, summary, detail string, args ...any) {
	j.problems = append(j.problems, network.Problem{Rule: rule, Path: at, Summary: summary, Detail: fmt.Sprintf(detail, args...)})
}

func (j *hardwareJudge) version() {
	if v, ok := j.spec.MinHardware.Get(); ok && v != 0 && (v < oldestHardware || v > newestHardware) {
		j.refuse("5.1", network.Path{"min_hardware_version"}, "Not a hardware version that can be asked for",
			"Version %d was given. Use a version from %d to %d, or 0 to ask for none.", v, oldestHardware, newestHardware)
	}
}

func (j *hardwareJudge) resources() {
	const rule = "5.4"
	root := network.Path{"resources"}
	r := j.spec.Resources
	if cpus, ok := r.Size.CPU.Get(); ok && (cpus < 1 || cpus > math.MaxInt32) {
		j.refuse(rule, root.At("size", "cpu"), "Not a number of processors", "A machine has one processor or more, and %d was given.", cpus)
	}
	j.mebibytes(rule, root.At("size", "memory"), r.Size.Memory, 1)
	if mhz, ok := r.Requests.CPU.Get(); ok && mhz < 0 {
		j.refuse(rule, root.At("requests", "cpu"), "A reservation is negative", "%d MHz were given. Write 0 to reserve none.", mhz)
	}
	j.mebibytes(rule, root.At("requests", "memory"), r.Requests.Memory, 0)
	if mhz, ok := r.Limits.CPU.Get(); ok && mhz < 1 && mhz != unlimited {
		j.refuse(rule, root.At("limits", "cpu"), "A limit leaves nothing", "%d MHz were given. Write a number above 0, or -1 for no limit.", mhz)
	}
	if r.Limits.Memory.Or(0) != unlimited {
		j.mebibytes(rule, root.At("limits", "memory"), r.Limits.Memory, 1)
	}

	atMost := func(at network.Path, least, most known.Value[int64], unit int64, suffix, of string) {
		asked, written := least.Get()
		bound, bounded := most.Get()
		if written && bounded && bound >= unit && asked > bound { // a bound that is wrong has been judged, or is none
			j.refuse(rule, at, "More is reserved than the machine can use",
				"%d %s are to be reserved, and %s is %d %s. Reserve less, or raise %s.", asked/unit, suffix, of, bound/unit, suffix, of)
		}
	}
	atMost(root.At("requests", "cpu"), r.Requests.CPU, r.Limits.CPU, 1, "MHz", "limits.cpu")
	atMost(root.At("requests", "memory"), r.Requests.Memory, r.Limits.Memory, mebibyte, "MiB", "limits.memory")
	atMost(root.At("requests", "memory"), r.Requests.Memory, r.Size.Memory, mebibyte, "MiB", "size.memory")
}

// mebibytes judges a number of bytes, of which vSphere counts whole mebibytes.
func (j *hardwareJudge) mebibytes(rule string, at network.Path, value known.Value[int64], least int64) {
	bytes, ok := value.Get()
	switch {
	case !ok:
	case bytes < least:
		j.refuse(rule, at, "An amount is too small", "%d bytes were given, and %d MiB are the least. Write a quantity such as 512Mi or 4Gi.", bytes, least)
	case bytes%mebibyte != 0:
		j.refuse(rule, at, "Not a multiple of 1Mi", "%d bytes were given, and they would have to be rounded. The nearest multiples of 1Mi are %s and %s.",
			bytes, fwtypes.QuantityOfBytes(bytes-bytes%mebibyte).ValueString(), fwtypes.QuantityOfBytes(bytes-bytes%mebibyte+mebibyte).ValueString())
	}
}

func (j *hardwareJudge) boot(interfaces known.Value[[]string]) {
	const rule = "5.8"
	root := network.Path{"boot_options"}
	b := j.spec.Boot
	if retry := b.Retry; b.RetryDelayMS.IsSet() && !retry.IsUnknown() && !retry.Or(false) {
		j.refuse(rule, root.At("boot_retry_delay"), "No boot is retried",
			"boot_retry_delay is the time until the boot is tried again, and boot_retry does not say that it is. Set boot_retry to %q, or remove boot_retry_delay.", switchEnabled)
	}
	if secure, _ := b.SecureBoot.Get(); secure && !b.Firmware.IsUnknown() && b.Firmware.Or("") != firmwareEFI {
		found := "no firmware is written, and that of an image does not count"
		if firmware, ok := b.Firmware.Get(); ok {
			found = fmt.Sprintf("the firmware is %q", firmware)
		}
		j.refuse(rule, root.At("efi_secure_boot"), "Secure boot needs the firmware EFI", "efi_secure_boot is %q, and %s. Set firmware to %q.", switchEnabled, found, firmwareEFI)
	}
	volumes := j.volumeNames()
	for i, entry := range b.Order.Or(nil) {
		at := root.At("boot_order", i, "name")
		name, named := entry.Name.Get()
		switch machine.BootKind(entry.Type.Or("")) {
		case machine.BootDisk:
			j.refers(at, named, name, "volume", volumes, "Leave the name out for the first disk of the image.")
		case machine.BootNetwork:
			if entry.Name.IsAbsent() {
				j.refuse(rule, at, "Missing name", "The entry is of type Network and has no name. Set name to that of a network.interface%s.", among(interfaces))
			}
			j.refers(at, named, name, "network.interface", interfaces, "")
		case machine.BootCDROM:
			if named {
				j.refuse(rule, at, "A CD-ROM entry takes no name", "%q was given, and the firmware boots from the first drive that holds something to boot from. Remove the name.", name)
			}
			if drives, ok := j.spec.CDROMs.Get(); ok && j.spec.Managed.Or(false) && len(drives) == 0 {
				j.refuse(rule, root.At("boot_order", i, "type"), "There is no CD-ROM drive",
					"The machine is to boot from a CD-ROM drive, and the hardware block is there without one, which leaves the machine without drives. Add a cdrom block, or remove this entry.")
			}
		}
	}
	j.repeatedBootDevices()
}

// refers judges a name in a boot order by what there is to name.
func (j *hardwareJudge) refers(at network.Path, named bool, name, kind string, there known.Value[[]string], otherwise string) {
	if names, ok := there.Get(); ok && named && !slices.Contains(names, name) {
		j.refuse("5.8", at, "No such device to boot from",
			"%s", strings.TrimSpace(fmt.Sprintf("There is no %s with the name %q%s. %s", kind, name, among(there), otherwise)))
	}
}

// among lists what may be named instead; it is empty where that is not known.
func among(names known.Value[[]string]) string {
	list, ok := names.Get()
	switch {
	case !ok:
		return ""
	case len(list) == 0:
		return ": there is none at all"
	}
	return ": there is " + strings.Join(list, ", ")
}

func (j *hardwareJudge) repeatedBootDevices() {
	type device struct{ kind, name string }
	seen := map[device]int{}
	for i, entry := range j.spec.Boot.Order.Or(nil) {
		kind, ok := entry.Type.Get()
		if !ok || entry.Name.IsUnknown() {
			continue
		}
		d := device{kind, entry.Name.Or("")}
		if first, twice := seen[d]; twice {
			j.refuse("5.8", network.Path{"boot_options", "boot_order", i, "type"}, "A device to boot from is there twice",
				"Entry %d of the boot order is the same device as entry %d. Remove one of them.", i+1, first+1)
			continue
		}
		seen[d] = i
	}
}
