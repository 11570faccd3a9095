package network_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestWhatLinuxPrepLosesIsWarnedOf(t *testing.T) {
	t.Parallel()
	static4 := func(nic *network.Interface) {
		nic.Addresses, nic.Gateway4 = list("192.168.1.5/24"), text("192.168.1.1")
	}
	second4 := func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("10.0.0.1") }
	second6 := func(nic *network.Interface) {
		nic.Addresses, nic.Gateway6 = list("10.0.0.5/24", "2001:db8::5/64"), text("2001:db8::1")
	}
	dhcp4 := func(nic *network.Interface) { nic.DHCP4 = known.Of(true) }
	dhcp6 := func(nic *network.Interface) { nic.DHCP4, nic.DHCP6 = known.Of(true), known.Of(true) }
	only6 := func(nic *network.Interface) { nic.Addresses = list("2001:db8::5/64") }
	none := func(nic *network.Interface) { nic.DHCP4 = known.Of(false) }
	two4 := func(nic *network.Interface) { nic.Addresses = list("10.0.0.5/24", "2001:db8::5/64", "10.0.1.5/24") }

	const at0, at1 = "warning P28 network.interface[0].", "warning P28 network.interface[1]."
	tests := map[string]struct {
		spec network.Spec
		want []string // from both together
	}{
		"documents' example":       {machine(eth(0, static4), eth(1, dhcp4)), nil},
		"second gateway":           {machine(eth(0, static4), eth(1, second4)), []string{at1 + "gateway4"}},
		"second gateway, IPv6":     {machine(eth(0, static4), eth(1, second6)), []string{at1 + "gateway6"}},
		"first on DHCP":            {machine(eth(0, dhcp4), eth(1, second4)), []string{at1 + "gateway4"}},
		"first on DHCP by default": {machine(eth(0), eth(1, second4)), []string{at1 + "gateway4"}},
		"DHCPv6":                   {machine(eth(0, dhcp6)), []string{at0 + "dhcp6"}},
		"IPv6 only":                {machine(eth(0, only6)), []string{at0 + "dhcp4"}},
		"no IP":                    {machine(eth(0, none)), []string{at0 + "dhcp4"}},
		"two IPv4 addresses":       {machine(eth(0, two4)), []string{at0 + "addresses"}},
		"default interface":        {machine(), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, b := range []network.Bootstrap{linuxPrep, {LinuxPrep: true, VAppConfig: true}, {LinuxPrep: true, Disabled: known.Of(false)}} {
				problems := append(network.Validate(test.spec, b), network.Review(test.spec, b, network.Defaults{})...)
				expect(t, problems, test.want...)
				for _, problem := range problems {
					if !strings.Contains(problem.Detail, `interface "eth`) {
						t.Errorf("the interface is not named: %s", problem.Detail)
					}
				}
			}
			for _, b := range []network.Bootstrap{
				cloudInit, vAppConfig, nothing,
				{LinuxPrep: true, Disabled: known.Of(true)},
				{LinuxPrep: true, Disabled: known.Unknown[bool]()},
				{LinuxPrep: true, Unknown: true},
			} {
				expect(t, append(network.Validate(test.spec, b), network.Review(test.spec, b, network.Defaults{})...))
			}
		})
	}
	expect(t, network.Validate(machine(eth(0, two4)), sysprep), at0+"addresses")
	expect(t, network.Validate(machine(eth(0, static4), eth(1, second4)), sysprep))
}

func TestLossesAreReportedAsSoonAsTheyAreCertain(t *testing.T) {
	t.Parallel()
	pool6 := network.NetworkDefaults{HasProfile: true, Address6: prefix("2001:db8::9/64"), Gateway6: addr("2001:db8::1"), DHCP6: known.Of(false)}
	dhcp6 := network.NetworkDefaults{HasProfile: true, DHCP4: known.Of(true), DHCP6: known.Of(true)}
	spec := machine(eth(0, func(nic *network.Interface) { nic.DHCP4 = known.Of(true) }), eth(1), network.Interface{Name: known.Unknown[string](), DHCP6: known.Of(true)})

	expect(t, network.Validate(spec, linuxPrep), "warning P28 network.interface[2].dhcp6")
	d := offers(dhcp6, pool6)
	expect(t, network.Review(spec, linuxPrep, d),
		"warning P28 network.interface[0].dhcp6", "warning P28 network.interface[1].dhcp4", "warning P28 network.interface[1].gateway6")
	expect(t, network.Review(spec, linuxPrep, network.Defaults{Unknown: true}))

	expect(t, network.Review(machine(), linuxPrep, offers(pool6)), "warning P28 network.dhcp4")
}

func TestAnAdoptedGatewayMustBeReachable(t *testing.T) {
	t.Parallel()
	d := offers(network.NetworkDefaults{HasProfile: true, Address4: prefix("192.168.5.2/24"), Gateway4: addr("192.168.5.1"), Gateway6: addr("fe80::1")})
	addresses := func(elements ...string) network.Spec {
		return machine(eth(0, func(nic *network.Interface) { nic.Addresses = list(elements...) }))
	}
	expect(t, network.Validate(addresses("172.16.0.7/24"), cloudInit))
	problems := network.Review(addresses("172.16.0.7/24"), cloudInit, d)
	expect(t, problems, "error P14 network.interface[0].gateway4")
	if !strings.Contains(problems[0].Detail, "connected network's gateway") || !strings.Contains(problems[0].Detail, `"None"`) {
		t.Errorf("the way out is not told: %s", problems[0].Detail)
	}
	expect(t, network.Review(addresses("192.168.5.7/24", "2001:db8::5/64"), cloudInit, d))
	expect(t, network.Review(addresses("172.16.0.7"), cloudInit, d))

	declined := machine(eth(0, func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("172.16.0.7/24"), text("None") }))
	expect(t, network.Review(declined, cloudInit, d))
	expect(t, network.Review(machine(eth(0)), cloudInit, d))
}

