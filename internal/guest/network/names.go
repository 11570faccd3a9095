package network

import "strings"

// names judges the host and the domain name. Of rules H1 to H5, only the first that is
// broken is reported, because the later ones follow from it more often than not.
func (v *validation) names() {
	hostPath := Path{"network", "host_name"}
	if hasText(v.spec.HostName) == no {
		hostPath = Path{"name"}
	}
	effective := v.spec.effectiveHostName()
	host, hostKnown := effective.Get()
	domain, domainKnown := v.spec.DomainName.Get()
	hasDomain := domainKnown && domain != ""

	if hostKnown {
		if err := CheckHostName(host); err != nil {
			v.refuse(ruleHostName, hostPath, "Host name is not valid", "%s.%s", sentence(err), advice(hostPath))
			return
		}
		if hasDomain && isIPLiteral(host) {
			v.refuse(ruleHostIPDomain, hostPath, "Host name is an IP address",
				"The host name is %q and the domain is %q: an IP address cannot have a domain. Set network.host_name to a name, or remove network.domain_name.", host, domain)
			return
		}
		if len(host) > maxWindowsHostBytes && v.bootstrap.windows() == yes {
			v.refuse(ruleHostWindows, hostPath, "Host name is too long for Windows",
				"The host name %q has %d bytes, and Windows takes %d at the most.%s", host, len(host), maxWindowsHostBytes, advice(hostPath))
			return
		}
	}
	if !hasDomain {
		return
	}
	if err := CheckDomainName(domain); err != nil {
		v.refuse(ruleDomainName, Path{"network", "domain_name"}, "Domain name is not valid", "%s.", sentence(err))
		return
	}
	if full := len(host) + len(".") + len(domain); hostKnown && full > maxFullNameBytes {
		v.refuse(ruleFullNameLength, Path{"network"}, "Host and domain name are too long",
			"%q and %q, with a dot between them, have %d bytes, and %d is the most. Shorten network.host_name or network.domain_name.", host, domain, full, maxFullNameBytes)
	}
}

// advice ends the text about a host name with what to change.
func advice(hostPath Path) string {
	if len(hostPath) == 1 {
		return " It is the machine's name: set network.host_name to another one, or change name."
	}
	return ""
}

// sentence begins an error's text with a capital letter.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
