package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A plan that powers a machine off and on says so, and what for, where that is written.
func TestAPlanSaysThatTheMachineIsPoweredOffAndOn(t *testing.T) {
	allowed := func(config tree) tree {
		return with(with(config, "allow_power_cycle", true), "power_off_mode", "Hard")
	}
	sized := with(allowed(small()), "resources", tree{"size": tree{"cpu": "2"}})
	drives := with(allowed(small()), "hardware", tree{"cdrom": []any{tree{"name": "cd1"}, tree{"name": "cd2"}}})
	for name, test := range map[string]struct {
		before, after tree
		place         string
		says          []string
	}{
		"processors": {
			sized, with(sized, "resources.size.cpu", "4"), "resources.size.cpu",
			[]string{`"small" is PoweredOn`, "for resources.size.cpu (2 processors cannot become 4 while it runs"},
		},
		"two attributes": {
			sized, with(with(sized, "resources.size.cpu", "4"), "guest_id", "debian12_64Guest"), "allow_power_cycle",
			[]string{"guest_id (", "resources.size.cpu ("},
		},
		"a drive that is written": {
			drives, with(drives, "hardware.cdrom[1].name", "cd3"), "allow_power_cycle",
			[]string{"hardware.cdrom[cd2] (a CD-ROM drive cannot be removed", "hardware.cdrom[cd3] (a CD-ROM drive cannot be added"},
		},
		"what waits else":    {sized, with(sized, "advanced", tree{"extra_config": tree{"some.key": "1"}}), "advanced.extra_config", []string{`for advanced.extra_config["some.key"]`}},
		"LinuxPrep":          {allowed(prepared()), with(allowed(prepared()), "network.nameservers", []any{"10.0.0.54"}), "network", []string{"for network (vSphere customizes a guest by LinuxPrep"}},
		"a name for a guest": {allowed(prepared()), with(allowed(prepared()), "name", "prep2"), "name", []string{`"prep2" is PoweredOn`, "for name (vSphere customizes a guest by LinuxPrep"}},
		"LinuxPrep that is implied": {
			allowed(small()), allowed(with(small(), "name", "prep2")), "name",
			[]string{"for name (vSphere customizes a guest by LinuxPrep"},
		},
		"a secret of Sysprep": {
			allowed(answered()), allowed(with(answered(), "bootstrap.secrets_wo.windows.admin", "another")), "bootstrap.sysprep",
			[]string{"for bootstrap.sysprep (vSphere customizes a guest by Sysprep"},
		},
		"an OVF property": {
			allowed(appliance()), allowed(with(appliance(), "bootstrap.vapp_config.property[4].value", "2")), "bootstrap.vapp_config",
			[]string{"for bootstrap.vapp_config (the guest sees its OVF properties"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulator.Start(t)
			d := connected(t, sim)
			made := d.applied(d.nothing(), test.before)
			sim.Settle()
			made = d.refreshed(made)
			p, diags := d.plan(made, test.after)
			warned(t, diags, test.place, cycles)
			for _, text := range test.says {
				if !strings.Contains(said(diags), text) {
					t.Errorf("want %q, got %s", text, said(diags))
				}
			}
			sim.ResetRequests()
			if _, diags = p.apply(); failed(diags) {
				t.Fatal(said(diags))
			}
			if off := sim.Requests("PowerOffVM_Task"); len(off) != 1 {
				t.Errorf("the machine was powered off %d times", len(off))
			}
			if _, diags = d.plan(made, with(test.after, "power_state", "PoweredOff")); len(diags) > 0 {
				t.Errorf("of a machine that is to be off it says %s", said(diags))
			}
		})
	}
}

func TestASuspendedMachineThatIsPoweredOffLosesItsMemory(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(with(small(), "allow_power_cycle", true), "power_off_mode", "Hard")
	made := d.refreshed(d.applied(d.nothing(), config))
	config = with(config, "power_state", "Suspended")
	made = d.refreshed(d.applied(made, config))
	changed := with(config, "guest_id", "debian12_64Guest")
	_, diags := d.plan(made, changed)
	warned(t, diags, "guest_id", "What it has in its memory is lost.")
	// One that is resumed first keeps what it has.
	_, diags = d.plan(made, with(changed, "power_state", "PoweredOn"))
	warned(t, diags, "guest_id", cycles)
	if strings.Contains(said(diags), "memory") {
		t.Errorf("it says %s", said(diags))
	}
}

func TestAPowerCycleThatMayBeAllowedIsSaid(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.refreshed(d.applied(d.nothing(), small()))
	_, diags := d.plan(made, with(with(small(), "guest_id", "debian12_64Guest"), "allow_power_cycle", unknown{}))
	warned(t, diags, "guest_id", "may be powered off and on")
}

// An error that asks for a power cycle stands at the attribute that takes it, and at allow_power_cycle
// where there are more: a CLI finds neither where it is not written.
func TestAPowerCycleIsRefusedWhereWhatTakesItIsWritten(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(small(), "volume", []any{tree{"name": "a", "capacity": "1Gi"}, tree{"name": "b", "capacity": "1Gi"}})
	made := d.refreshed(d.applied(d.nothing(), config))
	one := with(config, "volume[1].disk_mode", "IndependentPersistent")
	two := with(one, "guest_id", "debian12_64Guest")
	for name, test := range map[string]struct {
		config tree
		place  string
	}{
		"one":                     {one, "volume[1]"},
		"one, and it is refused":  {with(one, "allow_power_cycle", false), "volume[1]"},
		"more":                    {two, "guest_id"},
		"more, and it is refused": {with(two, "allow_power_cycle", false), "allow_power_cycle"},
	} {
		_, diags := d.plan(made, test.config)
		if len(diags) != 1 || !failed(diags) || dotted(diags[0].Attribute) != test.place {
			t.Errorf("%s: want an error at %s, got %s", name, test.place, said(diags))
		}
	}
}
