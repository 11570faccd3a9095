package network

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Validate judges a network as it was written, together with the bootstrap providers that
// are to carry it. It returns everything that is wrong, not only the first.
//
// What is unknown is not judged: a Problem stands whatever the unknown values turn out to
// be. What depends on the connected networks is left to Review.
func Validate(spec Spec, b Bootstrap) []Problem {
	v := validation{spec: spec, bootstrap: b}
	v.providers()
	v.names()
	v.globalDNS()
	v.interfaces()
	v.vlans()
	v.problems = append(v.problems, reviewed(spec, b, Defaults{Unknown: true})...)
	return v.problems
}

// validation collects what is wrong with a spec.
type validation struct {
	spec      Spec
	bootstrap Bootstrap
	problems  []Problem
}

func (v *validation) refuse(rule string, path Path, summary, detail string, args ...any) {
	v.problems = append(v.problems, Problem{Error, rule, path, summary, fmt.Sprintf(detail, args...)})
}

func (v *validation) warn(rule string, path Path, summary, detail string, args ...any) {
	v.problems = append(v.problems, Problem{Warning, rule, path, summary, fmt.Sprintf(detail, args...)})
}

// providers judges which bootstrap providers stand together. Both sides of a pair that do
// not agree are named.
func (v *validation) providers() {
	b := v.bootstrap
	if b.Unknown {
		return
	}
	root := Path{"bootstrap"}
	const summary = "Bootstrap providers exclude each other"
	if b.CloudInit && (b.LinuxPrep || b.Sysprep || b.VAppConfig) {
		v.refuse(ruleProviders, root.At("cloud_init"), summary,
			"cloud_init configures the guest alone, but %s is configured too. Remove one of them.",
			listed(named{b.LinuxPrep, "linux_prep"}, named{b.Sysprep, "sysprep"}, named{b.VAppConfig, "vapp_config"}))
	}
	if b.LinuxPrep && (b.CloudInit || b.Sysprep) {
		v.refuse(ruleProviders, root.At("linux_prep"), summary,
			"linux_prep goes with vapp_config only, but %s is configured too. Remove one of them.",
			listed(named{b.CloudInit, "cloud_init"}, named{b.Sysprep, "sysprep"}))
	}
	if b.Sysprep && (b.CloudInit || b.LinuxPrep) {
		v.refuse(ruleProviders, root.At("sysprep"), summary,
			"sysprep goes with vapp_config only, but %s is configured too. Remove one of them.",
			listed(named{b.CloudInit, "cloud_init"}, named{b.LinuxPrep, "linux_prep"}))
	}
	if b.VAppConfig && b.CloudInit {
		v.refuse(ruleProviders, root.At("vapp_config"), summary,
			"vapp_config goes with linux_prep or sysprep, but cloud_init is configured too. Remove one of them.")
	}
	if b.LinuxPrep && isWindowsGuest(b.GuestID) == yes {
		v.refuse(ruleGuestID, root.At("linux_prep"), "LinuxPrep cannot configure Windows",
			"The guest is %q, which is Windows. Use sysprep, or an image with Linux.", b.GuestID.Or(""))
	}
}

// named is a thing that may be there.
type named struct {
	there bool
	name  string
}

// listed joins the things that are there.
func listed(candidates ...named) string {
	var there []string
	for _, candidate := range candidates {
		if candidate.there {
			there = append(there, candidate.name)
		}
	}
	return strings.Join(there, " and ")
}

// windows asks whether the guest is Windows: it is configured by Sysprep, or has a
// vSphere guest id of Windows.
func (b Bootstrap) windows() answer {
	return either(b.uses(b.Sysprep), isWindowsGuest(b.GuestID))
}

// isWindowsGuest asks whether a vSphere guest id is one of Windows; all of those begin alike.
func isWindowsGuest(guestID known.Value[string]) answer {
	if guestID.IsUnknown() {
		return maybe
	}
	return answerOf(strings.HasPrefix(strings.ToLower(guestID.Or("")), "win"))
}

