package simulator

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// customize applies the pending customization specification and returns what vCenter shows
// of it. The caller holds the machine's and the agent's lock.
func (a *agent) customize(vm *vcsim.VirtualMachine, g *guest, h *hardware) []types.PropertyChange {
	spec := g.pending
	g.pending = nil
	start := time.Now()
	status, message := types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED, ""
	if len(a.failures) > 0 {
		message, a.failures = a.failures[0], a.failures[1:]
	} else if c, err := customConfig(spec, vm.Name, h); err != nil {
		message = err.Error()
	} else {
		g.custom = c
	}
	if message != "" {
		status = types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED
		g.custom = &machineConfig{problem: message}
	}
	end := time.Now()
	return []types.PropertyChange{
		{Name: "config.tools.pendingCustomization", Val: ""},
		{Name: "config.extraConfig", Val: withoutOption(vm.Config.ExtraConfig, deployPackage)},
		{Name: "guest.customizationInfo", Val: types.GuestInfoCustomizationInfo{
			CustomizationStatus: string(status), StartTime: &start, EndTime: &end, ErrorMsg: message,
		}},
	}
}

// deployPackage is the ExtraConfig key that names the package of a pending customization.
const deployPackage = "tools.deployPkg.fileName"

func withoutOption(options []types.BaseOptionValue, key string) []types.BaseOptionValue {
	kept := make([]types.BaseOptionValue, 0, len(options))
	for _, o := range options {
		if !strings.EqualFold(o.GetOptionValue().Key, key) {
			kept = append(kept, o)
		}
	}
	return kept
}

// customConfig reads a customization specification as the guest's deployment package does.
func customConfig(spec *types.CustomizationSpec, vmName string, h *hardware) (*machineConfig, error) {
	c := &machineConfig{search: spec.GlobalIPSettings.DnsSuffixList}
	for _, s := range spec.GlobalIPSettings.DnsServerList {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return nil, fmt.Errorf("the global DNS server %q is not an address", s)
		}
		c.dns = append(c.dns, a)
	}
	switch id := spec.Identity.(type) {
	case *types.CustomizationLinuxPrep:
		c.hostName, c.domain = customName(id.HostName, vmName), id.Domain
	case *types.CustomizationSysprep:
		c.hostName = customName(id.UserData.ComputerName, vmName)
		if len(c.hostName) > 15 {
			return nil, fmt.Errorf("the computer name %q is longer than 15 characters", c.hostName)
		}
	case *types.CustomizationSysprepText:
	case *types.CustomizationCloudinitPrep:
		parsed, err := parseMetadata(id.Metadata, h.uuid)
		if err != nil {
			return nil, fmt.Errorf("the cloud-init metadata: %w", err)
		}
		return &parsed.machineConfig, nil
	default:
		return nil, fmt.Errorf("the guest does not know the identity %T", spec.Identity)
	}
	for i, m := range spec.NicSettingMap {
		n, err := customNIC(i, m)
		if err != nil {
			return nil, err
		}
		c.nics = append(c.nics, n)
	}
	return c, nil
}

// customNIC reads the settings of one card; they are for the card with their MAC address,
// or for the one at their position.
func customNIC(position int, m types.CustomizationAdapterMapping) (nicConfig, error) {
	n := nicConfig{
		byIndex: m.MacAddress == "", index: position, mac: strings.ToLower(m.MacAddress),
		acceptRA: true, useDNS4: true, useDNS6: true, useRoute4: true, useRoute6: true,
	}
	switch ip := m.Adapter.Ip.(type) {
	case *types.CustomizationDhcpIpGenerator:
		n.dhcp4 = true
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
	default:
		return n, fmt.Errorf("NIC %d: the guest does not know the address generator %T", position, ip)
	}
	gateways := m.Adapter.Gateway
	if six := m.Adapter.IpV6Spec; six != nil {
		for _, g := range six.Ip {
			switch ip := g.(type) {
			case *types.CustomizationDhcpIpV6Generator:
				n.dhcp6 = true
			case *types.CustomizationFixedIpV6:
				a, err := netip.ParseAddr(ip.IpAddress)
				if err != nil {
					return n, fmt.Errorf("NIC %d: %q is not an address", position, ip.IpAddress)
				}
				n.addresses = append(n.addresses, netip.PrefixFrom(a, int(ip.SubnetMask)))
			}
		}
		gateways = append(gateways[:len(gateways):len(gateways)], six.Gateway...)
	}
	for _, text := range gateways {
		g, err := netip.ParseAddr(text)
		switch {
		case err != nil:
			return n, fmt.Errorf("NIC %d: the gateway %q is not an address", position, text)
		case g.Is4():
			n.gateway4 = g
		default:
			n.gateway6 = g
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

func customName(n types.BaseCustomizationName, vmName string) string {
	switch x := n.(type) {
	case *types.CustomizationFixedName:
		return x.Name
	case *types.CustomizationPrefixName:
		return x.Base + "-1"
	default:
		return vmName
	}
}
