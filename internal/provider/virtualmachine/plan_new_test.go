package virtualmachine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// What a machine cannot have is said before it is created.
func TestWhatANewMachineCannotHaveIsSaidInPlan(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t, simulator.WithEveryImageType())
	d := serve(t)
	d.clean("configure", d.configure(everyType(sim)))
	iso := tree{
		"name": "small", "image_name": "Debian 12 Installer", "guest_id": "debian12_64Guest", "class_name": simulator.ClassBestSmall,
		"volume": []any{tree{"name": "boot", "capacity": "16Gi"}},
	}
	volume := func(unit int) []any {
		return []any{tree{"name": "data", "capacity": "1Gi", "controller_type": "SCSI", "controller_bus_number": 0, "unit_number": unit}}
	}
	sized := with(small(), "class_name", simulator.ClassBestSmall)
	guaranteed := with(small(), "class_name", simulator.ClassGuaranteed)
	resources := func(config tree, block, name, value string) tree {
		return with(config, "resources", tree{block: tree{name: value}})
	}
	for name, test := range map[string]struct {
		config        tree
		at, says, how string
	}{
		"a boot disk that is smaller than the image's":    {with(small(), "advanced", tree{"boot_disk_capacity": "1Mi"}), "advanced.boot_disk_capacity", "cannot shrink", "Ask for at least that"},
		"a volume where the image has its disk":           {with(small(), "volume", volume(0)), "volume[0].unit_number", "that of a disk of the image", `SCSI 0:0 is where "Photon OS 5.0"`},
		"a volume beside it":                              {with(small(), "volume", volume(1)), "", "", ""},
		"the first disk of an image that has none":        {with(iso, "boot_options", tree{"boot_order": []any{tree{"type": "CDRom"}, tree{"type": "Disk"}}}), "boot_options.boot_order[1].name", "no disk to boot from", "Set name to that of a volume"},
		"a volume by its name":                            {with(iso, "boot_options", tree{"boot_order": []any{tree{"type": "Disk", "name": "boot"}}}), "", "", ""},
		"more reserved memory than the class has":         {resources(sized, "requests", "memory", "8Gi"), "resources.requests.memory", "cannot have this", "8192 MB of memory are to be reserved, and the machine has 4096 MB"},
		"more than the image has":                         {resources(small(), "requests", "memory", "1Ti"), "resources.requests.memory", "cannot have this", "1048576 MB of memory are to be reserved"},
		"less memory than the class reserves":             {resources(guaranteed, "size", "memory", "1Gi"), "resources.size.memory", "cannot have this", "4096 MB of memory are to be reserved, and the machine has 1024 MB"},
		"a limit below what the class reserves":           {resources(guaranteed, "limits", "cpu", "10"), "resources.limits.cpu", "cannot have this", "and the limit is 10 MHz"},
		"as much reserved memory as the class has":        {resources(sized, "requests", "memory", "4Gi"), "", "", ""},
		"an amount that is not known":                     {with(guaranteed, "resources", tree{"limits": tree{"cpu": "10"}, "requests": tree{"cpu": unknown{}}}), "", "", ""},
		"a restart in the future":                         {with(small(), "next_restart_time", time.Now().Add(time.Hour).Format(time.RFC3339)), "next_restart_time", "in the future", "plantimestamp()"},
		"a restart that a clock which goes before is for": {with(small(), "next_restart_time", time.Now().Add(time.Minute).Format(time.RFC3339)), "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := d.in(t).plan(d.nothing(), test.config)
			switch {
			case test.at == "":
				d.in(t).clean("plan", diags)
			case len(diags) == 1 && !strings.Contains(diags[0].Detail, test.how):
				t.Errorf("it says %q, and not %q", said(diags), test.how)
			default:
				oneError(t, diags, test.at, test.says)
			}
		})
	}
}

func TestWhatAMachineCannotHaveIsSaidAtItsPlace(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(with(small(), "class_name", simulator.ClassBestSmall), "allow_power_cycle", true)
	config = with(config, "volume", []any{
		tree{"name": "data", "capacity": "1Gi"}, tree{"name": "logs", "capacity": "1Gi", "controller_type": "SCSI", "controller_bus_number": 0, "unit_number": 3},
	})
	made := d.applied(d.nothing(), config)
	for name, test := range map[string]struct {
		place   string
		value   any
		at, how string
	}{
		"reserved memory": {"resources", tree{"requests": tree{"memory": "8Gi"}}, "resources.requests.memory", "8192 MB of memory are to be reserved, and the machine has 4096 MB"},
		"the place of the image's disk": {
			"volume[1]",
			tree{"name": "logs", "capacity": "1Gi", "controller_type": "SCSI", "controller_bus_number": 0, "unit_number": 0},
			"volume[1].unit_number", "is taken by the boot disk (Hard Disk 1; it cannot be a volume), which stays there. Use another unit number, or none",
		},
		"the place of another volume": {
			"volume[1]",
			tree{"name": "logs", "capacity": "1Gi", "controller_type": "SCSI", "controller_bus_number": 0, "unit_number": 1},
			"volume[1].unit_number", `is taken by the volume "data", which stays there`,
		},
		"a bus that is shared in another way": {
			"volume[1]",
			tree{"name": "logs", "capacity": "1Gi", "application_type": "MicrosoftWSFC", "controller_type": "SCSI", "controller_bus_number": 0},
			"volume[1].controller_bus_number", "has bus sharing None, and Physical is needed. Use another bus number",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := d.in(t).plan(d.in(t).refreshed(made), with(config, test.place, test.value))
			oneError(t, diags, test.at, "cannot have this")
			if !strings.Contains(said(diags), test.how) {
				t.Errorf("it says %q, and not %q", said(diags), test.how)
			}
		})
	}
	// Volumes that take one another's places.
	swapped := with(with(config, "volume[0]", tree{"name": "data", "capacity": "1Gi", "controller_type": "SCSI", "controller_bus_number": 0, "unit_number": 3}),
		"volume[1]", tree{"name": "logs", "capacity": "1Gi", "controller_type": "SCSI", "controller_bus_number": 0, "unit_number": 1})
	made = d.applied(d.refreshed(made), swapped)
	sim.Settle()
	if broken := contradictions(made.state, d.refreshed(made).state); len(broken) > 0 {
		t.Errorf("after the swap:\n%s", strings.Join(broken, "\n"))
	}
}
