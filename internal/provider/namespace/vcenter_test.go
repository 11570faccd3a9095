package namespace_test

import (
	"net/url"
	"testing"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/namespace"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// somebody is a client of vCenter that is not the provider.
func somebody(t testing.TB, sim *simulator.Simulator) *vim25.Client {
	t.Helper()
	transport := soap.NewClient(sim.URL, false)
	if err := transport.SetRootCAs(sim.CAFile); err != nil {
		t.Fatal(err)
	}
	client, err := vim25.NewClient(t.Context(), transport)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// vcenterClass adds a class to vCenter.
func vcenterClass(t testing.TB, sim *simulator.Simulator, spec namespace.VirtualMachineClassCreateSpec) {
	t.Helper()
	client := rest.NewClient(somebody(t, sim))
	if err := client.Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := client.Logout(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if err := namespace.NewManager(client).CreateVmClass(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}

// breakProfile gives a Network Protocol Profile a netmask that is none.
func breakProfile(t testing.TB, sim *simulator.Simulator, name string) {
	t.Helper()
	client := somebody(t, sim)
	if err := session.NewManager(client).Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	datacenter, err := find.NewFinder(client).Datacenter(t.Context(), simulator.Datacenter)
	if err != nil {
		t.Fatal(err)
	}
	manager := *client.ServiceContent.IpPoolManager
	all, err := methods.QueryIpPools(t.Context(), client, &types.QueryIpPools{This: manager, Dc: datacenter.Reference()})
	if err != nil {
		t.Fatal(err)
	}
	for _, pool := range all.Returnval {
		if pool.Name != name {
			continue
		}
		pool.Ipv4Config.Netmask = "255.0.255.0"
		if _, err := methods.UpdateIpPool(t.Context(), client, &types.UpdateIpPool{This: manager, Dc: datacenter.Reference(), Pool: pool}); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("there is no profile %s", name)
}
