package virtualmachine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// effect is what it takes to change something of a machine that exists.
type effect uint8

const (
	live          effect = iota // vSphere does it whatever the power state
	atNextStart                 // a running machine takes it, and acts on it when it is powered on the next time
	needsPowerOff               // vSphere does it on a machine that is off
	replaces                    // another machine takes its place
)

// change is an attribute that differs, and what that takes.
type change struct {
	Attribute string
	Effect    effect
	// Why is a clause that says why it takes that; it may be empty.
	Why string
}

// identity is what makes a machine the one that it is, and not another. What is empty is not
// compared: it is not known, or left open.
type identity struct {
	Name, Namespace, StorageClass, Image, InstanceUUID, BIOSUUID string
	// Firmware is bios or efi.
	Firmware string
	// Provider is cloud_init, linux_prep or sysprep.
	Provider string
	// VApp says that the machine has a vApp configuration, or may have one.
	VApp bool
}

// comparison is a machine's hardware beside the one that is wanted.
type comparison struct {
	// Difference tells what vSphere takes: see machine.Compare.
	Difference *machine.Difference
	Observed   *machine.Observation
	// Recorded says which devices belong to which block.
	Recorded *machine.Recorded
	// Class are the attributes that stand for what the class asks for: amounts of the resources
	// block that nobody writes, or wrote before, and a hardware version above the one that is
	// written.
	Class map[string]bool
}

// changes lists what differs between the machine that is there and the one that is wanted, in the
// order of the attributes' names: of what it is, and of its hardware, where that was compared.
//
// It is the table of the guide "Changing a machine", which is made of it.
func changes(have, want identity, hardware *comparison) []change {
	var out []change
	differ := func(attribute, before, after string, takes effect) {
		if before != after && before != "" && after != "" {
			out = append(out, change{Attribute: attribute, Effect: takes})
		}
	}
	differ("name", have.Name, want.Name, live)
	differ("namespace", have.Namespace, want.Namespace, replaces)
	differ("storage_class", have.StorageClass, want.StorageClass, replaces)
	differ("image", have.Image, want.Image, replaces)
	differ("instance_uuid", have.InstanceUUID, want.InstanceUUID, replaces)
	differ("bios_uuid", have.BIOSUUID, want.BIOSUUID, replaces)
	differ("boot_options.firmware", have.Firmware, want.Firmware, replaces)
	differ("bootstrap", have.Provider, want.Provider, replaces)
	if have.VApp && !want.VApp {
		// cloud-init would prefer the OVF environment, so it goes, which a running machine refuses.
		out = append(out, change{Attribute: "bootstrap.cloud_init", Effect: needsPowerOff, Why: "the vApp configuration is removed"})
	}
	if hardware != nil {
		out = append(out, hardware.changes()...)
	}
	slices.SortStableFunc(out, func(a, b change) int { return strings.Compare(a.Attribute, b.Attribute) })
	return out
}

