package simulator

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// checkCustomization checks a specification by the rules of the vSphere API. The caller holds
// the machine's lock.
func (s *Simulator) checkCustomization(ctx *vcsim.Context, vm *vcsim.VirtualMachine, spec *types.CustomizationSpec) types.BaseMethodFault {
	h := inspect(ctx, vm)
	if f := checkIdentity(spec, vm.Config.GuestId); f != nil {
		return f
	}
	if f := s.checkTools(vm, h); f != nil {
		return f
	}
	if _, ok := spec.Identity.(*types.CustomizationCloudinitPrep); ok {
		return nil // the network is in the metadata
	}
	if len(spec.NicSettingMap) != len(h.nics) {
		f := &types.NicSettingMismatch{NumberOfNicsInSpec: int32(len(spec.NicSettingMap)), NumberOfNicsInVM: int32(len(h.nics))}
		f.FaultMessage = explain("the number of network adapters in the specification, %d, is not the number of those in the virtual machine, %d",
			len(spec.NicSettingMap), len(h.nics))
		return f
	}
	if f := checkMACs(spec, h, s.APIVersion()); f != nil {
		return f
	}
	for i := range spec.NicSettingMap {
		if f := checkAdapter(&spec.NicSettingMap[i].Adapter, fmt.Sprintf("spec.nicSettingMap[%d].adapter.", i)); f != nil {
			return f
		}
	}
	return checkAddresses("spec.globalIPSettings.dnsServerList", spec.GlobalIPSettings.DnsServerList, netip.Addr.IsValid)
}

// checkTools refuses a guest whose Tools vCenter has never seen, as one that was deployed and
// never on, unless it is told not to look.
func (s *Simulator) checkTools(vm *vcsim.VirtualMachine, h *hardware) types.BaseMethodFault {
	seen := false
	s.agent.with(vm.Self, func(g *guest) { seen = g.toolsSeen })
	if seen || strings.EqualFold(h.extraConfig["vmware.tools.gosc.ignoretoolscheck"], "TRUE") {
		return nil
	}
	f := &types.UncustomizableGuest{UncustomizableGuestOS: vm.Config.GuestId}
	f.FaultMessage = explain("Customization of the guest operating system is not supported due to the given reason: Tools is not installed in the GuestOS.")
	return f
}

// checkMACs checks which network cards a specification names, if it names any.
func checkMACs(spec *types.CustomizationSpec, h *hardware, apiVersion string) types.BaseMethodFault {
	last := -1
	seen := map[string]bool{}
	for i, m := range spec.NicSettingMap {
		if m.MacAddress == "" {
			continue
		}
		mac := strings.ToLower(strings.ReplaceAll(m.MacAddress, "-", ":"))
		at := slices.IndexFunc(h.nics, func(n nic) bool { return n.mac == mac })
		mismatch := &types.CustomizationFault{}
		switch {
		case at < 0:
			mismatch.FaultMessage = explain("nicSettingMap[%d]: the virtual machine has no network adapter with the MAC address %s", i, m.MacAddress)
			return mismatch
		case seen[mac]:
			mismatch.FaultMessage = explain("nicSettingMap[%d]: the MAC address %s is there twice", i, m.MacAddress)
			return mismatch
		case at < last && strings.HasPrefix(apiVersion, "7.0"):
			mismatch.FaultMessage = explain("nicSettingMap[%d]: MAC address mismatch: vSphere 7.0 wants the adapters in the order of their PCI slots", i)
			return mismatch
		}
		seen[mac], last = true, at
	}
	return nil
}

// checkAdapter checks the settings of one network card.
func checkAdapter(a *types.CustomizationIPSettings, at string) types.BaseMethodFault {
	invalid := func(property string) types.BaseMethodFault {
		return &types.InvalidArgument{InvalidProperty: at + property}
	}
	switch ip := a.Ip.(type) {
	case *types.CustomizationDhcpIpGenerator, *types.CustomizationDisableIpV4:
	case *types.CustomizationFixedIp:
		if parsed, err := netip.ParseAddr(ip.IpAddress); err != nil || !parsed.Is4() {
			return invalid("ip.ipAddress")
		}
		if _, err := maskBits(a.SubnetMask); err != nil {
			return invalid("subnetMask")
		}
	case *types.CustomizationCustomIpGenerator:
		return &types.IpHostnameGeneratorError{}
	default: // none, or one that a person has to be asked for
		return invalid("ip")
	}
	if f := checkAddresses(at+"gateway", a.Gateway, netip.Addr.Is4); f != nil {
		return f
	}
	if a.IpV6Spec != nil {
		if f := checkIPv6(a.IpV6Spec, at+"ipV6Spec."); f != nil {
			return f
		}
	}
	return checkAddresses(at+"dnsServerList", a.DnsServerList, netip.Addr.IsValid)
}

// checkIPv6 checks the IPv6 settings of one network card.
func checkIPv6(six *types.CustomizationIPSettingsIpV6AddressSpec, at string) types.BaseMethodFault {
	if len(six.Ip) == 0 {
		return &types.InvalidArgument{InvalidProperty: at + "ip"}
	}
	for i, g := range six.Ip {
		invalid := &types.InvalidArgument{InvalidProperty: fmt.Sprintf("%sip[%d]", at, i)}
		switch ip := g.(type) {
		case *types.CustomizationDhcpIpV6Generator, *types.CustomizationStatelessIpV6Generator, *types.CustomizationAutoIpV6Generator:
		case *types.CustomizationFixedIpV6:
			if parsed, err := netip.ParseAddr(ip.IpAddress); err != nil || !parsed.Is6() || ip.SubnetMask < 1 || ip.SubnetMask > 128 {
				return invalid
			}
		case *types.CustomizationCustomIpV6Generator:
			return &types.IpHostnameGeneratorError{}
		default:
			return invalid
		}
	}
	return checkAddresses(at+"gateway", six.Gateway, netip.Addr.Is6)
}

// checkAddresses checks a list of addresses, all of a family.
func checkAddresses(property string, list []string, family func(netip.Addr) bool) types.BaseMethodFault {
	for i, text := range list {
		if a, err := netip.ParseAddr(text); err != nil || !family(a) {
			return &types.InvalidArgument{InvalidProperty: fmt.Sprintf("%s[%d]", property, i)}
		}
	}
	return nil
}
