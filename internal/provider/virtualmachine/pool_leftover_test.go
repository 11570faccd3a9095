package virtualmachine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/vmware/govmomi/vim25/methods"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// begin deploys the machine web as a create does that is killed when its addresses are allocated.
func (l *lab) begin(spec network.Spec) (machine.DeploySpec, machine.Ref) {
	l.t.Helper()
	w := l.found(spec)
	o, diags := l.offers(l.t.Context(), w, spec, nil)
	l.clean(diags)
	wanted := wantedPools(spec, withCloudInit, o)
	remembered := record{Pools: intended(nil, wanted, o.profiles)}
	text, err := remembered.encode()
	l.must(err)
	deploy := machine.DeploySpec{
		Name: "web", InstanceUUID: uuid.NewString(), LibraryItemID: simulator.ItemPhoton,
		Folder: w.namespace.FolderReference(), ResourcePool: w.namespace.ResourcePoolReference(),
		Datastore:   &machine.Ref{Type: "Datastore", Value: w.namespace.Datastore.ID},
		ExtraConfig: map[string]string{recordKey: text},
	}
	ref, err := l.backend.Machines.Deploy(l.t.Context(), deploy)
	l.must(err)
	_, err = l.allocate(l.t.Context(), deploy.InstanceUUID, o.profiles, wanted, remembered.Pools)
	l.must(err)
	return deploy, ref
}

func TestTheNextCreateReleasesWhatAKilledOneLeft(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	spec := specOf(nic("eth0", simulator.NetworkPooled), nic("eth1", simulator.NetworkScarce))
	deploy, _ := l.begin(spec)
	others := simulator.IPAllocation{ID: simulator.AllocationOther, Address: "10.30.0.10"}
	id4 := simulator.IPAllocation{ID: deploy.InstanceUUID + "/eth0", Address: "10.20.0.240"}
	id6 := simulator.IPAllocation{ID: deploy.InstanceUUID + "/eth0", Address: "2001:db8:20::1000"}

	// The process that is creating it is not killed at all: another resource has the same name.
	l.must(l.releaseLeftover(t.Context(), deploy.Folder, deploy.Name))
	l.allocations("pooled", id4, id6)

	l.Resource = l.another()
	l.must(l.releaseLeftover(t.Context(), deploy.Folder, "another"))
	l.allocations("pooled", id4, id6)
	for range 2 {
		l.must(l.releaseLeftover(t.Context(), deploy.Folder, deploy.Name))
		l.allocations("pooled")
		l.allocations("scarce", others)
	}
	left, err := l.release(t.Context(), deploy.InstanceUUID, map[string]poolRecord{"eth0@1": {Pool: 1}})
	if err != nil || len(left) > 0 {
		t.Errorf("what is released twice: %v, %v", left, err)
	}
	second := deploy
	second.InstanceUUID = uuid.NewString()
	if _, err := l.backend.Machines.Deploy(t.Context(), second); err != nil {
		t.Errorf("the next deploy fails: %v", err)
	}
}

func TestAMachineThatIsFinishedKeepsItsAddresses(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	deploy, ref := l.begin(specOf(nic("eth0", simulator.NetworkPooled)))
	l.must(l.backend.Machines.Reconfigure(t.Context(), ref, govmomi.VirtualMachineConfigSpec{
		ExtraConfig: machine.ExtraConfigChange(map[string]string{machine.CreateMark: ""}),
	}))
	l.Resource = l.another()
	l.must(l.releaseLeftover(t.Context(), deploy.Folder, deploy.Name))
	if list, err := l.sim.IPAllocations("pooled"); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
	l.must(l.sim.Destroy("web"))
	l.must(l.releaseLeftover(t.Context(), deploy.Folder, deploy.Name))
}

func TestNobodyIsLookedForWhereThereIsNoPool(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	folder := l.found(network.Spec{}).namespace.FolderReference()
	l.must(l.releaseLeftover(t.Context(), folder, "web"))
	want := map[string]int{"FindChild": 1}
	if diff := cmp.Diff(want, l.calls(func() { l.must(l.releaseLeftover(t.Context(), folder, "web")) })); diff != "" {
		t.Errorf("with pools (-want +got):\n%s", diff)
	}
	client, err := l.backend.Client.Vim(t.Context())
	l.must(err)
	datacenter, err := l.backend.Client.Datacenter(t.Context())
	l.must(err)
	for _, name := range []string{simulator.NetworkPooled, simulator.NetworkScarce} {
		_, err := methods.DestroyIpPool(t.Context(), client, &govmomi.DestroyIpPool{
			This: *client.ServiceContent.IpPoolManager, Dc: datacenter.Reference(), Id: l.profile(name).ID, Force: true,
		})
		l.must(err)
	}
	l.Resource = l.another()
	l.must(l.releaseLeftover(t.Context(), folder, "web"))
	if calls := l.calls(func() { l.must(l.releaseLeftover(t.Context(), folder, "web")) }); len(calls) > 0 {
		t.Errorf("without pools it costs %v", calls)
	}
	l.Resource = l.another()
	l.must(l.sim.FailCall("QueryIpPools", "NoPermission"))
	if err := l.releaseLeftover(t.Context(), folder, "web"); err == nil {
		t.Error("nobody knows whether there are pools, and it is fine")
	}
}
