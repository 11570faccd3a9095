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
