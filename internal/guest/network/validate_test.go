package network_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// The bootstrap providers that rules are tried with.
var (
	cloudInit  = network.Bootstrap{CloudInit: true}
	linuxPrep  = network.Bootstrap{LinuxPrep: true}
	sysprep    = network.Bootstrap{Sysprep: true}
	vAppConfig = network.Bootstrap{VAppConfig: true}
	nothing    = network.Bootstrap{}
)

func text(s string) known.Value[string] { return known.Of(s) }

func list(elements ...string) known.List[string] { return known.ListOf(elements...) }

// machine is a valid spec with the given interfaces.
func machine(interfaces ...network.Interface) network.Spec {
	spec := network.Spec{VMName: text("my-vm")}
	if len(interfaces) > 0 {
		spec.Interfaces = known.Of(interfaces)
	}
	return spec
}

// eth is an otherwise empty interface, changed as given.
func eth(index int, changes ...func(*network.Interface)) network.Interface {
	nic := network.Interface{Name: text(fmt.Sprintf("eth%d", index))}
	for _, change := range changes {
		change(&nic)
	}
	return nic
}

// outline is a Problem without its texts.
func outline(problems []network.Problem) []string {
	lines := make([]string, 0, len(problems))
	for _, problem := range problems {
		kind := "error"
		if problem.Severity == network.Warning {
			kind = "warning"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", kind, problem.Rule, problem.Path))
	}
	slices.Sort(lines)
	return lines
}

func expect(t *testing.T, problems []network.Problem, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, outline(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s\n%+v", diff, problems)
	}
	for _, problem := range problems {
		if problem.Summary == "" || strings.HasSuffix(problem.Summary, ".") || !strings.HasSuffix(problem.Detail, ".") ||
			strings.Contains(problem.Detail, "%!") {
			t.Errorf("badly worded: %q %q", problem.Summary, problem.Detail)
		}
	}
}

func TestProvidersThatExcludeEachOtherAreRefusedOnBothSides(t *testing.T) {
	t.Parallel()
	const (
		c = "error B0 bootstrap.cloud_init"
		l = "error B0 bootstrap.linux_prep"
		s = "error B0 bootstrap.sysprep"
		v = "error B0 bootstrap.vapp_config"
	)
	tests := []struct {
		bootstrap network.Bootstrap
		want      []string
	}{
		{nothing, nil},
		{cloudInit, nil},
		{linuxPrep, nil},
		{sysprep, nil},
		{vAppConfig, nil},
		{network.Bootstrap{LinuxPrep: true, VAppConfig: true}, nil},
		{network.Bootstrap{Sysprep: true, VAppConfig: true}, nil},
		{network.Bootstrap{CloudInit: true, LinuxPrep: true}, []string{c, l}},
		{network.Bootstrap{CloudInit: true, Sysprep: true}, []string{c, s}},
		{network.Bootstrap{CloudInit: true, VAppConfig: true}, []string{c, v}},
		{network.Bootstrap{LinuxPrep: true, Sysprep: true}, []string{l, s}},
		{network.Bootstrap{CloudInit: true, LinuxPrep: true, Sysprep: true, VAppConfig: true}, []string{c, l, s, v}},
		{network.Bootstrap{CloudInit: true, LinuxPrep: true, Unknown: true}, nil},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%+v", test.bootstrap), func(t *testing.T) {
			t.Parallel()
			expect(t, network.Validate(machine(), test.bootstrap), test.want...)
		})
	}
}

func TestLinuxPrepIsRefusedForWindows(t *testing.T) {
	t.Parallel()
	for guestID, want := range map[string][]string{
		"windows2019srv_64Guest": {"error P21 bootstrap.linux_prep"},
		"winNetStandardGuest":    {"error P21 bootstrap.linux_prep"},
		"WINDOWS9_64GUEST":       {"error P21 bootstrap.linux_prep"},
		"ubuntu64Guest":          nil,
		"darwin64Guest":          nil,
		"":                       nil,
	} {
		b := linuxPrep
		b.GuestID = text(guestID)
		expect(t, network.Validate(machine(), b), want...)
	}
	b := linuxPrep
	b.GuestID = known.Unknown[string]()
	expect(t, network.Validate(machine(), b))
}

// names makes a spec of a machine's name, a host name and a domain; "-" leaves one absent.
func names(vm, host, domain string) network.Spec {
	value := func(s string) known.Value[string] {
		if s == "-" {
			return known.Value[string]{}
		}
		return known.Of(s)
	}
	return network.Spec{VMName: value(vm), HostName: value(host), DomainName: value(domain)}
}

