package virtualmachine

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

// profiles of three kinds, and none.
func profiles() map[string]ippool.Profile {
	pool := func(subnet, first, last string) ippool.Family {
		return ippool.Family{PoolEnabled: true, Subnet: netip.MustParsePrefix(subnet), Ranges: ippool.Ranges{{First: addr(first), Last: addr(last)}}}
	}
	v4, v6 := pool("10.0.0.0/24", "10.0.0.10", "10.0.0.19"), pool("2001:db8::/64", "2001:db8::10", "2001:db8::1f")
	leased4 := v4
	leased4.DHCP = true
	return map[string]ippool.Profile{
		"both": {ID: 1, IPv4: v4, IPv6: v6}, "four": {ID: 2, IPv4: v4, IPv6: ippool.Family{DHCP: true}}, "six": {ID: 3, IPv6: v6},
		"leased": {ID: 4, IPv4: ippool.Family{DHCP: true}, IPv6: ippool.Family{DHCP: true}}, "pooled and leased": {ID: 5, IPv4: leased4}, "empty": {ID: 6},
	}
}

// offering connects eth0 to a network with a profile; none for the empty name.
func offering(profile string) *offers {
	o := &offers{profiles: map[string]ippool.Profile{}}
	o.Networks = map[string]network.NetworkDefaults{}
	if p, ok := profiles()[profile]; ok {
		o.profiles["eth0"], o.Networks["eth0"] = p, offered(p, poolRecord{})
	}
	return o
}

