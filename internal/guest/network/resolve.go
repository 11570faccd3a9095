package network

import (
	"net/netip"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// DefaultInterface is the name of the one interface that a machine gets when its
// configuration names none.
const DefaultInterface = "eth0"

// Resolve decides what the guest is told: for each value the highest level of precedence
// that has one, from the interface over the machine and the connected network down to the
// namespace. A value that depends on something unknown is unknown; all others are known.
//
// Resolve expects what Validate lets pass. Of what it does not, entries that do not parse
// are left out, as VM Operator does.
func Resolve(spec Spec, b Bootstrap, d Defaults) Config {
	r := resolver{spec: spec, bootstrap: b, defaults: d}
	interfaces := spec.EffectiveInterfaces()
	resolved := known.Map(interfaces, func(interfaces []Interface) []InterfaceConfig {
		configs := make([]InterfaceConfig, len(interfaces))
		for i, nic := range interfaces {
			configs[i] = r.resolveInterface(nic)
		}
		return configs
	})
	return Config{
		DNS:        r.resolveDNS(interfaces, resolved),
		Interfaces: resolved,
		VLANs:      r.resolveVLANs(),
	}
}

// EffectiveInterfaces returns the network cards that the machine has, in their order: the
// interfaces as written, the single DefaultInterface where none is written, and none where
// the network is disabled.
func (s Spec) EffectiveInterfaces() known.Value[[]Interface] {
	switch isTrue(s.Disabled) {
	case yes:
		return known.Of([]Interface{})
	case maybe:
		return known.Unknown[[]Interface]()
	case no:
	}
	return s.declaredInterfaces()
}

// declaredInterfaces returns what names may refer to: the interfaces as written, also of
// a network that is disabled, or the default one.
func (s Spec) declaredInterfaces() known.Value[[]Interface] {
	if s.Interfaces.IsUnknown() || len(s.Interfaces.Or(nil)) > 0 {
		return s.Interfaces
	}
	switch isTrue(s.Disabled) {
	case yes:
		return known.Of([]Interface{})
	case maybe:
		return known.Unknown[[]Interface]()
	case no:
	}
	return known.Of([]Interface{{Name: known.Of(DefaultInterface)}})
}

// resolver holds what every value is resolved from.
type resolver struct {
	spec      Spec
	bootstrap Bootstrap
	defaults  Defaults
}

// network returns what the network offers that the interface is connected to.
func (r resolver) network(nic Interface) NetworkDefaults {
	if r.defaults.Unknown || nic.Network.IsUnknown() {
		return NetworkDefaults{Unknown: true}
	}
	if nic.Name.IsUnknown() && len(r.defaults.Networks) > 0 {
		return NetworkDefaults{Unknown: true}
	}
	return r.defaults.Networks[nic.Name.Or("")]
}

func (r resolver) resolveInterface(nic Interface) InterfaceConfig {
	config := InterfaceConfig{Name: nic.Name, Sources: map[string]Source{}}
	config.GuestDeviceName = sourced(config.Sources, "guest_device_name", r.guestDeviceName(nic))
	config.MTU = sourced(config.Sources, "mtu", origin[int64]{nic.mtu(), SourceInterface})
	config.Routes = sourced(config.Sources, "routes", origin[[]RouteConfig]{nic.routes(), SourceInterface})

	network := r.network(nic)
	addressing := addressingOf(nic, network)
	config.Addresses = sourced(config.Sources, "addresses", addressing.addresses())
	dhcp4, dhcp6 := addressing.v4.dhcp(), addressing.v6.dhcp()
	config.DHCP4 = sourced(config.Sources, "dhcp4", dhcp4)
	config.DHCP6 = sourced(config.Sources, "dhcp6", dhcp6)
	// Without DHCPv6, router advertisements must be refused explicitly, or the guest
	// configures IPv6 on its own; with it, they bring the default route.
	config.AcceptRA = config.DHCP6
	config.Gateway4 = sourced(config.Sources, "gateway4", addressing.v4.defaultGateway())
	config.Gateway6 = sourced(config.Sources, "gateway6", addressing.v6.defaultGateway())

	static := both(not(isTrue(config.DHCP4)), not(isTrue(config.DHCP6)))
	config.Nameservers = sourced(config.Sources, "nameservers", r.interfaceNameservers(nic, network, static))
	config.SearchDomains = sourced(config.Sources, "search_domains", r.interfaceSearchDomains(nic, network, static))
	return config
}

// origin is a resolved value and the level that it came from.
type origin[T any] struct {
	value  known.Value[T]
	source Source
}

// sourced notes the level of a value that is there, and returns the value.
func sourced[T any](sources map[string]Source, key string, from origin[T]) known.Value[T] {
	if from.value.IsSet() {
		sources[key] = from.source
	}
	return from.value
}

func (r resolver) guestDeviceName(nic Interface) origin[string] {
	switch hasText(nic.GuestDeviceName) {
	case yes:
		return origin[string]{nic.GuestDeviceName, SourceInterface}
	case maybe:
		return origin[string]{value: known.Unknown[string]()}
	case no:
	}
	return origin[string]{nic.Name, SourceBootstrap}
}

// mtu leaves out what Validate refuses and VM Operator drops.
func (i Interface) mtu() known.Value[int64] { return positive(i.MTU) }

// positive makes absent what is zero or less.
func positive(value known.Value[int64]) known.Value[int64] {
	return known.FlatMap(value, func(number int64) known.Value[int64] { return presentIf(number > 0, number) })
}

func (i Interface) routes() known.Value[[]RouteConfig] {
	return known.FlatMap(i.Routes, func(routes []Route) known.Value[[]RouteConfig] {
		var configs []RouteConfig
		for _, route := range routes {
			to, via := parsed(route.To, destination), parsed(route.Via, ParseAddress)
			if to.IsAbsent() || via.IsAbsent() {
				continue
			}
			configs = append(configs, RouteConfig{To: to, Via: via, Metric: positive(route.Metric)})
		}
		return presentIf(len(configs) > 0, configs)
	})
}

// presentIf is a set value under the condition and an absent one otherwise.
func presentIf[T any](condition bool, value T) known.Value[T] {
	if !condition {
		return known.Value[T]{}
	}
	return known.Of(value)
}

// destination accepts what a route may lead to, as it was written.
func destination(to string) (string, error) {
	if to == RouteDefault {
		return to, nil
	}
	_, err := ParseCIDR(to)
	return to, err
}

// parsed converts a text; one that does not parse becomes absent.
func parsed[T any](text known.Value[string], parse func(string) (T, error)) known.Value[T] {
	return known.FlatMap(text, func(literal string) known.Value[T] {
		value, err := parse(literal)
		return presentIf(err == nil, value)
	})
}

// parsedList converts the elements of a list and leaves out those that do not parse. A
// list without elements becomes absent.
func parsedList[T any](list known.List[string], parse func(string) (T, error)) known.List[T] {
	return known.FlatMap(list, func(texts []known.Value[string]) known.List[T] {
		var values []known.Value[T]
		for _, text := range texts {
			if value := parsed(text, parse); !value.IsAbsent() {
				values = append(values, value)
			}
		}
		return presentIf(len(values) > 0, values)
	})
}

// resolveVLANs returns the VLANs as written. Without interfaces there is nothing that
// could carry them.
func (r resolver) resolveVLANs() known.Value[[]VLANConfig] {
	if !r.spec.VLANs.IsUnknown() && len(r.spec.VLANs.Or(nil)) == 0 {
		return known.Value[[]VLANConfig]{}
	}
	switch isTrue(r.spec.Disabled) {
	case yes:
		return known.Value[[]VLANConfig]{}
	case maybe:
		return known.Unknown[[]VLANConfig]()
	case no:
	}
	return known.Map(r.spec.VLANs, func(vlans []VLAN) []VLANConfig {
		configs := make([]VLANConfig, len(vlans))
		for i, vlan := range vlans {
			configs[i] = VLANConfig(vlan)
		}
		return configs
	})
}

// listOf makes a list of known values; none make it absent.
func listOf[T any](values []T) known.List[T] {
	return known.FlatMap(known.ListOf(values...), func(elements []known.Value[T]) known.List[T] {
		return presentIf(len(elements) > 0, elements)
	})
}

// addressList parses IP literals.
func addressList(list known.List[string]) known.List[netip.Addr] {
	return parsedList(list, ParseAddress)
}

// textList leaves out null elements.
func textList(list known.List[string]) known.List[string] {
	return parsedList(list, func(text string) (string, error) { return text, nil })
}
