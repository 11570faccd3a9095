package network_test

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func vlan(name string, id int64, link string) network.VLAN {
	return network.VLAN{Name: text(name), ID: known.Of(id), Link: text(link)}
}

func TestVLANs(t *testing.T) {
	t.Parallel()
	renamed := eth(0, func(nic *network.Interface) { nic.GuestDeviceName = text("ens192") })
	tests := map[string]struct {
		interfaces []network.Interface
		vlans      []network.VLAN
		want       []string
	}{
		"none":                         {nil, []network.VLAN{}, nil},
		"two on one link":              {[]network.Interface{renamed}, []network.VLAN{vlan("vlan100", 100, "eth0"), vlan("eth0.200", 200, "eth0")}, nil},
		"on the default interface":     {nil, []network.VLAN{vlan("vlan100", 100, "eth0")}, nil},
		"same id on two links":         {[]network.Interface{renamed, eth(1)}, []network.VLAN{vlan("a", 7, "eth0"), vlan("b", 7, "eth1")}, nil},
		"lowest and highest id":        {[]network.Interface{renamed}, []network.VLAN{vlan("a", 0, "eth0"), vlan("b", 4094, "eth0")}, nil},
		"id too high":                  {[]network.Interface{renamed}, []network.VLAN{vlan("a", 4095, "eth0")}, []string{"error S6 network.vlan[0].id"}},
		"id below zero":                {[]network.Interface{renamed}, []network.VLAN{vlan("a", -1, "eth0")}, []string{"error S6 network.vlan[0].id"}},
		"no id":                        {[]network.Interface{renamed}, []network.VLAN{{Name: text("a"), Link: text("eth0")}}, []string{"error S6 network.vlan[0].id"}},
		"no ids on one link":           {[]network.Interface{renamed}, []network.VLAN{{Name: text("a"), Link: text("eth0")}, {Name: text("b"), Link: text("eth0")}}, []string{"error S6 network.vlan[0].id", "error S6 network.vlan[1].id"}},
		"unknown ids on one link":      {[]network.Interface{renamed}, []network.VLAN{{Name: text("a"), ID: known.Unknown[int64](), Link: text("eth0")}, {Name: text("b"), ID: known.Unknown[int64](), Link: text("eth0")}}, nil},
		"no name":                      {[]network.Interface{renamed}, []network.VLAN{{ID: known.Of[int64](1), Link: text("eth0")}}, []string{"error S5 network.vlan[0].name"}},
		"forms of names":               {[]network.Interface{renamed}, []network.VLAN{vlan("A.b-c_9", 1, "eth0"), vlan("9", 2, "eth0"), vlan("abcdefghijklmno", 3, "eth0")}, nil},
		"name too long":                {[]network.Interface{renamed}, []network.VLAN{vlan("abcdefghijklmnop", 1, "eth0")}, []string{"error S5 network.vlan[0].name"}},
		"name with a dot first":        {[]network.Interface{renamed}, []network.VLAN{vlan(".a", 1, "eth0")}, []string{"error S5 network.vlan[0].name"}},
		"empty name":                   {[]network.Interface{renamed}, []network.VLAN{vlan("", 1, "eth0")}, []string{"error S5 network.vlan[0].name"}},
		"name used twice":              {[]network.Interface{renamed}, []network.VLAN{vlan("a", 1, "eth0"), vlan("a", 2, "eth0")}, []string{"error S5 network.vlan[1].name"}},
		"named like an interface":      {[]network.Interface{renamed}, []network.VLAN{vlan("eth0", 1, "eth0")}, []string{"error V3 network.vlan[0].name"}},
		"named like the default":       {nil, []network.VLAN{vlan("eth0", 1, "eth0")}, []string{"error V3 network.vlan[0].name"}},
		"named like a device":          {[]network.Interface{renamed}, []network.VLAN{vlan("ens192", 1, "eth0")}, []string{"error V4 network.vlan[0].name"}},
		"no link":                      {[]network.Interface{renamed}, []network.VLAN{{Name: text("a"), ID: known.Of[int64](1)}}, []string{"error V5 network.vlan[0].link"}},
		"empty link":                   {[]network.Interface{renamed}, []network.VLAN{vlan("a", 1, "")}, []string{"error V5 network.vlan[0].link"}},
		"linked to a device":           {[]network.Interface{renamed}, []network.VLAN{vlan("a", 1, "ens192")}, []string{"error V6 network.vlan[0].link"}},
		"linked to a VLAN":             {[]network.Interface{renamed}, []network.VLAN{vlan("a", 1, "eth0"), vlan("b", 1, "a")}, []string{"error V6 network.vlan[1].link"}},
		"default not there":            {[]network.Interface{eth(1)}, []network.VLAN{vlan("a", 1, "eth0")}, []string{"error V6 network.vlan[0].link"}},
		"same id on one link":          {[]network.Interface{renamed}, []network.VLAN{vlan("a", 1, "eth0"), vlan("b", 1, "eth0"), vlan("c", 1, "eth0")}, []string{"error V7 network.vlan[1].id", "error V7 network.vlan[2].id"}},
		"same id on the same bad link": {[]network.Interface{renamed}, []network.VLAN{vlan("a", 1, "x"), vlan("b", 1, "x")}, []string{"error V6 network.vlan[0].link", "error V6 network.vlan[1].link"}},
		"unknown everything":           {[]network.Interface{renamed}, []network.VLAN{{Name: known.Unknown[string](), ID: known.Unknown[int64](), Link: known.Unknown[string]()}, {Name: known.Unknown[string](), ID: known.Unknown[int64](), Link: known.Unknown[string]()}}, nil},
		"unknown interface name":       {[]network.Interface{{Name: known.Unknown[string]()}}, []network.VLAN{vlan("a", 1, "eth0")}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := machine(test.interfaces...)
			spec.VLANs = known.Of(test.vlans)
			expect(t, network.Validate(spec, cloudInit), test.want...)
			expect(t, network.Validate(spec, network.Bootstrap{Unknown: true}), test.want...)

			spec.VLANs = known.Unknown[[]network.VLAN]()
			expect(t, network.Validate(spec, cloudInit))
		})
	}
}