func TestAPoolIsWantedWhereNobodyElseGivesAnAddress(t *testing.T) {
	t.Parallel()
	unknownAddresses := func(nic *network.Interface) { nic.Addresses = known.Unknown[[]known.Value[string]]() }
	both, only4, only6, none := families{true, true}, families{IPv4: true}, families{IPv6: true}, families{}
	for name, test := range map[string]struct {
		profile string
		nic     network.Interface
		want    families
	}{
		"nothing written":             {"both", nic("eth0", "a"), both},
		"pool of IPv4":                {"four", nic("eth0", "a"), only4},
		"pool of IPv6":                {"six", nic("eth0", "a"), only6},
		"pool and DHCP server":        {"pooled and leased", nic("eth0", "a"), only4},
		"DHCP server":                 {"leased", nic("eth0", "a"), none},
		"profile that offers nothing": {"empty", nic("eth0", "a"), none},
		"no profile":                  {"", nic("eth0", "a"), none},
		"DHCP off":                    {"both", nic("eth0", "a", dhcp4(known.Of(false)), dhcp6(known.Of(false))), both},
		"DHCPv4 asked for":            {"both", nic("eth0", "a", dhcp4(known.Of(true))), only6},
		"DHCPv6 asked for":            {"both", nic("eth0", "a", dhcp6(known.Of(true))), only4},
		"both asked for":              {"both", nic("eth0", "a", dhcp4(known.Of(true)), dhcp6(known.Of(true))), none},
		// An interface that names an address names all of them.
		"IPv4 address":      {"both", nic("eth0", "a", static("192.0.2.7/24")), none},
		"IPv6 address":      {"both", nic("eth0", "a", static("2001:db8::7/64")), none},
		"unknown addresses": {"both", nic("eth0", "a", unknownAddresses), none},
		"DHCP not known":    {"four", nic("eth0", "a", dhcp4(known.Unknown[bool]())), none},
		"no gateway":        {"both", nic("eth0", "a", func(n *network.Interface) { n.Gateway4 = known.Of(network.GatewayNone) }), both},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := wantedPools(specOf(test.nic), withCloudInit, offering(test.profile))
			want := map[string]families{"eth0": test.want}
			if test.want == none {
				want = nil
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	disabled := specOf(nic("eth0", "a"))
	disabled.Disabled = known.Of(true)
	if got := wantedPools(disabled, withCloudInit, offering("both")); len(got) > 0 {
		t.Errorf("a machine without network wants %v", got)
	}
}

// With the addresses that are wanted, and no other, everything about a machine is known.
func TestWhatIsWantedIsWhatResolveNeeds(t *testing.T) {
	t.Parallel()
	tried, allocated := 0, 0
	for profile := range profiles() {
		for _, written := range [][]string{nil, {"192.0.2.7/24"}, {"2001:db8::7/64"}, {"192.0.2.7/24", "2001:db8::7/64"}} {
			for _, four := range []known.Value[bool]{{}, known.Of(true), known.Of(false)} {
				for _, six := range []known.Value[bool]{{}, known.Of(true), known.Of(false)} {
					nic := nic("eth0", "a", dhcp4(four), dhcp6(six))
					if written != nil {
						nic.Addresses = known.ListOf(written...)
					}
					spec, o := specOf(nic), offering(profile)
					wanted := wantedPools(spec, withCloudInit, o)
					records := intended(nil, wanted, o.profiles)
					complete := network.Resolve(spec, withCloudInit, o.Defaults).Complete()
					if complete != (len(wanted) == 0) {
						t.Errorf("%s, %v, %v, %v: %v is wanted, and complete is %v", profile, written, four, six, wanted, complete)
					}
					for name, record := range records {
						if wanted[name].IPv4 {
							record.Address4 = "10.0.0.10"
						}
						if wanted[name].IPv6 {
							record.Address6 = "2001:db8::10"
						}
						records[name] = record
						allocated++
					}
					tried++
					if resolved := network.Resolve(spec, withCloudInit, o.with(records).Defaults); !resolved.Complete() {
						t.Errorf("%s, %v, %v, %v: with %v, %v is not known", profile, written, four, six, records, resolved.Unknown())
					}
				}
			}
		}
	}
	if tried != len(profiles())*4*9 || allocated == 0 || allocated == tried {
		t.Errorf("of %d cases %d allocate", tried, allocated)
	}
}

func TestTheRecordKnowsOfAPoolBeforeItIsAskedAndUntilItIsReleased(t *testing.T) {
	t.Parallel()
	all := profiles()
	both := families{true, true}
	held := poolRecord{Pool: 1, Address4: "10.0.0.10", Address6: "2001:db8::10"}
	type pools = map[string]poolRecord
	for name, test := range map[string]struct {
		before   pools
		wanted   map[string]families
		profiles map[string]ippool.Profile
		want     pools
	}{
		"new":               {nil, map[string]families{"eth0": both}, map[string]ippool.Profile{"eth0": all["both"]}, pools{"eth0": {Pool: 1}}},
		"kept":              {pools{"eth0": held}, map[string]families{"eth0": both}, map[string]ippool.Profile{"eth0": all["both"]}, pools{"eth0": held}},
		"one family less":   {pools{"eth0": held}, map[string]families{"eth0": {IPv6: true}}, map[string]ippool.Profile{"eth0": all["both"]}, pools{"eth0": held}},
		"another network":   {pools{"eth0": held}, map[string]families{"eth0": {IPv4: true}}, map[string]ippool.Profile{"eth0": all["four"]}, pools{"eth0": {Pool: 2}, "eth0@1": held}},
		"static by now":     {pools{"eth0": held}, nil, map[string]ippool.Profile{"eth0": all["both"]}, pools{"eth0@1": held}},
		"gone":              {pools{"eth0": held}, nil, nil, pools{"eth0@1": held}},
		"still to release":  {pools{"eth0": {Pool: 2}, "eth0@1": held}, map[string]families{"eth0": {IPv4: true}}, map[string]ippool.Profile{"eth0": all["four"]}, pools{"eth0": {Pool: 2}, "eth0@1": held}},
		"back in time":      {pools{"eth0": {Pool: 2}, "eth0@1": held}, map[string]families{"eth0": both}, map[string]ippool.Profile{"eth0": all["both"]}, pools{"eth0": held, "eth0@2": {Pool: 2}}},
		"none and no pools": {nil, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := intended(test.before, test.wanted, test.profiles)
			if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(got, intended(got, test.wanted, test.profiles), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("once more it is another (-want +got):\n%s", diff)
			}
		})
	}
}

// allocated allocates for a machine as create and update do.
func (l *lab) allocated(spec network.Spec, before map[string]poolRecord) (map[string]poolRecord, error) {
	l.t.Helper()
	o := l.offered(spec, before)
	wanted := wantedPools(spec, withCloudInit, o)
	return l.allocate(l.t.Context(), machineUUID, o.profiles, wanted, intended(before, wanted, o.profiles))
}

func TestAddressesAreKeptByTheMachineAndGivenBack(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	spec := specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkScarce), nic("eth2", simulator.NetworkBackend))
	id := func(name string) string { return machineUUID + "/" + name }
	pooled, scarce := l.profile(simulator.NetworkPooled).ID, l.profile(simulator.NetworkScarce).ID
	want := map[string]poolRecord{
		"eth0": {Pool: pooled, Address4: "10.20.0.240", Address6: "2001:db8:20::1000"},
		"eth1": {Pool: scarce, Address4: "10.30.0.11"},
	}
	var records map[string]poolRecord
	for name, before := range map[string]map[string]poolRecord{"first": nil, "again": want, "after a kill": {"eth0": {Pool: pooled}}} {
		got, err := l.allocated(spec, before)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		records = got
	}
	all4, all6 := simulator.IPAllocation{ID: id("eth0"), Address: "10.20.0.240"}, simulator.IPAllocation{ID: id("eth0"), Address: "2001:db8:20::1000"}
	others := simulator.IPAllocation{ID: simulator.AllocationOther, Address: "10.30.0.10"}
	l.allocations("pooled", all4, all6)
	l.allocations("scarce", simulator.IPAllocation{ID: id("eth1"), Address: "10.30.0.11"}, others)

	// eth1 becomes static: what it had is given back once the guest has been told, any number of times.
	records, err := l.allocated(specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkScarce, static("10.30.0.5/28"))), records)
	l.must(err)
	l.allocations("scarce", simulator.IPAllocation{ID: id("eth1"), Address: "10.30.0.11"}, others)
	for range 2 {
		after, err := l.release(t.Context(), machineUUID, records)
		if diff := cmp.Diff(map[string]poolRecord{"eth0": want["eth0"]}, after); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	l.allocations("scarce", others)
	l.allocations("pooled", all4, all6)

	// The machine goes, with a record from before the release.
	for range 2 {
		l.clean(l.releaseForGood(t.Context(), machineUUID, records))
	}
	l.allocations("pooled")
	l.allocations("scarce", others)
}

