// Package ippool knows the Network Protocol Profiles of a datacenter, which the vSphere API
// calls IP pools: what a network offers to the guests on it, and the addresses that it hands
// out.
//
// # What is remembered
//
// One answer of vCenter has all profiles of the datacenter and serves every question for half
// a minute. That a network has none is the usual case and believed for a moment only, long
// enough for the machines of one plan: a profile that the same Terraform run attaches to a
// network is to be seen by the machines that come after it.
//
// # Allocations
//
// An allocation belongs to a pool and to an id that the caller chooses; see AllocationID. The
// vSphere API promises that allocating twice with an id gives the same address, and that
// releasing what is not there does nothing. So a lost answer is looked up by the very same
// call, and nothing is ever allocated twice.
//
// An id is unique per extension of vCenter, and vCenter takes the extension from the session:
// the API documents AllocateIpv4Address and AllocateIpv6Address as calls of extensions. No
// call here sends an extension key. The one that takes it, QueryIPAllocations, is not needed,
// and would need both the key of the session's extension and a privilege of its own.
//
// # What the provider makes of a profile
//
// Profile and Family map one to one to the network defaults that a guest's configuration is
// resolved from:
//
//	HasProfile          what Profile returned as ok
//	Address4, Address6  where IPv4.PoolEnabled (IPv6.PoolEnabled): unknown in plan, the result of
//	                    Allocate in apply; else absent
//	Gateway4, Gateway6  IPv4.Gateway, IPv6.Gateway; absent where not valid
//	DHCP4, DHCP6        IPv4.DHCP, IPv6.DHCP
//	Nameservers         Nameservers
//	SearchDomains       SearchDomains
//	DomainName          DomainName
//
// # What is remembered of allocations
//
// What this process has allocated is its own: it belongs to a machine that is being created.
// What machines hold that Terraform has can be noted, for messages.
package ippool

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory/snapshot"
)

const (
	// life is how long an answer of vCenter serves further questions about what is in it.
	life = 30 * time.Second
	// absence is how long it serves as proof that a network has no profile.
	absence = 3 * time.Second
)

// Pools reads profiles and allocates from them. There is one per provider process; it is safe
// for concurrent use.
type Pools struct {
	client        *vsphere.Client
	all           *snapshot.Snapshot[[]types.IpPool]
	life, absence time.Duration

	mu sync.Mutex
	// own are the allocations that this process has made, noted those of machines that Terraform has.
	own, noted map[Allocation]bool
}

// New returns the pools of the client's datacenter. It makes no request.
func New(client *vsphere.Client) *Pools {
	p := &Pools{client: client, life: life, absence: absence, own: map[Allocation]bool{}, noted: map[Allocation]bool{}}
	p.all = snapshot.New(life, p.read)
	return p
}

// Profile returns the Network Protocol Profile that a network is associated with, and false
// where there is none. A profile whose settings cannot be used is vsphere.ErrInvalidArgument,
// and one network in several of them vsphere.ErrAmbiguous; both name the profile.
func (p *Pools) Profile(ctx context.Context, network types.ManagedObjectReference) (Profile, bool, error) {
	now := time.Now()
	return p.profile(ctx, network, now.Add(-p.life), now.Add(-p.absence))
}

// Standing is Profile for a machine that does not change: that its network has no profile is
// believed for as long as everything else. Plans of any number of machines cost one request
// in half a minute.
func (p *Pools) Standing(ctx context.Context, network types.ManagedObjectReference) (Profile, bool, error) {
	return p.profile(ctx, network, time.Now().Add(-p.life))
}

// Fresh is Profile as vCenter has it now.
func (p *Pools) Fresh(ctx context.Context, network types.ManagedObjectReference) (Profile, bool, error) {
	return p.profile(ctx, network, time.Now())
}

// profile looks into answers that were asked for at each of the times or later, one after the
// other, until there is the network's profile.
func (p *Pools) profile(ctx context.Context, network types.ManagedObjectReference, times ...time.Time) (Profile, bool, error) {
	for _, from := range times {
		all, err := p.all.Since(ctx, from)
		if err != nil {
			return Profile{}, false, vsphere.Translate(err, "read the network protocol profiles")
		}
		pool, ok, err := choose(all, network)
		if err != nil {
			return Profile{}, false, err
		}
		if ok {
			profile, err := parse(pool)
			return profile, err == nil, err
		}
	}
	return Profile{}, false, nil
}

// AnyEnabled tells whether the datacenter has a pool to allocate from, of whatever family.
func (p *Pools) AnyEnabled(ctx context.Context) (bool, error) {
	all, err := p.all.Since(ctx, time.Now().Add(-p.life))
	if err != nil {
		return false, vsphere.Translate(err, "read the network protocol profiles")
	}
	return slices.ContainsFunc(all, func(pool types.IpPool) bool {
		return enabled(pool.Ipv4Config) || enabled(pool.Ipv6Config)
	}), nil
}

func enabled(config *types.IpPoolIpPoolConfigInfo) bool {
	return config != nil && config.IpPoolEnabled != nil && *config.IpPoolEnabled
}

// Note says that Terraform has the machines that hold allocations.
func (p *Pools) Note(allocations ...Allocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, allocation := range allocations {
		p.noted[allocation] = true
	}
}

// Noted tells whether a machine that Terraform has holds something of a pool.
func (p *Pools) Noted(pool int32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for allocation := range p.noted {
		if allocation.Pool == pool {
			return true
		}
	}
	return false
}

// Own tells whether this very process has made an allocation, or tried to: it belongs to a
// machine that is being created now.
func (p *Pools) Own(allocation Allocation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.own[allocation]
}

// choose returns the pool that a network is associated with, if any. vCenter keeps a network
// out of a second one.
func choose(all []types.IpPool, network types.ManagedObjectReference) (types.IpPool, bool, error) {
	found := slices.DeleteFunc(slices.Clone(all), func(pool types.IpPool) bool { return !serves(pool, network) })
	switch len(found) {
	case 0:
		return types.IpPool{}, false, nil
	case 1:
		return found[0], true, nil
	default:
		return types.IpPool{}, false, &vsphere.Error{
			What: fmt.Sprintf("find the network protocol profile of network %s", network.Value),
			Kind: vsphere.ErrAmbiguous,
			Text: fmt.Sprintf("both %s and %s are associated with it. Remove the network from all but one", title(found[0]), title(found[1])),
		}
	}
}

// serves tells whether a network is associated with a pool. Names are not compared: two
// networks of a datacenter may have the same.
func serves(pool types.IpPool, network types.ManagedObjectReference) bool {
	return slices.ContainsFunc(pool.NetworkAssociation, func(a types.IpPoolAssociation) bool {
		return a.Network != nil && a.Network.Type == network.Type && a.Network.Value == network.Value
	})
}

// read asks for all pools of the datacenter: one request. A vCenter without the manager has
// none.
func (p *Pools) read(ctx context.Context) ([]types.IpPool, error) {
	at, err := p.place(ctx)
	if err != nil || at.manager == nil {
		return nil, err
	}
	res, err := methods.QueryIpPools(ctx, at.client, &types.QueryIpPools{This: *at.manager, Dc: at.datacenter})
	if err != nil {
		return nil, err
	}
	return res.Returnval, nil
}
