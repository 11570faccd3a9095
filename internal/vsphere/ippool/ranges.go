package ippool

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// Range is a run of addresses of one family, both ends included.
type Range struct{ First, Last netip.Addr }

// String is "192.0.2.10-192.0.2.19".
func (r Range) String() string {
	if r.First == r.Last {
		return r.First.String()
	}
	return r.First.String() + "-" + r.Last.String()
}

// Contains tells whether an address, which may have a zone or be IPv4 in IPv6, is one of the
// range.
func (r Range) Contains(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return addr.BitLen() == r.First.BitLen() && r.First.Compare(addr) <= 0 && addr.Compare(r.Last) <= 0
}

// Ranges are the addresses of a pool.
type Ranges []Range

// Contains tells whether an address is in one of the ranges.
func (r Ranges) Contains(addr netip.Addr) bool {
	for _, one := range r {
		if one.Contains(addr) {
			return true
		}
	}
	return false
}

// AtLeast tells whether the ranges have as many addresses. One that is in several ranges is
// counted once for each.
func (r Ranges) AtLeast(count int) bool {
	for _, one := range r {
		for addr := one.First; count > 0 && addr.IsValid() && addr.Compare(one.Last) <= 0; addr = addr.Next() {
			count--
		}
	}
	return count <= 0
}

// String lists the ranges, separated by commas.
func (r Ranges) String() string {
	texts := make([]string, len(r))
	for i, one := range r {
		texts[i] = one.String()
	}
	return strings.Join(texts, ", ")
}

// ParseRanges reads the range of a pool as the vSphere API writes it: first addresses and
// lengths, such as "192.0.2.235 # 20, 192.0.2.10#3". An empty text has no ranges.
func ParseRanges(version Version, text string) (Ranges, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var ranges Ranges
	for part := range strings.SplitSeq(text, ",") {
		start, length, ok := strings.Cut(part, "#")
		first, err := netip.ParseAddr(strings.TrimSpace(start))
		if err != nil || !ok || !version.has(first) || first.Zone() != "" {
			return nil, fmt.Errorf("the part %q of the range %q is not an %s address, # and the number of addresses", part, text, version)
		}
		count, err := strconv.ParseUint(strings.TrimSpace(length), 10, 64)
		if err != nil || count == 0 {
			return nil, fmt.Errorf("the part %q of the range %q has no number of addresses, at least 1, behind #", part, text)
		}
		last, ok := advance(first, count-1)
		if !ok {
			return nil, fmt.Errorf("the part %q of the range %q goes beyond the last %s address", part, text, version)
		}
		ranges = append(ranges, Range{First: first, Last: last})
	}
	return ranges, nil
}

// advance returns the address that comes n after addr, and false where there is none.
func advance(addr netip.Addr, n uint64) (netip.Addr, bool) {
	if addr.Is4() {
		octets := addr.As4()
		sum, carry := bits.Add64(uint64(binary.BigEndian.Uint32(octets[:])), n, 0)
		if carry != 0 || sum > 1<<32-1 {
			return netip.Addr{}, false
		}
		binary.BigEndian.PutUint32(octets[:], uint32(sum))
		return netip.AddrFrom4(octets), true
	}
	octets := addr.As16()
	low, carry := bits.Add64(binary.BigEndian.Uint64(octets[8:]), n, 0)
	high, carry := bits.Add64(binary.BigEndian.Uint64(octets[:8]), 0, carry)
	binary.BigEndian.PutUint64(octets[:8], high)
	binary.BigEndian.PutUint64(octets[8:], low)
	return netip.AddrFrom16(octets), carry == 0
}
