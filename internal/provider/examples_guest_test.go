package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// labVariable names a directory that receives what each machine's guest was sent,
// and what should come of it, for programs that read it in a real guest.
const labVariable = "GUEST_LAB"

// stateMachine is what the state says of a machine.
type stateMachine struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status struct {
		Bootstrap struct {
			Provider   string `json:"provider"`
			InstanceID string `json:"instance_id"`
		} `json:"bootstrap"`
		Network struct {
			Config struct {
				DNS struct {
					HostName    string   `json:"host_name"`
					DomainName  string   `json:"domain_name"`
					Nameservers []string `json:"nameservers"`
				} `json:"dns"`
				Interfaces []stateInterface `json:"interfaces"`
			} `json:"config"`
		} `json:"network"`
	} `json:"status"`
}

type stateInterface struct {
	GuestDeviceName string `json:"guest_device_name"`
	MTU             *int   `json:"mtu"`
	IP              struct {
		Addresses []string `json:"addresses"`
		Gateway4  string   `json:"gateway4"`
		Gateway6  string   `json:"gateway6"`
		DHCP      struct {
			IP4, IP6 struct {
				Enabled bool `json:"enabled"`
			}
		} `json:"dhcp"`
	} `json:"ip"`
	DNS struct {
		Nameservers   []string `json:"nameservers"`
		SearchDomains []string `json:"search_domains"`
	} `json:"dns"`
	Routes []expectedRoute `json:"routes"`
}

// expected is what a guest should have made of its configuration: the form in which the
// programs of a guest laboratory take it.
type expected struct {
	InstanceID string                       `json:"instance_id"`
	HostName   string                       `json:"hostname"`
	FQDN       string                       `json:"fqdn,omitempty"`
	Only       bool                         `json:"only"`
	Interfaces map[string]expectedInterface `json:"interfaces"`
}

type expectedInterface struct {
	Name      string            `json:"name"`
	DHCP4     bool              `json:"dhcp4"`
	DHCP6     bool              `json:"dhcp6"`
	Addresses []string          `json:"addresses"`
	Gateways  []expectedGateway `json:"gateways"`
	Routes    []expectedRoute   `json:"routes"`
	DNS       []string          `json:"dns"`
	Search    []string          `json:"search"`
	MTU       *int              `json:"mtu"`
}

type expectedGateway struct {
	Via string `json:"via"`
}

type expectedRoute struct {
	To     string `json:"to"`
	Via    string `json:"via"`
	Metric int    `json:"metric,omitempty"`
}

// stateModule is what matters here of a state in JSON.
type stateModule struct {
	Resources []struct {
		Mode, Type string
		Values     json.RawMessage
	} `json:"resources"`
	ChildModules []stateModule `json:"child_modules"`
}

