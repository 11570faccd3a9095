package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

const (
	opCustomize   = "CustomizeVM_Task"
	opReconfigure = "ReconfigVM_Task"
	opPowerOn     = "PowerOnVM_Task"
)

// prepared is a machine whose guest LinuxPrep configures.
func prepared() tree {
	return tree{
		"name": "prep", "image_name": "Photon OS 5.0",
		"network": tree{
			"nameservers": []any{"10.0.0.53"},
			"interface":   []any{tree{"name": "eth0", "addresses": []any{"10.0.0.10/24"}, "gateway4": "10.0.0.1"}},
		},
		"bootstrap": tree{
			"secrets_wo": tree{"setup": tree{"script": "#!/bin/sh\n# c4nary\n"}},
			"linux_prep": tree{"time_zone": "Europe/Sofia"},
		},
	}
}

// answered is a machine whose guest Sysprep configures.
func answered() tree {
	return tree{
		"name": "win-1", "image_name": "Windows Server 2022",
		"network": tree{"interface": []any{tree{"name": "eth0", "addresses": []any{"10.0.0.20/24"}}}},
		"bootstrap": tree{
			"secrets_wo": tree{"windows": tree{"admin": "c4nary"}},
			"sysprep": tree{"sysprep": tree{"gui_unattended": tree{
				"auto_logon": true, "auto_logon_count": 1, "password": tree{"from": tree{"name": "windows", "key": "admin"}},
			}}},
		},
	}
}

// appliance is a machine that reads OVF properties.
func appliance() tree {
	return tree{
		"name": "appliance", "image_name": "Custom Appliance",
		"network": tree{"interface": []any{tree{"name": "eth0", "addresses": []any{"10.0.0.30/24"}}}},
		"bootstrap": tree{
			"secrets_wo": tree{"appliance": tree{"password": "c4nary-1"}},
			"vapp_config": tree{"property": []any{
				tree{"key": "gateway", "value": "10.0.0.1"},
				tree{"key": "ip0", "value": "{{ V1alpha6_FirstIPv4 }}"},
				tree{"key": "ssh", "value": "true"},
				tree{"key": "password", "from": tree{"name": "appliance", "key": "password"}},
				tree{"key": "level", "value": "1"},
			}},
		},
	}
}

// changing lists what changed machines, in order.
func changing(sim *simulator.Simulator) string {
	var out []string
	for _, request := range sim.Requests(opCustomize, opReconfigure, opPowerOn, "PowerOffVM_Task", "ShutdownGuest", "Rename_Task") {
		out = append(out, request.Operation)
	}
	return strings.Join(out, " ")
}

// warned wants one warning and no error.
func warned(t *testing.T, diags []*tfprotov6.Diagnostic, place, text string) {
	t.Helper()
	if len(diags) != 1 || failed(diags) || dotted(diags[0].Attribute) != place || !strings.Contains(diags[0].Summary+": "+diags[0].Detail, text) {
		t.Errorf("want a warning at %s with %q, got %s", place, text, said(diags))
	}
}

// unchanged wants a plan that changes nothing.
func (d *direct) unchanged(of machine, config tree) []*tfprotov6.Diagnostic {
	d.Helper()
	p, diags := d.plan(of, config)
	if failed(diags) {
		d.Fatal(said(diags))
	}
	if broken := contradictions(of.state, p.planned); len(broken) > 0 || len(unknownIn(p.planned)) > 0 {
		d.Errorf("the plan is not empty:\n%s\nunknown: %v", strings.Join(broken, "\n"), unknownIn(p.planned))
	}
	return diags
}

func TestAGuestIsCustomizedBeforeItIsTurnedOn(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]tree{"linux_prep": prepared(), "sysprep": answered(), "implied": with(prepared(), "bootstrap", nil)} {
		t.Run(name, func(t *testing.T) {
			sim := simulator.Start(t)
			d := connected(t, sim)
			if name == "implied" {
				config = with(config, "network.nameservers", nil)
			}
			made := d.applied(d.nothing(), config)
			if got := changing(sim); got != "ReconfigVM_Task CustomizeVM_Task PowerOnVM_Task ReconfigVM_Task" {
				t.Errorf("the machine was made by %s", got)
			}
			if revision := textAt(made.state, "status.bootstrap.provider"); revision == "" {
				t.Error("status does not tell what configured the guest")
			}
			sim.Settle()
			made = d.refreshed(made)
			d.clean("plan", d.unchanged(made, config))
			report, err := sim.GuestReport(config["name"].(string))
			if err != nil || !strings.HasPrefix(report.HostName, config["name"].(string)) || len(report.Problems) > 0 {
				t.Errorf("the guest is %+v, %v", report, err)
			}
			if strings.Contains(made.state.String()+string(made.private), "c4nary") {
				t.Error("a secret is in the state")
			}
			// Another process knows the machine from vCenter alone.
			imported := d.imported(textAt(made.state, "id"))
			d.clean("plan", d.unchanged(imported, config))
			sim.ResetRequests()
			d.clean("destroy", d.destroy(imported))
		})
	}
}

