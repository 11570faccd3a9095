package virtualmachine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// A machine that was made by other means keeps its cards until the configuration says which it is
// to have, and the plan of the import says so.
func TestAnImportLeavesCardsAloneThatNothingIsWrittenOf(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	admin := administrator(t, sim)
	d := connected(t, sim)
	foreign(t, sim)
	config := tree{"name": "foreign", "image_name": "Photon OS 5.0", "power_state": "PoweredOff"}
	before := nicsOf(devicesOf(t, admin, foreignID))
	keeps := func(when string) {
		t.Helper()
		if diff := cmp.Diff(before, nicsOf(devicesOf(t, admin, foreignID))); diff != "" {
			t.Errorf("%s, the cards changed (-want +got):\n%s", when, diff)
		}
	}
	read := d.imported(foreignID)
	p, diags := d.plan(read, config)
	warning(t, diags, "are left alone", "00:50:56:0a:0b:01", simulator.NetworkFrontend, "00:50:56:0a:0b:02", simulator.NetworkBackend)
	made, diags := p.apply()
	if failed(diags) {
		t.Fatal(said(diags))
	}
	keeps("after the import")
	made = d.refreshed(made)
	d.clean("the next plan", d.unchanged(made, config))
	config = with(config, "power_off_mode", "Hard")
	p, diags = d.plan(made, config)
	d.clean("plan of another change", diags)
	if made, diags = p.apply(); failed(diags) {
		t.Fatal(said(diags))
	}
	keeps("after another change")

	// Imported once more, by its record, it is the same.
	again := d.imported(foreignID)
	d.clean("the plan after another import", d.unchanged(again, config))

	// What is written of cards counts, and what goes is named.
	config = with(config, "network", tree{"interface": []any{tree{"name": "eth0", "network": tree{"name": simulator.NetworkFrontend}}}})
	p, diags = d.plan(d.refreshed(made), config)
	warning(t, diags, "loses a network card", "00:50:56:0a:0b:02", simulator.NetworkBackend)
	if got := textAt(p.planned, "network.interface[0].mac_addr"); got != "00:50:56:0a:0b:01" {
		t.Errorf("the card that stays has the address %q in the plan", got)
	}
	if made, diags = p.apply(); failed(diags) {
		t.Fatal(said(diags))
	}
	if diff := cmp.Diff(before[:1], nicsOf(devicesOf(t, admin, foreignID))); diff != "" {
		t.Errorf("the cards (-want +got):\n%s", diff)
	}
	d.clean("the last plan", d.unchanged(d.refreshed(made), config))
}

// The default interface of an imported machine is its first card: cloud-init is told of that one.
func TestAnImportTellsCloudInitOfTheFirstCard(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	admin := administrator(t, sim)
	d := connected(t, sim)
	foreign(t, sim)
	before := nicsOf(devicesOf(t, admin, foreignID))
	config := tree{"name": "foreign", "power_state": "PoweredOff", "bootstrap": tree{"cloud_init": tree{}}}
	p, diags := d.plan(d.imported(foreignID), config)
	warning(t, diags, "are left alone")
	made, diags := p.apply()
	if failed(diags) {
		t.Fatal(said(diags))
	}
	if diff := cmp.Diff(before, nicsOf(devicesOf(t, admin, foreignID))); diff != "" {
		t.Errorf("the cards changed (-want +got):\n%s", diff)
	}
	if metadata := metadataOf(t, admin, foreignID); !strings.Contains(metadata, "00:50:56:0a:0b:01") || strings.Contains(metadata, "00:50:56:0a:0b:02") {
		t.Errorf("cloud-init is told %s", metadata)
	}
	d.clean("the next plan", d.unchanged(d.refreshed(made), config))
}

