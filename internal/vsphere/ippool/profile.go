package ippool

import (
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// Profile is a Network Protocol Profile: what a network offers to the guests on it.
type Profile struct {
	// ID is the pool for Allocate and Release, unique in vCenter.
	ID int32
	// Name is unique in the datacenter.
	Name       string
	IPv4, IPv6 Family
	// Nameservers are those of IPv4 and then those of IPv6, each once.
	Nameservers []netip.Addr
	// SearchDomains in the order of the profile.
	SearchDomains []string
	// DomainName is empty where the profile has none.
	DomainName string
	// HostPrefix is what the names of hosts on the network begin with; empty where the profile
	// does not say.
	HostPrefix string
}

// Family is what a profile says of one address family.
type Family struct {
	// DHCP says that the network has a DHCP server.
	DHCP bool
	// PoolEnabled says that the network hands out addresses of Ranges, which is only then set,
	// as are Subnet, Free and Taken.
	PoolEnabled bool
	// Subnet is what the addresses of the pool are in.
	Subnet netip.Prefix
	// Ranges are the addresses of the pool; none where the pool is empty.
	Ranges Ranges
	// Gateway is not valid where the profile has none.
	Gateway netip.Addr
	// Free and Taken are how many addresses vCenter counts as available and as allocated. Both
	// are 0 where it does not count.
	Free, Taken int32
}

// Lacks tells whether a pool is known not to have as many free addresses. Where vCenter does
// not count, only the ranges tell.
func (f Family) Lacks(count int) bool {
	if !f.PoolEnabled || count <= 0 {
		return count > 0
	}
	if !f.Ranges.AtLeast(count) {
		return true
	}
	return f.Free >= 0 && f.Taken >= 0 && (f.Free != 0 || f.Taken != 0) && int64(f.Free) < int64(count)
}

// Version is an address family.
type Version int

// The address families.
const (
	IPv4 Version = 4
	IPv6 Version = 6
)

// String is "IPv4" or "IPv6".
func (v Version) String() string { return "IPv" + strconv.Itoa(int(v)) }

// has tells whether an address is of the family.
func (v Version) has(addr netip.Addr) bool {
	if v == IPv4 {
		return addr.Is4()
	}
	return addr.Is6() && !addr.Is4In6()
}

// Family returns what the profile says of a family.
func (p Profile) Family(version Version) Family {
	if version == IPv4 {
		return p.IPv4
	}
	return p.IPv6
}

// InRange tells whether vCenter may hand out the address to somebody: it is in the range of an
// enabled pool. A static address there can come to be used twice.
func (p Profile) InRange(addr netip.Addr) bool {
	return p.IPv4.Ranges.Contains(addr) || p.IPv6.Ranges.Contains(addr)
}

// String names the profile as messages do: network protocol profile "lab" (3).
func (p Profile) String() string { return title(types.IpPool{Id: p.ID, Name: p.Name}) }

func title(pool types.IpPool) string {
	return fmt.Sprintf("network protocol profile %q (%d)", pool.Name, pool.Id)
}

// parse reads a pool. Subnet, netmask and range serve nothing but allocation: where a pool is
// not enabled, they may be anything.
func parse(pool types.IpPool) (Profile, error) {
	profile := Profile{
		ID: pool.Id, Name: pool.Name,
		DomainName:    strings.TrimSpace(pool.DnsDomain),
		HostPrefix:    strings.TrimSpace(pool.HostPrefix),
		SearchDomains: searchPath(pool.DnsSearchPath),
	}
	for _, one := range []struct {
		version Version
		config  *types.IpPoolIpPoolConfigInfo
		family  *Family
		free    int32
		taken   int32
	}{
		{IPv4, pool.Ipv4Config, &profile.IPv4, pool.AvailableIpv4Addresses, pool.AllocatedIpv4Addresses},
		{IPv6, pool.Ipv6Config, &profile.IPv6, pool.AvailableIpv6Addresses, pool.AllocatedIpv6Addresses},
	} {
		if one.config == nil {
			continue
		}
		family, err := parseFamily(one.version, *one.config)
		if err == nil {
			if family.PoolEnabled {
				family.Free, family.Taken = one.free, one.taken
			}
			*one.family = family
			err = profile.addNameservers(one.config.Dns)
		}
		if err != nil {
			return Profile{}, &vsphere.Error{
				What: fmt.Sprintf("read the %s settings of %s", one.version, title(pool)),
				Kind: vsphere.ErrInvalidArgument,
				Text: err.Error() + ". Correct the profile in vCenter, or remove the network from it",
			}
		}
	}
	return profile, nil
}

// searchPath reads a list that the vSphere API separates by semicolons, and people by anything.
func searchPath(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == ',' || unicode.IsSpace(r) })
}

