package virtualmachine_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

var update = flag.Bool("update", false, "write the golden files anew")

// configStatus is where the resolved network is.
const configStatus = "status.network.config"

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// Whatever is not known yet, a machine can be validated and planned; the rest of its network
// is shown; and the plan that is made for apply, when everything is known, keeps what the
// first one said.
func TestEveryArgumentMayBeUnknown(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	var shown strings.Builder
	for _, machine := range []struct {
		name   string
		config tree
	}{{"full", full()}, {"by id", byID()}, {"small", small()}} {
		fmt.Fprintf(&shown, "# %s: what is not known, and what of %s then is not known\n", machine.name, configStatus)
		first := d.planned(d.nothing(), machine.config)
		made := d.applied(d.nothing(), machine.config)
		sim.Settle()
		made = d.refreshed(made)
		next := d.planned(made, machine.config)
		for _, place := range places(machine.config, "") {
			t.Run(machine.name+"/"+place, func(t *testing.T) {
				config := with(machine.config, place, unknown{})
				d.clean("validate", d.validate(config))
				create, diags := d.plan(d.nothing(), config)
				if failed(diags) {
					t.Fatalf("plan a new machine: %s", said(diags))
				}
				if broken := contradictions(create.planned, first.planned); len(broken) > 0 {
					t.Errorf("the final plan of a new machine contradicts the first:\n%s", strings.Join(broken, "\n"))
				}
				fmt.Fprintf(&shown, "%s: %s\n", place, strings.Join(unknownIn(within(create.planned, configStatus)), ", "))
				change, diags := d.plan(made, config)
				if failed(diags) {
					t.Fatalf("plan a machine that exists: %s", said(diags))
				}
				if len(change.replace) > 0 {
					return // it is planned once more, as a new machine
				}
				if broken := contradictions(change.planned, next.planned); len(broken) > 0 {
					t.Errorf("the final plan of a machine that exists contradicts the first:\n%s", strings.Join(broken, "\n"))
				}
			})
		}
		d.clean("destroy", d.destroy(made))
	}
	golden(t, "unknown.txt", shown.String())
}

// An unknown value may become another one than the machine has.
func TestAnUnknownValueMayBecomeAnother(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	config := full()
	made := d.applied(d.nothing(), config)
	sim.Settle()
	made = d.refreshed(made)
	for place, value := range map[string]any{
		"name":                                                      "db",
		"class_name":                                                simulator.ClassBestLarge,
		"power_state":                                               "PoweredOff",
		"power_off_mode":                                            "Soft",
		"network.disabled":                                          nil,
		"network.host_name":                                         "other",
		"network.nameservers":                                       []any{"9.9.9.9"},
		"network.interface[0].type":                                 "E1000e",
		"network.interface[0].mac_addr":                             "00:50:56:0a:0b:0c",
		"network.interface[0].mtu":                                  9000,
		"network.interface[0].addresses":                            []any{"10.0.1.7/24", "2001:db8::7/64"},
		"network.interface[0].network.name":                         simulator.NetworkFrontend,
		"network.interface[0].network":                              nil,
		"network.interface[0].route":                                nil,
		"network.interface[1].name":                                 "eth2",
		"network.interface":                                         []any{tree{"name": "eth1"}},
		"network.vlan":                                              nil,
		"bootstrap.secrets_wo":                                      tree{"app": tree{"token": "other", "hash": "other"}},
		"bootstrap.secrets_wo_version":                              "2",
		"bootstrap.cloud_init.instance_id":                          "id-2",
		"bootstrap.cloud_init.cloud_config.user":                    nil,
		"bootstrap.cloud_init.cloud_config.write_file":              nil,
		"bootstrap.cloud_init.cloud_config.runcmd":                  []any{"true"},
		"bootstrap.cloud_init.cloud_config.user[0].passwd":          nil,
		"bootstrap.cloud_init.ssh_authorized_keys":                  []any{"ssh-ed25519 CCCC other"},
		"bootstrap.cloud_init.cloud_config.timezone":                "Europe/Berlin",
		"bootstrap.disabled":                                        true,
		"timeouts.create":                                           "11m",
		"bootstrap.cloud_init.use_global_search_domains_as_default": nil,
	} {
		t.Run(place, func(t *testing.T) {
			// A VLAN stands on an interface.
			base := config
			if strings.HasPrefix(place, "network.interface") {
				base = with(config, "network.vlan", nil)
			}
			first := d.planned(made, with(base, place, unknown{}))
			final, diags := d.plan(made, with(base, place, value))
			if failed(diags) {
				t.Fatal(said(diags))
			}
			if broken := contradictions(first.planned, final.planned); len(broken) > 0 {
				t.Errorf("the final plan contradicts the first:\n%s", strings.Join(broken, "\n"))
			}
		})
	}
}
