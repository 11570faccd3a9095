package network_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// input is everything that Validate and Resolve look at.
type input struct {
	spec      network.Spec
	bootstrap network.Bootstrap
	defaults  network.Defaults
}

func (in *input) nic(i int) *network.Interface { return &in.spec.Interfaces.Or(nil)[i] }

func (in *input) validate() []network.Problem {
	return append(network.Validate(in.spec, in.bootstrap), network.Review(in.spec, in.bootstrap, in.defaults)...)
}

func (in *input) resolve() network.Config {
	return network.Resolve(in.spec, in.bootstrap, in.defaults)
}

// rich is a valid input in which every field has a value, or leaves one to a lower level.
func rich() input {
	return input{
		spec: network.Spec{
			VMName: text("my-vm"), HostName: text("web"), DomainName: text("example.com"),
			Nameservers: list("8.8.8.8", "8.8.4.4"), SearchDomains: list("example.com"),
			Disabled: known.Of(false),
			Interfaces: known.Of([]network.Interface{
				{
					Name: text("eth0"), Network: text("front"), Type: text("VMXNet3"), GuestDeviceName: text("ens160"), MACAddr: text("00:50:56:00:ab:cd"),
					Addresses: list("10.0.0.5/24", "2001:db8::5/64"), DHCP4: known.Of(false), DHCP6: known.Of(false),
					Gateway4: text("10.0.0.1"), Gateway6: text("2001:db8::1"), MTU: known.Of[int64](1500),
					Nameservers: list("10.0.0.53"), SearchDomains: list("front.example.com"),
					Routes: known.Of([]network.Route{
						{To: text("10.2.0.0/16"), Via: text("10.0.0.254"), Metric: known.Of[int64](10)},
						{To: text("default"), Via: text("10.0.0.254")},
					}),
				},
				{Name: text("eth1"), Network: text("back")},
				{Name: text("eth2"), Network: text("other"), Addresses: list("10.3.0.5/24")},
			}),
			VLANs: known.Of([]network.VLAN{vlan("vlan100", 100, "eth0"), vlan("vlan200", 200, "eth1")}),
		},
		bootstrap: network.Bootstrap{
			CloudInit: true, GuestID: text("ubuntu64Guest"), Disabled: known.Of(false),
			UseGlobalNameserversAsDefault: known.Of(true), UseGlobalSearchDomainsAsDefault: known.Of(true),
		},
		defaults: network.Defaults{
			Networks: map[string]network.NetworkDefaults{
				"eth1": {
					HasProfile: true, Address4: prefix("10.1.0.5/24"), Gateway4: addr("10.1.0.1"), DHCP6: known.Of(true),
					Nameservers: addrs("10.1.0.53"), SearchDomains: []string{"back.example.com"}, DomainName: "back.example.com",
				},
				"eth2": {HasProfile: true, Address4: prefix("10.3.0.9/24"), Gateway4: addr("10.3.0.1"), DHCP4: known.Of(false)},
			},
			Nameservers: addrs("10.9.0.53"), SearchDomains: []string{"corp.example.com"},
		},
	}
}

// bare is a valid input that leaves almost everything to lower levels.
func bare() input {
	in := rich()
	in.spec.HostName, in.spec.DomainName = known.Value[string]{}, known.Value[string]{}
	in.spec.Nameservers, in.spec.SearchDomains = known.List[string]{}, known.List[string]{}
	in.spec.Disabled, in.spec.VLANs = known.Value[bool]{}, known.Value[[]network.VLAN]{}
	in.spec.Interfaces = known.Of([]network.Interface{eth(0), eth(1), eth(2)})
	in.bootstrap = network.Bootstrap{CloudInit: true}
	return in
}

// broken is an input that offends against a great many rules.
func broken() input {
	in := rich()
	in.spec.HostName, in.spec.DomainName = text("192.0.2.1"), text("example.com")
	in.spec.Nameservers, in.spec.SearchDomains = list("junk", "::ffff:1.1.1.1", "1.1.1.1", "2.2.2.2"), list("x")
	in.spec.Interfaces = known.Of([]network.Interface{
		{
			Name: text("Eth0"), Network: text("front"), Type: text("vmxnet3"), GuestDeviceName: text("abcdefghijklmnopq"), MACAddr: text("junk"),
			Addresses: list("10.0.0.5", "10.0.0.0/24", "2001:db8::5/64"), DHCP4: known.Of(true), DHCP6: known.Of(true),
			Gateway4: text("10.0.1.1"), Gateway6: text("none"), MTU: known.Of[int64](10),
			Nameservers: list("junk", "1.1.1.1", "2.2.2.2", "3.3.3.3"), SearchDomains: list("y"),
			Routes: known.Of([]network.Route{{To: text("10.2.0.1"), Via: text("junk"), Metric: known.Of[int64](0)}, {To: text("10.2.0.0/16"), Via: text("fe80::1")}}),
		},
		{Name: text("eth1"), GuestDeviceName: text("eth2"), Addresses: list("10.0.0.0/24", "10.0.0.9/24"), Gateway4: text("10.1.0.1"), MTU: known.Of[int64](1000)},
		{Name: text("eth2"), DHCP6: known.Of(true), MTU: known.Of[int64](1000), Gateway4: text("None")},
		{Name: text("Eth0"), Gateway6: text("2001:db8::1")},
	})
	in.spec.VLANs = known.Of([]network.VLAN{vlan("eth2", 5000, "nowhere"), vlan("a", 1, "eth1"), vlan("a", 1, "eth1"), vlan("b", 1, "")})
	in.bootstrap.UseGlobalNameserversAsDefault, in.bootstrap.UseGlobalSearchDomainsAsDefault = known.Of(false), known.Of(false)
	return in
}

