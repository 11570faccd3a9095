package simulator_test

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// place is team-a's pool and folder.
func (c *clients) place() (types.ManagedObjectReference, *object.Folder) {
	c.t.Helper()
	folder, err := c.find.Folder(c.t.Context(), "/DC0/vm/team-a")
	if err != nil {
		c.t.Fatal(err)
	}
	pool, err := c.find.ResourcePool(c.t.Context(), "DC0_C0/Resources/team-a")
	if err != nil {
		c.t.Fatal(err)
	}
	return pool.Reference(), folder
}

func (c *clients) removeMachine(vm *object.VirtualMachine) error {
	task, err := vm.Destroy(c.t.Context())
	if err != nil {
		return err
	}
	return task.Wait(c.t.Context())
}

// create makes a machine in team-a.
func (c *clients) create(config types.VirtualMachineConfigSpec) (*object.VirtualMachine, error) {
	c.t.Helper()
	pool, folder := c.place()
	config.Files = &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_1]"}
	task, err := folder.CreateVM(c.t.Context(), config, object.NewResourcePool(c.c.Client, pool), nil)
	if err != nil {
		return nil, err
	}
	info, err := task.WaitForResult(c.t.Context(), nil)
	if err != nil {
		return nil, err
	}
	return object.NewVirtualMachine(c.c.Client, info.Result.(types.ManagedObjectReference)), nil
}

// controller is a controller to be added.
func controller(kind string, key, bus int32) *types.VirtualDeviceConfigSpec {
	base := types.VirtualController{BusNumber: bus}
	base.Key = key
	switch kind {
	case "nvme":
		return add(&types.VirtualNVMEController{VirtualController: base})
	case "sata":
		return add(&types.VirtualAHCIController{VirtualSATAController: types.VirtualSATAController{VirtualController: base}})
	case "lsi":
		return add(&types.VirtualLsiLogicController{VirtualSCSIController: types.VirtualSCSIController{VirtualController: base, SharedBus: "noSharing"}})
	default:
		return add(&types.ParaVirtualSCSIController{VirtualSCSIController: types.VirtualSCSIController{VirtualController: base, SharedBus: "noSharing"}})
	}
}

// drive is a CD-ROM drive to be added, with a file in it.
func drive(controller, unit int32, file string) *types.VirtualDeviceConfigSpec {
	d := &types.VirtualCdrom{}
	d.Key, d.ControllerKey, d.UnitNumber = -9, controller, &unit
	d.Backing = &types.VirtualCdromIsoBackingInfo{VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{FileName: file}}
	d.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true}
	return add(d)
}

const installer = "[LocalDS_0] contentlib-" + simulator.LibraryBaseImagesID + "/" + simulator.ItemISO + "/ubuntu-22.04-live-server-amd64.iso"

