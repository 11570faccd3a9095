package virtualmachine_test

import (
	"net/url"
	"testing"

	"github.com/vmware/govmomi/pbm"
	pbmtypes "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/image"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// deletePolicy deletes a storage policy.
func deletePolicy(t *testing.T, sim *simulator.Simulator, name string) {
	t.Helper()
	ctx := t.Context()
	transport := soap.NewClient(sim.URL, false)
	if err := transport.SetRootCAs(sim.CAFile); err != nil {
		t.Fatal(err)
	}
	client, err := vim25.NewClient(ctx, transport)
	if err != nil {
		t.Fatal(err)
	}
	manager := session.NewManager(client)
	if err := manager.Login(ctx, url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := manager.Logout(ctx); err != nil {
			t.Error(err)
		}
	}()
	policies, err := pbm.NewClient(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	id, err := policies.ProfileIDByName(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := policies.DeleteProfile(ctx, []pbmtypes.PbmProfileId{{UniqueId: id}}); err != nil {
		t.Fatal(err)
	}
}

// What a machine has been given it needs no more, so that its other changes go on.
func TestAMachineOutlivesItsDiscsAndItsStorageClasses(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t, simulator.WithEveryImageType())
	fresh := func() *direct {
		d := serve(t)
		d.clean("configure", d.configure(everyType(sim)))
		return d
	}
	config := with(small(), "allow_power_cycle", true)
	config = with(config, "storage_class", simulator.StorageGold)
	config = with(config, "hardware", tree{"cdrom": []any{tree{"name": "cd1", "image": tree{"kind": "ClusterVirtualMachineImage", "name": image.NewID(simulator.ItemInstaller).String()}}}})
	volume := tree{"name": "data", "capacity": "1Gi", "storage_class": simulator.StorageGold}
	config = with(config, "volume", []any{volume})
	d := fresh()
	made := d.applied(d.nothing(), config)
	sim.Settle()
	made = d.refreshed(made)
	deleteItem(t, sim, simulator.ItemInstaller)
	deletePolicy(t, sim, simulator.StorageGold)

	d = fresh()
	config = with(config, "name", "renamed")
	made = d.applied(d.refreshed(made), config)
	sim.Settle()
	made = d.refreshed(made)
	if got := textAt(made.state, "name"); got != "renamed" {
		t.Errorf("the machine is called %s", got)
	}
	config = with(config, "volume", []any{with(volume, "capacity", "2Gi")})
	sim.ResetRequests()
	made = d.applied(made, config)
	if calls := sim.Requests("ReconfigVM_Task"); len(calls) != 1 {
		t.Errorf("the volume grows by %v", calls)
	}
	// What has to be found anew is an error where it is written.
	_, diags := d.plan(made, with(config, "volume", []any{with(volume, "capacity", "2Gi"), tree{"name": "logs", "capacity": "1Gi"}}))
	oneError(t, diags, "storage_class", "cannot have this")
	_, diags = d.plan(made, with(config, "volume", []any{with(volume, "capacity", "2Gi"), tree{"name": "logs", "capacity": "1Gi", "storage_class": simulator.StorageGold}}))
	oneError(t, diags, "volume[1]", "Unable to find the storage class")
	_, diags = d.plan(d.nothing(), with(config, "storage_class", nil))
	if len(diags) != 2 || !failed(diags) {
		t.Errorf("a new machine of what is not there: %s", said(diags))
	}
}