// gap is one field that can be unknown, and values that it can turn out to have.
type gap struct {
	name    string
	unknown func(*input)
	become  []func(*input)
}

// gapOf makes a gap of a field.
func gapOf[T any](name string, field func(*input) *known.Value[T], values ...T) gap {
	g := gap{name: name, unknown: func(in *input) { *field(in) = known.Unknown[T]() }}
	g.become = append(g.become, func(in *input) { *field(in) = known.Value[T]{} })
	for _, value := range values {
		g.become = append(g.become, func(in *input) { *field(in) = known.Of(value) })
	}
	return g
}

func elements(texts ...string) []known.Value[string] { return known.ListOf(texts...).Or(nil) }

// gaps are all fields of an input with that many interfaces.
func gaps(interfaces int) []gap {
	all := []gap{
		gapOf("name", func(in *input) *known.Value[string] { return &in.spec.VMName }, "vm", "bad_name", "a-name-that-is-long"),
		gapOf("host_name", func(in *input) *known.Value[string] { return &in.spec.HostName }, "host", "bad_name", "192.0.2.1", ""),
		gapOf("domain_name", func(in *input) *known.Value[string] { return &in.spec.DomainName }, "example.org", "c", ""),
		gapOf("disabled", func(in *input) *known.Value[bool] { return &in.spec.Disabled }, true, false),
		gapOf("nameservers", func(in *input) *known.List[string] { return &in.spec.Nameservers }, elements("9.9.9.9"), elements("junk"), elements()),
		gapOf("search_domains", func(in *input) *known.List[string] { return &in.spec.SearchDomains }, elements("z.example"), elements()),
		gapOf("interface", func(in *input) *known.Value[[]network.Interface] { return &in.spec.Interfaces },
			nil, []network.Interface{eth(0), eth(1)}, []network.Interface{eth(0, func(nic *network.Interface) { nic.DHCP6 = known.Of(true) })}),
		gapOf("vlan", func(in *input) *known.Value[[]network.VLAN] { return &in.spec.VLANs }, nil, []network.VLAN{vlan("v", 1, "eth1")}),
		gapOf("bootstrap.disabled", func(in *input) *known.Value[bool] { return &in.bootstrap.Disabled }, true, false),
		gapOf("guest_id", func(in *input) *known.Value[string] { return &in.bootstrap.GuestID }, "windows9_64Guest", "ubuntu64Guest"),
		gapOf("use_global_nameservers_as_default", func(in *input) *known.Value[bool] { return &in.bootstrap.UseGlobalNameserversAsDefault }, true, false),
		gapOf("use_global_search_domains_as_default", func(in *input) *known.Value[bool] { return &in.bootstrap.UseGlobalSearchDomainsAsDefault }, true, false),
		{name: "bootstrap", unknown: func(in *input) { in.bootstrap.Unknown = true }, become: []func(*input){
			func(in *input) { in.bootstrap = cloudInit }, func(in *input) { in.bootstrap = linuxPrep }, func(in *input) { in.bootstrap = sysprep },
			func(in *input) { in.bootstrap = vAppConfig }, func(in *input) { in.bootstrap = nothing },
		}},
		{name: "defaults", unknown: func(in *input) { in.defaults.Unknown = true }, become: []func(*input){
			func(in *input) { in.defaults = network.Defaults{} },
			func(in *input) {
				in.defaults = offers(network.NetworkDefaults{HasProfile: true, Address4: prefix("10.0.0.9/24")}, network.NetworkDefaults{HasProfile: true, DHCP6: known.Of(true), DomainName: "d.example"})
			},
		}},
	}
	for i := range interfaces {
		nic := func(in *input) *network.Interface { return in.nic(i) }
		at := func(field string) string { return fmt.Sprintf("interface[%d].%s", i, field) }
		all = append(all,
			gapOf(at("name"), func(in *input) *known.Value[string] { return &nic(in).Name }, "eth1", "eth7", "interfacenumberone"),
			gap{name: at("network"), unknown: func(in *input) { nic(in).Network = known.Unknown[string]() }, become: []func(*input){
				func(in *input) { delete(in.defaults.Networks, fmt.Sprintf("eth%d", i)) },
				func(in *input) {
					in.defaults.Networks[fmt.Sprintf("eth%d", i)] = network.NetworkDefaults{HasProfile: true, Address6: prefix("2001:db8::9/64"), Gateway6: addr("2001:db8::1"), Gateway4: addr("10.3.0.1"), Nameservers: addrs("1.2.3.4")}
				},
			}},
			gapOf(at("type"), func(in *input) *known.Value[string] { return &nic(in).Type }, "E1000", "junk"),
			gapOf(at("guest_device_name"), func(in *input) *known.Value[string] { return &nic(in).GuestDeviceName }, "ens1", "", "eth1", "eth2", "vlan100"),
			gapOf(at("mac_addr"), func(in *input) *known.Value[string] { return &nic(in).MACAddr }, "00:50:56:00:00:01", "01:50:56:00:00:01", "00:50:56:89:00:01", "junk"),
			gapOf(at("addresses"), func(in *input) *known.List[string] { return &nic(in).Addresses },
				elements("10.0.0.7/24"), elements("2001:db8::7/64"), elements("10.0.0.5/8", "2001:db8::7/64"), elements("junk"), elements()),
			gapOf(at("dhcp4"), func(in *input) *known.Value[bool] { return &nic(in).DHCP4 }, true, false),
			gapOf(at("dhcp6"), func(in *input) *known.Value[bool] { return &nic(in).DHCP6 }, true, false),
			gapOf(at("gateway4"), func(in *input) *known.Value[string] { return &nic(in).Gateway4 }, "10.0.0.1", "10.3.0.1", "None", "", "junk"),
			gapOf(at("gateway6"), func(in *input) *known.Value[string] { return &nic(in).Gateway6 }, "2001:db8::1", "fe80::1", "None", "", "junk"),
			gapOf(at("mtu"), func(in *input) *known.Value[int64] { return &nic(in).MTU }, 1000, 9000, 70000),
			gapOf(at("nameservers"), func(in *input) *known.List[string] { return &nic(in).Nameservers }, elements("1.1.1.1"), elements("junk"), elements()),
			gapOf(at("search_domains"), func(in *input) *known.List[string] { return &nic(in).SearchDomains }, elements("s.example"), elements()),
			gapOf(at("route"), func(in *input) *known.Value[[]network.Route] { return &nic(in).Routes }, nil, []network.Route{{To: text("default"), Via: text("10.0.0.1")}}),
		)
		for _, listed := range []struct {
			name   string
			field  func(*input) *known.List[string]
			values []string
		}{
			{"addresses", func(in *input) *known.List[string] { return &nic(in).Addresses }, []string{"10.0.0.7/24", "10.1.0.7/24", "2001:db8::7/64", "junk"}},
			{"nameservers", func(in *input) *known.List[string] { return &nic(in).Nameservers }, []string{"1.1.1.1", "junk"}},
		} {
			all = append(all, elementGap(at(listed.name)+"[0]", listed.field, listed.values...))
		}
	}
	for j := range 2 {
		at := func(field string) string { return fmt.Sprintf("interface[0].route[%d].%s", j, field) }
		route := func(in *input) *network.Route {
			if routes := in.nic(0).Routes.Or(nil); j < len(routes) {
				return &routes[j]
			}
			return &network.Route{}
		}
		vlanAt := func(in *input) *network.VLAN {
			if vlans := in.spec.VLANs.Or(nil); j < len(vlans) {
				return &vlans[j]
			}
			return &network.VLAN{}
		}
		all = append(all,
			gapOf(at("to"), func(in *input) *known.Value[string] { return &route(in).To }, "10.5.0.0/16", "2001:db8:5::/48", "default", "junk"),
			gapOf(at("via"), func(in *input) *known.Value[string] { return &route(in).Via }, "10.0.0.7", "fe80::7", "junk"),
			gapOf(at("metric"), func(in *input) *known.Value[int64] { return &route(in).Metric }, 5, 0),
			gapOf(fmt.Sprintf("vlan[%d].name", j), func(in *input) *known.Value[string] { return &vlanAt(in).Name }, "v7", "eth1", "vlan200"),
			gapOf(fmt.Sprintf("vlan[%d].id", j), func(in *input) *known.Value[int64] { return &vlanAt(in).ID }, 7, 200, 9999),
			gapOf(fmt.Sprintf("vlan[%d].link", j), func(in *input) *known.Value[string] { return &vlanAt(in).Link }, "eth1", "eth0", "junk", ""),
		)
	}
	return append(all, elementGap("nameservers[0]", func(in *input) *known.List[string] { return &in.spec.Nameservers }, "1.1.1.1", "junk"))
}

