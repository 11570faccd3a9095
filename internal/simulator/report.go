package simulator

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/vmware/govmomi/vim25/types"
)

// report is what Tools tell vCenter of a guest.
func (v *view) report() []types.PropertyChange {
	running := string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
	changes := []types.PropertyChange{
		{Name: "guest.toolsStatus", Val: types.VirtualMachineToolsStatusToolsOk},
		{Name: "guest.toolsRunningStatus", Val: running},
		{Name: "guest.toolsVersion", Val: "12389"},
		{Name: "guest.toolsVersionStatus2", Val: string(types.VirtualMachineToolsVersionStatusGuestToolsUnmanaged)},
		{Name: "guest.guestState", Val: string(types.VirtualMachineGuestStateRunning)},
		{Name: "guest.guestOperationsReady", Val: true},
		{Name: "guest.hostName", Val: v.fullName()},
		{Name: "guest.net", Val: v.net()},
		{Name: "guest.ipStack", Val: v.stack()},
		{Name: "guestHeartbeatStatus", Val: types.ManagedEntityStatusGreen},
		{Name: "summary.guest.toolsStatus", Val: types.VirtualMachineToolsStatusToolsOk},
		{Name: "summary.guest.toolsRunningStatus", Val: running},
		{Name: "summary.guest.hostName", Val: v.fullName()},
		{Name: "summary.quickStats.guestHeartbeatStatus", Val: types.ManagedEntityStatusGreen},
	}
	primary := v.primary()
	return append(changes,
		types.PropertyChange{Name: "guest.ipAddress", Val: primary},
		types.PropertyChange{Name: "summary.guest.ipAddress", Val: primary})
}

// stopped is what vCenter shows of a guest that is off: what it was called, and nothing else.
func stopped() []types.PropertyChange {
	off := string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning)
	return []types.PropertyChange{
		{Name: "guest.toolsStatus", Val: types.VirtualMachineToolsStatusToolsNotRunning},
		{Name: "guest.toolsRunningStatus", Val: off},
		{Name: "guest.guestState", Val: string(types.VirtualMachineGuestStateNotRunning)},
		{Name: "guest.guestOperationsReady", Val: false},
		{Name: "guest.net", Val: []types.GuestNicInfo{}},
		{Name: "guest.ipStack", Val: []types.GuestStackInfo{}},
		{Name: "guest.ipAddress", Val: ""},
		{Name: "guestHeartbeatStatus", Val: types.ManagedEntityStatusGray},
		{Name: "summary.guest.toolsStatus", Val: types.VirtualMachineToolsStatusToolsNotRunning},
		{Name: "summary.guest.toolsRunningStatus", Val: off},
		{Name: "summary.guest.ipAddress", Val: ""},
		{Name: "summary.quickStats.guestHeartbeatStatus", Val: types.ManagedEntityStatusGray},
	}
}

// fullName is the host name with the domain, where there is one.
func (v *view) fullName() string {
	if v.domain == "" {
		return v.hostName
	}
	return v.hostName + "." + v.domain
}

// primary is the address that Tools call the guest's own: the first that is not
// link-local, IPv4 before IPv6.
func (v *view) primary() string {
	if v.chosen.IsValid() {
		return v.chosen.String()
	}
	var six string
	for _, n := range v.nics {
		for _, a := range n.addresses {
			switch ip := a.prefix.Addr(); {
			case ip.IsLinkLocalUnicast():
			case ip.Is4():
				return ip.String()
			case six == "":
				six = ip.String()
			}
		}
	}
	return six
}

// net is guest.net: a card without network has its MAC address and link state only.
func (v *view) net() []types.GuestNicInfo {
	infos := make([]types.GuestNicInfo, 0, len(v.nics))
	chosen := v.chosen
	for _, n := range v.nics {
		if chosen.IsValid() && n.connected {
			whole := netip.PrefixFrom(chosen, chosen.BitLen())
			n.addresses = slices.Insert(slices.Clone(n.addresses), 0, addressView{prefix: whole, origin: "other"})
			n.configured, chosen = true, netip.Addr{}
		}
		info := types.GuestNicInfo{Network: n.network, MacAddress: n.mac, Connected: n.connected, DeviceConfigId: n.key}
		if n.configured {
			info.IpConfig = &types.NetIpConfigInfo{Dhcp: n.dhcpInfo()}
			if n.slaac {
				info.IpConfig.AutoConfigurationEnabled = types.NewBool(true)
			}
			for _, a := range n.addresses {
				ip := a.prefix.Addr().String()
				info.IpAddress = append(info.IpAddress, ip)
				info.IpConfig.IpAddress = append(info.IpConfig.IpAddress, types.NetIpConfigInfoIpAddress{
					IpAddress: ip, PrefixLength: int32(a.prefix.Bits()), Origin: a.origin, State: "preferred",
				})
			}
			info.DnsConfig = v.dnsInfo(n.dns, n.search, n.dhcp4 || n.dhcp6)
		}
		infos = append(infos, info)
	}
	return infos
}

func (n *nicView) dhcpInfo() *types.NetDhcpConfigInfo {
	return &types.NetDhcpConfigInfo{
		Ipv4: &types.NetDhcpConfigInfoDhcpOptions{Enable: n.dhcp4},
		Ipv6: &types.NetDhcpConfigInfoDhcpOptions{Enable: n.dhcp6},
	}
}

func (v *view) dnsInfo(servers []netip.Addr, search []string, dynamic bool) *types.NetDnsConfigInfo {
	info := &types.NetDnsConfigInfo{Dhcp: dynamic, HostName: v.hostName, DomainName: v.domain, SearchDomain: slices.Clone(search)}
	for _, a := range servers {
		info.IpAddress = append(info.IpAddress, a.String())
	}
	return info
}

// stack is guest.ipStack: the resolver and the routing table of the whole guest.
func (v *view) stack() []types.GuestStackInfo {
	var servers []netip.Addr
	var search []string
	var routes []types.NetIpRouteConfigInfoIpRoute
	dynamic := false
	for i, n := range v.nics {
		if !n.configured {
			continue
		}
		device := strconv.Itoa(i)
		dynamic = dynamic || n.dhcp4 || n.dhcp6
		for _, a := range n.dns {
			if !slices.Contains(servers, a) {
				servers = append(servers, a)
			}
		}
		for _, d := range n.search {
			if !slices.Contains(search, d) {
				search = append(search, d)
			}
		}
		for _, g := range n.gateways {
			whole := netip.PrefixFrom(netip.IPv4Unspecified(), 0)
			if g.Is6() {
				whole = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
			}
			routes = append(routes, routeInfo(whole, g, device))
		}
		for _, a := range n.addresses {
			routes = append(routes, routeInfo(a.prefix.Masked(), netip.Addr{}, device))
		}
		for _, r := range n.routes {
			routes = append(routes, routeInfo(r.to.Masked(), r.via, device))
		}
	}
	return []types.GuestStackInfo{{
		DnsConfig:     v.dnsInfo(servers, search, dynamic),
		IpRouteConfig: &types.NetIpRouteConfigInfo{IpRoute: routes},
	}}
}

// routeInfo is one entry of the routing table; a route on the link has a device and no
// address for its gateway.
func routeInfo(to netip.Prefix, via netip.Addr, device string) types.NetIpRouteConfigInfoIpRoute {
	r := types.NetIpRouteConfigInfoIpRoute{Network: to.Addr().String(), PrefixLength: int32(to.Bits())}
	r.Gateway.Device = device
	if via.IsValid() {
		r.Gateway.IpAddress = via.String()
	}
	return r
}