func TestAnInterfaceThatIsConnectedElsewhereReleasesAfterItAllocates(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	records, err := l.allocated(specOf(nic("eth0", simulator.NetworkScarce)), nil)
	l.must(err)
	if records, err = l.allocated(specOf(nic("eth0", simulator.NetworkPooled)), records); err != nil || len(records) != 2 {
		t.Fatalf("%v, %v", records, err)
	}
	if list, err := l.sim.IPAllocations("scarce"); err != nil || len(list) != 2 {
		t.Errorf("the old address is free before the guest was told of the new one: %v, %v", list, err)
	}
	records, err = l.release(t.Context(), machineUUID, records)
	if want := map[string]poolRecord{"eth0": {Pool: l.profile(simulator.NetworkPooled).ID, Address4: "10.20.0.240", Address6: "2001:db8:20::1000"}}; err != nil || !cmp.Equal(want, records) {
		t.Errorf("%v: %s", err, cmp.Diff(want, records))
	}
	l.allocations("scarce", simulator.IPAllocation{ID: simulator.AllocationOther, Address: "10.30.0.10"})
}

func TestALostAnswerIsTheSameAddress(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, operation := range []string{"AllocateIpv4Address", "AllocateIpv6Address"} {
		l.must(l.sim.LoseAnswer(operation))
	}
	records, err := l.allocated(specOf(nic("eth0", simulator.NetworkPooled)), nil)
	if err != nil || records["eth0"].Address4 != "10.20.0.240" || records["eth0"].Address6 != "2001:db8:20::1000" {
		t.Errorf("%v, %v", records, err)
	}
	if list, err := l.sim.IPAllocations("pooled"); err != nil || len(list) != 2 {
		t.Errorf("there are %v, %v", list, err)
	}
	// The answer is lost for good: the record knows what to ask for, and what to give back.
	l.must(l.sim.Inject(simulator.Rule{Operation: "AllocateIpv4Address", Lose: true, Times: -1}))
	records, err = l.allocated(specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkScarce)), records)
	if !errors.Is(err, vsphere.ErrInterrupted) || records["eth1"].Pool == 0 {
		t.Errorf("%v, %v", records, err)
	}
	l.sim.ClearRules()
	l.clean(l.releaseForGood(t.Context(), machineUUID, records))
	l.allocations("pooled")
	l.allocations("scarce", simulator.IPAllocation{ID: simulator.AllocationOther, Address: "10.30.0.10"})
}

