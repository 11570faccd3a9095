package simulator

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
)

// maxDeviceName is the longest name that Linux gives a network device, in bytes.
const maxDeviceName = 15

// view is the guest as it came out of a boot.
type view struct {
	hostName, domain string
	problems         []string
	nics             []nicView
	chosen           netip.Addr // an address that Tools report beside those of the cards
	subinterfaces    []nicView  // while they are made; nics has them at the end
}

// nicView is one network card as the guest has configured it.
type nicView struct {
	nic
	configured bool // up, with at least one address
	addresses  []addressView
	gateways   []netip.Addr // default routes
	routes     []route
	dns        []netip.Addr
	search     []string
	dhcp4      bool
	dhcp6      bool
	slaac      bool
	mtu        int
}

type addressView struct {
	prefix netip.Prefix
	origin string // of types.NetIpConfigInfoIpAddressOrigin
}

// apply configures the guest's network cards. What does not work ends as it does in a
// guest: the card concerned is up, and has nothing.
func (l *leases) apply(h *hardware, c *machineConfig) *view {
	v := &view{hostName: c.hostName, domain: c.domain}
	if v.hostName == "" {
		v.hostName = "localhost"
	}
	if c.problem != "" {
		v.problems = append(v.problems, c.problem)
	}
	for _, n := range h.nics {
		v.nics = append(v.nics, nicView{nic: n, mtu: 1500})
	}
	taken := map[string]int{}
	for _, n := range c.nics {
		if n.device != "" {
			taken[n.device]++
		}
	}
	for i := range c.nics {
		n := &c.nics[i]
		at := slices.IndexFunc(v.nics, func(x nicView) bool { return n.selects(slices.Index(h.nics, x.nic), x.nic) })
		if at < 0 {
			v.problems = append(v.problems, fmt.Sprintf("no network card has %s", n.wanted()))
			continue
		}
		target := &v.nics[at]
		if len(n.device) > maxDeviceName {
			v.problems = append(v.problems, fmt.Sprintf("%s: the device name %q is longer than %d bytes", target.mac, n.device, maxDeviceName))
			continue
		}
		if n.device != "" && taken[n.device] > 1 {
			v.problems = append(v.problems, fmt.Sprintf("%s: two network cards are to be called %s", target.mac, n.device))
			continue
		}
		if n.device != "" {
			target.device = n.device
		}
		if problem := l.configure(h, at, n, target); problem != "" {
			v.problems = append(v.problems, target.mac+": "+problem)
			*target = nicView{nic: target.nic, mtu: target.mtu}
			continue
		}
		target.dns = append(target.dns, c.dns...)
		target.search = append(target.search, c.search...)
		v.subinterfaces = append(v.subinterfaces, l.vlans(h, at, n, target.nic)...)
	}
	v.nics = append(v.nics, v.subinterfaces...)
	return v
}

// noDevice is the key that Tools report for an interface without a card of its own.
const noDevice = -1

// vlans brings up the sub-interfaces of a card. Each is on a network of its own.
func (l *leases) vlans(h *hardware, position int, n *nicConfig, card nic) []nicView {
	var out []nicView
	for i := range n.vlans {
		sub := &n.vlans[i]
		v := nicView{nic: card, mtu: 1500}
		v.key, v.device, v.network = noDevice, sub.device, fmt.Sprintf("%s.%d", card.network, sub.vlan)
		if problem := l.configure(h, position, sub, &v); problem != "" {
			v = nicView{nic: v.nic, mtu: v.mtu}
		}
		out = append(out, v)
	}
	return out
}

// selects tells whether a configuration is for a card.
func (n *nicConfig) selects(position int, card nic) bool {
	if n.mac != "" {
		return n.mac == card.mac
	}
	if n.byIndex {
		return n.index == position
	}
	ok, err := path.Match(n.match, card.device)
	return err == nil && ok
}

func (n *nicConfig) wanted() string {
	switch {
	case n.mac != "":
		return "the MAC address " + n.mac
	case n.byIndex:
		return fmt.Sprintf("the position %d", n.index)
	default:
		return "the name " + n.match
	}
}

