package simulator_test

import (
	"encoding/xml"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// tryPowerOn turns a machine on, if that works.
func tryPowerOn(t *testing.T, vm *object.VirtualMachine) error {
	t.Helper()
	task, err := vm.PowerOn(t.Context())
	if err != nil {
		return err
	}
	return task.Wait(t.Context())
}

// inEnvironment reads an OVF environment.
func inEnvironment(t *testing.T, text string) map[string]string {
	t.Helper()
	var doc struct {
		Properties []struct {
			Key   string `xml:"http://schemas.dmtf.org/ovf/environment/1 key,attr"`
			Value string `xml:"http://schemas.dmtf.org/ovf/environment/1 value,attr"`
		} `xml:"PropertySection>Property"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	found := map[string]string{}
	for _, p := range doc.Properties {
		found[p.Key] = p.Value
	}
	return found
}

func TestGuestGetsItsPropertiesAtPowerOn(t *testing.T) {
	s, c := start(t)
	values := maps.Clone(complete)
	values["app.site.main"] = `<"&'>`
	vm := c.appliance("web", simulator.NetworkPooled, values)
	if _, err := s.OVFEnvironment("web"); err == nil {
		t.Error("a machine that was never on has an OVF environment")
	}
	c.power(vm, true)
	s.Settle()
	want := map[string]string{
		"role": "node", "build": "1234", "network.ip0": "10.0.0.9", "network.gateway": "", "network.dns": "", "network.netmask": "255.255.255.0",
		"network.ntp": "192.0.2.123", "network.domain": "pooled.example", "network.mtu": "1500", "app.ssh.main": "False", "app.workers.main": "4",
		"app.level.main": "1", "app.ratio.main": "0.5", "app.site.main": `<"&'>`, "app.password.main": "longenough", "app.serial.main": "fixed",
		"backup.site": "none",
	}
	e, err := s.OVFEnvironment("web")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, e.Properties); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, inEnvironment(t, e.XML)); diff != "" {
		t.Error(diff)
	}
	if text, err := s.GuestInfo("web", "guestinfo.ovfEnv"); err != nil || text != e.XML {
		t.Errorf("in the guest: %q, %v", text, err)
	}
	if _, ok := object.OptionValueList(c.read(vm).Config.ExtraConfig).Get("guestinfo.ovfEnv"); ok {
		t.Error("the OVF environment is in ExtraConfig")
	}
}

func TestPropertiesOfARunningMachineAreForTheNextPowerOn(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemUbuntu, "web", nil)
	c.power(vm, true)
	s.Settle()
	if err := c.edit(vm, "hostname", "later"); err != nil {
		t.Fatal(err)
	}
	if err := c.edit(vm, "password", "s3cret"); err != nil {
		t.Fatal(err)
	}
	hostname := func() string {
		e, err := s.OVFEnvironment("web")
		if err != nil {
			t.Fatal(err)
		}
		return e.Properties["hostname"]
	}
	if got := hostname(); got != "ubuntuguest" {
		t.Errorf("at once: %s", got)
	}
	if err := vm.RebootGuest(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if got := hostname(); got != "ubuntuguest" {
		t.Errorf("after a reboot: %s", got)
	}
	suspend(t, vm)
	c.power(vm, true)
	if got := hostname(); got != "ubuntuguest" {
		t.Errorf("resumed: %s", got)
	}
	c.power(vm, false)
	c.power(vm, true)
	if got := hostname(); got != "later" {
		t.Errorf("after a power cycle: %s", got)
	}
	if p := c.properties(vm)["password"]; p.Value != "" {
		t.Errorf("the password reads back as %q", p.Value)
	}
}

func TestMachineWithoutTransportOrVAppConfigurationTellsItsGuestNothing(t *testing.T) {
	s, c := start(t)
	vm := c.deploy(simulator.ItemUbuntu, "web", nil)
	for _, spec := range []types.VirtualMachineConfigSpec{
		{VAppConfig: &types.VmConfigSpec{OvfEnvironmentTransport: []string{"iso"}}},
		{VAppConfigRemoved: types.NewBool(true)},
	} {
		if err := c.reconfigure(vm, spec); err != nil {
			t.Fatal(err)
		}
		c.power(vm, true)
		s.Settle()
		if text, err := s.GuestInfo("web", "guestinfo.ovfEnv"); err == nil {
			t.Errorf("%+v: %s", spec, text)
		}
		c.power(vm, false)
	}
	if _, err := s.OVFEnvironment("web"); err == nil {
		t.Error("a machine without vApp configuration has an OVF environment")
	}
}

