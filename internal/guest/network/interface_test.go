package network_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestFieldsOfAnInterfaceNeedAProviderThatCarriesThem(t *testing.T) {
	t.Parallel()
	const at = " network.interface[0]."
	fields := []struct {
		name, refusal string
		set           func(*network.Interface)
	}{
		{"guest_device_name", "error F1" + at + "guest_device_name", func(nic *network.Interface) { nic.GuestDeviceName = text("ens160") }},
		{"mtu", "error F2" + at + "mtu", func(nic *network.Interface) { nic.MTU = known.Of[int64](1500) }},
		{"route", "error F3" + at + "route[0]", func(nic *network.Interface) {
			nic.Routes = known.Of([]network.Route{{To: text("10.0.0.0/8"), Via: text("10.0.0.1")}, {To: text("default"), Via: text("10.0.0.1")}})
		}},
		{"search_domains", "error F4" + at + "search_domains", func(nic *network.Interface) { nic.SearchDomains = list("example.com") }},
		{"nameservers", "error F5" + at + "nameservers", func(nic *network.Interface) { nic.Nameservers = list("10.0.0.53") }},
		{"addresses and gateway", "", func(nic *network.Interface) { nic.Addresses, nic.Gateway4 = list("10.0.0.5/24"), text("10.0.0.1") }},
		{"dhcp", "", func(nic *network.Interface) { nic.DHCP4 = known.Of(true) }},
		{"empty lists", "", func(nic *network.Interface) {
			nic.Routes, nic.SearchDomains, nic.Nameservers = known.Of([]network.Route{}), list(), list()
		}},
	}
	providers := []struct {
		name      string
		bootstrap network.Bootstrap
		carries   string
	}{
		{"cloud-init", cloudInit, "guest_device_name mtu route search_domains nameservers"},
		{"LinuxPrep", linuxPrep, ""},
		{"Sysprep", sysprep, "nameservers"},
		{"vAppConfig", vAppConfig, ""},
		{"LinuxPrep and vAppConfig", network.Bootstrap{LinuxPrep: true, VAppConfig: true}, ""},
		{"Sysprep and vAppConfig", network.Bootstrap{Sysprep: true, VAppConfig: true}, "nameservers"},
		{"nothing", nothing, ""},
		{"unknown", network.Bootstrap{Unknown: true}, "guest_device_name mtu route search_domains nameservers"},
	}
	for _, provider := range providers {
		for _, field := range fields {
			t.Run(provider.name+"/"+field.name, func(t *testing.T) {
				t.Parallel()
				problems := network.Validate(machine(eth(0, field.set)), provider.bootstrap)
				if field.refusal == "" || strings.Contains(" "+provider.carries+" ", " "+field.name+" ") {
					expect(t, problems)
					return
				}
				expect(t, problems, field.refusal)
			})
		}
	}
}

func TestAnMTUOfZeroCountsAsSet(t *testing.T) {
	t.Parallel()
	expect(t, network.Validate(machine(eth(0, func(nic *network.Interface) { nic.MTU = known.Of[int64](0) })), nothing),
		"error F2 network.interface[0].mtu", "error P14 network.interface[0].mtu")
}

func TestInterfaceNamesAndNumber(t *testing.T) {
	t.Parallel()
	for name, valid := range map[string]bool{
		"eth0": true, "e0": true, "00": true, "my0interface": true,
		"e": false, "": false, "Eth0": false, "eth_0": false, "eth-0": false, "eth0.1": false, "eth 0": false, "éth0": false, "eth0\n": false,
	} {
		problems := network.Validate(machine(network.Interface{Name: text(name)}), nothing)
		if valid {
			expect(t, problems)
		} else {
			expect(t, problems, "error N1 network.interface[0].name")
		}
	}

	expect(t, network.Validate(machine(network.Interface{}), nothing), "error N1 network.interface[0].name")
	expect(t, network.Validate(machine(eth(0), eth(1), eth(0), eth(0)), cloudInit),
		"error N1 network.interface[2].name", "error N1 network.interface[3].name")

	var many []network.Interface
	for i := range 10 {
		many = append(many, eth(i))
	}
	expect(t, network.Validate(machine(many...), nothing))
	many = append(many, eth(10), eth(11))
	expect(t, network.Validate(machine(many...), nothing), "error N1 network.interface[10].name")
}