// metadataOf is what vCenter holds of cloud-init's metadata for a machine.
func metadataOf(t *testing.T, client *vim25.Client, id string) string {
	t.Helper()
	found, err := object.NewSearchIndex(client).FindByUuid(t.Context(), nil, id, true, govmomi.NewBool(true))
	if err != nil || found == nil {
		t.Fatalf("%v, %v", found, err)
	}
	var vm mo.VirtualMachine
	if err := object.NewVirtualMachine(client, found.Reference()).Properties(t.Context(), found.Reference(), []string{"config.extraConfig"}, &vm); err != nil {
		t.Fatal(err)
	}
	values := object.OptionValueList(vm.Config.ExtraConfig)
	value, _ := values.GetString(cloudinit.KeyMetadata)
	encoding, _ := values.GetString(cloudinit.KeyMetadataEncoding)
	text, err := cloudinit.Decode(value, encoding)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A guest is not customized for a card of which nobody knows whether it is meant.
func TestAnImportCustomizesNoGuestOfCardsThatNothingIsWrittenOf(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	foreign(t, sim)
	_, diags := d.plan(d.imported(foreignID), tree{"name": "foreign", "power_state": "PoweredOff", "bootstrap": tree{"linux_prep": tree{}}})
	if len(diags) != 1 {
		t.Fatalf("it says %s", said(diags))
	}
	oneError(t, diags, "network", "does not describe the machine's network cards")
}

// The plan of an import shows the addresses of cards that stay, and names what it does to others.
func TestAnImportShowsTheCardsThatItKeepsAndNamesThoseThatItDoesNot(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	foreign(t, sim)
	read := d.imported(foreignID)
	config := tree{"name": "foreign", "power_state": "PoweredOff", "network": tree{"interface": []any{
		tree{"name": "eth0", "network": tree{"name": simulator.NetworkFrontend}},
		tree{"name": "eth1", "network": tree{"name": simulator.NetworkBackend}},
	}}}
	p, diags := d.plan(read, config)
	d.clean("plan", diags)
	for place, want := range map[string]string{"network.interface[0].mac_addr": "00:50:56:0a:0b:01", "network.interface[1].mac_addr": "00:50:56:0a:0b:02"} {
		if got := textAt(p.planned, place); got != want {
			t.Errorf("%s is %q in the plan, want %q", place, got, want)
		}
	}
	_, diags = d.plan(read, with(config, "network.interface[1].network.name", simulator.NetworkStandard))
	warning(t, diags, "loses a network card", "00:50:56:0a:0b:02", simulator.NetworkBackend)
	_, diags = d.plan(read, with(with(config, "network.interface[1].network.name", simulator.NetworkStandard), "network.interface[1].mac_addr", "00:50:56:0a:0b:02"))
	warning(t, diags, "is connected to another network", "00:50:56:0a:0b:02", simulator.NetworkBackend, simulator.NetworkStandard)
}

// Another default network of the namespace moves cards, and the plan says which and where to.
func TestAPlanNamesTheDefaultNetworkThatCardsAreMovedTo(t *testing.T) {
	for name, config := range map[string]tree{
		"no network block": with(small(), "bootstrap", tree{}),
		"an interface":     with(with(small(), "bootstrap", tree{}), "network", tree{"interface": []any{tree{"name": "eth0"}}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := simulator.Start(t)
			made := connected(t, sim)
			of := made.refreshed(made.applied(made.nothing(), config))
			later := serve(t)
			later.clean("configure", later.configure(with(providerTree(sim), "namespace[0].default_network", simulator.NetworkBackend)))
			of = later.refreshed(of)
			p, diags := later.plan(of, config)
			warning(t, diags, "is connected to another network", `"`+simulator.NetworkStandard+`"`, `"`+simulator.NetworkBackend+`"`, "the default network of the namespace")
			if of, diags = p.apply(); failed(diags) {
				t.Fatal(said(diags))
			}
			sim.Settle()
			later.clean("the next plan", later.unchanged(later.refreshed(of), config))
		})
	}
}
