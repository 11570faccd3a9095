package ippool_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

// world is the seeded vCenter and its pools.
type world struct {
	t      *testing.T
	sim    *simulator.Simulator
	client *vsphere.Client
	pools  *ippool.Pools
	vim    *vim25.Client // somebody else's hands on the profiles
	dc     types.ManagedObjectReference
	finder *find.Finder
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, sim: simulator.Start(t)}
	w.client = w.connect()
	w.pools = ippool.New(w.client)
	other := w.connect()
	var err error
	if w.vim, err = other.Vim(t.Context()); err != nil {
		t.Fatal(err)
	}
	datacenter, err := other.Datacenter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.dc = datacenter.Reference()
	w.finder = find.NewFinder(w.vim).SetDatacenter(datacenter)
	if _, err := w.client.Datacenter(t.Context()); err != nil { // what comes before is not what tests count
		t.Fatal(err)
	}
	w.sim.ResetRequests()
	return w
}

func (w *world) connect() *vsphere.Client {
	w.t.Helper()
	client, err := vsphere.New(vsphere.Config{
		Server: w.sim.Host, User: simulator.User, Password: simulator.Password, CACertificates: w.sim.CAPEM,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = client.Logout(context.Background()) })
	return client
}

func (w *world) network(name string) types.ManagedObjectReference {
	w.t.Helper()
	network, err := w.finder.Network(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return network.Reference()
}

// profile returns the profile of a network that has one.
func (w *world) profile(network string) ippool.Profile {
	w.t.Helper()
	profile, ok, err := w.pools.Profile(w.t.Context(), w.network(network))
	if err != nil || !ok {
		w.t.Fatalf("the profile of %s: %v, %v", network, ok, err)
	}
	return profile
}

// create makes a profile behind the provider's back.
func (w *world) create(pool types.IpPool, networks ...string) {
	w.t.Helper()
	for _, name := range networks {
		ref := w.network(name)
		pool.NetworkAssociation = append(pool.NetworkAssociation, types.IpPoolAssociation{Network: &ref})
	}
	_, err := methods.CreateIpPool(w.t.Context(), w.vim, &types.CreateIpPool{This: *w.vim.ServiceContent.IpPoolManager, Dc: w.dc, Pool: pool})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) destroy(id int32) {
	w.t.Helper()
	_, err := methods.DestroyIpPool(w.t.Context(), w.vim, &types.DestroyIpPool{This: *w.vim.ServiceContent.IpPoolManager, Dc: w.dc, Id: id, Force: true})
	if err != nil {
		w.t.Fatal(err)
	}
}

// allocations lists what is allocated from a profile.
func (w *world) allocations(profile string) []simulator.IPAllocation {
	w.t.Helper()
	list, err := w.sim.IPAllocations(profile)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// calls counts the requests to the manager of profiles that do makes.
func (w *world) calls(do func()) map[string]int {
	w.sim.ResetRequests()
	do()
	counts := map[string]int{}
	for _, request := range w.sim.ResetRequests() {
		if strings.HasPrefix(request.Object, "IpPoolManager:") {
			counts[request.Operation]++
		}
	}
	return counts
}

// wantError checks the kind of an error and that its text contains all parts.
func wantError(t *testing.T, err, kind error, parts ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error is %v, want %v", err, kind)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not contain %q", err, part)
		}
	}
}
