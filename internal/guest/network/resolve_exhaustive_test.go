package network_test

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// said is everything that decides on the addresses of one interface, all of it known. Index 0 is
// IPv4, 1 is IPv6; an empty text says nothing, as a network's DHCP flag that is nil does.
type said struct {
	addresses []string
	dhcp      [2]*bool
	gateway   [2]string
	profile   bool
	pool      [2]string
	flag      [2]*bool
	offered   [2]string // the network's gateway
}

// family is the index of an address.
func family(address string) int {
	if strings.Contains(address, ":") {
		return 1
	}
	return 0
}

func (s *said) wrote(f int) bool {
	return slices.ContainsFunc(s.addresses, func(address string) bool { return family(address) == f })
}

// refused tells of what Validate does not let pass: rules I2, I4 and I6 to I9.
func (s *said) refused() bool {
	for f := range 2 {
		dhcp, gateway := s.dhcp[f] != nil && *s.dhcp[f], s.gateway[f]
		if dhcp && (s.wrote(f) || gateway != "") || gateway != "" && gateway != network.GatewayNone && !s.wrote(f) {
			return true
		}
	}
	return false
}

// outcome is what an interface comes to: addresses, DHCP and gateway of both families, and
// the initials of the levels that they came from.
type outcome [5]string

// outcome decides by the words of the specification, decisions P1 and P3 and the order of
// VM Operator's overlay, one family at a time.
func (s *said) outcome() (values outcome, sources string) {
	from := [5]string{"-", "-", "-", "-", "-"}
	own := len(s.addresses) > 0
	if own {
		values[0], from[0] = strings.Join(s.addresses, " "), "i"
	}
	for f := range 2 {
		asked := s.dhcp[f] != nil && *s.dhcp[f]
		// An enabled pool assigns an address to an interface that names none and does not ask for DHCP.
		assigned := !own && s.pool[f] != "" && !asked
		if assigned {
			values[0], from[0] = strings.TrimSpace(values[0]+" "+s.pool[f]), "n"
		}
		dhcp, level := false, "b"
		switch {
		case s.dhcp[f] != nil: // what is written counts
			dhcp, level = *s.dhcp[f], "i"
		case s.wrote(f): // P3: static addresses turn DHCP of their family off
			level = "i"
		case s.profile: // P1: a pool, or else the profile's flag
			dhcp, level = s.flag[f] != nil && *s.flag[f] && !assigned, "n"
		case f == 0 && !own: // P1: without a profile and an address, DHCPv4
			dhcp = true
		}
		values[1+f], from[1+f] = strconv.FormatBool(dhcp), level
		// A gateway goes with static addresses; one that is not named is the network's.
		switch {
		case !s.wrote(f) && !assigned || s.gateway[f] == network.GatewayNone:
		case s.gateway[f] != "":
			values[3+f], from[3+f] = s.gateway[f], "i"
		case s.offered[f] != "":
			values[3+f], from[3+f] = s.offered[f], "n"
		}
	}
	return values, strings.Join(from[:], "")
}

// choice is one value of a field, in the words of the package and in those of said. A value
// that is not known yet has those that it may turn out to be.
type choice struct {
	set   func(*network.Interface, *network.NetworkDefaults)
	say   func(*said)
	later []choice
}

// unknownOf is a choice that is not known yet.
func unknownOf(set func(*network.Interface, *network.NetworkDefaults), later ...choice) choice {
	return choice{set: set, later: later}
}

// The addresses of the exhaustive test, by family; all of a family are in one subnet.
var (
	static  = [2][2]string{{"10.0.0.5/24", "10.0.0.6/24"}, {"2001:db8::5/64", "2001:db8::6/64"}}
	pooled  = [2][2]string{{"10.0.0.200/24", "10.0.0.201/24"}, {"2001:db8::200/64", "2001:db8::201/64"}}
	through = [2][2]string{{"10.0.0.1", "10.0.0.2"}, {"2001:db8::1", "fe80::1"}}
)

func addressChoices() []choice {
	of := func(addresses ...string) choice {
		return choice{
			set: func(nic *network.Interface, _ *network.NetworkDefaults) { nic.Addresses = list(addresses...) },
			say: func(s *said) { s.addresses = addresses },
		}
	}
	nothing := choice{set: func(*network.Interface, *network.NetworkDefaults) {}, say: func(*said) {}}
	v4, v6, both := of(static[0][0]), of(static[1][0]), of(static[1][1], static[0][1])
	return []choice{
		nothing, of(), v4, v6, both,
		unknownOf(func(nic *network.Interface, _ *network.NetworkDefaults) {
			nic.Addresses = known.Unknown[[]known.Value[string]]()
		}, nothing, v4, v6, both),
		unknownOf(func(nic *network.Interface, _ *network.NetworkDefaults) {
			nic.Addresses = known.Of([]known.Value[string]{known.Unknown[string]()})
		}, v4, v6, of(static[0][1])),
		unknownOf(func(nic *network.Interface, _ *network.NetworkDefaults) {
			nic.Addresses = known.Of([]known.Value[string]{text(static[0][0]), known.Unknown[string]()})
		}, of(static[0][0], static[0][1]), of(static[0][0], static[1][0])),
	}
}