func TestDevicesAreWhereTheyCanBe(t *testing.T) {
	_, c := start(t)
	invalid := &types.InvalidDeviceSpec{}
	for name, tc := range map[string]struct {
		changes []types.BaseVirtualDeviceConfigSpec
		want    types.BaseMethodFault
		index   int32
	}{
		"all kinds": {[]types.BaseVirtualDeviceConfigSpec{
			controller("", -10, 0), newDisk(-10, 0), newDisk(-10, 1), controller("nvme", -11, 0), newDisk(-11, 0), controller("sata", -12, 0), drive(-12, 0, installer), drive(200, 0, installer), controller("lsi", -13, 1), newDisk(-13, 15),
		}, nil, 0},
		"the controller behind its disk": {[]types.BaseVirtualDeviceConfigSpec{newDisk(-10, 0), controller("", -10, 0)}, nil, 0},
		"no controller":                  {[]types.BaseVirtualDeviceConfigSpec{controller("", -10, 0), newDisk(-11, 0)}, invalid, 1},
		"a unit twice":                   {[]types.BaseVirtualDeviceConfigSpec{controller("", -10, 0), newDisk(-10, 3), newDisk(-10, 3)}, invalid, 2},
		"a disk and a drive at one unit": {[]types.BaseVirtualDeviceConfigSpec{controller("sata", -10, 0), newDisk(-10, 0), drive(-10, 0, installer)}, invalid, 2},
		"a bus twice":                    {[]types.BaseVirtualDeviceConfigSpec{controller("", -10, 0), controller("lsi", -11, 0)}, invalid, 1},
		"the controller's own unit":      {[]types.BaseVirtualDeviceConfigSpec{controller("", -10, 0), newDisk(-10, 7)}, invalid, 1},
		"a unit beyond the bus":          {[]types.BaseVirtualDeviceConfigSpec{controller("lsi", -10, 0), newDisk(-10, 16)}, invalid, 1},
		"a third device on IDE":          {[]types.BaseVirtualDeviceConfigSpec{drive(200, 2, installer)}, invalid, 0},
		"a drive on SCSI":                {[]types.BaseVirtualDeviceConfigSpec{controller("", -10, 0), drive(-10, 0, installer)}, invalid, 1},
		"a disk on a keyboard's":         {[]types.BaseVirtualDeviceConfigSpec{newDisk(300, 0)}, invalid, 0},
		"an edit":                        {[]types.BaseVirtualDeviceConfigSpec{&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: drive(200, 0, installer).Device}}, invalid, 0},
		"a medium that is not there":     {[]types.BaseVirtualDeviceConfigSpec{drive(200, 0, "[LocalDS_0] none.iso")}, &types.FileNotFound{}, 0},
		"a medium outside":               {[]types.BaseVirtualDeviceConfigSpec{drive(200, 0, "[LocalDS_0] ../none.iso")}, &types.FileNotFound{}, 0},
		"a medium on no datastore":       {[]types.BaseVirtualDeviceConfigSpec{drive(200, 0, "[nowhere] none.iso")}, &types.InvalidDatastorePath{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			vm, err := c.create(types.VirtualMachineConfigSpec{Name: "web", GuestId: "ubuntu64Guest", DeviceChange: tc.changes})
			if !is(err, tc.want) {
				t.Fatalf("error %v, want %T", err, tc.want)
			}
			if f, ok := invalidSpec(err); ok && f.DeviceIndex != tc.index {
				t.Errorf("device %d, want %d", f.DeviceIndex, tc.index)
			}
			if vm != nil {
				if err := c.removeMachine(vm); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestAMachineThatIsThereKeepsItsLayout(t *testing.T) {
	_, c := start(t)
	vm, err := c.create(types.VirtualMachineConfigSpec{
		Name: "web", GuestId: "ubuntu64Guest",
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{controller("", -10, 0), newDisk(-10, 0), drive(200, 0, installer)},
	})
	if err != nil {
		t.Fatal(err)
	}
	find := func(kind types.BaseVirtualDevice) *types.VirtualDevice {
		return c.devicesOf(vm).SelectByType(kind)[0].GetVirtualDevice()
	}
	scsi := find((*types.ParaVirtualSCSIController)(nil)).Key
	remove := c.edited(vm, (*types.ParaVirtualSCSIController)(nil))
	remove.Operation = types.VirtualDeviceConfigSpecOperationRemove
	for name, change := range map[string]*types.VirtualDeviceConfigSpec{
		"a unit that is taken": newDisk(scsi, 0), "a bus that is taken": controller("lsi", -10, 0), "a controller with a disk": remove, "an IDE unit that is taken": drive(200, 0, installer),
	} {
		if err := c.reconfigure(vm, spec(change)); !is(err, &types.InvalidDeviceSpec{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	disk := c.edited(vm, (*types.VirtualDisk)(nil))
	disk.Operation = types.VirtualDeviceConfigSpecOperationRemove
	if err := c.reconfigure(vm, spec(disk, newDisk(scsi, 0))); err != nil {
		t.Errorf("a disk in place of another: %v", err)
	}
	moved, unit := c.edited(vm, (*types.VirtualDisk)(nil)), int32(0)
	moved.Device.GetVirtualDevice().ControllerKey, moved.Device.GetVirtualDevice().UnitNumber = -11, &unit
	if err := c.reconfigure(vm, spec(controller("nvme", -11, 0), moved)); err != nil {
		t.Errorf("a disk that moves to a new controller: %v", err)
	}
	if on := find((*types.VirtualDisk)(nil)).ControllerKey; on != find((*types.VirtualNVMEController)(nil)).Key {
		t.Errorf("the disk is on the controller %d", on)
	}
	medium := c.edited(vm, (*types.VirtualCdrom)(nil))
	medium.Device.GetVirtualDevice().Backing.(*types.VirtualCdromIsoBackingInfo).FileName = "[LocalDS_0] none.iso"
	if err := c.reconfigure(vm, spec(medium)); !is(err, &types.FileNotFound{}) {
		t.Errorf("another medium that is not there: %v", err)
	}
	c.power(vm, true)
}

func TestTheHardwareOfANewMachineIsChecked(t *testing.T) {
	_, c := start(t)
	two, three := int32(2), int32(3)
	for name, tc := range map[string]struct {
		config types.VirtualMachineConfigSpec
		want   string
	}{
		"a guest id":         {types.VirtualMachineConfigSpec{GuestId: "ubuntu"}, "configSpec.guestId"},
		"negative CPUs":      {types.VirtualMachineConfigSpec{NumCPUs: -1}, "configSpec.numCPUs"},
		"odd memory":         {types.VirtualMachineConfigSpec{MemoryMB: 1023}, "configSpec.memoryMB"},
		"cores":              {types.VirtualMachineConfigSpec{NumCPUs: 4, NumCoresPerSocket: &three}, "configSpec.numCoresPerSocket"},
		"cores of one CPU":   {types.VirtualMachineConfigSpec{NumCoresPerSocket: &two}, "configSpec.numCoresPerSocket"},
		"a firmware of ours": {types.VirtualMachineConfigSpec{Firmware: "uefi"}, "configSpec.firmware"},
	} {
		tc.config.Name = "web"
		_, err := c.create(tc.config)
		if got := invalidArgument(err); got != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	vm, err := c.create(types.VirtualMachineConfigSpec{Name: "web", GuestId: "ubuntu64Guest", NumCPUs: 4, NumCoresPerSocket: &two, MemoryMB: 1024})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{NumCPUs: 3}); invalidArgument(err) != "configSpec.numCoresPerSocket" {
		t.Errorf("three CPUs of two cores each: %v", err)
	}
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{NumCPUs: 6}); err != nil {
		t.Errorf("six CPUs: %v", err)
	}
}
