package network

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// What vSphere, VM Operator and Linux take as an interface.
const (
	maxDeviceNameBytes = 15 // IFNAMSIZ without its terminator
	minMTU             = 68 // RFC 791
	maxMTU             = 65535
	jumboMTU           = 9216 // the most that vSphere's switches and most others forward
	minMTUIPv6         = 1280 // RFC 8200
)

var (
	interfaceNamePattern = regexp.MustCompile(`^[a-z0-9]{2,}$`)
	deviceNamePattern    = regexp.MustCompile(`^\w\w+$`)
)

// InterfaceTypes returns the types of virtual network card, as they are spelt.
func InterfaceTypes() []string {
	return []string{"VMXNet3", "SRIOV", "E1000", "E1000e", "VMXNet2", "PCNet32"}
}

// interfaces judges the interfaces, each by itself and all among each other.
func (v *validation) interfaces() {
	nics := v.spec.Interfaces.Or(nil)
	root := Path{"network", "interface"}
	if len(nics) > MaxInterfaces {
		v.refuse(ruleInterface, root.At(MaxInterfaces, "name"), "Too many network interfaces",
			"%d interfaces are configured, and a virtual machine has at most %d. Remove this one and those that follow.", len(nics), MaxInterfaces)
	}
	for i, nic := range nics {
		path := root.At(i)
		v.interfaceName(path.At("name"), nic.Name)
		v.interfaceType(path.At("type"), nic.Type)
		v.deviceName(path, nic)
		v.mac(path.At("mac_addr"), nic.MACAddr)
		v.mtu(path.At("mtu"), nic.MTU)
		v.carried(path, nic)
		v.addressing(path, nic)
		v.searchDomains(path.At("search_domains"), nic.SearchDomains)
		v.literals(ruleNameserver, path.At("nameservers"), nic.Nameservers)
		v.resolverLimit(path.At("nameservers"), nic.Nameservers)
		for j, route := range nic.Routes.Or(nil) {
			v.route(path.At("route", j), route)
		}
	}
	v.uniqueNames(root, nics)
	v.uniqueMACs(root, nics)
	v.uniqueAddresses(root, nics)
}

func (v *validation) interfaceName(path Path, name known.Value[string]) {
	const form = "An interface name is two or more lower-case letters and digits, such as \"eth0\""
	if name.IsAbsent() {
		v.refuse(ruleInterface, path, "Interface has no name", form+". Set name.")
		return
	}
	if text, ok := name.Get(); ok && !interfaceNamePattern.MatchString(text) {
		v.refuse(ruleInterface, path, "Interface name is not valid",
			form+", and this one is %q. The name of the device in the guest can be another: set guest_device_name for that.", text)
	}
}

func (v *validation) interfaceType(path Path, kind known.Value[string]) {
	text, ok := kind.Get()
	types := InterfaceTypes()
	if !ok || slices.Contains(types, text) {
		return
	}
	suggestion := ""
	if i := slices.IndexFunc(types, func(kind string) bool { return strings.EqualFold(kind, text) }); i >= 0 {
		suggestion = fmt.Sprintf(" Write %q.", types[i])
	}
	v.refuse(ruleType, path, "Network card type does not exist",
		"The type is %q, and must be one of %s, spelt like that.%s", text, strings.Join(types, ", "), suggestion)
}

// deviceName judges the name that the guest gives the device: the one that was written,
// or with cloud-init also the interface's own in its place.
func (v *validation) deviceName(path Path, nic Interface) {
	text, written := nic.GuestDeviceName.Get()
	if written && !deviceNamePattern.MatchString(text) {
		v.refuse(ruleDeviceName, path.At("guest_device_name"), "Guest device name is not valid",
			"A guest device name is two or more letters, digits and underscores, and this one is %q. Change it, or leave it out to use the interface's name.", text)
	}
	at := path.At("guest_device_name")
	if !written {
		if !nic.GuestDeviceName.IsAbsent() || v.bootstrap.uses(v.bootstrap.CloudInit) != yes {
			return
		}
		at, text = path.At("name"), nic.Name.Or("")
	}
	if len(text) > maxDeviceNameBytes {
		v.refuse(ruleReachable, at, "Guest device name is too long",
			"The device %q would have a name of %d bytes, and Linux takes %d at the most, so that the guest would stay without network. Set guest_device_name to a shorter one.", text, len(text), maxDeviceNameBytes)
	}
}

func (v *validation) mac(path Path, mac known.Value[string]) {
	text, ok := mac.Get()
	if !ok {
		return
	}
	normalised, err := ParseMAC(text)
	switch {
	case err != nil:
		v.refuse(ruleMAC, path, "MAC address is not valid", "%s. Leave it out to have vCenter choose one.", sentence(err))
	case strings.Contains(text, "-"):
		v.refuse(ruleMAC, path, "MAC address is not valid", "%q is written with dashes. Write %q.", text, normalised)
	default:
		v.reservedMAC(path, normalised)
	}
}

// reservedMAC refuses an address that no card can have, and warns of one that a host may
// refuse: a machine that is adopted with the address that vCenter gave it keeps it.
func (v *validation) reservedMAC(path Path, mac MAC) {
	switch why, impossible := mac.Reserved(); {
	case impossible:
		v.refuse(ruleMAC, path, "MAC address is not that of a card",
			"%q %s. Write another one, such as \"00:50:56:00:00:01\", or leave it out to have vCenter choose one.", mac, why)
	case why != "":
		v.warn(ruleMAC, path, "MAC address is in a range that VMware keeps",
			"%q %s: hosts do not turn on a machine that is given such an address, unless ethernetN.checkMACAddress forbids them to look. Use one from 00:50:56:00:00:00 to 00:50:56:3f:ff:ff or a locally administered one, or leave it out to have vCenter choose, or keep, one.", mac, why)
	}
}

