package simulator_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// spec is a configuration of device changes.
func spec(changes ...types.BaseVirtualDeviceConfigSpec) types.VirtualMachineConfigSpec {
	return types.VirtualMachineConfigSpec{DeviceChange: changes}
}

func TestWrongReferencesAreFaults(t *testing.T) {
	_, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	network := func(backing types.BaseVirtualDeviceBackingInfo) types.BaseVirtualDeviceConfigSpec {
		card := &types.VirtualVmxnet3{}
		card.Backing = backing
		return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: card}
	}
	standard := &types.VirtualEthernetCardNetworkBackingInfo{}
	standard.DeviceName = "no such network"
	unknown := &types.VirtualVmxnet3{}
	unknown.Key = 4099
	disk := &types.VirtualDisk{CapacityInKB: 1024}
	disk.Backing = &types.VirtualDiskFlatVer2BackingInfo{VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: "[nowhere] x.vmdk"}}
	for _, tc := range []struct {
		name string
		spec types.VirtualMachineConfigSpec
		want types.BaseMethodFault
	}{
		{"standard network", spec(network(standard)), &types.InvalidDeviceBacking{}},
		{"port group", spec(network(&types.VirtualEthernetCardDistributedVirtualPortBackingInfo{
			Port: types.DistributedVirtualSwitchPortConnection{PortgroupKey: "dvportgroup-0"},
		})), &types.InvalidDeviceBacking{}},
		{"no backing", spec(network(nil)), &types.InvalidDeviceBacking{}},
		{"removed key", spec(&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: unknown}), &types.InvalidDeviceSpec{}},
		{"edited key", spec(&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: unknown}), &types.InvalidDeviceSpec{}},
		{"datastore", spec(&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, FileOperation: "create", Device: disk}), &types.InvalidDatastorePath{}},
		{"change version", types.VirtualMachineConfigSpec{ChangeVersion: "long ago"}, &types.ConcurrentAccess{}},
		{"SET key", types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: "SET.guest.net", Value: "x"}}}, &types.InvalidArgument{}},
	} {
		if err := c.reconfigure(vm, tc.spec); !fault.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if n := len(cardsOf(c.read(vm))); n != 1 {
		t.Errorf("%d cards", n)
	}
}

func TestTenCardsAreTheMost(t *testing.T) {
	_, c := start(t)
	nine := make([]types.BaseVirtualDeviceConfigSpec, 0, 9)
	for range 9 {
		nine = append(nine, c.card("frontend"))
	}
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	if err := c.reconfigure(vm, spec(nine...)); err != nil {
		t.Fatal(err)
	}
	if err := c.reconfigure(vm, spec(c.card("backend"))); !fault.Is(err, &types.TooManyDevices{}) {
		t.Errorf("the eleventh: %v", err)
	}
	var keys []int32
	macs := map[string]bool{}
	for _, card := range cardsOf(c.read(vm)) {
		keys = append(keys, card.Key)
		macs[card.MacAddress] = true
	}
	if want := []int32{4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008, 4009}; !slices.Equal(keys, want) || len(macs) != 10 {
		t.Errorf("keys %v, MAC addresses %v", keys, macs)
	}
}

func TestEditedCardKeepsItsPlaceAndAddress(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", &types.VirtualMachineConfigSpec{
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{c.card("frontend"), c.card("backend")},
	})
	c.power(vm, true)
	s.Settle()
	before := c.read(vm)
	first := object.VirtualDeviceList(before.Config.Hardware.Device).FindByKey(4000)
	edit := c.card("VM Network")
	edit.Operation = types.VirtualDeviceConfigSpecOperationEdit
	edit.Device.GetVirtualDevice().Key = 4000
	if err := c.reconfigure(vm, spec(edit)); err != nil {
		t.Fatal(err)
	}
	after := c.read(vm)
	cards := cardsOf(after)
	if cards[0].Key != 4000 || cards[0].MacAddress != first.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard().MacAddress {
		t.Errorf("cards: %+v", cards[0])
	}
	if !reflect.DeepEqual(before.Guest.Net, after.Guest.Net) || len(after.Guest.Net) != 2 {
		t.Errorf("guest.net before %+v\nafter %+v", before.Guest.Net, after.Guest.Net)
	}
}

