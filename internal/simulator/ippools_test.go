package simulator_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// poolClient calls the manager of Network Protocol Profiles in one datacenter.
type poolClient struct {
	*clients
	manager, dc types.ManagedObjectReference
}

func (c *clients) pools(dc string) poolClient {
	c.t.Helper()
	datacenter, err := c.find.Datacenter(c.t.Context(), dc)
	if err != nil {
		c.t.Fatal(err)
	}
	return poolClient{c, *c.c.ServiceContent.IpPoolManager, datacenter.Reference()}
}

func (p poolClient) list() []types.IpPool {
	p.t.Helper()
	res, err := methods.QueryIpPools(p.t.Context(), p.c, &types.QueryIpPools{This: p.manager, Dc: p.dc})
	if err != nil {
		p.t.Fatal(err)
	}
	return res.Returnval
}

func (p poolClient) named(name string) types.IpPool {
	p.t.Helper()
	for _, pool := range p.list() {
		if pool.Name == name {
			return pool
		}
	}
	p.t.Fatalf("there is no pool %q", name)
	return types.IpPool{}
}

func (p poolClient) create(pool types.IpPool) (int32, error) {
	res, err := methods.CreateIpPool(p.t.Context(), p.c, &types.CreateIpPool{This: p.manager, Dc: p.dc, Pool: pool})
	if err != nil {
		return 0, err
	}
	return res.Returnval, nil
}

func (p poolClient) update(pool types.IpPool) error {
	_, err := methods.UpdateIpPool(p.t.Context(), p.c, &types.UpdateIpPool{This: p.manager, Dc: p.dc, Pool: pool})
	return err
}

func (p poolClient) destroy(id int32, force bool) error {
	_, err := methods.DestroyIpPool(p.t.Context(), p.c, &types.DestroyIpPool{This: p.manager, Dc: p.dc, Id: id, Force: force})
	return err
}

func (p poolClient) allocate4(pool int32, id string) (string, error) {
	res, err := methods.AllocateIpv4Address(p.t.Context(), p.c, &types.AllocateIpv4Address{This: p.manager, Dc: p.dc, PoolId: pool, AllocationId: id})
	if err != nil {
		return "", err
	}
	return res.Returnval, nil
}

func (p poolClient) allocate6(pool int32, id string) (string, error) {
	res, err := methods.AllocateIpv6Address(p.t.Context(), p.c, &types.AllocateIpv6Address{This: p.manager, Dc: p.dc, PoolId: pool, AllocationId: id})
	if err != nil {
		return "", err
	}
	return res.Returnval, nil
}

func (p poolClient) release(pool int32, id string) error {
	_, err := methods.ReleaseIpAllocation(p.t.Context(), p.c, &types.ReleaseIpAllocation{This: p.manager, Dc: p.dc, PoolId: pool, AllocationId: id})
	return err
}

// summary reads what a network says of its pool.
func (c *clients) summary(path string) (name string, id int32) {
	c.t.Helper()
	network, err := c.find.Network(c.t.Context(), path)
	if err != nil {
		c.t.Fatal(err)
	}
	var n mo.Network
	if err := property.DefaultCollector(c.c.Client).RetrieveOne(c.t.Context(), network.Reference(), []string{"summary"}, &n); err != nil {
		c.t.Fatal(err)
	}
	s := n.Summary.GetNetworkSummary()
	if s.IpPoolId != nil {
		id = *s.IpPoolId
	}
	return s.IpPoolName, id
}

