package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Review judges what Resolve makes of a network, once it is known what the connected
// networks and the namespace offer. It returns only what Validate could not see without
// them, so that the two together report each thing once.
func Review(spec Spec, b Bootstrap, d Defaults) []Problem {
	type place struct {
		severity   Severity
		rule, path string
	}
	placeOf := func(p Problem) place { return place{p.Severity, p.Rule, p.Path.String()} }
	reported := map[place]bool{}
	for _, problem := range reviewed(spec, b, Defaults{Unknown: true}) {
		reported[placeOf(problem)] = true
	}
	return slices.DeleteFunc(reviewed(spec, b, d), func(problem Problem) bool { return reported[placeOf(problem)] })
}

// reviewed judges the resolved configuration as far as it is known.
func reviewed(spec Spec, b Bootstrap, d Defaults) []Problem {
	v := validation{spec: spec, bootstrap: b}
	config := Resolve(spec, b, d)
	written := spec.EffectiveInterfaces().Or(nil)
	root := Path{"network"}
	for i, nic := range config.Interfaces.Or(nil) {
		path := root.At("interface", i)
		if len(spec.Interfaces.Or(nil)) == 0 {
			path = root // the default interface is nowhere to be pointed at
		}
		r := review{validation: &v, path: path, written: written[i], resolved: nic, first: i == 0}
		r.reachability()
		r.nextHops()
		r.ineffectiveNone()
		r.losses()
	}
	return v.problems
}

// review judges one resolved interface.
type review struct {
	*validation
	path     Path
	written  Interface
	resolved InterfaceConfig
	first    bool
}

// label names the interface in a text.
func (r review) label() string {
	if name, ok := r.resolved.Name.Get(); ok {
		return fmt.Sprintf("interface %q", name)
	}
	return r.path.String()
}

// reachability judges gateways and MTU by the addresses that go with them.
func (r review) reachability() {
	r.gatewayReachable("gateway4", r.resolved.Gateway4, r.resolved.DHCP4, netip.Addr.Is4)
	r.gatewayReachable("gateway6", r.resolved.Gateway6, r.resolved.DHCP6, isIPv6)

	usesIPv6 := either(hasFamily(r.resolved.Addresses, isIPv6), isTrue(r.resolved.DHCP6))
	if mtu, ok := r.resolved.MTU.Get(); ok && mtu >= minMTU && mtu < minMTUIPv6 && usesIPv6 == yes {
		r.warn(ruleReachable, r.path.At("mtu"), "MTU is too small for IPv6",
			"The MTU of %s is %d bytes, and IPv6 needs %d: the guest uses that, or no IPv6. Raise the MTU, or remove IPv6.", r.label(), mtu, minMTUIPv6)
	}
}

// gatewayReachable refuses a gateway that no address of the interface can reach: network
// managers in guests then never finish, and there is no default route. A link-local
// gateway is reachable from every IPv6 interface.
func (r review) gatewayReachable(key string, gateway known.Value[netip.Addr], dhcp known.Value[bool], matches func(netip.Addr) bool) {
	address, ok := gateway.Get()
	prefixes, complete := known.Elements(r.resolved.Addresses)
	if !ok || !complete || isTrue(dhcp) != no || !r.allParse() {
		return
	}
	var subnets []string
	reachable := matches(netip.IPv6Unspecified()) && address.IsLinkLocalUnicast()
	for _, prefix := range prefixes {
		if !matches(prefix.Addr()) {
			continue
		}
		subnets = append(subnets, prefix.Masked().String())
		reachable = reachable || prefix.Contains(address)
		if prefix.Addr() == address {
			r.warn(ruleReachable, r.path.At(key), "Gateway is the interface's own address",
				"The gateway %s is also an address of %s, so that it leads nowhere. Change %s or the address.", address, r.label(), key)
		}
	}
	if reachable {
		return
	}
	from := fmt.Sprintf("%s is %q", key, address)
	if r.resolved.Sources[key] == SourceNetwork {
		from = fmt.Sprintf("%s is not set, so that the connected network's gateway %q is used", key, address)
	}
	r.refuse(ruleReachable, r.path.At(key), "Gateway is outside the interface's subnets",
		"%s, but the addresses of %s are in %s, so that the guest would stay without default route. Set %s to an address in there, or to %q.",
		from, r.label(), strings.Join(subnets, ", "), key, GatewayNone)
}