func TestChosenMACAddressesAreChecked(t *testing.T) {
	_, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	for mac, ok := range map[string]bool{
		"00:50:56:3f:00:01": true, "02:00:00:00:00:07": true,
		"00:50:56:80:00:01": false, "00:50:56": false, "gg:00:00:00:00:00": false,
	} {
		card := c.card("frontend")
		ethernet := card.Device.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		ethernet.MacAddress, ethernet.AddressType = mac, "manual"
		err := c.reconfigure(vm, spec(card))
		if (err == nil) != ok || (err != nil && !fault.Is(err, &types.InvalidDeviceSpec{})) {
			t.Errorf("%s: %v", mac, err)
		}
	}
}

func TestHardwareNeedsPowerOffOrHotAdd(t *testing.T) {
	_, c := start(t)
	on := true
	plain, hot := c.deploy(simulator.ItemPhoton, "plain", nil), c.deploy(simulator.ItemPhoton, "hot", &types.VirtualMachineConfigSpec{CpuHotAddEnabled: &on, MemoryHotAddEnabled: &on})
	c.power(plain, true)
	c.power(hot, true)
	for _, tc := range []struct {
		name string
		vm   *object.VirtualMachine
		spec types.VirtualMachineConfigSpec
		want types.BaseMethodFault
	}{
		{"CPU", plain, types.VirtualMachineConfigSpec{NumCPUs: 2}, &types.CpuHotPlugNotSupported{}},
		{"memory", plain, types.VirtualMachineConfigSpec{MemoryMB: 4096}, &types.MemoryHotPlugNotSupported{}},
		{"firmware", plain, types.VirtualMachineConfigSpec{Firmware: "bios"}, &types.InvalidPowerState{}},
		{"hot CPU", hot, types.VirtualMachineConfigSpec{NumCPUs: 2}, nil},
		{"hot memory", hot, types.VirtualMachineConfigSpec{MemoryMB: 4096}, nil},
		{"fewer CPUs", hot, types.VirtualMachineConfigSpec{NumCPUs: 1}, &types.CpuHotPlugNotSupported{}},
		{"annotation", plain, types.VirtualMachineConfigSpec{Annotation: "live"}, nil},
	} {
		err := c.reconfigure(tc.vm, tc.spec)
		if tc.want == nil && err != nil || tc.want != nil && !fault.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestBootOptionsThatAreLeftOutStay(t *testing.T) {
	_, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	for _, options := range []*types.VirtualMachineBootOptions{
		{BootDelay: 5000},
		{BootOrder: []types.BaseVirtualMachineBootOptionsBootableDevice{&types.VirtualMachineBootOptionsBootableCdromDevice{}}},
	} {
		if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{BootOptions: options}); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.read(vm).Config.BootOptions; got.BootDelay != 5000 || len(got.BootOrder) != 1 {
		t.Errorf("the boot options are %+v", got)
	}
}

func TestReservationsThatAreLeftOutStay(t *testing.T) {
	_, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	all := func(reservation, limit *int64) *types.ResourceAllocationInfo {
		return &types.ResourceAllocationInfo{Reservation: reservation, Limit: limit}
	}
	for i, change := range []struct {
		spec               types.VirtualMachineConfigSpec
		reservation, limit int64
	}{
		{types.VirtualMachineConfigSpec{MemoryAllocation: all(types.NewInt64(512), types.NewInt64(4096))}, 512, 4096},
		{types.VirtualMachineConfigSpec{MemoryAllocation: all(types.NewInt64(256), nil)}, 256, 4096},
		{types.VirtualMachineConfigSpec{MemoryReservationLockedToMax: types.NewBool(true)}, 2048, 4096},
		{types.VirtualMachineConfigSpec{MemoryMB: 3072, MemoryAllocation: all(nil, types.NewInt64(-1))}, 3072, -1},
	} {
		if err := c.reconfigure(vm, change.spec); err != nil {
			t.Fatal(err)
		}
		got := c.read(vm).Config.MemoryAllocation
		if *got.Reservation != change.reservation || *got.Limit != change.limit {
			t.Errorf("after change %d: %d reserved, limit %d, want %d and %d", i, *got.Reservation, *got.Limit, change.reservation, change.limit)
		}
	}
}

func TestExtraConfigIsStringsWithoutCase(t *testing.T) {
	_, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	for _, options := range [][]types.BaseOptionValue{
		{&types.OptionValue{Key: "disk.enableUUID", Value: true}, &types.OptionValue{Key: "a.number", Value: int32(7)}, &types.OptionValue{Key: "never", Value: ""}},
		{&types.OptionValue{Key: "A.NUMBER", Value: "8"}},
	} {
		if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: options}); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]any{}
	for _, o := range c.read(vm).Config.ExtraConfig {
		got[o.GetOptionValue().Key] = o.GetOptionValue().Value
	}
	if want := map[string]any{"govcsim": "TRUE", "disk.enableUUID": "TRUE", "a.number": "8"}; !reflect.DeepEqual(got, want) {
		t.Errorf("ExtraConfig: %v", got)
	}
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: "a.number", Value: ""}}}); err != nil {
		t.Fatal(err)
	}
	if _, ok := object.OptionValueList(c.read(vm).Config.ExtraConfig).Get("a.number"); ok {
		t.Error("the key is still there")
	}
}

