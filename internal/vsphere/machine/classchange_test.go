package machine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const high = types.LatencySensitivitySensitivityLevelHigh

// classBase is what a class can hold beyond a size.
func classBase() *types.VirtualMachineConfigSpec {
	yes, no := types.NewBool(true), types.NewBool(false)
	return &types.VirtualMachineConfigSpec{
		Annotation: "of the class", NumCoresPerSocket: types.NewInt32(2),
		CpuHotAddEnabled: yes, CpuHotRemoveEnabled: no, MemoryHotAddEnabled: yes, MemoryReservationLockedToMax: yes,
		LatencySensitivity: &types.LatencySensitivity{Level: high}, NestedHVEnabled: yes, VPMCEnabled: no, ChangeTrackingEnabled: yes,
		Flags:       &types.VirtualMachineFlagInfo{VvtdEnabled: yes, SnapshotDisabled: no},
		ExtraConfig: ExtraConfigChange(map[string]string{"sched.mem.pin": "TRUE", "Disk.EnableUUID": "FALSE", "numa.nodeAffinity": "0"}),
	}
}

func TestClassChange(t *testing.T) {
	t.Parallel()
	yes, no := types.NewBool(true), types.NewBool(false)
	two, eight := types.NewInt32(2), types.NewInt32(8)
	type spec = types.VirtualMachineConfigSpec
	for name, tc := range map[string]struct {
		base    *spec
		want    Size
		have    Observation // beside 4 processors, 4096 MB
		spec    spec
		offline []string
	}{
		"no class":         {nil, Size{CPUs: 8}, Observation{}, spec{}, nil},
		"a class of sizes": {&spec{}, Size{CPUs: 8}, Observation{CoresPerSocket: 4, HotPlug: HotPlug{CPUs: true}, Latency: high, MemoryLocked: true}, spec{}, nil},
		"nothing differs": {
			classBase(),
			Size{},
			Observation{
				Annotation: "own", CoresPerSocket: 2, HotPlug: HotPlug{CPUs: true, Memory: true}, MemoryLocked: true, Latency: high, NestedHV: true,
				ChangeTracking: yes, Flags: types.VirtualMachineFlagInfo{VvtdEnabled: yes, VbsEnabled: no},
			},
			spec{},
			nil,
		},
		"everything differs": {
			classBase(),
			Size{},
			Observation{HotPlug: HotPlug{RemoveCPUs: true}, VPMC: true, Flags: types.VirtualMachineFlagInfo{SnapshotDisabled: yes}},
			spec{
				Annotation: "of the class", NumCoresPerSocket: two, CpuHotAddEnabled: yes, CpuHotRemoveEnabled: no, MemoryHotAddEnabled: yes,
				MemoryReservationLockedToMax: yes, LatencySensitivity: &types.LatencySensitivity{Level: high}, NestedHVEnabled: yes, VPMCEnabled: no,
				ChangeTrackingEnabled: yes, Flags: &types.VirtualMachineFlagInfo{VvtdEnabled: yes, SnapshotDisabled: no},
			},
			[]string{
				"cpu: 1 cores per socket cannot become 2 while it runs", "cpu: adding processors while it runs cannot be enabled",
				"cpu: removing processors while it runs cannot be disabled", "memory: adding memory while it runs cannot be enabled",
				"cpu: nested virtualization cannot be enabled", "cpu: virtual performance counters cannot be disabled",
				"cpu: the latency sensitivity normal cannot become high while it runs",
				`flags "snapshotDisabled": it cannot change while the machine runs`, `flags "vvtdEnabled": it cannot change while the machine runs`,
			},
		},
		"cores that do not divide":         {&spec{NumCoresPerSocket: two}, Size{CPUs: 3}, Observation{CoresPerSocket: 4}, spec{NumCoresPerSocket: types.NewInt32(1)}, []string{"cpu: 4 cores per socket cannot become 1 while it runs"}},
		"cores that divide the new number": {&spec{NumCoresPerSocket: eight}, Size{CPUs: 16}, Observation{CoresPerSocket: 2}, spec{NumCoresPerSocket: eight}, []string{"cpu: 2 cores per socket cannot become 8 while it runs"}},
		"cores as vSphere has them":        {&spec{NumCoresPerSocket: two}, Size{}, Observation{CoresPerSocket: 2, AutoCores: true}, spec{NumCoresPerSocket: two}, []string{"cpu: 2 cores per socket cannot become 2 while it runs"}},
		"cores left to vSphere":            {&spec{NumCoresPerSocket: types.NewInt32(0)}, Size{}, Observation{CoresPerSocket: 2}, spec{NumCoresPerSocket: types.NewInt32(0)}, []string{"cpu: vSphere cannot take over the 2 cores per socket while it runs"}},
		"cores that vSphere decides":       {&spec{NumCoresPerSocket: types.NewInt32(0)}, Size{}, Observation{CoresPerSocket: 2, AutoCores: true}, spec{}, nil},
		"latency back to normal": {
			&spec{LatencySensitivity: &types.LatencySensitivity{Level: "normal"}},
			Size{},
			Observation{Latency: high},
			spec{LatencySensitivity: &types.LatencySensitivity{Level: "normal"}},
			[]string{"cpu: the latency sensitivity high cannot become normal while it runs"},
		},
		"a lock begins": {
			&spec{MemoryReservationLockedToMax: yes},
			Size{MemoryMB: 8192, MemoryAllocation: allocation(1024, 9000, types.SharesLevelNormal, 0)},
			Observation{MemoryAllocation: allocation(0, -1, types.SharesLevelNormal, 0)},
			spec{MemoryReservationLockedToMax: yes, MemoryAllocation: allocation(8192, 9000, types.SharesLevelNormal, 0)},
			nil,
		},
		"a lock ends": {
			&spec{MemoryReservationLockedToMax: no},
			Size{MemoryAllocation: allocation(1024, -1, types.SharesLevelNormal, 0)},
			Observation{MemoryLocked: true, MemoryAllocation: allocation(4096, -1, types.SharesLevelNormal, 0)},
			spec{MemoryReservationLockedToMax: no, MemoryAllocation: allocation(1024, -1, types.SharesLevelNormal, 0)},
			nil,
		},
		"notes are nobody's to overwrite": {&spec{Annotation: "of the class"}, Size{}, Observation{Annotation: "own"}, spec{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.have.CPUs, tc.have.MemoryMB = 4, 4096
			change := ClassChange(tc.base, tc.want, &tc.have)
			if diff := cmp.Diff(tc.spec, change.Spec); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.offline, spoken(change.Offline)); diff != "" {
				t.Errorf("offline (-want +got):\n%s", diff)
			}
		})
	}
}

