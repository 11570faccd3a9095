package gosc_test

import (
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/gosc"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// required collects the properties that the vSphere API requires and that are not there:
// those without omitempty that XML would leave out.
func required(value reflect.Value, path string, missing *[]string) {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			required(value.Elem(), path, missing)
		}
	case reflect.Slice:
		for i := range value.Len() {
			required(value.Index(i), path, missing)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			field, tag := value.Type().Field(i), value.Type().Field(i).Tag.Get("xml")
			at := path + "." + field.Name
			empty := false
			switch field.Type.Kind() {
			case reflect.Interface:
				empty = value.Field(i).IsNil()
			case reflect.Slice:
				empty = value.Field(i).Len() == 0
			default: // a nil pointer is an optional property, everything else is written
			}
			if empty && tag != "" && !strings.Contains(tag, "omitempty") {
				*missing = append(*missing, at)
			}
			required(value.Field(i), at, missing)
		}
	default: // a value that is always written
	}
}

func missingFrom(spec types.CustomizationSpec) []string {
	var missing []string
	required(reflect.ValueOf(spec), "spec", &missing)
	return missing
}

func TestNoRequiredPropertyIsMissing(t *testing.T) {
	t.Parallel()
	for _, example := range examples() {
		if missing := missingFrom(example.render(t)); missing != nil {
			t.Errorf("%s lacks %v", example.name, missing)
		}
	}
	for name, record := range rows {
		for _, apiVersion := range []string{vSphere8, vSphere91} {
			config, cards := named(record)
			spec, _, err := gosc.Sysprep(inline, config, cards, apiVersion)
			if missing := missingFrom(spec); err != nil || missing != nil {
				t.Errorf("%s on %s: %v, lacks %v", name, apiVersion, err, missing)
			}
		}
	}
	// The walk finds what is not there.
	bare := types.CustomizationSpec{
		Identity:      &types.CustomizationSysprep{GuiRunOnce: &types.CustomizationGuiRunOnce{}},
		NicSettingMap: []types.CustomizationAdapterMapping{{}},
	}
	want := []string{"spec.Identity.UserData.ComputerName", "spec.Identity.GuiRunOnce.CommandList", "spec.NicSettingMap.Adapter.Ip"}
	if diff := cmp.Diff(want, missingFrom(bare)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The guest's host name is the short one (cloud-init gets the full one).
func TestTheHostNameIsShort(t *testing.T) {
	t.Parallel()
	config, cards := named(nic("eth0", dhcp4))
	config.DNS.DomainName = known.Of("example.com")
	linux, _, err := gosc.LinuxPrep(gosc.LinuxPrepSettings{}, config, cards, vSphere8)
	if err != nil {
		t.Fatal(err)
	}
	prep, _ := linux.Identity.(*types.CustomizationLinuxPrep)
	if diff := cmp.Diff(&types.CustomizationFixedName{Name: "my-vm"}, prep.HostName); diff != "" || prep.Domain != "example.com" {
		t.Errorf("%s, domain %q", diff, prep.Domain)
	}
	windows, _, err := gosc.Sysprep(inline, config, cards, vSphere8)
	if err != nil {
		t.Fatal(err)
	}
	sysprep, _ := windows.Identity.(*types.CustomizationSysprep)
	if diff := cmp.Diff(&types.CustomizationFixedName{Name: "my-vm"}, sysprep.UserData.ComputerName); diff != "" {
		t.Error(diff)
	}
}

// sysprepOf makes the identity of an inline Sysprep on a machine with a domain.
func sysprepOf(t *testing.T, edit func(*gosc.Answers), domain string) *types.CustomizationSysprep {
	t.Helper()
	config, cards := named(nic("eth0", dhcp4))
	config.DNS.DomainName = known.Of(domain)
	spec, _, err := gosc.Sysprep(answers(edit), config, cards, vSphere91)
	if err != nil {
		t.Fatal(err)
	}
	identity, ok := spec.Identity.(*types.CustomizationSysprep)
	if !ok {
		t.Fatalf("the identity is %T", spec.Identity)
	}
	return identity
}

func TestTheTimeZoneHasItsDefaultAtBothLevels(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*gosc.Answers){
		"no block":    func(*gosc.Answers) {},
		"empty block": func(a *gosc.Answers) { a.GUIUnattended = known.Of(gosc.GUIUnattended{}) },
	} {
		if zone := sysprepOf(t, edit, "").GuiUnattended.TimeZone; zone != gosc.DefaultTimeZone {
			t.Errorf("%s: time zone %d", name, zone)
		}
	}
	dateline := sysprepOf(t, func(a *gosc.Answers) {
		a.GUIUnattended = known.Of(gosc.GUIUnattended{TimeZone: known.Of[int64](0)})
	}, "")
	if zone := dateline.GuiUnattended.TimeZone; zone != 0 {
		t.Errorf("time zone %d where 0 was written", zone)
	}
}

func TestTheDomainIsJoinedWhereAnAccountIsNamed(t *testing.T) {
	t.Parallel()
	account := gosc.Identification{DomainAdmin: known.Of("admin"), DomainAdminPassword: known.Of("join me")}
	own := account
	own.JoinDomain = known.Of("other.org")
	for name, test := range map[string]struct {
		identification known.Value[gosc.Identification]
		want           string
	}{
		"not identified":     {known.Value[gosc.Identification]{}, ""},
		"without account":    {known.Of(gosc.Identification{}), ""},
		"account":            {known.Of(account), "example.com"},
		"domain of its own":  {known.Of(own), "other.org"},
		"empty join_domain":  {known.Of(gosc.Identification{JoinDomain: known.Of(""), DomainAdmin: known.Of("admin")}), "example.com"},
		"workgroup, no join": {known.Of(gosc.Identification{JoinWorkgroup: known.Of("LAB")}), ""},
	} {
		got := sysprepOf(t, func(a *gosc.Answers) { a.Identification = test.identification }, "example.com").Identification
		if got.JoinDomain != test.want {
			t.Errorf("%s: joins %q, want %q", name, got.JoinDomain, test.want)
		}
	}
}

func TestWindowsIsRegisteredToSomebody(t *testing.T) {
	t.Parallel()
	nobody := func(*gosc.Answers) {}
	joins := func(a *gosc.Answers) {
		a.Identification = known.Of(gosc.Identification{JoinDomain: known.Of("other.org"), DomainAdmin: known.Of("admin")})
	}
	for name, test := range map[string]struct {
		edit         func(*gosc.Answers)
		domain, want string
	}{
		"no domain":       {nobody, "", "Organization"},
		"domain":          {nobody, "example.com", "example.com"},
		"domain it joins": {joins, "", "other.org"},
		"two domains":     {joins, "example.com", "example.com"},
	} {
		user := sysprepOf(t, test.edit, test.domain).UserData
		if user.FullName != "Administrator" || user.OrgName != test.want {
			t.Errorf("%s: %q of %q, want %q", name, user.FullName, user.OrgName, test.want)
		}
	}
}

// A password or flag that is not there is left out: an older vCenter does not know the
// property, and an empty password is not one.
func TestWhatIsNotSaidIsNotSent(t *testing.T) {
	t.Parallel()
	config, cards := named(nic("eth0", dhcp4))
	spec, _, err := gosc.LinuxPrep(gosc.LinuxPrepSettings{
		ExpirePasswordAfterNextLogin: known.Of(false), HardwareClockIsUTC: known.Of(false),
	}, config, cards, vSphere8)
	if err != nil {
		t.Fatal(err)
	}
	want := &types.CustomizationLinuxPrep{HostName: &types.CustomizationFixedName{Name: "my-vm"}, HwClockUTC: types.NewBool(false)}
	if diff := cmp.Diff(want, spec.Identity); diff != "" {
		t.Error(diff)
	}
	commands := sysprepOf(t, func(a *gosc.Answers) { a.GUIRunOnce = known.Of(gosc.GUIRunOnce{}) }, "").GuiRunOnce
	if commands != nil {
		t.Errorf("an object without commands is sent, which the API refuses: %+v", commands)
	}
}

func TestCardsAreSentInTheirOrder(t *testing.T) {
	t.Parallel()
	config, _ := named(nic("eth0", addresses("10.0.0.5/24")), nic("eth1", dhcp4))
	cards := []gosc.Card{{Interface: "eth1", MAC: "00:50:56:00:00:02"}, {Interface: "eth0", MAC: "00:50:56:00:00:01"}}
	spec, _, err := gosc.LinuxPrep(gosc.LinuxPrepSettings{}, config, cards, vSphere8)
	if err != nil {
		t.Fatal(err)
	}
	want := []types.CustomizationAdapterMapping{
		{MacAddress: "00:50:56:00:00:02", Adapter: types.CustomizationIPSettings{Ip: &types.CustomizationDhcpIpGenerator{}}},
		{MacAddress: "00:50:56:00:00:01", Adapter: types.CustomizationIPSettings{
			Ip: &types.CustomizationFixedIp{IpAddress: "10.0.0.5"}, SubnetMask: "255.255.255.0",
		}},
	}
	if diff := cmp.Diff(want, spec.NicSettingMap); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAMachineWithoutCardsIsCustomizedToo(t *testing.T) {
	t.Parallel()
	config, _ := named()
	spec, _, err := gosc.LinuxPrep(gosc.LinuxPrepSettings{}, config, nil, vSphere8)
	if err != nil || spec.NicSettingMap != nil || spec.Identity == nil {
		t.Errorf("%+v, %v", spec, err)
	}
}

// vCenter customizes all cards of a machine, one left over from the template included.
func TestEveryCardHasAnInterface(t *testing.T) {
	t.Parallel()
	a, b := network.MAC("00:50:56:00:00:01"), network.MAC("00:50:56:00:00:02")
	for name, cards := range map[string][]gosc.Card{
		"left over":       {{Interface: "eth0", MAC: a}, {Interface: "eth1", MAC: b}, {MAC: "00:50:56:00:00:03"}},
		"too few":         {{Interface: "eth0", MAC: a}},
		"none":            nil,
		"another":         {{Interface: "eth0", MAC: a}, {Interface: "eth9", MAC: b}},
		"the same twice":  {{Interface: "eth0", MAC: a}, {Interface: "eth0", MAC: b}},
		"no address":      {{Interface: "eth0", MAC: a}, {Interface: "eth1"}},
		"address of both": {{Interface: "eth0", MAC: a}, {Interface: "eth1", MAC: a}},
	} {
		config, _ := named(nic("eth0", dhcp4), nic("eth1", dhcp4))
		_, _, err := gosc.LinuxPrep(gosc.LinuxPrepSettings{}, config, cards, vSphere8)
		if !errors.Is(err, gosc.ErrCards) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range []string{`2 interfaces ("eth0", "eth1")`} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not say %s", name, err, want)
			}
		}
		for _, card := range cards {
			if !strings.Contains(err.Error(), `"`+card.MAC.String()+`"`) {
				t.Errorf("%s: %v does not name the card %s", name, err, card.MAC)
			}
		}
	}
}

