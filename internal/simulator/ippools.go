package simulator

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// ExtensionKey is the extension that every session here acts for when it allocates from a
// pool. vCenter wants its callers to be extensions; to see what others get, let
// AllocateIpv4Address fail with NoPermission.
const ExtensionKey = "VirtualCenter"

// ipPools stands in for vcsim's IpPoolManager: the Network Protocol Profiles of each
// datacenter, and what was allocated from them.
type ipPools struct {
	mo.IpPoolManager

	mu    sync.Mutex
	next  int32
	pools map[types.ManagedObjectReference][]*ipPool // by datacenter, in order of their ids
}

// ipPool is one profile. Its configuration is complete: both families are there.
type ipPool struct {
	config types.IpPool
	v4, v6 addresses
}

// addresses are the pool of one family.
type addresses struct {
	ranges ipRanges
	taken  map[netip.Addr]allocationKey
}

// allocationKey is by what an allocation is found again: its id is unique per extension.
type allocationKey struct{ extension, id string }

// newIPPools replaces the manager of a registry.
func newIPPools(reg *vcsim.Registry) *ipPools {
	m := &ipPools{next: 1, pools: map[types.ManagedObjectReference][]*ipPool{}}
	m.Self = reference("IpPoolManager", "IpPoolManager")
	reg.Put(m)
	return m
}

// find returns the pool of an id, or the fault that there is none in the datacenter.
func (m *ipPools) find(ctx *vcsim.Context, datacenter types.ManagedObjectReference, id int32) (*ipPool, *soap.Fault) {
	if _, ok := ctx.Map.Get(datacenter).(*vcsim.Datacenter); !ok {
		return nil, vcsim.Fault("", &types.ManagedObjectNotFound{Obj: datacenter})
	}
	for _, pool := range m.pools[datacenter] {
		if pool.config.Id == id {
			return pool, nil
		}
	}
	return nil, vcsim.Fault("", &types.InvalidArgument{InvalidProperty: "poolId"})
}

// QueryIpPools lists the pools of a datacenter.
func (m *ipPools) QueryIpPools(ctx *vcsim.Context, req *types.QueryIpPools) soap.HasFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	body := &methods.QueryIpPoolsBody{}
	if _, ok := ctx.Map.Get(req.Dc).(*vcsim.Datacenter); !ok {
		body.Fault_ = vcsim.Fault("", &types.ManagedObjectNotFound{Obj: req.Dc})
		return body
	}
	body.Res = &types.QueryIpPoolsResponse{}
	for _, pool := range m.pools[req.Dc] {
		body.Res.Returnval = append(body.Res.Returnval, pool.answer(ctx))
	}
	return body
}

// answer is the pool as a query shows it.
func (p *ipPool) answer(ctx *vcsim.Context) types.IpPool {
	shown := p.config
	v4, v6 := *p.config.Ipv4Config, *p.config.Ipv6Config
	v4.Dns, v6.Dns = slices.Clone(v4.Dns), slices.Clone(v6.Dns)
	shown.Ipv4Config, shown.Ipv6Config = &v4, &v6
	shown.AllocatedIpv4Addresses, shown.AllocatedIpv6Addresses = p.v4.allocated(), p.v6.allocated()
	shown.AvailableIpv4Addresses = p.v4.ranges.size() - shown.AllocatedIpv4Addresses
	shown.AvailableIpv6Addresses = p.v6.ranges.size() - shown.AllocatedIpv6Addresses
	shown.NetworkAssociation = nil
	for _, a := range p.config.NetworkAssociation {
		if network, ok := networkOf(ctx.Map.Get(*a.Network)); ok {
			shown.NetworkAssociation = append(shown.NetworkAssociation, types.IpPoolAssociation{Network: a.Network, NetworkName: network.Name})
		}
	}
	return shown
}

func (a addresses) allocated() int32 {
	return int32(len(a.taken)) //nolint:gosec // no test has two thousand million allocations
}

// CreateIpPool adds a pool and gives it an id.
func (m *ipPools) CreateIpPool(ctx *vcsim.Context, req *types.CreateIpPool) soap.HasFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	body := &methods.CreateIpPoolBody{}
	if _, ok := ctx.Map.Get(req.Dc).(*vcsim.Datacenter); !ok {
		body.Fault_ = vcsim.Fault("", &types.ManagedObjectNotFound{Obj: req.Dc})
		return body
	}
	pool := &ipPool{config: types.IpPool{
		Id: m.next, Ipv4Config: emptyPoolConfig(), Ipv6Config: emptyPoolConfig(),
	}}
	if fault := m.store(ctx, req.Dc, pool, req.Pool); fault != nil {
		body.Fault_ = vcsim.Fault("", fault)
		return body
	}
	m.next++
	m.pools[req.Dc] = append(m.pools[req.Dc], pool)
	body.Res = &types.CreateIpPoolResponse{Returnval: pool.config.Id}
	return body
}

