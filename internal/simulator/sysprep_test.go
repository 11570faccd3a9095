package simulator_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func sysprep(name string) (types.CustomizationSpec, *types.CustomizationSysprep) {
	id := &types.CustomizationSysprep{
		GuiUnattended: types.CustomizationGuiUnattended{TimeZone: 85},
		UserData:      types.CustomizationUserData{FullName: "A", OrgName: "B", ComputerName: &types.CustomizationFixedName{Name: name}},
	}
	adapter := fixed("10.0.0.5", "10.0.0.1")
	adapter.DnsServerList = []string{"10.0.0.53"}
	return types.CustomizationSpec{
		Identity: id, NicSettingMap: adapters(adapter),
		GlobalIPSettings: types.CustomizationGlobalIPSettings{DnsServerList: []string{"10.0.0.99"}, DnsSuffixList: []string{"example.com"}},
	}, id
}

func TestWindowsJoinsADomain(t *testing.T) {
	s, c := start(t, simulator.WithAPIVersion("9.1.0.0"))
	spec, id := sysprep("my-windows-vm")
	id.GuiUnattended.Password = &types.CustomizationPassword{Value: "s3cret", PlainText: true}
	id.Identification = types.CustomizationIdentification{
		JoinDomain: "example.com", DomainAdmin: `EXAMPLE\admin`, DomainOU: "OU=a",
		DomainAdminPassword: &types.CustomizationPassword{Value: "d0main", PlainText: true},
	}
	id.GuiRunOnce = &types.CustomizationGuiRunOnce{CommandList: []string{"cmd /c ver"}}
	id.ScriptText, id.ResetPassword = "@echo off", types.NewBool(true)
	vm := c.customizable(simulator.ItemWindows, "windows")
	m := customize(t, s, c, vm, spec)
	if m.Guest.HostName != "my-windows-vm.example.com" || m.Guest.IpAddress != "10.0.0.5" {
		t.Errorf("guest: %+v", m.Guest)
	}
	stack := m.Guest.IpStack[0].DnsConfig
	if diff := cmp.Diff([]string{"10.0.0.53"}, stack.IpAddress); diff != "" {
		t.Errorf("Windows takes DNS servers from its adapters: %s", diff)
	}
	if diff := cmp.Diff([]string{"example.com"}, stack.SearchDomain); diff != "" {
		t.Error(diff)
	}
	r, err := s.GuestReport("windows")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{r.HostName, r.JoinedDomain, r.DomainOU, r.Workgroup, r.TimeZone, r.Password, r.PasswordExpired, r.Script, r.RunOnce, r.Interfaces[0].Name}
	want := []any{"my-windows-vm", "example.com", "OU=a", "", "85", "s3cret", true, "@echo off", []string{"cmd /c ver"}, "Ethernet0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWindowsTakesWhatItsSetupTakes(t *testing.T) {
	s, c := start(t)
	vm := c.customizable(simulator.ItemWindows, "windows")
	long, _ := sysprep("a-name-of-16-byt")
	m := customize(t, s, c, vm, long)
	if r, err := s.GuestReport("windows"); err != nil || m.Guest.HostName != "a-name-of-16-by" || r.Workgroup != "WORKGROUP" {
		t.Errorf("a name that is too long: %s, %+v, %v", m.Guest.HostName, r, err)
	}
	logon, id := sysprep("web")
	id.GuiUnattended.AutoLogon, id.GuiUnattended.AutoLogonCount = true, 1
	digits, _ := sysprep("12345")
	for name, spec := range map[string]types.CustomizationSpec{"logon without a password": logon, "a name of digits": digits} {
		c.power(vm, false)
		if info := customize(t, s, c, vm, spec).Guest.CustomizationInfo; info.CustomizationStatus != "TOOLSDEPLOYPKG_FAILED" || info.ErrorMsg == "" {
			t.Errorf("%s: %+v", name, info)
		}
	}
}

func TestSysprepIsChecked(t *testing.T) {
	_, c := start(t)
	vm := c.customizable(simulator.ItemWindows, "windows")
	for name, tc := range map[string]struct {
		change func(*types.CustomizationSysprep)
		want   types.BaseMethodFault
	}{
		"no name":                     {func(id *types.CustomizationSysprep) { id.UserData.ComputerName = nil }, &types.InvalidArgument{}},
		"a name to ask for":           {func(id *types.CustomizationSysprep) { id.UserData.ComputerName = &types.CustomizationUnknownName{} }, &types.InvalidArgument{}},
		"a domain without an account": {func(id *types.CustomizationSysprep) { id.Identification.JoinDomain = "example.com" }, &types.InvalidArgument{}},
		"a workgroup with an account": {func(id *types.CustomizationSysprep) {
			id.Identification.JoinWorkgroup, id.Identification.DomainAdmin = "W", "admin"
		}, &types.InvalidArgument{}},
		"an empty password": {func(id *types.CustomizationSysprep) {
			id.GuiUnattended.Password = &types.CustomizationPassword{PlainText: true}
		}, &types.InvalidArgument{}},
		"a password that is not plain": {func(id *types.CustomizationSysprep) {
			id.GuiUnattended.Password = &types.CustomizationPassword{Value: "x"}
		}, &types.CannotDecryptPasswords{}},
		"what 9.1 brought": {func(id *types.CustomizationSysprep) { id.ScriptText = "@echo off" }, &types.InvalidRequest{}},
	} {
		spec, id := sysprep("web")
		tc.change(id)
		if err := tryCustomize(t, vm, spec); !fault.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const answers = `<?xml version="1.0" encoding="utf-8"?>
<unattend xmlns="urn:schemas-microsoft-com:unattend">
  <settings pass="specialize">
    <component name="Microsoft-Windows-Shell-Setup"><ComputerName>raw</ComputerName><TimeZone>GMT Standard Time</TimeZone></component>
    <component name="Microsoft-Windows-UnattendedJoin"><Identification><JoinWorkgroup>LAB</JoinWorkgroup></Identification></component>
  </settings>
  <settings pass="oobeSystem">
    <component name="Microsoft-Windows-Shell-Setup">
      <UserAccounts><AdministratorPassword><Value>s3cret</Value><PlainText>true</PlainText></AdministratorPassword></UserAccounts>
      <FirstLogonCommands><SynchronousCommand><CommandLine>cmd /c ver</CommandLine><Order>1</Order></SynchronousCommand></FirstLogonCommands>
    </component>
  </settings>
</unattend>`

func TestAnswerFileIsRead(t *testing.T) {
	s, c := start(t)
	vm := c.customizable(simulator.ItemWindows, "windows")
	spec, _ := sysprep("")
	spec.Identity = &types.CustomizationSysprepText{Value: answers}
	if m := customize(t, s, c, vm, spec); m.Guest.HostName != "raw" || m.Guest.IpAddress != "10.0.0.5" {
		t.Errorf("guest: %+v", m.Guest)
	}
	r, err := s.GuestReport("windows")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{r.Workgroup, r.TimeZone, r.Password, r.RunOnce}
	if diff := cmp.Diff([]any{"LAB", "GMT Standard Time", "s3cret", []string{"cmd /c ver"}}, got); diff != "" {
		t.Error(diff)
	}
	for name, text := range map[string]string{"not XML": strings.Replace(answers, "</unattend>", "", 1), "another document": "<html/>"} {
		c.power(vm, false)
		spec.Identity = &types.CustomizationSysprepText{Value: text}
		if info := customize(t, s, c, vm, spec).Guest.CustomizationInfo; info.CustomizationStatus != "TOOLSDEPLOYPKG_FAILED" {
			t.Errorf("%s: %+v", name, info)
		}
	}
}