// pointedAt is absent for nil.
func pointedAt(p *bool) known.Value[bool] {
	if p == nil {
		return known.Value[bool]{}
	}
	return known.Of(*p)
}

func dhcpChoices(f int) []choice {
	field := func(nic *network.Interface) *known.Value[bool] {
		return []*known.Value[bool]{&nic.DHCP4, &nic.DHCP6}[f]
	}
	of := func(value *bool) choice {
		return choice{
			set: func(nic *network.Interface, _ *network.NetworkDefaults) { *field(nic) = pointedAt(value) },
			say: func(s *said) { s.dhcp[f] = value },
		}
	}
	on, off := true, false
	all := []choice{of(nil), of(&on), of(&off)}
	return append(all, unknownOf(func(nic *network.Interface, _ *network.NetworkDefaults) { *field(nic) = known.Unknown[bool]() }, all...))
}

func gatewayChoices(f int) []choice {
	field := func(nic *network.Interface) *known.Value[string] {
		return []*known.Value[string]{&nic.Gateway4, &nic.Gateway6}[f]
	}
	of := func(gateway string) choice {
		return choice{
			set: func(nic *network.Interface, _ *network.NetworkDefaults) { *field(nic) = text(gateway) },
			say: func(s *said) { s.gateway[f] = gateway },
		}
	}
	nothing := choice{set: func(*network.Interface, *network.NetworkDefaults) {}, say: func(*said) {}}
	none, other := of(network.GatewayNone), of(through[f][1])
	return []choice{
		nothing, of(""), none, other,
		unknownOf(func(nic *network.Interface, _ *network.NetworkDefaults) { *field(nic) = known.Unknown[string]() },
			nothing, none, other, of(through[f][0])),
	}
}

// networkChoices are networks that say all there is to say of one family, and something of the other.
func networkChoices(f int) []choice {
	on, off := true, false
	none := choice{set: func(*network.Interface, *network.NetworkDefaults) {}, say: func(*said) {}}
	all := []choice{none}
	var certain []choice
	for _, other := range []said{{}, {pool: other(f, pooled[1-f][0]), offered: other(f, through[1-f][0])}, {flag: flagOf(1-f, &on)}} {
		for _, pool := range []string{"", pooled[f][0], "?"} {
			for _, flag := range []*bool{nil, &on, &off} {
				for _, gateway := range []string{"", through[f][0], "?"} {
					profile := profileChoice(f, other, pool, flag, gateway)
					all = append(all, profile)
					if profile.later == nil {
						certain = append(certain, profile)
					}
				}
			}
		}
	}
	return append(all, unknownOf(func(_ *network.Interface, offer *network.NetworkDefaults) { offer.Unknown = true }, append(certain, none)...))
}

func other(f int, address string) (out [2]string) {
	out[1-f] = address
	return out
}

func flagOf(f int, value *bool) (out [2]*bool) {
	out[f] = value
	return out
}

// profileChoice is a network with a profile; "?" is not known yet.
func profileChoice(f int, rest said, pool string, flag *bool, gateway string) choice {
	if pool == "?" {
		return either(func(pool string) choice { return profileChoice(f, rest, pool, flag, gateway) }, pooled[f], func(offer *network.NetworkDefaults) {
			*[]*known.Value[netip.Prefix]{&offer.Address4, &offer.Address6}[f] = known.Unknown[netip.Prefix]()
		})
	}
	if gateway == "?" {
		return either(func(gateway string) choice { return profileChoice(f, rest, pool, flag, gateway) }, through[f], func(offer *network.NetworkDefaults) {
			*[]*known.Value[netip.Addr]{&offer.Gateway4, &offer.Gateway6}[f] = known.Unknown[netip.Addr]()
		})
	}
	s := rest
	s.pool[f], s.flag[f], s.offered[f] = pool, flag, gateway
	return choice{
		set: func(_ *network.Interface, offer *network.NetworkDefaults) { *offer = s.offer() },
		say: func(out *said) { out.profile, out.pool, out.flag, out.offered = true, s.pool, s.flag, s.offered },
	}
}