func emptyPoolConfig() *types.IpPoolIpPoolConfigInfo {
	return &types.IpPoolIpPoolConfigInfo{DhcpServerAvailable: types.NewBool(false), IpPoolEnabled: types.NewBool(false)}
}

// UpdateIpPool changes what is defined. What is allocated and in no range any more is free.
func (m *ipPools) UpdateIpPool(ctx *vcsim.Context, req *types.UpdateIpPool) soap.HasFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	body := &methods.UpdateIpPoolBody{}
	pool, fault := m.find(ctx, req.Dc, req.Pool.Id)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	if fault := m.store(ctx, req.Dc, pool, req.Pool); fault != nil {
		body.Fault_ = vcsim.Fault("", fault)
		return body
	}
	body.Res = &types.UpdateIpPoolResponse{}
	return body
}

// DestroyIpPool removes a pool; one in use only by force.
func (m *ipPools) DestroyIpPool(ctx *vcsim.Context, req *types.DestroyIpPool) soap.HasFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	body := &methods.DestroyIpPoolBody{}
	pool, fault := m.find(ctx, req.Dc, req.Id)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	if len(pool.v4.taken)+len(pool.v6.taken) > 0 && !req.Force {
		body.Fault_ = vcsim.Fault("the pool is in use", &types.InvalidState{})
		return body
	}
	associate(ctx, pool.config.NetworkAssociation, "", 0)
	m.pools[req.Dc] = slices.DeleteFunc(m.pools[req.Dc], func(other *ipPool) bool { return other == pool })
	body.Res = &types.DestroyIpPoolResponse{}
	return body
}

// store merges what a request defines into a pool, or leaves it as it was.
func (m *ipPools) store(ctx *vcsim.Context, datacenter types.ManagedObjectReference, pool *ipPool, with types.IpPool) types.BaseMethodFault {
	merged := pool.config
	for _, field := range []struct {
		old *string
		new string
	}{
		{&merged.Name, with.Name},
		{&merged.DnsDomain, with.DnsDomain},
		{&merged.DnsSearchPath, with.DnsSearchPath},
		{&merged.HostPrefix, with.HostPrefix},
		{&merged.HttpProxy, with.HttpProxy},
	} {
		define(field.old, field.new)
	}
	named := func(other *ipPool) bool { return other != pool && other.config.Name == merged.Name }
	if merged.Name == "" || slices.ContainsFunc(m.pools[datacenter], named) {
		return &types.InvalidArgument{InvalidProperty: "pool.name"}
	}
	merged.Ipv4Config, merged.Ipv6Config = mergePool(merged.Ipv4Config, with.Ipv4Config), mergePool(merged.Ipv6Config, with.Ipv6Config)
	ranges4, err := parseRanges(merged.Ipv4Config.Range, netip.Addr.Is4)
	if err != nil {
		return &types.InvalidArgument{InvalidProperty: "pool.ipv4Config.range"}
	}
	ranges6, err := parseRanges(merged.Ipv6Config.Range, netip.Addr.Is6)
	if err != nil {
		return &types.InvalidArgument{InvalidProperty: "pool.ipv6Config.range"}
	}
	if with.NetworkAssociation != nil {
		for _, a := range with.NetworkAssociation {
			if a.Network == nil {
				return &types.InvalidArgument{InvalidProperty: "pool.networkAssociation"}
			}
			if _, ok := networkOf(ctx.Map.Get(*a.Network)); !ok {
				return &types.ManagedObjectNotFound{Obj: *a.Network}
			}
		}
		merged.NetworkAssociation = with.NetworkAssociation
	}

	associate(ctx, pool.config.NetworkAssociation, "", 0)
	m.detach(merged.NetworkAssociation, pool)
	associate(ctx, merged.NetworkAssociation, merged.Name, merged.Id)
	pool.config = merged
	pool.v4.limit(ranges4)
	pool.v6.limit(ranges6)
	return nil
}

// define replaces a text by one that is not empty.
func define(old *string, text string) {
	if text != "" {
		*old = text
	}
}

