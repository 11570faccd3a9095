package cloudinit

import (
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// What metadata says of a machine with one interface, line by line.
func TestVectorsOfMetadata(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		host, domain string
		mac          string
		change       func(*network.Interface)
		bootstrap    network.Bootstrap
		lines        []string
	}{
		{
			name: "short name", host: "my-vm", mac: "50-8A-80-9D-28-22",
			lines: []string{"hostname: my-vm\n", "local-hostname: my-vm\n", "macaddress: 50:8a:80:9d:28:22\n"},
		},
		{
			name: "full name", host: "my-vm", domain: "example.com", mac: "00:00:00:00:00:01",
			lines: []string{"hostname: my-vm.example.com\n", "local-hostname: my-vm.example.com\n", "macaddress: \"00:00:00:00:00:01\"\n"},
		},
		{
			name: "DHCPv6", host: "my-vm", mac: "00:50:56:00:00:01", change: func(nic *network.Interface) { nic.DHCP6 = known.Of(true) },
			lines: []string{"accept-ra: true\n", "dhcp6: true\n"},
		},
		{
			name: "no servers", host: "my-vm", mac: "00:50:56:00:00:01",
			bootstrap: network.Bootstrap{CloudInit: true, UseGlobalNameserversAsDefault: known.Of(false)},
			lines:     []string{"nameservers: {}\n"},
		},
		{
			name: "no limits and no metrics", host: "my-vm", mac: "00:50:56:00:00:01",
			change: func(nic *network.Interface) {
				nic.MTU = known.Of[int64](0)
				nic.Routes = known.Of([]network.Route{{To: known.Of("10.2.0.0/16"), Via: known.Of("10.0.0.1"), Metric: known.Of[int64](0)}})
			},
			lines: []string{"routes:\n      - to: 10.2.0.0/16\n        via: 10.0.0.1\n      set-name: eth0\n", "nameservers: {}\n      routes:"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			nic := network.Interface{Name: known.Of("eth0")}
			if test.change != nil {
				test.change(&nic)
			}
			spec := network.Spec{VMName: known.Of("another"), HostName: known.Of(test.host), Interfaces: known.Of([]network.Interface{nic})}
			if test.domain != "" {
				spec.DomainName = known.Of(test.domain)
			}
			test.bootstrap.CloudInit = true
			config := network.Resolve(spec, test.bootstrap, network.Defaults{})
			got, err := Metadata(Settings{InstanceID: known.Of("iid-1")}, config, macsOf(t, "eth0", test.mac))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range test.lines {
				if !strings.Contains(got, line) {
					t.Errorf("%q is not in\n%s", line, got)
				}
			}
		})
	}
}
