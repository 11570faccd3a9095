package machine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// env is a simulator with a Service that talks to it. Tests with a simulator in this process
// do not run in parallel: it shares package variables of govmomi.
type env struct {
	*Service
	t       testing.TB
	sim     *simulator.Simulator
	client  *vsphere.Client
	folder  Ref
	pool    Ref
	store   Ref
	network types.BaseVirtualDeviceBackingInfo
	other   types.BaseVirtualDeviceBackingInfo
}

// start starts a simulator. The pauses between tries are skipped.
func start(t *testing.T) *env {
	t.Helper()
	e := &env{t: t, sim: simulator.Start(t)}
	e.connect(e.sim.Connection())
	return e
}

// connect makes the Service and looks up what tests need.
func (e *env) connect(to simulator.Connection) {
	e.t.Helper()
	client, err := vsphere.New(vsphere.Config{
		Server: to.Server, User: to.User, Password: to.Password, CACertificates: to.CAFile, UserAgent: "machine-test",
	})
	e.must(err)
	e.client = client
	e.Service = New(client)
	e.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	e.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(e.t.Context()), 10*time.Second)
		defer cancel()
		e.Close(ctx)
		_ = client.Logout(ctx)
	})
	vim, err := client.Vim(e.t.Context())
	e.must(err)
	_, err = client.REST(e.t.Context())
	e.must(err)
	finder := find.NewFinder(vim)
	datacenter, err := finder.Datacenter(e.t.Context(), simulator.Datacenter)
	e.must(err)
	finder.SetDatacenter(datacenter)
	folder, err := finder.Folder(e.t.Context(), simulator.FolderTeamA)
	e.must(err)
	pool, err := finder.ResourcePool(e.t.Context(), simulator.ClusterA+"/Resources/"+simulator.PoolTeamA)
	e.must(err)
	store, err := finder.Datastore(e.t.Context(), simulator.Datastore1)
	e.must(err)
	e.folder, e.pool, e.store = folder.Reference(), pool.Reference(), store.Reference()
	e.network, e.other = e.backing(finder, simulator.NetworkFrontend), e.backing(finder, simulator.NetworkStandard)
}

func (e *env) backing(finder *find.Finder, name string) types.BaseVirtualDeviceBackingInfo {
	e.t.Helper()
	network, err := finder.Network(e.t.Context(), name)
	e.must(err)
	backing, err := network.EthernetCardBackingInfo(e.t.Context())
	e.must(err)
	return backing
}

func (e *env) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// uuid is a different one for each n.
func uuid(n int) string { return fmt.Sprintf("5f0c1b1e-0a42-4a8e-9a55-%012x", n) }

func (e *env) spec(name string, n int) DeploySpec {
	return DeploySpec{
		Name: name, InstanceUUID: uuid(n), LibraryItemID: simulator.ItemPhoton,
		Folder: e.folder, ResourcePool: e.pool, Datastore: &e.store, CPUs: 2, MemoryMB: 4096,
		NICs: []NIC{{Name: "eth0", Backing: e.network}},
	}
}

func (e *env) deploy(spec DeploySpec) Ref {
	e.t.Helper()
	ref, err := e.Deploy(e.t.Context(), spec)
	e.must(err)
	return ref
}

func (e *env) observe(ref Ref) *Observation {
	e.t.Helper()
	o, err := e.Observe(e.t.Context(), ref)
	e.must(err)
	return o
}

// calls runs f and lists the calls that it made, the waiting left out: how many polls there
// are depends on when tasks end.
func (e *env) calls(f func()) []string {
	e.t.Helper()
	e.sim.ResetRequests()
	f()
	var out []string
	for _, request := range e.sim.Requests() {
		if request.Operation != "WaitForUpdatesEx" {
			out = append(out, strings.Replace(request.Operation, "/rest/com/vmware/vcenter/ovf/library-item/{id}?~action=", "", 1))
		}
	}
	return out
}

// tamper is a session whose SOAP calls a test may answer itself.
type tamper struct {
	session
	mu     sync.Mutex
	answer func(ctx context.Context, req, res soap.HasFault, send func() error) error
}

func (s *tamper) set(answer func(ctx context.Context, req, res soap.HasFault, send func() error) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// Vim implements session.
func (s *tamper) Vim(ctx context.Context) (*vim25.Client, error) {
	client, err := s.session.Vim(ctx)
	if err != nil {
		return nil, err
	}
	wrapped := *client
	wrapped.RoundTripper = roundTripper(func(ctx context.Context, req, res soap.HasFault) error {
		s.mu.Lock()
		answer := s.answer
		s.mu.Unlock()
		send := func() error { return client.RoundTrip(ctx, req, res) }
		if answer == nil {
			return send()
		}
		return answer(ctx, req, res, send)
	})
	return &wrapped, nil
}

// REST implements session.
func (s *tamper) REST(ctx context.Context) (*rest.Client, error) { return s.session.REST(ctx) }

// PBM implements session.
func (s *tamper) PBM(ctx context.Context) (*pbm.Client, error) {
	client, err := s.session.PBM(ctx)
	if err != nil {
		return nil, err
	}
	wrapped := *client
	wrapped.RoundTripper = roundTripper(func(ctx context.Context, req, res soap.HasFault) error {
		s.mu.Lock()
		answer := s.answer
		s.mu.Unlock()
		send := func() error { return client.RoundTripper.RoundTrip(ctx, req, res) }
		if answer == nil {
			return send()
		}
		return answer(ctx, req, res, send)
	})
	return &wrapped, nil
}

type roundTripper func(ctx context.Context, req, res soap.HasFault) error

// RoundTrip implements soap.RoundTripper.
func (f roundTripper) RoundTrip(ctx context.Context, req, res soap.HasFault) error {
	return f(ctx, req, res)
}

// tampered puts a tamper between the Service of e and its client.
func (e *env) tampered() *tamper {
	t := &tamper{session: e.client}
	e.Service.client = t
	e.watch.client = t
	return t
}
