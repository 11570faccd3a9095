package gosc

import (
	"encoding/binary"
	"net/netip"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// supported returns Unsupported for the first thing in the record that a specification has
// no place for.
func supported(config network.Config, provider string) error {
	for _, nic := range config.Interfaces.Or(nil) {
		name := nic.Name.Or("")
		servers, _ := known.Elements(nic.Nameservers)
		domains, _ := known.Elements(nic.SearchDomains)
		device := nic.GuestDeviceName.Or("")
		for _, field := range []struct {
			there bool
			name  string
		}{
			{device != "" && device != name, "guest_device_name"},
			{nic.MTU.IsSet(), "mtu"},
			{len(nic.Routes.Or(nil)) > 0, "route"},
			{len(domains) > 0, "search_domains"},
			// On Linux, nameservers are global: the guest ignores those of an adapter.
			{len(servers) > 0 && provider == providerLinuxPrep, "nameservers"},
		} {
			if field.there {
				return Unsupported{Interface: name, Field: field.name, Provider: provider}
			}
		}
	}
	if vlans := config.VLANs.Or(nil); len(vlans) > 0 {
		return Unsupported{Interface: vlans[0].Link.Or(""), Field: "vlan", Provider: provider}
	}
	return nil
}

// adapter makes the settings of one card. Of the IPv4 addresses a specification has room
// for the first, of the IPv6 addresses for all. DHCP of a family leaves out its addresses
// and gateway.
func adapter(nic network.InterfaceConfig, canTurnIPv4Off bool) types.CustomizationIPSettings {
	var v4, v6 []netip.Prefix
	addresses, _ := known.Elements(nic.Addresses)
	for _, address := range addresses {
		if address.Addr().Is4() {
			v4 = append(v4, address)
		} else {
			v6 = append(v6, address)
		}
	}

	var settings types.CustomizationIPSettings
	switch {
	case nic.DHCP4.Or(false):
		settings.Ip = &types.CustomizationDhcpIpGenerator{}
	case len(v4) > 0:
		settings.Ip = &types.CustomizationFixedIp{IpAddress: v4[0].Addr().String()}
		settings.SubnetMask = subnetMask(v4[0])
		if gateway, ok := nic.Gateway4.Get(); ok {
			settings.Gateway = []string{gateway.String()}
		}
	case canTurnIPv4Off:
		settings.Ip = &types.CustomizationDisableIpV4{}
	default:
		// vCenter refuses an adapter without generator, and has none for "no IPv4".
		settings.Ip = &types.CustomizationDhcpIpGenerator{}
	}

	switch {
	case nic.DHCP6.Or(false):
		settings.IpV6Spec = &types.CustomizationIPSettingsIpV6AddressSpec{
			Ip: []types.BaseCustomizationIpV6Generator{&types.CustomizationDhcpIpV6Generator{}},
		}
	case len(v6) > 0:
		settings.IpV6Spec = fixedIPv6(v6, nic.Gateway6)
	}

	servers, _ := known.Elements(nic.Nameservers)
	settings.DnsServerList = texts(servers)
	return settings
}

// fixedIPv6 lists addresses, and the gateway once for each, as VM Operator does.
func fixedIPv6(addresses []netip.Prefix, gateway known.Value[netip.Addr]) *types.CustomizationIPSettingsIpV6AddressSpec {
	var spec types.CustomizationIPSettingsIpV6AddressSpec
	for _, address := range addresses {
		spec.Ip = append(spec.Ip, &types.CustomizationFixedIpV6{
			IpAddress: address.Addr().String(), SubnetMask: int32(address.Bits()),
		})
		if gateway, ok := gateway.Get(); ok {
			spec.Gateway = append(spec.Gateway, gateway.String())
		}
	}
	return &spec
}

// subnetMask writes the length of an IPv4 prefix as a dotted mask.
func subnetMask(prefix netip.Prefix) string {
	const width = 32
	var mask [4]byte
	binary.BigEndian.PutUint32(mask[:], ^uint32(0)<<(width-prefix.Bits()))
	return netip.AddrFrom4(mask).String()
}
