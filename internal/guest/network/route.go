package network

import "net/netip"

// RouteDefault, as the destination of a route, stands for everything that no other route covers.
const RouteDefault = "default"

// Destination returns the network that the route leads to, as guests take it: RouteDefault
// becomes 0.0.0.0/0 or ::/0 by the family of Via, because cloud-init before 25.3 crashes
// on the word, and bits of the host part are cleared, because the kernel refuses them.
// Anything else is To as it was written. It is empty while what it depends on is unknown.
func (r RouteConfig) Destination() string {
	to, ok := r.To.Get()
	if !ok {
		return ""
	}
	if to != RouteDefault {
		if prefix, err := netip.ParsePrefix(to); err == nil && prefix != prefix.Masked() {
			return prefix.Masked().String()
		}
		return to
	}
	via, ok := r.Via.Get()
	switch {
	case !ok:
		return ""
	case isIPv6(via):
		return "::/0"
	default:
		return "0.0.0.0/0"
	}
}