// SizeChange does not know of the class; merged after it, ClassChange puts that right.
func TestAClassCorrectsTheSize(t *testing.T) {
	t.Parallel()
	have := &Observation{CPUs: 4, CoresPerSocket: 4, MemoryMB: 4096, MemoryAllocation: allocation(0, -1, types.SharesLevelNormal, 0)}
	size := Size{CPUs: 6, MemoryAllocation: allocation(1024, -1, types.SharesLevelNormal, 0)}
	change := SizeChange(size, have)
	change.Merge(ClassChange(&types.VirtualMachineConfigSpec{NumCoresPerSocket: types.NewInt32(2), MemoryReservationLockedToMax: types.NewBool(true)}, size, have))
	want := types.VirtualMachineConfigSpec{
		NumCPUs: 6, NumCoresPerSocket: types.NewInt32(2), MemoryReservationLockedToMax: types.NewBool(true),
		MemoryAllocation: allocation(4096, -1, types.SharesLevelNormal, 0),
	}
	if diff := cmp.Diff(want, change.Spec); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHighLatencySensitivityNeedsReservations(t *testing.T) {
	t.Parallel()
	sensitive := &types.VirtualMachineConfigSpec{LatencySensitivity: &types.LatencySensitivity{Level: high}}
	locking := &types.VirtualMachineConfigSpec{LatencySensitivity: sensitive.LatencySensitivity, MemoryReservationLockedToMax: types.NewBool(true)}
	unlocking := &types.VirtualMachineConfigSpec{LatencySensitivity: sensitive.LatencySensitivity, MemoryReservationLockedToMax: types.NewBool(false)}
	some, all := allocation(1, -1, types.SharesLevelNormal, 0), allocation(4096, -1, types.SharesLevelNormal, 0)
	for name, tc := range map[string]struct {
		base        *types.VirtualMachineConfigSpec
		cpu, memory *types.ResourceAllocationInfo
		locked      bool
		want        string
	}{
		"no class":              {nil, nil, nil, false, ""},
		"normal":                {&types.VirtualMachineConfigSpec{LatencySensitivity: &types.LatencySensitivity{Level: "normal"}}, nil, nil, false, ""},
		"all reserved":          {sensitive, some, all, false, ""},
		"locked by the class":   {locking, some, nil, false, ""},
		"locked as it is":       {sensitive, some, nil, true, ""},
		"unlocked by the class": {unlocking, some, some, true, "of 4096 MB there are 1 MB"},
		"no memory":             {sensitive, some, nil, false, "of 4096 MB there are 0 MB"},
		"some memory":           {sensitive, some, some, false, "of 4096 MB there are 1 MB"},
		"no processors":         {sensitive, nil, all, false, "reservation of processors"},
	} {
		err := CheckClass(tc.base, Size{CPUs: 2, MemoryMB: 4096, CPUAllocation: tc.cpu, MemoryAllocation: tc.memory}, tc.locked)
		if (tc.want == "") != (err == nil) || err != nil && (!errors.Is(err, vsphere.ErrInvalidArgument) || !contains(err, tc.want)) {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		}
	}
	if err := CheckClass(sensitive, Size{}, false); err != nil {
		t.Errorf("a size that the image decides: %v", err)
	}
}

// A machine keeps the latency sensitivity of an earlier class, so that it needs what that takes.
func TestHighLatencySensitivityThatStaysNeedsReservations(t *testing.T) {
	t.Parallel()
	some, none, all := allocation(1000, -1, types.SharesLevelNormal, 0), allocation(0, -1, types.SharesLevelNormal, 0), allocation(4096, -1, types.SharesLevelNormal, 0)
	normal := &types.VirtualMachineConfigSpec{LatencySensitivity: &types.LatencySensitivity{Level: types.LatencySensitivitySensitivityLevelNormal}}
	unlocking := &types.VirtualMachineConfigSpec{MemoryReservationLockedToMax: types.NewBool(false)}
	for name, tc := range map[string]struct {
		base   *types.VirtualMachineConfigSpec
		size   Size
		locked bool
		want   string
	}{
		"nothing":                     {},
		"all reserved":                {size: Size{CPUs: 4, MemoryMB: 4096, CPUAllocation: some, MemoryAllocation: all}},
		"a class without":             {size: Size{CPUs: 4, MemoryMB: 4096, CPUAllocation: none, MemoryAllocation: all}, want: "earlier class"},
		"a class that says so":        {base: normal, size: Size{CPUs: 4, MemoryMB: 4096, CPUAllocation: none, MemoryAllocation: none}},
		"no class any more":           {size: Size{CPUAllocation: none, MemoryAllocation: all}, want: "reservation of processors"},
		"more memory":                 {size: Size{MemoryMB: 8192}, want: "of 8192 MB there are 4096 MB"},
		"more memory, locked":         {size: Size{MemoryMB: 8192}, locked: true},
		"more memory, locked no more": {base: unlocking, size: Size{MemoryMB: 8192}, locked: true, want: "of 8192 MB there are 4096 MB"},
	} {
		have, recorded := built(off)
		have.Latency, have.MemoryLocked, have.CPUAllocation, have.MemoryAllocation = high, tc.locked, some, all
		_, err := Compare(&Wanted{Base: tc.base, Size: tc.size}, have, recorded)
		var part PartError
		if (tc.want == "") != (err == nil) || err != nil && (!errors.As(err, &part) || part.Part != PartClass || !contains(err, tc.want)) {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		}
	}
}

// What a machine was deployed with is what ClassChange finds, by every way of deploying, and what
// it finds amiss is put right by one reconfiguration.
func TestAMachineOfAClassHasWhatTheClassHolds(t *testing.T) {
	e := start(t)
	e.template()
	base := classBase()
	base.VPMCEnabled = nil // vcsim drops it
	for name, spec := range map[string]DeploySpec{"ovf": e.spec("ovf", 1), "clone": e.cloneSpec("clone", 2), "iso": e.isoSpec("iso", 3)} {
		spec.Base = base
		spec.CPUAllocation, spec.MemoryAllocation = allocation(1000, -1, types.SharesLevelNormal, 0), allocation(512, -1, types.SharesLevelNormal, 0)
		spec.ExtraConfig = map[string]string{"numa.nodeAffinity": "1"}
		ref := e.deploy(spec)
		o := e.observe(ref)
		if change := ClassChange(base, spec.size(), o); !change.Empty() {
			t.Errorf("%s: differs by %+v", name, change.Spec)
		}
		if o.Annotation != "of the class" || *o.MemoryAllocation.Reservation != 4096 || o.CPUs != 2 {
			t.Errorf("%s: %q, %d MB reserved, %d processors", name, o.Annotation, *o.MemoryAllocation.Reservation, o.CPUs)
		}
		for key, want := range map[string]string{"sched.mem.pin": "TRUE", "disk.enableUUID": "FALSE", "numa.nodeAffinity": "1", "vmware.tools.gosc.ignoretoolscheck": "TRUE"} {
			if got, _ := o.ExtraConfig.Get(key); got != want {
				t.Errorf("%s: %s is %q, want %q", name, key, got, want)
			}
		}
		other := &types.VirtualMachineConfigSpec{
			NumCoresPerSocket: types.NewInt32(1), CpuHotAddEnabled: types.NewBool(false), NestedHVEnabled: types.NewBool(false),
			LatencySensitivity: &types.LatencySensitivity{Level: "normal"}, MemoryReservationLockedToMax: types.NewBool(false),
		}
		change := ClassChange(other, spec.size(), o)
		e.must(e.Reconfigure(t.Context(), ref, change.Spec))
		if left := ClassChange(other, spec.size(), e.observe(ref)); change.Empty() || !left.Empty() {
			t.Errorf("%s: of %+v there is left %+v", name, change.Spec, left.Spec)
		}
	}
}
