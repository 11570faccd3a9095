package simulator

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// errUnknownKey is why Netplan refuses a whole document.
var errUnknownKey = errors.New("it is not a key that Netplan knows")

// parseNetplan reads a network configuration of version 2.
func parseNetplan(doc map[string]any) ([]nicConfig, error) {
	if v, ok := doc["version"].(float64); !ok || v != 2 {
		return nil, fmt.Errorf("its version is %v, not 2", doc["version"])
	}
	for _, key := range sortedKeys(doc) {
		switch key {
		case "version", "renderer", "ethernets", "vlans":
		case "bonds", "bridges", "wifis", "modems", "tunnels", "vrfs", "dummy-devices", "openvswitch", "nm-devices":
			return nil, fmt.Errorf("the simulator's guest does not have %s", key)
		default:
			return nil, fmt.Errorf("%q: %w", key, errUnknownKey)
		}
	}
	nics, err := parseEntries(doc, "ethernets")
	if err != nil {
		return nil, err
	}
	vlans, err := parseEntries(doc, "vlans")
	if err != nil {
		return nil, err
	}
	for i := range vlans {
		link := slices.IndexFunc(nics, func(n nicConfig) bool { return n.id == vlans[i].link })
		if link < 0 {
			return nil, fmt.Errorf("vlans.%s: its link %q is not among the ethernets", vlans[i].id, vlans[i].link)
		}
		nics[link].vlans = append(nics[link].vlans, vlans[i])
	}
	return nics, nil
}

// parseEntries reads the interfaces of one kind.
func parseEntries(doc map[string]any, kind string) ([]nicConfig, error) {
	entries, ok := doc[kind].(map[string]any)
	if !ok {
		if doc[kind] == nil {
			return nil, nil
		}
		return nil, fmt.Errorf("%s is not a mapping", kind)
	}
	var nics []nicConfig
	for _, id := range sortedKeys(entries) {
		entry, ok := entries[id].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s.%s is not a mapping", kind, id)
		}
		n, err := parseEntry(id, entry, kind == "vlans")
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", kind, id, err)
		}
		nics = append(nics, n)
	}
	return nics, nil
}

// parseEntry reads one entry. Netplan refuses a document with a key that it does not know,
// so this does too.
func parseEntry(id string, entry map[string]any, vlan bool) (nicConfig, error) {
	n := nicConfig{id: id, match: id, acceptRA: true, useDNS4: true, useDNS6: true, useRoute4: true, useRoute6: true}
	for _, key := range sortedKeys(entry) {
		var err error
		switch {
		case key == "id" && vlan:
			n.vlan, err = number(entry[key])
		case key == "link" && vlan:
			n.link, err = str(entry[key])
		case vlan && (key == "match" || key == "set-name"):
			err = errors.New("a VLAN has no such key")
		default:
			err = n.set(key, entry[key])
		}
		if err != nil {
			return n, fmt.Errorf("%s: %w", key, err)
		}
	}
	if vlan && (n.vlan < 0 || n.vlan > 4094 || entry["id"] == nil) {
		return n, fmt.Errorf("its VLAN id %v is not from 0 to 4094", entry["id"])
	}
	if vlan || (n.device == "" && n.mac == "" && n.match == id) {
		n.device = id
	}
	return n, nil
}

// set takes one key of an entry.
func (n *nicConfig) set(key string, value any) (err error) {
	switch key {
	case "match":
		return n.setMatch(value)
	case "set-name":
		n.device, err = str(value)
	case "addresses":
		n.addresses, err = each(value, prefix)
	case "dhcp4":
		n.dhcp4, err = boolean(value)
	case "dhcp6":
		n.dhcp6, err = boolean(value)
	case "accept-ra":
		n.acceptRA, err = boolean(value)
	case "gateway4":
		n.gateway4, err = address(value)
	case "gateway6":
		n.gateway6, err = address(value)
	case "mtu":
		n.mtu, err = number(value)
	case "nameservers":
		return n.setNameservers(value)
	case "routes":
		n.routes, err = each(value, parseRoute)
	case "dhcp4-overrides":
		n.useDNS4, n.useRoute4, err = overrides(value)
	case "dhcp6-overrides":
		n.useDNS6, n.useRoute6, err = overrides(value)
	case "dhcp-identifier", "link-local", "optional", "wakeonlan", "critical", "renderer":
		// Known to Netplan, and without a trace in what Tools report.
	default:
		return errUnknownKey
	}
	return err
}

