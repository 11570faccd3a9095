package virtualmachine_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/vim25/mo"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	vspheremachine "github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// workshop is a vCenter in which operations are made to fail, one after the other.
type workshop struct {
	testing.TB
	sim *simulator.Simulator
	// steady is a provider that nothing happens to. It makes no machines: what a process has made
	// itself is no leftover to it.
	steady *direct
	// store is the directory behind the datastore, and machines looks at machines.
	store    string
	machines *vspheremachine.Service
}

// newWorkshop starts a vCenter with images of every type.
func newWorkshop(t testing.TB) *workshop {
	t.Helper()
	w := &workshop{TB: t, sim: simulator.Start(t, simulator.WithEveryImageType())}
	w.steady = w.fresh(t)
	at := w.sim.Connection()
	client, err := vsphere.New(vsphere.Config{Server: at.Server, User: at.User, Password: at.Password, CACertificates: at.CAFile})
	if err != nil {
		t.Fatal(err)
	}
	w.machines = vspheremachine.New(client)
	where := *w.sim.URL
	where.User = url.UserPassword(simulator.User, simulator.Password)
	files, err := govmomi.NewClient(t.Context(), &where, true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = files.Logout(t.Context()) }()
	store, err := find.NewFinder(files.Client).Datastore(t.Context(), "/"+simulator.Datacenter+"/datastore/"+simulator.Datastore0)
	if err != nil {
		t.Fatal(err)
	}
	var seen mo.Datastore
	if err := store.Properties(t.Context(), store.Reference(), []string{"info"}, &seen); err != nil {
		t.Fatal(err)
	}
	w.store = filepath.Clean(seen.Info.GetDatastoreInfo().Url)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		w.machines.Close(ctx)
		_ = client.Logout(ctx)
	})
	return w
}

// in is the same vCenter, seen by another test.
func (w *workshop) in(t testing.TB) *workshop {
	out := *w
	out.TB, out.steady = t, w.steady.in(t)
	return &out
}

// fresh is a provider as the next command of a CLI has it, which knows of nothing that went before.
func (w *workshop) fresh(t testing.TB) *direct {
	t.Helper()
	d := serve(t)
	config := providerTree(w.sim)
	config["cluster_content_libraries"] = []any{simulator.LibraryBaseImages, simulator.LibraryTemplates, simulator.LibraryInstallers, simulator.LibrarySubscribed}
	d.clean("configure the provider", d.configure(config))
	return d
}

// applying plans with the steady provider, and applies with one of its own.
func (w *workshop) applying(prior machine, config tree) plan {
	w.Helper()
	p, diags := w.steady.plan(prior, config)
	w.steady.in(w.TB).clean("plan", beside(freeOrTaken(diags), announcements...))
	p.direct = w.fresh(w.TB)
	return p
}

