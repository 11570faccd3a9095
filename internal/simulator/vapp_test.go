package simulator_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// appliance deploys the appliance with values of properties by qualified key, and its networks
// mapped to one.
func (c *clients) appliance(name, network string, values map[string]string) *object.VirtualMachine {
	c.t.Helper()
	d := c.deployment(name)
	n, err := c.find.Network(c.t.Context(), network)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, key := range []string{"nic0", "nic1"} {
		d.NetworkMappings = append(d.NetworkMappings, vcenter.NetworkMapping{Key: key, Value: n.Reference().Value})
	}
	params := vcenter.AdditionalParams{Class: vcenter.ClassPropertyParams, Type: vcenter.TypePropertyParams}
	for id, value := range values {
		params.Properties = append(params.Properties, vcenter.Property{ID: id, Value: value})
	}
	d.AdditionalParams = []vcenter.AdditionalParams{params}
	ref, err := vcenter.NewManager(c.rest).DeployLibraryItem(c.t.Context(), simulator.ItemAppliance, d)
	if err != nil {
		c.t.Fatalf("deploy %s: %v", name, err)
	}
	return object.NewVirtualMachine(c.c.Client, *ref)
}

// complete are the values without which the appliance does not turn on.
var complete = map[string]string{"app.password.main": "longenough", "app.level.main": "1", "network.ip0": "10.0.0.9"}

// properties are those of a machine by qualified key.
func (c *clients) properties(vm *object.VirtualMachine) map[string]types.VAppPropertyInfo {
	c.t.Helper()
	found := map[string]types.VAppPropertyInfo{}
	for _, p := range c.read(vm).Config.VAppConfig.GetVmConfigInfo().Property {
		var parts []string
		for _, part := range []string{p.ClassId, p.Id, p.InstanceId} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		found[strings.Join(parts, ".")] = p
	}
	return found
}

// change changes one property.
func change(operation types.ArrayUpdateOperation, info types.VAppPropertyInfo) types.VirtualMachineConfigSpec {
	return types.VirtualMachineConfigSpec{VAppConfig: &types.VmConfigSpec{Property: []types.VAppPropertySpec{{
		ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: operation}, Info: &info,
	}}}}
}

// edit gives a property another value, by its key alone.
func (c *clients) edit(vm *object.VirtualMachine, id, value string) error {
	c.t.Helper()
	p, ok := c.properties(vm)[id]
	if !ok {
		c.t.Fatalf("there is no property %q", id)
	}
	return c.reconfigure(vm, change(types.ArrayUpdateOperationEdit, types.VAppPropertyInfo{Key: p.Key, Value: value}))
}

