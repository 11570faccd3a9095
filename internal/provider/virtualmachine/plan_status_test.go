package virtualmachine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// openIn are the places of a planned status that are not known, conditions by their types.
func openIn(planned tftypes.Value) []string {
	out := []string{}
	for _, place := range unknownIn(within(planned, "status")) {
		var index int
		if n, _ := fmt.Sscanf(place, "conditions[%d]", &index); n == 1 {
			place = textAt(elementsOf(within(planned, "status.conditions"))[index], "type")
		}
		out = append(out, place)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// without is a machine of which a part is not written.
func without(written tree, place string) tree { return with(written, place, nil) }

// A plan leaves open what its change can move, and nothing else.
func TestAStatusIsLeftOpenWhereTheChangeCanMoveIt(t *testing.T) {
	t.Parallel()
	_, d, made := standingMachine(t)
	const compute, extraConfig, devices = "VirtualMachineComputeConfigSynced", "VirtualMachineExtraConfigSynced", "VirtualMachineHardwareDeviceConfigVerified"
	const volumes, drives = "VirtualMachineHardwareVolumesVerified", "VirtualMachineHardwareCDROMVerified"
	for name, test := range map[string]struct {
		config tree
		want   []string
	}{
		"name":            {with(withHardware(), "name", "db"), []string{}},
		"processors":      {with(withHardware(), "resources.size.cpu", "4"), []string{compute, "hardware.cpu.limit", "hardware.cpu.reservation"}},
		"reservation":     {with(withHardware(), "resources.requests.memory", "2Gi"), []string{compute, "hardware.memory.limit", "hardware.memory.reservation"}},
		"a size unknown":  {with(withHardware(), "resources.size.memory", unknown{}), []string{compute, "hardware.memory"}},
		"power":           {with(withHardware(), "power_state", "PoweredOn"), []string{"conditions", "network.host_name", "network.interfaces", "network.ip_stacks", "network.primary_ip4", "network.primary_ip6", "node_name"}},
		"block tracking":  {with(withHardware(), "advanced.change_block_tracking", false), []string{"change_block_tracking"}},
		"a key":           {with(withHardware(), "advanced.extra_config", tree{"svga.present": "FALSE", "sched.swap.vmxSwapEnabled": "FALSE"}), []string{extraConfig}},
		"guest id":        {with(withHardware(), "guest_id", "debian12_64Guest"), []string{"guest"}},
		"boot delay":      {with(withHardware(), "boot_options.boot_delay", "3s"), []string{}},
		"capacity":        {with(withHardware(), "volume[1].capacity", "12Gi"), []string{devices, volumes, "volumes"}},
		"the boot disk":   {with(withHardware(), "advanced.boot_disk_capacity", "50Gi"), []string{devices, volumes, "volumes"}},
		"a disk gone":     {with(withHardware(), "volume", withHardware()["volume"].([]any)[:1]), []string{devices, volumes, "volumes"}},
		"a drive":         {with(withHardware(), "hardware.cdrom[0].connected", false), []string{drives, devices}},
		"reclaim policy":  {with(withHardware(), "volume[1].reclaim_policy", "Retain"), []string{}},
		"no extra config": {without(withHardware(), "advanced.extra_config"), []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			d := d.in(t)
			p := d.planned(made, test.config)
			if diff := cmp.Diff(test.want, openIn(p.planned)); diff != "" {
				t.Errorf("left open (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPartsThatAreNotWrittenAnyMoreHaveNoCondition(t *testing.T) {
	t.Parallel()
	_, d, made := standingMachine(t)
	if got := condition(made.state, "VirtualMachineExtraConfigSynced"); got != "True True " {
		t.Fatal(got)
	}
	bare := without(without(withHardware(), "resources"), "advanced.extra_config")
	p := d.planned(made, bare)
	for _, name := range []string{"VirtualMachineExtraConfigSynced", "VirtualMachineComputeConfigSynced"} {
		if got := condition(p.planned, name); got != "none" {
			t.Errorf("%s is %s", name, got)
		}
	}
	made = d.refreshed(d.applied(made, bare))
	if broken := emptyPlan(d, made, bare); len(broken) > 0 {
		t.Error(broken)
	}
	made = d.applied(made, withHardware())
	if got := condition(made.state, "VirtualMachineComputeConfigSynced"); got != "True True " {
		t.Error(got)
	}
}

// What differs from what was configured is a condition, as long as nobody sets it right, whatever
// the state has learned of it meanwhile.
func TestAMachineThatDiffersSaysSoInItsConditions(t *testing.T) {
	t.Parallel()
	sim, d, made := standingMachine(t)
	admin := administrator(t, sim)
	id := textAt(made.state, "id")
	for _, name := range []string{
		"VirtualMachineCreated", "VirtualMachineComputeConfigSynced", "VirtualMachineExtraConfigSynced", "VirtualMachineHardwareCDROMVerified", "VirtualMachineLocationValid",
		"VirtualMachineHardwareDeviceConfigVerified", "VirtualMachineHardwareVolumesVerified", "VirtualMachinePowerStateSynced",
	} {
		if got := condition(made.state, name); got != "True True " {
			t.Errorf("at first %s is %s", name, got)
		}
	}
	change := govmomi.VirtualMachineConfigSpec{
		MemoryMB: 8192, ExtraConfig: []govmomi.BaseOptionValue{&govmomi.OptionValue{Key: "svga.present", Value: "FALSE"}},
	}
	for _, change := range []govmomi.VirtualMachineConfigSpec{change, altering(govmomi.VirtualDeviceConfigSpecOperationRemove, diskOf(devicesOf(t, admin, id), 10))} {
		if err := sim.Reconfigure("web", change); err != nil {
			t.Fatal(err)
		}
	}
	if err := sim.PowerOn("web"); err != nil {
		t.Fatal(err)
	}
	sim.Settle()
	for _, read := range []machine{d.refreshed(made), d.refreshed(d.refreshed(made)), d.imported(id)} {
		for name, want := range map[string]string{
			"VirtualMachineComputeConfigSynced":          "False PowerOffRequired The machine differs from its configuration in resources.size.memory (",
			"VirtualMachineExtraConfigSynced":            `False ExtraConfigMismatch The machine differs from its configuration in advanced.extra_config["svga.present"]`,
			"VirtualMachineHardwareVolumesVerified":      "False HardwareVolumesMismatch The machine differs from its configuration in volume[log]",
			"VirtualMachineHardwareDeviceConfigVerified": "False HardwareDeviceConfigMismatch Not as configured: VirtualMachineHardwareVolumesVerified",
			"VirtualMachineHardwareCDROMVerified":        "True True ",
			"VirtualMachinePowerStateSynced":             "False NotSynced The machine is PoweredOn and was left PoweredOff",
		} {
			if got := condition(read.state, name); !strings.HasPrefix(got, want) {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
	}
	made = d.applied(d.refreshed(made), withHardware())
	if got := condition(made.state, "VirtualMachineHardwareVolumesVerified"); got != "True True " {
		t.Error(got)
	}
}

// What the configuration decides of a machine's size, a plan shows before it is applied.
func TestAPlanShowsTheSizeThatItAsksFor(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	shown := func(p plan) string {
		total := func(of string) string {
			if value := within(p.planned, "status.hardware."+of+".total"); value.IsKnown() {
				return strings.Trim(strings.TrimPrefix(value.String(), "tftypes."), " ")
			}
			return "unknown"
		}
		return total("cpu") + " " + total("memory")
	}
	config := with(with(small(), "allow_power_cycle", true), "power_off_mode", "Hard")
	sized := with(config, "resources", tree{"size": tree{"cpu": "4"}})
	for _, test := range []struct {
		name   string
		config tree
		want   string
	}{
		{"of the image", config, "unknown unknown"},
		{"processors", sized, `Number<"4"> unknown`},
		{"a class", with(config, "class_name", simulator.ClassBestSmall), `Number<"2"> String<"4Gi">`},
		{"a class, and processors", with(sized, "class_name", simulator.ClassBestSmall), `Number<"4"> String<"4Gi">`},
		{"a class that is not known", with(sized, "class_name", unknown{}), "unknown unknown"},
		{"processors that are not known", with(sized, "resources.size.cpu", unknown{}), "unknown unknown"},
	} {
		if got := shown(d.planned(d.nothing(), test.config)); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	made := d.refreshed(d.applied(d.nothing(), sized))
	if got := shown(d.planned(made, with(sized, "resources.size.cpu", "2"))); !strings.HasPrefix(got, `Number<"2"> String`) {
		t.Errorf("fewer processors: %s", got)
	}
	d.applied(made, with(with(sized, "resources.size.cpu", "2"), "class_name", simulator.ClassBestLarge))
}
