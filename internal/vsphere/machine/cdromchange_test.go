package machine

import (
	"errors"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const (
	isoA = "[ds] contentlib-1/a/a.iso"
	isoB = "[ds] contentlib-1/b/b.iso"
)

func TestCDROMChanges(t *testing.T) {
	t.Parallel()
	const noAdd, noRemove = "a CD-ROM drive cannot be added to a running machine", "a CD-ROM drive cannot be removed from a running machine"
	inserted := driveAt(3000, 200, 0, iso(isoA), true)
	ides := []types.BaseVirtualDevice{pci(), ide(0), ide(1)}
	for name, tc := range map[string]struct {
		power    types.VirtualMachinePowerState
		devices  []types.BaseVirtualDevice
		want     []CDROM
		recorded map[string]int32
		steps    []step
		offline  []string
		plan     CDROMPlan
	}{
		"a drive that is as wanted is left alone": {
			on,
			[]types.BaseVirtualDevice{inserted},
			[]CDROM{{Name: "cd", ISO: isoA, Connected: true, AllowGuestControl: true}},
			map[string]int32{"cd": 3000},
			nil, nil,
			CDROMPlan{Keep: []string{"cd"}, Keys: map[string]int32{"cd": 3000}},
		},
		"its ISO identifies a drive without a record": {
			off,
			[]types.BaseVirtualDevice{inserted},
			[]CDROM{{Name: "cd", ISO: isoA, Connected: true, AllowGuestControl: true}},
			nil,
			nil, nil,
			CDROMPlan{Keep: []string{"cd"}, Keys: map[string]int32{"cd": 3000}},
		},
		"another ISO is put into the drive of a running machine": {
			on,
			[]types.BaseVirtualDevice{inserted},
			[]CDROM{{Name: "cd", ISO: isoB, Connected: true, AllowGuestControl: true}},
			map[string]int32{"cd": 3000},
			[]step{{What: "edit drive 3000", At: "200:0", Is: isoB + " now true, start true, guest true"}},
			nil,
			CDROMPlan{Edit: []string{"cd"}, Keys: map[string]int32{"cd": 3000}},
		},
		"a drive is disconnected, and taken from the guest": {
			on,
			[]types.BaseVirtualDevice{inserted},
			[]CDROM{{Name: "cd", ISO: isoA}},
			map[string]int32{"cd": 3000},
			[]step{{What: "edit drive 3000", At: "200:0", Is: isoA + " now false, start false, guest false"}},
			nil,
			CDROMPlan{Edit: []string{"cd"}, Keys: map[string]int32{"cd": 3000}},
		},
		"what is off connects when it is powered on": {
			off,
			[]types.BaseVirtualDevice{driveAt(3000, 200, 0, iso(isoA), false)},
			[]CDROM{{Name: "cd", ISO: isoA, Connected: true, AllowGuestControl: true}},
			map[string]int32{"cd": 3000},
			[]step{{What: "edit drive 3000", At: "200:0", Is: isoA + " now false, start true, guest true"}},
			nil,
			CDROMPlan{Edit: []string{"cd"}, Keys: map[string]int32{"cd": 3000}},
		},
		"a drive that its guest has disconnected is connected again": {
			on,
			[]types.BaseVirtualDevice{&types.VirtualCdrom{VirtualDevice: types.VirtualDevice{
				Key: 3000, ControllerKey: 200, UnitNumber: types.NewInt32(0), Backing: iso(isoA), Connectable: &types.VirtualDeviceConnectInfo{StartConnected: true, AllowGuestControl: true},
			}}},
			[]CDROM{{Name: "cd", ISO: isoA, Connected: true, AllowGuestControl: true}},
			map[string]int32{"cd": 3000},
			[]step{{What: "edit drive 3000", At: "200:0", Is: isoA + " now true, start true, guest true"}},
			nil,
			CDROMPlan{Edit: []string{"cd"}, Keys: map[string]int32{"cd": 3000}},
		},
		"a drive is emptied to the client device": {
			on,
			[]types.BaseVirtualDevice{inserted},
			[]CDROM{{Name: "cd", AllowGuestControl: true}},
			map[string]int32{"cd": 3000},
			[]step{{What: "edit drive 3000", At: "200:0", Is: " now false, start false, guest true"}},
			nil,
			CDROMPlan{Edit: []string{"cd"}, Keys: map[string]int32{"cd": 3000}},
		},
		"the image's drive goes, and its place is free": {
			on,
			[]types.BaseVirtualDevice{driveAt(3000, 200, 0, client(), false)},
			[]CDROM{{Name: "cd", ISO: isoA, Connected: true, AllowGuestControl: true}},
			nil,
			[]step{{What: "remove drive 3000", At: "200:0", Is: " now false, start false, guest true"}, {What: "add drive -2000", At: "200:0", Is: isoA + " now true, start true, guest true"}},
			[]string{`cdrom "CD/DVD drive 3000": ` + noRemove, `cdrom "cd": ` + noAdd},
			CDROMPlan{Add: []string{"cd"}, Remove: []ObservedCDROM{{Key: 3000}}, Places: map[string]Place{"cd": {IDE, 0, 0}}},
		},
		"drives go to the IDE units, then to a SATA controller that has to be added": {
			off,
			[]types.BaseVirtualDevice{diskAt(2000, 200, 0), diskAt(2001, 201, 0), diskAt(2002, 201, 1)},
			[]CDROM{{Name: "c1", ISO: isoA}, {Name: "c2", ISO: isoB}},
			nil,
			[]step{
				{What: "add SATA -400 ", At: "100 bus 0 None"},
				{What: "add drive -2000", At: "200:1", Is: isoA + " now false, start false, guest false"},
				{What: "add drive -2001", At: "-400:0", Is: isoB + " now false, start false, guest false"},
			},
			[]string{`cdrom "c1": ` + noAdd, `cdrom "c2": ` + noAdd},
			CDROMPlan{Add: []string{"c1", "c2"}, Places: map[string]Place{"c1": {IDE, 0, 1}, "c2": {SATA, 0, 0}}},
		},
		"a drive with an address gets it before one that takes any": {
			off, nil,
			[]CDROM{{Name: "any", ISO: isoA}, {Name: "fixed", ISO: isoB, Address: at(IDE, 0, 0)}, {Name: "sata", Address: at(SATA, 2, 5)}},
			nil,
			[]step{
				{What: "add SATA -400 ", At: "100 bus 2 None"},
				{What: "add drive -2000", At: "200:0", Is: isoB + " now false, start false, guest false"},
				{What: "add drive -2001", At: "-400:5", Is: " now false, start false, guest false"},
				{What: "add drive -2002", At: "200:1", Is: isoA + " now false, start false, guest false"},
			},
			[]string{`cdrom "fixed": ` + noAdd, `cdrom "sata": ` + noAdd, `cdrom "any": ` + noAdd},
			CDROMPlan{Add: []string{"fixed", "sata", "any"}, Places: map[string]Place{"any": {IDE, 0, 1}, "fixed": {IDE, 0, 0}, "sata": {SATA, 2, 5}}},
		},
		"a drive that is wanted elsewhere is another drive": {
			off,
			[]types.BaseVirtualDevice{inserted},
			[]CDROM{{Name: "cd", ISO: isoA, Address: at(IDE, 1)}},
			map[string]int32{"cd": 3000},
			[]step{{What: "remove drive 3000", At: "200:0", Is: isoA + " now true, start true, guest true"}, {What: "add drive -2000", At: "201:0", Is: isoA + " now false, start false, guest false"}},
			[]string{`cdrom "CD/DVD drive 3000": ` + noRemove, `cdrom "cd": ` + noAdd},
			CDROMPlan{Add: []string{"cd"}, Remove: []ObservedCDROM{{Key: 3000}}, Places: map[string]Place{"cd": {IDE, 1, 0}}},
		},
		"the record wins over the ISO": {
			on,
			[]types.BaseVirtualDevice{inserted, driveAt(3001, 200, 1, iso(isoB), true)},
			[]CDROM{{Name: "x", ISO: isoB, Connected: true, AllowGuestControl: true}, {Name: "y", ISO: isoA, Connected: true, AllowGuestControl: true}},
			map[string]int32{"x": 3000, "y": 3001},
			[]step{
				{What: "edit drive 3000", At: "200:0", Is: isoB + " now true, start true, guest true"},
				{What: "edit drive 3001", At: "200:1", Is: isoA + " now true, start true, guest true"},
			},
			nil,
			CDROMPlan{Edit: []string{"x", "y"}, Keys: map[string]int32{"x": 3000, "y": 3001}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := seen(tc.power, append(append([]types.BaseVirtualDevice{}, ides...), tc.devices...)...)
			change, plan, err := CDROMChanges(tc.want, have, tc.recorded, NewSlots(have, 0))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.steps, steps(t, change.Spec.DeviceChange)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.offline, spoken(change.Offline)); diff != "" {
				t.Errorf("offline (-want +got):\n%s", diff)
			}
			if tc.plan.Keys == nil {
				tc.plan.Keys = map[string]int32{}
			}
			if tc.plan.Places == nil {
				tc.plan.Places = map[string]Place{}
			}
			if diff := cmp.Diff(tc.plan, plan, cmp.Comparer(func(a, b ObservedCDROM) bool { return a.Key == b.Key })); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(seen(tc.power, append(append([]types.BaseVirtualDevice{}, ides...), tc.devices...)...).CDROMs, have.CDROMs); diff != "" {
				t.Errorf("observed drives changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestCDROMsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		want CDROM
		err  error
		text string
	}{
		"SCSI":               {CDROM{Name: "cd", ISO: isoA, Address: at(SCSI)}, vsphere.ErrInvalidArgument, `cdrom "cd": `},
		"a connected client": {CDROM{Name: "cd", Connected: true}, vsphere.ErrInvalidArgument, "connected at its console"},
		"a unit of a disk":   {CDROM{Name: "cd", ISO: isoA, Address: at(IDE, 0, 0)}, vsphere.ErrAlreadyExists, "unit 0 of controller IDE 0 is taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := seen(off, ide(0), ide(1), diskAt(2000, 200, 0))
			if _, _, err := CDROMChanges([]CDROM{tc.want}, have, nil, NewSlots(have, 0)); !errors.Is(err, tc.err) || !contains(err, tc.text) {
				t.Errorf("error %v, want %v with %q", err, tc.err, tc.text)
			}
		})
	}
}

// drivesAt are the device keys by name after a change.
func drivesAt(plan *CDROMPlan, have *Observation) map[string]int32 {
	keys := maps.Clone(plan.Keys)
	for name, place := range plan.Places {
		for i := range have.CDROMs {
			if have.CDROMs[i].Place == place {
				keys[name] = have.CDROMs[i].Key
			}
		}
	}
	return keys
}

// Two reconfigurations of drives on a machine of the simulator, and what is known afterwards.
func TestCDROMsOfAMachine(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	file, err := e.ISOFile(t.Context(), simulator.ItemISO)
	e.must(err)
	apply := func(recorded map[string]int32, want ...CDROM) (map[string]int32, CDROMPlan) {
		t.Helper()
		o := e.observe(ref)
		change, plan, err := CDROMChanges(want, o, recorded, NewSlots(o, 0))
		e.must(err)
		if !change.Empty() {
			e.must(e.Reconfigure(t.Context(), ref, change.Spec))
		}
		return drivesAt(&plan, e.observe(ref)), plan
	}
	first := CDROM{Name: "installer", ISO: file, Connected: true, AllowGuestControl: true}
	second := CDROM{Name: "drivers", Address: at(SATA, 0, 3)}
	keys, _ := apply(nil, first, second)
	if o := e.observe(ref); len(keys) != 2 || len(o.CDROMs) != 2 || o.CDROMs[0].ISO != file || !o.CDROMs[1].Client || o.CDROMs[1].Place != (Place{SATA, 0, 3}) {
		t.Fatalf("keys %v, drives %+v", keys, o.CDROMs)
	}
	if again, plan := apply(keys, first, second); !cmp.Equal(again, keys) || len(plan.Keep) != 2 {
		t.Errorf("another round: %+v", plan)
	}
	first.Connected = false
	keys, plan := apply(keys, first)
	if o := e.observe(ref); len(plan.Edit) != 1 || len(o.CDROMs) != 1 || o.CDROMs[0].Key != keys["installer"] || o.CDROMs[0].StartConnected {
		t.Errorf("plan %+v, keys %v, drives %+v", plan, keys, o.CDROMs)
	}
}
