package simulator

import (
	"net/netip"

	vcsim "github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// GuestReport is what somebody at the console of a machine would see.
type GuestReport struct {
	Name       string `json:"name"`
	PowerState string `json:"power_state"`
	// Running tells whether the guest has booted and its Tools run.
	Running bool `json:"running"`
	// Boots counts how often the guest has come up.
	Boots    int    `json:"boots"`
	HostName string `json:"host_name,omitempty"`
	Domain   string `json:"domain,omitempty"`
	// InstanceID is cloud-init's, and UserData the decoded user data that it ran for it,
	// UserDataRuns times: once for each instance id.
	InstanceID   string `json:"instance_id,omitempty"`
	UserData     string `json:"user_data,omitempty"`
	UserDataRuns int    `json:"user_data_runs,omitempty"`
	// TimeZone is what a customization set: a name of the tz database, or Windows' index or name.
	TimeZone string `json:"time_zone,omitempty"`
	// Workgroup, or JoinedDomain and DomainOU, are what a Windows guest is a member of.
	Workgroup    string `json:"workgroup,omitempty"`
	JoinedDomain string `json:"joined_domain,omitempty"`
	DomainOU     string `json:"domain_ou,omitempty"`
	// Password is root's or the Administrator's, where a customization set it, and
	// PasswordExpired tells whether it has to be changed at the next login.
	Password        string `json:"password,omitempty"`
	PasswordExpired bool   `json:"password_expired,omitempty"`
	// Script ran before and after the customization, RunOnce at the first logon.
	Script  string   `json:"script,omitempty"`
	RunOnce []string `json:"run_once,omitempty"`
	// Problems say why the guest, or a network card of it, is without network.
	Problems   []string         `json:"problems,omitempty"`
	Interfaces []GuestInterface `json:"interfaces,omitempty"`
}

// GuestInterface is one network card as the guest has configured it.
type GuestInterface struct {
	// Name is the device name in the guest.
	Name    string `json:"name"`
	MAC     string `json:"mac"`
	Network string `json:"network"`
	// Up tells whether the card has an address.
	Up        bool           `json:"up"`
	Addresses []GuestAddress `json:"addresses,omitempty"`
	// Gateways are the next hops of default routes.
	Gateways []netip.Addr `json:"gateways,omitempty"`
	Routes   []GuestRoute `json:"routes,omitempty"`
	// Nameservers and SearchDomains are of this card and of the whole guest.
	Nameservers   []netip.Addr `json:"nameservers,omitempty"`
	SearchDomains []string     `json:"search_domains,omitempty"`
	DHCP4         bool         `json:"dhcp4"`
	DHCP6         bool         `json:"dhcp6"`
	// MTU in bytes.
	MTU int `json:"mtu"`
}

// GuestAddress is an address with its prefix length and where it came from: "manual",
// "dhcp" or "linklayer".
type GuestAddress struct {
	Address netip.Prefix `json:"address"`
	Origin  string       `json:"origin"`
}

// GuestRoute is a route other than the default one.
type GuestRoute struct {
	To     netip.Prefix `json:"to"`
	Via    netip.Addr   `json:"via"`
	Metric int          `json:"metric,omitempty"`
}

// GuestReport returns what the guest of a machine looks like from inside.
func (s *Simulator) GuestReport(name string) (GuestReport, error) {
	ctx := s.context()
	vm, err := s.locate(ctx, name)
	if err != nil {
		return GuestReport{}, err
	}
	var r GuestReport
	ctx.WithLock(vm, func() { r = s.guestReport(vm) })
	return r, nil
}

// guestReport collects the report. The caller holds the machine's lock.
func (s *Simulator) guestReport(vm *vcsim.VirtualMachine) GuestReport {
	r := GuestReport{
		Name: vm.Name, PowerState: string(vm.Runtime.PowerState),
		Running: vm.Guest.ToolsRunningStatus == string(types.VirtualMachineToolsRunningStatusGuestToolsRunning),
	}
	s.agent.with(vm.Self, func(g *guest) {
		r.Boots, r.InstanceID, r.UserData, r.UserDataRuns = g.boots, g.instanceID, g.userData, g.userDataRuns
		p := g.persona
		r.TimeZone, r.Workgroup, r.JoinedDomain, r.DomainOU = p.timeZone, p.workgroup, p.joined, p.unit
		r.Password, r.PasswordExpired, r.Script, r.RunOnce = p.password, p.expired, p.script, p.commands
		if g.view == nil {
			return
		}
		r.HostName, r.Domain, r.Problems = g.view.hostName, g.view.domain, g.view.problems
		for _, n := range g.view.nics {
			r.Interfaces = append(r.Interfaces, n.publish())
		}
	})
	return r
}

// publish is the card for a report.
func (n *nicView) publish() GuestInterface {
	i := GuestInterface{
		Name: n.device, MAC: n.mac, Network: n.network, Up: n.configured, Gateways: n.gateways,
		Nameservers: n.dns, SearchDomains: n.search, DHCP4: n.dhcp4, DHCP6: n.dhcp6, MTU: n.mtu,
	}
	for _, a := range n.addresses {
		i.Addresses = append(i.Addresses, GuestAddress{Address: a.prefix, Origin: a.origin})
	}
	for _, r := range n.routes {
		i.Routes = append(i.Routes, GuestRoute{To: r.to, Via: r.via, Metric: r.metric})
	}
	return i
}
