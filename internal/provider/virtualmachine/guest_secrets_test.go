package virtualmachine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// secretAppliance is a machine whose OVF properties are secrets, one of them a template.
func secretAppliance() tree {
	return tree{
		"name": "appliance", "image_name": "Custom Appliance",
		"network": tree{"interface": []any{tree{"name": "eth0", "addresses": []any{"10.0.0.30/24"}}}},
		"bootstrap": tree{
			"secrets_wo":  tree{"app": tree{"network.ip0": "10.0.0.30", "password": "hunter2-pass", "dns": "hunter2-{{ V1alpha6_FirstIP }}"}},
			"vapp_config": tree{"raw_properties": "app"},
		},
	}
}

// Whatever call fails, neither what is said nor what is kept has a secret: of a create, and of an
// update that sends other ones.
func TestNoFailureTellsASecretOfAGuest(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	if err := sim.SetAPIVersion("9.1.0.0"); err != nil {
		t.Fatal(err)
	}
	linux := with(linuxPrepared(), "bootstrap.vapp_config", nil)
	linux = with(linux, "readiness_probe", nil)
	windows, raw := with(sysprepared(), "readiness_probe", nil), with(with(rawPrepared(), "readiness_probe", nil), "bootstrap.vapp_config", nil)
	for name, test := range map[string]struct {
		config tree
		// place is a secret that changes.
		place, value string
		// inline tells that secrets are written in place: those are sensitive, and in state by design.
		inline bool
	}{
		"linux_prep":  {linux, "bootstrap.secrets_wo.root.password", "hunter2-next", false},
		"sysprep":     {windows, "bootstrap.secrets_wo.win.domain_admin_password", "hunter2-next", true},
		"raw_sysprep": {raw, "bootstrap.sysprep.raw_sysprep.value", "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"><!-- hunter2-next --></unattend>", true},
		"vapp_config": {secretAppliance(), "bootstrap.secrets_wo.app.password", "hunter2-next", false},
	} {
		config := with(with(with(test.config, "allow_power_cycle", true), "power_off_mode", "Hard"), "name", "secretive")
		quiet := func(t *testing.T, what string, of machine, said string) {
			t.Helper()
			text := said + string(of.private)
			if !test.inline {
				text += of.state.String()
			}
			if strings.Contains(strings.ToLower(text), canary) {
				t.Errorf("%s tells a secret: %s", what, text)
			}
		}
		for _, rule := range []simulator.Rule{
			{Operation: opReconfigure, Fault: "GenericVmConfigFault", Message: "injected"},
			{Operation: opReconfigure, Task: true, Fault: "InvalidArgument", Message: "injected"},
			{Operation: opReconfigure, Lose: true},
			{Operation: opCustomize, Fault: "CustomizationFault", Message: "injected"},
			{Operation: opCustomize, Task: true, Fault: "LinuxVolumeNotClean", Message: "injected"},
			{Operation: opCustomize, Lose: true},
			{Operation: opPowerOn, Task: true, Fault: "InvalidPowerState", Message: "injected"},
		} {
			t.Run(fmt.Sprintf("%s %s task=%t lose=%t", name, rule.Operation, rule.Task, rule.Lose), func(t *testing.T) {
				if rule.Operation == opCustomize && name == "vapp_config" {
					return
				}
				d := connected(t, sim)
				inject := func() {
					if err := sim.Inject(rule); err != nil {
						t.Fatal(err)
					}
				}
				p := d.planned(d.nothing(), config)
				inject()
				left, diags := p.apply()
				sim.ClearRules()
				if !failed(diags) && !rule.Lose {
					t.Errorf("create does not fail: %s", said(diags))
				}
				quiet(t, "create", left, said(diags))
				if failed(diags) {
					if diags := d.destroy(d.refreshed(left)); failed(diags) {
						t.Fatal(said(diags))
					}
					left = d.applied(d.nothing(), config)
				}
				sim.Settle()
				left = d.refreshed(left)
				quiet(t, "a refresh", left, "")
				p = d.planned(left, with(config, test.place, test.value))
				quiet(t, "a plan", machine{state: p.planned, private: p.private}, "")
				inject()
				left, diags = p.apply()
				sim.ClearRules()
				quiet(t, "update", left, said(diags))
				if !failed(diags) && !rule.Lose && (rule.Operation != opPowerOn || name != "vapp_config") {
					t.Errorf("update does not fail: %s", said(diags))
				}
				sim.Settle()
				if diags := d.destroy(d.refreshed(left)); failed(diags) {
					t.Fatal(said(diags))
				}
			})
		}
	}
}
