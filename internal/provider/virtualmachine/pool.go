package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

// A machine's record says what it holds of pools, and has to say it before vCenter allocates:
// a process that is killed leaves nothing that nobody knows of. In order:
//
//  1. wantedPools tells which interfaces get an address of a pool;
//  2. intended is what the record says from then on: it goes into the deploy, or into the first
//     reconfiguration of an update, and into none where it says what the record said before;
//  3. allocate asks for the addresses, and offers.with and network.Resolve make all of it known;
//  4. the record with the addresses is written together with what the guest is told;
//  5. release gives back what interfaces hold that are gone, connected elsewhere, or need no
//     address of a pool any more. What it has released may stay in the record: it is released
//     once more with the machine, which does nothing.
//
// A machine that is to go is turned off, loses everything by releaseForGood, and is destroyed. If
// that is interrupted, its record still says what to release.

// families tells for each address family whether an interface is to have an address of its
// network's pool.
type families struct{ IPv4, IPv6 bool }

func (f families) has(version ippool.Version) bool {
	if version == ippool.IPv4 {
		return f.IPv4
	}
	return f.IPv6
}

// versions are the address families, in the order of their addresses.
var versions = []ippool.Version{ippool.IPv4, ippool.IPv6}

// errMoved says that an interface holds another address of its pool than its machine remembers,
// and than was planned. What comes with the error is good nevertheless, and is to be written
// into the record: the next plan then shows the new address.
var errMoved = errors.New("the pool gives another address")

func (p poolRecord) address(version ippool.Version) string {
	if version == ippool.IPv4 {
		return p.Address4
	}
	return p.Address6
}

func (p *poolRecord) setAddress(version ippool.Version, addr netip.Addr) {
	if version == ippool.IPv4 {
		p.Address4 = addr.String()
	} else {
		p.Address6 = addr.String()
	}
}

// left is the key in a record of what an interface held of a pool before it left that. No
// interface has an @ in its name.
func left(name string, pool int32) string { return name + "@" + strconv.Itoa(int(pool)) }

// interfaceOf is the name of the interface that a key in a record is about, and whether the
// interface has left the pool.
func interfaceOf(key string) (name string, isLeft bool) {
	name, _, isLeft = strings.Cut(key, "@")
	return name, isLeft
}

// wantedPools tells which interfaces are to have an address of their network's pool, and of
// which families. It is what network.Resolve makes of a network whose pools give an address
// that can be recognised, so that there is one place that knows who comes first. An interface
// that depends on something unknown is not in it.
func wantedPools(spec network.Spec, b network.Bootstrap, o *offers) map[string]families {
	probe := o.Defaults
	probe.Networks = maps.Clone(o.Networks)
	for name, profile := range o.profiles {
		defaults := probe.Networks[name]
		defaults.Address4 = sample(profile.IPv4, netip.IPv4Unspecified())
		defaults.Address6 = sample(profile.IPv6, netip.IPv6Unspecified())
		probe.Networks[name] = defaults
	}
	wanted := map[string]families{}
	for _, nic := range network.Resolve(spec, b, probe).Interfaces.Or(nil) {
		if nic.Sources["addresses"] != network.SourceNetwork {
			continue
		}
		var f families
		addresses, _ := known.Elements(nic.Addresses)
		for _, address := range addresses {
			f.IPv4 = f.IPv4 || address.Addr().Is4()
			f.IPv6 = f.IPv6 || address.Addr().Is6()
		}
		wanted[nic.Name.Or("")] = f
	}
	return wanted
}

// sample stands for the address that an enabled pool gives.
func sample(family ippool.Family, address netip.Addr) known.Value[netip.Prefix] {
	if !family.PoolEnabled {
		return known.Value[netip.Prefix]{}
	}
	return known.Of(netip.PrefixFrom(address, 0))
}

// intended is what a machine's record has to say of pools before anything is allocated: what
// the machine holds and will hold. before is what the record says until then.
//
// An address of a family that is not wanted any more stays with an interface that holds one of
// the other family of the same pool: vCenter releases both at once or none.
func intended(before map[string]poolRecord, wanted map[string]families, profiles map[string]ippool.Profile) map[string]poolRecord {
	out := map[string]poolRecord{}
	for key, held := range before {
		name, _ := interfaceOf(key)
		if _, wants := wanted[name]; wants && profiles[name].ID == held.Pool {
			out[name] = held
		} else {
			out[left(name, held.Pool)] = held
		}
	}
	for name := range wanted {
		if _, holds := out[name]; !holds {
			out[name] = poolRecord{Pool: profiles[name].ID}
		}
	}
	return out
}

// allocate has the pools give each interface the addresses that are wanted of it: those that it
// holds, if it holds any. records is what the machine's record says, which is what intended
// returned. It returns them with the addresses.
//
// The error names interface, pool and ranges, and says what to do. What is returned beside it is
// what is known to be allocated by then. An error that wraps errMoved is about an address that
// the machine has held until now.
func (r *Resource) allocate(ctx context.Context, instanceUUID string, profiles map[string]ippool.Profile, wanted map[string]families, records map[string]poolRecord) (map[string]poolRecord, error) {
	out := maps.Clone(records)
	var moved []error
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		record, profile := out[name], profiles[name]
		for _, version := range versions {
			if !wanted[name].has(version) {
				continue
			}
			given, err := r.backend.Pools.Allocate(ctx, profile, version, ippool.AllocationID(instanceUUID, name))
			if err != nil {
				return out, fmt.Errorf("interface %q: %w", name, err)
			}
			// What is not in the range any more was not planned either.
			if before := heldAddress(profile, version, record); before.IsSet() && before != known.Of(given) {
				moved = append(moved, fmt.Errorf("interface %q: %w: it had %s of %s, which now gives it %s: its range was changed, or somebody "+
					"released the address. The next apply tells the guest", name, errMoved, record.address(version), profile, given.Addr()))
			}
			record.setAddress(version, given.Addr())
			out[name] = record
		}
	}
	return out, errors.Join(moved...)
}

// release gives back what a machine holds of pools that it needs no more, and returns what it
// holds afterwards. It does the same any number of times. What could not be released is still in
// what it returns, and in the error.
func (r *Resource) release(ctx context.Context, instanceUUID string, records map[string]poolRecord) (map[string]poolRecord, error) {
	out := maps.Clone(records)
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(records)) {
		if _, isLeft := interfaceOf(key); !isLeft {
			continue
		}
		if err := r.backend.Pools.Release(ctx, allocationOf(instanceUUID, key, records[key])); err != nil {
			errs = append(errs, err)
			continue
		}
		delete(out, key)
	}
	return out, errors.Join(errs...)
}

func allocationOf(instanceUUID, key string, record poolRecord) ippool.Allocation {
	name, _ := interfaceOf(key)
	return ippool.Allocation{Pool: record.Pool, ID: ippool.AllocationID(instanceUUID, name)}
}

func allocationsOf(instanceUUID string, records map[string]poolRecord) []ippool.Allocation {
	out := make([]ippool.Allocation, 0, len(records))
	for _, key := range slices.Sorted(maps.Keys(records)) {
		out = append(out, allocationOf(instanceUUID, key, records[key]))
	}
	return out
}
