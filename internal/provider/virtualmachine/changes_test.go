package virtualmachine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

const gibibyte = 1 << 30

// standing is a machine that runs, with a disk of its image, the volume data and the card eth0.
func standing() (*machine.Observation, *machine.Recorded) {
	network := func(name string) machine.Backing { return machine.BackingOf(standard(name)) }
	disk := func(key, unit int32, uuid string) machine.Disk {
		backing := &govmomi.VirtualDiskFlatVer2BackingInfo{DiskMode: "persistent", Uuid: uuid}
		return machine.Disk{
			Key: key, ControllerKey: 1000, UnitNumber: unit, Place: machine.Place{Type: machine.SCSI, Unit: unit}, Label: "disk", UUID: uuid,
			CapacityBytes: 10 * gibibyte, Mode: "persistent",
			Device: &govmomi.VirtualDisk{VirtualDevice: govmomi.VirtualDevice{Key: key, ControllerKey: 1000, UnitNumber: &unit, Backing: backing}},
		}
	}
	card := &govmomi.VirtualVmxnet3{}
	card.Key, card.Backing = 4000, &govmomi.VirtualEthernetCardNetworkBackingInfo{VirtualDeviceDeviceBackingInfo: govmomi.VirtualDeviceDeviceBackingInfo{DeviceName: "a"}}
	have := &machine.Observation{
		Name: "web", PowerState: govmomi.VirtualMachinePowerStatePoweredOn, CPUs: 2, MemoryMB: 4096, GuestID: "ubuntu64Guest", Firmware: "bios",
		HardwareVersion: 19,
		NICs:            []machine.ObservedNIC{{Key: 4000, Type: "VMXNet3", MAC: "00:50:56:aa:bb:cc", Label: "Network adapter 1", Backing: network("a"), Device: card}},
		Disks:           []machine.Disk{disk(2000, 0, "boot"), disk(2001, 1, "data")},
		Controllers:     []machine.Controller{{Key: 1000, Type: machine.SCSI, Sharing: machine.NoBusSharing, Units: []int32{0, 1}}},
	}
	recorded := &machine.Recorded{NICs: map[string]int32{"eth0": 4000}, Volumes: map[string]machine.DiskRecord{"data": {UUID: "data"}}}
	return have, recorded
}

// asStanding is what standing has, so that each case changes one thing.
func asStanding() machine.Wanted {
	return machine.Wanted{
		Cards: true, NICs: []machine.NIC{{Name: "eth0", Backing: standard("a")}},
		Disks: true, Volumes: []machine.Volume{{Name: "data", CapacityBytes: 10 * gibibyte}},
	}
}

func standard(name string) govmomi.BaseVirtualDeviceBackingInfo {
	return &govmomi.VirtualEthernetCardNetworkBackingInfo{VirtualDeviceDeviceBackingInfo: govmomi.VirtualDeviceDeviceBackingInfo{DeviceName: name}}
}