func TestWhatCannotBeCarriedIsAnError(t *testing.T) {
	t.Parallel()
	edit := func(apply func(*network.InterfaceConfig)) network.Config {
		config, _ := named(nic("eth0", dhcp4), nic("eth1", dhcp4, apply))
		return config
	}
	vlan, _ := named(nic("eth0", dhcp4), nic("eth1", dhcp4))
	vlan.VLANs = known.Of([]network.VLANConfig{{Name: known.Of("vlan7"), ID: known.Of[int64](7), Link: known.Of("eth1")}})
	onLinux, onBoth := []string{"linux_prep"}, []string{"linux_prep", "sysprep"}
	for field, test := range map[string]struct {
		config    network.Config
		providers []string
	}{
		"guest_device_name": {edit(func(r *network.InterfaceConfig) { r.GuestDeviceName = known.Of("ens160") }), onBoth},
		"mtu":               {edit(func(r *network.InterfaceConfig) { r.MTU = known.Of[int64](9000) }), onBoth},
		"search_domains":    {edit(func(r *network.InterfaceConfig) { r.SearchDomains = known.ListOf("local") }), onBoth},
		"nameservers":       {edit(dns("9.9.9.9")), onLinux},
		"vlan":              {vlan, onBoth},
		"route": {edit(func(r *network.InterfaceConfig) {
			r.Routes = known.Of([]network.RouteConfig{{To: known.Of("default"), Via: known.Of(netip.MustParseAddr("10.0.0.1"))}})
		}), onBoth},
	} {
		_, cards := named(nic("eth0"), nic("eth1"))
		for _, provider := range []string{"linux_prep", "sysprep"} {
			var settings gosc.Settings = gosc.LinuxPrepSettings{}
			if provider == "sysprep" {
				settings = inline
			}
			refused := slices.Contains(test.providers, provider)
			_, _, err := customize(settings, test.config, cards, vSphere91)
			var unsupported gosc.Unsupported
			if errors.As(err, &unsupported) != refused || !refused && err != nil {
				t.Errorf("%s with %s: %v", field, provider, err)
				continue
			}
			want := gosc.Unsupported{Interface: "eth1", Field: field, Provider: provider}
			if refused && (unsupported != want || !strings.Contains(err.Error(), field) || !strings.Contains(err.Error(), provider) || !strings.Contains(err.Error(), `"eth1"`)) {
				t.Errorf("%s with %s: %v", field, provider, err)
			}
		}
	}
}

