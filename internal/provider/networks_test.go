package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

func TestNetworksAreShownWithTheirProfiles(t *testing.T) {
	t.Parallel()
	start(t)
	const one = "data.vmoperator_network."
	texts := func(want ...string) knownvalue.Check {
		checks := make([]knownvalue.Check, len(want))
		for i, text := range want {
			checks[i] = is(text)
		}
		return knownvalue.ListExact(checks)
	}
	story(t,
		resource.TestStep{
			Config: namespaces + `
				data "vmoperator_networks" "all" {}
				data "vmoperator_network" "default" {}
				data "vmoperator_network" "pooled" { name = "pooled" }
				data "vmoperator_network" "path" { name = "/DC0/network/pooled" }
				data "vmoperator_network" "switch" { name = "DVS0/pooled" }
				output "addresses" {
				  value = [for n in data.vmoperator_networks.all.networks : n.name if try(n.profile.ip4.pool_enabled, false)]
				}
				output "default" {
				  value = [for n in data.vmoperator_networks.all.networks : "${n.kind} ${n.name}" if n.default]
				}
				output "same" {
				  value = length(distinct([for n in [data.vmoperator_network.pooled, data.vmoperator_network.path, data.vmoperator_network.switch] : n.unique_id]))
				}
			`,
			ConfigStateChecks: []statecheck.StateCheck{
				lists("addresses", "pooled", "scarce"),
				lists("default", "Standard VM Network"),
				statecheck.ExpectKnownOutputValue("same", knownvalue.Int64Exact(1)),
				statecheck.ExpectKnownValue(one+"default", pathTo("name"), is("VM Network")),
				statecheck.ExpectKnownValue(one+"default", pathTo("profile"), knownvalue.Null()),
				statecheck.ExpectKnownValue(one+"default", pathTo("vlan"), knownvalue.Null()),
				statecheck.ExpectKnownValue(one+"path", pathTo("name"), is("/DC0/network/pooled")),
				statecheck.ExpectKnownValue(one+"pooled", pathTo("kind"), is("Distributed")),
				statecheck.ExpectKnownValue(one+"pooled", pathTo("switch"), is("DVS0")),
				statecheck.ExpectKnownValue(one+"pooled", pathTo("vlan.id"), knownvalue.Int64Exact(300)),
				statecheck.ExpectKnownValue(one+"pooled", pathTo("profile.ip4.subnet"), is("10.20.0.0/22")),
				statecheck.ExpectKnownValue(one+"pooled", pathTo("profile.ip4.ranges"), texts("10.20.0.240-10.20.1.15", "10.20.2.10-10.20.2.73")),
				statecheck.ExpectKnownValue(one+"pooled", pathTo("profile.ip6.gateway"), is("2001:db8:20::1")),
				statecheck.ExpectKnownValue(one+"pooled", pathTo("profile.nameservers"), texts("10.20.0.2", "10.20.0.3", "2001:db8:20::2")),
				statecheck.ExpectKnownValue(one+"pooled", pathTo("profile.search_domains"), texts("pooled.example", "example.com")),
			},
		},
		resource.TestStep{
			Config:      namespaces + "data \"vmoperator_network\" \"typo\" {\n  name = \"poled\"\n}\n",
			ExpectError: fails("Unable to find the network", `name = "poled"`, `no network "poled"`, `"pooled"`),
		},
	)
}
