package machine

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const noSharing, physical = types.VirtualSCSISharingNoSharing, types.VirtualSCSISharingPhysicalSharing

func at(t ControllerType, numbers ...int32) Address {
	a := Address{Type: t}
	if len(numbers) > 0 {
		a.Bus = &numbers[0]
	}
	if len(numbers) > 1 {
		a.Unit = &numbers[1]
	}
	return a
}

func TestControllersAreObserved(t *testing.T) {
	t.Parallel()
	got := seen(off, pci(), nvme(0), diskAt(2000, 1001, 9), pvscsi(1, physical), ide(0), ide(1), driveAt(3000, 201, 1, client(), false), lsilogic(0), diskAt(2001, 1001, 2), sata(2))
	want := []Controller{
		{Key: 1000, Type: SCSI, Model: "LsiLogic", Bus: 0, Sharing: NoBusSharing},
		{Key: 1001, Type: SCSI, Model: "ParaVirtual", Bus: 1, Sharing: PhysicalBusSharing, Units: []int32{2, 9}},
		{Key: 15002, Type: SATA, Bus: 2, Sharing: NoBusSharing},
		{Key: 31000, Type: NVME, Bus: 0, Sharing: NoBusSharing},
		{Key: 200, Type: IDE, Bus: 0, Sharing: NoBusSharing},
		{Key: 201, Type: IDE, Bus: 1, Sharing: NoBusSharing, Units: []int32{1}},
	}
	if diff := cmp.Diff(want, got.Controllers); diff != "" {
		t.Errorf("controllers (-want +got):\n%s", diff)
	}
	if place := got.Disks[0].Place; place != (Place{SCSI, 1, 9}) || place.String() != "SCSI 1:9" {
		t.Errorf("the disk is at %s", place)
	}
	if place := got.CDROMs[0].Place; place != (Place{IDE, 1, 1}) {
		t.Errorf("the drive is at %s", place)
	}
}

// What a controller takes, and what comes after its last unit.
func TestControllersFillUp(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		hardware int
		first    types.BaseVirtualDevice
		at       Address
		units    int // of the first controller
		all      int // of four of them, or two
	}{
		"ParaVirtual":           {19, pvscsi(0, noSharing), at(SCSI), 64, 256},
		"ParaVirtual before 14": {13, pvscsi(0, noSharing), at(SCSI), 15, 60},
		"LsiLogic":              {19, lsilogic(0), at(SCSI), 15, 15 + 3*64},
		"SATA":                  {19, sata(0), at(SATA), 30, 120},
		"NVMe":                  {19, nvme(0), at(NVME), 15, 60},
		"NVMe from 21 on":       {21, nvme(0), at(NVME), 64, 256},
		"IDE":                   {19, ide(0), at(IDE), 2, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := seen(off, pci(), tc.first)
			have.HardwareVersion = tc.hardware
			slots := NewSlots(have, 0)
			var units []int32
			all := 0
			for {
				_, place, err := slots.take(tc.at, NoBusSharing)
				if errors.Is(err, vsphere.ErrInsufficientResources) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				all++
				if place.Bus == 0 {
					units = append(units, place.Unit)
				}
			}
			if len(units) != tc.units || all != tc.all || !slices.IsSorted(units) {
				t.Errorf("units %v of the first, %d of all, want %d and %d", units, all, tc.units, tc.all)
			}
			if reserved := slices.Contains(units, 7); reserved == (tc.at.Type == SCSI) && tc.units > 7 {
				t.Errorf("unit 7 is handed out: %t", reserved)
			}
		})
	}
}

func TestAddressesThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		address Address
		sharing BusSharing
		want    error
		text    string
	}{
		"reserved unit":         {at(SCSI, 0, 7), NoBusSharing, vsphere.ErrInvalidArgument, "controller SCSI 0 has no unit 7 for devices: there are 65 units, of which 7 is the controller's own"},
		"unit beyond the last":  {at(IDE, 0, 2), NoBusSharing, vsphere.ErrInvalidArgument, "controller IDE 0 has no unit 2 for devices: there are 2 units"},
		"unit taken":            {at(SCSI, 0, 0), NoBusSharing, vsphere.ErrAlreadyExists, "unit 0 of controller SCSI 0 is taken"},
		"bus of another kind":   {at(SCSI, 0), PhysicalBusSharing, vsphere.ErrInvalidArgument, "controller SCSI 0 has bus sharing None, and Physical is needed"},
		"bus beyond the last":   {at(IDE, 2), NoBusSharing, vsphere.ErrInvalidArgument, "bus number 2: a machine has IDE controllers 0 to 1"},
		"bus without a type":    {Address{Bus: types.NewInt32(0)}, NoBusSharing, vsphere.ErrInvalidArgument, "need its type"},
		"unit without a bus":    {Address{Type: SCSI, Unit: types.NewInt32(3)}, NoBusSharing, vsphere.ErrInvalidArgument, "unit number 3 needs the controller's bus number"},
		"type that there isn't": {at("scsi"), NoBusSharing, vsphere.ErrInvalidArgument, `controller type "scsi"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slots := NewSlots(seen(off, pci(), ide(0), ide(1), pvscsi(0, noSharing), diskAt(2000, 1000, 0)), 0)
			err := tc.address.check(volumeTypes...)
			if err == nil {
				_, _, err = slots.take(tc.address, tc.sharing, SCSI)
			}
			if !errors.Is(err, tc.want) || !contains(err, tc.text) {
				t.Errorf("error %v, want %v with %q", err, tc.want, tc.text)
			}
		})
	}
}
