package ippool_test

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

// values compares what net/netip holds.
var values = cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func addrs(texts ...string) []netip.Addr {
	var list []netip.Addr
	for _, text := range texts {
		list = append(list, addr(text))
	}
	return list
}

func TestProfileIsReadWhole(t *testing.T) {
	w := newWorld(t)
	want := map[string]ippool.Profile{
		simulator.NetworkPooled: {
			Name: "pooled",
			IPv4: ippool.Family{
				PoolEnabled: true, Subnet: netip.MustParsePrefix("10.20.0.0/22"), Gateway: addr("10.20.0.1"),
				Ranges: ippool.Ranges{{First: addr("10.20.0.240"), Last: addr("10.20.1.15")}, {First: addr("10.20.2.10"), Last: addr("10.20.2.73")}},
			},
			IPv6: ippool.Family{
				PoolEnabled: true, Subnet: netip.MustParsePrefix("2001:db8:20::/64"), Gateway: addr("2001:db8:20::1"),
				Ranges: ippool.Ranges{{First: addr("2001:db8:20::1000"), Last: addr("2001:db8:20::1fff")}},
			},
			Nameservers:   addrs("10.20.0.2", "10.20.0.3", "2001:db8:20::2"),
			SearchDomains: []string{"pooled.example", "example.com"}, DomainName: "pooled.example", HostPrefix: "p-",
		},
		simulator.NetworkLeased: {
			Name: "leased", IPv4: ippool.Family{DHCP: true}, IPv6: ippool.Family{DHCP: true},
			Nameservers: addrs("10.40.0.2"), DomainName: "leased.example",
		},
		simulator.NetworkScarce: {
			Name: "scarce",
			IPv4: ippool.Family{
				PoolEnabled: true, Subnet: netip.MustParsePrefix("10.30.0.0/28"), Gateway: addr("10.30.0.1"),
				Ranges: ippool.Ranges{{First: addr("10.30.0.10"), Last: addr("10.30.0.11")}},
			},
		},
	}
	for network, profile := range want {
		got := w.profile(network)
		if got.ID == 0 {
			t.Errorf("%s has no id", network)
		}
		got.IPv4.Free, got.IPv4.Taken, got.IPv6.Free, got.IPv6.Taken = 0, 0, 0, 0 // see TestAddressesAreCounted
		if diff := cmp.Diff(profile, got, values, cmpopts.IgnoreFields(ippool.Profile{}, "ID"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", network, diff)
		}
	}
	for _, network := range []string{simulator.NetworkStandard, simulator.NetworkFrontend, simulator.NetworkBackend} {
		if got, ok, err := w.pools.Profile(t.Context(), w.network(network)); ok || err != nil {
			t.Errorf("%s has the profile %v, %v", network, got, err)
		}
	}
}

func TestAddressesAreCounted(t *testing.T) {
	w := newWorld(t)
	scarce := w.profile("scarce").IPv4
	if scarce.Free != 1 || scarce.Taken != 1 || scarce.Lacks(1) || !scarce.Lacks(2) {
		t.Errorf("of two addresses one is taken: %+v", scarce)
	}
	if leased := w.profile("leased").IPv4; !leased.Lacks(1) || leased.Lacks(0) || leased.Free != 0 {
		t.Errorf("a pool that is not enabled has addresses: %+v", leased)
	}
	if pooled := w.profile("pooled").IPv6; pooled.Free != 4096 || pooled.Taken != 0 || pooled.Lacks(10) {
		t.Errorf("of 4096 addresses none is taken: %+v", pooled)
	}
	if _, err := w.pools.Allocate(t.Context(), w.profile("scarce"), ippool.IPv4, "a"); err != nil {
		t.Fatal(err)
	}
	if again := w.profile("scarce").IPv4; again.Taken != 1 {
		t.Errorf("an answer of half a minute was asked for again: %+v", again)
	}
	if fresh, ok, err := w.pools.Fresh(t.Context(), w.network("scarce")); err != nil || !ok || fresh.IPv4.Taken != 2 || !fresh.IPv4.Lacks(1) {
		t.Errorf("now both are taken: %+v, %v, %v", fresh.IPv4, ok, err)
	}
}

func TestVCenterThatDoesNotCountIsNotCalledEmpty(t *testing.T) {
	t.Parallel()
	two, _ := ippool.ParseRanges(ippool.IPv4, "192.0.2.1#1, 192.0.2.9#1")
	for want, families := range map[bool][]ippool.Family{
		false: {{PoolEnabled: true, Ranges: two}, {PoolEnabled: true, Ranges: two, Free: 2}, {PoolEnabled: true, Ranges: two, Free: -1, Taken: 7}},
		true:  {{PoolEnabled: true}, {PoolEnabled: true, Ranges: two[:1]}, {PoolEnabled: true, Ranges: two, Taken: 2}, {PoolEnabled: true, Ranges: two, Free: 1, Taken: 1}},
	} {
		for _, family := range families {
			if got := family.Lacks(2); got != want {
				t.Errorf("%+v lacks two: %v", family, got)
			}
		}
	}
}

func TestMachineThatDoesNotChangeAsksRarely(t *testing.T) {
	w := newWorld(t)
	backend, pooled := w.network("backend"), w.network("pooled")
	w.pools.Believe(time.Hour, 0)
	got := w.calls(func() {
		for range 20 {
			for network, want := range map[types.ManagedObjectReference]bool{backend: false, pooled: true} {
				if _, ok, err := w.pools.Standing(t.Context(), network); ok != want || err != nil {
					t.Errorf("the profile of %s is %v, %v", network.Value, ok, err)
				}
			}
		}
		if enabled, err := w.pools.AnyEnabled(t.Context()); !enabled || err != nil {
			t.Errorf("there is a pool: %v, %v", enabled, err)
		}
	})
	if diff := cmp.Diff(map[string]int{"QueryIpPools": 1}, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestDatacenterWithoutPoolsHasNone(t *testing.T) {
	w := newWorld(t)
	for _, network := range []string{"pooled", "scarce"} {
		w.destroy(w.profile(network).ID)
	}
	if enabled, err := ippool.New(w.client).AnyEnabled(t.Context()); enabled || err != nil {
		t.Errorf("only a profile without pool is there: %v, %v", enabled, err)
	}
	if err := w.sim.FailCall("QueryIpPools", "NoPermission"); err != nil {
		t.Fatal(err)
	}
	_, err := ippool.New(w.client).AnyEnabled(t.Context())
	wantError(t, err, vsphere.ErrNotPermitted, "read the network protocol profiles")
}

func TestOneRequestAnswersForAllNetworks(t *testing.T) {
	w := newWorld(t)
	networks := []types.ManagedObjectReference{w.network("pooled"), w.network("leased"), w.network("scarce"), w.network("backend"), w.network("VM Network")}
	w.pools.Believe(time.Hour, time.Hour)
	got := w.calls(func() {
		var all sync.WaitGroup
		errs := make([]error, 100)
		for i := range errs {
			all.Go(func() { _, _, errs[i] = w.pools.Profile(t.Context(), networks[i%len(networks)]) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	})
	if diff := cmp.Diff(map[string]int{"QueryIpPools": 1}, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestProfileOfALaterMomentIsSeen(t *testing.T) {
	w := newWorld(t)
	backend := w.network("backend")
	w.pools.Believe(time.Hour, time.Hour)
	find := func() bool {
		_, ok, err := w.pools.Profile(t.Context(), backend)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if find() {
		t.Fatal("backend has a profile")
	}
	w.create(types.IpPool{Name: "late"}, "backend")
	if find() {
		t.Error("an answer that is to be believed was asked for again")
	}
	w.pools.Believe(time.Hour, 0)
	if !find() {
		t.Error("the new profile is not seen when the absence is not believed any more")
	}
	again := w.calls(func() { find() })
	if len(again) != 0 {
		t.Errorf("a profile that is known takes the requests %v", again)
	}
}

func TestProfilesThatCannotBeReadAreErrors(t *testing.T) {
	w := newWorld(t)
	network := w.network("pooled")
	if err := w.sim.FailCall("QueryIpPools", "NoPermission"); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.pools.Profile(t.Context(), network)
	wantError(t, err, vsphere.ErrNotPermitted, "read the network protocol profiles")
	if _, ok, err := w.pools.Profile(t.Context(), network); !ok || err != nil {
		t.Errorf("after a failure the profile is %v, %v", ok, err)
	}
}

func TestOddProfileHurtsNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.create(types.IpPool{Name: "odd", Ipv4Config: &types.IpPoolIpPoolConfigInfo{
		SubnetAddress: "10.50.0.0", Netmask: "10.50.0.255", IpPoolEnabled: types.NewBool(true),
	}}, "backend")
	_, ok, err := w.pools.Profile(t.Context(), w.network("backend"))
	wantError(t, err, vsphere.ErrInvalidArgument, `read the IPv4 settings of network protocol profile "odd"`, `netmask "10.50.0.255"`, "Correct the profile")
	if ok {
		t.Error("it is a profile nevertheless")
	}
	w.profile("pooled")
}

func TestVCenterWithoutProfiles(t *testing.T) {
	w := newWorld(t)
	profile, network := w.profile("pooled"), w.network("pooled")
	vim, err := w.client.Vim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	vim.ServiceContent.IpPoolManager = nil
	if _, ok, err := ippool.New(w.client).Profile(t.Context(), network); ok || err != nil {
		t.Errorf("there is a profile nevertheless: %v, %v", ok, err)
	}
	_, err = w.pools.Allocate(t.Context(), profile, ippool.IPv4, "a")
	wantError(t, err, vsphere.ErrUnsupported, `from network protocol profile "pooled"`, "no manager")
	wantError(t, w.pools.Release(t.Context(), ippool.Allocation{Pool: profile.ID, ID: "a"}), vsphere.ErrUnsupported, "no manager")
}

func TestNetworkIsTakenByItsReference(t *testing.T) {
	t.Parallel()
	port := types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: "dvportgroup-7"}
	other := types.ManagedObjectReference{Type: "Network", Value: "dvportgroup-7"}
	of := func(id int32, networks ...*types.ManagedObjectReference) types.IpPool {
		pool := types.IpPool{Id: id, Name: fmt.Sprint("pool-", id)}
		for _, network := range networks {
			pool.NetworkAssociation = append(pool.NetworkAssociation, types.IpPoolAssociation{Network: network, NetworkName: "lan"})
		}
		return pool
	}
	all := []types.IpPool{of(1), of(2, nil), of(3, &other, &port), of(4, &other)}
	if pool, ok, err := ippool.Choose(all, port); pool.Id != 3 || !ok || err != nil {
		t.Errorf("the pool is %d, %v, %v", pool.Id, ok, err)
	}
	_, _, err := ippool.Choose(all, other)
	wantError(t, err, vsphere.ErrAmbiguous, "network dvportgroup-7", `"pool-3" (3)`, `"pool-4" (4)`)
	if _, ok, err := ippool.Choose(all, types.ManagedObjectReference{Type: "Network", Value: "network-1"}); ok || err != nil {
		t.Errorf("a network without one has a pool: %v, %v", ok, err)
	}
}

func TestMessagesNameTheProfile(t *testing.T) {
	t.Parallel()
	if got := fmt.Sprint(ippool.Profile{ID: 3, Name: "lab"}); got != `network protocol profile "lab" (3)` {
		t.Errorf("a profile is called %s", got)
	}
}
