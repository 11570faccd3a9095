package machine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

func TestBootDiskChange(t *testing.T) {
	t.Parallel()
	const gib = int64(1) << 30
	boot := newDisk(&types.VirtualDisk{VirtualDevice: types.VirtualDevice{Key: 2000}, CapacityInBytes: 10 * gib, CapacityInKB: 10 << 20}, nil)
	t.Run("grows the disk", func(t *testing.T) {
		t.Parallel()
		got, err := BootDiskChange(&boot, 20*gib)
		if err != nil {
			t.Fatal(err)
		}
		want := &types.VirtualDeviceConfigSpec{
			Operation: types.VirtualDeviceConfigSpecOperationEdit,
			Device:    &types.VirtualDisk{VirtualDevice: types.VirtualDevice{Key: 2000}, CapacityInBytes: 20 * gib, CapacityInKB: 20 << 20},
		}
		if diff := cmp.Diff([]types.BaseVirtualDeviceConfigSpec{want}, got.Spec.DeviceChange); diff != "" || len(got.Offline) > 0 {
			t.Errorf("offline %v, change (-want +got):\n%s", got.Offline, diff)
		}
	})
	t.Run("leaves a disk of that size", func(t *testing.T) {
		t.Parallel()
		if got, err := BootDiskChange(&boot, 10*gib); !got.Empty() || err != nil {
			t.Errorf("%v, %v, want nothing", got, err)
		}
	})
	t.Run("refuses to shrink", func(t *testing.T) {
		t.Parallel()
		if _, err := BootDiskChange(&boot, gib); !errors.Is(err, vsphere.ErrInvalidArgument) {
			t.Errorf("error %v, want ErrInvalidArgument", err)
		}
	})
	t.Run("needs a disk", func(t *testing.T) {
		t.Parallel()
		if _, err := BootDiskChange(nil, gib); !errors.Is(err, vsphere.ErrNotFound) {
			t.Errorf("error %v, want ErrNotFound", err)
		}
	})
	t.Run("refuses a disk with snapshots, or linked to another", func(t *testing.T) {
		t.Parallel()
		linked := boot
		linked.Delta = true
		if _, err := BootDiskChange(&linked, 20*gib); !errors.Is(err, vsphere.ErrInvalidState) || !contains(err, "snapshots") {
			t.Errorf("error %v, want ErrInvalidState", err)
		}
		if got, err := BootDiskChange(&linked, 10*gib); !got.Empty() || err != nil {
			t.Errorf("%v, %v, want nothing", got, err)
		}
	})
	for reason, disk := range map[string]func(*Disk){
		"on an IDE controller": func(d *Disk) { d.Place.Type = IDE },
		"that machines share":  func(d *Disk) { d.MultiWriter = true },
	} {
		t.Run("does not grow one "+reason+" on a running machine", func(t *testing.T) {
			t.Parallel()
			special := boot
			disk(&special)
			got, err := BootDiskChange(&special, 20*gib)
			if want := []string{"boot_disk_capacity: a disk " + reason + " cannot grow while the machine runs"}; err != nil || !cmp.Equal(want, spoken(got.Offline)) {
				t.Errorf("%v, %v, want %v", spoken(got.Offline), err, want)
			}
		})
	}
}

func TestBootDiskIsTheOneThatIsRemembered(t *testing.T) {
	t.Parallel()
	image, data, foreign := Disk{Key: 2000, UUID: "image"}, Disk{Key: 2001, UUID: "data"}, Disk{Key: 2002, UUID: "foreign"}
	volumes := map[string]DiskRecord{"data": {UUID: "data"}}
	keys := func(disks ...Disk) []int32 {
		out := []int32{}
		for i := range disks {
			out = append(out, disks[i].Key)
		}
		return out
	}
	for name, test := range map[string]struct {
		have     []Disk
		recorded Recorded
		boot     int32
		spare    []int32
	}{
		"remembered":             {[]Disk{image, data, foreign}, Recorded{Volumes: volumes, Boot: &DiskRecord{UUID: "image"}}, 2000, []int32{2002}},
		"remembered, and behind": {[]Disk{foreign, image}, Recorded{Boot: &DiskRecord{UUID: "image"}}, 2000, []int32{2002}},
		"gone":                   {[]Disk{data, foreign}, Recorded{Volumes: volumes, Boot: &DiskRecord{UUID: "image"}}, 0, []int32{2002}},
		"never there":            {[]Disk{data, foreign}, Recorded{Volumes: volumes, Boot: &DiskRecord{}}, 0, []int32{2002}},
		"not remembered":         {[]Disk{data, image, foreign}, Recorded{Volumes: volumes}, 2000, []int32{2002}},
		"nothing but volumes":    {[]Disk{data}, Recorded{Volumes: volumes}, 0, []int32{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := &Observation{Disks: test.have}
			var key int32
			if disk := test.recorded.BootDisk(have); disk != nil {
				key = disk.Key
			}
			if diff := cmp.Diff(test.spare, keys(test.recorded.Spare(have)...)); diff != "" || key != test.boot {
				t.Errorf("boots from %d, want %d; spare (-want +got):\n%s", key, test.boot, diff)
			}
		})
	}
}