func (p *Profile) addNameservers(servers []string) error {
	for _, text := range servers {
		addr, err := parseAddr(text)
		if err != nil {
			return fmt.Errorf("the DNS server %q is not an IP address", text)
		}
		if addr.IsValid() && !slices.Contains(p.Nameservers, addr) {
			p.Nameservers = append(p.Nameservers, addr)
		}
	}
	return nil
}

// parseAddr reads an address. Nothing, and the address of nothing, are not an error, and not
// valid.
func parseAddr(text string) (netip.Addr, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return netip.Addr{}, nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}, err
	}
	return addr, nil
}

func parseFamily(version Version, config types.IpPoolIpPoolConfigInfo) (Family, error) {
	family := Family{
		DHCP:        config.DhcpServerAvailable != nil && *config.DhcpServerAvailable,
		PoolEnabled: enabled(&config),
	}
	gateway, err := parseAddr(config.Gateway)
	if err != nil || gateway.IsValid() && !version.has(gateway) {
		return Family{}, fmt.Errorf("the gateway %q is not an %s address", config.Gateway, version)
	}
	family.Gateway = gateway
	if !family.PoolEnabled {
		return family, nil
	}
	length, err := prefixLength(version, config.Netmask)
	if err != nil {
		return Family{}, err
	}
	subnet, err := netip.ParseAddr(strings.TrimSpace(config.SubnetAddress))
	if err != nil || !version.has(subnet) {
		return Family{}, fmt.Errorf("the pool is enabled, and its subnet %q is not an %s address", config.SubnetAddress, version)
	}
	family.Subnet = netip.PrefixFrom(subnet, length).Masked()
	if family.Ranges, err = ParseRanges(version, config.Range); err != nil {
		return Family{}, err
	}
	for _, r := range family.Ranges {
		if !family.Subnet.Contains(r.First) || !family.Subnet.Contains(r.Last) {
			return Family{}, fmt.Errorf("the range %s of the pool is not in its subnet %s", r, family.Subnet)
		}
	}
	return family, nil
}

// prefixLength reads a netmask: 255.255.255.0, ffff:ffff:: or, as some tools write it, 24.
func prefixLength(version Version, netmask string) (int, error) {
	bad := fmt.Errorf("the pool is enabled, and its netmask %q is not one of %s", netmask, version)
	text := strings.TrimPrefix(strings.TrimSpace(netmask), "/")
	width := 32
	if version == IPv6 {
		width = 128
	}
	if length, err := strconv.Atoi(text); err == nil {
		if length < 1 || length > width {
			return 0, bad
		}
		return length, nil
	}
	mask, err := netip.ParseAddr(text)
	if err != nil || mask.BitLen() != width || mask.Zone() != "" {
		return 0, bad
	}
	length := 0
	for _, octet := range mask.AsSlice() {
		ones := bits.LeadingZeros8(^octet)
		length += ones
		if ones < 8 {
			break
		}
	}
	whole, err := mask.Prefix(length)
	if err != nil || length == 0 || whole.Addr() != mask {
		return 0, bad
	}
	return length, nil
}
