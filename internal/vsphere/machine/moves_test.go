package machine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"
)

// moved lists where the edits of a change put disks, in their order.
func moved(changes []types.BaseVirtualDeviceConfigSpec) []int32 {
	var keys []int32
	for _, change := range changes {
		if c := change.GetVirtualDeviceConfigSpec(); c.Operation == types.VirtualDeviceConfigSpecOperationEdit {
			keys = append(keys, c.Device.GetVirtualDevice().Key)
		}
	}
	return keys
}

// What moves has left its place before anything takes one.
func TestVolumesMoveToPlacesThatAreLeft(t *testing.T) {
	t.Parallel()
	volume := func(name string, address Address) Volume {
		return Volume{Name: name, CapacityBytes: 10 * gib, Address: address}
	}
	devices := []types.BaseVirtualDevice{diskAt(2000, 1000, 0), diskAt(2002, 1000, 2), diskAt(2003, 1000, 3), diskAt(2004, 1000, 4)}
	all := map[string]DiskRecord{"a": record(2002), "b": record(2003), "c": record(2004)}
	for name, tc := range map[string]struct {
		want  []Volume
		edits []int32
		text  string
	}{
		"along":                         {[]Volume{volume("a", at(SCSI, 0, 3)), volume("b", at(SCSI, 0, 4)), volume("c", at(SCSI, 0, 5))}, []int32{2004, 2003, 2002}, ""},
		"to one another's":              {[]Volume{volume("a", at(SCSI, 0, 3)), volume("b", at(SCSI, 0, 2)), volume("c", at(SCSI))}, []int32{2002, 2003}, ""},
		"to that of one that goes":      {[]Volume{volume("a", at(SCSI, 0, 4)), volume("b", Address{})}, []int32{2002}, ""},
		"not to that of one that stays": {[]Volume{volume("a", at(SCSI, 0, 3)), volume("b", Address{}), volume("c", Address{})}, nil, `unit 3 of controller SCSI 0 is taken by the volume "b", which stays there. Use another unit number, or none`},
		"not to that of the image's":    {[]Volume{volume("a", at(SCSI, 0, 0)), volume("b", Address{}), volume("c", Address{})}, nil, `unit 0 of controller SCSI 0 is taken by the boot disk (Hard disk`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := seen(off, append([]types.BaseVirtualDevice{pci(), pvscsi(0, noSharing)}, devices...)...)
			have.Disks[0].Label = "Hard disk 1"
			got, err := Compare(&Wanted{Disks: true, Volumes: tc.want}, have, &Recorded{Volumes: all})
			if tc.text != "" {
				place := PlaceError{}
				if !errors.As(err, &place) || !place.Unit || !contains(err, tc.text) {
					t.Errorf("error %v, want one of the unit with %q", err, tc.text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.edits, moved(got.Rest.Spec.DeviceChange)); diff != "" {
				t.Errorf("edits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDisksAndDrivesTakeEachOthersPlaces(t *testing.T) {
	t.Parallel()
	have := seen(off, pci(), ide(0), ide(1), pvscsi(0, noSharing), diskAt(2000, 1000, 0), diskAt(3000, 200, 0), driveAt(3001, 200, 1, client(), false))
	got, err := Compare(&Wanted{
		Disks: true, Volumes: []Volume{{Name: "data", CapacityBytes: 10 * gib, Address: at(IDE, 0, 1)}},
		Drives: true, CDROMs: []CDROM{{Name: "cd", Address: at(IDE, 0, 0)}},
	}, have, &Recorded{Volumes: map[string]DiskRecord{"data": record(3000)}, CDROMs: map[string]int32{"cd": 3001}})
	if err != nil {
		t.Fatal(err)
	}
	var whats []string
	for _, step := range steps(t, got.Rest.Spec.DeviceChange) {
		whats = append(whats, step.What+" "+step.At)
	}
	if diff := cmp.Diff([]string{"remove drive 3001 200:1", "edit disk 3000 200:1", "add drive -2000 200:0"}, whats); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// The place of a drive that nobody's block brought is no more free than that of a disk.
func TestADriveThatStaysKeepsItsPlace(t *testing.T) {
	t.Parallel()
	have := seen(off, pci(), ide(0), ide(1), pvscsi(0, noSharing), diskAt(2000, 1000, 0), driveAt(3001, 200, 1, client(), false))
	_, err := Compare(&Wanted{
		Disks: true, Volumes: []Volume{{Name: "data", CapacityBytes: gib, Address: at(IDE, 0, 1)}}, Drives: true, RecordedDrives: true,
	}, have, &Recorded{})
	if !contains(err, "unit 1 of controller IDE 0 is taken by CD/DVD drive 3001") {
		t.Errorf("error %v", err)
	}
}

// A disk is on a bus that machines share as long as its volume is for Windows Server failover
// clusters, and on another one before and after.
func TestTheBusOfAnApplicationIsLeftWithIt(t *testing.T) {
	t.Parallel()
	have := func() *Observation {
		return seen(off, pci(), pvscsi(0, noSharing), pvscsi(1, physical), diskAt(2000, 1000, 0), diskAt(2001, 1001, 0))
	}
	recorded := &Recorded{Volumes: map[string]DiskRecord{"data": record(2001)}}
	volume := Volume{Name: "data", CapacityBytes: 10 * gib}
	got, err := Compare(&Wanted{Disks: true, Volumes: []Volume{volume}}, have(), recorded)
	if err != nil {
		t.Fatal(err)
	}
	want := []step{{What: "edit disk 2001", At: "1000:1", Is: `10 GiB thin persistent "[ds] web/web_2001.vmdk" shared false`}}
	if diff := cmp.Diff(want, steps(t, got.Rest.Spec.DeviceChange)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	volume.Address = at(SCSI, 1)
	place := PlaceError{}
	if _, err := Compare(&Wanted{Disks: true, Volumes: []Volume{volume}}, have(), recorded); !errors.As(err, &place) || place.Unit || !contains(err, "bus sharing Physical, and None is needed. Use another bus number") {
		t.Errorf("error %v, want one of the controller", err)
	}
}

// A reconfiguration of the simulator is judged by where disks are in the end.
func TestAMachineTakesDisksThatSwapPlaces(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	apply := func(recorded map[string]DiskRecord, want ...Volume) map[string]DiskRecord {
		t.Helper()
		o := e.observe(ref)
		got, err := Compare(&Wanted{Disks: true, Volumes: want}, o, &Recorded{Volumes: recorded})
		e.must(err)
		e.must(e.Reconfigure(t.Context(), ref, got.Rest.Spec))
		return assignDisks(got.Disks, e.observe(ref))
	}
	a, b := Volume{Name: "a", CapacityBytes: gib, Address: at(SCSI, 0, 2)}, Volume{Name: "b", CapacityBytes: 2 * gib, Address: at(SCSI, 0, 3)}
	records := apply(nil, a, b)
	a.Address, b.Address = b.Address, a.Address
	records = apply(records, a, b)
	disks := e.observe(ref).Disks
	if first, second := records["a"].Find(disks), records["b"].Find(disks); first == nil || second == nil ||
		first.Place != (Place{SCSI, 0, 3}) || first.CapacityBytes != gib || second.Place != (Place{SCSI, 0, 2}) || second.CapacityBytes != 2*gib {
		t.Errorf("%+v of %+v", records, disks)
	}
}
