package network_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// record is a resolved interface in words: "?" is unknown, as "?list" is a whole list, "" absent, and the elements of
// a list have spaces between them.
type record struct {
	Name, Device, MTU      string
	Addresses              string
	DHCP4, DHCP6, AcceptRA string
	Gateway4, Gateway6     string
	Nameservers, Search    string
	Routes                 string
	// Sources are initials of levels, for the keys in sourceKeys: i, v, n, b, or - for none.
	Sources string
}

// sourceKeys are the keys of Sources in the order of a record's initials.
var sourceKeys = []string{"addresses", "dhcp4", "dhcp6", "gateway4", "gateway6", "guest_device_name", "mtu", "nameservers", "search_domains", "routes"}

func word[T any](value known.Value[T], say func(T) string) string {
	if value.IsUnknown() {
		return "?"
	}
	if v, ok := value.Get(); ok {
		return say(v)
	}
	return ""
}

func words[T any](list known.List[T], say func(T) string) string {
	if list.IsUnknown() {
		return "?list"
	}
	return word(list, func(elements []known.Value[T]) string {
		said := make([]string, len(elements))
		for i, element := range elements {
			said[i] = word(element, say)
		}
		return strings.Join(said, " ")
	})
}

func itself(s string) string { return s }

func number(n int64) string { return strconv.FormatInt(n, 10) }

func recordOf(config network.InterfaceConfig) record {
	var sources strings.Builder
	for _, key := range sourceKeys {
		sources.WriteString(cmp.Or(string(config.Sources[key]), "-")[:1])
	}
	for key := range config.Sources {
		if !slices.Contains(sourceKeys, key) {
			sources.WriteString(" and " + key)
		}
	}
	return record{
		Name:        word(config.Name, itself),
		Device:      word(config.GuestDeviceName, itself),
		MTU:         word(config.MTU, number),
		Addresses:   words(config.Addresses, netip.Prefix.String),
		DHCP4:       word(config.DHCP4, strconv.FormatBool),
		DHCP6:       word(config.DHCP6, strconv.FormatBool),
		AcceptRA:    word(config.AcceptRA, strconv.FormatBool),
		Gateway4:    word(config.Gateway4, netip.Addr.String),
		Gateway6:    word(config.Gateway6, netip.Addr.String),
		Nameservers: words(config.Nameservers, netip.Addr.String),
		Search:      words(config.SearchDomains, itself),
		Routes: word(config.Routes, func(routes []network.RouteConfig) string {
			said := make([]string, len(routes))
			for i, route := range routes {
				said[i] = strings.TrimSuffix(fmt.Sprintf("%s>%s@%s", word(route.To, itself), word(route.Via, netip.Addr.String), word(route.Metric, number)), "@")
			}
			return strings.Join(said, " ")
		}),
		Sources: sources.String(),
	}
}

func recordsOf(config network.Config) []record {
	var records []record
	for _, nic := range config.Interfaces.Or(nil) {
		records = append(records, recordOf(nic))
	}
	return records
}

// facts lists everything of a configuration that is known and present, by its place, and
// places whose value is unknown with "?".
func facts(config network.Config) map[string]string {
	all := map[string]string{
		"host":       word(config.DNS.HostName, itself),
		"domain":     word(config.DNS.DomainName, itself),
		"dns":        words(config.DNS.Nameservers, netip.Addr.String),
		"search":     words(config.DNS.SearchDomains, itself),
		"interfaces": word(config.Interfaces, func(nics []network.InterfaceConfig) string { return strconv.Itoa(len(nics)) }),
		"vlans": word(config.VLANs, func(vlans []network.VLANConfig) string {
			said := make([]string, len(vlans))
			for i, vlan := range vlans {
				said[i] = word(vlan.Name, itself) + "=" + word(vlan.ID, number) + "@" + word(vlan.Link, itself)
			}
			return strings.Join(said, " ")
		}),
	}
	for i, nic := range recordsOf(config) {
		at := fmt.Sprintf("%d.", i)
		maps.Copy(all, map[string]string{
			at + "name": nic.Name, at + "device": nic.Device, at + "mtu": nic.MTU, at + "addresses": nic.Addresses,
			at + "dhcp4": nic.DHCP4, at + "dhcp6": nic.DHCP6, at + "ra": nic.AcceptRA,
			at + "gateway4": nic.Gateway4, at + "gateway6": nic.Gateway6,
			at + "dns": nic.Nameservers, at + "search": nic.Search, at + "routes": nic.Routes,
		})
	}
	return all
}