func TestMachineStaysOffUntilItsPropertiesHaveValues(t *testing.T) {
	_, c := start(t)
	vm := c.appliance("web", "frontend", nil)
	for _, id := range []string{"app.level.main", "app.password.main"} {
		p := types.VAppPropertyInfo{Key: c.properties(vm)[id].Key, DefaultValue: " "}
		if err := c.reconfigure(vm, change(types.ArrayUpdateOperationEdit, p)); err != nil {
			t.Fatal(err)
		}
	}
	expression := types.VAppPropertyInfo{
		Key: c.properties(vm)["network.domain"].Key, Type: "string", DefaultValue: " ", UserConfigurable: types.NewBool(true),
	}
	for _, step := range []struct {
		id  string
		fix func() error
	}{
		{"network.ip0", func() error { return c.edit(vm, "network.ip0", "10.0.0.9") }},
		{"network.domain", func() error { return c.reconfigure(vm, change(types.ArrayUpdateOperationEdit, expression)) }},
		{"app.level.main", func() error { return c.edit(vm, "app.level.main", "1") }},
		{"app.password.main", func() error { return c.edit(vm, "app.password.main", "longenough") }},
	} {
		err := tryPowerOn(t, vm)
		var f types.BaseVAppPropertyFault
		if _, ok := fault.As(err, &f); !ok || f.GetVAppPropertyFault().Id != step.id {
			t.Fatalf("without %s: %v, %+v", step.id, err, f)
		}
		if err := step.fix(); err != nil {
			t.Fatalf("%s: %v", step.id, err)
		}
	}
	if err := tryPowerOn(t, vm); err != nil {
		t.Error(err)
	}
	if p := c.properties(vm)["network.domain"]; p.DefaultValue != "" || p.Type != "string" {
		t.Errorf("the expression is still there: %+v", p)
	}
}

func TestFaultsOfPowerOnTellTheirKind(t *testing.T) {
	s, c := start(t)
	unset, missing := &types.UnconfiguredPropertyValue{}, &types.MissingNetworkIpConfig{}
	for i, tc := range []struct {
		property types.VAppPropertyInfo
		want     types.BaseMethodFault
	}{
		{types.VAppPropertyInfo{Type: "expression", DefaultValue: "${gateway:frontend}"}, missing},
		{types.VAppPropertyInfo{Type: "expression", DefaultValue: "${httpProxy:" + simulator.NetworkPooled + "}"}, missing},
		{types.VAppPropertyInfo{Type: "expression", DefaultValue: "${autoIp:" + simulator.NetworkPooled + "}"}, missing},
		{types.VAppPropertyInfo{Type: "expression", DefaultValue: "gateway"}, &types.InvalidPropertyValue{}},
		{types.VAppPropertyInfo{Type: "expression", DefaultValue: "${gateway:" + simulator.NetworkPooled + "}"}, nil},
		{types.VAppPropertyInfo{Type: "expression", DefaultValue: "${vimIp:}"}, nil},
		{types.VAppPropertyInfo{Type: "expression", DefaultValue: "${ofTheParent}"}, nil},
		{types.VAppPropertyInfo{Type: "ip:frontend"}, unset},
		{types.VAppPropertyInfo{Type: "ip"}, unset},
		{types.VAppPropertyInfo{Type: "boolean"}, unset},
		{types.VAppPropertyInfo{Type: "string(1..)"}, unset},
		{types.VAppPropertyInfo{Type: `string["a"]`}, unset},
		{types.VAppPropertyInfo{Type: "string(..8)"}, nil},
		{types.VAppPropertyInfo{Type: "password"}, nil},
	} {
		name := "vm" + string(rune('a'+i))
		vm := c.deploy(simulator.ItemWindows, name, nil)
		tc.property.Key, tc.property.Id = 7, "p"
		if err := c.reconfigure(vm, change(types.ArrayUpdateOperationAdd, tc.property)); err != nil {
			t.Fatal(err)
		}
		if err := tryPowerOn(t, vm); !is(err, tc.want) {
			t.Errorf("%+v: %v", tc.property, err)
		}
		if e, err := s.OVFEnvironment(name); (err == nil) != (tc.want == nil) {
			t.Errorf("%+v: %v, %v", tc.property, e.Properties, err)
		}
	}
}

func TestCloneHasTheVAppConfigurationOfItsSource(t *testing.T) {
	s, c := start(t)
	source := c.appliance("source", simulator.NetworkPooled, complete)
	folder, err := c.find.Folder(t.Context(), "/DC0/vm/team-b")
	if err != nil {
		t.Fatal(err)
	}
	role := c.properties(source)["role"].Key
	config := change(types.ArrayUpdateOperationEdit, types.VAppPropertyInfo{Key: role, Value: "controller"})
	task, err := source.Clone(t.Context(), folder, "copy", types.VirtualMachineCloneSpec{PowerOn: true, Config: &config})
	hard(t, task, err)
	e, err := s.OVFEnvironment("copy")
	if err != nil || e.Properties["app.password.main"] != "longenough" || e.Properties["role"] != "controller" {
		t.Errorf("%+v, %v", e.Properties, err)
	}
	if got := c.properties(source)["role"].Value; got != "" {
		t.Errorf("the source has got %q", got)
	}
}
