package simulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// template is the machine of the seed's template.
func (c *clients) template() *object.VirtualMachine {
	c.t.Helper()
	vm, err := c.find.VirtualMachine(c.t.Context(), "/DC0/vm/templates/"+simulator.TemplateMachine)
	if err != nil {
		c.t.Fatal(err)
	}
	return vm
}

func (c *clients) clone(vm *object.VirtualMachine, name string, spec types.VirtualMachineCloneSpec) (*object.VirtualMachine, error) {
	c.t.Helper()
	_, folder := c.place()
	task, err := vm.Clone(c.t.Context(), folder, name, spec)
	if err != nil {
		return nil, err
	}
	info, err := task.WaitForResult(c.t.Context(), nil)
	if err != nil {
		return nil, err
	}
	return object.NewVirtualMachine(c.c.Client, info.Result.(types.ManagedObjectReference)), nil
}

func TestATemplateItemTellsItsMachine(t *testing.T) {
	_, c := start(t, simulator.WithEveryImageType())
	ctx := t.Context()
	item, err := c.lib.GetLibraryItem(ctx, simulator.ItemTemplate)
	if err != nil {
		t.Fatal(err)
	}
	if item.Type != library.ItemTypeVMTX || item.Name != simulator.TemplateMachine || item.ContentVersion != "2" || item.MetadataVersion != "1" || !item.Cached || item.Size == 0 {
		t.Errorf("item %+v", item)
	}
	info, err := vcenter.NewManager(c.rest).GetLibraryTemplateInfo(ctx, simulator.ItemTemplate)
	if err != nil {
		t.Fatal(err)
	}
	vm := c.template()
	m := c.read(vm)
	network, err := c.find.Network(ctx, simulator.NetworkStandard)
	if err != nil {
		t.Fatal(err)
	}
	ds := m.Datastore[0].Value
	want := &vcenter.TemplateInfo{
		CPU: vcenter.CPU{Count: 2, CoresPerSocket: 1}, Memory: vcenter.Memory{SizeMB: 2048}, GuestOS: "UBUNTU_64", VmTemplate: vm.Reference().Value,
		VMHomeStorage: vcenter.DiskStorage{Datastore: ds},
		Disks:         []vcenter.Disks{{Key: info.Disks[0].Key, Value: &vcenter.DiskInfo{Capacity: 12 << 30, DiskStorage: vcenter.DiskStorage{Datastore: ds}}}},
		Nics:          []vcenter.Nics{{Key: "4000", Value: &vcenter.NicDetails{BackingType: "STANDARD_PORTGROUP", MacType: "ASSIGNED", Network: network.Reference().Value}}},
	}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("information (-want +got):\n%s", diff)
	}
	if !m.Config.Template || m.ResourcePool != nil || m.Config.Firmware != "efi" || m.Config.Version != "vmx-19" ||
		m.Config.InstanceUuid != simulator.TemplateInstanceUUID || m.Config.Uuid != simulator.TemplateBIOSUUID || c.option(vm, "guestinfo.metadata") == "-" {
		t.Errorf("template: %t, pool %v, %s, %s, %s", m.Config.Template, m.ResourcePool, m.Config.Firmware, m.Config.Version, m.Config.InstanceUuid)
	}
	if err := c.removeMachine(vm); err != nil {
		t.Fatal(err)
	}
	if _, err := vcenter.NewManager(c.rest).GetLibraryTemplateInfo(ctx, simulator.ItemTemplate); !rest.IsStatusError(err, http.StatusNotFound) {
		t.Errorf("without its machine: %v", err)
	}
}

func TestTheDefaultSeedHasNoneOfThat(t *testing.T) {
	s, c := start(t)
	ids, err := c.lib.ListLibraries(t.Context())
	if err != nil || len(ids) != 3 || len(s.Machines()) != 0 {
		t.Errorf("%d libraries, machines %v, %v", len(ids), s.Machines(), err)
	}
}