func TestADetachedDiskOutlivesItsMachine(t *testing.T) {
	_, c := start(t)
	vm := c.deploy(simulator.ItemPhoton, "web", nil)
	scsi := c.devicesOf(vm).SelectByType((*types.VirtualSCSIController)(nil))[0].GetVirtualDevice().Key
	for unit := range int32(2) {
		if err := c.reconfigure(vm, spec(newDisk(scsi, 4+unit))); err != nil {
			t.Fatal(err)
		}
	}
	disks := c.devicesOf(vm).SelectByType((*types.VirtualDisk)(nil))
	last, ok := disks[len(disks)-1].(*types.VirtualDisk)
	if !ok {
		t.Fatalf("a disk is a %T", disks[len(disks)-1])
	}
	detach := &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: last}
	if err := c.reconfigure(vm, spec(detach)); err != nil {
		t.Fatal(err)
	}
	task, err := vm.Destroy(t.Context())
	if err == nil {
		err = task.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	// The file is there for the next machine.
	other := c.deploy(simulator.ItemPhoton, "other", nil)
	scsi = c.devicesOf(other).SelectByType((*types.VirtualSCSIController)(nil))[0].GetVirtualDevice().Key
	for i, disk := range disks[len(disks)-2:] {
		attach := &types.VirtualDisk{CapacityInKB: 1024, VirtualDevice: types.VirtualDevice{Key: -1, ControllerKey: scsi, UnitNumber: types.NewInt32(int32(8 + i)), Backing: disk.GetVirtualDevice().Backing}}
		err := c.reconfigure(other, spec(&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: attach}))
		if (err == nil) != (disk == disks[len(disks)-1]) {
			t.Errorf("attach disk %d: %v", i, err)
		}
	}
}

