package network_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// poolsOf is a predicate of ranges by interface name.
func poolsOf(ranges map[string]netip.Prefix) func(string, netip.Addr) string {
	return func(name string, address netip.Addr) string {
		if ranges[name].Contains(address) {
			return `network protocol profile "lab" (3)`
		}
		return ""
	}
}

func TestStaticAddressesInAPoolOfTheirNetworkAreWarnedOf(t *testing.T) {
	t.Parallel()
	in := func(elements ...string) func(*network.Interface) {
		return func(nic *network.Interface) { nic.Addresses = list(elements...) }
	}
	pools := poolsOf(map[string]netip.Prefix{
		"eth0": netip.MustParsePrefix("10.0.0.128/25"), "eth1": netip.MustParsePrefix("2001:db8::/112"),
	})
	unknownName, unknownNetwork := eth(0, in("10.0.0.200/24")), eth(0, in("10.0.0.200/24"))
	unknownName.Name, unknownNetwork.Network = known.Unknown[string](), known.Unknown[string]()
	holed := eth(0)
	holed.Addresses = known.Of([]known.Value[string]{{}, known.Unknown[string](), known.Of("junk"), known.Of("10.0.0.200/24")})

	for name, test := range map[string]struct {
		spec network.Spec
		want []string
	}{
		"inside":               {machine(eth(0, in("10.0.0.5/24", "10.0.0.200/24"))), []string{"warning P1 network.interface[0].addresses[1]"}},
		"outside":              {machine(eth(0, in("10.0.0.5/24")), eth(2, in("10.0.0.200/24"))), nil},
		"in another's pool":    {machine(eth(0, in("2001:db8::5/64")), eth(1, in("10.0.0.200/24"))), nil},
		"of the other family":  {machine(eth(0), eth(1, in("10.0.0.5/24", "2001:db8::5/64"))), []string{"warning P1 network.interface[1].addresses[1]"}},
		"elements that are no": {machine(holed), []string{"warning P1 network.interface[0].addresses[3]"}},
		"unknown name":         {machine(unknownName), nil},
		"unknown network":      {machine(unknownNetwork), nil},
		"default interface":    {machine(), nil},
		"unknown interfaces":   {network.Spec{Interfaces: known.Unknown[[]network.Interface]()}, nil},
		"no network at all":    {network.Spec{Disabled: known.Of(true), Interfaces: known.Of([]network.Interface{eth(0, in("10.0.0.200/24"))})}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := network.ReviewPools(test.spec, pools)
			expect(t, problems, test.want...)
			for _, problem := range problems {
				if !strings.Contains(problem.Detail, `profile "lab" (3)`) || !strings.Contains(problem.Detail, `interface "eth`) {
					t.Errorf("pool and interface are not named: %s", problem.Detail)
				}
			}
		})
	}
}