// nextHops warns of routes that the guest cannot set, because their next hop is on no network
// of the interface: the interface then stays half configured. What DHCP brings is not known.
func (r review) nextHops() {
	prefixes, complete := known.Elements(r.resolved.Addresses)
	if !complete || !r.allParse() {
		return
	}
	for i, route := range r.written.Routes.Or(nil) {
		via, ok := parsed(route.Via, ParseAddress).Get()
		dhcp := r.resolved.DHCP4
		if isIPv6(via) {
			dhcp = r.resolved.DHCP6
		}
		to, isNetwork := parsed(route.To, ParseCIDR).Get()
		if isNetwork && isIPv6(to.Addr()) != isIPv6(via) {
			continue // rule I13
		}
		if !ok || isTrue(dhcp) != no || isIPv6(via) && via.IsLinkLocalUnicast() ||
			slices.ContainsFunc(prefixes, func(prefix netip.Prefix) bool { return prefix.Contains(via) }) {
			continue
		}
		subnets := make([]string, len(prefixes))
		for k, prefix := range prefixes {
			subnets[k] = prefix.Masked().String()
		}
		among := "its addresses are in " + strings.Join(subnets, ", ")
		if len(subnets) == 0 {
			among = "it has no address"
		}
		r.warn(ruleReachable, r.path.At("route", i, "via"), "Next hop is outside the interface's subnets",
			"The next hop %s is on no network of %s: %s. The guest cannot set the route, and the interface stays half configured. Use a next hop in one of its subnets.", via, r.label(), among)
	}
}

// allParse tells whether every address that was written is one. If not, the one that is
// not may be the one that a gateway belongs to.
func (r review) allParse() bool {
	written, _ := known.Elements(r.written.Addresses)
	return !slices.ContainsFunc(written, func(text string) bool {
		_, err := ParseCIDR(text)
		return err != nil
	})
}

// ineffectiveNone warns where a default gateway was declined that comes with a DHCP lease,
// which was not asked for in the same breath.
func (r review) ineffectiveNone() {
	families := []struct {
		rule, dhcpName, gatewayName string
		gateway                     known.Value[string]
		dhcp                        known.Value[bool]
	}{
		{ruleDHCP4Gateway, "dhcp4", "gateway4", r.written.Gateway4, r.resolved.DHCP4},
		{ruleDHCP6Gateway, "dhcp6", "gateway6", r.written.Gateway6, r.resolved.DHCP6},
	}
	for _, f := range families {
		if f.gateway.Or("") == GatewayNone && isTrue(f.dhcp) == yes && r.resolved.Sources[f.dhcpName] != SourceInterface {
			r.warn(f.rule, r.path.At(f.gatewayName), "Gateway comes with DHCP all the same",
				"%s is %q, but %s uses DHCP by default, and the DHCP server may name a gateway. Set %s to false, or give the interface an address.", f.gatewayName, GatewayNone, r.label(), f.dhcpName)
		}
	}
}

// losses warns of what guest OS customization takes and the guest does not get.
func (r review) losses() {
	b := r.bootstrap
	if b.Unknown || !b.LinuxPrep && !b.Sysprep || isTrue(b.Disabled) != no {
		return
	}
	prefixes, _ := known.Elements(r.resolved.Addresses)
	prefixes = slices.DeleteFunc(prefixes, func(prefix netip.Prefix) bool { return !prefix.Addr().Is4() })
	if len(prefixes) > 1 && isTrue(r.resolved.DHCP4) == no {
		r.warn(ruleLinuxPrep, r.path.At("addresses"), "Only the first IPv4 address reaches the guest",
			"Guest OS customization has one IPv4 address per interface: of the %d of %s, the guest gets the first only. Remove the others, or use cloud_init.", len(prefixes), r.label())
	}
	if b.LinuxPrep {
		r.linuxPrepLosses()
	}
}

func (r review) linuxPrepLosses() {
	gateways := []struct {
		name  string
		value known.Value[netip.Addr]
	}{{"gateway4", r.resolved.Gateway4}, {"gateway6", r.resolved.Gateway6}}
	for _, gateway := range gateways {
		if address, ok := gateway.value.Get(); ok && !r.first {
			r.warn(ruleLinuxPrep, r.path.At(gateway.name), "LinuxPrep loses this gateway",
				"Guests that LinuxPrep configures take a default gateway from the first interface only: the gateway %s of %s is lost. Make it the first interface, set %s to %q, or use cloud_init.", address, r.label(), gateway.name, GatewayNone)
		}
	}
	if isTrue(r.resolved.DHCP6) == yes {
		r.warn(ruleLinuxPrep, r.path.At("dhcp6"), "LinuxPrep loses DHCPv6",
			"Guests that LinuxPrep configures do not run DHCPv6: %s would get no IPv6 address. Use IPv6 addresses, or cloud_init.", r.label())
	}
	if isTrue(r.resolved.DHCP4) == no && hasFamily(r.resolved.Addresses, netip.Addr.Is4) == no {
		r.warn(ruleLinuxPrep, r.path.At("dhcp4"), "LinuxPrep cannot turn IPv4 off",
			"Guests that LinuxPrep configures run DHCPv4 on an interface without IPv4 address: %s would, although it is to have no IPv4. Use cloud_init to prevent that.", r.label())
	}
}