func TestNothingUnknownIsSent(t *testing.T) {
	t.Parallel()
	config, cards := named(nic("eth0", dhcp4))
	unknown := config
	unknown.DNS.HostName = known.Unknown[string]()
	text, number, flag := known.Unknown[string](), known.Unknown[int64](), known.Unknown[bool]()
	tests := map[string]struct {
		settings gosc.Settings
		config   network.Config
		places   []string
	}{
		"network": {gosc.LinuxPrepSettings{}, unknown, []string{"network.host_name"}},
		"linux": {gosc.LinuxPrepSettings{
			HardwareClockIsUTC: flag, TimeZone: text, ExpirePasswordAfterNextLogin: flag, Password: text, ScriptText: text, ScriptTextFrom: text,
		}, config, []string{
			"linux_prep.hardware_clock_is_utc", "linux_prep.time_zone", "linux_prep.expire_password_after_next_login",
			"linux_prep.password", "linux_prep.script_text.value", "linux_prep.script_text.from",
		}},
		"raw":    {gosc.SysprepSettings{RawSysprep: text}, config, []string{"sysprep.raw_sysprep"}},
		"inline": {gosc.SysprepSettings{Sysprep: known.Unknown[gosc.Answers]()}, config, []string{"sysprep.sysprep"}},
		"blocks": {answers(func(a *gosc.Answers) {
			a.UserData, a.GUIUnattended = known.Unknown[gosc.UserData](), known.Unknown[gosc.GUIUnattended]()
			a.GUIRunOnce, a.Identification = known.Unknown[gosc.GUIRunOnce](), known.Unknown[gosc.Identification]()
			a.LicenseFilePrintData, a.ExpirePasswordAfterNextLogin = known.Unknown[gosc.LicenseFilePrintData](), flag
		}), config, []string{
			"sysprep.user_data", "gui_unattended", "gui_run_once", "identification", "license_file_print_data", "expire_password_after_next_login",
		}},
		"fields": {answers(func(a *gosc.Answers) {
			a.UserData = known.Of(gosc.UserData{FullName: text, OrgName: text, ProductID: text})
			a.GUIUnattended = known.Of(gosc.GUIUnattended{AutoLogon: flag, AutoLogonCount: number, TimeZone: number, Password: text})
			a.GUIRunOnce = known.Of(gosc.GUIRunOnce{Commands: later})
			a.Identification = known.Of(gosc.Identification{JoinDomain: text, JoinWorkgroup: text, DomainAdmin: text, DomainAdminPassword: text, DomainOU: text})
			a.LicenseFilePrintData = known.Of(gosc.LicenseFilePrintData{AutoMode: text, AutoUsers: number})
		}), config, []string{
			"full_name", "org_name", "product_id", "auto_logon,", "auto_logon_count", "time_zone", "gui_unattended.password", "commands",
			"join_domain", "join_workgroup", "domain_admin,", "domain_admin_password", "domain_ou", "auto_mode", "auto_users",
		}},
	}
	for name, test := range tests {
		_, _, err := customize(test.settings, test.config, cards, vSphere91)
		if !errors.Is(err, gosc.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, place := range test.places {
			if !strings.Contains(err.Error()+",", place) {
				t.Errorf("%s: %v does not name %s", name, err, place)
			}
		}
	}
}

func TestSettingsThatMakeNoSpecification(t *testing.T) {
	t.Parallel()
	config, cards := named(nic("eth0", dhcp4))
	nameless := config
	nameless.DNS.HostName = known.Value[string]{}
	for name, test := range map[string]struct {
		settings gosc.Settings
		config   network.Config
	}{
		"neither form":     {gosc.SysprepSettings{}, config},
		"both forms":       {gosc.SysprepSettings{Sysprep: known.Of(gosc.Answers{}), RawSysprep: known.Of(answerFile)}, config},
		"empty raw":        {gosc.SysprepSettings{RawSysprep: known.Of("")}, config},
		"template left":    {gosc.SysprepSettings{RawSysprep: known.Of("{{ .x }}")}, config},
		"no XML":           {gosc.SysprepSettings{RawSysprep: known.Of("<unattend")}, config},
		"Linux, no name":   {gosc.LinuxPrepSettings{}, nameless},
		"Windows, no name": {inline, nameless},
	} {
		if _, _, err := customize(test.settings, test.config, cards, vSphere91); !errors.Is(err, gosc.ErrSettings) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := gosc.Sysprep(gosc.SysprepSettings{RawSysprep: known.Of(answerFile)}, nameless, cards, vSphere91); err != nil {
		t.Errorf("a raw answer file names the computer itself: %v", err)
	}
}
