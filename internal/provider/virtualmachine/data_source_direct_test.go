package virtualmachine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// show reads the data source of machines.
func (d *direct) show(config tree) tftypes.Value {
	d.Helper()
	block := d.schema.DataSourceSchemas[machineType].Block
	resp, err := d.server.ReadDataSource(d.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: machineType, Config: d.dynamic(blockValue(block, config))})
	if err != nil {
		d.Fatal(err)
	}
	d.clean("read the data source", resp.Diagnostics)
	return d.value(resp.State, block)
}

func TestWhatAStatusCosts(t *testing.T) {
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
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), tree{
		"name": "web", "image_name": "Photon OS 5.0", "power_state": "PoweredOff", "bootstrap": tree{"cloud_init": tree{}},
		"network": tree{"interface": []any{tree{"name": "eth0", "network": tree{"name": simulator.NetworkPooled}}}},
	})
	d = connected(t, sim) // another run
	shown := d.show(tree{"instance_uuid": textAt(made.state, "id")})
	want, got := at(t, made.state, "status"), at(t, shown, "status")
	if !strings.Contains(want.String(), "/22") {
		t.Errorf("no address of the pool is in %s", want)
	}
	if !got.Equal(want) {
		diff, _ := want.Diff(got)
		t.Errorf("the status differs: %s", diff)
	}
}

// at is an attribute of an object.
func at(t *testing.T, object tftypes.Value, name string) tftypes.Value {
	t.Helper()
	values := map[string]tftypes.Value{}
	if err := object.As(&values); err != nil {
		t.Fatal(err)
	}
	return values[name]
}
