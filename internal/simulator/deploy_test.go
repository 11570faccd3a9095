package simulator_test

import (
	"bytes"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// deployment is a deployment of an item into team-a.
func (c *clients) deployment(name string) vcenter.Deploy {
	c.t.Helper()
	ctx := c.t.Context()
	folder, err := c.find.Folder(ctx, "/DC0/vm/team-a")
	if err != nil {
		c.t.Fatal(err)
	}
	pool, err := c.find.ResourcePool(ctx, "DC0_C0/Resources/team-a")
	if err != nil {
		c.t.Fatal(err)
	}
	ds, err := c.find.Datastore(ctx, simulator.Datastore1)
	if err != nil {
		c.t.Fatal(err)
	}
	return vcenter.Deploy{
		DeploymentSpec: vcenter.DeploymentSpec{Name: name, DefaultDatastoreID: ds.Reference().Value, AcceptAllEULA: true},
		Target:         vcenter.Target{ResourcePoolID: pool.Reference().Value, FolderID: folder.Reference().Value},
	}
}

// deploy deploys an item with a configuration.
func (c *clients) deploy(item, name string, config *types.VirtualMachineConfigSpec) *object.VirtualMachine {
	c.t.Helper()
	d := c.deployment(name)
	if config != nil {
		d.VmConfigSpec = &vcenter.VmConfigSpec{Provider: "XML", XML: encode(c.t, config)}
	}
	ref, err := vcenter.NewManager(c.rest).DeployLibraryItem(c.t.Context(), item, d)
	if err != nil {
		c.t.Fatalf("deploy %s: %v", name, err)
	}
	return object.NewVirtualMachine(c.c.Client, *ref)
}

func encode(t *testing.T, config *types.VirtualMachineConfigSpec) string {
	t.Helper()
	var b bytes.Buffer
	e := xml.NewEncoder(&b)
	if err := e.EncodeElement(config, xml.StartElement{
		Name: xml.Name{Local: "obj"},
		Attr: []xml.Attr{
			{Name: xml.Name{Local: "xmlns:vim25"}, Value: "urn:vim25"},
			{Name: xml.Name{Local: "xmlns:xsi"}, Value: "http://www.w3.org/2001/XMLSchema-instance"},
			{Name: xml.Name{Local: "xsi:type"}, Value: "vim25:VirtualMachineConfigSpec"},
		},
	}); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// card is a card on a network, to be added.
func (c *clients) card(network string) *types.VirtualDeviceConfigSpec {
	c.t.Helper()
	n, err := c.find.Network(c.t.Context(), network)
	if err != nil {
		c.t.Fatal(err)
	}
	backing, err := n.EthernetCardBackingInfo(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	d, err := object.EthernetCardTypes().CreateEthernetCard("vmxnet3", backing)
	if err != nil {
		c.t.Fatal(err)
	}
	return &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: d}
}

// reconfigure reconfigures and waits.
func (c *clients) reconfigure(vm *object.VirtualMachine, spec types.VirtualMachineConfigSpec) error {
	c.t.Helper()
	task, err := vm.Reconfigure(c.t.Context(), spec)
	if err != nil {
		return err
	}
	return task.Wait(c.t.Context())
}

func (c *clients) power(vm *object.VirtualMachine, on bool) {
	c.t.Helper()
	f := vm.PowerOff
	if on {
		f = vm.PowerOn
	}
	task, err := f(c.t.Context())
	if err == nil {
		err = task.Wait(c.t.Context())
	}
	if err != nil {
		c.t.Fatalf("power: %v", err)
	}
}

func (c *clients) read(vm *object.VirtualMachine) mo.VirtualMachine {
	c.t.Helper()
	var m mo.VirtualMachine
	if err := property.DefaultCollector(c.c.Client).RetrieveOne(c.t.Context(), vm.Reference(), nil, &m); err != nil {
		c.t.Fatalf("read %s: %v", vm.Reference(), err)
	}
	return m
}

func cardsOf(m mo.VirtualMachine) []*types.VirtualEthernetCard {
	var out []*types.VirtualEthernetCard
	for _, d := range object.VirtualDeviceList(m.Config.Hardware.Device).SelectByType((*types.VirtualEthernetCard)(nil)) {
		out = append(out, d.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard())
	}
	return out
}

func TestDeployKeepsWhatTheDescriptorSays(t *testing.T) {
	_, c := start(t)
	m := c.read(c.deploy(simulator.ItemPhoton, "web", nil))
	if m.Config.Firmware != "efi" || m.Config.BootOptions.EfiSecureBootEnabled == nil || !*m.Config.BootOptions.EfiSecureBootEnabled {
		t.Errorf("firmware %q, boot options %+v", m.Config.Firmware, m.Config.BootOptions)
	}
	if m.Config.GuestId != "vmwarePhoton64Guest" || m.Config.Version != "vmx-19" || m.Config.Hardware.MemoryMB != 2048 {
		t.Errorf("guest %q, version %q, memory %d", m.Config.GuestId, m.Config.Version, m.Config.Hardware.MemoryMB)
	}
	cards := cardsOf(m)
	if len(cards) != 1 || cards[0].Key != 4000 || *cards[0].UnitNumber != 7 {
		t.Errorf("cards: %+v", cards)
	}
	disks := object.VirtualDeviceList(m.Config.Hardware.Device).SelectByType((*types.VirtualDisk)(nil))
	if len(disks) != 1 || disks[0].(*types.VirtualDisk).CapacityInBytes != 20<<30 {
		t.Errorf("disks: %+v", disks)
	}
	if p := m.Config.VAppConfig.GetVmConfigInfo().Property; len(p) != 2 || p[0].DefaultValue != "photon-vm" {
		t.Errorf("properties: %+v", p)
	}
	if m.Guest.ToolsRunningStatus == "guestToolsRunning" || len(m.Guest.Net) != 0 {
		t.Errorf("a machine that was never on has a guest: %+v", m.Guest)
	}
}

func TestDeployHonoursTheConfiguration(t *testing.T) {
	_, c := start(t)
	m := c.read(c.deploy(simulator.ItemPhoton, "web", &types.VirtualMachineConfigSpec{
		NumCPUs: 4, MemoryMB: 8192, Annotation: "made by a test",
		ExtraConfig:  []types.BaseOptionValue{&types.OptionValue{Key: "guestinfo.a", Value: "b"}},
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{c.card("backend"), c.card("VM Network")},
	}))
	if m.Config.Hardware.NumCPU != 4 || m.Config.Hardware.MemoryMB != 8192 || m.Config.Annotation != "made by a test" || m.Config.Firmware != "efi" {
		t.Errorf("config: %d CPUs, %d MB, %q, %q", m.Config.Hardware.NumCPU, m.Config.Hardware.MemoryMB, m.Config.Annotation, m.Config.Firmware)
	}
	cards := cardsOf(m)
	if len(cards) != 2 || cards[0].Key != 4000 || cards[1].Key != 4001 || cards[0].MacAddress == cards[1].MacAddress {
		t.Errorf("cards: %+v", cards)
	}
	if v, _ := object.OptionValueList(m.Config.ExtraConfig).GetString("guestinfo.a"); v != "b" {
		t.Errorf("ExtraConfig: %+v", m.Config.ExtraConfig)
	}
}

func TestDeployRefusesWhatVCenterRefuses(t *testing.T) {
	_, c := start(t)
	c.deploy(simulator.ItemPhoton, "taken", nil)
	deploy := func(item string, change func(*vcenter.Deploy)) error {
		d := c.deployment("new")
		change(&d)
		_, err := vcenter.NewManager(c.rest).DeployLibraryItem(t.Context(), item, d)
		return err
	}
	properties := func(id, value string) func(*vcenter.Deploy) {
		return func(d *vcenter.Deploy) {
			d.AdditionalParams = []vcenter.AdditionalParams{{
				Class: vcenter.ClassPropertyParams, Type: vcenter.TypePropertyParams,
				Properties: []vcenter.Property{{ID: id, Value: value}},
			}}
		}
	}
	broken := spec(c.card("backend"))
	broken.DeviceChange[0].GetVirtualDeviceConfigSpec().Operation = "remove"
	for _, tc := range []struct {
		name, item string
		change     func(*vcenter.Deploy)
		want       string
	}{
		{"name", simulator.ItemPhoton, func(d *vcenter.Deploy) { d.Name = "taken" }, "already exists"},
		{"item", "7b2f6a10-31c4-4d0a-8a55-0c5a2f8dffff", func(*vcenter.Deploy) {}, "404"},
		{"ISO", simulator.ItemISO, func(*vcenter.Deploy) {}, "no OVF descriptor"},
		{"broken descriptor", simulator.ItemBroken, func(*vcenter.Deploy) {}, "does not parse"},
		{"pool", simulator.ItemPhoton, func(d *vcenter.Deploy) { d.ResourcePoolID = "resgroup-0" }, "404"},
		{"folder", simulator.ItemPhoton, func(d *vcenter.Deploy) { d.FolderID = "group-0" }, "404"},
		{"datastore", simulator.ItemPhoton, func(d *vcenter.Deploy) { d.DefaultDatastoreID = "datastore-0" }, "404"},
		{"host", simulator.ItemPhoton, func(d *vcenter.Deploy) { d.HostID = "host-0" }, "404"},
		{"network", simulator.ItemPhoton, func(d *vcenter.Deploy) {
			d.NetworkMappings = []vcenter.NetworkMapping{{Key: "nic0", Value: "network-0"}}
		}, "no network"},
		{"unknown property", simulator.ItemAppliance, properties("network.ip9", "x"), "no property"},
		{"fixed property", simulator.ItemAppliance, properties("app.serial.main", "x"), "not user configurable"},
		{"property type", simulator.ItemAppliance, properties("app.workers.main", "many"), "not of the type"},
		{"configuration", simulator.ItemPhoton, func(d *vcenter.Deploy) {
			d.VmConfigSpec = &vcenter.VmConfigSpec{Provider: "XML", XML: encode(t, &broken)}
		}, "no device with the key"},
	} {
		if err := deploy(tc.item, tc.change); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	if _, err := c.find.VirtualMachine(t.Context(), "/DC0/vm/team-a/new"); err == nil {
		t.Error("a deployment that failed left a machine behind")
	}
}

func TestDeploySetsProperties(t *testing.T) {
	_, c := start(t)
	d := c.deployment("appliance")
	d.AdditionalParams = []vcenter.AdditionalParams{{
		Class: vcenter.ClassPropertyParams, Type: vcenter.TypePropertyParams,
		Properties: []vcenter.Property{{ID: "network.ip0", Value: "10.0.0.9"}, {ID: "app.ssh.main", Value: "True"}, {ID: "role", Value: "controller"}},
	}}
	ref, err := vcenter.NewManager(c.rest).DeployLibraryItem(t.Context(), simulator.ItemAppliance, d)
	if err != nil {
		t.Fatal(err)
	}
	m := c.read(object.NewVirtualMachine(c.c.Client, *ref))
	got := map[string]string{}
	for _, p := range m.Config.VAppConfig.GetVmConfigInfo().Property {
		if p.Value != "" {
			got[p.Id] = p.Value
		}
	}
	if want := map[string]string{"ip0": "10.0.0.9", "ssh": "True", "role": "controller"}; !reflect.DeepEqual(got, want) {
		t.Errorf("properties: %v", got)
	}
	if len(cardsOf(m)) != 2 {
		t.Errorf("the descriptor's cards: %d", len(cardsOf(m)))
	}
	if v, _ := object.OptionValueList(m.Config.ExtraConfig).GetString("appliance.role"); v != "node" {
		t.Errorf("the descriptor's ExtraConfig: %q", v)
	}
}
