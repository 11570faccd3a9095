package cloudinit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// ErrNoMAC is returned when an interface has no MAC address of its own. The guest finds its
// cards by MAC address alone.
var ErrNoMAC = errors.New("no usable MAC address")

// netplan is cloud-init's network configuration, version 2, as VM Operator writes it.
// There is no level "network" around it.
type netplan struct {
	Ethernets map[string]ethernet `json:"ethernets,omitempty"`
	Version   int                 `json:"version"`
	VLANs     map[string]vlan     `json:"vlans,omitempty"`
}

type ethernet struct {
	// AcceptRA is always written: left out, the guest decides about router advertisements.
	AcceptRA  bool     `json:"accept-ra"`
	Addresses []string `json:"addresses,omitempty"`
	DHCP4     bool     `json:"dhcp4"`
	DHCP6     bool     `json:"dhcp6"`
	// The interface's own gateways keep the older keys: as a route, older cloud-init turns
	// ::/0 into ::/64 in all renderers but netplan's.
	Gateway4    string      `json:"gateway4,omitempty"`
	Gateway6    string      `json:"gateway6,omitempty"`
	Match       match       `json:"match"`
	MTU         int64       `json:"mtu,omitempty"`
	Nameservers nameservers `json:"nameservers"`
	Routes      []route     `json:"routes,omitempty"`
	SetName     string      `json:"set-name"`
}

type match struct {
	MACAddress string `json:"macaddress"`
}

type nameservers struct {
	Addresses []string `json:"addresses,omitempty"`
	Search    []string `json:"search,omitempty"`
}

type route struct {
	Metric int64  `json:"metric,omitempty"`
	To     string `json:"to"`
	Via    string `json:"via"`
}

type vlan struct {
	AcceptRA bool   `json:"accept-ra"`
	DHCP4    bool   `json:"dhcp4"`
	DHCP6    bool   `json:"dhcp6"`
	ID       int64  `json:"id"`
	Link     string `json:"link"`
}

// newNetplan is the network description that cloud-init gets: version 2, one entry for
// each interface under its name, found in the guest by its MAC address. The MAC addresses
// are those of the machine's devices, by interface name.
//
// The errors name the interface: ErrUnknown where the configuration is not complete,
// ErrNoMAC where a MAC address is missing or another interface's.
func newNetplan(config network.Config, macs map[string]network.MAC) (netplan, error) {
	if err := complete(config); err != nil {
		return netplan{}, err
	}
	document := netplan{Version: 2, Ethernets: map[string]ethernet{}, VLANs: map[string]vlan{}}
	owner := map[network.MAC]string{}
	for _, record := range config.Interfaces.Or(nil) {
		name := record.Name.Or("")
		if _, twice := document.Ethernets[name]; twice {
			return netplan{}, fmt.Errorf("interface %q: the name is there twice, give each interface its own", name)
		}
		mac, ok := macs[name]
		if !ok || mac == "" {
			return netplan{}, fmt.Errorf("interface %q: %w: the addresses of the machine's devices have to be read first", name, ErrNoMAC)
		}
		if other, taken := owner[mac]; taken {
			return netplan{}, fmt.Errorf("interface %q: %w: %s is that of interface %q", name, ErrNoMAC, mac, other)
		}
		owner[mac] = name
		document.Ethernets[name] = newEthernet(record, name, mac)
	}
	for _, record := range config.VLANs.Or(nil) {
		name := record.Name.Or("")
		if _, twice := document.VLANs[name]; twice {
			return netplan{}, fmt.Errorf("VLAN %q: the name is there twice, give each VLAN its own", name)
		}
		document.VLANs[name] = vlan{ID: record.ID.Or(0), Link: record.Link.Or("")}
	}
	return document, nil
}

// complete returns an error that names what is not known, with the interface it belongs to.
func complete(config network.Config) error {
	missing := gaps(config.Unknown())
	for _, record := range config.Interfaces.Or(nil) {
		if !record.Complete() {
			return fmt.Errorf("interface %q: %w", record.Name.Or(""), missing.err())
		}
	}
	return missing.err()
}

// newEthernet renders one interface. DHCP of a family leaves out the family's static
// addresses and gateway.
func newEthernet(record network.InterfaceConfig, name string, mac network.MAC) ethernet {
	entry := ethernet{
		DHCP4:   record.DHCP4.Or(false),
		DHCP6:   record.DHCP6.Or(false),
		Match:   match{MACAddress: mac.String()},
		MTU:     record.MTU.Or(0),
		SetName: cmp.Or(record.GuestDeviceName.Or(""), name),
	}
	entry.AcceptRA = record.AcceptRA.Or(entry.DHCP6)

	var v4, v6 []string
	addresses, _ := known.Elements(record.Addresses)
	for _, address := range addresses {
		switch {
		case address.Addr().Is4() && !entry.DHCP4:
			v4 = append(v4, address.String())
		case address.Addr().Is6() && !entry.DHCP6:
			v6 = append(v6, address.String())
		}
	}
	entry.Addresses = slices.Concat(v4, v6)
	if gateway, ok := record.Gateway4.Get(); ok && !entry.DHCP4 {
		entry.Gateway4 = gateway.String()
	}
	if gateway, ok := record.Gateway6.Get(); ok && !entry.DHCP6 {
		entry.Gateway6 = gateway.String()
	}

	servers, _ := known.Elements(record.Nameservers)
	for _, server := range servers {
		entry.Nameservers.Addresses = append(entry.Nameservers.Addresses, server.String())
	}
	entry.Nameservers.Search, _ = known.Elements(record.SearchDomains)

	for _, hop := range record.Routes.Or(nil) {
		via, _ := hop.Via.Get()
		entry.Routes = append(entry.Routes, route{Metric: hop.Metric.Or(0), To: hop.Destination(), Via: via.String()})
	}
	return entry
}
