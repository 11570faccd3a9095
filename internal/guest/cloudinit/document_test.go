package cloudinit

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Document is what a metadata document says, in the terms of a configuration.
type Document struct {
	// Settings holds the instance id, the SSH keys and what to wait for.
	Settings Settings
	// Config holds host name, domain name, interfaces and VLANs, the last two by name in
	// alphabetical order: a document does not know the order of the machine's cards, MACs
	// does. Interfaces is absent when the document describes no network of version 2.
	// DNS servers and search domains are those of the interfaces.
	Config network.Config
	// MACs holds the MAC address of each interface that is found by one.
	MACs map[string]network.MAC
	// Unread lists the paths of what the document says beyond all this. Metadata, given
	// the other fields, would lose it.
	Unread []string
}

// ParseMetadata reads a metadata document, one that Metadata rendered or one that somebody
// wrote by hand; network descriptions of version 2, in place or encoded, are read. What
// Metadata rendered comes back as it was, except for what is not in the document: sources,
// the machine's own DNS servers, static addresses next to DHCP.
//
// A document that is wrong is ErrMetadata. What is right and has no place in a
// configuration is listed in Unread.
func ParseMetadata(text string) (Document, error) {
	tree, err := readYAML(text)
	if err != nil {
		return Document{}, fmt.Errorf("%w: %w", ErrMetadata, err)
	}
	var n notes
	root := newSection(&n, tree, "")
	document := Document{MACs: map[string]network.MAC{}}
	document.Settings.InstanceID = root.text("instance-id")
	document.readHostName(root)
	document.readKeys(root)
	document.readWait(root)
	document.readNetwork(root)
	root.close()
	if n.err != nil {
		return Document{}, n.err
	}
	document.Unread = n.unread
	return document, nil
}

// readHostName takes the host name and splits it at its first dot. local-hostname is the one
// that cloud-init acts on.
func (d *Document) readHostName(root section) {
	local, other := root.text("local-hostname"), root.text("hostname")
	if local.IsAbsent() {
		local = other
	} else if other.IsSet() && other != local {
		root.skip("hostname")
	}
	full, found := local.Get()
	if !found {
		return
	}
	host, domain, hasDomain := strings.Cut(full, ".")
	if _, err := netip.ParseAddr(full); err == nil || host == "" {
		host, domain, hasDomain = full, "", false
	}
	d.Config.DNS.HostName = known.Of(host)
	if hasDomain && domain != "" {
		d.Config.DNS.DomainName = known.Of(domain)
	}
}

// readKeys takes the SSH keys: lines of a text, or a list.
func (d *Document) readKeys(root section) {
	var keys []string
	switch value := root.values["public-keys"].(type) {
	case string:
		keys = strings.Split(value, "\n")
	case []any:
		for i, element := range value {
			key, ok := element.(string)
			if !ok {
				root.notes.fail(fmt.Sprintf("public-keys[%d]", i), "%s is found where text is needed", kindOf(element))
			}
			keys = append(keys, key)
		}
	default:
		return // a mapping by name stays unread
	}
	delete(root.values, "public-keys")
	if joined := joinKeys(keys); joined != "" {
		d.Settings.SSHAuthorizedKeys = known.ListOf(strings.Split(joined, "\n")...)
	}
}

// readWait takes the families to wait for. A document that is there and names none says
// not to wait.
func (d *Document) readWait(root section) {
	wait, found := root.child("wait-on-network")
	if !found {
		return
	}
	wait4, wait6 := wait.flag("ipv4").Or(false), wait.flag("ipv6").Or(false)
	if wait4 || !wait6 {
		d.Settings.WaitOnNetwork4 = known.Of(wait4)
	}
	if wait6 || !wait4 {
		d.Settings.WaitOnNetwork6 = known.Of(wait6)
	}
	wait.close()
}

// readNetwork takes the network description: a mapping, or a text in the encoding that
// network.encoding names.
func (d *Document) readNetwork(root section) {
	encoding := root.text("network.encoding")
	value, found := root.take("network")
	if !found {
		return
	}
	if packed, ok := value.(string); ok {
		text, err := Decode(packed, encoding.Or(""))
		if err != nil {
			root.notes.fail("network", "%w", err)
			return
		}
		if value, err = readYAML(text); err != nil {
			root.notes.fail("network", "%w", err)
			return
		}
	}
	plan := newSection(root.notes, value, "network")
	if version, _ := plan.take("version"); version != json.Number("2") {
		root.skip("network")
		return
	}
	d.readEthernets(plan)
	d.readVLANs(plan)
	plan.close()
}

func (d *Document) readEthernets(plan section) {
	ethernets, _ := plan.child("ethernets")
	names := ethernets.keys()
	records := make([]network.InterfaceConfig, 0, len(names))
	for _, name := range names {
		entry, _ := ethernets.child(name)
		records = append(records, d.readEthernet(entry, name))
	}
	d.Config.Interfaces = known.Of(records)
}