func TestATemplateStaysAsItIs(t *testing.T) {
	_, c := start(t, simulator.WithEveryImageType())
	ctx := t.Context()
	vm := c.template()
	wait := func(task *object.Task, err error) error {
		if err != nil {
			return err
		}
		return task.Wait(ctx)
	}
	for name, err := range map[string]error{
		"power on":    wait(vm.PowerOn(ctx)),
		"upgrade":     wait(vm.UpgradeVM(ctx, "vmx-21")),
		"customize":   wait(vm.Customize(ctx, types.CustomizationSpec{Identity: &types.CustomizationLinuxPrep{}})),
		"reconfigure": c.reconfigure(vm, types.VirtualMachineConfigSpec{NumCPUs: 4}),
		"options":     c.reconfigure(vm, types.VirtualMachineConfigSpec{ExtraConfig: options("a", "b")}),
	} {
		if !is(err, &types.NotSupported{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.reconfigure(vm, types.VirtualMachineConfigSpec{Annotation: "old", ChangeVersion: c.read(vm).Config.ChangeVersion}); err != nil {
		t.Errorf("its notes: %v", err)
	}
	if _, err := c.clone(vm, "copy", types.VirtualMachineCloneSpec{}); !is(err, &types.InvalidArgument{}) {
		t.Errorf("a copy in no pool: %v", err)
	}
}

func TestACopyOfATemplateIsWhatIsAskedFor(t *testing.T) {
	s, c := start(t, simulator.WithEveryImageType())
	vm := c.template()
	before := c.read(vm)
	disk := object.VirtualDeviceList(before.Config.Hardware.Device).SelectByType((*types.VirtualDisk)(nil))[0].GetVirtualDevice()
	remove := func(key int32) types.BaseVirtualDeviceConfigSpec {
		card := &types.VirtualVmxnet3{}
		card.Key = key
		return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: card}
	}
	pool, err := c.find.ResourcePool(t.Context(), "DC0_C1/Resources/team-b")
	if err != nil {
		t.Fatal(err)
	}
	inB := pool.Reference()
	spec := func() types.VirtualMachineCloneSpec {
		return types.VirtualMachineCloneSpec{
			Location: types.VirtualMachineRelocateSpec{Pool: &inB, Disk: []types.VirtualMachineRelocateSpecDiskLocator{{
				DiskId: disk.Key, Datastore: before.Datastore[0],
				DiskBackingInfo: &types.VirtualDiskFlatVer2BackingInfo{EagerlyScrub: types.NewBool(true), ThinProvisioned: types.NewBool(false)},
			}}},
			Config: &types.VirtualMachineConfigSpec{
				Uuid: "420c1b1e-0a42-4a8e-9a55-000000000001", InstanceUuid: "500c1b1e-0a42-4a8e-9a55-000000000001", NumCPUs: 4, Version: "vmx-21",
				ExtraConfig:  options("GUESTINFO.metadata", "", "guestinfo.userdata", "bmV3"),
				DeviceChange: []types.BaseVirtualDeviceConfigSpec{remove(4000), c.card("frontend"), c.card("backend")},
			},
		}
	}
	copied, err := c.clone(vm, "copy", spec())
	if err != nil {
		t.Fatal(err)
	}
	m := c.read(copied)
	cards := cardsOf(m)
	if m.Config.Template || m.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff || m.Config.Version != "vmx-19" || m.Config.Hardware.NumCPU != 4 ||
		m.Config.Uuid != "420c1b1e-0a42-4a8e-9a55-000000000001" || m.Config.InstanceUuid != "500c1b1e-0a42-4a8e-9a55-000000000001" || *m.ResourcePool != inB {
		t.Errorf("copy: template %t, %s, %s, %d CPUs, %s", m.Config.Template, m.Runtime.PowerState, m.Config.Version, m.Config.Hardware.NumCPU, m.Config.InstanceUuid)
	}
	if len(cards) != 2 || cards[0].MacAddress == cardsOf(before)[0].MacAddress || cards[0].MacAddress == cards[1].MacAddress {
		t.Errorf("%d cards", len(cards))
	}
	if c.option(copied, "guestinfo.metadata") != "-" || c.option(copied, "guestinfo.userdata") != "bmV3" || c.option(copied, "disk.enableUUID") != "TRUE" {
		t.Errorf("ExtraConfig %+v", m.Config.ExtraConfig)
	}
	backing := object.VirtualDeviceList(m.Config.Hardware.Device).FindByKey(disk.Key).GetVirtualDevice().Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	if !*backing.EagerlyScrub || *backing.ThinProvisioned {
		t.Errorf("the disk's backing %+v", backing)
	}
	cluster, err := c.find.ClusterComputeResource(t.Context(), simulator.ClusterB)
	if err != nil {
		t.Fatal(err)
	}
	hosts, err := cluster.Hosts(t.Context())
	if err != nil || !slices.ContainsFunc(hosts, func(h *object.HostSystem) bool { return h.Reference() == *m.Runtime.Host }) {
		t.Errorf("it is on %v, outside of the cluster of its pool (%v)", m.Runtime.Host, err)
	}
	c.power(copied, true)
	s.Settle()
	if r, err := s.GuestReport("copy"); err != nil || !r.Running {
		t.Errorf("guest: %+v, %v", r, err)
	}
	if after := c.read(vm); after.Config.ChangeVersion != before.Config.ChangeVersion || len(cardsOf(after)) != 1 {
		t.Error("the template was changed")
	}

	wrong := spec()
	wrong.Location.Disk[0].DiskId = 1
	if _, err := c.clone(vm, "other", wrong); !is(err, &types.InvalidArgument{}) {
		t.Errorf("a disk that there is not: %v", err)
	}
	wrong = spec()
	wrong.Config.GuestId = "none"
	if _, err := c.clone(vm, "other", wrong); !is(err, &types.InvalidArgument{}) {
		t.Errorf("a guest id that there is not: %v", err)
	}
	wrong = spec()
	for range 9 {
		wrong.Config.DeviceChange = append(wrong.Config.DeviceChange, c.card("frontend"))
	}
	if _, err := c.clone(vm, "other", wrong); !is(err, &types.TooManyDevices{}) {
		t.Errorf("eleven cards: %v", err)
	}
	if slices.Contains(s.Machines(), "other") {
		t.Error("a copy that failed is there")
	}
}

func TestAMachineBecomesATemplateItem(t *testing.T) {
	s, c := start(t, simulator.WithEveryImageType())
	ctx := t.Context()
	manager := vcenter.NewManager(c.rest)
	source := c.deploy(simulator.ItemPhoton, "source", nil)
	_, folder := c.place()
	spec := vcenter.Template{
		Name: "golden", Description: "Ours", Library: simulator.LibraryTemplatesID, SourceVM: source.Reference().Value,
		Placement: &vcenter.Placement{Folder: folder.Reference().Value},
	}
	id, err := manager.CreateTemplate(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	item, err := c.lib.GetLibraryItem(ctx, id)
	if err != nil || item.Name != "golden" || *item.Description != "Ours" || item.ContentVersion != "2" || item.Size != 20<<30 {
		t.Errorf("item %+v, %v", item, err)
	}
	info, err := manager.GetLibraryTemplateInfo(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	kept := object.NewVirtualMachine(c.c.Client, types.ManagedObjectReference{Type: "VirtualMachine", Value: info.VmTemplate})
	if m := c.read(kept); !m.Config.Template || m.Name != "golden" || *m.Parent != folder.Reference() || info.VmTemplate == source.Reference().Value {
		t.Errorf("template %t, %s in %v", m.Config.Template, m.Name, m.Parent)
	}
	again, bare := spec, spec
	bare.Name, bare.Placement = "bare", nil
	unknown, nowhere, copies := bare, bare, bare
	unknown.SourceVM, nowhere.Library, copies.Library, copies.Name = "vm-0", "none", simulator.LibrarySubscribedID, "third"
	for name, tc := range map[string]struct {
		spec vcenter.Template
		want string
	}{
		"a name twice": {again, "already_exists"}, "no machine": {unknown, "404"}, "no library": {nowhere, "404"}, "a subscribed library": {copies, "invalid_argument"},
	} {
		if _, err := manager.CreateTemplate(ctx, tc.spec); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := manager.CreateTemplate(ctx, bare); err != nil {
		t.Errorf("without a placement: %v", err)
	}
	if err := c.lib.DeleteLibraryItem(ctx, item); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(s.Machines(), "golden") {
		t.Error("the template is there without its item")
	}
}
