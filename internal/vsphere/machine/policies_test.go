package machine

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	pbmmethods "github.com/vmware/govmomi/pbm/methods"
	pbm "github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// withPolicies answers for the simulator, which keeps no association of policies.
func withPolicies(calls *int, answer func(entity pbm.PbmServerObjectRef) pbm.PbmQueryProfileResult) answerFunc {
	return func(_ context.Context, req, res soap.HasFault, send func() error) error {
		body, ok := req.(*pbmmethods.PbmQueryAssociatedProfilesBody)
		if !ok {
			return send()
		}
		*calls++
		var results []pbm.PbmQueryProfileResult
		for _, entity := range body.Req.Entities {
			result := answer(entity)
			result.Object = entity
			results = append(results, result)
		}
		res.(*pbmmethods.PbmQueryAssociatedProfilesBody).Res = &pbm.PbmQueryAssociatedProfilesResponse{Returnval: results}
		return nil
	}
}

func TestStoragePoliciesAreReadTogetherAndOnlyWhenAsked(t *testing.T) {
	e := start(t)
	refs := e.machines(2)
	e.must(e.sim.Destroy("web-2"))
	machines := []*Observation{e.observe(refs[0]), seen(off, pci(), pvscsi(0, noSharing), diskAt(2000, 1000, 0), diskAt(2001, 1000, 1))}
	if machines[0].StoragePolicies.Known {
		t.Error("a read knows policies that nobody asked for")
	}
	disk := machines[0].Disks[0].Key
	calls := 0
	e.tampered().set(withPolicies(&calls, func(entity pbm.PbmServerObjectRef) pbm.PbmQueryProfileResult {
		policy := map[string]string{refs[0].Value: "home", diskID(refs[0], disk): "silver", "vm-1:2001": "gold"}[entity.Key]
		if policy == "" {
			return pbm.PbmQueryProfileResult{}
		}
		return pbm.PbmQueryProfileResult{ProfileId: []pbm.PbmProfileId{{UniqueId: policy}}}
	}))
	e.must(e.ReadPolicies(t.Context(), machines...))
	want := []Policies{{Known: true, Home: "home", Disks: map[int32]string{disk: "silver"}}, {Known: true, Disks: map[int32]string{2001: "gold"}}}
	if diff := cmp.Diff(want, []Policies{machines[0].StoragePolicies, machines[1].StoragePolicies}); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	if calls != 1 {
		t.Errorf("%d calls for two machines", calls)
	}
}

func TestAPolicyThatCannotBeReadFailsAlone(t *testing.T) {
	e := start(t)
	calls := 0
	e.tampered().set(withPolicies(&calls, func(entity pbm.PbmServerObjectRef) pbm.PbmQueryProfileResult {
		if entity.Key == "vm-gone" {
			return pbm.PbmQueryProfileResult{Fault: &types.LocalizedMethodFault{Fault: &types.NotFound{}, LocalizedMessage: "no such entity"}}
		}
		return pbm.PbmQueryProfileResult{ProfileId: []pbm.PbmProfileId{{UniqueId: "home"}}}
	}))
	gone, there := &Observation{Ref: Ref{Type: "VirtualMachine", Value: "vm-gone"}}, &Observation{Ref: Ref{Type: "VirtualMachine", Value: "vm-7"}}
	err := e.ReadPolicies(t.Context(), gone, there)
	if !errors.Is(err, vsphere.ErrNotFound) || !contains(err, "vm-gone") {
		t.Errorf("error %v, want ErrNotFound for vm-gone", err)
	}
	if gone.StoragePolicies.Known || !there.StoragePolicies.Known || there.StoragePolicies.Home != "home" {
		t.Errorf("policies %+v and %+v", gone.StoragePolicies, there.StoragePolicies)
	}
}