// machinesOf lists the machines of a state, those of modules too.
func machinesOf(state any) ([]stateMachine, error) {
	text, err := json.Marshal(state)
	if err != nil {
		return nil, err
	}
	var document struct {
		Values struct {
			RootModule stateModule `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	return document.Values.RootModule.machines()
}

func (m *stateModule) machines() ([]stateMachine, error) {
	var out []stateMachine
	for _, r := range m.Resources {
		if r.Type != "vmoperator_virtual_machine" || r.Mode != "managed" {
			continue
		}
		var machine stateMachine
		if err := json.Unmarshal(r.Values, &machine); err != nil {
			return nil, err
		}
		out = append(out, machine)
	}
	for i := range m.ChildModules {
		more, err := m.ChildModules[i].machines()
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// expect is what should come of the machine's configuration, given the addresses of its
// network cards in their order.
func (m *stateMachine) expect(macs []string) (expected, error) {
	config := &m.Status.Network.Config
	if len(macs) != len(config.Interfaces) {
		return expected{}, fmt.Errorf("%s has %d interfaces in its status and %d network cards", m.Name, len(config.Interfaces), len(macs))
	}
	out := expected{
		InstanceID: m.Status.Bootstrap.InstanceID,
		HostName:   config.DNS.HostName, Only: true, Interfaces: map[string]expectedInterface{},
	}
	if config.DNS.DomainName != "" {
		out.FQDN = config.DNS.HostName + "." + config.DNS.DomainName
	}
	for i, nic := range config.Interfaces {
		e := expectedInterface{
			Name: nic.GuestDeviceName, DHCP4: nic.IP.DHCP.IP4.Enabled, DHCP6: nic.IP.DHCP.IP6.Enabled,
			Addresses: filled(nic.IP.Addresses), Routes: filled(nic.Routes), Gateways: []expectedGateway{},
			DNS: filled(nic.DNS.Nameservers), Search: filled(nic.DNS.SearchDomains), MTU: nic.MTU,
		}
		for _, gateway := range []string{nic.IP.Gateway4, nic.IP.Gateway6} {
			if gateway != "" {
				e.Gateways = append(e.Gateways, expectedGateway{gateway})
			}
		}
		out.Interfaces[macs[i]] = e
	}
	return out, nil
}

func filled[T any](list []T) []T { return append([]T{}, list...) }

// compare holds a simulated guest against the state.
func (m *stateMachine) compare(guest simulator.GuestReport) error {
	if len(guest.Problems) > 0 {
		return fmt.Errorf("it has problems: %s", strings.Join(guest.Problems, "; "))
	}
	if provider := m.Status.Bootstrap.Provider; provider == "" || provider == "VAppConfig" {
		return nil // it was told nothing, or what only its image understands
	}
	var macs []string
	for _, card := range guest.Interfaces {
		macs = append(macs, card.MAC)
	}
	want, err := m.expect(macs)
	if err != nil {
		return err
	}
	got := expected{InstanceID: guest.InstanceID, HostName: guest.HostName, FQDN: want.FQDN, Only: true, Interfaces: map[string]expectedInterface{}}
	if short, domain, ok := strings.Cut(guest.HostName, "."); ok {
		got.HostName, got.FQDN = short, short+"."+domain
	}
	for i := range guest.Interfaces {
		card := &guest.Interfaces[i]
		told := want.Interfaces[card.MAC]
		got.Interfaces[card.MAC] = seen(card, told)
		if m.Status.Bootstrap.Provider != "CloudInit" {
			// Guest OS customization names no devices, and its name resolution is the whole guest's.
			only := got.Interfaces[card.MAC]
			only.Name, only.DNS, only.Search = told.Name, told.DNS, told.Search
			got.Interfaces[card.MAC] = only
		}
	}
	sorted := cmpopts.SortSlices(strings.Compare)
	if diff := cmp.Diff(want, got, sorted); diff != "" {
		return fmt.Errorf("(-status +guest):\n%s", diff)
	}
	return nil
}

// seen is a simulated guest's card in the form of an expectation. What DHCP adds, and the
// MTU of a card that was told none, are the guest's own affair.
func seen(card *simulator.GuestInterface, want expectedInterface) expectedInterface {
	out := expectedInterface{
		Name: card.Name, DHCP4: card.DHCP4, DHCP6: card.DHCP6, MTU: want.MTU,
		Addresses: []string{}, Gateways: []expectedGateway{}, Routes: []expectedRoute{}, DNS: []string{}, Search: []string{},
	}
	if want.MTU != nil {
		out.MTU = &card.MTU
	}
	for _, address := range card.Addresses {
		if address.Origin == "manual" {
			out.Addresses = append(out.Addresses, address.Address.String())
		}
	}
	for _, gateway := range card.Gateways {
		e := expectedGateway{gateway.String()}
		told := slices.Contains(want.Gateways, e)
		if told || gateway.Is4() && !card.DHCP4 || gateway.Is6() && !card.DHCP6 {
			out.Gateways = append(out.Gateways, e)
		}
	}
	for _, route := range card.Routes {
		out.Routes = append(out.Routes, expectedRoute{route.To.String(), route.Via.String(), route.Metric})
	}
	for _, server := range card.Nameservers {
		if slices.Contains(want.DNS, server.String()) || !card.DHCP4 && !card.DHCP6 {
			out.DNS = append(out.DNS, server.String())
		}
	}
	for _, domain := range card.SearchDomains {
		if slices.Contains(want.Search, domain) || !card.DHCP4 && !card.DHCP6 {
			out.Search = append(out.Search, domain)
		}
	}
	return out
}

// guestinfo reads, past the provider, what vCenter holds for the guest, and the addresses of
// the network cards in their order.
func guestinfo(ctx context.Context, vcenter *simulator.Simulator, instanceUUID string) (map[string]string, []string, error) {
	transport := soap.NewClient(vcenter.URL, false)
	if err := transport.SetRootCAs(vcenter.CAFile); err != nil {
		return nil, nil, err
	}
	client, err := vim25.NewClient(ctx, transport)
	if err != nil {
		return nil, nil, err
	}
	sessions := session.NewManager(client)
	if err := sessions.Login(ctx, url.UserPassword(simulator.User, simulator.Password)); err != nil {
		return nil, nil, err
	}
	defer func() { _ = sessions.Logout(ctx) }()
	found, err := object.NewSearchIndex(client).FindByUuid(ctx, nil, instanceUUID, true, types.NewBool(true))
	if err != nil || found == nil {
		return nil, nil, fmt.Errorf("vCenter has no machine %s: %w", instanceUUID, err)
	}
	var vm mo.VirtualMachine
	if err := object.NewVirtualMachine(client, found.Reference()).Properties(ctx, found.Reference(), []string{"config"}, &vm); err != nil {
		return nil, nil, err
	}
	values := map[string]string{}
	for _, option := range vm.Config.ExtraConfig {
		if o := option.GetOptionValue(); strings.HasPrefix(o.Key, "guestinfo.") {
			values[o.Key] = fmt.Sprint(o.Value)
		}
	}
	cards := object.VirtualDeviceList(vm.Config.Hardware.Device).SelectByType((*types.VirtualEthernetCard)(nil))
	slices.SortFunc(cards, func(a, b types.BaseVirtualDevice) int {
		return int(a.GetVirtualDevice().Key - b.GetVirtualDevice().Key)
	})
	var macs []string
	for _, card := range cards {
		macs = append(macs, card.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard().MacAddress)
	}
	return values, macs, nil
}

func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
