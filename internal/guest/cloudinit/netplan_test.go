package cloudinit

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// netplanText is the network description alone, as a guest would have it in a file.
func netplanText(config network.Config, macs map[string]network.MAC) (string, error) {
	document, err := newNetplan(config, macs)
	if err != nil {
		return "", err
	}
	return writeYAML(document)
}

func TestNetplanWithoutInterfacesIsOnlyAVersion(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]network.Config{
		"absent": {}, "empty": {Interfaces: known.Of([]network.InterfaceConfig{})},
	} {
		if got, err := netplanText(config, nil); err != nil || got != "version: 2\n" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestNetplanTakesTheNameForTheDeviceAndDHCP6ForRouterAdvertisements(t *testing.T) {
	t.Parallel()
	config := named("vm", "", network.InterfaceConfig{Name: known.Of("eth0"), DHCP6: known.Of(true)})
	got, err := netplanText(config, macsOf(t, "eth0", "00:50:56:00:00:02"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"set-name: eth0\n", "accept-ra: true\n", "dhcp4: false\n", "macaddress: \"00:50:56:00:00:02\"\n"} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is not in\n%s", line, got)
		}
	}
}

func TestNetplanErrorsNameTheInterface(t *testing.T) {
	t.Parallel()
	macs := macsOf(t, "eth0", "00:50:56:00:00:01", "eth1", "00:50:56:00:00:02", "twin", "00:50:56:00:00:01")
	for _, test := range []struct {
		name   string
		config network.Config
		want   error
		text   string
	}{
		{"no MAC address", named("vm", "", nic("eth0"), nic("eth9")), ErrNoMAC, `interface "eth9"`},
		{"another's MAC address", named("vm", "", nic("eth0"), nic("twin")), ErrNoMAC, `interface "twin": no usable`},
		{"an unknown gateway", named("vm", "", nic("eth0"), nic("eth1", func(record *network.InterfaceConfig) {
			record.Gateway4 = known.Unknown[netip.Addr]()
		})), ErrUnknown, `interface "eth1": the guest's configuration cannot be written: network.interface[1].gateway4: `},
		{"an unknown list of interfaces", network.Config{Interfaces: known.Unknown[[]network.InterfaceConfig]()}, ErrUnknown, "network.interface"},
		{"an unknown VLAN", withVLANs(named("vm", "", nic("eth0")), network.VLANConfig{Name: known.Of("v"), ID: known.Unknown[int64]()}), ErrUnknown, "network.vlan[0].id"},
		{"a name that is there twice", named("vm", "", nic("eth0"), nic("eth0")), nil, `interface "eth0": the name is there twice`},
		{
			"a VLAN that is there twice",
			withVLANs(named("vm", "", nic("eth0")), network.VLANConfig{Name: known.Of("v")}, network.VLANConfig{Name: known.Of("v")}),
			nil, `VLAN "v": the name is there twice`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text, err := netplanText(test.config, macs)
			if text != "" || err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %q, %v", text, err)
			}
			settings := Settings{InstanceID: known.Of("i")}
			test.config.DNS.HostName = known.Of("vm")
			if text, err := Metadata(settings, test.config, macs); text != "" || err == nil {
				t.Errorf("metadata: got %q, %v", text, err)
			}
		})
	}
}

func TestMetadataNeedsAnInstanceAndAName(t *testing.T) {
	t.Parallel()
	config := named("vm", "")
	for name, test := range map[string]struct {
		settings Settings
		config   network.Config
		text     string
	}{
		"no instance id":        {Settings{}, config, "instance id"},
		"no host name":          {Settings{InstanceID: known.Of("i")}, network.Config{}, "host name"},
		"a domain alone":        {Settings{InstanceID: known.Of("i")}, named("", "example.com"), "host name"},
		"an unknown id":         {Settings{InstanceID: known.Unknown[string]()}, config, "bootstrap.cloud_init.instance_id: not known yet"},
		"an unknown key":        {Settings{InstanceID: known.Of("i"), SSHAuthorizedKeys: known.Unknown[[]known.Value[string]]()}, config, "ssh_authorized_keys"},
		"an unknown wait":       {Settings{InstanceID: known.Of("i"), WaitOnNetwork6: known.Unknown[bool]()}, config, "wait_on_network6"},
		"an unknown domain":     {Settings{InstanceID: known.Of("i")}, network.Config{DNS: network.DNS{HostName: known.Of("vm"), DomainName: known.Unknown[string]()}}, "network.domain_name"},
		"an unknown first wait": {Settings{InstanceID: known.Of("i"), WaitOnNetwork4: known.Unknown[bool]()}, config, "wait_on_network4"},
	} {
		if text, err := Metadata(test.settings, test.config, nil); text != "" || err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: got %q, %v", name, text, err)
		}
	}
}

func TestMetadataKeepsKeysFromFilesOnOneLineEach(t *testing.T) {
	t.Parallel()
	settings := Settings{InstanceID: known.Of("i"), SSHAuthorizedKeys: known.ListOf("ssh-rsa A\n", "", "  ssh-rsa B\r\n")}
	got, err := Metadata(settings, named("vm", ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "public-keys: |-\n  ssh-rsa A\n  ssh-rsa B\n"; !strings.Contains(got, want) {
		t.Errorf("%q is not in\n%s", want, got)
	}
}