// configure brings up one card, or says why that fails.
func (l *leases) configure(h *hardware, position int, n *nicConfig, out *nicView) string {
	if !out.connected {
		return "it is not connected"
	}
	if n.mtu != 0 {
		if n.mtu < 68 || n.mtu > 65535 {
			return fmt.Sprintf("the kernel refuses an MTU of %d", n.mtu)
		}
		out.mtu = n.mtu
	}
	for _, a := range n.addresses {
		out.addresses = append(out.addresses, addressView{prefix: a, origin: "manual"})
	}
	out.dns, out.search = slices.Clone(n.dns), slices.Clone(n.search)
	if n.dhcp4 || n.dhcp6 || n.slaac {
		l.ask(h, position, n, out)
	}
	for _, gateway := range []netip.Addr{n.gateway4, n.gateway6} {
		if !gateway.IsValid() {
			continue
		}
		if !out.reaches(gateway) {
			return fmt.Sprintf("the gateway %s is outside of its subnets", gateway)
		}
		out.gateways = append(out.gateways, gateway)
	}
	for _, r := range n.routes {
		if !r.onLink && !out.reaches(r.via) {
			return fmt.Sprintf("the next hop %s of the route to %s is outside of its subnets", r.via, r.to)
		}
		if r.to.Bits() == 0 {
			out.gateways = append(out.gateways, r.via)
			continue
		}
		out.routes = append(out.routes, r)
	}
	// An interface that speaks IPv6 has made itself a link-local address.
	if n.linkLocal || slices.ContainsFunc(out.addresses, func(a addressView) bool { return a.prefix.Addr().Is6() }) {
		if local, ok := linkLocal(out.mac); ok {
			out.addresses = append(out.addresses, addressView{prefix: local, origin: "linklayer"})
		}
	}
	out.configured = len(out.addresses) > 0
	return ""
}

// ask does DHCP. A guest that does not listen to router advertisements never learns that
// there is a DHCPv6 server.
func (l *leases) ask(h *hardware, position int, n *nicConfig, out *nicView) {
	answer := l.lease(h, position, out.nic)
	if n.dhcp4 && answer.address4.IsValid() {
		out.dhcp4 = true
		out.addresses = append(out.addresses, addressView{prefix: answer.address4, origin: "dhcp"})
		if n.useDNS4 {
			out.dns = append(out.dns, answer.dns4)
			out.search = append(out.search, answer.domain)
		}
		if n.useRoute4 && !n.gateway4.IsValid() {
			out.gateways = append(out.gateways, answer.gateway4)
		}
	}
	if n.dhcp6 && n.acceptRA && answer.address6.IsValid() {
		out.dhcp6 = true
		out.addresses = append(out.addresses, addressView{prefix: answer.address6, origin: "dhcp"})
		if n.useDNS6 {
			out.dns = append(out.dns, answer.dns6)
		}
		if n.useRoute6 && !n.gateway6.IsValid() {
			out.gateways = append(out.gateways, answer.gateway6)
		}
	}
	if n.slaac {
		out.autoconfigure(n, answer)
	}
}

// autoconfigure makes an address of what a router advertises (RFC 4862).
func (v *nicView) autoconfigure(n *nicConfig, answer dhcp) {
	local, ok := linkLocal(v.mac)
	if !ok || !answer.address6.IsValid() {
		return
	}
	v.slaac = true
	address, id := answer.address6.Masked().Addr().As16(), local.Addr().As16()
	copy(address[8:], id[8:])
	v.addresses = append(v.addresses, addressView{prefix: netip.PrefixFrom(netip.AddrFrom16(address), 64), origin: "linklayer"})
	if n.useRoute6 && !n.gateway6.IsValid() && !n.dhcp6 {
		v.gateways = append(v.gateways, answer.gateway6)
	}
}

// reaches tells whether an address is on the link of the card.
func (v *nicView) reaches(a netip.Addr) bool {
	if a.Is6() && a.IsLinkLocalUnicast() {
		return true
	}
	return slices.ContainsFunc(v.addresses, func(x addressView) bool { return x.prefix.Contains(a) })
}

// linkLocal is the address that a card makes of its MAC address (RFC 4291, appendix A).
func linkLocal(mac string) (netip.Prefix, bool) {
	var b [6]byte
	if _, err := fmt.Sscanf(mac, "%02x:%02x:%02x:%02x:%02x:%02x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]); err != nil {
		return netip.Prefix{}, false
	}
	a := [16]byte{0: 0xfe, 1: 0x80, 8: b[0] ^ 2, 9: b[1], 10: b[2], 11: 0xff, 12: 0xfe, 13: b[3], 14: b[4], 15: b[5]}
	return netip.PrefixFrom(netip.AddrFrom16(a), 64), true
}