func TestVLANsNeedCloudInit(t *testing.T) {
	t.Parallel()
	spec := machine(eth(0))
	spec.VLANs = known.Of([]network.VLAN{vlan("bad name", 5000, "nowhere")})
	for _, b := range []network.Bootstrap{linuxPrep, sysprep, vAppConfig, nothing} {
		expect(t, network.Validate(spec, b), "error V2 network.vlan[0]")
	}
}

func TestALinkIsNotJudgedWhileInterfacesAreUnknown(t *testing.T) {
	t.Parallel()
	spec := machine()
	spec.VLANs = known.Of([]network.VLAN{vlan("a", 1, "eth1")})
	expect(t, network.Validate(spec, cloudInit), "error V6 network.vlan[0].link")
	spec.Disabled = known.Of(true)
	expect(t, network.Validate(spec, cloudInit), "error V6 network.vlan[0].link")
	spec.Disabled = known.Unknown[bool]()
	expect(t, network.Validate(spec, cloudInit))
	spec.Disabled, spec.Interfaces = known.Value[bool]{}, known.Unknown[[]network.Interface]()
	expect(t, network.Validate(spec, cloudInit))
}

func TestTheFirstUseIsNamed(t *testing.T) {
	t.Parallel()
	mac := func(nic *network.Interface) { nic.MACAddr = text("00:50:56:00:ab:cd") }
	spec := machine(eth(0, mac), eth(1, mac), eth(2, mac))
	spec.VLANs = known.Of([]network.VLAN{vlan("a", 1, "eth0"), vlan("b", 1, "eth0"), vlan("c", 1, "eth0")})
	problems := network.Validate(spec, cloudInit)
	if len(problems) != 4 {
		t.Fatalf("got %+v", problems)
	}
	for _, problem := range problems {
		if !strings.Contains(problem.Detail, "[0] and this") {
			t.Errorf("%s: %s", problem.Path, problem.Detail)
		}
	}
}
