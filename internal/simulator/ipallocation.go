package simulator

import (
	"net/netip"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// AllocateIpv4Address allocates an address, the same one for the same id. Where there is
// none, the answer is an empty text, not a fault.
func (m *ipPools) AllocateIpv4Address(ctx *vcsim.Context, req *types.AllocateIpv4Address) soap.HasFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	pool, fault := m.find(ctx, req.Dc, req.PoolId)
	if fault != nil {
		return &methods.AllocateIpv4AddressBody{Fault_: fault}
	}
	return &methods.AllocateIpv4AddressBody{Res: &types.AllocateIpv4AddressResponse{
		Returnval: pool.v4.allocate(*pool.config.Ipv4Config.IpPoolEnabled, req.AllocationId),
	}}
}

// AllocateIpv6Address is AllocateIpv4Address for the other family.
func (m *ipPools) AllocateIpv6Address(ctx *vcsim.Context, req *types.AllocateIpv6Address) soap.HasFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	pool, fault := m.find(ctx, req.Dc, req.PoolId)
	if fault != nil {
		return &methods.AllocateIpv6AddressBody{Fault_: fault}
	}
	return &methods.AllocateIpv6AddressBody{Res: &types.AllocateIpv6AddressResponse{
		Returnval: pool.v6.allocate(*pool.config.Ipv6Config.IpPoolEnabled, req.AllocationId),
	}}
}

func (a *addresses) allocate(enabled bool, id string) string {
	key := allocationKey{ExtensionKey, id}
	for addr, holder := range a.taken {
		if holder == key {
			return addr.String()
		}
	}
	addr, ok := a.ranges.free(a.taken)
	if !enabled || !ok {
		return ""
	}
	a.taken[addr] = key
	return addr.String()
}

// ReleaseIpAllocation frees what an id has of either family. What it does not have is freed
// without complaint.
func (m *ipPools) ReleaseIpAllocation(ctx *vcsim.Context, req *types.ReleaseIpAllocation) soap.HasFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	body := &methods.ReleaseIpAllocationBody{}
	pool, fault := m.find(ctx, req.Dc, req.PoolId)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	for _, taken := range []map[netip.Addr]allocationKey{pool.v4.taken, pool.v6.taken} {
		for addr, holder := range taken {
			if holder == (allocationKey{ExtensionKey, req.AllocationId}) {
				delete(taken, addr)
			}
		}
	}
	body.Res = &types.ReleaseIpAllocationResponse{}
	return body
}

// QueryIPAllocations lists what an extension has of a pool.
func (m *ipPools) QueryIPAllocations(ctx *vcsim.Context, req *types.QueryIPAllocations) soap.HasFault {
	m.mu.Lock()
	defer m.mu.Unlock()
	body := &methods.QueryIPAllocationsBody{}
	pool, fault := m.find(ctx, req.Dc, req.PoolId)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	body.Res = &types.QueryIPAllocationsResponse{}
	for _, a := range pool.allocations(func(key allocationKey) bool { return key.extension == req.ExtensionKey }) {
		body.Res.Returnval = append(body.Res.Returnval, types.IpPoolManagerIpAllocation{IpAddress: a.Address, AllocationId: a.ID})
	}
	return body
}
