package network

import (
	"errors"
	"math"
	"net/netip"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// addressing judges the addresses of an interface, its gateways and DHCP, by rules I1 to I9.
func (v *validation) addressing(path Path, nic Interface) {
	has4, has6 := v.addresses(path.At("addresses"), nic.Addresses)
	v.family(path, familyRules{
		dhcp: nic.DHCP4, gateway: nic.Gateway4, addressed: has4,
		dhcpName: "dhcp4", gatewayName: "gateway4", family: "IPv4", example: "10.0.0.1", matches: netip.Addr.Is4,
		needsAddress: ruleGateway4Address, literal: ruleGateway4, dhcpAddress: ruleDHCP4Address, dhcpGateway: ruleDHCP4Gateway,
	})
	v.family(path, familyRules{
		dhcp: nic.DHCP6, gateway: nic.Gateway6, addressed: has6,
		dhcpName: "dhcp6", gatewayName: "gateway6", family: "IPv6", example: "2001:db8::1", matches: isIPv6,
		needsAddress: ruleGateway6Address, literal: ruleGateway6, dhcpAddress: ruleDHCP6Address, dhcpGateway: ruleDHCP6Gateway,
	})
}

// addresses judges each address, and tells which families they belong to. An address that
// is none belongs to neither.
func (v *validation) addresses(path Path, list known.List[string]) (has4, has6 answer) {
	if list.IsUnknown() {
		return maybe, maybe
	}
	v.nulls(path, list)
	for i, element := range list.Or(nil) {
		text, ok := element.Get()
		if !ok {
			if element.IsUnknown() {
				has4, has6 = either(has4, maybe), either(has6, maybe)
			}
			continue
		}
		prefix, err := ParseCIDR(text)
		if err != nil {
			v.refuse(mappedOr(ruleAddress, err), path.At(i), "Address is not valid", "The address %s.", err)
			if errors.Is(err, ErrIPv4Mapped) {
				has4 = yes // what was meant; one Problem is enough
			}
			continue
		}
		if isIPv6(prefix.Addr()) {
			has6 = yes
		} else {
			has4 = yes
		}
		v.hostPart(path.At(i), prefix)
	}
	return has4, has6
}

// hostPart warns of an address that a host cannot well have. In networks of one or two
// addresses, all are hosts.
func (v *validation) hostPart(path Path, prefix netip.Prefix) {
	address := prefix.Addr()
	if address.IsUnspecified() || address.IsLoopback() || address.IsMulticast() {
		v.warn(ruleReachable, path, "Address is not one of a host",
			"%s is the unspecified, a loopback or a multicast address, which guests refuse or replace by another. Change it.", address)
		return
	}
	if address.BitLen()-prefix.Bits() < 2 {
		return
	}
	switch address {
	case prefix.Masked().Addr():
		v.warn(ruleReachable, path, "Address is that of the network",
			"%s names the network %s itself, not a host in it. Change the address or the prefix length.", prefix, prefix.Masked())
	case lastIPv4(prefix):
		v.warn(ruleReachable, path, "Address is the broadcast address",
			"%s is the broadcast address of the network %s, not a host in it. Change the address or the prefix length.", prefix, prefix.Masked())
	}
}

// lastIPv4 returns the last address of an IPv4 network, and the zero Addr for IPv6, which
// has no broadcast.
func lastIPv4(prefix netip.Prefix) netip.Addr {
	if !prefix.Addr().Is4() {
		return netip.Addr{}
	}
	octets := prefix.Addr().As4()
	for bit := prefix.Bits(); bit < prefix.Addr().BitLen(); bit++ {
		octets[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(octets)
}

// familyRules is what one address family of an interface is judged by.
type familyRules struct {
	dhcp      known.Value[bool]
	gateway   known.Value[string]
	addressed answer
	matches   func(netip.Addr) bool

	dhcpName, gatewayName, family, example          string
	needsAddress, literal, dhcpAddress, dhcpGateway string
}

func (v *validation) family(path Path, f familyRules) {
	at := path.At(f.gatewayName)
	gateway, hasGateway := f.gateway.Get()
	hasGateway = hasGateway && gateway != ""

	if hasGateway && gateway != GatewayNone {
		if f.addressed == no {
			v.refuse(f.needsAddress, at, "Gateway without address of its family",
				"%s is %q, but addresses has no %s address that could reach it. Add one in CIDR notation, or remove %s.", f.gatewayName, gateway, f.family, f.gatewayName)
		}
		v.gateway(at, gateway, f)
	}
	if isTrue(f.dhcp) != yes {
		return
	}
	if f.addressed == yes {
		v.refuse(f.dhcpAddress, path.At(f.dhcpName), "DHCP and static addresses exclude each other",
			"%s is true, and addresses has an %s address. Remove the address, or %s.", f.dhcpName, f.family, f.dhcpName)
	}
	if hasGateway {
		v.refuse(f.dhcpGateway, at, "DHCP and a gateway exclude each other",
			"%s is true, so that the gateway comes from the DHCP server, and %s is %q. Remove %s, or %s.", f.dhcpName, f.gatewayName, gateway, f.gatewayName, f.dhcpName)
	}
}

func (v *validation) gateway(path Path, gateway string, f familyRules) {
	address, err := ParseAddress(gateway)
	switch {
	case strings.EqualFold(strings.TrimSpace(gateway), GatewayNone):
		v.refuse(f.literal, path, "Gateway is not valid",
			"%s is %q. To have no default gateway, write exactly %q.", f.gatewayName, gateway, GatewayNone)
	case errors.Is(err, ErrIPv4Mapped):
		// Without this provider's own rule, VM Operator's for IPv6 would refuse it anyway.
		rule := ruleIPv4Mapped
		if f.literal == ruleGateway6 {
			rule = f.literal
		}
		v.refuse(rule, path, "Gateway is not valid", "%s: %s.", f.gatewayName, err)
	case err != nil:
		v.refuse(f.literal, path, "Gateway is not valid", "%s: %s. Or write %q to have no default gateway.", f.gatewayName, err, GatewayNone)
	case !f.matches(address):
		v.refuse(f.literal, path, "Gateway is of the wrong family",
			"%s is %q, which is no %s address. Write one such as %q.", f.gatewayName, gateway, f.family, f.example)
	}
}

// route judges a route by rules I11 to I13.
func (v *validation) route(path Path, route Route) {
	network, toIsNetwork := v.routeTo(path.At("to"), route.To)
	via, viaState := v.routeVia(path.At("via"), route.Via)
	if metric, ok := route.Metric.Get(); ok && (metric < 1 || metric > math.MaxInt32) {
		v.refuse(ruleMetric, path.At("metric"), "Route metric is out of range",
			"The metric is %d, and must be from 1 to %d. Leave it out to use the guest's default.", metric, math.MaxInt32)
	}
	if !toIsNetwork || viaState == maybe {
		return
	}
	// A next hop that is no address at all is none of IPv4 either: VM Operator says so
	// for IPv4 networks only, and so do we.
	needs4, is4 := network.Addr().Is4(), viaState == yes && via.Is4()
	if needs4 == is4 || !needs4 && viaState == no {
		return
	}
	needed := "IPv6"
	if needs4 {
		needed = "IPv4"
	}
	v.refuse(ruleRouteFamily, path, "Route mixes address families",
		"The route leads to %q, so that its next hop must be an %s address, and via is %q. Change one of them.", network, needed, route.Via.Or(""))
}

// routeTo judges the destination, and returns it where it is a network.
func (v *validation) routeTo(path Path, to known.Value[string]) (network netip.Prefix, ok bool) {
	text, isSet := to.Get()
	switch {
	case to.IsUnknown() || text == RouteDefault:
		return netip.Prefix{}, false
	case !isSet:
		v.refuse(ruleRouteTo, path, "Route has no destination", "Set to, either to a network in CIDR notation such as \"10.0.2.0/24\" or to %q.", RouteDefault)
		return netip.Prefix{}, false
	case strings.EqualFold(strings.TrimSpace(text), RouteDefault):
		v.refuse(ruleRouteTo, path, "Route destination is not valid", "The destination is %q. Write exactly %q.", text, RouteDefault)
		return netip.Prefix{}, false
	}
	network, err := ParseCIDR(text)
	if err == nil {
		return network, true
	}
	if address, parseErr := ParseAddress(text); parseErr == nil {
		v.refuse(ruleRouteTo, path, "Route destination has no prefix length",
			"The destination %q is an address, not a network. For a route to this one address, write %q.", text, netip.PrefixFrom(address, address.BitLen()))
	} else {
		v.refuse(mappedOr(ruleRouteTo, err), path, "Route destination is not valid", "The destination %s, or %q.", err, RouteDefault)
	}
	return netip.Prefix{}, false
}

// routeVia judges the next hop, and tells whether there is one to judge the family of.
func (v *validation) routeVia(path Path, via known.Value[string]) (address netip.Addr, state answer) {
	text, isSet := via.Get()
	switch {
	case via.IsUnknown():
		return netip.Addr{}, maybe
	case !isSet:
		v.refuse(ruleRouteVia, path, "Route has no next hop", "Set via to the IP address of the next hop.")
		return netip.Addr{}, maybe
	}
	address, err := ParseAddress(text)
	if err != nil {
		v.refuse(mappedOr(ruleRouteVia, err), path, "Next hop is not an IP address", "The next hop %s.", err)
		if errors.Is(err, ErrIPv4Mapped) {
			return netip.Addr{}, maybe
		}
		return netip.Addr{}, no
	}
	return address, yes
}
