package namespace_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// group is what a data source shows of a distributed port group without a profile.
func group(name string, vlan int) tree {
	return tree{
		"name": name, "kind": "Distributed", "path": "/DC0/network/" + name, "switch": "DVS0", "default": false, "sriov": false,
		"vlan": tree{"id": vlan, "private_id": nil, "trunk": nil}, "profile": nil,
	}
}

// profileOf is what is shown of a profile that says nothing.
func profileOf(name string) tree {
	family := func() tree {
		return tree{"dhcp": false, "pool_enabled": false, "subnet": nil, "ranges": nil, "gateway": nil}
	}
	return tree{
		"name": name, "ip4": family(), "ip6": family(),
		"nameservers": nil, "search_domains": nil, "domain_name": nil, "host_prefix": nil,
	}
}

func pooled() tree {
	return with(group(simulator.NetworkPooled, 300), func(n tree) {
		n["profile"] = tree{
			"name": simulator.NetworkPooled,
			"ip4": tree{
				"dhcp": false, "pool_enabled": true, "subnet": "10.20.0.0/22", "gateway": "10.20.0.1",
				"ranges": []any{"10.20.0.240-10.20.1.15", "10.20.2.10-10.20.2.73"},
			},
			"ip6": tree{
				"dhcp": false, "pool_enabled": true, "subnet": "2001:db8:20::/64", "gateway": "2001:db8:20::1",
				"ranges": []any{"2001:db8:20::1000-2001:db8:20::1fff"},
			},
			"nameservers":    []any{"10.20.0.2", "10.20.0.3", "2001:db8:20::2"},
			"search_domains": []any{"pooled.example", "example.com"},
			"domain_name":    "pooled.example", "host_prefix": "p-",
		}
	})
}

func leased() tree {
	return with(group(simulator.NetworkLeased, 400), func(n tree) {
		n["profile"] = with(profileOf(simulator.NetworkLeased), func(p tree) {
			p["ip4"].(tree)["dhcp"], p["ip6"].(tree)["dhcp"] = true, true
			p["nameservers"], p["domain_name"] = []any{"10.40.0.2"}, "leased.example"
		})
	})
}

func standard(name string) tree {
	return tree{
		"name": name, "kind": "Standard", "path": "/DC0/network/" + name, "switch": nil, "default": false, "sriov": nil, "vlan": nil, "profile": nil,
	}
}

func TestANetworkIsShownWithItsProfile(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim, teams)
	sim.ResetRequests()
	in := func(namespace string, network tree, name string) tree {
		network["namespace"], network["name"] = namespace, name
		return network
	}
	for _, test := range []struct {
		config, want tree
	}{
		{tree{"name": "pooled"}, in("team-a", pooled(), "pooled")},
		{tree{"name": "/DC0/network/leased", "namespace": "team-b"}, in("team-b", leased(), "/DC0/network/leased")},
		{tree{"name": "DVS0/frontend"}, in("team-a", group("frontend", 100), "DVS0/frontend")},
		{tree{"name": "VM Network"}, in("team-a", standard("VM Network"), "VM Network")},
		{tree{}, in("team-a", with(group("backend", 200), func(n tree) { n["default"] = true }), "backend")},
		{tree{"namespace": "team-b"}, in("team-b", with(standard("VM Network"), func(n tree) { n["default"] = true }), "VM Network")},
	} {
		if diff := cmp.Diff(test.want, shown(t, d.found("network", test.config))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.config, diff)
		}
	}
	// After the login: the datacenter, its inventory, the VLANs of four port groups, the SR-IOV
	// functions of two clusters, and the profiles of all networks.
	counts := map[string]int{}
	for _, operation := range operations(sim) {
		counts[operation]++
	}
	if profiles := counts["QueryIpPools"]; profiles > 2 {
		t.Errorf("profiles were asked for %d times", profiles)
	}
	delete(counts, "QueryIpPools")
	want := map[string]int{"Login": 1, "RetrieveServiceContent": 1, "RetrievePropertiesEx": 6, "QueryConfigTarget": 2}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestNetworksAreListedByPath(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim, teams)
	d.found("storage_class", tree{})
	sim.ResetRequests()
	got := d.found("networks", tree{})
	want := map[string]tree{
		"DC0_DVPG0": group("DC0_DVPG0", 0), "VM Network": standard("VM Network"), "frontend": group("frontend", 100),
		"backend": with(group("backend", 200), func(n tree) { n["default"] = true }),
		"pooled":  pooled(), "leased": leased(),
		"scarce": with(group("scarce", 500), func(n tree) {
			n["profile"] = with(profileOf("scarce"), func(p tree) {
				p["ip4"] = tree{"dhcp": false, "pool_enabled": true, "subnet": "10.30.0.0/28", "ranges": []any{"10.30.0.10-10.30.0.11"}, "gateway": "10.30.0.1"}
			})
		}),
	}
	var paths []string
	for _, element := range got["networks"].([]any) {
		network := shown(t, element.(tree))
		name, _ := network["name"].(string)
		path, _ := network["path"].(string)
		paths = append(paths, path)
		if expected, ok := want[name]; ok {
			if diff := cmp.Diff(expected, network); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			delete(want, name)
		}
	}
	if len(want) > 0 {
		t.Errorf("not listed are %v", want)
	}
	for i := 1; i < len(paths); i++ {
		if paths[i-1] > paths[i] {
			t.Errorf("the order is %v", paths)
		}
	}
	calls := []string{"QueryConfigTarget", "QueryIpPools", "RetrievePropertiesEx", "RetrievePropertiesEx"}
	if diff := cmp.Diff(calls, operations(sim)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestANetworkThatIsNotThereNamesTheOthers(t *testing.T) {
	sim := simulator.Start(t)
	d := connected(t, sim, teams)
	d.refused("network", tree{"name": "backened"}, "name", "Unable to find the network", `no network "backened"`, `"backend"`)
	d.refused("network", tree{"name": "backend", "namespace": "team-z"}, "namespace", "No such namespace", `"team-a", "team-b"`)
	d.refused("networks", tree{"namespace": "team-z"}, "namespace", "No such namespace")
	if err := sim.FailCall("QueryIpPools", "NoPermission"); err != nil {
		t.Fatal(err)
	}
	d.refused("networks", tree{}, "", "Unable to list the networks", "lacks a privilege")
}

func TestAProfileThatIsWrongHidesNoNetwork(t *testing.T) {
	sim := simulator.Start(t)
	breakProfile(t, sim, simulator.NetworkScarce)
	d := connected(t, sim, teams)
	d.refused("network", tree{"name": "scarce"}, "name", "Unable to read the Network Protocol Profile", "scarce", "Correct the profile")
	got, diags := d.read("networks", tree{})
	if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityWarning || !strings.Contains(diags[0].Detail, "/DC0/network/scarce") {
		t.Fatalf("the diagnostics are %v", diags)
	}
	for _, element := range got["networks"].([]any) {
		network := element.(tree)
		if has, want := network["profile"] != nil, network["name"] == "pooled" || network["name"] == "leased"; has != want {
			t.Errorf("%s has a profile: %t", network["name"], has)
		}
	}
}