func TestNames(t *testing.T) {
	t.Parallel()
	windows := nothing
	windows.GuestID = text("Windows9_64Guest")
	linux := nothing
	linux.GuestID = text("photon64Guest")
	longLabel := strings.Repeat("a", 63)
	longDomain := strings.Repeat(longLabel+".", 3) + strings.Repeat("b", 61)
	tests := []struct {
		name      string
		spec      network.Spec
		bootstrap network.Bootstrap
		want      []string
	}{
		{"host name stands for itself", names("bad_name", "good", "-"), nothing, nil},
		{"machine's name stands in and is blamed", names("bad_name", "-", "-"), nothing, []string{"error H1 name"}},
		{"empty host name is none", names("bad_name", "", "-"), nothing, []string{"error H1 name"}},
		{"empty machine's name", names("", "-", "-"), nothing, []string{"error H1 name"}},
		{"no name at all is not for us to judge", names("-", "-", "-"), nothing, nil},
		{"host name is blamed", names("good", "a.b", "-"), nothing, []string{"error H1 network.host_name"}},
		{"H1 hides H4", names("good", "a_b", "c"), nothing, []string{"error H1 network.host_name"}},
		{"IP literal as host name", names("good", "192.0.2.1", "-"), nothing, nil},
		{"IP literal with domain", names("good", "192.0.2.1", "example.com"), nothing, []string{"error H2 network.host_name"}},
		{"IP literal with empty domain", names("good", "192.0.2.1", ""), nothing, nil},
		{"IP literal as machine's name with domain", names("2001:db8::1", "-", "example.com"), nothing, []string{"error H2 name"}},
		{"H2 hides H4", names("good", "192.0.2.1", "c"), nothing, []string{"error H2 network.host_name"}},
		{"15 bytes on Windows", names("good", strings.Repeat("a", 15), "-"), sysprep, nil},
		{"16 bytes with Sysprep", names("good", strings.Repeat("a", 16), "-"), sysprep, []string{"error H3 network.host_name"}},
		{"16 bytes with a Windows guest id", names("good", strings.Repeat("a", 16), "-"), windows, []string{"error H3 network.host_name"}},
		{"16 bytes on Linux", names("good", strings.Repeat("a", 16), "-"), linux, nil},
		{"8 characters of 16 bytes", names("good", strings.Repeat("ü", 8), "-"), sysprep, []string{"error H3 network.host_name"}},
		{"machine's name too long for Windows", names("my-windows-server-01", "-", "-"), sysprep, []string{"error H3 name"}},
		{"H3 hides H4", names("good", strings.Repeat("a", 16), "c"), sysprep, []string{"error H3 network.host_name"}},
		{"domain", names("good", "-", "c"), nothing, []string{"error H4 network.domain_name"}},
		{"255 bytes together", names("good", "abc", longDomain[2:]), nothing, nil},
		{"255 bytes together, domain full", names("good", "a", longDomain), nothing, nil},
		{"256 bytes together", names("good", "ab", longDomain), nothing, []string{"error H5 network"}},
		{"unknown host name, bad domain", network.Spec{VMName: text("bad_name"), HostName: known.Unknown[string](), DomainName: text("c")}, nothing, []string{"error H4 network.domain_name"}},
		{"unknown machine's name", network.Spec{VMName: known.Unknown[string]()}, nothing, nil},
		{"unknown guest id", names("good", strings.Repeat("a", 16), "-"), network.Bootstrap{GuestID: known.Unknown[string]()}, nil},
		{"unknown domain", network.Spec{VMName: text("192.0.2.1"), DomainName: known.Unknown[string]()}, nothing, nil},
	}
	if len(longDomain) != 253 {
		t.Fatalf("the long domain has %d bytes", len(longDomain))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expect(t, network.Validate(test.spec, test.bootstrap), test.want...)
		})
	}
}

func TestGlobalListsNeedAProviderThatUsesThem(t *testing.T) {
	t.Parallel()
	declined := network.Bootstrap{
		CloudInit:                       true,
		UseGlobalNameserversAsDefault:   known.Of(false),
		UseGlobalSearchDomainsAsDefault: known.Of(false),
	}
	accepted := network.Bootstrap{
		CloudInit:                       true,
		UseGlobalNameserversAsDefault:   known.Of(true),
		UseGlobalSearchDomainsAsDefault: known.Of(true),
	}
	undecided := network.Bootstrap{
		CloudInit:                       true,
		UseGlobalNameserversAsDefault:   known.Unknown[bool](),
		UseGlobalSearchDomainsAsDefault: known.Unknown[bool](),
	}
	refused := []string{"error G1 network.nameservers", "error G2 network.search_domains"}
	for name, test := range map[string]struct {
		bootstrap network.Bootstrap
		want      []string
	}{
		"cloud-init":               {cloudInit, nil},
		"cloud-init, accepted":     {accepted, nil},
		"cloud-init, declined":     {declined, refused},
		"cloud-init, undecided":    {undecided, nil},
		"LinuxPrep":                {linuxPrep, nil},
		"Sysprep":                  {sysprep, nil},
		"LinuxPrep and vAppConfig": {network.Bootstrap{LinuxPrep: true, VAppConfig: true}, nil},
		"vAppConfig":               {vAppConfig, refused},
		"nothing":                  {nothing, refused},
		"unknown":                  {network.Bootstrap{Unknown: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := machine()
			spec.Nameservers = list("8.8.8.8")
			spec.SearchDomains = list("example.com")
			expect(t, network.Validate(spec, test.bootstrap), test.want...)

			spec.Nameservers, spec.SearchDomains = list(), known.List[string]{}
			expect(t, network.Validate(spec, test.bootstrap))

			spec.Nameservers = known.Of([]known.Value[string]{known.Unknown[string]()})
			spec.SearchDomains = known.Unknown[[]known.Value[string]]()
			var want []string
			if test.want != nil {
				want = refused[:1] // a list of one unknown element is not empty
			}
			expect(t, network.Validate(spec, test.bootstrap), want...)
		})
	}
}

