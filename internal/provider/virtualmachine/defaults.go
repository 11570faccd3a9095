package virtualmachine

import (
	"context"
	"maps"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

// offers is what a machine falls back to where its configuration does not say: what its
// namespace offers, and the networks that its interfaces are connected to.
type offers struct {
	// Defaults is what network.Resolve and network.Review take.
	network.Defaults
	// profiles are the Network Protocol Profiles of the networks, by interface name. Interfaces
	// whose network has none, or is not known yet, are missing.
	profiles map[string]ippool.Profile
	// have is what the machine holds of pools, or may hold, as its record says.
	have map[string]poolRecord
}

// profileOf finds the profile of a network: a method of ippool.Pools.
type profileOf func(context.Context, govmomi.ManagedObjectReference) (ippool.Profile, bool, error)

// offers asks for the Network Protocol Profiles of the networks that look found. All networks
// of all machines share one request.
//
// have is what the machine holds of pools, as its record says; nil for a machine that is to be
// created. An address that it holds is known; one that a pool has yet to give is unknown. So is
// everything of a network that is not known yet, and without a world everything at all. A
// profile that cannot be used is an error at the name of the interface's network.
func (r *Resource) offers(ctx context.Context, w *world, spec network.Spec, have map[string]poolRecord) (*offers, diag.Diagnostics) {
	if w == nil {
		return unknownOffers(), nil
	}
	return offersOf(ctx, w.configured, w.networks, spec, have, r.backend.Pools.Profile)
}

// standingOffers is offers for a machine that does not change, whose world is not looked for:
// what is not found any more must not keep its plan from being empty. It costs nothing but what
// all machines share. It is false where something is not found, and nothing can be said: the
// guest keeps what it was told, which is what toldConfig reads in the state.
func (r *Resource) standingOffers(ctx context.Context, m *model, spec network.Spec, have map[string]poolRecord) (*offers, bool) {
	configured, err := r.backend.Namespace(m.Namespace.ValueString())
	if err != nil {
		return nil, false
	}
	namespace, err := r.backend.Inventory.Namespace(ctx, configured.NamespaceSpec)
	if err != nil {
		return nil, false
	}
	found := map[string]inventory.Network{}
	interfaces, _ := spec.EffectiveInterfaces().Get()
	for _, nic := range interfaces {
		name, named := nic.Name.Get()
		if !named || nic.Network.IsUnknown() {
			continue
		}
		if found[name], err = r.backend.Inventory.Network(ctx, namespace, nic.Network.Or("")); err != nil {
			return nil, false
		}
	}
	o, diags := offersOf(ctx, configured, found, spec, have, r.backend.Pools.Standing)
	return o, !diags.HasError()
}

func unknownOffers() *offers { return &offers{Defaults: network.Defaults{Unknown: true}} }

// offersOf makes offers of the networks that were found.
func offersOf(ctx context.Context, configured backend.Namespace, found map[string]inventory.Network, spec network.Spec, have map[string]poolRecord, profile profileOf) (*offers, diag.Diagnostics) {
	var diags diag.Diagnostics
	o := &offers{
		Defaults: network.Defaults{
			Networks: map[string]network.NetworkDefaults{}, Nameservers: configured.Nameservers, SearchDomains: configured.SearchDomains,
		},
		profiles: map[string]ippool.Profile{},
		have:     have,
	}
	interfaces, _ := spec.EffectiveInterfaces().Get()
	for i, nic := range interfaces {
		// An interface without a name of its own yet is any of them, also none that is here.
		name := nic.Name.Or("")
		connected, ok := found[name]
		if !ok || nic.Name.IsUnknown() || nic.Network.IsUnknown() {
			o.Networks[name] = network.NetworkDefaults{Unknown: true}
			continue
		}
		profile, ok, err := profile(ctx, connected.Reference())
		switch {
		case err != nil:
			backend.Failed(&diags, networkNamePath(spec, i), "Unable to use the profile of the network of interface "+name, err)
			o.Networks[name] = network.NetworkDefaults{Unknown: true}
		case ok:
			o.profiles[name] = profile
			o.Networks[name] = offered(profile, have[name])
		}
	}
	return o, diags
}

// networkNamePath is where the network of an interface is named; the network block for the
// interface that a machine gets without asking.
func networkNamePath(spec network.Spec, i int) path.Path {
	if len(spec.Interfaces.Or(nil)) == 0 {
		return path.Root("network")
	}
	return path.Root("network").AtName("interface").AtListIndex(i).AtName("network").AtName("name")
}

// offered is what a profile means to an interface that holds something of its pools, or nothing.
func offered(profile ippool.Profile, have poolRecord) network.NetworkDefaults {
	return network.NetworkDefaults{
		HasProfile: true,
		Address4:   heldAddress(profile, ippool.IPv4, have), Address6: heldAddress(profile, ippool.IPv6, have),
		Gateway4: optionalAddr(profile.IPv4.Gateway), Gateway6: optionalAddr(profile.IPv6.Gateway),
		DHCP4: known.Of(profile.IPv4.DHCP), DHCP6: known.Of(profile.IPv6.DHCP),
		Nameservers: profile.Nameservers, SearchDomains: profile.SearchDomains, DomainName: profile.DomainName,
	}
}

func optionalAddr(addr netip.Addr) known.Value[netip.Addr] {
	if !addr.IsValid() {
		return known.Value[netip.Addr]{}
	}
	return known.Of(addr)
}

// heldAddress is the address that an enabled pool gives an interface, as far as it is known
// before vCenter was asked for it: the one that the interface holds. vCenter takes back what is
// outside of the ranges that a pool has now.
func heldAddress(profile ippool.Profile, version ippool.Version, have poolRecord) known.Value[netip.Prefix] {
	family := profile.Family(version)
	addr, err := netip.ParseAddr(have.address(version))
	if have.Pool != anyPool && have.Pool != profile.ID || err != nil || !family.Ranges.Contains(addr) {
		addr = netip.Addr{}
	}
	return givenAddress(family, addr)
}

// givenAddress is an address of a pool with the pool's prefix length; unknown where the pool is
// enabled and has not given one.
func givenAddress(family ippool.Family, addr netip.Addr) known.Value[netip.Prefix] {
	switch {
	case !family.PoolEnabled:
		return known.Value[netip.Prefix]{}
	case !addr.IsValid():
		return known.Unknown[netip.Prefix]()
	default:
		return known.Of(netip.PrefixFrom(addr, family.Subnet.Bits()))
	}
}

// with is the same offers with the addresses that allocate returned: nothing of the pools is
// unknown any more that an interface needs.
func (o *offers) with(given map[string]poolRecord) *offers {
	out := *o
	out.Networks = maps.Clone(o.Networks)
	for name, profile := range o.profiles {
		defaults, record := out.Networks[name], given[name]
		for _, version := range versions {
			addr, err := netip.ParseAddr(record.address(version))
			if err != nil || record.Pool != profile.ID {
				addr = netip.Addr{}
			}
			if version == ippool.IPv4 {
				defaults.Address4 = givenAddress(profile.IPv4, addr)
			} else {
				defaults.Address6 = givenAddress(profile.IPv6, addr)
			}
		}
		out.Networks[name] = defaults
	}
	return &out
}
