package virtualmachine

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/fwtypes"
)

func (j *hardwareJudge) advanced() {
	a := j.spec.Advanced
	j.mebibytes("5.3", network.Path{"advanced", "boot_disk_capacity"}, a.BootDiskBytes, 1)
	values := a.ExtraConfig.Or(nil)
	first := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		at := network.Path{"advanced", "extra_config", fwtypes.Key(key)}
		folded := strings.ToLower(key)
		if other, twice := first[folded]; twice {
			j.refuse("5.3", at, "A key is there twice", "%q and %q are one key to vSphere, which does not tell them apart by case. Remove one of them.", other, key)
			continue
		}
		first[folded] = key
		if owner, kept := keptKey(key); kept {
			j.refuse("5.3", at, "A key that is kept for something else", "%q cannot be set here: %s", key, owner)
		}
		if value := values[key]; !value.IsUnknown() && value.Or("") == "" {
			j.refuse("5.3", at, "A key has no value", "%q has no value, and an empty one would remove the key. Give it a value, or leave it out.", key)
		}
	}
}

var ethernetKey = regexp.MustCompile(`^ethernet[0-9]+\.`)

// prefixes of keys that others keep in a machine, and who they are.
var keptPrefixes = []struct{ prefix, owner string }{
	{"guestinfo.", "it is how the guest is told what bootstrap and network say, and how it tells what readiness_probe asks. Use bootstrap instead."},
	{"vmservice.", "it belongs to VM Operator."},
	{"vmoperator.", "it is how this provider remembers what it did."},
}

// keptKeys are single keys of that kind, in lower case: those that something else than extra_config
// says, with its place in the schema, and those that never keep their value.
var keptKeys = map[string]string{
	"":                         "a key has at least one character.",
	"tools.deploypkg.filename": "vSphere keeps there which customization the guest has yet to go through.",
	"vmx.reboot.powercycle":    "vSphere sets it back at the next restart. Use allow_power_cycle or next_restart_time instead.",
	"displayname":              "use name instead.",
	"guestos":                  "use guest_id instead.",
	"uuid.bios":                "use bios_uuid instead.",
	"vc.uuid":                  "use instance_uuid instead.",
	"virtualhw.version":        "use min_hardware_version instead.",
	"numvcpus":                 "use resources.size.cpu or class_name instead.",
	"memsize":                  "use resources.size.memory or class_name instead.",
	"sched.cpu.min":            "use resources.requests.cpu instead.",
	"sched.cpu.max":            "use resources.limits.cpu instead.",
	"sched.mem.min":            "use resources.requests.memory instead.",
	"sched.mem.max":            "use resources.limits.memory instead.",
	"ctkenabled":               "use advanced.change_block_tracking instead.",
	"firmware":                 "use boot_options.firmware instead.",
	"bios.bootdelay":           "use boot_options.boot_delay instead.",
	"bios.bootretry.enabled":   "use boot_options.boot_retry instead.",
	"bios.bootretry.delay":     "use boot_options.boot_retry_delay instead.",
	"bios.bootorder":           "use boot_options.boot_order instead.",
	"bios.hddorder":            "use boot_options.boot_order instead.",
	"uefi.secureboot.enabled":  "use boot_options.efi_secure_boot instead.",
}

// keptKey tells whether something else than extra_config says a key, and what. Keys that a machine
// is created with, disk.enableUUID among them, are the weakest in VM Operator too, and may be
// overruled.
func keptKey(key string) (owner string, kept bool) {
	key = strings.ToLower(key)
	if owner, kept = keptKeys[key]; kept {
		return owner, true
	}
	for _, k := range keptPrefixes {
		if strings.HasPrefix(key, k.prefix) {
			return k.owner, true
		}
	}
	if ethernetKey.MatchString(key) {
		return "it belongs to a network card. Use network.interface instead.", true
	}
	return "", false
}
