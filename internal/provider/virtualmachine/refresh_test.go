package virtualmachine_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"golang.org/x/sync/errgroup"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// fleet is how many machines are refreshed at a time, and fleetCalls how many calls of vCenter
// that may cost, login included: 6, where the computer is idle and all of them meet in a call.
const (
	fleet      = 200
	fleetCalls = 30
)

// copies makes machines of one that is there, behind the provider's back, and returns their
// states as if each had been applied.
func copies(t testing.TB, sim *simulator.Simulator, of machine, count int) []machine {
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
	if err := session.NewManager(client).Login(ctx, url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	found, err := object.NewSearchIndex(client).FindByUuid(ctx, nil, textAt(of.state, "id"), true, types.NewBool(true))
	if err != nil || found == nil {
		t.Fatalf("%v, %v", found, err)
	}
	original := object.NewVirtualMachine(client, found.Reference())
	folder, err := object.NewSearchIndex(client).FindByInventoryPath(ctx, "/"+simulator.Datacenter+"/vm/"+simulator.FolderTeamA)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]machine, count)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range out {
		group.Go(func() error {
			id := uuid.NewString()
			task, err := original.Clone(ctx, object.NewFolder(client, folder.Reference()), fmt.Sprintf("copy-%d", i),
				types.VirtualMachineCloneSpec{Config: &types.VirtualMachineConfigSpec{InstanceUuid: id}})
			if err != nil {
				return err
			}
			info, err := task.WaitForResult(ctx)
			if err != nil {
				return err
			}
			ref := info.Result.(types.ManagedObjectReference).Value
			out[i] = machine{state: identified(of.state, id, ref), private: of.private}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return out
}

// identified is a state with another identity.
func identified(state tftypes.Value, id, ref string) tftypes.Value {
	out, err := tftypes.Transform(state, func(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		switch dotted(at) {
		case "id", "instance_uuid", "status.instance_uuid":
			return tftypes.NewValue(tftypes.String, id), nil
		case "status.unique_id":
			return tftypes.NewValue(tftypes.String, ref), nil
		}
		return value, nil
	})
	if err != nil {
		panic(err)
	}
	return out
}

// refreshAll reads all machines at once, as a CLI does that is allowed any parallelism.
func refreshAll(d *direct, machines []machine) error {
	var group errgroup.Group
	for i, m := range machines {
		group.Go(func() error {
			read, err := d.refresh(m)
			if err != nil {
				return err
			}
			if want := fmt.Sprintf("copy-%d", i); read.state.IsNull() || textAt(read.state, "name") != want {
				return fmt.Errorf("%s is %s", want, read.state)
			}
			return nil
		})
	}
	return group.Wait()
}

func TestARefreshOfManyMachinesCostsTensOfCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("many machines take a while to make")
	}
	sim := simulator.Start(t)
	machines := copies(t, sim, connected(t, sim).applied(serve(t).nothing(), small()), fleet)
	d := connected(t, sim) // another process, that knows nothing yet
	sim.ResetRequests()
	if err := refreshAll(d, machines); err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, times := range sim.Calls() {
		calls += times
	}
	t.Logf("%d machines, %d calls: %v", fleet, calls, sim.Calls())
	if calls > fleetCalls {
		t.Errorf("%d machines were refreshed with %d calls, want at most %d: %v", fleet, calls, fleetCalls, sim.Calls())
	}
}

// BenchmarkRefresh reads a hundred machines at a time.
func BenchmarkRefresh(b *testing.B) {
	const some = 100
	sim := simulator.Start(b)
	d := connected(b, sim)
	machines := copies(b, sim, d.applied(d.nothing(), small()), some)
	sim.ResetRequests()
	for b.Loop() {
		if err := refreshAll(d, machines); err != nil {
			b.Fatal(err)
		}
	}
	calls := 0
	for _, times := range sim.Calls() {
		calls += times
	}
	b.ReportMetric(float64(calls)/float64(b.N), "calls/op")
	b.ReportMetric(some, "machines/op")
}