// elementGap is a gap in the first element of a list; without elements, the list gets one.
func elementGap(name string, field func(*input) *known.List[string], values ...string) gap {
	put := func(in *input, value known.Value[string]) {
		texts := slices.Clone(field(in).Or(nil))
		if len(texts) == 0 {
			texts = make([]known.Value[string], 1)
		}
		texts[0] = value
		*field(in) = known.Of(texts)
	}
	g := gap{name: name, unknown: func(in *input) { put(in, known.Unknown[string]()) }}
	for _, value := range values {
		g.become = append(g.become, func(in *input) { put(in, known.Of(value)) })
	}
	return g
}

// maker makes the same input again and again, so that one can be changed without another.
type maker struct {
	name       string
	interfaces int
	pairs      bool // try two gaps at once
	make       func() input
}

func makers() []maker {
	with := func(plain func() input, b network.Bootstrap) func() input {
		return func() input {
			in := plain()
			in.bootstrap = b
			return in
		}
	}
	return []maker{
		{"rich", 3, true, rich},
		{"bare", 3, true, bare},
		{"broken", 4, false, broken},
		{"broken for LinuxPrep", 4, false, with(broken, linuxPrep)},
		{"broken for Sysprep", 4, false, with(broken, sysprep)},
		{"broken for nothing", 4, false, with(broken, nothing)},
		{"broken for too many", 4, false, with(broken, network.Bootstrap{CloudInit: true, LinuxPrep: true, Sysprep: true, VAppConfig: true})},
		{"bare for LinuxPrep", 3, false, with(bare, linuxPrep)},
		{"bare for Sysprep", 3, false, with(bare, sysprep)},
		{"bare for vAppConfig", 3, false, with(bare, vAppConfig)},
	}
}

