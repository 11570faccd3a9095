package ippool_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

func enabled(config types.IpPoolIpPoolConfigInfo) *types.IpPoolIpPoolConfigInfo {
	config.IpPoolEnabled = types.NewBool(true)
	return &config
}

func TestNetmasksInAllTheirSpellings(t *testing.T) {
	t.Parallel()
	for mask, want := range map[string]int{
		"255.255.255.0": 24, " 255.255.252.0 ": 22, "128.0.0.0": 1, "255.255.255.255": 32, "24": 24, "/28": 28,
	} {
		profile, err := ippool.Parse(types.IpPool{Ipv4Config: enabled(types.IpPoolIpPoolConfigInfo{SubnetAddress: "10.0.0.7", Netmask: mask})})
		if err != nil || profile.IPv4.Subnet.Bits() != want || profile.IPv4.Subnet != profile.IPv4.Subnet.Masked() {
			t.Errorf("%q is %s, %v, want /%d", mask, profile.IPv4.Subnet, err, want)
		}
	}
	for mask, want := range map[string]int{
		"ffff:ffff:ffff:ffff::": 64, "ffff:ffff:ffff:8000::": 49, "64": 64, "/128": 128, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": 128,
	} {
		profile, err := ippool.Parse(types.IpPool{Ipv6Config: enabled(types.IpPoolIpPoolConfigInfo{SubnetAddress: "2001:db8::", Netmask: mask})})
		if err != nil || profile.IPv6.Subnet.Bits() != want {
			t.Errorf("%q is %s, %v, want /%d", mask, profile.IPv6.Subnet, err, want)
		}
	}
}

func TestOddSettingsAreNamed(t *testing.T) {
	t.Parallel()
	v4 := func(config types.IpPoolIpPoolConfigInfo) types.IpPool {
		return types.IpPool{Ipv4Config: &config}
	}
	pool4 := func(subnet, mask, text string) types.IpPool {
		return types.IpPool{Ipv4Config: enabled(types.IpPoolIpPoolConfigInfo{SubnetAddress: subnet, Netmask: mask, Range: text})}
	}
	pool6 := func(subnet, mask, text string) types.IpPool {
		return types.IpPool{Ipv6Config: enabled(types.IpPoolIpPoolConfigInfo{SubnetAddress: subnet, Netmask: mask, Range: text})}
	}
	for name, test := range map[string]struct {
		pool types.IpPool
		want string
	}{
		"gateway that is none":             {v4(types.IpPoolIpPoolConfigInfo{Gateway: "router"}), `the gateway "router"`},
		"gateway of the other family":      {v4(types.IpPoolIpPoolConfigInfo{Gateway: "2001:db8::1"}), `the gateway "2001:db8::1" is not an IPv4 address`},
		"DNS server that is none":          {v4(types.IpPoolIpPoolConfigInfo{Dns: []string{"10.0.0.1", "dns"}}), `the DNS server "dns"`},
		"no netmask":                       {pool4("10.0.0.0", "", "10.0.0.2#2"), `netmask ""`},
		"broadcast address for a netmask":  {pool4("10.0.0.0", "10.0.0.255", "10.0.0.2#2"), `netmask "10.0.0.255"`},
		"netmask with a hole":              {pool4("10.0.0.0", "255.0.255.0", "10.0.0.2#2"), `netmask "255.0.255.0"`},
		"netmask of all":                   {pool4("10.0.0.0", "0.0.0.0", "10.0.0.2#2"), `netmask "0.0.0.0"`},
		"prefix length that is too long":   {pool4("10.0.0.0", "33", "10.0.0.2#2"), `netmask "33"`},
		"netmask of the other family":      {pool4("10.0.0.0", "ffff::", "10.0.0.2#2"), `netmask "ffff::"`},
		"IPv6 netmask with a hole":         {pool6("2001:db8::", "2001:db8::ff", "2001:db8::2#2"), `netmask "2001:db8::ff" is not one of IPv6`},
		"no subnet":                        {pool4("", "255.255.255.0", "10.0.0.2#2"), `subnet ""`},
		"subnet of the other family":       {pool6("10.0.0.0", "ffff::", "2001:db8::2#2"), `subnet "10.0.0.0" is not an IPv6 address`},
		"range without length":             {pool4("10.0.0.0", "255.255.255.0", "10.0.0.2"), `range "10.0.0.2"`},
		"range of nothing":                 {pool4("10.0.0.0", "255.255.255.0", "10.0.0.2#0"), "at least 1"},
		"range in words":                   {pool4("10.0.0.0", "255.255.255.0", "10.0.0.2#two"), "no number"},
		"range with an end":                {pool4("10.0.0.0", "255.255.255.0", "10.0.0.2-10.0.0.9"), "# and the number"},
		"range of the other family":        {pool4("10.0.0.0", "255.255.255.0", "2001:db8::2#2"), "not an IPv4 address"},
		"range that ends in a comma":       {pool4("10.0.0.0", "255.255.255.0", "10.0.0.2#2,"), `part ""`},
		"range beyond the last address":    {pool4("255.255.255.0", "255.255.255.0", "255.255.255.250#7"), "beyond the last IPv4 address"},
		"range far beyond it":              {pool4("10.0.0.0", "255.255.255.0", "10.0.0.2#18446744073709551615"), "beyond the last"},
		"IPv6 range beyond the last":       {pool6("ffff::", "ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe#3"), "beyond the last IPv6 address"},
		"range that begins before subnet":  {pool4("10.0.1.0", "255.255.255.0", "10.0.0.250#20"), "10.0.0.250-10.0.1.13 of the pool is not in its subnet 10.0.1.0/24"},
		"range that ends behind subnet":    {pool4("10.0.0.0", "255.255.255.0", "10.0.0.250#20"), "not in its subnet 10.0.0.0/24"},
		"address with zone":                {pool6("fe80::", "ffff::", "fe80::1%eth0#2"), "not an IPv6 address"},
		"IPv4-mapped address in IPv6 pool": {pool6("2001:db8::", "ffff::", "::ffff:10.0.0.1#2"), "not an IPv6 address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.pool.Id, test.pool.Name = 7, "lab"
			_, err := ippool.Parse(test.pool)
			wantError(t, err, vsphere.ErrInvalidArgument, `settings of network protocol profile "lab" (7)`, test.want, "Correct the profile")
		})
	}
}

