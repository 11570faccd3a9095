package virtualmachine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What a change of a machine does not do is here, each rule with where it is written. What
// impossible and expected do not know has to be as on a new machine.

// managedKeys are the keys of extra_config that configurations have.
var managedKeys = []string{"numa.nodeAffinity", "isolation.tools.copy.disable", "custom.key", "sched.scsi0:0.shares", "class.key"}

// another tells whether a configuration is that of another machine.
func another(from portrait, before, to tree) bool {
	boot, _ := to["boot_options"].(tree)
	firmware, written := boot["firmware"].(string)
	return before["storage_class"] != to["storage_class"] || written && !strings.EqualFold(firmware, from["firmware"])
}

// impossible are the reasons for which a machine cannot become what is written.
func impossible(from portrait, before, to tree) []string {
	var out []string
	if from["latency"] == "high" { // it stays, and takes reservations
		out = append(out, "the latency sensitivity high needs")
	}
	capacities := map[any]int{}
	for _, volume := range blocksOf(before, "volume") {
		capacities[volume["name"]] = gibibytes(volume)
	}
	// "A disk or a drive that has no address of its own stays where it is, also where another one is
	// wanted": it may be at its unit, have the last one of its controller, or have that share the bus.
	out = append(out, "is taken", "has no free unit", "has bus sharing")
	for _, volume := range blocksOf(to, "volume") {
		if gibibytes(volume) < capacities[volume["name"]] {
			out = append(out, "cannot shrink")
		}
	}
	return out
}

func gibibytes(volume tree) int {
	var n int
	_, _ = fmt.Sscanf(volume["capacity"].(string), "%dGi", &n)
	return n
}

// expected is what a machine is after a change: what a new one of the configuration is, but for
// what a change leaves as it was by design, and what it may choose, of which got is the choice.
func expected(from, model, got portrait, before, to tree) portrait {
	want := maps.Clone(model)
	keep := func(keys ...string) {
		for _, key := range keys {
			want[key] = from[key]
		}
	}
	advanced, _ := to["advanced"].(tree)
	// A guest id that is not written any more is what the machine has: it is optional and computed.
	if _, written := to["guest_id"]; !written {
		keep("guest id")
	}
	// "A version never decreases."
	if strings.Compare(from["hardware"], want["hardware"]) > 0 {
		keep("hardware")
	}
	// "Raising this grows the disk; a disk cannot shrink." Without it the disk is what it is.
	if _, written := advanced["boot_disk_capacity"]; !written {
		keep("disk of the image 0 capacity")
	}
	// How the disks of the image take their space is said when they are made.
	keep("disk of the image 0 provisioning")
	want.size(from, to)
	want.class(from, before, to)
	want.leftBoot(from, before, to)
	// Firmware that is not written is the machine's: another one would be another machine.
	if boot, _ := to["boot_options"].(tree); boot["firmware"] == nil {
		keep("firmware")
	}
	if got["firmware"] == "bios" {
		want["efi_secure_boot"] = got["efi_secure_boot"] // it means nothing without EFI
	}
	want.properties(from, got, to)
	for _, volume := range blocksOf(to, "volume") {
		name := fmt.Sprint("volume ", volume["name"])
		want.place(name, got, volume)
		if _, had := from[name+" capacity"]; had {
			keep(name + " provisioning") // "Changing this changes no disk that is there."
		}
		if volume["application_type"] != "MicrosoftWSFC" {
			want[name+" bus"] = got[name+" bus"] // a disk that is there stays on its controller
		}
	}
	hardware, _ := to["hardware"].(tree)
	for _, drive := range blocksOf(hardware, "cdrom") {
		want.place(fmt.Sprint("drive ", drive["name"]), got, drive)
	}
	if _, written := to["hardware"]; !written {
		want.installer(from, got)
	}
	want.cards(from, got, to)
	want.guest(from, got, to)
	return want
}

// installer is the drive that a machine of an ISO image is made with. "When the block goes, the drives
// that it had go", and no drive comes for them.
func (want portrait) installer(from, got portrait) {
	const drive = "drive (image)"
	if _, had := from[drive+" place"]; had {
		want.place(drive, got, nil) // it has no address of its own
		return
	}
	for _, part := range []string{" place", " holds", " connection"} {
		delete(want, drive+part)
	}
}

// guest is customized when it is powered on: while it runs that takes allow_power_cycle, and one that
// is off waits. An address of a pool that is not needed any more "is released when the guest has started
// without it".
func (want portrait) guest(from, got portrait, to tree) {
	boot, _ := to["bootstrap"].(tree)
	allowed, _ := to["allow_power_cycle"].(bool)
	cycled := allowed && powerOf(to) == "PoweredOn"
	if customized := boot["linux_prep"] != nil || boot["sysprep"] != nil; !customized || !cycled {
		want["customization"] = got["customization"]
	}
	waits := !cycled && boot["cloud_init"] == nil // without a block of a provider LinuxPrep may be implied
	for key := range from {
		card, ok := strings.CutSuffix(key, " IPv4")
		if !ok {
			if card, ok = strings.CutSuffix(key, " IPv6"); !ok {
				continue
			}
		}
		if _, wanted := want[key]; !wanted && (waits || got[card+" network"] == from[card+" network"]) {
			want[key] = got[key]
		}
	}
}

// properties that are not written any more are left as they are, to the letter: an address in one
// may be that of a card that has gone since.
func (want portrait) properties(from, got portrait, to tree) {
	boot, _ := to["bootstrap"].(tree)
	settings, _ := boot["vapp_config"].(tree)
	written := map[string]bool{}
	for _, property := range blocksOf(settings, "property") {
		written[fmt.Sprint(property["key"])] = true
	}
	for key := range want {
		id, ok := strings.CutPrefix(key, "property ")
		switch {
		case !ok:
		case written[id]:
			want["text of "+key] = got["text of "+key]
		default:
			want[key], want["text of "+key] = got[key], from["text of "+key]
		}
	}
}

