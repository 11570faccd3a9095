package observed

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestCompareNamesStaticAddressesThatTheGuestLacks(t *testing.T) {
	t.Parallel()
	told := func(name string, dhcp4, dhcp6 known.Value[bool], texts ...string) network.InterfaceConfig {
		record := network.InterfaceConfig{Name: known.Of(name), DHCP4: dhcp4, DHCP6: dhcp6}
		var prefixes []netip.Prefix
		for _, text := range texts {
			prefixes = append(prefixes, netip.MustParsePrefix(text))
		}
		record.Addresses = known.ListOf(prefixes...)
		return record
	}
	off, on, unknown := known.Of(false), known.Of(true), known.Unknown[bool]()
	reports := func(name string, addresses ...Address) Interface { return Interface{Name: name, Addresses: addresses} }
	for _, test := range []struct {
		name   string
		config []network.InterfaceConfig
		seen   []Interface
		want   []string
	}{
		{
			name:   "all there",
			config: []network.InterfaceConfig{told("eth0", off, off, "10.0.0.5/24", "2001:db8::5/64")},
			seen:   []Interface{reports("eth0", Address{Address: "2001:0db8::5/64"}, Address{Address: "10.0.0.5/24"}, Address{Address: "fe80::1/64"})},
		},
		{
			name:   "one missing, and an interface that does not report",
			config: []network.InterfaceConfig{told("eth1", off, off, "10.0.1.5/24"), told("eth0", off, off, "10.0.0.5/24", "10.0.0.6/24")},
			seen:   []Interface{reports("eth0", Address{Address: "10.0.0.5/24"})},
			want:   []string{"eth1 does not report 10.0.1.5/24", "eth0 does not report 10.0.0.6/24"},
		},
		{
			name:   "an address on another interface is missing here",
			config: []network.InterfaceConfig{told("eth0", off, off, "10.0.0.5/24")},
			seen:   []Interface{reports("eth1", Address{Address: "10.0.0.5/24"}), reports("", Address{Address: "10.0.0.5/24"})},
			want:   []string{"eth0 does not report 10.0.0.5/24"},
		},
		{
			name:   "another prefix length",
			config: []network.InterfaceConfig{told("eth0", off, off, "10.0.0.5/24")},
			seen:   []Interface{reports("eth0", Address{Address: "10.0.0.5/16"})},
			want:   []string{"eth0 reports 10.0.0.5/16 for 10.0.0.5/24"},
		},
		{
			name:   "no prefix length is no difference",
			config: []network.InterfaceConfig{told("eth0", off, off, "10.0.0.5/24")},
			seen:   []Interface{reports("eth0", Address{Address: "10.0.0.5"})},
		},
		{
			name:   "states in which an address cannot be used",
			config: []network.InterfaceConfig{told("eth0", off, off, "10.0.0.5/24", "10.0.0.6/24", "10.0.0.7/24", "10.0.0.8/24", "10.0.0.9/24")},
			seen: []Interface{reports("eth0",
				Address{Address: "10.0.0.5/24", State: "duplicate"}, Address{Address: "10.0.0.6/24", State: "inaccessible"},
				Address{Address: "10.0.0.7/24", State: "invalid"}, Address{Address: "10.0.0.8/24", State: "tentative"},
				Address{Address: "10.0.0.9/24", State: "preferred"}, Address{Address: "garbage"})},
			want: []string{
				"eth0 reports 10.0.0.5/24 as duplicate", "eth0 reports 10.0.0.6/24 as inaccessible", "eth0 reports 10.0.0.7/24 as invalid",
			},
		},
		{
			name: "families under DHCP, and what is not known, are left out",
			config: []network.InterfaceConfig{
				told("eth0", on, off, "10.0.0.5/24", "2001:db8::5/64"), told("eth1", off, on, "10.0.1.5/24", "2001:db8:1::5/64"),
				told("eth2", unknown, off, "10.0.2.5/24"),
				{Name: known.Unknown[string](), Addresses: known.ListOf(netip.MustParsePrefix("10.0.3.5/24"))},
			},
			want: []string{"eth0 does not report 2001:db8::5/64", "eth1 does not report 10.0.1.5/24"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, difference := range Compare(network.Config{Interfaces: known.Of(test.config)}, Network{Interfaces: test.seen}) {
				got = append(got, difference.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"10.0.0.1", "10.0.0.1/24", "::ffff:10.0.0.1", "fe80::1%eth0/64", "", "/", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, ok := parse(text)
		if ok != address.IsValid() {
			t.Fatalf("%q: ok %v for %v", text, ok, address)
		}
		if again, _ := parse(address.String()); ok && again != address {
			t.Fatalf("%q: %v becomes %v", text, address, again)
		}
		if usableAddress, ok := usable(text); ok && usableAddress != address {
			t.Fatalf("%q: usable as %v, parsed as %v", text, usableAddress, address)
		}
	})
}

func FuzzGuestBootstrap(f *testing.F) {
	for _, seed := range []string{"", "true", "true,OK,a,b", ",,,", "0,x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		condition := guestBootstrap(map[string]string{keyBootstrap: value})
		if condition.Reason == "" || condition.Status != StatusTrue && condition.Status != StatusFalse {
			t.Fatalf("%q: %+v", value, condition)
		}
	})
}
