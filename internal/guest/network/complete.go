package network

import "github.com/vmoperator/terraform-provider-vmoperator/internal/known"

// Complete reports whether everything in the configuration is known, which renderers need.
func (c Config) Complete() bool { return len(c.Unknown()) == 0 }

// Unknown lists what is not known yet, as paths of the Terraform surface.
func (c Config) Unknown() []Path {
	var unknown gaps
	root := Path{"network"}
	gap(&unknown, root.At("host_name"), c.DNS.HostName)
	gap(&unknown, root.At("domain_name"), c.DNS.DomainName)
	gapInList(&unknown, root.At("nameservers"), c.DNS.Nameservers)
	gapInList(&unknown, root.At("search_domains"), c.DNS.SearchDomains)
	gap(&unknown, root.At("interface"), c.Interfaces)
	for i, nic := range c.Interfaces.Or(nil) {
		nic.gaps(&unknown, root.At("interface", i))
	}
	gap(&unknown, root.At("vlan"), c.VLANs)
	for i, vlan := range c.VLANs.Or(nil) {
		path := root.At("vlan", i)
		gap(&unknown, path.At("name"), vlan.Name)
		gap(&unknown, path.At("id"), vlan.ID)
		gap(&unknown, path.At("link"), vlan.Link)
	}
	return unknown
}

// Complete reports whether everything about the interface is known. While it is not, its
// Sources may still change too.
func (c InterfaceConfig) Complete() bool {
	var unknown gaps
	c.gaps(&unknown, nil)
	return len(unknown) == 0
}

func (c InterfaceConfig) gaps(unknown *gaps, path Path) {
	gap(unknown, path.At("name"), c.Name)
	gap(unknown, path.At("guest_device_name"), c.GuestDeviceName)
	gap(unknown, path.At("mtu"), c.MTU)
	gapInList(unknown, path.At("addresses"), c.Addresses)
	gap(unknown, path.At("dhcp4"), c.DHCP4)
	gap(unknown, path.At("dhcp6"), c.DHCP6)
	gap(unknown, path.At("gateway4"), c.Gateway4)
	gap(unknown, path.At("gateway6"), c.Gateway6)
	gapInList(unknown, path.At("nameservers"), c.Nameservers)
	gapInList(unknown, path.At("search_domains"), c.SearchDomains)
	gap(unknown, path.At("route"), c.Routes)
	for i, route := range c.Routes.Or(nil) {
		gap(unknown, path.At("route", i, "to"), route.To)
		gap(unknown, path.At("route", i, "via"), route.Via)
		gap(unknown, path.At("route", i, "metric"), route.Metric)
	}
}

// gaps collects the paths of unknown values.
type gaps []Path

func gap[T any](unknown *gaps, path Path, value known.Value[T]) {
	if value.IsUnknown() {
		*unknown = append(*unknown, path)
	}
}

func gapInList[T any](unknown *gaps, path Path, list known.List[T]) {
	gap(unknown, path, list)
	for i, element := range list.Or(nil) {
		gap(unknown, path.At(i), element)
	}
}
