package network

import (
	"net/netip"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// level is one place that a list may come from. Lists are replaced as a whole, never merged.
type level[T any] struct {
	applies answer
	list    known.List[T]
	source  Source
}

// inherit returns the list of the first level that applies and has one.
func inherit[T any](levels ...level[T]) origin[[]known.Value[T]] {
	for _, candidate := range levels {
		switch both(candidate.applies, hasElements(candidate.list)) {
		case yes:
			return origin[[]known.Value[T]]{candidate.list, candidate.source}
		case maybe:
			return origin[[]known.Value[T]]{value: known.Unknown[[]known.Value[T]]()}
		case no:
		}
	}
	return origin[[]known.Value[T]]{}
}

// asked returns a list that somebody was asked for, or unknown where nobody could be.
func asked[T any](values []T, unknown bool) known.List[T] {
	if unknown {
		return known.Unknown[[]known.Value[T]]()
	}
	return listOf(values)
}

// uses asks whether a bootstrap provider is configured.
func (b Bootstrap) uses(configured bool) answer {
	if b.Unknown {
		return maybe
	}
	return answerOf(configured)
}

// inherits asks whether interfaces take the machine's list where they have none: with
// cloud-init only, and unless the flag says no. The others have a place for the
// machine's list of its own.
func (b Bootstrap) inherits(flag known.Value[bool]) answer {
	return both(b.uses(b.CloudInit), not(isFalse(flag)))
}

// The lists of an interface that a bootstrap provider has a place for. Without provider,
// and for vAppConfig, the record serves as information and all of it counts.
func (b Bootstrap) carriesNameservers() answer   { return not(b.uses(b.LinuxPrep)) }
func (b Bootstrap) carriesSearchDomains() answer { return not(b.uses(b.LinuxPrep || b.Sysprep)) }

// interfaceNameservers resolves the nameservers of an interface. The namespace's are for
// interfaces that no DHCP server tells any.
func (r resolver) interfaceNameservers(nic Interface, network NetworkDefaults, static answer) origin[[]known.Value[netip.Addr]] {
	machine := addressList(r.spec.Nameservers)
	lower := both(r.bootstrap.carriesNameservers(), not(hasElements(machine)))
	return inherit(
		level[netip.Addr]{yes, addressList(nic.Nameservers), SourceInterface},
		level[netip.Addr]{r.bootstrap.inherits(r.bootstrap.UseGlobalNameserversAsDefault), machine, SourceVM},
		level[netip.Addr]{lower, asked(network.Nameservers, network.Unknown), SourceNetwork},
		level[netip.Addr]{both(lower, static), asked(r.defaults.Nameservers, r.defaults.Unknown), SourceBootstrap},
	)
}

// interfaceSearchDomains resolves the search domains of an interface by the same rules.
func (r resolver) interfaceSearchDomains(nic Interface, network NetworkDefaults, static answer) origin[[]known.Value[string]] {
	machine := textList(r.spec.SearchDomains)
	lower := both(r.bootstrap.carriesSearchDomains(), not(hasElements(machine)))
	return inherit(
		level[string]{yes, textList(nic.SearchDomains), SourceInterface},
		level[string]{r.bootstrap.inherits(r.bootstrap.UseGlobalSearchDomainsAsDefault), machine, SourceVM},
		level[string]{lower, asked(network.SearchDomains, network.Unknown), SourceNetwork},
		level[string]{both(lower, static), asked(r.defaults.SearchDomains, r.defaults.Unknown), SourceBootstrap},
	)
}

// resolveDNS resolves the names and lists of the whole guest.
func (r resolver) resolveDNS(interfaces known.Value[[]Interface], resolved known.Value[[]InterfaceConfig]) DNS {
	dns := DNS{HostName: r.spec.effectiveHostName()}
	dns.DomainName = r.domainName(dns.HostName, interfaces)

	// cloud-init takes the lists of the networks at each interface, so that the whole
	// guest needs none. The other providers have no better place for them.
	fromNetworks := not(r.bootstrap.uses(r.bootstrap.CloudInit))
	dns.Nameservers = inherit(
		level[netip.Addr]{applies: yes, list: addressList(r.spec.Nameservers)},
		level[netip.Addr]{applies: fromNetworks, list: firstOffer(r, interfaces, func(n NetworkDefaults) []netip.Addr { return n.Nameservers })},
		level[netip.Addr]{
			applies: anyLacks(resolved, "nameservers", func(c InterfaceConfig) known.List[netip.Addr] { return c.Nameservers }),
			list:    asked(r.defaults.Nameservers, r.defaults.Unknown),
		},
	).value
	dns.SearchDomains = inherit(
		level[string]{applies: yes, list: textList(r.spec.SearchDomains)},
		level[string]{applies: fromNetworks, list: firstOffer(r, interfaces, func(n NetworkDefaults) []string { return n.SearchDomains })},
		level[string]{
			applies: anyLacks(resolved, "search_domains", func(c InterfaceConfig) known.List[string] { return c.SearchDomains }),
			list:    asked(r.defaults.SearchDomains, r.defaults.Unknown),
		},
	).value
	return dns
}

// effectiveHostName is the host name as written, or else the machine's name.
func (s Spec) effectiveHostName() known.Value[string] {
	switch hasText(s.HostName) {
	case yes:
		return s.HostName
	case maybe:
		return known.Unknown[string]()
	case no:
	}
	return s.VMName
}

// domainName is the domain as written, or else that of the first network which has one.
// The latter only serves where the user could have written it: with a host name that
// takes a domain, and as a valid name that is not too long with it.
func (r resolver) domainName(hostName known.Value[string], interfaces known.Value[[]Interface]) known.Value[string] {
	switch hasText(r.spec.DomainName) {
	case yes:
		return r.spec.DomainName
	case maybe:
		return known.Unknown[string]()
	case no:
	}
	offer := firstOffer(r, interfaces, func(n NetworkDefaults) []string {
		if n.DomainName == "" || CheckDomainName(n.DomainName) != nil {
			return nil
		}
		return []string{n.DomainName}
	})
	offered, ok := offer.Get()
	switch {
	case offer.IsUnknown(), ok && hostName.IsUnknown():
		return known.Unknown[string]()
	case !ok:
		return known.Value[string]{}
	}
	domain, host := offered[0].Or(""), hostName.Or("")
	if isIPLiteral(host) || len(host)+len(".")+len(domain) > maxFullNameBytes {
		return known.Value[string]{}
	}
	return known.Of(domain)
}

// firstOffer returns the list of the first interface whose network offers one.
func firstOffer[T any](r resolver, interfaces known.Value[[]Interface], offer func(NetworkDefaults) []T) known.List[T] {
	nics, ok := interfaces.Get()
	if !ok {
		return known.Unknown[[]known.Value[T]]()
	}
	for _, nic := range nics {
		network := r.network(nic)
		if list := asked(offer(network), network.Unknown); !list.IsAbsent() {
			return list
		}
	}
	return known.List[T]{}
}

// anyLacks asks whether there is an interface without any DHCP that no level above the
// namespace gives a list: the case in which the whole guest takes the namespace's.
func anyLacks[T any](resolved known.Value[[]InterfaceConfig], key string, list func(InterfaceConfig) known.List[T]) answer {
	configs, ok := resolved.Get()
	if !ok {
		return maybe
	}
	lacking := no
	for _, config := range configs {
		static := both(not(isTrue(config.DHCP4)), not(isTrue(config.DHCP6)))
		lacks := not(hasElements(list(config)))
		if config.Sources[key] == SourceBootstrap {
			lacks = yes
		}
		lacking = either(lacking, both(static, lacks))
	}
	return lacking
}