func TestWhatAPoolDoesNotGiveIsAnErrorThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	two := specOf(nic("eth0", simulator.NetworkScarce), nic("eth1", simulator.NetworkScarce))
	records, err := l.allocated(two, nil)
	wantError(t, err, vsphere.ErrInsufficientResources, `interface "eth1"`, `network protocol profile "scarce"`, "10.30.0.10-10.30.0.11", "write the address at the interface")
	if records["eth0"].Address4 == "" || records["eth1"] != (poolRecord{Pool: records["eth0"].Pool}) {
		t.Errorf("what is allocated by then is forgotten: %v", records)
	}
	for fault, kind := range map[string]error{"NoPermission": vsphere.ErrNotPermitted, "NotSupported": vsphere.ErrUnsupported} {
		l.must(l.sim.FailCall("AllocateIpv4Address", fault))
		_, err := l.allocated(specOf(nic("eth0", simulator.NetworkPooled)), nil)
		wantError(t, err, kind, `interface "eth0"`, `network protocol profile "pooled"`, "extensions of vCenter", "disable the IPv4 pool of the profile, or write the address at the interface")
	}
}

func TestAnAddressThatMovedIsToldOnceAndThenTheMachines(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	spec := specOf(nic("eth0", simulator.NetworkScarce))
	before, err := l.allocated(spec, nil)
	l.must(err)
	// Somebody takes the range away, which releases the address, and gives it back.
	id := before["eth0"].Pool
	for _, addresses := range []string{"10.30.0.2#1", "10.30.0.9#3"} {
		l.setProfile(govmomi.IpPool{Id: id, Ipv4Config: &govmomi.IpPoolIpPoolConfigInfo{Range: addresses}})
	}
	l.Resource = l.another()
	after, err := l.allocated(spec, before)
	if !errors.Is(err, errMoved) || after["eth0"] != (poolRecord{Pool: id, Address4: "10.30.0.9"}) {
		t.Fatalf("%v, %v", after, err)
	}
	for _, part := range []string{`interface "eth0"`, "it had 10.30.0.11", `network protocol profile "scarce"`, "10.30.0.9", "The next apply"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
	if again, err := l.allocated(spec, after); err != nil || !cmp.Equal(after, again) {
		t.Errorf("%v: %s", err, cmp.Diff(after, again))
	}
	// A plan does not promise an address that is out of the range. Then another one is no surprise.
	l.setProfile(govmomi.IpPool{Id: id, Ipv4Config: &govmomi.IpPoolIpPoolConfigInfo{Range: "10.30.0.2#1"}})
	l.Resource = l.another()
	if after, err = l.allocated(spec, after); err != nil || after["eth0"] != (poolRecord{Pool: id, Address4: "10.30.0.2"}) {
		t.Errorf("%v, %v", after, err)
	}
}

func TestWhatCannotBeReleasedIsRemembered(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	records, err := l.allocated(specOf(nic("eth0", simulator.NetworkScarce), nic("eth1", simulator.NetworkPooled)), nil)
	l.must(err)
	gone, err := l.allocated(network.Spec{Disabled: known.Of(true)}, records)
	l.must(err)
	l.must(l.sim.FailCall("ReleaseIpAllocation", "RuntimeFault"))
	left, err := l.release(t.Context(), machineUUID, gone)
	if err == nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
	if left, err = l.release(t.Context(), machineUUID, left); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	l.allocations("pooled")
	l.allocations("scarce", simulator.IPAllocation{ID: simulator.AllocationOther, Address: "10.30.0.10"})
}

func TestAMachineGoesAlthoughVCenterKeepsItsAddresses(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	records, err := l.allocated(specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkScarce)), nil)
	l.must(err)
	for _, test := range []struct{ fault, want string }{
		{"NoPermission", "warning|Addresses stay allocated|elease the addresses of|out of the profile's range"},
		{"NotSupported", "warning|Addresses stay allocated"},
		{"RuntimeFault", "error|Unable to release the machine's addresses"},
	} {
		l.must(l.sim.FailCall("ReleaseIpAllocation", test.fault))
		wantDiags(t, l.releaseForGood(t.Context(), machineUUID, records), test.want)
	}
	l.clean(l.releaseForGood(t.Context(), machineUUID, records))
	l.allocations("pooled")
	l.clean(l.releaseForGood(t.Context(), machineUUID, records))
}

// wantError checks the kind of an error and that its text has all parts.
func wantError(t *testing.T, err, kind error, parts ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("error is %v, want %v", err, kind)
	}
	for _, part := range parts {
		if !strings.Contains(fmt.Sprint(err), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}