func TestNetworkCardTypes(t *testing.T) {
	t.Parallel()
	for _, kind := range network.InterfaceTypes() {
		expect(t, network.Validate(machine(eth(0, func(nic *network.Interface) { nic.Type = text(kind) })), nothing))
	}
	for _, kind := range []string{"vmxnet3", "VMXNET3", "virtio", ""} {
		problems := network.Validate(machine(eth(0, func(nic *network.Interface) { nic.Type = text(kind) })), nothing)
		expect(t, problems, "error S1 network.interface[0].type")
		if suggests := strings.Contains(problems[0].Detail, `Write "VMXNet3"`); suggests != strings.EqualFold(kind, "vmxnet3") {
			t.Errorf("%q: %s", kind, problems[0].Detail)
		}
	}
}

func TestGuestDeviceNames(t *testing.T) {
	t.Parallel()
	const at = " network.interface[0].guest_device_name"
	for name, want := range map[string][]string{
		"ens160":           nil,
		"e0":               nil,
		"_A":               nil,
		"abcdefghijklmno":  nil,
		"abcdefghijklmnop": {"error P14" + at},
		"e":                {"error S2" + at},
		"":                 {"error S2" + at},
		"eth0.1":           {"error S2" + at},
		"eth-0":            {"error S2" + at},
		"ens160\n":         {"error S2" + at},
		"en s16":           {"error S2" + at},
	} {
		expect(t, network.Validate(machine(eth(0, func(nic *network.Interface) { nic.GuestDeviceName = text(name) })), cloudInit), want...)
	}

	long := network.Interface{Name: text("interfacenumberone")}
	expect(t, network.Validate(machine(long), cloudInit), "error P14 network.interface[0].name")
	expect(t, network.Validate(machine(long), linuxPrep)) // sends no device names
	long.GuestDeviceName = text("ens160")
	expect(t, network.Validate(machine(long), cloudInit))
	long.GuestDeviceName = known.Unknown[string]()
	expect(t, network.Validate(machine(long), cloudInit))
}

func TestTwoInterfacesCannotBeOneDevice(t *testing.T) {
	t.Parallel()
	device := func(name string) func(*network.Interface) {
		return func(nic *network.Interface) { nic.GuestDeviceName = text(name) }
	}
	tests := map[string]struct {
		spec network.Spec
		want []string
	}{
		"same device":              {machine(eth(0, device("ens1")), eth(1, device("ens1"))), []string{"error P14 network.interface[1].guest_device_name"}},
		"device like a later name": {machine(eth(0, device("eth1")), eth(1)), []string{"error P14 network.interface[0].guest_device_name"}},
		"device like an earlier":   {machine(eth(0), eth(1, device("eth0"))), []string{"error P14 network.interface[1].guest_device_name"}},
		"swapped":                  {machine(eth(0, device("eth1")), eth(1, device("eth0"))), nil},
		"name of a renamed one":    {machine(eth(0, device("ens1")), eth(1, device("eth0"))), nil},
		"unknown":                  {machine(eth(0, device("ens1")), eth(1, func(nic *network.Interface) { nic.GuestDeviceName = known.Unknown[string]() })), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, network.Validate(test.spec, cloudInit), test.want...)
		})
	}
}

func TestMACAddresses(t *testing.T) {
	t.Parallel()
	mac := func(address string) func(*network.Interface) {
		return func(nic *network.Interface) { nic.MACAddr = text(address) }
	}
	for address, valid := range map[string]bool{
		"00:50:56:00:ab:cd": true, "00:50:56:3F:AB:CD": true,
		"00-50-56-89-ab-cd": false, "00:50:56:89:ab": false, "0050.5689.abcd": false, "": false, "00:50:56:89:ab:cg": false,
	} {
		problems := network.Validate(machine(eth(0, mac(address))), nothing)
		if valid {
			expect(t, problems)
		} else {
			expect(t, problems, "error S3 network.interface[0].mac_addr")
		}
	}
	expect(t, network.Validate(machine(eth(0, mac("00:50:56:00:ab:cd")), eth(1), eth(2, mac("00:50:56:00:AB:CD"))), nothing),
		"error S3 network.interface[2].mac_addr")
}

