package simulator_test

import (
	"fmt"
	"testing"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// customizable deploys a machine whose guest vCenter customizes without having seen its Tools,
// with a card on each network, or those of its image.
func (c *clients) customizable(item, name string, networks ...string) *object.VirtualMachine {
	c.t.Helper()
	config := types.VirtualMachineConfigSpec{ExtraConfig: options("vmware.tools.gosc.ignoretoolscheck", "TRUE")}
	if len(networks) == 0 {
		networks = []string{"frontend"}
	}
	for _, n := range networks {
		config.DeviceChange = append(config.DeviceChange, c.card(n))
	}
	return c.deploy(item, name, &config)
}

// tryCustomize asks for a customization.
func tryCustomize(t *testing.T, vm *object.VirtualMachine, spec types.CustomizationSpec) error {
	t.Helper()
	task, err := vm.Customize(t.Context(), spec)
	if err != nil {
		return err
	}
	return task.Wait(t.Context())
}

// customize runs a customization and returns the machine after its next boot.
func customize(t *testing.T, s *simulator.Simulator, c *clients, vm *object.VirtualMachine, spec types.CustomizationSpec) mo.VirtualMachine {
	t.Helper()
	if err := tryCustomize(t, vm, spec); err != nil {
		t.Fatal(err)
	}
	m := c.read(vm)
	if _, pending := object.OptionValueList(m.Config.ExtraConfig).GetString("tools.deployPkg.fileName"); !pending || m.Config.Tools.PendingCustomization == "" ||
		m.Guest.CustomizationInfo.CustomizationStatus != string(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_PENDING) {
		t.Errorf("pending: %+v", m.Guest.CustomizationInfo)
	}
	c.power(vm, true)
	s.Settle()
	m = c.read(vm)
	if _, pending := object.OptionValueList(m.Config.ExtraConfig).GetString("tools.deployPkg.fileName"); pending || m.Config.Tools.PendingCustomization != "" {
		t.Error("the customization is still pending")
	}
	return m
}

func linuxPrep(macs ...string) types.CustomizationSpec {
	spec := types.CustomizationSpec{
		Identity:         &types.CustomizationLinuxPrep{HostName: &types.CustomizationFixedName{Name: "db"}, Domain: "example.com"},
		GlobalIPSettings: types.CustomizationGlobalIPSettings{DnsServerList: []string{"10.0.0.53"}, DnsSuffixList: []string{"example.com"}},
	}
	for i, mac := range macs {
		spec.NicSettingMap = append(spec.NicSettingMap, types.CustomizationAdapterMapping{MacAddress: mac, Adapter: types.CustomizationIPSettings{
			Ip: &types.CustomizationFixedIp{IpAddress: fmt.Sprintf("10.0.%d.5", i)}, SubnetMask: "255.255.255.0", Gateway: []string{fmt.Sprintf("10.0.%d.1", i)},
			IpV6Spec: &types.CustomizationIPSettingsIpV6AddressSpec{Ip: []types.BaseCustomizationIpV6Generator{
				&types.CustomizationFixedIpV6{IpAddress: fmt.Sprintf("2001:db8:%d::5", i), SubnetMask: 64},
			}},
		}})
	}
	return spec
}

func TestCustomizationIsAppliedByMACAddressAndSurvivesReboot(t *testing.T) {
	s, c := start(t)
	vm := c.customizable(simulator.ItemPhoton, "db", "frontend", "backend")
	cards := cardsOf(c.read(vm))
	m := customize(t, s, c, vm, linuxPrep(cards[1].MacAddress, cards[0].MacAddress))
	for range 2 {
		if m.Guest.HostName != "db.example.com" || m.Guest.Net[1].IpAddress[0] != "10.0.0.5" || m.Guest.Net[0].IpAddress[0] != "10.0.1.5" ||
			m.Guest.Net[0].IpConfig.IpAddress[0].PrefixLength != 24 || m.Guest.Net[0].IpAddress[1] != "2001:db8:1::5" {
			t.Errorf("guest: %+v", m.Guest)
		}
		if status := m.Guest.CustomizationInfo.CustomizationStatus; status != string(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED) {
			t.Errorf("status: %s", status)
		}
		if after := cardsOf(m); after[0].MacAddress != cards[0].MacAddress || after[1].MacAddress != cards[1].MacAddress {
			t.Error("the customization changed MAC addresses")
		}
		c.power(vm, false)
		c.power(vm, true)
		s.Settle()
		m = c.read(vm)
	}
}

func TestCustomizationFailsInTheGuest(t *testing.T) {
	s, c := start(t)
	vm := c.customizable(simulator.ItemPhoton, "db")
	s.FailNextCustomization("the package is damaged")
	info := customize(t, s, c, vm, linuxPrep("")).Guest.CustomizationInfo
	if info.CustomizationStatus != string(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_FAILED) || info.ErrorMsg != "the package is damaged" || info.EndTime == nil {
		t.Errorf("info: %+v", info)
	}
	c.power(vm, false)
	info = customize(t, s, c, vm, linuxPrep("")).Guest.CustomizationInfo
	if info.CustomizationStatus != string(types.GuestInfoCustomizationStatusTOOLSDEPLOYPKG_SUCCEEDED) || info.ErrorMsg != "" {
		t.Errorf("the next: %+v", info)
	}
}

func TestCustomizationIsChecked(t *testing.T) {
	_, c := start(t)
	linux, windows := c.customizable(simulator.ItemPhoton, "linux"), c.customizable(simulator.ItemWindows, "windows")
	noIP, noMask, noIdentity := linuxPrep(""), linuxPrep(""), linuxPrep("")
	noIP.NicSettingMap[0].Adapter.Ip = &types.CustomizationFixedIp{}
	noMask.NicSettingMap[0].Adapter.SubnetMask = ""
	noIdentity.Identity = &types.CustomizationIdentitySettings{}
	for _, tc := range []struct {
		name string
		vm   *object.VirtualMachine
		spec types.CustomizationSpec
		want types.BaseMethodFault
	}{
		{"family", windows, linuxPrep(""), &types.UncustomizableGuest{}},
		{"count", linux, linuxPrep("", ""), &types.NicSettingMismatch{}},
		{"address", linux, noIP, &types.InvalidArgument{}},
		{"mask", linux, noMask, &types.InvalidArgument{}},
		{"identity", linux, noIdentity, &types.InvalidArgument{}},
		{"good", linux, linuxPrep(""), nil},
		{"twice", linux, linuxPrep(""), &types.CustomizationPending{}},
	} {
		err := tryCustomize(t, tc.vm, tc.spec)
		if tc.want == nil && err != nil || tc.want != nil && !fault.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	c.power(windows, true)
	if err := tryCustomize(t, windows, linuxPrep("")); !fault.Is(err, &types.InvalidPowerState{}) {
		t.Errorf("while it is on: %v", err)
	}
}

func TestCloudinitPrepIsReadAsMetadata(t *testing.T) {
	s, c := start(t)
	vm := c.customizable(simulator.ItemPhoton, "web")
	m := customize(t, s, c, vm, types.CustomizationSpec{Identity: &types.CustomizationCloudinitPrep{Metadata: static(cardsOf(c.read(vm))[0].MacAddress)}})
	if m.Guest.IpAddress != "10.1.2.3" || m.Guest.HostName != "web.example.com" {
		t.Errorf("guest: %+v", m.Guest)
	}
}
