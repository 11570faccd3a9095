package virtualmachine_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vapi/rest"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// becoming are the values that what is written of a machine's hardware may turn out to have,
// where it is not known at first; nil is none.
func becoming() map[string][]any {
	disc := tree{"kind": "ClusterVirtualMachineImage", "name": ubuntuISO}
	return map[string][]any{
		"allow_power_cycle":    {false, nil},
		"class_name":           {simulator.ClassBestLarge, simulator.ClassGuaranteed, classOfVersion, nil},
		"guest_id":             {"rhel9_64Guest", nil},
		"min_hardware_version": {21, 0, nil},
		"power_state":          {"PoweredOff", nil},
		"restart_mode":         {"Hard", nil},
		"next_restart_time":    {"2025-06-02T12:00:00Z", nil},

		"resources": {tree{"size": tree{"cpu": "4"}}, nil}, "resources.size": {tree{"memory": "8Gi"}, nil},
		"resources.size.cpu": {"4", nil}, "resources.size.memory": {"8Gi", nil},
		"resources.requests": {tree{"cpu": "250"}, nil}, "resources.requests.cpu": {"250", nil}, "resources.requests.memory": {"2Gi", nil},
		"resources.limits": {tree{"cpu": "3000"}, nil}, "resources.limits.cpu": {"3000", nil}, "resources.limits.memory": {"6Gi", nil},

		"advanced":                       {tree{"extra_config": tree{"replay": "1"}}, tree{"change_block_tracking": false}, nil},
		"advanced.boot_disk_capacity":    {"50Gi", nil},
		"advanced.change_block_tracking": {false, nil},
		"advanced.extra_config":          {tree{"replay": "1"}, tree{"svga.present": "FALSE"}, tree{}, nil},
		"advanced.extra_config.replay":   {"1"},
		"advanced.extra_config.mine":     {"FALSE"},

		"boot_options":                       {tree{"firmware": "EFI", "boot_delay": "1s"}, nil},
		"boot_options.firmware":              {"efi", nil},
		"boot_options.boot_delay":            {"1s", nil},
		"boot_options.boot_retry":            {"Enabled"},
		"boot_options.boot_retry_delay":      {"10s", nil},
		"boot_options.efi_secure_boot":       {"Enabled", nil},
		"boot_options.network_boot_protocol": {"IP4", nil},
		"boot_options.boot_order":            {[]any{tree{"type": "CDRom"}, tree{"type": "Disk", "name": "data"}}, []any{}},
		"boot_options.boot_order[0].type":    {"CDRom"},
		"boot_options.boot_order[1].type":    {"Network"},
		"boot_options.boot_order[1].name":    {"eth0"},

		"hardware":                              {tree{"cdrom": []any{}}, tree{"cdrom": []any{tree{"name": "cd1"}}}, nil},
		"hardware.cdrom":                        {[]any{}, []any{tree{"name": "other", "image": disc}}},
		"hardware.cdrom[0].name":                {"other"},
		"hardware.cdrom[0].image":               {disc},
		"hardware.cdrom[0].image.kind":          {"ClusterVirtualMachineImage"},
		"hardware.cdrom[0].image.name":          {ubuntuISO},
		"hardware.cdrom[0].connected":           {false, nil},
		"hardware.cdrom[0].allow_guest_control": {true, nil},
		"hardware.cdrom[0].controller_type":     {"SATA"}, "hardware.cdrom[0].controller_bus_number": {1}, "hardware.cdrom[0].unit_number": {5, nil},

		"volume":         {[]any{}, []any{tree{"name": "new", "capacity": "1Gi"}}},
		"volume[0].name": {"other"}, "volume[0].capacity": {"21Gi"}, "volume[0].disk_mode": {"Persistent", nil}, "volume[0].sharing_mode": {nil},
		"volume[0].storage_class": {simulator.StorageGold, nil}, "volume[0].provisioning_mode": {"Thick", nil}, "volume[0].application_type": {nil},
		"volume[0].removable": {true, nil}, "volume[0].reclaim_policy": {"Retain", nil},
		"volume[0].controller_type": {"SCSI", "SATA"}, "volume[0].controller_bus_number": {2}, "volume[0].unit_number": {4, nil},
		"volume[1].name": {"other"}, "volume[1].capacity": {"11Gi"},
	}
}