func TestAnEmptyBootstrapBlockLeavesTheGuestAlone(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	for _, bootstrap := range []tree{{}, {"disabled": true, "linux_prep": tree{}}} {
		made := d.applied(d.nothing(), with(with(small(), "bootstrap", bootstrap), "name", "left-alone"))
		if got := sim.Requests(opCustomize); len(got) > 0 {
			t.Errorf("%v: the guest was customized", bootstrap)
		}
		if got := textAt(made.state, "status.bootstrap.provider"); got != "" {
			t.Errorf("%v: status names the provider %q", bootstrap, got)
		}
		d.clean("destroy", d.destroy(made))
	}
}

func TestACustomizationOfARunningMachineWaitsOrTakesAPowerCycle(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), prepared())
	sim.Settle()
	made = d.refreshed(made)
	changed := with(prepared(), "network.nameservers", []any{"10.0.0.54"})

	sim.ResetRequests()
	p, diags := d.plan(made, changed)
	warned(t, diags, "allow_power_cycle", "has to be powered off and on again")
	made, diags = p.apply()
	d.clean("apply", diags)
	if got := changing(sim); got != "ReconfigVM_Task" {
		t.Errorf("a running machine was changed by %s", got)
	}
	made = d.refreshed(made)
	if got := condition(made.state, "GuestCustomization"); !strings.Contains(got, "False GuestCustomizationPending") {
		t.Errorf("the condition is %s", got)
	}
	warned(t, d.unchanged(made, changed), "allow_power_cycle", "powered off and on")

	// Somebody allows it.
	sim.ResetRequests()
	changed = with(changed, "allow_power_cycle", true)
	made = d.applied(made, changed)
	if got := changing(sim); got != "ShutdownGuest ReconfigVM_Task CustomizeVM_Task PowerOnVM_Task ReconfigVM_Task" {
		t.Errorf("the power cycle was %s", got)
	}
	sim.Settle()
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, changed))
	if got := condition(made.state, "GuestCustomization"); !strings.HasPrefix(got, "True") {
		t.Errorf("the condition is %s", got)
	}

	// Once more, for a trigger.
	changed = with(changed, "bootstrap.customize_trigger", "1")
	sim.ResetRequests()
	made = d.applied(made, changed)
	if got := len(sim.Requests(opCustomize)); got != 1 {
		t.Errorf("the trigger made %d customizations", got)
	}
	sim.Settle()
	d.clean("plan", d.unchanged(d.refreshed(made), changed))

	// A changed secret shows as a revision.
	changed = with(changed, "bootstrap.linux_prep.script_text", tree{"from": tree{"name": "setup", "key": "script"}})
	made = d.applied(d.refreshed(made), changed)
	changed = with(changed, "bootstrap.secrets_wo.setup.script", "#!/bin/sh\n# c4nary-2\n")
	sim.Settle()
	made = d.refreshed(made)
	p = d.planned(made, changed)
	if diff := cmp.Diff([]string{"status.bootstrap.revision"}, moved(made.state, p.planned, "status.network", "status.conditions", "status.node_name")); diff != "" {
		t.Errorf("the plan changes (-want +got):\n%s", diff)
	}
	sim.ResetRequests()
	made, diags = p.apply()
	d.clean("apply", diags)
	if got := len(sim.Requests(opCustomize)); got != 1 {
		t.Errorf("a changed script made %d customizations", got)
	}
	sim.Settle()
	d.clean("plan", d.unchanged(d.refreshed(made), changed))
}

func TestAMachineThatIsTurnedOnLaterIsCustomizedThen(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	off := with(prepared(), "power_state", "PoweredOff")
	made := d.applied(d.nothing(), off)
	if got := sim.Requests(opCustomize); len(got) > 0 {
		t.Error("a machine that stays off was customized")
	}
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, off))
	sim.ResetRequests()
	made = d.applied(made, prepared())
	if got := changing(sim); got != "ReconfigVM_Task CustomizeVM_Task PowerOnVM_Task ReconfigVM_Task" {
		t.Errorf("the machine was turned on by %s", got)
	}
	sim.Settle()
	d.clean("plan", d.unchanged(d.refreshed(made), prepared()))
}

func TestAGuestThatReportsAFailureFailsTheApply(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	sim.FailNextCustomization("the domain does not answer")
	made, diags := d.planned(d.nothing(), prepared()).apply()
	if !failed(diags) || !strings.Contains(said(diags), "the domain does not answer") || made.state.IsNull() {
		t.Errorf("apply says %s", said(diags))
	}
}

