package virtualmachine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// show reads the data source of machines.
func (d *direct) show(config tree) tftypes.Value {
	d.Helper()
	shown, diags := d.resource.Show(machineType, config)
	d.clean("read the data source", diags)
	return shown
}

func TestWhatAStatusCosts(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), tree{"name": "web", "image_name": "Photon OS 5.0", "power_state": "PoweredOff", "network": tree{"disabled": true}})
	id := textAt(made.state, "id")
	d = connected(t, sim) // another run
	asked := func() []string {
		var all []string
		for _, request := range sim.Requests() {
			all = append(all, request.Operation)
		}
		sim.ResetRequests()
		slices.Sort(all)
		return all
	}
	asked()
	if got := textAt(d.show(tree{"name": "web"}), "instance_uuid"); got != id {
		t.Errorf("web is %s, want %s", got, id)
	}
	want := []string{
		"Login", "PbmQueryAssociatedProfiles", "PbmRetrieveServiceContent",
		// The datacenter, its inventory, its machines, the machine, and where that is.
		"RetrievePropertiesEx", "RetrievePropertiesEx", "RetrievePropertiesEx", "RetrievePropertiesEx", "RetrievePropertiesEx", "RetrieveServiceContent",
	}
	if diff := cmp.Diff(want, asked()); diff != "" {
		t.Errorf("by name, with a login (-want +got):\n%s", diff)
	}
	if got := textAt(d.show(tree{"instance_uuid": id}), "path"); got != "/DC0/vm/team-a/web" {
		t.Errorf("%s is %s", id, got)
	}
	want = []string{"FindAllByUuid", "PbmQueryAssociatedProfiles", "RetrievePropertiesEx"}
	if diff := cmp.Diff(want, asked()); diff != "" {
		t.Errorf("by instance UUID (-want +got):\n%s", diff)
	}
}

// What a pool allocated is known to the machine's record.
func TestTheStatusOfAMachineWithAllocatedAddresses(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), tree{
		"name": "web", "image_name": "Photon OS 5.0", "power_state": "PoweredOff", "bootstrap": tree{"cloud_init": tree{}},
		"network": tree{"interface": []any{tree{"name": "eth0", "network": tree{"name": simulator.NetworkPooled}}}},
	})
	d = connected(t, sim) // another run
	shown := d.show(tree{"instance_uuid": textAt(made.state, "id")})
	want, got := within(made.state, "status"), within(shown, "status")
	if !strings.Contains(want.String(), "/22") {
		t.Errorf("no address of the pool is in %s", want)
	}
	if !got.Equal(want) {
		diff, _ := want.Diff(got)
		t.Errorf("the status differs: %s", diff)
	}
}