func (n *nicConfig) setMatch(value any) error {
	m, ok := value.(map[string]any)
	if !ok {
		return errors.New("not a mapping")
	}
	for key, v := range m {
		text, err := str(v)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		switch key {
		case "macaddress":
			n.mac, n.match = strings.ToLower(text), ""
		case "name":
			n.match = text
		case "driver":
		default:
			return fmt.Errorf("%q: %w", key, errUnknownKey)
		}
	}
	return nil
}

func (n *nicConfig) setNameservers(value any) error {
	m, ok := value.(map[string]any)
	if !ok {
		return errors.New("not a mapping")
	}
	for key, v := range m {
		var err error
		switch key {
		case "addresses":
			n.dns, err = each(v, address)
		case "search":
			n.search, err = each(v, str)
		default:
			err = errUnknownKey
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func parseRoute(value any) (route, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return route{}, errors.New("not a mapping")
	}
	var r route
	var to string
	var err error
	for key, v := range m {
		switch key {
		case "to":
			to, err = str(v)
		case "via":
			r.via, err = address(v)
		case "metric":
			r.metric, err = number(v)
		case "on-link":
			r.onLink, err = boolean(v)
		case "table", "scope", "type", "from", "mtu":
		default:
			err = errUnknownKey
		}
		if err != nil {
			return r, fmt.Errorf("%s: %w", key, err)
		}
	}
	switch {
	case to == "":
		return r, errors.New("it has no destination")
	case to == "default" && r.via.Is6():
		r.to = netip.MustParsePrefix("::/0")
	case to == "default":
		r.to = netip.MustParsePrefix("0.0.0.0/0")
	default:
		if r.to, err = prefix(to); err != nil {
			return r, fmt.Errorf("to: %w", err)
		}
	}
	if !r.via.IsValid() {
		return r, errors.New("it has no next hop")
	}
	if r.via.Is4() != r.to.Addr().Is4() {
		return r, fmt.Errorf("its next hop %s and its destination %s are of two families", r.via, r.to)
	}
	return r, nil
}

// overrides reads use-dns and use-routes, both true when absent.
func overrides(value any) (dns, routes bool, err error) {
	m, ok := value.(map[string]any)
	if !ok {
		return true, true, errors.New("not a mapping")
	}
	dns, routes = true, true
	if v, ok := m["use-dns"]; ok {
		if dns, err = boolean(v); err != nil {
			return dns, routes, fmt.Errorf("use-dns: %w", err)
		}
	}
	if v, ok := m["use-routes"]; ok {
		if routes, err = boolean(v); err != nil {
			return dns, routes, fmt.Errorf("use-routes: %w", err)
		}
	}
	return dns, routes, nil
}

func each[T any](value any, read func(any) (T, error)) ([]T, error) {
	list, ok := value.([]any)
	if !ok {
		if value == nil {
			return nil, nil
		}
		return nil, errors.New("not a list")
	}
	out := make([]T, 0, len(list))
	for i, v := range list {
		x, err := read(v)
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		out = append(out, x)
	}
	return out, nil
}

func str(value any) (string, error) {
	s, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("%v is not a string", value)
	}
	return s, nil
}

func boolean(value any) (bool, error) {
	b, ok := value.(bool)
	if !ok {
		return false, fmt.Errorf("%v is not a boolean", value)
	}
	return b, nil
}

func number(value any) (int, error) {
	f, ok := value.(float64)
	if !ok || f != float64(int(f)) {
		return 0, fmt.Errorf("%v is not an integer", value)
	}
	return int(f), nil
}

func address(value any) (netip.Addr, error) {
	s, err := str(value)
	if err != nil {
		return netip.Addr{}, err
	}
	return netip.ParseAddr(s)
}

func prefix(value any) (netip.Prefix, error) {
	s, err := str(value)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.ParsePrefix(s)
}