// either is a choice of which one value is not known: it may be each of two.
func either(of func(string) choice, values [2]string, forget func(*network.NetworkDefaults)) choice {
	first, second := of(values[0]), of(values[1])
	later := append(slices.Clone(first.later), second.later...)
	if first.later == nil {
		later = []choice{first, second}
	}
	return unknownOf(func(nic *network.Interface, offer *network.NetworkDefaults) {
		first.set(nic, offer)
		forget(offer)
	}, later...)
}

// offer is what is said of the network, in the words of the package.
func (s *said) offer() network.NetworkDefaults {
	offer := network.NetworkDefaults{HasProfile: true, DHCP4: pointedAt(s.flag[0]), DHCP6: pointedAt(s.flag[1])}
	for f, address := range s.pool {
		if address != "" {
			*[]*known.Value[netip.Prefix]{&offer.Address4, &offer.Address6}[f] = prefix(address)
		}
	}
	for f, gateway := range s.offered {
		if gateway != "" {
			*[]*known.Value[netip.Addr]{&offer.Gateway4, &offer.Gateway6}[f] = addr(gateway)
		}
	}
	return offer
}

// merged is what is certain of several outcomes: "?" stands for what is not.
func merged(outcomes []outcome) outcome {
	out := outcomes[0]
	for _, next := range outcomes[1:] {
		out[0] = agreement(out[0], next[0])
		for i := range out[1:] {
			if out[i+1] != next[i+1] {
				out[i+1] = "?"
			}
		}
	}
	return out
}

// agreement is what is certain of two lists of addresses.
func agreement(a, b string) string {
	left, right := strings.Fields(a), strings.Fields(b)
	switch {
	case a == b:
		return a
	case len(left) != len(right) || a == "?list":
		return "?list"
	}
	for i := range left {
		if left[i] != right[i] {
			left[i] = "?"
		}
	}
	return strings.Join(left, " ")
}

// Whatever an interface and its network say, alone and together, known or not yet: the outcome
// is the specification's, it is known as soon as it is certain, and only then.
func TestEveryCombinationOfInterfaceAndNetwork(t *testing.T) {
	t.Parallel()
	for f, name := range []string{"IPv4", "IPv6"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dimensions := [][]choice{addressChoices(), dhcpChoices(f), dhcpChoices(1 - f), gatewayChoices(f), networkChoices(f)}
			var count, undecided int
			combine(dimensions, nil, func(chosen []choice) {
				nic := network.Interface{Name: text("eth0")}
				var offer network.NetworkDefaults
				certain, refused := true, false
				for _, c := range chosen {
					c.set(&nic, &offer)
					certain = certain && c.later == nil
				}
				var outcomes []outcome
				var sources string
				combine(refinements(chosen), nil, func(known []choice) {
					var s said
					for _, c := range known {
						c.say(&s)
					}
					if s.refused() {
						refused = true
						return
					}
					var values outcome
					values, sources = s.outcome()
					outcomes = append(outcomes, values)
				})
				if len(outcomes) == 0 {
					return
				}
				count++
				got := recordsOf(network.Resolve(machine(nic), cloudInit, offers(offer)))[0]
				values := outcome{got.Addresses, got.DHCP4, got.DHCP6, got.Gateway4, got.Gateway6}
				want := merged(outcomes)
				for i := range values {
					// Where some of what may come is refused, less than what is certain may be known.
					if want[i] != values[i] && (!refused || !consistent(values[i], want[i])) {
						t.Fatalf("%+v\nwith %+v\nis %q, want %q", nic, offer, values, want)
					}
				}
				if got.AcceptRA != got.DHCP6 {
					t.Fatalf("%+v: router advertisements are %s, DHCPv6 is %s", nic, got.AcceptRA, got.DHCP6)
				}
				if certain && got.Sources[:5] != sources {
					t.Fatalf("%+v\nwith %+v\ncomes from %s, want %s", nic, offer, got.Sources[:5], sources)
				}
				if !certain && !refused {
					undecided++
				}
			})
			if count < 20000 || undecided < 5000 {
				t.Errorf("only %d combinations, %d of them with something that is not known yet", count, undecided)
			}
		})
	}
}

// refinements are the choices that may be in the place of each.
func refinements(chosen []choice) [][]choice {
	all := make([][]choice, len(chosen))
	for i, c := range chosen {
		all[i] = c.later
		if c.later == nil {
			all[i] = []choice{c}
		}
	}
	return all
}

// combine visits each combination of one choice from each dimension.
func combine(dimensions [][]choice, chosen []choice, visit func([]choice)) {
	if len(dimensions) == 0 {
		visit(chosen)
		return
	}
	for _, c := range dimensions[0] {
		combine(dimensions[1:], append(chosen, c), visit)
	}
}