// partsOfClass are what each class of vCenter says beyond a size.
var partsOfClass = map[any][]string{
	classTuned: {"cores per socket", "annotation", "hot cpus", "hot memory", "nested", "flag vvtd", "flag mmu", "change tracking", "extra class.key", "extra numa.nodeAffinity"},
	classReal:  {"memory locked", "latency"},
	classPlain: {"memory locked", "latency", "cores per socket", "hot cpus", "hot removed cpus", "hot memory", "nested", "counters", "flag vvtd", "flag mmu"},
}

// class applies a class once: "when the machine is made, and when class_name or the resources block
// changes". What it says "stays when the class goes, and when another one comes that does not say it".
func (want portrait) class(from portrait, before, to tree) {
	says := map[string]bool{}
	if name := to["class_name"]; name != before["class_name"] || !maps.Equal(amounts(before), amounts(to)) {
		for _, part := range partsOfClass[name] {
			says[part] = true
		}
	}
	advanced, _ := to["advanced"].(tree)
	was, _ := before["advanced"].(tree)
	_, tracking := advanced["change_block_tracking"] // "stays as the machine has it", but for the class
	const key = "numa.nodeAffinity"
	_, had := keysOf(was)[key]
	_, has := keysOf(advanced)[key]
	written := map[string]bool{"change tracking": tracking, "extra " + key: had || has} // "has the class's value again"
	for _, parts := range partsOfClass {
		for _, part := range parts {
			if !says[part] && !written[part] {
				want[part] = from[part]
			}
		}
	}
	if from["annotation"] != "" {
		want["annotation"] = from["annotation"] // somebody's notes are not written over
	}
	if want["memory locked"] == "true" { // "locked at the memory's size"
		_, rest, _ := strings.Cut(want["memory allocation"], " ")
		want["memory allocation"] = want["memory"] + " " + rest
	}
	var cores, cpus int
	_, _ = fmt.Sscan(want["cores per socket"]+" "+want["cpus"], &cores, &cpus)
	if cores > 0 && cpus%cores != 0 {
		want["cores per socket"] = "1" // vSphere has no other
	}
}

func keysOf(advanced tree) tree {
	keys, _ := advanced["extra_config"].(tree)
	return keys
}

// amounts are what a resources block says.
func amounts(config tree) map[string]any {
	out := map[string]any{}
	resources, _ := config["resources"].(tree)
	for name, block := range resources {
		for part, amount := range block.(tree) {
			out[name+" "+part] = amount
		}
	}
	return out
}

// size is what is written, else what the class says, else what the machine has.
func (want portrait) size(from portrait, to tree) {
	if _, class := to["class_name"]; class {
		return
	}
	resources, _ := to["resources"].(tree)
	size, _ := resources["size"].(tree)
	if _, written := size["cpu"]; !written {
		want["cpus"] = from["cpus"]
	}
	if _, written := size["memory"]; !written {
		want["memory"] = from["memory"]
	}
}

// bootDefaults are vSphere's own.
var bootDefaults = portrait{
	"boot_delay": "1", "boot_retry": "false", "boot_retry_delay": "10000", "efi_secure_boot": "false", "network_boot_protocol": "ipv4", "boot_order": "",
}

// leftBoot has options that are not written any more go back to vSphere's defaults, and those that
// were not written before either stay.
func (want portrait) leftBoot(from portrait, before, to tree) {
	was, _ := before["boot_options"].(tree)
	is, _ := to["boot_options"].(tree)
	for option, standard := range bootDefaults {
		_, had := was[option]
		_, has := is[option]
		switch {
		case has:
		case had:
			want[option] = standard
		default:
			want[option] = from[option]
		}
	}
}

// place is any that is at the address as far as that is written.
func (want portrait) place(name string, got portrait, device tree) {
	var kind string
	var bus, unit int
	if n, _ := fmt.Sscanf(got[name+" place"], "%s %d:%d", &kind, &bus, &unit); n != 3 {
		return
	}
	for argument, is := range map[string]any{"controller_type": kind, "controller_bus_number": bus, "unit_number": unit} {
		if written, ok := device[argument]; ok && written != is {
			return // what the new machine has
		}
	}
	want[name+" place"] = got[name+" place"]
}

// cards keep their type and their address where none is written.
func (want portrait) cards(from, got portrait, to tree) {
	network, _ := to["network"].(tree)
	written := map[string]tree{}
	for _, card := range blocksOf(network, "interface") {
		written[card["name"].(string)] = card
	}
	for _, name := range cardNames(to) {
		card := "card " + name
		kind, had := from[card+" type"]
		if _, is := written[name]["type"]; !is && had {
			want[card+" type"] = kind
		}
		if _, is := written[name]["mac_addr"]; is {
			continue
		}
		want[card+" address"] = got[card+" address"]
		if had && kind == want[card+" type"] {
			want[card+" address"] = from[card+" address"]
		}
	}
}

// secretOfImport tells whether a place is a secret: "A machine that this provider created remembers its
// configuration, without secrets".
func secretOfImport(place string) bool {
	return strings.HasPrefix(place, "bootstrap.sysprep.") && strings.Contains(place, ".value: tftypes.String<null> became")
}

// differing lists what differs between two portraits.
func differing(want, got portrait) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(union(want, got))) {
		if want[key] != got[key] {
			out = append(out, fmt.Sprintf("%s: %q, want %q", key, got[key], want[key]))
		}
	}
	return strings.Join(out, "\n")
}

func union(a, b portrait) portrait {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