func TestAnotherProviderOfBootstrapMakesAnotherMachine(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), prepared())
	sim.Settle()
	made = d.refreshed(made)
	p := d.planned(made, with(prepared(), "bootstrap", tree{"cloud_init": tree{}}))
	if diff := cmp.Diff([]string{"bootstrap.cloud_init"}, p.replace); diff != "" {
		t.Errorf("replaced for (-want +got):\n%s", diff)
	}
}

func TestOVFPropertiesAreSetOnARunningMachine(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), appliance())
	sim.Settle()
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, appliance()))
	sim.ResetRequests()
	changed := with(appliance(), "bootstrap.vapp_config.property[0].value", "10.0.0.254")
	p, diags := d.plan(made, changed)
	warned(t, diags, "allow_power_cycle", "when the machine is next powered on")
	made, diags = p.apply()
	d.clean("apply", diags)
	if got := changing(sim); got != "ReconfigVM_Task" {
		t.Errorf("the property was changed by %s", got)
	}
	body := sim.Requests(opReconfigure)[0].Body
	if !strings.Contains(body, "10.0.0.254") || strings.Contains(body, "10.0.0.30") || strings.Contains(body, "c4nary") {
		t.Errorf("more or less than the property was sent: %s", body)
	}
	sim.Settle()
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, changed))
	d.clean("plan", d.unchanged(d.imported(textAt(made.state, "id")), changed))

	// What is wrong is found in plan, by the machine's own properties.
	_, diags = d.plan(made, with(changed, "bootstrap.vapp_config.property[0].key", "gatway"))
	if !strings.Contains(said(diags), "ERROR at bootstrap.vapp_config.property[0].key: The image has no such property") {
		t.Errorf("a wrong key: %s", said(diags))
	}
	_, diags = d.plan(made, with(changed, "bootstrap.vapp_config.property[3]", tree{"key": "password", "value": "in the open"}))
	if !strings.Contains(said(diags), "is a password") {
		t.Errorf("a password in the open: %s", said(diags))
	}

	// A changed secret is sent alone, and seen by a revision.
	changed = with(with(changed, "bootstrap.secrets_wo.appliance.password", "c4nary-2"), "allow_power_cycle", true)
	sim.ResetRequests()
	made = d.applied(made, changed)
	if got := changing(sim); got != "ShutdownGuest ReconfigVM_Task PowerOnVM_Task" {
		t.Errorf("the guest got its password by %s", got)
	}
	body = sim.Requests(opReconfigure)[0].Body
	if !strings.Contains(body, "c4nary-2") || strings.Contains(body, "10.0.0.254") {
		t.Errorf("more or less than the password was sent: %s", body)
	}
	sim.Settle()
	made = d.refreshed(made)
	d.clean("plan", d.unchanged(made, changed))
	if strings.Contains(made.state.String()+string(made.private), "c4nary") {
		t.Error("a secret is in the state")
	}
}

// moved are the places whose values differ between two states, without those beneath except.
func moved(earlier, later tftypes.Value, except ...string) []string {
	var out []string
	compare(tftypes.NewAttributePath(), earlier, later, func(at *tftypes.AttributePath, _, _ tftypes.Value) {
		place := dotted(at)
		for _, prefix := range except {
			if strings.HasPrefix(place, prefix) {
				return
			}
		}
		out = append(out, place)
	})
	return out
}

// condition is a condition of a state: status, reason and message.
func condition(state tftypes.Value, name string) string {
	for _, condition := range elementsOf(within(state, "status.conditions")) {
		if textAt(condition, "type") == name {
			return textAt(condition, "status") + " " + textAt(condition, "reason") + " " + textAt(condition, "message")
		}
	}
	return "none"
}

func TestAGuestThatIsCustomizedUnaskedTakesTheNameserversOfItsNamespace(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := serve(t)
	d.clean("configure", d.configure(with(providerTree(sim), "namespace[0].nameservers", []any{"10.9.9.9"})))
	config := with(with(prepared(), "bootstrap", nil), "network.nameservers", nil)
	made := d.applied(d.nothing(), config)
	sim.Settle()
	d.clean("plan", d.unchanged(d.refreshed(made), config))
	done, err := sim.Customization("prep")
	if err != nil || done.Spec == nil {
		t.Fatalf("the guest was not customized: %+v, %v", done, err)
	}
	if diff := cmp.Diff([]string{"10.9.9.9"}, done.Spec.GlobalIPSettings.DnsServerList); diff != "" {
		t.Errorf("name servers (-want +got):\n%s", diff)
	}
}
