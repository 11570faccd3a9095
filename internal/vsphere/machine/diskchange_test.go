package machine

import (
	"errors"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// record is the record of a disk of diskAt.
func record(key int32) DiskRecord { return DiskRecord{Key: key, UUID: diskUUID(key)} }

func TestDiskChanges(t *testing.T) {
	t.Parallel()
	boot, data := diskAt(2000, 1000, 0), diskAt(2001, 1000, 1)
	const create, destroy = types.VirtualDeviceConfigSpecFileOperationCreate, types.VirtualDeviceConfigSpecFileOperationDestroy
	kept := record(2001)
	kept.Keep = true
	for name, tc := range map[string]struct {
		devices  []types.BaseVirtualDevice
		policies Policies
		want     []Volume
		recorded map[string]DiskRecord
		steps    []step
		offline  []string
		plan     DiskPlan
	}{
		"disks of the image are left alone": {devices: []types.BaseVirtualDevice{boot, data}},
		"a disk that is as wanted is left alone": {
			devices: []types.BaseVirtualDevice{boot, data},
			want:    []Volume{{Name: "data", CapacityBytes: 10 * gib}}, recorded: map[string]DiskRecord{"data": record(2001)},
			plan: DiskPlan{Keep: []string{"data"}, Records: map[string]DiskRecord{"data": record(2001)}},
		},
		"a new disk goes to the first free SCSI unit": {
			devices: []types.BaseVirtualDevice{boot},
			want:    []Volume{{Name: "data", CapacityBytes: 5 * gib}},
			steps:   []step{{What: "add disk -1000", At: "1000:1", Is: `5 GiB thin persistent "" shared false`, File: create}},
			plan:    DiskPlan{Add: []string{"data"}, Places: map[string]Place{"data": {SCSI, 0, 1}}},
		},
		"a disk grows on a running machine": {
			devices: []types.BaseVirtualDevice{boot, data},
			want:    []Volume{{Name: "data", CapacityBytes: 20 * gib}}, recorded: map[string]DiskRecord{"data": record(2001)},
			steps: []step{{What: "edit disk 2001", At: "1000:1", Is: `20 GiB thin persistent "[ds] web/web_2001.vmdk" shared false`}},
			plan:  DiskPlan{Edit: []string{"data"}, Records: map[string]DiskRecord{"data": record(2001)}},
		},
		"the UUID identifies a disk whose key changed": {
			devices: []types.BaseVirtualDevice{boot, diskAt(2005, 1000, 5, func(_ *types.VirtualDisk, b *types.VirtualDiskFlatVer2BackingInfo) {
				b.Uuid = "6000C290-0000-0000-0000-000000002001"
			})},
			want: []Volume{{Name: "data", CapacityBytes: 10 * gib}}, recorded: map[string]DiskRecord{"data": record(2001)},
			plan: DiskPlan{Keep: []string{"data"}, Records: map[string]DiskRecord{"data": {Key: 2005, UUID: "6000C290-0000-0000-0000-000000002001"}}},
		},
		"another disk at the key of a volume's is not the volume's": {
			devices: []types.BaseVirtualDevice{boot, diskAt(2001, 1000, 1, func(_ *types.VirtualDisk, b *types.VirtualDiskFlatVer2BackingInfo) { b.Uuid = "another" })},
			want:    []Volume{{Name: "data", CapacityBytes: 5 * gib}}, recorded: map[string]DiskRecord{"data": record(2001)},
			steps: []step{{What: "add disk -1000", At: "1000:2", Is: `5 GiB thin persistent "" shared false`, File: create}},
			plan:  DiskPlan{Add: []string{"data"}, Places: map[string]Place{"data": {SCSI, 0, 2}}},
		},
		"a volume that is not wanted takes its file along, and its place is free": {
			devices: []types.BaseVirtualDevice{boot, data},
			want:    []Volume{{Name: "new", CapacityBytes: gib}}, recorded: map[string]DiskRecord{"data": record(2001)},
			steps: []step{
				{What: "remove disk 2001", At: "1000:1", Is: `10 GiB thin persistent "[ds] web/web_2001.vmdk" shared false`, File: destroy},
				{What: "add disk -1000", At: "1000:1", Is: `1 GiB thin persistent "" shared false`, File: create},
			},
			plan: DiskPlan{Add: []string{"new"}, Remove: []Disk{{Key: 2001}}, Places: map[string]Place{"new": {SCSI, 0, 1}}},
		},
		"a volume that is to be kept leaves its file": {
			devices: []types.BaseVirtualDevice{boot, data}, recorded: map[string]DiskRecord{"data": kept},
			steps: []step{{What: "remove disk 2001", At: "1000:1", Is: `10 GiB thin persistent "[ds] web/web_2001.vmdk" shared false`}},
			plan:  DiskPlan{Remove: []Disk{{Key: 2001}}},
		},
		"a record of a disk that has gone asks for nothing": {
			devices: []types.BaseVirtualDevice{boot}, recorded: map[string]DiskRecord{"data": record(2001)},
		},
		"where the disk goes, what it is made of, and by which policy": {
			devices: []types.BaseVirtualDevice{boot},
			want: []Volume{
				{Name: "thick", CapacityBytes: gib, Provisioning: Thick},
				{Name: "eager", CapacityBytes: gib, Provisioning: EagerZeroedThick, Address: at(NVME, 1, 2), Keep: true},
				{Name: "gold", CapacityBytes: gib, StorageProfileID: "policy-1", Address: at(SATA)},
				{Name: "scratch", CapacityBytes: gib, Mode: IndependentNonPersistent},
			},
			steps: []step{
				{What: "add NVME -400 ", At: "100 bus 1 None"},
				{What: "add SATA -401 ", At: "100 bus 0 None"},
				{What: "add disk -1000", At: "-400:2", Is: `1 GiB eagerZeroedThick persistent "" shared false`, File: create},
				{What: "add disk -1001", At: "-401:0", Is: `1 GiB  persistent "" shared false`, File: create, Profile: "policy-1"},
				{What: "add disk -1002", At: "1000:1", Is: `1 GiB thick persistent "" shared false`, File: create},
				{What: "add disk -1003", At: "1000:2", Is: `1 GiB thin independent_nonpersistent "" shared false`, File: create},
			},
			plan: DiskPlan{
				Add:    []string{"eager", "gold", "thick", "scratch"},
				Places: map[string]Place{"eager": {NVME, 1, 2}, "gold": {SATA, 0, 0}, "thick": {SCSI, 0, 1}, "scratch": {SCSI, 0, 2}},
				Keeps:  map[string]bool{"eager": true},
			},
		},
		"applications preset mode, sharing and the bus": {
			devices: []types.BaseVirtualDevice{boot},
			want:    []Volume{{Name: "rac", CapacityBytes: gib, Application: OracleRAC}, {Name: "wsfc", CapacityBytes: gib, Application: MicrosoftWSFC}, {Name: "wsfc2", CapacityBytes: gib, Application: MicrosoftWSFC}},
			steps: []step{
				{What: "add SCSI -400 ParaVirtual", At: "100 bus 1 Physical"},
				{What: "add disk -1000", At: "1000:1", Is: `1 GiB eagerZeroedThick independent_persistent "" shared true`, File: create},
				{What: "add disk -1001", At: "-400:0", Is: `1 GiB eagerZeroedThick independent_persistent "" shared false`, File: create},
				{What: "add disk -1002", At: "-400:1", Is: `1 GiB eagerZeroedThick independent_persistent "" shared false`, File: create},
			},
			plan: DiskPlan{Add: []string{"rac", "wsfc", "wsfc2"}, Places: map[string]Place{"rac": {SCSI, 0, 1}, "wsfc": {SCSI, 1, 0}, "wsfc2": {SCSI, 1, 1}}},
		},
		"mode, sharing and place change while the machine is off": {
			devices: []types.BaseVirtualDevice{boot, data},
			want:    []Volume{{Name: "data", CapacityBytes: 10 * gib, Mode: IndependentPersistent, Sharing: MultiWriter, Address: at(SCSI, 1)}}, recorded: map[string]DiskRecord{"data": record(2001)},
			steps: []step{
				{What: "add SCSI -400 ParaVirtual", At: "100 bus 1 None"},
				{What: "edit disk 2001", At: "-400:0", Is: `10 GiB thin independent_persistent "[ds] web/web_2001.vmdk" shared true`},
			},
			offline: []string{
				`volume "data": the disk mode cannot become IndependentPersistent while the machine runs`,
				`volume "data": the sharing mode cannot become MultiWriter while the machine runs`,
				`volume "data": a disk cannot move from SCSI 0:1 to SCSI 1:0 while the machine runs`,
			},
			plan: DiskPlan{Edit: []string{"data"}, Records: map[string]DiskRecord{"data": record(2001)}},
		},
		"nothing of that on IDE controllers": {
			devices: []types.BaseVirtualDevice{boot, ide(0), ide(1), diskAt(3000, 200, 0), diskAt(3001, 200, 1)},
			want:    []Volume{{Name: "a", CapacityBytes: 20 * gib}, {Name: "c", CapacityBytes: gib, Address: at(IDE)}}, recorded: map[string]DiskRecord{"a": record(3000), "b": record(3001)},
			steps: []step{
				{What: "remove disk 3001", At: "200:1", Is: `10 GiB thin persistent "[ds] web/web_3001.vmdk" shared false`, File: destroy},
				{What: "edit disk 3000", At: "200:0", Is: `20 GiB thin persistent "[ds] web/web_3000.vmdk" shared false`},
				{What: "add disk -1000", At: "200:1", Is: `1 GiB thin persistent "" shared false`, File: create},
			},
			offline: []string{
				`volume "b": a disk on an IDE controller cannot be removed from a running machine`,
				`volume "c": a disk cannot be added to an IDE controller while the machine runs`,
				`volume "a": a disk on an IDE controller cannot grow while the machine runs`,
			},
			plan: DiskPlan{Edit: []string{"a"}, Add: []string{"c"}, Remove: []Disk{{Key: 3001}}, Records: map[string]DiskRecord{"a": record(3000)}, Places: map[string]Place{"c": {IDE, 0, 1}}},
		},
		"a shared disk does not grow while the machine runs": {
			devices: []types.BaseVirtualDevice{boot, diskAt(2001, 1000, 1, func(_ *types.VirtualDisk, b *types.VirtualDiskFlatVer2BackingInfo) {
				b.Sharing, b.DiskMode = "sharingMultiWriter", "independent_persistent"
			})},
			want: []Volume{{Name: "rac", CapacityBytes: 20 * gib, Application: OracleRAC}}, recorded: map[string]DiskRecord{"rac": record(2001)},
			steps:   []step{{What: "edit disk 2001", At: "1000:1", Is: `20 GiB thin independent_persistent "[ds] web/web_2001.vmdk" shared true`}},
			offline: []string{`volume "rac": a disk that machines share cannot grow while the machine runs`},
			plan:    DiskPlan{Edit: []string{"rac"}, Records: map[string]DiskRecord{"rac": record(2001)}},
		},
		"another policy is given to a disk where its own is known": {
			devices: []types.BaseVirtualDevice{boot, data, diskAt(2002, 1000, 2)}, policies: Policies{Known: true, Disks: map[int32]string{2001: "silver", 2002: "gold"}},
			want: []Volume{{Name: "a", CapacityBytes: 10 * gib, StorageProfileID: "gold"}, {Name: "b", CapacityBytes: 10 * gib, StorageProfileID: "gold"}}, recorded: map[string]DiskRecord{"a": record(2001), "b": record(2002)},
			steps: []step{{What: "edit disk 2001", At: "1000:1", Is: `10 GiB thin persistent "[ds] web/web_2001.vmdk" shared false`, Profile: "gold"}},
			plan:  DiskPlan{Edit: []string{"a"}, Keep: []string{"b"}, Records: map[string]DiskRecord{"a": record(2001), "b": record(2002)}},
		},
		"and left alone where it is not": {
			devices: []types.BaseVirtualDevice{boot, data},
			want:    []Volume{{Name: "a", CapacityBytes: 10 * gib, StorageProfileID: "gold"}}, recorded: map[string]DiskRecord{"a": record(2001)},
			plan: DiskPlan{Keep: []string{"a"}, Records: map[string]DiskRecord{"a": record(2001)}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			machine := func() *Observation {
				o := seen(on, append([]types.BaseVirtualDevice{pci(), pvscsi(0, noSharing)}, tc.devices...)...)
				o.StoragePolicies = tc.policies
				return o
			}
			have := machine()
			change, plan, err := DiskChanges(tc.want, have, tc.recorded, NewSlots(have, 0))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.steps, steps(t, change.Spec.DeviceChange)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.offline, spoken(change.Offline)); diff != "" {
				t.Errorf("offline (-want +got):\n%s", diff)
			}
			if change.Empty() != (len(tc.steps) == 0) {
				t.Errorf("Empty() = %t with %d steps", change.Empty(), len(tc.steps))
			}
			onlyKeys := cmp.Comparer(func(a, b Disk) bool { return a.Key == b.Key })
			if diff := cmp.Diff(tc.plan, plan, onlyKeys, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(machine().Disks, have.Disks); diff != "" {
				t.Errorf("observed disks changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestVolumesThatCannotBe(t *testing.T) {
	t.Parallel()
	snapshot := diskAt(2001, 1000, 1, func(_ *types.VirtualDisk, b *types.VirtualDiskFlatVer2BackingInfo) {
		b.Parent = &types.VirtualDiskFlatVer2BackingInfo{}
	})
	raw := &types.VirtualDisk{
		VirtualDevice:   types.VirtualDevice{Key: 2001, ControllerKey: 1000, Backing: &types.VirtualDiskRawDiskMappingVer1BackingInfo{Uuid: diskUUID(2001), DiskMode: "persistent"}},
		CapacityInBytes: 10 * gib,
	}
	for name, tc := range map[string]struct {
		disk types.BaseVirtualDevice
		want Volume
		err  error
		text string
	}{
		"a smaller one":              {diskAt(2001, 1000, 1), Volume{CapacityBytes: gib}, vsphere.ErrInvalidArgument, `volume "data": `},
		"growth with snapshots":      {snapshot, Volume{CapacityBytes: 20 * gib}, vsphere.ErrInvalidState, "has snapshots"},
		"another mode of a raw disk": {raw, Volume{CapacityBytes: 10 * gib, Mode: NonPersistent}, vsphere.ErrUnsupported, "RawDiskMapping"},
		"no capacity":                {nil, Volume{}, vsphere.ErrInvalidArgument, "capacity of 0 bytes"},
		"half a kilobyte":            {nil, Volume{CapacityBytes: gib + 512}, vsphere.ErrInvalidArgument, "multiple of 1 KiB"},
		"no such mode":               {nil, Volume{CapacityBytes: gib, Mode: "persistent"}, vsphere.ErrInvalidArgument, `disk mode "persistent"`},
		"no such sharing":            {nil, Volume{CapacityBytes: gib, Sharing: "all"}, vsphere.ErrInvalidArgument, `sharing mode "all"`},
		"no such provisioning":       {nil, Volume{CapacityBytes: gib, Provisioning: "Thin"}, vsphere.ErrInvalidArgument, `provisioning "Thin"`},
		"no such application":        {nil, Volume{CapacityBytes: gib, Application: "rac"}, vsphere.ErrInvalidArgument, `application type "rac"`},
		"RAC without sharing":        {nil, Volume{CapacityBytes: gib, Application: OracleRAC, Sharing: NoDiskSharing}, vsphere.ErrInvalidArgument, "needs sharing mode MultiWriter"},
		"RAC that is persistent":     {nil, Volume{CapacityBytes: gib, Application: OracleRAC, Mode: Persistent}, vsphere.ErrInvalidArgument, "needs disk mode IndependentPersistent"},
		"WSFC on SATA":               {nil, Volume{CapacityBytes: gib, Application: MicrosoftWSFC, Address: at(SATA)}, vsphere.ErrInvalidArgument, "needs a SCSI or NVME controller"},
		"WSFC on the bus of others":  {nil, Volume{CapacityBytes: gib, Application: MicrosoftWSFC, Address: at(SCSI, 0)}, vsphere.ErrInvalidArgument, "bus sharing None, and Physical is needed"},
		"the place of another":       {diskAt(2000, 1000, 1), Volume{CapacityBytes: gib, Address: at(SCSI, 0, 1)}, vsphere.ErrAlreadyExists, "is taken by Hard disk 2000, which stays there"},
		"no such controller":         {nil, Volume{CapacityBytes: gib, Address: at("USB")}, vsphere.ErrInvalidArgument, `controller type "USB"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			devices := []types.BaseVirtualDevice{pci(), pvscsi(0, noSharing)}
			if tc.disk != nil {
				devices = append(devices, tc.disk)
			}
			tc.want.Name = "data"
			have := seen(off, devices...)
			_, _, err := DiskChanges([]Volume{tc.want}, have, map[string]DiskRecord{"data": record(2001)}, NewSlots(have, 0))
			if !errors.Is(err, tc.err) || !contains(err, tc.text) {
				t.Errorf("error %v, want %v with %q", err, tc.err, tc.text)
			}
		})
	}
}

// Disks that come, grow and go on a machine of the simulator, and what is known afterwards.
func TestVolumesOfAMachine(t *testing.T) {
	e := start(t)
	ref := e.machines(1)[0]
	apply := func(recorded map[string]DiskRecord, want ...Volume) (map[string]DiskRecord, DiskPlan) {
		t.Helper()
		o := e.observe(ref)
		change, plan, err := DiskChanges(want, o, recorded, NewSlots(o, 0))
		e.must(err)
		if !change.Empty() {
			e.must(e.Reconfigure(t.Context(), ref, change.Spec))
		}
		return assignDisks(plan, e.observe(ref)), plan
	}
	data, logs := Volume{Name: "data", CapacityBytes: gib}, Volume{Name: "logs", CapacityBytes: 2 * gib, Address: at(NVME), Keep: true}
	records, _ := apply(nil, data, logs)
	o := e.observe(ref)
	if len(o.Disks) != 3 || len(records) != 2 || records["data"].UUID == "" || records["data"].Keep || !records["logs"].Keep {
		t.Fatalf("records %+v, disks %+v", records, o.Disks)
	}
	if disk := records["logs"].Find(o.Disks); disk == nil || disk.Place != (Place{NVME, 0, 0}) || disk.CapacityBytes != 2*gib {
		t.Errorf("logs are on %+v", disk)
	}
	if again, plan := apply(records, data, logs); !cmp.Equal(again, records) || len(plan.Keep) != 2 {
		t.Errorf("another round: %+v, records %+v", plan, again)
	}
	data.CapacityBytes = 3 * gib
	records, plan := apply(records, data, logs)
	if disk := records["data"].Find(e.observe(ref).Disks); len(plan.Edit) != 1 || disk == nil || disk.CapacityBytes != 3*gib {
		t.Errorf("plan %+v, disk %+v", plan, disk)
	}
	records, plan = apply(records, logs)
	if len(plan.Remove) != 1 || len(e.observe(ref).Disks) != 2 || len(records) != 1 {
		t.Errorf("plan %+v, records %+v", plan, records)
	}
	// What is kept is off the machine before it is destroyed.
	detach, err := DetachKept(e.observe(ref), records)
	e.must(err)
	if len(detach.Spec.DeviceChange) != 1 || detach.Spec.DeviceChange[0].GetVirtualDeviceConfigSpec().FileOperation != "" {
		t.Errorf("detached by %+v", steps(t, detach.Spec.DeviceChange))
	}
	e.must(e.Reconfigure(t.Context(), ref, detach.Spec))
	if disks := e.observe(ref).Disks; len(disks) != 1 {
		t.Errorf("left with %+v", disks)
	}
}

func TestADiskThatIsKeptIsNotDetachedFromItsSnapshots(t *testing.T) {
	t.Parallel()
	for mode, refused := range map[string]bool{"persistent": true, "independent_persistent": false} {
		disk := diskAt(2001, 1000, 1, func(_ *types.VirtualDisk, b *types.VirtualDiskFlatVer2BackingInfo) {
			b.DiskMode, b.Parent = mode, &types.VirtualDiskFlatVer2BackingInfo{}
		})
		have := seen(off, pci(), pvscsi(0, types.VirtualSCSISharingNoSharing), diskAt(2000, 1000, 0), disk)
		kept := record(2001)
		kept.Keep = true
		recorded := map[string]DiskRecord{"data": kept}
		_, detach := DetachKept(have, recorded)
		_, _, removal := DiskChanges(nil, have, recorded, NewSlots(have, 0))
		for _, err := range []error{detach, removal} {
			if errors.Is(err, vsphere.ErrInvalidState) != refused || refused && !contains(err, "snapshots") {
				t.Errorf("%s: %v", mode, err)
			}
		}
	}
}

// assignDisks returns the records of volumes after a change: those of the disks that stayed, and
// of those that are at the places of the plan now.
func assignDisks(plan DiskPlan, have *Observation) map[string]DiskRecord {
	records := maps.Clone(plan.Records)
	for name, place := range plan.Places {
		for i := range have.Disks {
			if disk := &have.Disks[i]; disk.Place == place {
				records[name] = DiskRecord{Key: disk.Key, UUID: disk.UUID, Keep: plan.Keeps[name]}
			}
		}
	}
	return records
}