// mergePool replaces what is defined. An empty list of servers changes nothing. The list with
// an empty text, which clears it on vCenter, is one that govmomi cannot send.
func mergePool(old, with *types.IpPoolIpPoolConfigInfo) *types.IpPoolIpPoolConfigInfo {
	merged := *old
	if with == nil {
		return &merged
	}
	define(&merged.SubnetAddress, with.SubnetAddress)
	define(&merged.Netmask, with.Netmask)
	define(&merged.Gateway, with.Gateway)
	define(&merged.Range, with.Range)
	if len(with.Dns) > 0 {
		merged.Dns = slices.Clone(with.Dns)
	}
	if with.DhcpServerAvailable != nil {
		merged.DhcpServerAvailable = with.DhcpServerAvailable
	}
	if with.IpPoolEnabled != nil {
		merged.IpPoolEnabled = with.IpPoolEnabled
	}
	return &merged
}

// limit gives the pool new ranges.
func (a *addresses) limit(ranges ipRanges) {
	a.ranges = ranges
	maps.DeleteFunc(a.taken, func(addr netip.Addr, _ allocationKey) bool { return !ranges.contain(addr) })
	if a.taken == nil {
		a.taken = map[netip.Addr]allocationKey{}
	}
}

// detach takes networks away from all pools but one: a network has one pool at most, and
// vCenter moves it without a word.
func (m *ipPools) detach(networks []types.IpPoolAssociation, except *ipPool) {
	for _, pools := range m.pools {
		for _, pool := range pools {
			if pool == except {
				continue
			}
			pool.config.NetworkAssociation = slices.DeleteFunc(slices.Clone(pool.config.NetworkAssociation), func(a types.IpPoolAssociation) bool {
				return slices.ContainsFunc(networks, func(b types.IpPoolAssociation) bool { return *a.Network == *b.Network })
			})
		}
	}
}

// associate writes a pool into the summaries of networks; id 0 removes it.
func associate(ctx *vcsim.Context, networks []types.IpPoolAssociation, name string, id int32) {
	for _, a := range networks {
		obj := ctx.Map.Get(*a.Network)
		network, ok := networkOf(obj)
		if !ok {
			continue
		}
		ctx.WithLock(obj, func() {
			summary := network.Summary.GetNetworkSummary()
			summary.IpPoolName, summary.IpPoolId = name, types.NewInt32(id)
			ctx.Update(obj, []types.PropertyChange{{Name: "summary", Val: network.Summary}})
		})
	}
}

// networkOf is the network that an object is, with a summary.
func networkOf(obj mo.Reference) (*mo.Network, bool) {
	var network *mo.Network
	switch obj := obj.(type) {
	case *mo.Network:
		network = obj
	case *vcsim.DistributedVirtualPortgroup:
		network = &obj.Network
	case *mo.OpaqueNetwork:
		network = &obj.Network
	}
	return network, network != nil && network.Summary != nil
}

// ofNetwork is the profile of the network of a name.
func (m *ipPools) ofNetwork(ctx *vcsim.Context, name string) (types.IpPool, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, pools := range m.pools {
		for _, pool := range pools {
			shown := pool.answer(ctx)
			if slices.ContainsFunc(shown.NetworkAssociation, func(a types.IpPoolAssociation) bool { return a.NetworkName == name }) {
				return shown, true
			}
		}
	}
	return types.IpPool{}, false
}

// IPAllocation is an address that somebody has from a pool.
type IPAllocation struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

// IPAllocations lists what is allocated from a Network Protocol Profile, by ids and then
// addresses.
func (s *Simulator) IPAllocations(profile string) ([]IPAllocation, error) {
	s.pools.mu.Lock()
	defer s.pools.mu.Unlock()
	for _, pools := range s.pools.pools {
		for _, pool := range pools {
			if pool.config.Name == profile {
				return pool.allocations(func(allocationKey) bool { return true }), nil
			}
		}
	}
	return nil, fmt.Errorf("network protocol profile %q: %w", profile, errNotFound)
}

func (p *ipPool) allocations(matches func(allocationKey) bool) []IPAllocation {
	list := []IPAllocation{}
	for _, family := range []addresses{p.v4, p.v6} {
		for addr, key := range family.taken {
			if matches(key) {
				list = append(list, IPAllocation{key.id, addr.String()})
			}
		}
	}
	slices.SortFunc(list, func(a, b IPAllocation) int {
		if c := strings.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		return strings.Compare(a.Address, b.Address)
	})
	return list
}