func TestNamesAreUniqueInAFolder(t *testing.T) {
	_, c := start(t)
	a, b := c.deploy(simulator.ItemPhoton, "a", nil), c.deploy(simulator.ItemPhoton, "b", nil)
	if err := c.reconfigure(b, types.VirtualMachineConfigSpec{Name: "a"}); !fault.Is(err, &types.DuplicateName{}) {
		t.Errorf("reconfigure: %v", err)
	}
	task, err := b.Rename(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := task.Wait(t.Context()); !fault.Is(err, &types.DuplicateName{}) {
		t.Errorf("rename: %v", err)
	}
	if task, err = a.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := task.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := c.read(b)
	if task, err = b.Rename(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := task.Wait(t.Context()); err != nil {
		t.Errorf("rename to a free name: %v", err)
	}
	again := c.read(c.deploy(simulator.ItemPhoton, "b", nil))
	if again.Config.InstanceUuid == old.Config.InstanceUuid || cardsOf(again)[0].MacAddress == cardsOf(old)[0].MacAddress {
		t.Error("a machine made again has the identity of the old one")
	}
}

func TestCreateVMChecksWhatItNames(t *testing.T) {
	_, c := start(t)
	ctx := t.Context()
	folder, err := c.find.Folder(ctx, "/DC0/vm/team-a")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := c.find.ResourcePool(ctx, "DC0_C0/Resources/team-a")
	if err != nil {
		t.Fatal(err)
	}
	create := func(name, path string, in *object.ResourcePool) error {
		task, err := folder.CreateVM(ctx, types.VirtualMachineConfigSpec{
			Name: name, GuestId: "otherGuest64",
			Files: &types.VirtualMachineFileInfo{VmPathName: path},
		}, in, nil)
		if err != nil {
			return err
		}
		return task.Wait(ctx)
	}
	if err := create("empty", "[LocalDS_1]", pool); err != nil {
		t.Errorf("a good one: %v", err)
	}
	if err := create("empty", "[LocalDS_0]", pool); !fault.Is(err, &types.DuplicateName{}) {
		t.Errorf("a duplicate: %v", err)
	}
	if err := create("other", "[nowhere]", pool); !fault.Is(err, &types.InvalidDatastorePath{}) {
		t.Errorf("no datastore: %v", err)
	}
	none := object.NewResourcePool(c.c.Client, types.ManagedObjectReference{Type: "ResourcePool", Value: "resgroup-0"})
	if err := create("other", "[LocalDS_0]", none); !fault.Is(err, &types.ManagedObjectNotFound{}) {
		t.Errorf("no pool: %v", err)
	}
}

func TestCloneHonoursItsSpecification(t *testing.T) {
	s, c := start(t)
	ctx := t.Context()
	source := c.deploy(simulator.ItemPhoton, "source", &types.VirtualMachineConfigSpec{
		Annotation: "golden", DeviceChange: []types.BaseVirtualDeviceConfigSpec{c.card("backend")},
		ExtraConfig: options("kept", "yes", "vmware.tools.gosc.ignoretoolscheck", "TRUE"),
	})
	folder, err := c.find.Folder(ctx, "/DC0/vm/team-b")
	if err != nil {
		t.Fatal(err)
	}
	task, err := source.Clone(ctx, folder, "copy", types.VirtualMachineCloneSpec{
		PowerOn: true,
		Config:  &types.VirtualMachineConfigSpec{NumCPUs: 2, ExtraConfig: []types.BaseOptionValue{&types.OptionValue{Key: "added", Value: "too"}}},
		Customization: &types.CustomizationSpec{
			Identity: &types.CustomizationLinuxPrep{HostName: &types.CustomizationFixedName{Name: "copied"}, Domain: "example.com"},
			NicSettingMap: []types.CustomizationAdapterMapping{{Adapter: types.CustomizationIPSettings{
				Ip: &types.CustomizationFixedIp{IpAddress: "10.0.0.5"}, SubnetMask: "255.255.255.0", Gateway: []string{"10.0.0.1"},
			}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	info, err := task.WaitForResult(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Settle()
	m := c.read(object.NewVirtualMachine(c.c.Client, info.Result.(types.ManagedObjectReference)))
	options := object.OptionValueList(m.Config.ExtraConfig)
	kept, _ := options.GetString("kept")
	added, _ := options.GetString("added")
	if kept != "yes" || added != "too" || m.Config.Annotation != "golden" || m.Config.Firmware != "efi" || m.Config.Hardware.NumCPU != 2 {
		t.Errorf("config: %q %q %q %q %d", kept, added, m.Config.Annotation, m.Config.Firmware, m.Config.Hardware.NumCPU)
	}
	if m.Guest.HostName != "copied.example.com" || m.Guest.IpAddress != "10.0.0.5" {
		t.Errorf("guest: %+v", m.Guest)
	}
	if cardsOf(m)[0].MacAddress == cardsOf(c.read(source))[0].MacAddress {
		t.Error("the clone has its source's MAC address")
	}
}

func TestVAppConfigurationCanBeRemoved(t *testing.T) {
	_, c := start(t)
	vm := c.deploy(simulator.ItemUbuntu, "web", nil)
	if c.read(vm).Config.VAppConfig == nil {
		t.Fatal("the image has OVF properties, and its machine no vApp configuration")
	}
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{VAppConfigRemoved: types.NewBool(true)}); err != nil {
		t.Fatal(err)
	}
	if left := c.read(vm).Config.VAppConfig; left != nil {
		t.Errorf("left: %v", left)
	}
}
