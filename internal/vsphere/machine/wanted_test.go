package machine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// built is a machine with two disks on a SCSI controller, of which the second is the volume data,
// and a network card.
func built(power types.VirtualMachinePowerState) (*Observation, *Recorded) {
	have := seen(power, pci(), ide(0), ide(1), pvscsi(0, types.VirtualSCSISharingNoSharing), diskAt(2000, 1000, 0), diskAt(2001, 1000, 1))
	have.NICs = []ObservedNIC{{Key: 4000, Type: "VMXNet3", MAC: "00:50:56:00:00:01", Backing: Backing{Name: "VM Network"}, Device: &types.VirtualVmxnet3{}}}
	have.GuestID, have.HardwareVersion, have.CPUs, have.MemoryMB, have.Firmware = "ubuntu64Guest", 19, 2, 4096, "efi"
	return have, &Recorded{NICs: map[string]int32{"eth0": 4000}, Volumes: map[string]DiskRecord{"data": record(2001)}}
}

func TestWhatIsNotWantedIsLeftAlone(t *testing.T) {
	t.Parallel()
	have, recorded := built(on)
	got, err := Compare(&Wanted{}, have, recorded)
	if err != nil || !got.Empty() || len(got.Offline()) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if diff := cmp.Diff(recorded.NICs, got.NICs.Keys); diff != "" {
		t.Errorf("cards (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(recorded.Volumes, got.Disks.Intended()); diff != "" {
		t.Errorf("volumes (-want +got):\n%s", diff)
	}
}

func TestEveryPartIsCompared(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		want    Wanted
		offline string // of a running machine; empty: it takes the change
		check   func(d *Difference) bool
	}{
		"size":    {Wanted{Size: Size{CPUs: 4}}, "cpu:", func(d *Difference) bool { return d.Rest.Spec.NumCPUs == 4 }},
		"guest":   {Wanted{GuestID: "rhel9_64Guest"}, "guest_id:", func(d *Difference) bool { return d.Rest.Spec.GuestId == "rhel9_64Guest" }},
		"version": {Wanted{HardwareVersion: 21}, "min_hardware_version: 19 cannot become 21", func(d *Difference) bool { return d.Upgrade == 21 && d.Rest.Empty() }},
		"boot": {Wanted{Boot: BootOptions{DelayMS: types.NewInt64(5000)}}, "boot_options:", func(d *Difference) bool {
			return d.Rest.Spec.BootOptions.BootDelay == 5000
		}},
		"order": {Wanted{BootOrder: []BootTarget{{BootNetwork, "eth0"}, {BootDisk, "data"}, {Kind: BootDisk}, {Kind: BootCDROM}}}, "boot_options:", func(d *Difference) bool {
			return cmp.Equal(bootOrder(d.Rest.Spec.BootOptions.BootOrder), []BootDevice{{BootNetwork, 4000}, {BootDisk, 2001}, {BootDisk, 2000}, {Kind: BootCDROM}})
		}},
		"order with a new disk": {Wanted{
			Disks: true, Volumes: []Volume{{Name: "data", CapacityBytes: 10 * gib}, {Name: "logs", CapacityBytes: gib}},
			BootOrder: []BootTarget{{BootDisk, "logs"}},
		}, "boot_options:", func(d *Difference) bool {
			return d.Reorder && d.Rest.Spec.BootOptions == nil && len(d.Rest.Spec.DeviceChange) == 1
		}},
		"tracking": {Wanted{ChangeTracking: types.NewBool(true)}, "", func(d *Difference) bool {
			return *d.Rest.Spec.ChangeTrackingEnabled && len(d.Rest.NextStart) == 1
		}},
		"extra configuration": {Wanted{ExtraConfig: map[string]string{"a": "b"}}, "", func(d *Difference) bool { return len(d.Rest.NextStart) == 1 }},
		"boot disk": {Wanted{BootDiskBytes: 20 * gib}, "", func(d *Difference) bool {
			disk := d.Rest.Spec.DeviceChange[0].GetVirtualDeviceConfigSpec().Device.(*types.VirtualDisk)
			return d.BootDisk && disk.Key == 2000 && disk.CapacityInBytes == 20*gib
		}},
		"a volume less": {Wanted{Disks: true}, "", func(d *Difference) bool { return len(d.Disks.Remove) == 1 && d.Disks.Remove[0].Key == 2001 }},
		"a drive":       {Wanted{Drives: true, CDROMs: []CDROM{{Name: "iso", ISO: "[ds] a.iso"}}}, `cdrom "iso":`, func(d *Difference) bool { return len(d.CDROMs.Add) == 1 }},
		"no card":       {Wanted{Cards: true}, "", func(d *Difference) bool { return len(d.NICs.Remove) == 1 && d.Rest.Empty() && !d.Cards.Empty() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have, recorded := built(on)
			got, err := Compare(&tc.want, have, recorded)
			if err != nil {
				t.Fatal(err)
			}
			if !tc.check(got) || got.Empty() {
				t.Errorf("difference: %+v", got)
			}
			reasons := got.Offline()
			switch {
			case tc.offline == "" && len(reasons) > 0:
				t.Errorf("a running machine takes this, and has to be off for %v", reasons)
			case tc.offline != "" && (len(reasons) != 1 || !contains(errors.New(reasons[0].String()), tc.offline)):
				t.Errorf("reasons: %v, want one with %q", reasons, tc.offline)
			}
		})
	}
}

