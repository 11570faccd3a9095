package observed

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"github.com/vmware/govmomi/vim25/types"
)

// newAddresses lists all addresses of an interface, link-local ones too. Tools reports them
// in the order of the kernel's tables, which changes; sorted, an unchanged guest has an
// unchanged status.
func newAddresses(reported []types.NetIpConfigInfoIpAddress) []Address {
	sorted := slices.Clone(reported)
	slices.SortStableFunc(sorted, func(a, b types.NetIpConfigInfoIpAddress) int {
		return cmp.Or(compareAddresses(a.IpAddress, b.IpAddress), cmp.Compare(a.PrefixLength, b.PrefixLength))
	})
	var addresses []Address
	for _, address := range sorted {
		addresses = append(addresses, Address{
			Address: withBits(address.IpAddress, address.PrefixLength), Origin: address.Origin, State: address.State,
		})
	}
	return addresses
}

// compareAddresses orders IPv4 before IPv6, each by value, and texts that are no address last.
func compareAddresses(a, b string) int {
	left, errLeft := netip.ParseAddr(a)
	right, errRight := netip.ParseAddr(b)
	switch {
	case errLeft != nil && errRight != nil:
		return cmp.Compare(a, b)
	case errLeft != nil:
		return 1
	case errRight != nil:
		return -1
	}
	return left.Compare(right)
}

// newRoutes lists the routes that say where traffic goes. Every interface has link-local and
// multicast networks, and Tools lists each IPv4 address as a network of its own: those are
// left out.
func newRoutes(config *types.NetIpRouteConfigInfo) []Route {
	if config == nil {
		return nil
	}
	type entry struct {
		network netip.Prefix
		route   Route
	}
	var entries []entry
	for _, reported := range config.IpRoute {
		prefix, err := netip.ParsePrefix(reported.Network + "/" + strconv.Itoa(int(reported.PrefixLength)))
		if err != nil || !tells(prefix) {
			continue
		}
		entries = append(entries, entry{prefix, Route{
			NetworkAddress: prefix.String(), GatewayDevice: reported.Gateway.Device, GatewayAddress: reported.Gateway.IpAddress,
		}})
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(
			a.network.Addr().Compare(b.network.Addr()),
			cmp.Compare(a.network.Bits(), b.network.Bits()),
			cmp.Compare(a.route.GatewayDevice, b.route.GatewayDevice),
			compareAddresses(a.route.GatewayAddress, b.route.GatewayAddress),
		)
	})
	var routes []Route
	for _, entry := range entries {
		routes = append(routes, entry.route)
	}
	return routes
}

// tells reports whether a network in a route is worth showing.
func tells(prefix netip.Prefix) bool {
	address := prefix.Addr()
	switch {
	case address.IsLinkLocalUnicast(), address.IsLinkLocalMulticast():
		return false
	case address.Is4():
		return prefix.Bits() != address.BitLen()
	default:
		return !address.IsMulticast()
	}
}