// globalDNS judges the lists of the whole machine.
func (v *validation) globalDNS() {
	root := Path{"network"}
	v.globalList(ruleGlobalNameserversProvider, root.At("nameservers"), v.spec.Nameservers,
		v.bootstrap.UseGlobalNameserversAsDefault, "use_global_nameservers_as_default")
	v.globalList(ruleGlobalSearchProvider, root.At("search_domains"), v.spec.SearchDomains,
		v.bootstrap.UseGlobalSearchDomainsAsDefault, "use_global_search_domains_as_default")
	v.literals(ruleGlobalNameserver, root.At("nameservers"), v.spec.Nameservers)
	v.searchDomains(root.At("search_domains"), v.spec.SearchDomains)
	v.resolverLimit(root.At("nameservers"), v.spec.Nameservers)
}

// globalList judges whether somebody uses a list of the whole machine.
func (v *validation) globalList(rule string, path Path, list known.List[string], flag known.Value[bool], flagName string) {
	b := v.bootstrap
	if hasElements(list) != yes || b.Unknown {
		return
	}
	name := path[len(path)-1]
	remedy := "configure one of them in bootstrap"
	if !b.VAppConfig {
		// Without a block LinuxPrep is implied only once an image turns out to be Linux.
		remedy = "write bootstrap { linux_prep {} } (or cloud_init, or sysprep for Windows) to use it"
	}
	switch {
	case b.CloudInit && isFalse(flag) == yes:
		v.refuse(rule, path, "The machine's "+fmt.Sprint(name)+" would not be used",
			"network.%s is set, but cloud_init.%s is false, so that no interface would take it. Remove one of the two, or set %s at the interfaces.",
			name, flagName, name)
	case !b.CloudInit && !b.LinuxPrep && !b.Sysprep:
		v.refuse(rule, path, "The machine's "+fmt.Sprint(name)+" would not be used",
			"network.%s needs cloud_init, linux_prep or sysprep to carry it into the guest, and %s. Remove it, or %s.",
			name, b.inUse(), remedy)
	}
}

// inUse completes a sentence about the bootstrap providers that are there.
func (b Bootstrap) inUse() string {
	there := listed(named{b.CloudInit, "cloud_init"}, named{b.LinuxPrep, "linux_prep"}, named{b.Sysprep, "sysprep"}, named{b.VAppConfig, "vapp_config"})
	if there == "" {
		return "no bootstrap provider is configured"
	}
	return "only " + there + " is configured"
}

// literals judges a list of nameservers.
func (v *validation) literals(rule string, path Path, list known.List[string]) {
	v.nulls(path, list)
	for i, element := range list.Or(nil) {
		if text, ok := element.Get(); ok {
			if _, err := ParseAddress(text); err != nil {
				v.refuse(mappedOr(rule, err), path.At(i), "Nameserver is not an IP address", "The nameserver %s.", err)
			}
		}
	}
}

// nulls judges a list by its null elements.
func (v *validation) nulls(path Path, list known.List[string]) {
	for i, element := range list.Or(nil) {
		if element.IsAbsent() {
			v.refuse(ruleNull, path.At(i), "List element is null",
				"Element %d of %s is null. Remove it, for example with compact().", i, path)
		}
	}
}

// searchDomains judges a list of search domains by elements that are none. What a search domain
// looks like is left to the guest.
func (v *validation) searchDomains(path Path, list known.List[string]) {
	v.nulls(path, list)
	for i, element := range list.Or(nil) {
		if text, ok := element.Get(); ok && strings.TrimSpace(text) == "" {
			v.refuse(ruleEmpty, path.At(i), "Search domain is empty",
				"Element %d of %s is empty. Write a domain such as \"example.com\", or remove it, for example with compact().", i, path)
		}
	}
}

// resolverLimit warns of nameservers that a Linux guest does not look at.
func (v *validation) resolverLimit(path Path, list known.List[string]) {
	const limit = 3 // MAXNS of the C library's resolver
	elements := list.Or(nil)
	if len(elements) > limit && v.bootstrap.windows() == no {
		v.warn(ruleReachable, path, "More than three nameservers",
			"%s names %d nameservers; Linux asks the first %d only. Remove the others.", path, len(elements), limit)
	}
}

// mappedOr is the rule that a parser's error violates.
func mappedOr(rule string, err error) string {
	if errors.Is(err, ErrIPv4Mapped) {
		return ruleIPv4Mapped
	}
	return rule
}