func TestNetworkProtocolProfilesAreSeeded(t *testing.T) {
	s, c := start(t)
	p := c.pools(simulator.Datacenter)
	type row struct {
		Name, Network                  string
		Free4, Free6, Taken4, Taken6   int32
		Pool4, Pool6, Leases4, Leases6 bool
	}
	var got []row
	ids := map[int32]bool{}
	for _, pool := range p.list() {
		ids[pool.Id] = true
		if len(pool.NetworkAssociation) != 1 {
			t.Fatalf("%s belongs to the networks %v", pool.Name, pool.NetworkAssociation)
		}
		if name, id := c.summary(pool.NetworkAssociation[0].NetworkName); name != pool.Name || id != pool.Id {
			t.Errorf("the network of pool %s %d names the pool %q %d", pool.Name, pool.Id, name, id)
		}
		got = append(got, row{
			pool.Name, pool.NetworkAssociation[0].NetworkName,
			pool.AvailableIpv4Addresses, pool.AvailableIpv6Addresses, pool.AllocatedIpv4Addresses, pool.AllocatedIpv6Addresses,
			*pool.Ipv4Config.IpPoolEnabled, *pool.Ipv6Config.IpPoolEnabled,
			*pool.Ipv4Config.DhcpServerAvailable, *pool.Ipv6Config.DhcpServerAvailable,
		})
	}
	want := []row{
		{Name: "pooled", Network: "pooled", Free4: 96, Free6: 4096, Pool4: true, Pool6: true},
		{Name: "leased", Network: "leased", Leases4: true, Leases6: true},
		{Name: "scarce", Network: "scarce", Free4: 1, Taken4: 1, Pool4: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("profiles (-want +got):\n%s", diff)
	}
	if len(ids) != 3 || ids[0] {
		t.Errorf("the ids are %v", ids)
	}
	for _, other := range []string{"VM Network", "frontend", "backend", "DC0_DVPG0"} {
		if name, id := c.summary(other); name != "" || id != 0 {
			t.Errorf("network %s names the pool %q %d", other, name, id)
		}
	}
	taken, err := s.IPAllocations("scarce")
	if diff := cmp.Diff([]simulator.IPAllocation{{ID: simulator.AllocationOther, Address: "10.30.0.10"}}, taken); err != nil || diff != "" {
		t.Errorf("allocations: %v\n%s", err, diff)
	}
	if _, err := s.IPAllocations("none"); err == nil {
		t.Error("a profile that does not exist has allocations")
	}
}

func TestPoolAllocatesReleasesAndRunsOut(t *testing.T) {
	s, c := start(t)
	p := c.pools(simulator.Datacenter)
	scarce, pooled, leased := p.named("scarce").Id, p.named("pooled").Id, p.named("leased").Id
	for _, step := range []struct {
		what string
		do   func() (string, error)
		want string
	}{
		{"the last address", func() (string, error) { return p.allocate4(scarce, "a") }, "10.30.0.11"},
		{"the same again", func() (string, error) { return p.allocate4(scarce, "a") }, "10.30.0.11"},
		{"one too many", func() (string, error) { return p.allocate4(scarce, "b") }, ""},
		{"from no IPv6 pool", func() (string, error) { return p.allocate6(scarce, "b") }, ""},
		{"release", func() (string, error) { return "", p.release(scarce, "a") }, ""},
		{"release what is not there", func() (string, error) { return "", p.release(scarce, "a") }, ""},
		{"the one released", func() (string, error) { return p.allocate4(scarce, "b") }, "10.30.0.11"},
		{"both families", func() (string, error) { return p.allocate4(pooled, "a") }, "10.20.0.240"},
		{"both families", func() (string, error) { return p.allocate6(pooled, "a") }, "2001:db8:20::1000"},
		{"not enabled", func() (string, error) { return p.allocate4(leased, "a") }, ""},
	} {
		if got, err := step.do(); err != nil || got != step.want {
			t.Errorf("%s: %q, %v, want %q", step.what, got, err, step.want)
		}
	}

	for i := range 16 {
		if _, err := p.allocate4(pooled, fmt.Sprintf("more-%02d", i)); err != nil {
			t.Fatal(err)
		}
	}
	taken, err := s.IPAllocations("pooled")
	if err != nil || taken[len(taken)-1].Address != "10.20.1.0" {
		t.Errorf("a range does not go on past the last octet: %v, %v", taken, err)
	}
	if pool := p.named("pooled"); pool.AllocatedIpv4Addresses != 17 || pool.AvailableIpv4Addresses != 79 || pool.AllocatedIpv6Addresses != 1 {
		t.Errorf("the counts are %d, %d and %d", pool.AllocatedIpv4Addresses, pool.AvailableIpv4Addresses, pool.AllocatedIpv6Addresses)
	}
	for key, want := range map[string]int{simulator.ExtensionKey: 18, "a": 0} {
		res, err := methods.QueryIPAllocations(t.Context(), c.c, &types.QueryIPAllocations{This: p.manager, Dc: p.dc, PoolId: pooled, ExtensionKey: key})
		if err != nil || len(res.Returnval) != want {
			t.Errorf("extension %q has %v, %v, want %d", key, res, err, want)
		}
	}
	if _, err := p.allocate4(99, "a"); !fault.Is(err, &types.InvalidArgument{}) {
		t.Errorf("from a pool that does not exist: %v", err)
	}
}

func TestPoolsAreChangedAsOnVCenter(t *testing.T) {
	_, c := start(t)
	p := c.pools(simulator.Datacenter)
	pooled := p.named("pooled")
	if _, err := p.allocate4(pooled.Id, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.create(types.IpPool{Name: "pooled"}); !fault.Is(err, &types.InvalidArgument{}) {
		t.Errorf("a second pool of the name: %v", err)
	}
	for _, bad := range []string{"10.0.0.1", "10.0.0.1#0", "10.0.0.1#x", "2001:db8::1#2", "255.255.255.255#2"} {
		if _, err := p.create(types.IpPool{Name: "bad", Ipv4Config: &types.IpPoolIpPoolConfigInfo{Range: bad}}); !fault.Is(err, &types.InvalidArgument{}) {
			t.Errorf("range %q: %v", bad, err)
		}
	}

	id, err := p.create(types.IpPool{Name: "late", NetworkAssociation: pooled.NetworkAssociation})
	if err != nil {
		t.Fatal(err)
	}
	if name, got := c.summary("pooled"); name != "late" || got != id {
		t.Errorf("the network names the pool %q %d, want late %d", name, got, id)
	}
	if left := p.named("pooled").NetworkAssociation; len(left) != 0 {
		t.Errorf("the pool before still has the networks %v", left)
	}
	if err := p.update(types.IpPool{Id: pooled.Id, Ipv4Config: &types.IpPoolIpPoolConfigInfo{Range: "10.20.3.1#4"}}); err != nil {
		t.Fatal(err)
	}
	got := p.named("pooled")
	if got.Ipv4Config.Gateway != "10.20.0.1" || len(got.Ipv4Config.Dns) != 2 || got.AllocatedIpv4Addresses != 0 || got.AvailableIpv4Addresses != 4 {
		t.Errorf("after an update the pool is %+v", got)
	}
	if again, err := p.allocate4(pooled.Id, "a"); err != nil || again != "10.20.3.1" {
		t.Errorf("after its address left the range, an id gets %q, %v", again, err)
	}

	if err := p.destroy(pooled.Id, false); !fault.Is(err, &types.InvalidState{}) {
		t.Errorf("destroy a pool in use: %v", err)
	}
	if err := p.destroy(pooled.Id, true); err != nil {
		t.Errorf("destroy by force: %v", err)
	}
	if err := p.destroy(id, false); err != nil {
		t.Fatal(err)
	}
	if name, got := c.summary("pooled"); name != "" || got != 0 {
		t.Errorf("the network names a destroyed pool, %q %d", name, got)
	}
}

func TestPoolsBelongToADatacenterAndASimulator(t *testing.T) {
	_, c := start(t)
	if _, err := object.NewRootFolder(c.c.Client).CreateDatacenter(t.Context(), "DC1"); err != nil {
		t.Fatal(err)
	}
	here, there := c.pools("DC0"), c.pools("DC1")
	if pools := there.list(); len(pools) != 0 {
		t.Errorf("another datacenter has the pools %v", pools)
	}
	if _, err := there.allocate4(here.named("pooled").Id, "a"); !fault.Is(err, &types.InvalidArgument{}) {
		t.Errorf("from a pool of another datacenter: %v", err)
	}
	if _, err := here.allocate4(here.named("pooled").Id, "a"); err != nil {
		t.Fatal(err)
	}
	_, again := start(t)
	if pool := again.pools("DC0").named("pooled"); pool.AllocatedIpv4Addresses != 0 {
		t.Errorf("another simulator has %d allocations", pool.AllocatedIpv4Addresses)
	}
}

func TestPoolAllocatesInParallelAndInAnotherProcess(t *testing.T) {
	process := simulator.StartProcess(t)
	c := login(t, process.Connection, process.CAPEM)
	p := c.pools(simulator.Datacenter)
	pool := p.named("pooled").Id
	var all sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		all.Go(func() { _, errs[i] = p.allocate4(pool, fmt.Sprint(i)) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	taken, err := process.IPAllocations("pooled")
	if err != nil {
		t.Fatal(err)
	}
	distinct := map[string]bool{}
	for _, a := range taken {
		distinct[a.Address] = true
	}
	if len(distinct) != 50 {
		t.Errorf("50 allocations have %d addresses", len(distinct))
	}
}
