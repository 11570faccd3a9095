package virtualmachine_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// probed is a machine with a readiness probe.
func probed(probe tree) tree {
	return tree{"name": "probed", "image_name": "Photon OS 5.0", "power_off_mode": "Hard", "readiness_probe": probe, "bootstrap": tree{"cloud_init": tree{}}}
}

// readyOf is the condition Ready of a state, as "status reason message".
func readyOf(state tftypes.Value) string {
	for _, condition := range elementsOf(within(state, "status.conditions")) {
		if textAt(condition, "type") == "Ready" {
			return strings.TrimSpace(textAt(condition, "status") + " " + textAt(condition, "reason") + " " + textAt(condition, "message"))
		}
	}
	return ""
}

func TestACreateWaitsUntilTheGuestIsReady(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim)
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := int(netip.MustParseAddrPort(listener.Addr().String()).Port())
	for name, probe := range map[string]tree{
		"heartbeat":  {"guest_heartbeat": tree{}},
		"TCP socket": {"tcp_socket": tree{"host": "127.0.0.1", "port": port}},
	} {
		t.Run(name, func(t *testing.T) {
			d.TB = t
			made := d.applied(d.nothing(), probed(probe))
			if got := readyOf(made.state); got != "True Ready" {
				t.Errorf("after the create it is %q", got)
			}
			made = d.refreshed(made)
			// A refresh connects to nothing: what nobody looked at again is as it was.
			if got := readyOf(made.state); got != "True Ready" {
				t.Errorf("after a refresh it is %q", got)
			}
			d.again(made, probed(probe))
			d.clean("destroy", d.destroy(made))
		})
	}
}

// A machine that runs and is late is kept: the next refresh says how it is.
func TestAGuestThatIsNotReadyInTimeIsAWarning(t *testing.T) {
	t.Parallel() // with a simulator of its own: it waits more than it works
	sim := simulator.Start(t)
	d := connected(t, sim)
	late := probed(tree{"guest_info": []any{tree{"key": "app.state", "value": "^ready$"}}})
	late["timeouts"] = tree{"create": "5s", "update": "5s"}
	made, diags := d.planned(d.nothing(), late).apply()
	if text := said(diags); failed(diags) || len(diags) != 1 || !strings.Contains(text, "The guest is not ready") || !strings.Contains(text, "last seen: guestinfo.app.state is not set") {
		t.Fatalf("the create says: %s", text)
	}
	if got := readyOf(made.state); got != "False NotReady guestinfo.app.state is not set" {
		t.Errorf("after the create it is %q", got)
	}
	tell := func(state string) {
		t.Helper()
		if err := sim.Reconfigure("probed", types.VirtualMachineConfigSpec{
			ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: "guestinfo.app.state", Value: state}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	tell("starting")
	if made = d.refreshed(made); !strings.Contains(readyOf(made.state), `False NotReady guestinfo.app.state is "starting"`) {
		t.Errorf("while it starts it is %q", readyOf(made.state))
	}
	// An update that is late is an error, and the next one goes on.
	changed := with(late, "readiness_probe.timeout_seconds", 20)
	_, diags = d.planned(made, changed).apply()
	if text := said(diags); !failed(diags) || !strings.Contains(text, `last seen: guestinfo.app.state is "starting"`) {
		t.Errorf("the update says: %s", text)
	}
	tell("ready")
	made = d.refreshed(d.applied(d.refreshed(made), changed))
	if got := readyOf(made.state); got != "True Ready" {
		t.Errorf("in the end it is %q", got)
	}
	d.again(made, changed)
	d.clean("destroy", d.destroy(made))
}
