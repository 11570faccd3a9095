package ippool

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Allocation is what a machine holds of a pool: the address of each family under one id.
type Allocation struct {
	// Pool is Profile.ID.
	Pool int32
	// ID is what it was allocated under.
	ID string
}

// AllocationID is the id of the allocations for an interface of a machine. It depends on
// nothing that changes while they exist: a machine that is renamed, moved or reconfigured
// keeps its addresses.
func AllocationID(instanceUUID, interfaceName string) string {
	return strings.ToLower(instanceUUID) + "/" + interfaceName
}

// Allocate returns the address that the profile's pool has for an id, with the prefix length
// of the subnet. The first call takes it from the pool, every other returns the same one.
//
// A pool without a free address is vsphere.ErrInsufficientResources, one that is not enabled
// vsphere.ErrInvalidState, an address outside of the subnet, because somebody changed the
// profile since it was read, vsphere.ErrConflict. A vCenter that does not allocate for the
// session of a user is vsphere.ErrNotPermitted or vsphere.ErrUnsupported.
func (p *Pools) Allocate(ctx context.Context, profile Profile, version Version, id string) (netip.Prefix, error) {
	what := fmt.Sprintf("allocate an %s address for %q from %s", version, id, profile)
	family := profile.Family(version)
	if !family.PoolEnabled {
		return netip.Prefix{}, &vsphere.Error{
			What: what, Kind: vsphere.ErrInvalidState,
			Text: fmt.Sprintf("its %s pool is not enabled. Enable it, or write the address at the interface", version),
		}
	}
	at, err := p.manager(ctx)
	if err != nil {
		return netip.Prefix{}, vsphere.Translate(err, what)
	}
	p.mu.Lock()
	p.own[Allocation{Pool: profile.ID, ID: id}] = true
	p.mu.Unlock()
	var text string
	err = idempotent(ctx, func() error {
		text, err = at.allocate(ctx, profile.ID, version, id)
		return err
	})
	if err != nil {
		return netip.Prefix{}, refused(vsphere.Translate(err, what), version)
	}
	if text == "" {
		return netip.Prefix{}, exhausted(what, family)
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || !version.has(addr) {
		return netip.Prefix{}, fmt.Errorf("%s: vCenter answers %q, which is not an %s address", what, text, version)
	}
	if !family.Subnet.Contains(addr) {
		return netip.Prefix{}, &vsphere.Error{
			What: what, Kind: vsphere.ErrConflict,
			Text: fmt.Sprintf("vCenter answers %s, and the subnet is %s. Somebody changed the profile meanwhile. Apply again", addr, family.Subnet),
		}
	}
	return netip.PrefixFrom(addr, family.Subnet.Bits()), nil
}

// refused adds to a refusal what the vSphere API says of who may allocate. It does not say by
// which fault vCenter tells others: a fault that is not known to mean anything else counts.
func refused(err error, version Version) error {
	var known *vsphere.Error
	var withFault interface{ Fault() types.BaseMethodFault }
	unnamed := errors.As(err, &known) && known.Kind == nil && errors.As(err, &withFault)
	if !unnamed && !errors.Is(err, vsphere.ErrNotPermitted) && !errors.Is(err, vsphere.ErrUnsupported) {
		return err
	}
	return fmt.Errorf("%w. The vSphere API lets extensions of vCenter allocate from pools, and may refuse it to the session of a user. "+
		"If this vCenter does, disable the %s pool of the profile, or write the address at the interface", err, version)
}

// exhausted says that a pool has nothing to give, as vCenter does by an empty answer.
func exhausted(what string, family Family) error {
	text := fmt.Sprintf("no address of its range %s is free. Enlarge the range, release what is not needed any more, or write the address at the interface", family.Ranges)
	if len(family.Ranges) == 0 {
		text = "its pool is enabled and has no range. Set the range, disable the pool, or write the address at the interface"
	}
	return &vsphere.Error{What: what, Kind: vsphere.ErrInsufficientResources, Text: text}
}

// Release gives back what an allocation holds of both families. What it does not hold, and
// what was in a pool that is gone, is released already.
func (p *Pools) Release(ctx context.Context, allocation Allocation) error {
	what := fmt.Sprintf("release the addresses of %q in network protocol profile %d", allocation.ID, allocation.Pool)
	at, err := p.manager(ctx)
	if err != nil {
		return vsphere.Translate(err, what)
	}
	err = vsphere.Translate(idempotent(ctx, func() error {
		_, err := methods.ReleaseIpAllocation(ctx, at.client, &types.ReleaseIpAllocation{
			This: *at.manager, Dc: at.datacenter, PoolId: allocation.Pool, AllocationId: allocation.ID,
		})
		return err
	}), what)
	if err == nil {
		p.forget(allocation)
		return nil
	}
	if !errors.Is(err, vsphere.ErrInvalidArgument) && !errors.Is(err, vsphere.ErrNotFound) {
		return err
	}
	// The API's word for a pool that does not exist. It is taken for that only if it is so.
	pools, readErr := p.read(ctx)
	if readErr == nil && !slices.ContainsFunc(pools, func(pool types.IpPool) bool { return pool.Id == allocation.Pool }) {
		p.forget(allocation)
		return nil
	}
	return err
}

// forget drops what is remembered of an allocation that is released.
func (p *Pools) forget(allocation Allocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.own, allocation)
	delete(p.noted, allocation)
}

