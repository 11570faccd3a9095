package virtualmachine_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// generator makes configurations of one machine that may follow each other. What would make it
// another machine is the same in most of them.
type generator struct {
	*rand.Rand
	// source, firmware and provider are those of the machine; firmware may be empty for none that is
	// written, and provider for none at all.
	source             source
	firmware, provider string
	// bootDisk is what the machine's first disk has, in GiB.
	bootDisk int
	// seed tells the MAC addresses of machines apart.
	seed uint64
}

func newGenerator(seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1)), seed: seed}
	g.source = oneOf(g, sources...)
	g.firmware = oneOf(g, "", "efi", "EFI", "bios")
	g.provider = oneOf(g, g.source.providers...)
	g.bootDisk = g.source.bootDisk
	return g
}

// chance is true as often in a hundred times.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// oneOf chooses.
func oneOf[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// some chooses so many of several, in any order.
func some[T any](g *generator, most int, of ...T) []T {
	of = slices.Clone(of)
	g.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
	return of[:g.IntN(min(most, len(of))+1)]
}

// sections are the parts of a configuration with how often they are written at all, in the order
// in which they are made: later ones name what is in earlier ones.
var sections = []struct {
	name    string
	percent int
	make    func(g *generator, before, now tree) any
}{
	{"power_state", 60, (*generator).powerState},
	{"class_name", 50, (*generator).className},
	{"resources", 40, (*generator).resources},
	{"guest_id", 25, (*generator).guestID},
	{"min_hardware_version", 25, func(g *generator, _, _ tree) any { return oneOf(g, 0, 13, 17, 19, 20, 21) }},
	{"advanced", 60, (*generator).advanced},
	{"volume", 70, (*generator).volumes},
	{"hardware", 50, (*generator).hardware},
	{"bootstrap", 85, (*generator).bootstrap},
	{"network", 75, (*generator).network},
	{"boot_options", 60, (*generator).bootOptions},
}

// next is a configuration that follows another one, nil for the first. Parts of it stay as they
// were, which is how most changes are made.
func (g *generator) next(before tree) tree {
	now := tree{"name": oneOf(g, "alpha-1", "beta-2"), "image_name": g.source.image, "allow_power_cycle": g.chance(85)}
	if g.chance(15) {
		now["name"] = "gamma-3"
	}
	if g.chance(80) {
		now["power_off_mode"] = "Hard"
	}
	stays := 20 + 20*g.IntN(4)
	for _, section := range sections {
		value, had := before[section.name]
		switch {
		case before != nil && g.chance(stays) && section.name != "boot_options":
			if had {
				now[section.name] = value
			}
		case g.chance(section.percent) || g.source.needs[section.name]:
			if made := section.make(g, before, now); made != nil {
				now[section.name] = made
			}
		}
	}
	if before != nil && g.chance(2) {
		now["storage_class"] = simulator.StorageGold // it is another machine
	} else if class, had := before["storage_class"]; had {
		now["storage_class"] = class
	}
	return now
}

func (g *generator) powerState(before, _ tree) any {
	if before != nil && powerOf(before) != "PoweredOff" && g.chance(30) {
		return "Suspended"
	}
	return oneOf(g, "PoweredOn", "PoweredOff")
}

// powerOf is the power state that a configuration asks for.
func powerOf(config tree) string {
	if state, ok := config["power_state"].(string); ok {
		return state
	}
	return "PoweredOn"
}

// put writes an argument as often in a hundred times.
func (g *generator) put(into tree, percent int, name string, values ...any) {
	if g.chance(percent) {
		into[name] = oneOf(g, values...)
	}
}

func (g *generator) resources(_, _ tree) any {
	size, requests, limits := tree{}, tree{}, tree{}
	g.put(size, 50, "cpu", "1", "2", "3", "4")
	g.put(size, 50, "memory", "1Gi", "1536Mi", "2Gi")
	g.put(requests, 50, "cpu", "0", "500", "900")
	g.put(requests, 50, "memory", "0", "256Mi", "512Mi")
	g.put(limits, 50, "cpu", "-1", "2000", "2500")
	g.put(limits, 50, "memory", "-1", "4Gi", "3Gi")
	out := tree{}
	for name, block := range map[string]tree{"size": size, "requests": requests, "limits": limits} {
		if len(block) > 0 {
			out[name] = block
		}
	}
	return out
}

func (g *generator) advanced(_, _ tree) any {
	out := tree{}
	if g.bootDisk > 0 && g.chance(35) {
		g.bootDisk += g.IntN(3)
		out["boot_disk_capacity"] = fmt.Sprintf("%dGi", g.bootDisk)
	}
	g.put(out, 30, "default_volume_provisioning_mode", "Thin", "Thick", "ThickEagerZero")
	g.put(out, 40, "change_block_tracking", true, false)
	if keys := some(g, 4, "numa.nodeAffinity", "isolation.tools.copy.disable", oneOf(g, "Custom.Key", "custom.key"), "sched.scsi0:0.shares"); g.chance(60) {
		config := tree{}
		for _, key := range keys {
			config[key] = oneOf(g, "TRUE", "0", "a text")
		}
		out["extra_config"] = config
	}
	return out
}

func (g *generator) volumes(before, _ tree) any {
	had := map[any]tree{}
	for _, volume := range blocksOf(before, "volume") {
		had[volume["name"]] = volume
	}
	var out []any
	names := some(g, 4, "data", "logs", "scratch", "db", "cache-1")
	if len(names) == 0 && g.source.needs["volume"] {
		names = []string{"data"}
	}
	for _, name := range names {
		least := 1
		volume := tree{}
		if was := had[name]; was != nil {
			_, _ = fmt.Sscanf(was["capacity"].(string), "%dGi", &least)
			if g.chance(3) {
				least-- // it cannot shrink, which a plan has to say
			}
			if g.chance(40) {
				volume = maps.Clone(was)
			}
		}
		volume["name"], volume["capacity"] = name, fmt.Sprintf("%dGi", max(1, least+g.IntN(2)))
		if len(volume) == 2 {
			g.volume(volume)
		}
		out = append(out, volume)
	}
	return out
}

func (g *generator) volume(volume tree) {
	g.put(volume, 30, "disk_mode", "Persistent", "IndependentPersistent", "NonPersistent", "IndependentNonPersistent")
	g.put(volume, 15, "sharing_mode", "None", "MultiWriter")
	g.put(volume, 8, "application_type", "OracleRAC", "MicrosoftWSFC")
	g.put(volume, 20, "provisioning_mode", "Thin", "Thick", "ThickEagerZero")
	g.put(volume, 10, "storage_class", simulator.StorageGold, simulator.StorageSilver)
	g.put(volume, 25, "reclaim_policy", "Delete", "Retain")
	if volume["application_type"] == "MicrosoftWSFC" {
		return // its controller is its own
	}
	switch kind := oneOf(g, "", "", "", "SCSI", "SCSI", "SATA", "NVME", "IDE"); kind {
	case "":
	case "IDE":
		g.address(volume, kind, 2, 0, 2)
	case "SCSI":
		g.address(volume, kind, 2, 1, 4)
	default:
		g.address(volume, kind, 3, 0, 3)
	}
}

// address is a place on one of some buses, from a first unit on.
func (g *generator) address(device tree, kind string, buses, first, units int) {
	device["controller_type"] = kind
	if g.chance(70) {
		device["controller_bus_number"] = g.IntN(buses)
		if g.chance(70) {
			device["unit_number"] = first + g.IntN(units)
		}
	}
}

// media are the ISO images that drives hold.
var media = []any{medium(simulator.ItemISO), medium(simulator.ItemInstaller), medium(simulator.ItemPublishedISO)}

func (g *generator) hardware(_, _ tree) any {
	var drives []any
	discs, names := some(g, len(media), media...), some(g, 2, "cdrom1", "cdrom2", "tools")
	if g.source.installer != nil { // it has to be in one of them
		discs = []any{g.source.installer, medium(simulator.ItemISO)}[:1+g.IntN(2)]
		if len(names) == 0 {
			names = []string{"cdrom1"}
		}
	}
	for i, name := range names {
		drive := tree{"name": name}
		if i < len(discs) {
			drive["image"] = discs[i]
			g.put(drive, 50, "connected", true, false)
		} else {
			g.put(drive, 20, "connected", false)
		}
		g.put(drive, 40, "allow_guest_control", true, false)
		switch oneOf(g, "", "", "IDE", "SATA") {
		case "IDE":
			g.address(drive, "IDE", 2, 0, 2)
		case "SATA":
			g.address(drive, "SATA", 2, 0, 3)
		}
		drives = append(drives, drive)
	}
	return tree{"cdrom": drives}
}

func (g *generator) bootOptions(_, now tree) any {
	out := tree{}
	if g.firmware != "" {
		out["firmware"] = g.firmware
	}
	g.put(out, 30, "boot_delay", "0s", "1500ms", "10s")
	g.put(out, 40, "boot_retry", "Enabled", "Enabled", "Disabled")
	if out["boot_retry"] == "Enabled" {
		g.put(out, 50, "boot_retry_delay", "5s", "10s", "1m")
	}
	if g.firmware == "efi" || g.firmware == "EFI" {
		g.put(out, 40, "efi_secure_boot", "Enabled", "Disabled")
	}
	g.put(out, 30, "network_boot_protocol", "IP4", "IP6")
	var devices []any
	if g.source.bootDisk > 0 {
		devices = append(devices, tree{"type": "Disk"})
	}
	for _, volume := range blocksOf(now, "volume") {
		devices = append(devices, tree{"type": "Disk", "name": volume["name"]})
	}
	for _, name := range cardNames(now) {
		devices = append(devices, tree{"type": "Network", "name": name})
	}
	if hardware, written := now["hardware"].(tree); !written || len(blocksOf(hardware, "cdrom")) > 0 {
		devices = append(devices, tree{"type": "CDRom"})
	}
	if order := some(g, 4, devices...); g.chance(50) && len(order) > 0 {
		out["boot_order"] = order
	}
	return out
}

// blocksOf are the repeated blocks of a name.
func blocksOf(in tree, name string) []tree {
	list, _ := in[name].([]any)
	out := make([]tree, len(list))
	for i := range list {
		out[i] = list[i].(tree)
	}
	return out
}
