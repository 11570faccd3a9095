package simulator

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// parseNetplan reads a network configuration of version 2.
func parseNetplan(doc map[string]any) ([]nicConfig, error) {
	if v, ok := doc["version"].(float64); !ok || v != 2 {
		return nil, fmt.Errorf("its version is %v, not 2", doc["version"])
	}
	ethernets, ok := doc["ethernets"].(map[string]any)
	if !ok {
		if doc["ethernets"] == nil {
			return nil, nil
		}
		return nil, errors.New("ethernets is not a mapping")
	}
	var nics []nicConfig
	for _, id := range sortedKeys(ethernets) {
		entry, ok := ethernets[id].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("ethernets.%s is not a mapping", id)
		}
		n, err := parseEthernet(id, entry)
		if err != nil {
			return nil, fmt.Errorf("ethernets.%s: %w", id, err)
		}
		nics = append(nics, n)
	}
	return nics, nil
}

// parseEthernet reads one entry. Netplan refuses a document with a key that it does not
// know, so this does too.
func parseEthernet(id string, entry map[string]any) (nicConfig, error) {
	n := nicConfig{match: id, acceptRA: true, useDNS4: true, useDNS6: true, useRoute4: true, useRoute6: true}
	for _, key := range sortedKeys(entry) {
		if err := n.set(key, entry[key]); err != nil {
			return n, fmt.Errorf("%s: %w", key, err)
		}
	}
	if n.device == "" && n.mac == "" && n.match == id {
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
		return errors.New("Netplan does not know this key")
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
			return fmt.Errorf("Netplan does not know %q", key)
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
			err = errors.New("Netplan does not know this key")
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
			err = errors.New("Netplan does not know this key")
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