// ReleaseAll releases each allocation once, and all of them even if one fails. The error joins
// what went wrong.
func (p *Pools) ReleaseAll(ctx context.Context, allocations []Allocation) error {
	var errs []error
	released := map[Allocation]bool{}
	for _, allocation := range allocations {
		if released[allocation] {
			continue
		}
		released[allocation] = true
		errs = append(errs, p.Release(ctx, allocation))
	}
	return errors.Join(errs...)
}

// idempotent makes a call, and once more when its answer got lost: it does nothing that the
// first one has done, and its answer is the one that was lost.
func idempotent(ctx context.Context, call func() error) error {
	err := call()
	if err != nil && ctx.Err() == nil && errors.Is(vsphere.Translate(err, ""), vsphere.ErrInterrupted) {
		return call()
	}
	return err
}

// place is where calls go to.
type place struct {
	client     *vim25.Client
	datacenter types.ManagedObjectReference
	manager    *types.ManagedObjectReference // nil where there is none
}

func (p *Pools) place(ctx context.Context) (place, error) {
	client, err := p.client.Vim(ctx)
	if err != nil {
		return place{}, err
	}
	datacenter, err := p.client.Datacenter(ctx)
	if err != nil {
		return place{}, err
	}
	return place{client, datacenter.Reference(), client.ServiceContent.IpPoolManager}, nil
}

// manager is place where there has to be a manager.
func (p *Pools) manager(ctx context.Context) (place, error) {
	at, err := p.place(ctx)
	if err == nil && at.manager == nil {
		err = &vsphere.Error{Kind: vsphere.ErrUnsupported, Text: "this vCenter has no manager of network protocol profiles"}
	}
	return at, err
}

func (at place) allocate(ctx context.Context, pool int32, version Version, id string) (string, error) {
	if version == IPv4 {
		res, err := methods.AllocateIpv4Address(ctx, at.client, &types.AllocateIpv4Address{
			This: *at.manager, Dc: at.datacenter, PoolId: pool, AllocationId: id,
		})
		if err != nil {
			return "", err
		}
		return res.Returnval, nil
	}
	res, err := methods.AllocateIpv6Address(ctx, at.client, &types.AllocateIpv6Address{
		This: *at.manager, Dc: at.datacenter, PoolId: pool, AllocationId: id,
	})
	if err != nil {
		return "", err
	}
	return res.Returnval, nil
}