func TestADeclinedGatewayThatComesWithDHCPIsWarnedOf(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0, func(nic *network.Interface) { nic.Gateway4, nic.Gateway6 = text("None"), text("None") }))
	expect(t, network.Validate(spec, cloudInit))
	expect(t, network.Review(spec, cloudInit, network.Defaults{}), "warning I7 network.interface[0].gateway4")
	expect(t, network.Review(spec, cloudInit, offers(network.NetworkDefaults{HasProfile: true, DHCP6: known.Of(true)})), "warning I9 network.interface[0].gateway6")
	expect(t, network.Review(spec, cloudInit, offers(network.NetworkDefaults{HasProfile: true, Address4: prefix("10.0.0.5/24")})))
	expect(t, network.Review(spec, cloudInit, network.Defaults{Unknown: true}))

	// What was asked for in one breath is an error already, and not told twice.
	spec = machine(eth(0, func(nic *network.Interface) { nic.Gateway4, nic.DHCP4 = text("None"), known.Of(true) }))
	expect(t, network.Review(spec, cloudInit, network.Defaults{}))
}

func TestNothingIsReportedTwice(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0, func(nic *network.Interface) {
		nic.Addresses, nic.Gateway4, nic.MTU = list("10.0.0.5/24", "2001:db8::5/64"), text("10.1.0.1"), known.Of[int64](1000)
	}))
	expect(t, network.Validate(spec, cloudInit), "error P14 network.interface[0].gateway4", "warning P14 network.interface[0].mtu")
	expect(t, network.Review(spec, cloudInit, network.Defaults{}))
}

func TestANextHopOnNoNetworkOfItsInterfaceIsWarnedOf(t *testing.T) {
	t.Parallel()
	const warned = "warning P14 network.interface[0].route[1].via"
	via := func(next string, change func(*network.Interface)) network.Spec {
		return machine(eth(0, change, func(nic *network.Interface) {
			nic.Routes = known.Of([]network.Route{{To: text("10.9.0.0/16"), Via: known.Unknown[string]()}, {To: text("default"), Via: text(next)}})
		}))
	}
	static4 := addressed("", "", "192.168.1.10/24", "172.16.0.10/16")
	dual := addressed("", "", "192.168.1.10/24", "2001:db8::10/64")
	off := func(nic *network.Interface) { nic.DHCP4 = known.Of(false) }
	pool := offers(network.NetworkDefaults{HasProfile: true, Address4: prefix("10.0.0.10/24")})
	later := offers(network.NetworkDefaults{HasProfile: true, Address4: known.Unknown[netip.Prefix]()})
	for name, test := range map[string]struct {
		spec     network.Spec
		defaults network.Defaults
		early    []string // what is told without knowledge of the networks
		late     []string // and with it
	}{
		"inside":                       {spec: via("192.168.1.254", static4)},
		"in the second subnet":         {spec: via("172.16.9.9", static4)},
		"outside":                      {spec: via("10.1.1.1", static4), early: []string{warned}},
		"IPv6 outside":                 {spec: via("2001:db8:1::1", dual), early: []string{warned}},
		"IPv6 link-local":              {spec: via("fe80::1", dual)},
		"IPv4 link-local":              {spec: via("169.254.0.1", static4), early: []string{warned}},
		"no address of its family":     {spec: via("2001:db8::1", static4), late: []string{warned}},
		"no address at all":            {spec: via("10.1.1.1", off), defaults: offers(network.NetworkDefaults{HasProfile: true}), late: []string{warned}},
		"DHCP brings what it may":      {spec: via("10.1.1.1", func(nic *network.Interface) { nic.DHCP4 = known.Of(true) })},
		"DHCP by default":              {spec: via("10.1.1.1", func(*network.Interface) {})},
		"in the pool's subnet":         {spec: via("10.0.0.1", func(*network.Interface) {}), defaults: pool},
		"outside the pool's subnet":    {spec: via("10.1.1.1", func(*network.Interface) {}), defaults: pool, late: []string{warned}},
		"the pool is asked later":      {spec: via("10.1.1.1", func(*network.Interface) {}), defaults: later},
		"next to an address that errs": {spec: via("10.1.1.1", addressed("", "", "192.168.1.10/24", "10.1.1.10")), early: []string{"error I1 network.interface[0].addresses[1]"}},
		"a next hop that is none":      {spec: via("gateway", static4), early: []string{"error I12 network.interface[0].route[1].via"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, network.Validate(test.spec, cloudInit), test.early...)
			problems := network.Review(test.spec, cloudInit, test.defaults)
			expect(t, problems, test.late...)
			for _, problem := range problems {
				if !strings.Contains(problem.Detail, `interface "eth0"`) {
					t.Errorf("the interface is not named: %s", problem.Detail)
				}
			}
		})
	}
}
