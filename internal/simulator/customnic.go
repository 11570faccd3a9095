package simulator

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// customNICs reads the settings of all network cards. Windows takes DNS servers from each
// card, Linux from the global settings alone; of a Linux guest, only the primary card has its
// gateways for default routes (CustomizationIPSettings in the vSphere API).
func customNICs(spec *types.CustomizationSpec, windows bool) ([]nicConfig, error) {
	main := primaryAdapter(spec.NicSettingMap)
	var nics []nicConfig
	for i, m := range spec.NicSettingMap {
		n, err := customNIC(i, m)
		if err != nil {
			return nil, err
		}
		if windows {
			n.search = append(n.search, spec.GlobalIPSettings.DnsSuffixList...)
			if len(n.dns) > 0 { // of their own, these take the place of those that DHCP tells
				n.useDNS4, n.useDNS6 = false, false
			}
		} else {
			n.dns, n.search = nil, nil
			if i != main {
				n.gateway4, n.gateway6 = netip.Addr{}, netip.Addr{}
			}
		}
		nics = append(nics, n)
	}
	return nics, nil
}

// primaryAdapter is the position of the adapter that is marked as primary; without such, of
// the first one, if it has a static address and a gateway; else -1.
func primaryAdapter(adapters []types.CustomizationAdapterMapping) int {
	for i, m := range adapters {
		if isTrue(m.Adapter.Primary) {
			return i
		}
	}
	if len(adapters) == 0 {
		return -1
	}
	a := adapters[0].Adapter
	_, static4 := a.Ip.(*types.CustomizationFixedIp)
	if static4 && len(a.Gateway) > 0 {
		return 0
	}
	if six := a.IpV6Spec; six != nil && len(six.Gateway) > 0 {
		for _, g := range six.Ip {
			if _, static6 := g.(*types.CustomizationFixedIpV6); static6 {
				return 0
			}
		}
	}
	return -1
}

// customNIC reads the settings of one card; they are for the card with their MAC address,
// or for the one at their position.
func customNIC(position int, m types.CustomizationAdapterMapping) (nicConfig, error) {
	n := nicConfig{
		byIndex: m.MacAddress == "", index: position, mac: strings.ToLower(strings.ReplaceAll(m.MacAddress, "-", ":")),
		acceptRA: true, useDNS4: true, useDNS6: true, useRoute4: true, useRoute6: true,
	}
	switch ip := m.Adapter.Ip.(type) {
	case *types.CustomizationDhcpIpGenerator:
		n.dhcp4 = true
	case *types.CustomizationDisableIpV4:
	case *types.CustomizationFixedIp:
		a, err := netip.ParseAddr(ip.IpAddress)
		if err != nil {
			return n, fmt.Errorf("NIC %d: %q is not an address", position, ip.IpAddress)
		}
		bits, err := maskBits(m.Adapter.SubnetMask)
		if err != nil {
			return n, fmt.Errorf("NIC %d: %w", position, err)
		}
		n.addresses = append(n.addresses, netip.PrefixFrom(a, bits))
		if n.gateway4, err = preferred(m.Adapter.Gateway); err != nil {
			return n, fmt.Errorf("NIC %d: %w", position, err)
		}
	default:
		return n, fmt.Errorf("NIC %d: the guest does not know the address generator %T", position, ip)
	}
	if six := m.Adapter.IpV6Spec; six != nil {
		if err := n.setIPv6(six); err != nil {
			return n, fmt.Errorf("NIC %d: %w", position, err)
		}
	}
	for _, text := range m.Adapter.DnsServerList {
		d, err := netip.ParseAddr(text)
		if err != nil {
			return n, fmt.Errorf("NIC %d: the DNS server %q is not an address", position, text)
		}
		n.dns = append(n.dns, d)
	}
	if m.Adapter.DnsDomain != "" {
		n.search = []string{m.Adapter.DnsDomain}
	}
	return n, nil
}

// setIPv6 takes the IPv6 settings of a card.
func (n *nicConfig) setIPv6(six *types.CustomizationIPSettingsIpV6AddressSpec) (err error) {
	for _, g := range six.Ip {
		switch ip := g.(type) {
		case *types.CustomizationDhcpIpV6Generator:
			n.dhcp6 = true
		case *types.CustomizationStatelessIpV6Generator:
			n.slaac = true
		case *types.CustomizationAutoIpV6Generator:
			n.linkLocal = true
		case *types.CustomizationFixedIpV6:
			a, err := netip.ParseAddr(ip.IpAddress)
			if err != nil {
				return fmt.Errorf("%q is not an address", ip.IpAddress)
			}
			n.addresses = append(n.addresses, netip.PrefixFrom(a, int(ip.SubnetMask)))
		default:
			return fmt.Errorf("the guest does not know the address generator %T", ip)
		}
	}
	n.gateway6, err = preferred(six.Gateway)
	return err
}

// preferred is the first of a list of gateways, which are in order of preference.
func preferred(gateways []string) (netip.Addr, error) {
	if len(gateways) == 0 {
		return netip.Addr{}, nil
	}
	g, err := netip.ParseAddr(gateways[0])
	if err != nil {
		return g, fmt.Errorf("the gateway %q is not an address", gateways[0])
	}
	return g, nil
}

// maskBits turns a dotted mask into a prefix length.
func maskBits(mask string) (int, error) {
	a, err := netip.ParseAddr(mask)
	if err != nil || !a.Is4() {
		return 0, fmt.Errorf("%q is not a subnet mask", mask)
	}
	bits, ended := 0, false
	for _, b := range a.As4() {
		for i := 7; i >= 0; i-- {
			one := b&(1<<i) != 0
			if one && ended {
				return 0, fmt.Errorf("%q is not a subnet mask", mask)
			}
			if one {
				bits++
			} else {
				ended = true
			}
		}
	}
	return bits, nil
}