// changes are the changes of a machine's hardware, by attribute.
func (c *comparison) changes() []change {
	d := c.Difference
	effects := effectsOf(d)
	var out []change
	add := func(part machine.Part, name, attribute string) {
		found := effects[part][name]
		found.Attribute = attribute
		out = append(out, found)
	}
	spec := &d.Rest.Spec
	if spec.NumCPUs != 0 {
		add(machine.PartCPU, "", c.amount("resources.size.cpu"))
	}
	if spec.MemoryMB != 0 {
		add(machine.PartMemory, "", c.amount("resources.size.memory"))
	}
	if d.Class {
		// What the class holds beyond its size is one change of it, of which the worst part counts.
		worst := change{Attribute: "class_name"}
		for _, part := range []machine.Part{machine.PartFlags, machine.PartCPU, machine.PartMemory} {
			for _, found := range effects[part] {
				if found.Effect > worst.Effect {
					worst.Effect, worst.Why = found.Effect, found.Why
				}
			}
		}
		out = append(out, worst)
	}
	out = append(out, c.allocation("cpu", c.Observed.CPUAllocation, spec.CpuAllocation)...)
	out = append(out, c.allocation("memory", c.Observed.MemoryAllocation, spec.MemoryAllocation)...)
	if spec.GuestId != "" {
		add(machine.PartGuestID, "", "guest_id")
	}
	if d.Upgrade != 0 {
		add(machine.PartHardware, "", c.amount("min_hardware_version"))
	}
	for _, attribute := range bootAttributes(spec.BootOptions, d.Reorder) {
		add(machine.PartBootOptions, "", "boot_options."+attribute)
	}
	if spec.ChangeTrackingEnabled != nil {
		add(machine.PartChangeTracking, "", "advanced.change_block_tracking")
	}
	if d.BootDisk {
		add(machine.PartBootDisk, "", "advanced.boot_disk_capacity")
	}
	for _, option := range spec.ExtraConfig {
		if key := option.GetOptionValue().Key; effects[machine.PartExtraConfig][key].Effect == atNextStart || len(effects[machine.PartExtraConfig]) == 0 {
			add(machine.PartExtraConfig, key, fmt.Sprintf("advanced.extra_config[%q]", key))
		}
	}
	return slices.Concat(out, cardChanges(d, c.Recorded, effects[machine.PartInterface]),
		deviceChanges("volume", d.Disks.Edit, d.Disks.Add, goneVolumes(d, c.Recorded), effects[machine.PartVolume]),
		deviceChanges("hardware.cdrom", d.CDROMs.Edit, d.CDROMs.Add, goneDrives(d, c.Recorded), effects[machine.PartCDROM]))
}

// effectsOf is what the parts of a difference take, by their names: the worst, with all of its
// reasons.
func effectsOf(d *machine.Difference) map[machine.Part]map[string]change {
	effects := map[machine.Part]map[string]change{}
	note := func(reasons []machine.Reason, takes effect) {
		for _, reason := range reasons {
			if effects[reason.Part] == nil {
				effects[reason.Part] = map[string]change{}
			}
			found := change{Effect: takes, Why: reason.Text}
			effects[reason.Part][reason.Name] = found.with(effects[reason.Part][reason.Name])
		}
	}
	note(slices.Concat(d.Cards.NextStart, d.Rest.NextStart), atNextStart)
	note(d.Offline(), needsPowerOff)
	return effects
}

// amount names an amount of the resources block, or another attribute that a class may be the reason
// for, or the class.
func (c *comparison) amount(attribute string) string {
	if c.Class[attribute] {
		return "class_name"
	}
	return attribute
}

// allocation names what differs of an allocation. A running machine takes it.
func (c *comparison) allocation(of string, have, want *govmomi.ResourceAllocationInfo) []change {
	if want == nil {
		return nil
	}
	var out []change
	reservation, limit := machine.DifferingAllocation(have, want)
	if reservation {
		out = append(out, change{Attribute: c.amount("resources.requests." + of)})
	}
	if limit {
		out = append(out, change{Attribute: c.amount("resources.limits." + of)})
	}
	if len(out) == 0 {
		out = append(out, change{Attribute: "class_name"}) // shares, which nothing else has
	}
	return out
}

// bootAttributes are the attributes of the boot options that change. options has those only.
func bootAttributes(options *govmomi.VirtualMachineBootOptions, reorder bool) []string {
	if options == nil {
		options = &govmomi.VirtualMachineBootOptions{}
	}
	var out []string
	for _, member := range []struct {
		attribute string
		changes   bool
	}{
		{"boot_delay", options.BootDelay != 0},
		{"boot_order", options.BootOrder != nil || reorder},
		{"boot_retry", options.BootRetryEnabled != nil},
		{"boot_retry_delay", options.BootRetryDelay != 0},
		{"efi_secure_boot", options.EfiSecureBootEnabled != nil},
		{"network_boot_protocol", options.NetworkBootProtocol != ""},
	} {
		if member.changes {
			out = append(out, member.attribute)
		}
	}
	return out
}