func TestPropertiesHaveTypesOfVSphere(t *testing.T) {
	_, c := start(t)
	got := map[string]string{}
	for id, p := range c.properties(c.appliance("web", "frontend", nil)) {
		got[id] = p.Type + " " + p.DefaultValue
	}
	want := map[string]string{
		"role": `string["node","controller"] node`, "build": "string 1234",
		"network.ip0": "ip:frontend ", "network.gateway": "string(..15) ", "network.dns": "string ", "network.netmask": "string 255.255.255.0",
		"network.ntp": "ip 192.0.2.123", "network.domain": "expression ${domainName:frontend}", "network.mtu": "int(576..9000) 1500",
		"app.ssh.main": "boolean False", "app.workers.main": "int(1..64) 4", "app.level.main": "int 0", "app.ratio.main": "real 0.5",
		"app.site.main": "string(..8) ", "app.password.main": "password(8..) ", "app.serial.main": "string fixed", "backup.site": "string none",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p := c.read(c.deploy(simulator.ItemWindows, "windows", nil)).Config.VAppConfig; p == nil || len(p.GetVmConfigInfo().Property) != 0 {
		t.Errorf("a product without properties: %+v", p)
	}
}

func TestPropertyIsEditedByItsKey(t *testing.T) {
	_, c := start(t)
	vm := c.appliance("web", "frontend", nil)
	before := c.properties(vm)
	for _, tc := range []struct{ id, value, want string }{
		{"app.ssh.main", "tRue", "True"},
		{"app.ssh.main", " false ", "False"},
		{"app.workers.main", " 8", "8"},
		{"app.workers.main", "", "8"}, // what is left out stays
		{"app.workers.main", " ", ""}, // a blank empties
		{"role", "controller", "controller"},
		{"app.ratio.main", "-1.5e3", "-1.5e3"},
		{"network.ntp", "2001:db8::1", "2001:db8::1"},
		{"network.ip0", "10.0.0.9", "10.0.0.9"},
		{"app.password.main", "longenough", ""},
		{"backup.site", "west", "west"},
	} {
		if err := c.edit(vm, tc.id, tc.value); err != nil {
			t.Errorf("%s = %q: %v", tc.id, tc.value, err)
		}
		now := c.properties(vm)[tc.id]
		was := before[tc.id]
		was.Value = tc.want
		if diff := cmp.Diff(was, now); diff != "" {
			t.Errorf("%s = %q: %s", tc.id, tc.value, diff)
		}
	}
	if p := c.properties(vm)["app.site.main"]; p.Value != "" {
		t.Errorf("the other class has %q", p.Value)
	}
}

func TestPropertiesAreChecked(t *testing.T) {
	_, c := start(t)
	vm := c.appliance("web", "frontend", nil)
	for id, value := range map[string]string{
		"role": "router", "network.gateway": "more than 15 characters", "network.mtu": "575", "app.ssh.main": "yes", "app.level.main": "1.5",
		"app.ratio.main": "NaN", "network.ntp": "10.0.0.1/24", "network.ip0": "dhcp", "app.password.main": "short", "app.workers.main": "65",
	} {
		err := c.edit(vm, id, value)
		var f *types.InvalidPropertyValue
		if _, ok := fault.As(err, &f); !ok || f.Id != id || (f.Value != "") != (id != "app.password.main") {
			t.Errorf("%s = %q: %v, %+v", id, value, err, f)
		}
	}
	role := c.properties(vm)["role"]
	add, edit, remove := types.ArrayUpdateOperationAdd, types.ArrayUpdateOperationEdit, types.ArrayUpdateOperationRemove
	for _, tc := range []struct {
		name string
		spec types.VirtualMachineConfigSpec
		want types.BaseMethodFault
	}{
		{"fixed", change(edit, types.VAppPropertyInfo{Key: c.properties(vm)["build"].Key, Value: "1235"}), &types.NotUserConfigurableProperty{}},
		{"fixed, as it is", change(edit, types.VAppPropertyInfo{Key: c.properties(vm)["build"].Key, DefaultValue: "1234"}), nil},
		{"no longer fixed", change(edit, types.VAppPropertyInfo{Key: c.properties(vm)["build"].Key, Value: "1235", UserConfigurable: types.NewBool(true)}), nil},
		{"computed", change(edit, types.VAppPropertyInfo{Key: c.properties(vm)["network.domain"].Key, Value: "x", UserConfigurable: types.NewBool(true)}), &types.NotUserConfigurableProperty{}},
		{"unknown key", change(edit, types.VAppPropertyInfo{Key: 99, Value: "x"}), &types.InvalidArgument{}},
		{"key that is taken", change(add, types.VAppPropertyInfo{Key: role.Key, Id: "new"}), &types.InvalidArgument{}},
		{"id that is taken", change(add, types.VAppPropertyInfo{Key: 100, Id: "role"}), &types.InvalidArgument{}},
		{"no id", change(add, types.VAppPropertyInfo{Key: 100}), &types.InvalidArgument{}},
		{"id with a blank", change(add, types.VAppPropertyInfo{Key: 100, Id: "a b"}), &types.InvalidArgument{}},
		{"no such type", change(add, types.VAppPropertyInfo{Key: 100, Id: "new", Type: "int(1..)"}), &types.InvalidPropertyType{}},
		{"default of another type", change(add, types.VAppPropertyInfo{Key: 100, Id: "new", Type: "int", DefaultValue: "x"}), &types.InvalidPropertyValue{}},
		{"new", change(add, types.VAppPropertyInfo{Key: 100, Id: "new", Type: "boolean", DefaultValue: "true"}), nil},
		{"old", change(remove, types.VAppPropertyInfo{Key: role.Key}), nil},
	} {
		if err := c.reconfigure(vm, tc.spec); !is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	now := c.properties(vm)
	if _, ok := now["role"]; ok || now["new"].DefaultValue != "True" || now["build"].Value != "1235" {
		t.Errorf("properties: %+v", now)
	}
}

func TestTransportIsReplacedAsAWhole(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemRocky, "web", nil)
	for _, tc := range []struct{ to, want []string }{
		{nil, []string{"com.vmware.guestInfo", "iso"}},
		{[]string{"com.vmware.guestInfo"}, []string{"com.vmware.guestInfo"}},
		{[]string{""}, nil},
	} {
		// Not over the wire, where govmomi leaves empty texts out.
		if err := s.Reconfigure("web", types.VirtualMachineConfigSpec{VAppConfig: &types.VmConfigSpec{OvfEnvironmentTransport: tc.to}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, c.read(vm).Config.VAppConfig.GetVmConfigInfo().OvfEnvironmentTransport); diff != "" {
			t.Errorf("%q: %s", tc.to, diff)
		}
	}
}

func TestMachineIsCreatedWithAVAppConfiguration(t *testing.T) {
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
	create := func(name, value string) (*object.VirtualMachine, error) {
		config := change(types.ArrayUpdateOperationAdd, types.VAppPropertyInfo{Key: 1, Id: "on", Type: "boolean", Value: value})
		config.Name, config.GuestId = name, "otherGuest64"
		config.Files = &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_1]"}
		task, err := folder.CreateVM(ctx, config, pool, nil)
		if err != nil {
			return nil, err
		}
		info, err := task.WaitForResult(ctx, nil)
		if err != nil {
			return nil, err
		}
		return object.NewVirtualMachine(c.c.Client, info.Result.(types.ManagedObjectReference)), nil
	}
	vm, err := create("a", "true")
	if err != nil || c.properties(vm)["on"].Value != "True" {
		t.Errorf("a good one: %v", err)
	}
	if _, err := create("b", "perhaps"); !fault.Is(err, &types.InvalidPropertyValue{}) {
		t.Errorf("a bad one: %v", err)
	}
	if _, err := c.find.VirtualMachine(ctx, "/DC0/vm/team-a/b"); err == nil {
		t.Error("a creation that failed left a machine behind")
	}
}