func TestSettingsThatSayNothing(t *testing.T) {
	t.Parallel()
	for name, pool := range map[string]types.IpPool{
		"no families": {},
		"empty texts": {Ipv4Config: &types.IpPoolIpPoolConfigInfo{Dns: []string{""}}, Ipv6Config: &types.IpPoolIpPoolConfigInfo{Dns: []string{" "}}, DnsSearchPath: " ; "},
		"addresses of nothing": {
			Ipv4Config: &types.IpPoolIpPoolConfigInfo{Gateway: "0.0.0.0", Dns: []string{"0.0.0.0"}}, Ipv6Config: &types.IpPoolIpPoolConfigInfo{Gateway: "::"},
		},
		// What a pool would hand out does not matter while it is not enabled.
		"pool that is off": {Ipv4Config: &types.IpPoolIpPoolConfigInfo{Netmask: "10.10.10.255", SubnetAddress: "x", Range: "y", IpPoolEnabled: types.NewBool(false)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ippool.Parse(pool)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ippool.Profile{}, got, values, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("the profile is (-want +got):\n%s", diff)
			}
		})
	}
}

func TestListsOfNames(t *testing.T) {
	t.Parallel()
	got, err := ippool.Parse(types.IpPool{
		DnsSearchPath: "eng.example.com;example.com, lab.example.com", DnsDomain: " example.com ",
		Ipv4Config: &types.IpPoolIpPoolConfigInfo{Dns: []string{"10.0.0.2", "", "10.0.0.3", "10.0.0.2"}},
		Ipv6Config: &types.IpPoolIpPoolConfigInfo{Dns: []string{"2001:DB8::2", "10.0.0.3"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := ippool.Profile{
		SearchDomains: []string{"eng.example.com", "example.com", "lab.example.com"}, DomainName: "example.com",
		Nameservers: addrs("10.0.0.2", "10.0.0.3", "2001:db8::2"),
	}
	if diff := cmp.Diff(want, got, values); diff != "" {
		t.Errorf("the profile is (-want +got):\n%s", diff)
	}
}

func TestAddressInTheRangeOfAnEnabledPool(t *testing.T) {
	t.Parallel()
	config4 := types.IpPoolIpPoolConfigInfo{SubnetAddress: "10.0.0.0", Netmask: "255.255.0.0", Range: "10.0.0.250 # 10, 10.0.9.1#1"}
	config6 := types.IpPoolIpPoolConfigInfo{SubnetAddress: "2001:db8::", Netmask: "64", Range: "2001:db8::ffff:ffff#2"}
	on, err := ippool.Parse(types.IpPool{Ipv4Config: enabled(config4), Ipv6Config: enabled(config6)})
	if err != nil {
		t.Fatal(err)
	}
	off, err := ippool.Parse(types.IpPool{Ipv4Config: &config4, Ipv6Config: &config6})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"10.0.0.249": false, "10.0.0.250": true, "10.0.1.0": true, "10.0.1.3": true, "10.0.1.4": false,
		"10.0.9.0": false, "10.0.9.1": true, "10.0.9.2": false, "::ffff:10.0.9.1": true, "::a00:901": false,
		"2001:db8::ffff:fffe": false, "2001:db8::ffff:ffff": true, "2001:db8::1:0:0": true, "2001:db8::1:0:1": false,
	} {
		if got := on.InRange(addr(text)); got != want {
			t.Errorf("%s in %s or %s: %v", text, on.IPv4.Ranges, on.IPv6.Ranges, got)
		}
		if off.InRange(addr(text)) {
			t.Errorf("%s is in a pool that is off", text)
		}
	}
	if on.InRange(netip.Addr{}) {
		t.Error("no address is in range")
	}
	if got := on.IPv4.Ranges.String(); got != "10.0.0.250-10.0.1.3, 10.0.9.1" {
		t.Errorf("the ranges are written %q", got)
	}
}

func FuzzParseRanges(f *testing.F) {
	for _, seed := range []string{"192.0.2.235 # 20", "10.0.0.1#1,10.0.0.9#3", "2001::7334 # 20", "", "#", "255.255.255.255#2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, version := range []ippool.Version{ippool.IPv4, ippool.IPv6} {
			ranges, err := ippool.ParseRanges(version, text)
			if err != nil && ranges != nil {
				t.Errorf("%q has ranges and the error %v", text, err)
			}
			for _, r := range ranges {
				if r.First.Compare(r.Last) > 0 || r.First.BitLen() != r.Last.BitLen() || !ranges.Contains(r.First) || !ranges.Contains(r.Last) {
					t.Errorf("%q has the range %s", text, r)
				}
				if before := r.First.Prev(); before.IsValid() && r.Contains(before) {
					t.Errorf("%q: %s contains %s", text, r, before)
				}
			}
		}
	})
}
