package simulator

import (
	"context"
	"fmt"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

// Networks that have a Network Protocol Profile, which is called like its network. No other
// network has one.
const (
	NetworkPooled = "pooled" // an enabled pool of each family: 96 IPv4 addresses of 10.20.0.0/22, 4096 IPv6 ones of 2001:db8:20::/64
	NetworkLeased = "leased" // no pool, but DHCP for both families
	NetworkScarce = "scarce" // an enabled IPv4 pool of two addresses of 10.30.0.0/28, of which AllocationOther has one
)

// AllocationOther is the allocation that somebody else has of NetworkScarce's pool.
const AllocationOther = "somebody-else"

// profile is a Network Protocol Profile to seed.
type profile struct {
	network string
	pool    types.IpPool
}

func profiles() []profile {
	yes, no := types.NewBool(true), types.NewBool(false)
	return []profile{
		{NetworkPooled, types.IpPool{
			Ipv4Config: &types.IpPoolIpPoolConfigInfo{
				SubnetAddress: "10.20.0.0", Netmask: "255.255.252.0", Gateway: "10.20.0.1",
				Range: "10.20.0.240 # 32, 10.20.2.10#64", Dns: []string{"10.20.0.2", "10.20.0.3"},
				DhcpServerAvailable: no, IpPoolEnabled: yes,
			},
			Ipv6Config: &types.IpPoolIpPoolConfigInfo{
				SubnetAddress: "2001:db8:20::", Netmask: "ffff:ffff:ffff:ffff::", Gateway: "2001:db8:20::1",
				Range: "2001:db8:20::1000#4096", Dns: []string{"2001:db8:20::2"},
				DhcpServerAvailable: no, IpPoolEnabled: yes,
			},
			DnsDomain: "pooled.example", DnsSearchPath: "pooled.example;example.com", HostPrefix: "p-",
		}},
		{NetworkLeased, types.IpPool{
			Ipv4Config: &types.IpPoolIpPoolConfigInfo{DhcpServerAvailable: yes, IpPoolEnabled: no, Dns: []string{"10.40.0.2"}},
			Ipv6Config: &types.IpPoolIpPoolConfigInfo{DhcpServerAvailable: yes, IpPoolEnabled: no},
			DnsDomain:  "leased.example",
		}},
		{NetworkScarce, types.IpPool{
			Ipv4Config: &types.IpPoolIpPoolConfigInfo{
				SubnetAddress: "10.30.0.0", Netmask: "255.255.255.240", Gateway: "10.30.0.1", Range: "10.30.0.10#2",
				DhcpServerAvailable: no, IpPoolEnabled: yes,
			},
		}},
	}
}

// seedProfiles makes the profiles. Their networks are there.
func (s *Simulator) seedProfiles(ctx context.Context, c *govmomi.Client) error {
	finder := s.find(ctx, c)
	datacenter, err := finder.Datacenter(ctx, Datacenter)
	if err != nil {
		return err
	}
	manager, dc := *c.ServiceContent.IpPoolManager, datacenter.Reference()
	ids := map[string]int32{}
	for _, p := range profiles() {
		network, err := finder.Network(ctx, p.network)
		if err != nil {
			return err
		}
		ref := network.Reference()
		p.pool.Name, p.pool.NetworkAssociation = p.network, []types.IpPoolAssociation{{Network: &ref}}
		res, err := methods.CreateIpPool(ctx, c, &types.CreateIpPool{This: manager, Dc: dc, Pool: p.pool})
		if err != nil {
			return fmt.Errorf("create network protocol profile %s: %w", p.network, err)
		}
		ids[p.network] = res.Returnval
	}
	_, err = methods.AllocateIpv4Address(ctx, c, &types.AllocateIpv4Address{
		This: manager, Dc: dc, PoolId: ids[NetworkScarce], AllocationId: AllocationOther,
	})
	if err != nil {
		return fmt.Errorf("allocate from network protocol profile %s: %w", NetworkScarce, err)
	}
	return nil
}