// Whatever is said while one or two fields are unknown still holds when they are known:
// problems stand, and resolved values stay. Terraform calls anything else a bug.
func TestWhatIsSaidWithGapsHoldsWithoutThem(t *testing.T) {
	t.Parallel()
	for _, m := range makers() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			all := gaps(m.interfaces)
			for i, first := range all {
				seconds := all[i:]
				if !m.pairs {
					seconds = seconds[:1]
				}
				for _, second := range seconds {
					open := m.make()
					if !apply(&open, second.unknown) || !apply(&open, first.unknown) {
						continue
					}
					problems, resolved := outline(open.validate()), facts(open.resolve())
					for _, become1 := range first.become {
						closed := m.make()
						if !apply(&closed, second.unknown) || !apply(&closed, become1) {
							continue
						}
						compare(t, first.name+", "+second.name, problems, resolved, &closed)
					}
				}
			}
		})
	}
}

// apply changes an input, and tells whether the place was there.
func apply(in *input, change func(*input)) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	change(in)
	return true
}

func compare(t *testing.T, name string, problems []string, resolved map[string]string, closed *input) {
	t.Helper()
	later := closed.validate()
	standing := outline(later)
	for _, problem := range problems {
		if !slices.Contains(standing, problem) && !superseded(problem, standing) {
			t.Fatalf("%s unknown: %q does not stand; there is %v", name, problem, standing)
		}
	}
	if slices.ContainsFunc(later, func(p network.Problem) bool { return p.Severity == network.Error }) {
		return // what is refused need not be resolved alike
	}
	now := facts(closed.resolve())
	for key, before := range resolved {
		if after, there := now[key]; !there || !consistent(before, after) {
			t.Fatalf("%s unknown: %s is %q, and then %q", name, key, before, after)
		}
	}
}

// superseded tells of a problem in whose place another stands: of the rules on names, only
// the first is reported, and VLANs are not looked at where nobody carries them.
func superseded(problem string, standing []string) bool {
	fields := strings.Fields(problem)
	return slices.ContainsFunc(standing, func(other string) bool {
		rule := strings.Fields(other)[1]
		return strings.HasPrefix(fields[1], "H") && strings.HasPrefix(rule, "H") ||
			strings.HasPrefix(fields[2], "network.vlan") && rule == "V2"
	})
}

// consistent tells whether a value in words may become another.
func consistent(before, after string) bool {
	if before == "?" || before == "?list" || before == after {
		return true
	}
	if !strings.Contains(before, "?") {
		return false
	}
	then, now := strings.Fields(before), strings.Fields(after)
	return slices.EqualFunc(then, now, func(b, a string) bool { return strings.Contains(b, "?") || b == a })
}
