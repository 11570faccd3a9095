package simulator

import (
	"hash/fnv"
	"net/netip"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
)

// leases are the DHCP servers of all networks. A lease depends on the machine's name and
// the card's position, so that the same configuration gets the same address in every run,
// in whatever order the machines boot.
type leases struct {
	mu       sync.Mutex
	networks map[string]*segment
}

// segment is one network as its DHCP server sees it.
type segment struct {
	number  int
	holders map[int]lease
}

type lease struct {
	owner types.ManagedObjectReference
	mac   string
}

// The first segments have the networks for documentation (RFC 5737); further ones have
// those for benchmarks (RFC 2544).
var documentation = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
}

// Hosts from firstHost on are leased; 1 is the gateway, 53 the name server.
const (
	gatewayHost = 1
	dnsHost     = 53
	firstHost   = 100
	hostCount   = 150
)

func newLeases() *leases {
	l := &leases{networks: map[string]*segment{}}
	for i, name := range []string{NetworkStandard, NetworkFrontend, NetworkBackend} {
		l.networks[name] = &segment{number: i, holders: map[int]lease{}}
	}
	return l
}

// dhcp is what a DHCP server, and for IPv6 its router, answers.
type dhcp struct {
	address4, address6 netip.Prefix
	gateway4, gateway6 netip.Addr
	dns4, dns6         netip.Addr
	domain             string
}

// lease answers a card. The same card gets the same answer until release.
func (l *leases) lease(h *hardware, position int, n nic) dhcp {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.networks[n.network]
	if !ok {
		s = &segment{number: len(l.networks), holders: map[int]lease{}}
		l.networks[n.network] = s
	}
	want := lease{owner: h.ref, mac: n.mac}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(h.name))
	_, _ = hash.Write([]byte{byte(position)})
	start := int(hash.Sum32() % hostCount)
	host := -1
	for i := range hostCount {
		candidate := firstHost + (start+i)%hostCount
		holder, taken := s.holders[candidate]
		if holder == want {
			host = candidate
			break
		}
		if !taken && host < 0 {
			host = candidate
		}
	}
	if host < 0 {
		return dhcp{} // the range is exhausted: no answer
	}
	s.holders[host] = want
	return dhcp{
		address4: netip.PrefixFrom(s.v4(host), 24), address6: netip.PrefixFrom(s.v6(host), 64),
		gateway4: s.v4(gatewayHost), gateway6: netip.MustParseAddr("fe80::1"),
		dns4: s.v4(dnsHost), dns6: s.v6(dnsHost), domain: "example.internal",
	}
}

func (s *segment) v4(host int) netip.Addr {
	base := [4]byte{198, 18, byte(s.number), 0}
	if s.number < len(documentation) {
		base = documentation[s.number].Addr().As4()
	}
	base[3] = byte(host)
	return netip.AddrFrom4(base)
}

func (s *segment) v6(host int) netip.Addr {
	return netip.AddrFrom16([16]byte{0: 0xfd, 7: byte(s.number), 15: byte(host)})
}

// release gives back every lease of a machine.
func (l *leases) release(owner types.ManagedObjectReference) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.networks {
		for host, held := range s.holders {
			if held.owner == owner {
				delete(s.holders, host)
			}
		}
	}
}