func (d *Document) readEthernet(entry section, name string) network.InterfaceConfig {
	record := network.InterfaceConfig{
		Name:            known.Of(name),
		GuestDeviceName: entry.text("set-name"),
		MTU:             entry.count("mtu"),
		Addresses:       list(entry, "addresses", network.ParseCIDR),
		Gateway4:        parsed(entry, "gateway4", gatewayOf(netip.Addr.Is4, "IPv4")),
		Gateway6:        parsed(entry, "gateway6", gatewayOf(netip.Addr.Is6, "IPv6")),
		DHCP4:           known.Of(entry.flag("dhcp4").Or(false)),
		DHCP6:           known.Of(entry.flag("dhcp6").Or(false)),
		Routes:          readRoutes(entry),
	}
	record.AcceptRA = known.Of(entry.flag("accept-ra").Or(record.DHCP6.Or(false)))

	servers, _ := entry.child("nameservers")
	record.Nameservers = list(servers, "addresses", network.ParseAddress)
	record.SearchDomains = list(servers, "search", func(domain string) (string, error) { return domain, nil })
	servers.close()

	found, matched := entry.child("match")
	if mac, ok := parsed(found, "macaddress", network.ParseMAC).Get(); ok {
		d.MACs[name] = mac
	}
	found.close()
	if !matched && record.GuestDeviceName.IsAbsent() {
		record.GuestDeviceName = known.Of(name) // Netplan: without match, the key is the device
	}
	entry.close()
	return record
}

// gatewayOf parses an address of one family.
func gatewayOf(matches func(netip.Addr) bool, family string) func(string) (netip.Addr, error) {
	return func(text string) (netip.Addr, error) {
		address, err := network.ParseAddress(text)
		if err == nil && !matches(address) {
			err = fmt.Errorf("%s is no %s address", address, family)
		}
		return address, err
	}
}

// readRoutes takes the routes that have a next hop; others stay unread.
func readRoutes(entry section) known.Value[[]network.RouteConfig] {
	value, found := entry.take("routes")
	if !found {
		return known.Value[[]network.RouteConfig]{}
	}
	elements, ok := value.([]any)
	if !ok {
		entry.notes.fail(entry.at("routes"), "%s is found where a list is needed", kindOf(value))
	}
	var routes []network.RouteConfig
	for i, element := range elements {
		hop := newSection(entry.notes, element, entry.at("routes")+"["+strconv.Itoa(i)+"]")
		via := parsed(hop, "via", network.ParseAddress)
		to := hop.text("to")
		if via.IsAbsent() || to.IsAbsent() {
			entry.notes.unread = append(entry.notes.unread, hop.path)
			continue
		}
		to, err := destinationOf(to.Or(""), via.Or(netip.Addr{}))
		if err != nil {
			entry.notes.fail(hop.at("to"), "%w", err)
		}
		routes = append(routes, network.RouteConfig{To: to, Via: via, Metric: hop.count("metric")})
		hop.close()
	}
	if len(routes) == 0 {
		return known.Value[[]network.RouteConfig]{}
	}
	return known.Of(routes)
}

// destinationOf reads a route's destination: a network, an address, "default", or the
// network that stands for it in the next hop's family, which becomes "default" again.
func destinationOf(text string, via netip.Addr) (known.Value[string], error) {
	if text == network.RouteDefault {
		return known.Of(text), nil
	}
	if address, err := network.ParseAddress(text); err == nil {
		return known.Of(netip.PrefixFrom(address, address.BitLen()).String()), nil
	}
	prefix, err := network.ParseCIDR(text)
	if err != nil {
		return known.Value[string]{}, err
	}
	if prefix.Bits() == 0 && prefix.Addr().Is4() == via.Is4() {
		return known.Of(network.RouteDefault), nil
	}
	return known.Of(prefix.Masked().String()), nil
}

// readVLANs takes the VLANs. They carry no addresses in a configuration.
func (d *Document) readVLANs(plan section) {
	vlans, found := plan.child("vlans")
	if !found {
		return
	}
	records := make([]network.VLANConfig, 0, len(vlans.values))
	for _, name := range vlans.keys() {
		entry, _ := vlans.child(name)
		record := network.VLANConfig{Name: known.Of(name), ID: entry.number("id"), Link: entry.text("link")}
		if record.ID.IsAbsent() || record.Link.IsAbsent() {
			entry.notes.fail(entry.path, "a VLAN needs id and link")
		}
		records = append(records, record)
		for _, key := range []string{"accept-ra", "dhcp4", "dhcp6"} {
			if entry.flag(key).Or(false) {
				entry.skip(key)
			}
		}
		entry.close()
	}
	d.Config.VLANs = known.Of(records)
}