func TestChangesAreNamedWithWhatTheyTake(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*machine.Wanted)
		want   []change
		class  map[string]bool
	}{
		"nothing":    {change: func(*machine.Wanted) {}},
		"processors": {change: func(w *machine.Wanted) { w.Size.CPUs = 4 }, want: []change{{"resources.size.cpu", needsPowerOff, ""}}},
		"memory":     {change: func(w *machine.Wanted) { w.Size.MemoryMB = 8192 }, want: []change{{"resources.size.memory", needsPowerOff, ""}}},
		"processors of a class": {
			change: func(w *machine.Wanted) { w.Size.CPUs = 4 }, want: []change{{"class_name", needsPowerOff, ""}},
			class: map[string]bool{"resources.size.cpu": true},
		},
		"reservation of a class": {
			change: func(w *machine.Wanted) {
				w.Size.CPUAllocation = &govmomi.ResourceAllocationInfo{Reservation: govmomi.NewInt64(500)}
			}, want: []change{{"class_name", live, ""}},
			class: map[string]bool{"resources.requests.cpu": true},
		},
		"flags of a class": {
			change: func(w *machine.Wanted) {
				w.Base = &govmomi.VirtualMachineConfigSpec{Flags: &govmomi.VirtualMachineFlagInfo{VbsEnabled: govmomi.NewBool(true)}}
			},
			want: []change{{"class_name", needsPowerOff, ""}},
		},
		"two options of booting": {
			change: func(w *machine.Wanted) { w.Boot.DelayMS, w.Boot.Retry = govmomi.NewInt64(10), govmomi.NewBool(true) },
			want:   []change{{"boot_options.boot_delay", needsPowerOff, ""}, {"boot_options.boot_retry", needsPowerOff, ""}},
		},
		"reservation": {change: func(w *machine.Wanted) {
			w.Size.CPUAllocation = &govmomi.ResourceAllocationInfo{Reservation: govmomi.NewInt64(500)}
		}, want: []change{{"resources.requests.cpu", live, ""}}},
		"limit": {change: func(w *machine.Wanted) {
			w.Size.MemoryAllocation = &govmomi.ResourceAllocationInfo{Limit: govmomi.NewInt64(500)}
		}, want: []change{{"resources.limits.memory", live, ""}}},
		"guest id":   {change: func(w *machine.Wanted) { w.GuestID = "rhel9_64Guest" }, want: []change{{"guest_id", needsPowerOff, ""}}},
		"version":    {change: func(w *machine.Wanted) { w.HardwareVersion = 21 }, want: []change{{"min_hardware_version", needsPowerOff, ""}}},
		"older":      {change: func(w *machine.Wanted) { w.HardwareVersion = 15 }},
		"boot delay": {change: func(w *machine.Wanted) { w.Boot.DelayMS = govmomi.NewInt64(10) }, want: []change{{"boot_options.boot_delay", needsPowerOff, ""}}},
		"boot order": {change: func(w *machine.Wanted) { w.BootOrder = []machine.BootTarget{{Kind: machine.BootNetwork, Name: "eth0"}} }, want: []change{{"boot_options.boot_order", needsPowerOff, ""}}},
		"tracking":   {change: func(w *machine.Wanted) { w.ChangeTracking = govmomi.NewBool(true) }, want: []change{{"advanced.change_block_tracking", atNextStart, ""}}},
		"a key":      {change: func(w *machine.Wanted) { w.ExtraConfig = map[string]string{"a": "b"} }, want: []change{{`advanced.extra_config["a"]`, atNextStart, ""}}},
		"boot disk":  {change: func(w *machine.Wanted) { w.BootDiskBytes = 20 * gibibyte }, want: []change{{"advanced.boot_disk_capacity", live, ""}}},

		"a volume more": {change: func(w *machine.Wanted) {
			w.Volumes = append(w.Volumes, machine.Volume{Name: "logs", CapacityBytes: gibibyte})
		}, want: []change{{"volume[logs]", live, ""}}},
		"a volume less":   {change: func(w *machine.Wanted) { w.Volumes = nil }, want: []change{{"volume[data]", live, ""}}},
		"a larger volume": {change: func(w *machine.Wanted) { w.Volumes[0].CapacityBytes = 20 * gibibyte }, want: []change{{"volume[data]", live, ""}}},
		"a volume's mode": {change: func(w *machine.Wanted) { w.Volumes[0].Mode = machine.NonPersistent }, want: []change{{"volume[data]", needsPowerOff, ""}}},
		"a drive":         {change: func(w *machine.Wanted) { w.Drives, w.CDROMs = true, []machine.CDROM{{Name: "tools", ISO: "[a] b.iso"}} }, want: []change{{"hardware.cdrom[tools]", needsPowerOff, ""}}},

		"a card more":                     {change: func(w *machine.Wanted) { w.NICs = append(w.NICs, machine.NIC{Name: "eth1", Backing: standard("a")}) }, want: []change{{"network.interface[eth1]", live, ""}}},
		"a card less":                     {change: func(w *machine.Wanted) { w.NICs = nil }, want: []change{{"network.interface[eth0]", live, ""}}},
		"network":                         {change: func(w *machine.Wanted) { w.NICs[0].Backing = standard("b") }, want: []change{{"network.interface[eth0]", live, ""}}},
		"type":                            {change: func(w *machine.Wanted) { w.NICs[0].Type = "E1000" }, want: []change{{"network.interface[eth0]", live, ""}}},
		"the type that it has":            {change: func(w *machine.Wanted) { w.NICs[0].Type = "VMXNet3" }},
		"address":                         {change: func(w *machine.Wanted) { w.NICs[0].MAC = "00:50:56:aa:bb:cd" }, want: []change{{"network.interface[eth0].mac_addr", needsPowerOff, ""}}},
		"the address in another spelling": {change: func(w *machine.Wanted) { w.NICs[0].MAC = "00:50:56:AA:BB:CC" }},
		"the address of a card that is replaced anyway": {
			change: func(w *machine.Wanted) { w.NICs[0].Type, w.NICs[0].MAC = "E1000", "00:50:56:aa:bb:cd" },
			want:   []change{{"network.interface[eth0]", live, ""}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have, recorded := standing()
			want := asStanding()
			test.change(&want)
			difference, err := machine.Compare(&want, have, recorded)
			if err != nil {
				t.Fatal(err)
			}
			got := changes(identity{}, identity{}, &comparison{Difference: difference, Observed: have, Recorded: recorded, Class: test.class})
			for i := range got {
				if got[i].Effect >= atNextStart && got[i].Why == "" {
					t.Errorf("%s: no reason is given", got[i].Attribute)
				}
				got[i].Why = ""
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatAMachineIsCannotChange(t *testing.T) {
	t.Parallel()
	have := identity{
		Name: "web", Namespace: "a", StorageClass: "gold", Image: "i", InstanceUUID: "u", BIOSUUID: "v", Firmware: "bios", Provider: "cloud_init", VApp: true,
	}
	for name, test := range map[string]struct {
		change func(*identity)
		want   []change
	}{
		"nothing":             {func(*identity) {}, nil},
		"what is not known":   {func(w *identity) { *w = identity{VApp: true} }, nil},
		"name":                {func(w *identity) { w.Name = "db" }, []change{{"name", live, ""}}},
		"namespace":           {func(w *identity) { w.Namespace = "b" }, []change{{"namespace", replaces, ""}}},
		"storage class":       {func(w *identity) { w.StorageClass = "tin" }, []change{{"storage_class", replaces, ""}}},
		"image":               {func(w *identity) { w.Image = "j" }, []change{{"image", replaces, ""}}},
		"instance UUID":       {func(w *identity) { w.InstanceUUID = "x" }, []change{{"instance_uuid", replaces, ""}}},
		"BIOS UUID":           {func(w *identity) { w.BIOSUUID = "x" }, []change{{"bios_uuid", replaces, ""}}},
		"firmware":            {func(w *identity) { w.Firmware = "efi" }, []change{{"boot_options.firmware", replaces, ""}}},
		"provider":            {func(w *identity) { w.Provider = "sysprep" }, []change{{"bootstrap", replaces, ""}}},
		"a vApp that goes":    {func(w *identity) { w.VApp = false }, []change{{"bootstrap.cloud_init", needsPowerOff, "the vApp configuration is removed"}}},
		"two, in their order": {func(w *identity) { w.Name, w.Image = "db", "j" }, []change{{"image", replaces, ""}, {"name", live, ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := have
			test.change(&want)
			if diff := cmp.Diff(test.want, changes(have, want, nil)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangesAreNamedForPeople(t *testing.T) {
	t.Parallel()
	all := []change{{"a", live, ""}, {"b", needsPowerOff, "it is full"}, {"c", needsPowerOff, ""}, {"c", needsPowerOff, ""}}
	if diff := cmp.Diff([]string{"b", "c"}, attributes(having(all, needsPowerOff))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := reasons(having(all, needsPowerOff)); got != "b (it is full), c" {
		t.Errorf("reasons: %s", got)
	}
	if got := reasons([]change{{"a", needsPowerOff, "it is full"}, {"b", needsPowerOff, "it is full"}, {"c", needsPowerOff, "it is off"}}); got != "a, b (it is full), c (it is off)" {
		t.Errorf("reasons: %s", got)
	}
}
