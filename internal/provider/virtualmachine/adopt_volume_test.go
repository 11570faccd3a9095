package virtualmachine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

func TestAVolumeTakesOverTheDiskAtItsAddress(t *testing.T) {
	t.Parallel()
	at := func(bus, unit int64) addressSpec {
		return addressSpec{ControllerType: known.Of("SCSI"), BusNumber: known.Of(bus), UnitNumber: known.Of(unit)}
	}
	anywhere, onBus := addressSpec{}, at(0, 1)
	onBus.UnitNumber = known.Value[int64]{}
	later := at(0, 1)
	later.UnitNumber = known.Unknown[int64]()
	for name, test := range map[string]struct {
		at       addressSpec
		recorded map[string]machine.DiskRecord
		want     map[string]machine.DiskRecord
	}{
		"there":               {at(0, 1), nil, map[string]machine.DiskRecord{"new": {Key: 2001, UUID: "data"}}},
		"no disk there":       {at(0, 2), nil, nil},
		"another bus":         {at(1, 1), nil, nil},
		"the boot disk":       {at(0, 0), nil, nil},
		"anywhere":            {anywhere, nil, nil},
		"half an address":     {onBus, nil, nil},
		"an unknown address":  {later, nil, nil},
		"another volume's":    {at(0, 1), map[string]machine.DiskRecord{"data": {UUID: "data"}}, map[string]machine.DiskRecord{"data": {UUID: "data"}}},
		"one that has a disk": {at(0, 1), map[string]machine.DiskRecord{"new": {UUID: "boot"}}, map[string]machine.DiskRecord{"new": {UUID: "boot"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have, _ := standing()
			spec := &hardwareSpec{Volumes: known.Of([]volumeSpec{{Name: known.Of("new"), CapacityBytes: known.Of[int64](10 * gibibyte), At: test.at}})}
			r := record{Volumes: test.recorded}
			adopted := r.adoptDisks(spec, have)
			if diff := cmp.Diff(test.want, r.Volumes); diff != "" {
				t.Error(diff)
			}
			if took := len(r.Volumes) > len(test.recorded); took != (len(adopting(spec, adopted)) == 1) {
				t.Errorf("it warns %v", adopting(spec, adopted))
			}
		})
	}
}
