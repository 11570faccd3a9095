package virtualmachine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

func allocation(reservation, limit int64) *govmomi.ResourceAllocationInfo {
	return &govmomi.ResourceAllocationInfo{Reservation: &reservation, Limit: &limit}
}

func TestReservationsAreWrittenOverTheClassOrTheMachine(t *testing.T) {
	t.Parallel()
	class := &inventory.Class{Name: "c", CPUs: 2, MemoryBytes: 4 << 30}
	request := func(mhz int64) resourcesSpec { return resourcesSpec{Requests: amounts{CPU: known.Of(mhz)}} }
	remember := func(r resourcesSpec, class string) *record {
		kept := r.record()
		return &record{Class: class, Resources: &kept}
	}
	for name, test := range map[string]struct {
		wish       wish
		remembered *record
		have       *govmomi.ResourceAllocationInfo
		want       *govmomi.ResourceAllocationInfo
	}{
		"nothing is written": {wish{world: &world{}}, new(record), allocation(7, 8), nil},
		"a class that comes": {
			wish{world: &world{class: class}, class: "c", cpu: allocation(100, 200)}, new(record), allocation(7, 8), allocation(100, 200),
		},
		"a request over a class that comes": {
			wish{world: &world{class: class}, class: "c", cpu: allocation(100, 200), spec: hardwareSpec{Resources: request(150)}},
			new(record), allocation(7, 8), allocation(150, 200),
		},
		"a request over a class that was applied, which counts no more": {
			wish{world: &world{class: class}, class: "c", cpu: allocation(100, 200), spec: hardwareSpec{Resources: request(150)}},
			remember(request(150), "c"), allocation(7, 8), allocation(150, 8),
		},
		"a request where the class is gone": {
			wish{world: &world{classGone: true}, class: "c", spec: hardwareSpec{Resources: request(150)}},
			remember(request(100), "c"), allocation(100, 8), allocation(150, 8),
		},
		"a request that goes, where the class is gone": {
			wish{world: &world{classGone: true}, class: "c"}, remember(request(100), "c"), allocation(100, 8), nil,
		},
		"a request that goes": {wish{world: &world{}}, remember(request(100), ""), allocation(100, 8), allocation(0, 8)},
		"a request for a new machine": {
			wish{world: &world{}, spec: hardwareSpec{Resources: request(150)}}, new(record), nil, &govmomi.ResourceAllocationInfo{Reservation: govmomi.NewInt64(150)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var have *machine.Observation
			if test.have != nil {
				have = &machine.Observation{CPUAllocation: test.have}
			}
			if diff := cmp.Diff(test.want, test.wish.size(test.remembered, have).CPUAllocation); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