func (v *validation) mtu(path Path, mtu known.Value[int64]) {
	size, ok := mtu.Get()
	switch {
	case !ok:
	case size < minMTU || size > maxMTU:
		v.refuse(ruleReachable, path, "MTU is out of range",
			"The MTU is %d bytes, and must be from %d to %d, or the guest stays without network. Leave it out to use the guest's default.", size, minMTU, maxMTU)
	case size > jumboMTU:
		v.warn(ruleReachable, path, "MTU is very large",
			"The MTU is %d bytes, and few switches forward more than %d. Check that all between the guest and its peers do, or lower it.", size, jumboMTU)
	}
}

// carried judges whether the bootstrap provider has a place for what an interface says.
func (v *validation) carried(path Path, nic Interface) {
	b := v.bootstrap
	if b.Unknown || b.CloudInit {
		return
	}
	refuse := func(rule, name string, at Path) {
		v.refuse(rule, at, "Bootstrap provider cannot carry "+name,
			"%s of an interface needs cloud_init to carry it into the guest, and %s. Remove it, or configure cloud_init in bootstrap.", name, b.inUse())
	}
	if hasText(nic.GuestDeviceName) == yes {
		refuse(ruleDeviceNameProvider, "guest_device_name", path.At("guest_device_name"))
	}
	if nic.MTU.IsSet() {
		refuse(ruleMTUProvider, "mtu", path.At("mtu"))
	}
	if len(nic.Routes.Or(nil)) > 0 {
		refuse(ruleRoutesProvider, "route", path.At("route", 0))
	}
	if hasElements(nic.SearchDomains) == yes {
		refuse(ruleSearchProvider, "search_domains", path.At("search_domains"))
	}
	if hasElements(nic.Nameservers) == yes && !b.Sysprep {
		v.refuse(ruleNameserversProvider, path.At("nameservers"), "Bootstrap provider cannot carry nameservers",
			"nameservers of an interface need cloud_init or sysprep to carry them into the guest, and %s. %s", b.inUse(), b.nameserversElsewhere())
	}
}

// nameserversElsewhere says where nameservers can go that an interface cannot have.
func (b Bootstrap) nameserversElsewhere() string {
	if b.LinuxPrep {
		return "Move them to network.nameservers, which linux_prep carries."
	}
	return "Remove them, or configure cloud_init in bootstrap."
}

// uniqueNames judges the names of interfaces and of their devices among each other.
func (v *validation) uniqueNames(root Path, nics []Interface) {
	byName, byDevice := map[string]int{}, map[string]int{}
	for i, nic := range nics {
		name, named := nic.Name.Get()
		if first, taken := byName[name]; named && taken {
			v.refuse(ruleInterface, root.At(i, "name"), "Interface name is used twice",
				"%s and this interface are both named %q. Give each interface a name of its own.", root.At(first), name)
		} else if named {
			byName[name] = i
		}
	}
	for i, nic := range nics {
		device, ok := deviceOf(nic).Get()
		if !ok || device == "" {
			continue
		}
		first, taken := byDevice[device]
		if !taken {
			byDevice[device] = i
			continue
		}
		at, written := i, hasText(nic.GuestDeviceName) == yes
		if !written {
			// The one that was written is to blame, not the name that it collides with.
			at, written = first, hasText(nics[first].GuestDeviceName) == yes
		}
		if written {
			v.refuse(ruleReachable, root.At(at, "guest_device_name"), "Guest device name is used twice",
				"%s and %s would both be the device %q, so that the guest would stay without network. Give each a name of its own.", root.At(first), root.At(i), device)
		}
	}
}

// deviceOf is the name of the device in the guest.
func deviceOf(nic Interface) known.Value[string] {
	if hasText(nic.GuestDeviceName) == no {
		return nic.Name
	}
	return nic.GuestDeviceName
}

// uniqueMACs judges MAC addresses among each other: everything in a guest finds its
// interface by them, and cloud-init gives up on two alike.
func (v *validation) uniqueMACs(root Path, nics []Interface) {
	seen := map[MAC]int{}
	for i, nic := range nics {
		mac, ok := parsed(nic.MACAddr, ParseMAC).Get()
		if !ok {
			continue
		}
		if first, taken := seen[mac]; taken {
			v.refuse(ruleMAC, root.At(i, "mac_addr"), "MAC address is used twice",
				"%s and this interface both have the MAC address %q, so that the guest could not tell them apart. Change one of them.", root.At(first), mac)
			continue
		}
		seen[mac] = i
	}
}

// uniqueAddresses warns of IP addresses that the machine would have twice.
func (v *validation) uniqueAddresses(root Path, nics []Interface) {
	seen := map[netip.Addr]Path{}
	for i, nic := range nics {
		for j, element := range nic.Addresses.Or(nil) {
			prefix, ok := parsed(element, ParseCIDR).Get()
			if !ok {
				continue
			}
			path := root.At(i, "addresses", j)
			if first, taken := seen[prefix.Addr()]; taken {
				v.warn(ruleReachable, path, "Address is used twice", "%s is also %s. Remove one of them.", prefix.Addr(), first)
				continue
			}
			seen[prefix.Addr()] = path
		}
	}
}