// disks are the disk files of the machines that are made here, by their paths in the datastore.
func (w *workshop) disks() []string {
	w.Helper()
	var out []string
	err := filepath.WalkDir(w.store, func(at string, _ fs.DirEntry, err error) error {
		file := strings.TrimPrefix(at, w.store+"/")
		if strings.HasPrefix(file, "faulty") && strings.HasSuffix(file, ".vmdk") && !strings.HasSuffix(file, "-flat.vmdk") {
			out = append(out, file)
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// observed is the machine with an instance UUID.
func (w *workshop) observed(instanceUUID string) *vspheremachine.Observation {
	w.Helper()
	o, err := w.machines.ObserveByID(w.Context(), vspheremachine.Ref{}, instanceUUID)
	if err != nil {
		w.Fatal(err)
	}
	return o
}

// likeness is everything of a machine that two machines of one configuration share.
type likeness struct {
	Name, Power, Guest, Firmware string
	Hardware                     int
	CPUs                         int32
	MemoryMB                     int64
	Boot                         []string
	Tracking                     bool
	Cards, Disks, Drives         []string
	Controllers                  []string
	ExtraConfig                  map[string]string
	VApp                         bool
}

// likenessOf looks at a machine. Keys of devices and names of files are not the same in two
// machines.
func likenessOf(o *vspheremachine.Observation) likeness {
	out := likeness{
		Name: o.Name, Power: string(o.PowerState), Guest: o.GuestID, Firmware: o.Firmware, Hardware: o.HardwareVersion, CPUs: o.CPUs, MemoryMB: o.MemoryMB,
		Tracking: o.ChangeTracking != nil && *o.ChangeTracking, ExtraConfig: maps.Clone(map[string]string(o.ExtraConfig)), VApp: o.VApp != nil,
	}
	names := map[int32]string{}
	for i := range o.Disks {
		disk := &o.Disks[i]
		names[disk.Key] = disk.Place.String()
		out.Disks = append(out.Disks, fmt.Sprintf("%s %d %s", disk.Place, disk.CapacityBytes, disk.Mode))
	}
	for i := range o.NICs {
		card := &o.NICs[i]
		names[card.Key] = card.MAC
		out.Cards = append(out.Cards, fmt.Sprintf("%s %s %+v", card.MAC, card.Type, card.Backing))
	}
	for i := range o.CDROMs {
		drive := &o.CDROMs[i]
		out.Drives = append(out.Drives, fmt.Sprintf("%s %s %t %t", drive.Place, drive.ISO, drive.StartConnected, drive.AllowGuestControl))
	}
	for _, device := range vspheremachine.BootOrder(o) {
		out.Boot = append(out.Boot, fmt.Sprintf("%s %s", device.Kind, names[device.Key]))
	}
	for i := range o.Controllers {
		out.Controllers = append(out.Controllers, fmt.Sprintf("%s %d", o.Controllers[i].Type, o.Controllers[i].Bus))
	}
	slices.Sort(out.Cards)
	slices.Sort(out.Disks)
	delete(out.ExtraConfig, "vmoperator.record")
	return out
}

// passing tells what differs in the states of two machines of one configuration, of which one was
// interrupted: references, counts and times.
func passing(at string) bool {
	return slices.Contains([]string{"status.unique_id", "status.node_name"}, at) || strings.Contains(at, "device_key") || strings.Contains(at, "last_transition") ||
		strings.Contains(at, "revision") || strings.HasPrefix(at, "status.volumes[")
}

// sameState compares two states.
func (w *workshop) sameState(want, got tftypes.Value) {
	w.Helper()
	var differs []string
	compare(tftypes.NewAttributePath(), want, got, func(at *tftypes.AttributePath, was, is tftypes.Value) {
		if !passing(dotted(at)) {
			differs = append(differs, fmt.Sprintf("%s: %s became %s", dotted(at), was, is))
		}
	})
	if len(differs) > 0 {
		w.Errorf("the state is another one than without an interruption:\n%s", strings.Join(differs, "\n"))
	}
}

// settled checks that a machine is what its configuration says, and is alone; it returns its state.
func (w *workshop) settled(made machine, config tree, alone ...string) machine {
	w.Helper()
	w.sim.Settle()
	made = w.steady.refreshed(made)
	again := w.steady.planned(made, config)
	if broken := contradictions(made.state, again.planned); len(broken) > 0 || len(unknownIn(again.planned)) > 0 || len(again.replace) > 0 {
		w.Errorf("the next plan is not empty:\n%s\nunknown: %v, replaced for: %v", strings.Join(broken, "\n"), unknownIn(again.planned), again.replace)
	}
	alone = append(alone, simulator.TemplateMachine)
	slices.Sort(alone)
	if got := w.sim.Machines(); !slices.Equal(got, alone) {
		w.Errorf("there are %v instead of %v", got, alone)
	}
	return made
}

// alike checks that a machine looks like another one that nothing happened to.
func (w *workshop) alike(want likeness, of machine) {
	w.Helper()
	if diff := cmp.Diff(want, likenessOf(w.observed(textAt(of.state, "id")))); diff != "" {
		w.Errorf("the machine is another one than without an interruption (-want +got):\n%s", diff)
	}
}

// gone destroys a machine.
func (w *workshop) gone(of machine) {
	w.Helper()
	if of = w.steady.refreshed(of); of.state.IsNull() {
		return
	}
	if diags := w.steady.destroy(of); failed(diags) {
		w.Fatal(said(diags))
	}
}

// sweep deletes the disks that machines have left on purpose.
func (w *workshop) sweep() {
	w.Helper()
	for _, file := range w.disks() {
		if err := os.Remove(filepath.Join(w.store, file)); err != nil {
			w.Error(err)
		}
	}
}

// point is a request of an operation: how many of all requests, and of its kind, went before.
type point struct {
	number    int
	operation string
	before    int
	soap      bool
}

// points are the requests since the last ResetRequests.
func (w *workshop) points() []point {
	var out []point
	seen := map[string]int{}
	for _, request := range w.sim.Requests() {
		out = append(out, point{len(out), request.Operation, seen[request.Operation], request.SOAP})
		seen[request.Operation]++
	}
	return out
}

// faults are the ways in which a request fails: that vCenter refuses it, and where it changes
// something also that its task fails, that the connection is cut before it is executed, and that it is lost
// after it was.
func (p point) faults() map[string]simulator.Rule {
	rule := simulator.Rule{Operation: p.operation, After: p.before}
	refused, task, cut, lost := rule, rule, rule, rule
	// Not a status of 500, which does not say whether anything was done: after a deploy the machine
	// would be waited for.
	refused.Status = 403
	if p.soap {
		refused.Status, refused.Fault, refused.Message = 0, "RuntimeFault", "injected"
	}
	cut.Cut, lost.Lose = true, true
	task.Task, task.Fault, task.Message = true, "GenericVmConfigFault", "injected"
	out := map[string]simulator.Rule{"refused": refused}
	if strings.HasSuffix(p.operation, "_Task") {
		out["failed"] = task
	}
	if isChange(p.operation) {
		out["lost"] = lost
	}
	if strings.HasSuffix(p.operation, "_Task") && p.operation != "CloneVM_Task" && p.operation != "CreateVM_Task" {
		out["cut"] = cut // after a deploy that was cut, the machine would be waited for as well
	}
	return out
}

// handful is how many points are dealt with in a row. What an operation waits for takes longer than what it computes.
const handful = 8

// apart deals with points at the same time as with others, a handful in a vCenter of its own.
func apart(t *testing.T, name string, points []point, deal func(w *workshop, points []point)) {
	t.Helper()
	for some := range slices.Chunk(points, handful) {
		t.Run(fmt.Sprintf("%s from %d", name, some[0].number), func(t *testing.T) {
			t.Parallel()
			deal(newWorkshop(t), some)
		})
	}
}

// each runs a test of each fault of each point.
func (w *workshop) each(points []point, test func(w *workshop, rule simulator.Rule)) (count int) {
	t, ok := w.TB.(*testing.T)
	if !ok {
		w.Fatalf("a test is a %T", w.TB)
	}
	t.Helper()
	for _, at := range points {
		faults := at.faults()
		for _, kind := range slices.Sorted(maps.Keys(faults)) {
			count++
			t.Run(fmt.Sprintf("%02d %s %d %s", at.number, strings.ReplaceAll(at.operation, "/", " "), at.before, kind), func(t *testing.T) {
				test(w.in(t), faults[kind])
			})
		}
	}
	return count
}
