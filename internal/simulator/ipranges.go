package simulator

import (
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
)

// ipRange is a run of addresses of one family.
type ipRange struct{ first, last netip.Addr }

// ipRanges is what a pool hands out, in its order.
type ipRanges []ipRange

// parseRanges reads the range of a pool: "192.0.2.235 # 20, 192.0.2.10#3". Each begins with an
// address and says how many there are. An empty text is a pool of no addresses.
func parseRanges(text string, matches func(netip.Addr) bool) (ipRanges, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var ranges ipRanges
	for part := range strings.SplitSeq(text, ",") {
		start, length, ok := strings.Cut(part, "#")
		if !ok {
			return nil, fmt.Errorf("%q is not an address, # and a length", part)
		}
		first, err := netip.ParseAddr(strings.TrimSpace(start))
		if err != nil || !matches(first) {
			return nil, fmt.Errorf("%q does not begin with an address of the family", part)
		}
		count, err := strconv.ParseUint(strings.TrimSpace(length), 10, 63)
		if err != nil || count == 0 {
			return nil, fmt.Errorf("%q has no length above 0", part)
		}
		end := new(big.Int).Add(new(big.Int).SetBytes(first.AsSlice()), new(big.Int).SetUint64(count-1))
		if end.BitLen() > first.BitLen() {
			return nil, fmt.Errorf("%q goes beyond the last address there is", part)
		}
		last, _ := netip.AddrFromSlice(end.FillBytes(make([]byte, first.BitLen()/8)))
		ranges = append(ranges, ipRange{first, last})
	}
	return ranges, nil
}

// contain tells whether an address is one of those handed out.
func (r ipRanges) contain(addr netip.Addr) bool {
	for _, one := range r {
		if one.first.BitLen() == addr.BitLen() && one.first.Compare(addr) <= 0 && addr.Compare(one.last) <= 0 {
			return true
		}
	}
	return false
}

// size is the number of addresses, as far as an int32 can say it.
func (r ipRanges) size() int32 {
	total := new(big.Int)
	for _, one := range r {
		length := new(big.Int).Sub(new(big.Int).SetBytes(one.last.AsSlice()), new(big.Int).SetBytes(one.first.AsSlice()))
		total.Add(total, length.Add(length, big.NewInt(1)))
	}
	if !total.IsInt64() || total.Int64() > math.MaxInt32 {
		return math.MaxInt32
	}
	return int32(total.Int64()) //nolint:gosec // bounded above
}

// free returns the first address that is not taken.
func (r ipRanges) free(taken map[netip.Addr]allocationKey) (netip.Addr, bool) {
	for _, one := range r {
		for addr := one.first; addr.IsValid() && addr.Compare(one.last) <= 0; addr = addr.Next() {
			if _, ok := taken[addr]; !ok {
				return addr, true
			}
		}
	}
	return netip.Addr{}, false
}