func TestMACAddressesThatACardCannotWellHave(t *testing.T) {
	t.Parallel()
	const (
		refused = "error S3 network.interface[0].mac_addr"
		warned  = "warning S3 network.interface[0].mac_addr"
	)
	for address, test := range map[string]struct{ want, why string }{
		"00:00:00:00:00:00": {refused, "all zeros"},
		"FF:FF:FF:FF:FF:FF": {refused, "broadcast"},
		"01:00:5E:00:00:01": {refused, "multicast"},
		"33:33:00:00:00:01": {refused, "multicast"},
		"0f:50:56:00:00:01": {refused, "multicast"},
		"00:0c:29:00:00:00": {warned, "ESXi hosts generate"},
		"00:0C:29:FF:FF:FF": {warned, "ESXi hosts generate"},
		"00:50:56:40:00:00": {warned, "vCenter assigns"},
		"00:50:56:89:ab:cd": {warned, "vCenter assigns"},
		"00:50:56:BF:ff:ff": {warned, "vCenter assigns"},
		"00:50:56:ff:ff:ff": {warned, "vCenter assigns"},

		"00:00:00:00:00:01": {},
		"00:50:56:00:00:00": {},
		"00:50:56:3f:ff:ff": {},
		"00:50:57:89:ab:cd": {},
		"00:0c:28:ff:ff:ff": {},
		"02:00:00:00:00:01": {},
		"fe:ff:ff:ff:ff:ff": {},
		"50:8a:80:9d:28:22": {},
	} {
		nic := eth(0, func(nic *network.Interface) { nic.MACAddr = text(address) })
		problems := network.Validate(machine(nic), nothing)
		if test.want == "" {
			expect(t, problems)
			continue
		}
		expect(t, problems, test.want)
		if len(problems) == 1 && !strings.Contains(problems[0].Detail, test.why) {
			t.Errorf("%s: the reason %q is not in %q", address, test.why, problems[0].Detail)
		}
	}
	if why, impossible := network.MAC("").Reserved(); why != "" || impossible {
		t.Errorf("no address %s", why)
	}
}

func TestMTUBounds(t *testing.T) {
	t.Parallel()
	const at = " network.interface[0].mtu"
	v6 := func(nic *network.Interface) { nic.Addresses = list("2001:db8::5/64") }
	dhcp6 := func(nic *network.Interface) { nic.DHCP6 = known.Of(true) }
	v4 := func(nic *network.Interface) { nic.Addresses = list("10.0.0.5/24") }
	for _, test := range []struct {
		mtu    int64
		change func(*network.Interface)
		want   []string
	}{
		{-1, v4, []string{"error P14" + at}},
		{67, v6, []string{"error P14" + at}},
		{68, v4, nil},
		{1279, v4, nil},
		{1279, v6, []string{"warning P14" + at}},
		{1279, dhcp6, []string{"warning P14" + at}},
		{1280, v6, nil},
		{9000, v6, nil},
		{9216, v6, nil},
		{9217, v6, []string{"warning P14" + at}},
		{65535, v6, []string{"warning P14" + at}},
		{65536, v6, []string{"error P14" + at}},
	} {
		t.Run(fmt.Sprint(test.mtu), func(t *testing.T) {
			t.Parallel()
			spec := machine(eth(0, test.change, func(nic *network.Interface) { nic.MTU = known.Of(test.mtu) }))
			expect(t, network.Validate(spec, cloudInit), test.want...)
		})
	}
}

func TestAnAddressUsedTwiceIsWarnedOf(t *testing.T) {
	t.Parallel()
	addresses := func(elements ...string) func(*network.Interface) {
		return func(nic *network.Interface) { nic.Addresses = list(elements...) }
	}
	problems := network.Validate(machine(
		eth(0, addresses("10.0.0.5/24", "2001:db8::5/64", "10.0.0.5/16")),
		eth(1, addresses("10.0.0.6/24", "2001:DB8:0::5/48")),
	), nothing)
	expect(t, problems, "warning P14 network.interface[0].addresses[2]", "warning P14 network.interface[1].addresses[1]")
	if !strings.Contains(problems[0].Detail, "network.interface[0].addresses[0]") {
		t.Errorf("the other place is not named: %s", problems[0].Detail)
	}
}