func TestNameserversAreIPLiterals(t *testing.T) {
	t.Parallel()
	servers := []string{"8.8.8.8", "2001:db8::53", "008.8.8.8", "fe80::1%eth0", "8.8.8.8/32", "dns.example.com", "", " 8.8.8.8", "::ffff:8.8.8.8"}
	spec := machine(eth(0, func(nic *network.Interface) { nic.Nameservers = list(servers...) }))
	spec.Nameservers = list(servers...)
	b := cloudInit
	b.GuestID = text("windows9_64Guest") // no limit of three
	expect(t, network.Validate(spec, b),
		"error G3 network.nameservers[2]", "error G3 network.nameservers[3]", "error G3 network.nameservers[4]",
		"error G3 network.nameservers[5]", "error G3 network.nameservers[6]", "error G3 network.nameservers[7]",
		"error P25 network.nameservers[8]",
		"error I10 network.interface[0].nameservers[2]", "error I10 network.interface[0].nameservers[3]",
		"error I10 network.interface[0].nameservers[4]", "error I10 network.interface[0].nameservers[5]",
		"error I10 network.interface[0].nameservers[6]", "error I10 network.interface[0].nameservers[7]",
		"error P25 network.interface[0].nameservers[8]",
	)
}

func TestMoreThanThreeNameserversAreWarnedOfUnlessWindows(t *testing.T) {
	t.Parallel()
	warned := []string{"warning P14 network.interface[0].nameservers", "warning P14 network.nameservers"}
	unknownGuest := cloudInit
	unknownGuest.GuestID = known.Unknown[string]()
	windows := cloudInit
	windows.GuestID = text("windows2022srvNext_64Guest")
	linux := cloudInit
	linux.GuestID = text("ubuntu64Guest")
	for _, test := range []struct {
		bootstrap network.Bootstrap
		want      []string
	}{{cloudInit, warned}, {linux, warned}, {windows, nil}, {unknownGuest, nil}, {sysprep, nil}} {
		servers := []string{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"}
		spec := machine(eth(0, func(nic *network.Interface) { nic.Nameservers = list(servers...) }))
		spec.Nameservers = list(servers...)
		expect(t, network.Validate(spec, test.bootstrap), test.want...)

		spec = machine(eth(0, func(nic *network.Interface) { nic.Nameservers = list(servers[:3]...) }))
		spec.Nameservers = list(servers[:3]...)
		expect(t, network.Validate(spec, test.bootstrap))
	}
}

func TestNullElementsAreRefused(t *testing.T) {
	t.Parallel()
	holed := known.Of([]known.Value[string]{known.Of("10.0.0.5/24"), {}})
	servers := known.Of([]known.Value[string]{known.Of("10.0.0.5"), {}})
	spec := machine(eth(0, func(nic *network.Interface) {
		nic.Addresses, nic.Nameservers, nic.SearchDomains = holed, servers, servers
	}))
	spec.Nameservers, spec.SearchDomains = servers, servers
	expect(t, network.Validate(spec, cloudInit),
		"error S7 network.nameservers[1]", "error S7 network.search_domains[1]",
		"error S7 network.interface[0].addresses[1]", "error S7 network.interface[0].nameservers[1]",
		"error S7 network.interface[0].search_domains[1]")
}

func TestEmptyElementsAreRefused(t *testing.T) {
	t.Parallel()
	texts := list("", "example.com", " ", "\t")
	spec := machine(eth(0, func(nic *network.Interface) {
		nic.Addresses, nic.Nameservers, nic.SearchDomains = list(""), list(""), texts
	}))
	spec.Nameservers, spec.SearchDomains = list(""), texts
	expect(t, network.Validate(spec, cloudInit),
		"error G3 network.nameservers[0]", "error I1 network.interface[0].addresses[0]", "error I10 network.interface[0].nameservers[0]",
		"error S8 network.search_domains[0]", "error S8 network.search_domains[2]", "error S8 network.search_domains[3]",
		"error S8 network.interface[0].search_domains[0]", "error S8 network.interface[0].search_domains[2]", "error S8 network.interface[0].search_domains[3]")
}
