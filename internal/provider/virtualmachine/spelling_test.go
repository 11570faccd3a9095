package virtualmachine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// spellings are values that are written otherwise than vCenter or the guest's documents spell
// them, by place.
func spellings() map[string]any {
	return map[string]any{
		"resources.size.cpu":            "2000m",
		"resources.size.memory":         "4096Mi",
		"resources.requests.cpu":        "0.5k",
		"resources.requests.memory":     "1048576Ki",
		"resources.limits.cpu":          "4k",
		"resources.limits.memory":       "8589934592",
		"advanced.boot_disk_capacity":   "40960Mi",
		"advanced.extra_config":         tree{"SVGA.Present": "TRUE", "sched.swap.vmxswapenabled": "FALSE"},
		"volume[0].capacity":            "20480Mi",
		"volume[1].capacity":            "10737418240",
		"boot_options.firmware":         "EFI",
		"boot_options.boot_delay":       "1.5s",
		"boot_options.boot_retry_delay": "1m30s",
		"hardware.cdrom[0].image.name":  "c" + ubuntuISO,

		"network.host_name":                     "Web-1",
		"network.domain_name":                   "Example.COM",
		"network.nameservers":                   []any{"2001:0DB8::0053", "10.0.0.53"},
		"network.search_domains":                []any{"Corp.Example.COM", "example.com."},
		"network.interface[0].mac_addr":         "00:50:56:0A:0B:0C",
		"network.interface[0].addresses":        []any{"2001:DB8:0:0::10/64", "10.0.1.100/24"},
		"network.interface[0].gateway6":         "2001:0db8:0::1",
		"network.interface[0].nameservers":      []any{"2001:DB8::35"},
		"network.interface[0].route":            []any{tree{"to": "2001:DB8:1::/48", "via": "2001:DB8::0:2"}},
		"network.interface[0].network.name":     "/DC0/network/frontend",
		"network.interface[1].dhcp4":            true,
		"bootstrap.cloud_init.instance_id":      "ID-1",
		"bootstrap.cloud_init.raw_cloud_config": tree{"value": "#cloud-config\r\n{timezone: UTC}\r\n"},
	}
}

func TestWhatIsSpelledInAnotherWayIsTheSame(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := withHardware()
	for _, place := range slices.Sorted(maps.Keys(spellings())) {
		config = with(config, place, spellings()[place])
	}
	made := d.refreshed(d.applied(d.nothing(), config))
	for _, place := range emptyPlan(d, made, config) {
		t.Errorf("%s differs", place)
	}
	// Neither does another change of the machine touch them.
	sim.ResetRequests()
	made = d.refreshed(d.applied(made, with(config, "advanced.change_block_tracking", false)))
	for _, request := range sim.Requests("ReconfigVM_Task") {
		if body := request.Body; strings.Contains(body, "<deviceChange>") || strings.Contains(body, "<numCPUs>") || strings.Contains(body, "bootOptions") || strings.Contains(body, "svga") {
			t.Errorf("more is changed than was asked for:\n%s", body)
		}
	}
	// Nor does an import.
	config = with(config, "advanced.change_block_tracking", false)
	for _, place := range emptyPlan(d, d.imported(textAt(made.state, "id")), config) {
		t.Errorf("imported, %s differs", place)
	}
}

// What vCenter says in another way, or comes to say by itself, is no drift.
func TestWhatVCenterSpellsInAnotherWayIsNoDrift(t *testing.T) {
	t.Parallel()
	sim, d, made := standingMachine(t)
	admin := administrator(t, sim)
	type spec = govmomi.VirtualMachineConfigSpec
	option := func(key, value string) spec {
		return spec{ExtraConfig: []govmomi.BaseOptionValue{&govmomi.OptionValue{Key: key, Value: value}}}
	}
	for name, change := range map[string]func(object.VirtualDeviceList) []spec{
		"a key in another case": func(object.VirtualDeviceList) []spec {
			return []spec{option("svga.present", ""), option("SVGA.PRESENT", "TRUE")}
		},
		"an address in upper case": func(devices object.VirtualDeviceList) []spec {
			card := devices.SelectByType((*govmomi.VirtualEthernetCard)(nil))[0].(govmomi.BaseVirtualEthernetCard)
			card.GetVirtualEthernetCard().MacAddress = "00:50:56:0A:0B:0C"
			return []spec{altering(govmomi.VirtualDeviceConfigSpecOperationEdit, card.(govmomi.BaseVirtualDevice))}
		},
		"disks in another order": func(devices object.VirtualDeviceList) []spec {
			return []spec{altering(govmomi.VirtualDeviceConfigSpecOperationEdit, diskOf(devices, 20))}
		},
		"a label": func(devices object.VirtualDeviceList) []spec {
			disk := diskOf(devices, 10)
			disk.DeviceInfo = &govmomi.Description{Label: "Festplatte 3", Summary: "10 GB"}
			return []spec{altering(govmomi.VirtualDeviceConfigSpecOperationEdit, disk)}
		},
		"shares": func(object.VirtualDeviceList) []spec {
			return []spec{{CpuAllocation: &govmomi.ResourceAllocationInfo{
				Reservation: govmomi.NewInt64(500), Limit: govmomi.NewInt64(4000), Shares: &govmomi.SharesInfo{Level: govmomi.SharesLevelHigh, Shares: 4000},
			}}}
		},
		"a setting of vCenter's own": func(object.VirtualDeviceList) []spec { return []spec{option("viv.moid", "vm-1")} },
		"an annotation":              func(object.VirtualDeviceList) []spec { return []spec{{Annotation: "backed up"}} },
		"tools": func(object.VirtualDeviceList) []spec {
			return []spec{{Tools: &govmomi.ToolsConfigInfo{SyncTimeWithHost: govmomi.NewBool(true)}}}
		},
	} {
		for _, one := range change(devicesOf(t, admin, textAt(made.state, "id"))) {
			if err := sim.Reconfigure("web", one); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		read := d.refreshed(made)
		if broken := emptyPlan(d, read, withHardware()); len(broken) > 0 {
			t.Errorf("%s: %v differ", name, broken)
			made = d.applied(read, withHardware())
		}
	}
}
