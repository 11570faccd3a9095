package ippool_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

const uuid = "5012ABCD-0000-4000-8000-000000000001"

func TestAllocationIDIsStable(t *testing.T) {
	t.Parallel()
	want := "5012abcd-0000-4000-8000-000000000001/eth0"
	for _, machine := range []string{uuid, strings.ToLower(uuid)} {
		if got := ippool.AllocationID(machine, "eth0"); got != want {
			t.Errorf("the id for %s is %q, want %q", machine, got, want)
		}
	}
}

func TestAllocationIsKeptUntilItIsReleased(t *testing.T) {
	w := newWorld(t)
	profile, id := w.profile("pooled"), ippool.AllocationID(uuid, "eth0")
	allocate := func(version ippool.Version) netip.Prefix {
		t.Helper()
		got, err := w.pools.Allocate(t.Context(), profile, version, id)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := w.calls(func() {
		for range 2 {
			if got := allocate(ippool.IPv4); got != netip.MustParsePrefix("10.20.0.240/22") {
				t.Errorf("the IPv4 address is %s", got)
			}
			if got := allocate(ippool.IPv6); got != netip.MustParsePrefix("2001:db8:20::1000/64") {
				t.Errorf("the IPv6 address is %s", got)
			}
		}
	})
	if diff := cmp.Diff(map[string]int{"AllocateIpv4Address": 2, "AllocateIpv6Address": 2}, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]simulator.IPAllocation{{ID: id, Address: "10.20.0.240"}, {ID: id, Address: "2001:db8:20::1000"}}, w.allocations("pooled")); diff != "" {
		t.Errorf("allocations (-want +got):\n%s", diff)
	}
	got = w.calls(func() {
		for range 2 {
			if err := w.pools.Release(t.Context(), ippool.Allocation{Pool: profile.ID, ID: id}); err != nil {
				t.Error(err)
			}
		}
	})
	if diff := cmp.Diff(map[string]int{"ReleaseIpAllocation": 2}, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if left := w.allocations("pooled"); len(left) != 0 {
		t.Errorf("after the release there are %v", left)
	}
}

func TestWhatIsAllocatedAndNotedIsRemembered(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("pooled")
	mine := ippool.Allocation{Pool: profile.ID, ID: "a"}
	if w.pools.Own(mine) || w.pools.Noted(profile.ID) {
		t.Error("what nobody has allocated is remembered")
	}
	if _, err := w.pools.Allocate(t.Context(), profile, ippool.IPv4, "a"); err != nil {
		t.Fatal(err)
	}
	w.pools.Note(ippool.Allocation{Pool: profile.ID, ID: "b"}, mine)
	if !w.pools.Own(mine) || w.pools.Own(ippool.Allocation{Pool: profile.ID, ID: "b"}) || !w.pools.Noted(profile.ID) || w.pools.Noted(profile.ID+1) {
		t.Error("it is forgotten")
	}
	if err := w.pools.ReleaseAll(t.Context(), []ippool.Allocation{mine, {Pool: profile.ID, ID: "b"}}); err != nil {
		t.Fatal(err)
	}
	if w.pools.Own(mine) || w.pools.Noted(profile.ID) {
		t.Error("what is released is remembered")
	}
}

func TestParallelAllocationsAreDistinct(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("pooled")
	const count = 50
	var all sync.WaitGroup
	got, errs := make([]netip.Prefix, count), make([]error, count)
	calls := w.calls(func() {
		for i := range count {
			all.Go(func() {
				got[i], errs[i] = w.pools.Allocate(t.Context(), profile, ippool.IPv4, fmt.Sprint(i))
			})
		}
		all.Wait()
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	distinct := map[netip.Prefix]bool{}
	for _, prefix := range got {
		distinct[prefix] = true
		if !profile.InRange(prefix.Addr()) {
			t.Errorf("%s is not in the pool", prefix)
		}
	}
	if len(distinct) != count || calls["AllocateIpv4Address"] != count {
		t.Errorf("%d allocations have %d addresses, in the requests %v", count, len(distinct), calls)
	}
}

func TestExhaustedPoolIsNamed(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("scarce")
	if _, err := w.pools.Allocate(t.Context(), profile, ippool.IPv4, "a"); err != nil {
		t.Fatal(err)
	}
	_, err := w.pools.Allocate(t.Context(), profile, ippool.IPv4, "b")
	wantError(t, err, vsphere.ErrInsufficientResources, `allocate an IPv4 address for "b" from network protocol profile "scarce"`,
		"10.30.0.10-10.30.0.11", "Enlarge the range")

	w.pools.Believe(0, 0) // the profile is made behind the back of an answer that is a moment old
	w.create(types.IpPool{Name: "empty", Ipv4Config: &types.IpPoolIpPoolConfigInfo{
		SubnetAddress: "10.60.0.0", Netmask: "255.255.255.0", IpPoolEnabled: types.NewBool(true),
	}}, "backend")
	_, err = w.pools.Allocate(t.Context(), w.profile("backend"), ippool.IPv4, "b")
	wantError(t, err, vsphere.ErrInsufficientResources, `"empty"`, "has no range")
}

func TestPoolThatIsNotEnabledIsNotAsked(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("leased")
	calls := w.calls(func() {
		_, err := w.pools.Allocate(t.Context(), profile, ippool.IPv6, "a")
		wantError(t, err, vsphere.ErrInvalidState, `"leased"`, "IPv6 pool is not enabled")
	})
	if len(calls) != 0 {
		t.Errorf("it takes the requests %v", calls)
	}
}

func TestLostAnswerIsFoundAgain(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("scarce")
	lose := func(operation string) {
		t.Helper()
		if err := w.sim.LoseAnswer(operation); err != nil {
			t.Fatal(err)
		}
	}
	calls := w.calls(func() {
		lose("AllocateIpv4Address")
		got, err := w.pools.Allocate(t.Context(), profile, ippool.IPv4, "a")
		if err != nil || got != netip.MustParsePrefix("10.30.0.11/28") {
			t.Errorf("after a lost answer the address is %s, %v", got, err)
		}
		lose("ReleaseIpAllocation")
		if err := w.pools.Release(t.Context(), ippool.Allocation{Pool: profile.ID, ID: "a"}); err != nil {
			t.Error(err)
		}
	})
	if diff := cmp.Diff(map[string]int{"AllocateIpv4Address": 2, "ReleaseIpAllocation": 2}, calls); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if left := w.allocations("scarce"); len(left) != 1 || left[0].ID != simulator.AllocationOther {
		t.Errorf("the allocations are %v", left)
	}

	if err := w.sim.Inject(simulator.Rule{Operation: "AllocateIpv4Address", Lose: true, Times: -1}); err != nil {
		t.Fatal(err)
	}
	calls = w.calls(func() {
		_, err := w.pools.Allocate(t.Context(), profile, ippool.IPv4, "a")
		wantError(t, err, vsphere.ErrInterrupted, `allocate an IPv4 address for "a"`)
	})
	if calls["AllocateIpv4Address"] != 2 {
		t.Errorf("it takes the requests %v", calls)
	}
}

func TestRefusalSaysWhoMayAllocate(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("pooled")
	for fault, kind := range map[string]error{"NoPermission": vsphere.ErrNotPermitted, "NotSupported": vsphere.ErrUnsupported} {
		if err := w.sim.FailCall("AllocateIpv6Address", fault); err != nil {
			t.Fatal(err)
		}
		_, err := w.pools.Allocate(t.Context(), profile, ippool.IPv6, "a")
		wantError(t, err, kind, `from network protocol profile "pooled"`, "extensions of vCenter", "disable the IPv6 pool")
	}
	for fault, said := range map[string]bool{"RuntimeFault": true, "SystemError": true, "InvalidArgument": false, "ManagedObjectNotFound": false} {
		if err := w.sim.FailCall("AllocateIpv6Address", fault); err != nil {
			t.Fatal(err)
		}
		if _, err := w.pools.Allocate(t.Context(), profile, ippool.IPv6, "a"); err == nil || strings.Contains(err.Error(), "extensions") != said {
			t.Errorf("%s is told as %v", fault, err)
		}
	}
}

func TestProfileThatChangedMeanwhile(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("scarce")
	_, err := methods.UpdateIpPool(t.Context(), w.vim, &types.UpdateIpPool{This: *w.vim.ServiceContent.IpPoolManager, Dc: w.dc, Pool: types.IpPool{
		Id: profile.ID, Ipv4Config: &types.IpPoolIpPoolConfigInfo{SubnetAddress: "10.31.0.0", Gateway: "10.31.0.1", Range: "10.31.0.10#2"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.pools.Allocate(t.Context(), profile, ippool.IPv4, "a")
	wantError(t, err, vsphere.ErrConflict, "vCenter answers 10.31.0.10", "10.30.0.0/28", "Apply again")

	w.destroy(profile.ID)
	_, err = w.pools.Allocate(t.Context(), profile, ippool.IPv4, "a")
	wantError(t, err, vsphere.ErrInvalidArgument, `"scarce"`)
	if err := w.pools.Release(t.Context(), ippool.Allocation{Pool: profile.ID, ID: "a"}); err != nil {
		t.Errorf("release from a pool that is gone: %v", err)
	}
}

func TestReleaseThatIsRefusedIsAnError(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("scarce")
	for fault, kind := range map[string]error{"InvalidArgument": vsphere.ErrInvalidArgument, "NoPermission": vsphere.ErrNotPermitted} {
		if err := w.sim.FailCall("ReleaseIpAllocation", fault); err != nil {
			t.Fatal(err)
		}
		err := w.pools.Release(t.Context(), ippool.Allocation{Pool: profile.ID, ID: "a"})
		wantError(t, err, kind, `release the addresses of "a" in network protocol profile`)
	}
}

func TestReleaseAllGoesOnAfterAFailure(t *testing.T) {
	w := newWorld(t)
	pooled, scarce := w.profile("pooled"), w.profile("scarce")
	held := []ippool.Allocation{{Pool: pooled.ID, ID: "a"}, {Pool: pooled.ID, ID: "b"}, {Pool: scarce.ID, ID: "a"}, {Pool: pooled.ID, ID: "a"}}
	for _, allocation := range held {
		profile := pooled
		if allocation.Pool == scarce.ID {
			profile = scarce
		}
		if _, err := w.pools.Allocate(t.Context(), profile, ippool.IPv4, allocation.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.sim.FailCall("ReleaseIpAllocation", "NoPermission"); err != nil {
		t.Fatal(err)
	}
	calls := w.calls(func() {
		wantError(t, w.pools.ReleaseAll(t.Context(), held), vsphere.ErrNotPermitted, `"a"`)
	})
	if calls["ReleaseIpAllocation"] != 3 {
		t.Errorf("it takes the requests %v", calls)
	}
	if left := w.allocations("pooled"); len(left) != 1 || left[0].ID != "a" {
		t.Errorf("the pool still has %v", left)
	}
	if err := w.pools.ReleaseAll(t.Context(), held); err != nil {
		t.Error(err)
	}
	if left := len(w.allocations("pooled")) + len(w.allocations("scarce")); left != 1 {
		t.Errorf("%d allocations are left, want that of somebody else", left)
	}
}

func TestNothingIsRepeatedForACallerWhoIsGone(t *testing.T) {
	w := newWorld(t)
	profile := w.profile("pooled")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := w.calls(func() {
		if _, err := w.pools.Allocate(ctx, profile, ippool.IPv4, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
	})
	if len(calls) != 0 || len(w.allocations("pooled")) != 0 {
		t.Errorf("it takes the requests %v", calls)
	}
}
