package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// oneError wants an error at a place and nothing else.
func oneError(t *testing.T, diags []*tfprotov6.Diagnostic, place, summary string) {
	t.Helper()
	if len(diags) != 1 || dotted(diags[0].Attribute) != place || !strings.Contains(diags[0].Summary, summary) {
		t.Errorf("it says %q, want one error at %s: %s", said(diags), place, summary)
	}
}

func TestOnlyARunningMachineIsSuspended(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	asleep := with(small(), "power_state", "Suspended")
	_, diags := d.plan(d.nothing(), asleep)
	oneError(t, diags, "power_state", "cannot be created suspended")

	made := d.applied(d.nothing(), with(small(), "power_state", "PoweredOff"))
	_, diags = d.plan(made, asleep)
	oneError(t, diags, "power_state", "off cannot be suspended")

	made = d.applied(made, with(small(), "power_state", "PoweredOn"))
	sim.Settle()
	made = d.applied(d.refreshed(made), asleep)
	if got := textAt(made.state, "status.power_state"); got != "Suspended" {
		t.Fatalf("the machine is %s", got)
	}
	// Somebody turns it off behind Terraform's back.
	if err := sim.PowerOff("small"); err != nil {
		t.Fatal(err)
	}
	_, diags = d.plan(d.refreshed(made), asleep)
	oneError(t, diags, "power_state", "off cannot be suspended")
}

func TestASuspendedMachineIsPoweredOffForAChangeAndSuspendedAgain(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := with(with(small(), "class_name", simulator.ClassBestSmall), "allow_power_cycle", true)
	made := d.applied(d.nothing(), config)
	sim.Settle()
	config = with(config, "power_state", "Suspended")
	made = d.applied(d.refreshed(made), config)
	_, diags := d.plan(made, with(with(config, "class_name", simulator.ClassBestLarge), "allow_power_cycle", false))
	oneError(t, diags, "class_name", "needs the machine powered off")
	made = d.applied(made, with(config, "class_name", simulator.ClassBestLarge))
	if got := textAt(made.state, "status.power_state"); got != "Suspended" {
		t.Errorf("the machine is %s", got)
	}
}

func TestAMACAddressInAnotherSpellingChangesNothing(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := tree{"name": "web", "image_name": "Photon OS 5.0", "bootstrap": tree{}, "network": tree{"interface": []any{tree{"name": "eth0", "mac_addr": "00:50:56:0a:0b:0c"}}}}
	made := d.applied(d.nothing(), config)
	sim.Settle()
	made = d.refreshed(made)
	sim.ResetRequests()
	// Without allow_power_cycle another address would be refused.
	made = d.applied(made, with(with(config, "network.interface[0].mac_addr", "00:50:56:0A:0B:0C"), "name", "db"))
	if off := sim.Requests("PowerOffVM_Task", "ShutdownGuest"); len(off) > 0 {
		t.Errorf("the machine was powered off: %v", off)
	}
	if name := textAt(d.refreshed(made).state, "name"); name != "db" {
		t.Errorf("the machine is called %s", name)
	}
}

func TestACardOfAnotherTypeGetsItsAddressWithoutAPowerCycle(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := tree{"name": "web", "image_name": "Photon OS 5.0", "bootstrap": tree{}, "network": tree{"interface": []any{tree{"name": "eth0", "type": "VMXNet3", "mac_addr": "00:50:56:0a:0b:0c"}}}}
	made := d.applied(d.nothing(), config)
	sim.Settle()
	made = d.refreshed(made)
	changed := with(with(config, "network.interface[0].type", "E1000e"), "network.interface[0].mac_addr", "00:50:56:0a:0b:0d")
	made = d.applied(made, changed)
	sim.Settle()
	if again := d.planned(d.refreshed(made), changed); len(contradictions(made.state, again.planned)) > 0 {
		t.Errorf("the next plan is not empty:\n%s", strings.Join(contradictions(made.state, again.planned), "\n"))
	}
}

func TestAMachineWhoseCardsAreGoneIsShownWithoutThem(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), with(byID(), "bootstrap", nil))
	key := d.refreshed(made)
	if got := len(elementsOf(within(key.state, "network.interface"))); got != 1 {
		t.Fatalf("%d interfaces", got)
	}
	card := &govmomi.VirtualVmxnet3{}
	card.Key = 4000
	if err := sim.Reconfigure("web", govmomi.VirtualMachineConfigSpec{DeviceChange: []govmomi.BaseVirtualDeviceConfigSpec{
		&govmomi.VirtualDeviceConfigSpec{Operation: govmomi.VirtualDeviceConfigSpecOperationRemove, Device: card},
	}}); err != nil {
		t.Fatal(err)
	}
	read := d.refreshed(made)
	if list := within(read.state, "network.interface"); list.IsNull() || len(elementsOf(list)) != 0 {
		t.Errorf("the interfaces are %s, want an empty list", list)
	}
}

// No secret is in a plan, in state, in private state, or in what the machine remembers.
func TestSecretsAreNowhereButInTheGuest(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := full()
	p := d.planned(d.nothing(), config)
	made, diags := p.apply()
	d.clean("apply", diags)
	for place, text := range map[string]string{"plan": p.planned.String(), "plan's private state": string(p.private), "state": made.state.String(), "private state": string(made.private)} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "$6$hash") {
			t.Errorf("a secret is in the %s", place)
		}
	}
	changed := d.planned(made, with(with(config, "bootstrap.secrets_wo_version", nil), "bootstrap.secrets_wo.app.token", "hunter3"))
	if before, after := within(made.state, "status.bootstrap.revision"), within(changed.planned, "status.bootstrap.revision"); before.Equal(after) {
		t.Error("a changed secret is not noticed")
	}
}

// A type that is taken out of the configuration leaves the card as it is, and another one that is
// written afterwards replaces it: its address is not that of the card before.
func TestACardKeepsTheTypeThatIsNotWrittenAnyMore(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	card := func(nic tree) tree {
		return tree{"name": "web", "image_name": "Photon OS 5.0", "bootstrap": tree{}, "network": tree{"interface": []any{nic}}}
	}
	made := d.applied(d.nothing(), card(tree{"name": "eth0", "type": "E1000e"}))
	sim.Settle()
	made = d.applied(d.refreshed(made), card(tree{"name": "eth0"}))
	made = d.refreshed(made)
	replaced := d.applied(made, card(tree{"name": "eth0", "type": "VMXNet3"}))
	sim.Settle()
	applied, read := textAt(replaced.state, "network.interface[0].mac_addr"), textAt(d.refreshed(replaced).state, "network.interface[0].mac_addr")
	if applied != read || read == textAt(made.state, "network.interface[0].mac_addr") {
		t.Errorf("the address before is %s, applied %s, read %s", textAt(made.state, "network.interface[0].mac_addr"), applied, read)
	}
}