func TestABootOrderOfADeviceThatIsNotKnownYetIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Wanted{
		"a disk":               {BootOrder: []BootTarget{{BootDisk, "logs"}}},
		"a card":               {BootOrder: []BootTarget{{BootNetwork, "eth7"}, {BootDisk, "data"}}},
		"a disk beside a card": {Disks: true, Volumes: []Volume{{Name: "logs", CapacityBytes: gib}}, BootOrder: []BootTarget{{BootNetwork, "eth7"}, {BootDisk, "logs"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have, recorded := built(on)
			got, err := Compare(&want, have, recorded)
			if err != nil || got.Reorder || got.Rest.Spec.BootOptions != nil {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestWhatAMachineCannotHaveIsNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		want Wanted
		part Part
		of   string
		err  error
	}{
		"a smaller boot disk":  {Wanted{BootDiskBytes: gib}, PartBootDisk, "", vsphere.ErrInvalidArgument},
		"a smaller volume":     {Wanted{Disks: true, Volumes: []Volume{{Name: "data", CapacityBytes: gib}}}, PartVolume, "data", vsphere.ErrInvalidArgument},
		"a volume of no mode":  {Wanted{Disks: true, Volumes: []Volume{{Name: "logs", CapacityBytes: gib, Mode: "Odd"}}}, PartVolume, "logs", vsphere.ErrInvalidArgument},
		"a connected client":   {Wanted{Drives: true, CDROMs: []CDROM{{Name: "c", Connected: true}}}, PartCDROM, "c", vsphere.ErrInvalidArgument},
		"a boot order of none": {Wanted{Cards: true, BootOrder: []BootTarget{{BootNetwork, "eth7"}}}, PartBootOptions, "", vsphere.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have, recorded := built(off)
			_, err := Compare(&tc.want, have, recorded)
			var part PartError
			if !errors.As(err, &part) || part.Part != tc.part || part.Name != tc.of || !errors.Is(err, tc.err) {
				t.Errorf("error: %v (%+v)", err, part)
			}
		})
	}
}

func TestANewDiskIsRecordedByItsPlaceBeforeItIsThere(t *testing.T) {
	t.Parallel()
	have, recorded := built(off)
	want := Wanted{Disks: true, Volumes: []Volume{{Name: "data", CapacityBytes: 10 * gib}, {Name: "logs", CapacityBytes: gib, Keep: true}}}
	got, err := Compare(&want, have, recorded)
	if err != nil {
		t.Fatal(err)
	}
	intended := got.Disks.Intended()
	if diff := cmp.Diff(map[string]DiskRecord{"data": record(2001), "logs": {Place: &Place{SCSI, 0, 2}, Keep: true}}, intended); diff != "" {
		t.Fatalf("records (-want +got):\n%s", diff)
	}
	after := seen(off, pci(), ide(0), ide(1), pvscsi(0, types.VirtualSCSISharingNoSharing), diskAt(2000, 1000, 0), diskAt(2001, 1000, 1), diskAt(2002, 1000, 2))
	after.Disks[2].CapacityBytes = gib
	again, err := Compare(&want, after, &Recorded{NICs: recorded.NICs, Volumes: intended})
	if err != nil || !again.Empty() {
		t.Fatalf("after the change: %+v, %v", again, err)
	}
	if got := again.Disks.Records["logs"]; got.UUID == "" || !got.Keep || got.Place != nil {
		t.Errorf("the record of a disk that is there: %+v", got)
	}
}

func TestFixedPlacesComeFirst(t *testing.T) {
	t.Parallel()
	have, recorded := built(off)
	bus, first := types.NewInt32(0), types.NewInt32(0)
	want := Wanted{
		Disks: true, Volumes: []Volume{{Name: "data", CapacityBytes: 10 * gib}, {Name: "logs", CapacityBytes: gib, Address: Address{IDE, bus, nil}}},
		Drives: true, CDROMs: []CDROM{{Name: "any"}, {Name: "fixed", Address: Address{IDE, bus, first}}},
	}
	got, err := Compare(&want, have, recorded)
	if err != nil {
		t.Fatal(err)
	}
	if at := got.Disks.Places["logs"]; at != (Place{IDE, 0, 1}) {
		t.Errorf("the volume is at %s", at)
	}
	if diff := cmp.Diff(map[string]Place{"any": {IDE, 1, 0}, "fixed": {IDE, 0, 0}}, got.CDROMs.Places); diff != "" {
		t.Errorf("drives (-want +got):\n%s", diff)
	}
}

func TestADefaultComesBackWhenNothingIsWrittenOverIt(t *testing.T) {
	t.Parallel()
	have, recorded := built(off)
	have.ExtraConfig = ExtraConfig{"disk.enableUUID": "FALSE", "mine": "1", "theirs": "2"}
	recorded.ExtraConfig = []string{"disk.enableUUID", "mine"}
	got, err := Compare(&Wanted{}, have, recorded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ExtraConfigChange(map[string]string{"disk.enableUUID": "TRUE", "mine": ""}), got.Rest.Spec.ExtraConfig); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOnlyRecordedDrivesGoWithTheBlockThatBroughtThem(t *testing.T) {
	t.Parallel()
	have := seen(off, ide(0), ide(1), driveAt(3000, 200, 0, iso("[ds] a.iso"), true), driveAt(3001, 200, 1, iso("[ds] theirs.iso"), true))
	recorded := &Recorded{CDROMs: map[string]int32{"ours": 3000}}
	for _, only := range []bool{true, false} {
		got, err := Compare(&Wanted{Drives: true, RecordedDrives: only}, have, recorded)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{true: 1, false: 2}[only]; len(got.CDROMs.Remove) != want || got.CDROMs.Remove[0].Key != 3000 {
			t.Errorf("only recorded drives %t: removed %+v", only, got.CDROMs.Remove)
		}
	}
}

func TestTheBootDiskIsTheFirstByItsKey(t *testing.T) {
	t.Parallel()
	// vCenter moves a device that was edited to the end of its list.
	have := seen(off, pci(), pvscsi(0, types.VirtualSCSISharingNoSharing), diskAt(2001, 1000, 1), diskAt(2000, 1000, 0))
	got, err := Compare(&Wanted{BootDiskBytes: 20 * gib}, have, &Recorded{})
	if err != nil {
		t.Fatal(err)
	}
	if key := got.Rest.Spec.DeviceChange[0].GetVirtualDeviceConfigSpec().Device.GetVirtualDevice().Key; key != 2000 {
		t.Errorf("disk %d grows", key)
	}
}
