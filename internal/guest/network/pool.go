package network

import "net/netip"

// ReviewPools warns of the static addresses that the connected network may hand out to another
// machine, and so of an address that comes to be used twice. poolOf says in words which pool has
// an address in its range, of the network that the interface with a name is connected to; it is
// empty where none has, and where the network could not be asked. It is not called for an
// interface without a name of its own, whose network is not known.
func ReviewPools(spec Spec, poolOf func(interfaceName string, address netip.Addr) string) []Problem {
	v := validation{spec: spec}
	root := Path{"network", "interface"}
	for i, nic := range spec.EffectiveInterfaces().Or(nil) {
		name, named := nic.Name.Get()
		if !named || nic.Network.IsUnknown() {
			continue
		}
		for j, element := range nic.Addresses.Or(nil) {
			prefix, ok := parsed(element, ParseCIDR).Get()
			if !ok {
				continue
			}
			if pool := poolOf(name, prefix.Addr()); pool != "" {
				v.warn(rulePool, root.At(i, "addresses", j), "Address is in a pool of its network",
					"%s of interface %q is in a range of the %s, from which vCenter assigns addresses to other machines. Use an address outside of its ranges, or leave addresses out to be assigned one.", prefix.Addr(), name, pool)
			}
		}
	}
	return v.problems
}