// cardChanges are those of network cards. The address is the only part of a card that a running
// machine does not change.
func cardChanges(d *machine.Difference, recorded *machine.Recorded, effects map[string]change) []change {
	var out []change
	add := func(name, label string) {
		found, ok := effects[name]
		if !ok {
			found = effects[label]
		}
		found.Attribute = fmt.Sprintf("network.interface[%s]", name)
		if found.Effect == needsPowerOff && slices.Contains(d.NICs.Edit, name) {
			found.Attribute += ".mac_addr"
		}
		out = append(out, found)
	}
	for _, name := range slices.Concat(d.NICs.Edit, d.NICs.Add) {
		add(name, name)
	}
	for i := range d.NICs.Remove {
		card := &d.NICs.Remove[i]
		name := card.Label
		for _, known := range slices.Sorted(maps.Keys(recorded.NICs)) {
			if recorded.NICs[known] == card.Key {
				name = known
			}
		}
		if !slices.Contains(d.NICs.Add, name) { // a card of another type is a new one of the same name
			add(name, card.Label)
		}
	}
	return out
}

// deviceChanges are those of volumes or drives. One that comes in the place of another of its name
// is one change, with the reasons of both.
func deviceChanges(block string, edited, added []string, gone map[string]string, effects map[string]change) []change {
	var out []change
	names := slices.Concat(edited, added, slices.Sorted(maps.Keys(gone)))
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		found := effects[name]
		if label, isGone := gone[name]; isGone && label != name {
			found = found.with(effects[label])
		}
		found.Attribute = fmt.Sprintf("%s[%s]", block, name)
		out = append(out, found)
	}
	return out
}

// with is the worse of two effects, with the reasons of both where they are equally bad.
func (c change) with(other change) change {
	switch {
	case other.Effect > c.Effect || other.Effect == c.Effect && c.Why == "":
		return other
	case other.Effect < c.Effect || other.Why == "" || other.Why == c.Why:
		return c
	}
	c.Why = other.Why + "; " + c.Why
	return c
}

// goneVolumes are the volumes whose disk goes.
func goneVolumes(d *machine.Difference, recorded *machine.Recorded) map[string]string {
	out := map[string]string{}
	for name, record := range recorded.Volumes {
		if record.Find(d.Disks.Remove) != nil {
			out[name] = name
		}
	}
	return out
}

// goneDrives are the drives that go, with their labels: of those that are recorded, and of others
// under their labels.
func goneDrives(d *machine.Difference, recorded *machine.Recorded) map[string]string {
	out := map[string]string{}
	for i := range d.CDROMs.Remove {
		drive := &d.CDROMs.Remove[i]
		name := drive.Label
		for known, key := range recorded.CDROMs {
			if key == drive.Key {
				name = known
			}
		}
		out[name] = drive.Label
	}
	return out
}

// having are the changes of one effect.
func having(all []change, takes effect) []change {
	return slices.DeleteFunc(slices.Clone(all), func(c change) bool { return c.Effect != takes })
}

// attributes are the names of what changes.
func attributes(all []change) []string {
	out := make([]string, len(all))
	for i, c := range all {
		out[i] = c.Attribute
	}
	return slices.Compact(out)
}

// reasons name what changes, and why it takes what it takes. Neighbours that have the same reason
// share it.
func reasons(all []change) string {
	var out []string
	for i := range all {
		c := &all[i]
		shared := i+1 < len(all) && all[i+1].Why == c.Why && all[i+1] != *c
		switch {
		case i+1 < len(all) && all[i+1] == *c:
		case c.Why == "" || shared:
			out = append(out, c.Attribute)
		default:
			out = append(out, c.Attribute+" ("+c.Why+")")
		}
	}
	return strings.Join(out, ", ")
}