// standing is a machine with every argument and block of its hardware, in a power state: its size is
// written, or that of a class.
func standing(power, class string) tree {
	config := withHardware()
	config["power_state"], config["power_off_mode"], config["allow_power_cycle"] = power, "Hard", true
	config["restart_mode"], config["next_restart_time"] = "Soft", "2025-06-01T12:00:00Z"
	// Keys without dots, so that places can name them.
	config = with(config, "advanced.extra_config", tree{"replay": "0", "mine": "TRUE"})
	// No device that is not there any more where another one turns out to be.
	config = with(config, "boot_options.boot_order", []any{tree{"type": "Disk"}, tree{"type": "Network", "name": "eth1"}})
	config = with(config, "boot_options.efi_secure_boot", "Disabled")
	if class != "" {
		config["class_name"], config["resources"] = class, tree{"limits": tree{"cpu": "8000"}}
	}
	return config
}

// ofHardware are the places of what is written about a machine's hardware.
func ofHardware(config tree) []string {
	return slices.DeleteFunc(places(config, ""), func(place string) bool {
		head, _, _ := strings.Cut(strings.ReplaceAll(place, "[", "."), ".")
		return slices.Contains([]string{"name", "image_name", "power_off_mode", "network", "bootstrap"}, head)
	})
}

// fits tells that a configuration has the block that a place is in.
func fits(config tree, place string) bool {
	at := strings.LastIndexAny(place, ".")
	return at < 0 || slices.Contains(places(config, ""), place[:at]) ||
		strings.HasSuffix(place[:at], "]") && slices.Contains(places(config, ""), place[:strings.LastIndexByte(place, '[')])
}

// classOfVersion is a class that has its machines of the hardware version 21 at least.
const classOfVersion = "version-21"

// The plan that is made for apply, when everything is known, keeps what the first one said of a
// machine that exists, where something of its hardware turns out to be another than the machine
// has: whether it is off, or runs and may be powered off and on.
func TestUnknownHardwareMayBecomeAnother(t *testing.T) {
	t.Parallel()
	for _, base := range []struct{ power, class string }{{"PoweredOn", ""}, {"PoweredOff", ""}, {"PoweredOn", simulator.ClassBestSmall}} {
		t.Run(base.power+" "+base.class, func(t *testing.T) {
			t.Parallel()
			sim := simulator.Start(t)
			addClass(t, sim, namespace.VirtualMachineClassCreateSpec{
				Id: classOfVersion, CpuCount: 2, MemoryMb: 4096, ConfigSpec: json.RawMessage(`{"_typeName":"VirtualMachineConfigSpec","version":"vmx-21"}`),
			})
			d := connected(t, sim)
			config := standing(base.power, base.class)
			made := d.applied(d.nothing(), config)
			sim.Settle()
			made = d.refreshed(made)
			if broken := emptyPlan(d, made, config); len(broken) > 0 {
				t.Fatalf("the plan of what was applied is not empty:\n%s", strings.Join(broken, "\n"))
			}
			table := becoming()
			for _, place := range ofHardware(config) {
				if len(table[place]) == 0 && !strings.HasPrefix(place, "volume[1].") {
					t.Errorf("%s is not in the table", place)
				}
			}
			for _, place := range slices.Sorted(maps.Keys(table)) {
				if fits(config, place) && (base.class == "" || ofSize(place)) {
					d.foretold(t, made, config, place, table[place])
				}
			}
		})
	}
}

// ofSize tells that a class may matter to what is at a place.
func ofSize(place string) bool {
	head, _, _ := strings.Cut(place, ".")
	return slices.Contains([]string{"class_name", "min_hardware_version", "resources", "advanced", "allow_power_cycle"}, head)
}

// foretold checks that the plan in which a place is unknown says nothing that one in which it has
// a value does not say.
func (d *direct) foretold(t *testing.T, made machine, config tree, place string, values []any) {
	t.Helper()
	first, diags := d.plan(made, with(config, place, unknown{}))
	if failed(diags) {
		t.Errorf("%s is not known: %s", place, said(diags))
		return
	}
	for _, value := range values {
		final, diags := d.plan(made, with(config, place, value))
		if failed(diags) {
			t.Errorf("%s = %v: %s", place, value, said(diags))
			continue
		}
		if broken := contradictions(first.planned, final.planned); len(broken) > 0 {
			t.Errorf("%s = %v: the final plan contradicts the first:\n%s", place, value, strings.Join(broken, "\n"))
		}
		if (len(first.replace) > 0) != (len(final.replace) > 0) {
			t.Errorf("%s = %v: the first plan replaces the machine for %v, and the final one for %v", place, value, first.replace, final.replace)
		}
	}
}

// addClass adds a class to vCenter, as an administrator does.
func addClass(t *testing.T, sim *simulator.Simulator, spec namespace.VirtualMachineClassCreateSpec) {
	t.Helper()
	session := rest.NewClient(administrator(t, sim))
	if err := session.Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	if err := namespace.NewManager(session).CreateVmClass(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}
