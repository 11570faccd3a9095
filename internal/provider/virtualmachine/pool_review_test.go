package virtualmachine

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/vmware/govmomi/vim25/methods"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/machine"
)

// reviewed is what a plan says of a machine that holds something of pools.
func (l *lab) reviewed(spec network.Spec, have map[string]poolRecord) diag.Diagnostics {
	l.t.Helper()
	return l.reviewPools(l.t.Context(), l.found(spec), spec, withCloudInit, l.offered(spec, have))
}

const usedUp = "The network's address pool is used up"

func TestAPoolThatIsUsedUpIsAnErrorInPlan(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	one, two := specOf(nic("eth0", simulator.NetworkScarce)), specOf(nic("eth0", simulator.NetworkScarce), nic("eth1", simulator.NetworkScarce))
	l.clean(l.reviewed(one, nil))
	wantDiags(t, l.reviewed(two, nil), "error network.interface[1].network.name|"+usedUp+`|2 IPv4 addresses of network protocol profile "scarce"|`+
		`are needed for interfaces "eth0", "eth1"|10.30.0.10-10.30.0.11, of which vCenter counts 1 allocated and 1 free|Enlarge the range|write addresses at the interface`)

	records, err := l.allocated(one, nil)
	l.must(err)
	l.Resource = l.another()
	l.clean(l.reviewed(one, records)) // the machine has its address
	wantDiags(t, l.reviewed(one, nil), "error network.interface[0].network.name|"+usedUp+`|1 IPv4 address of|is needed for interface "eth0"|2 allocated and 0 free`)
	l.clean(l.reviewed(specOf(nic("eth0", simulator.NetworkScarce, static("10.30.0.5/28"))), nil))
	l.clean(l.reviewed(specOf(nic("eth0", simulator.NetworkScarce, dhcp4(known.Of(true)))), nil))

	// One that has left the pool is not one that holds it.
	const hint = "Machines of this configuration hold some"
	l.noteHeld(machineUUID, map[string]poolRecord{left("eth0", records["eth0"].Pool): records["eth0"]})
	if diags := l.reviewed(one, nil); strings.Contains(diags[0].Detail(), hint) {
		t.Errorf("it says %s", diags[0].Detail())
	}
	l.noteHeld(machineUUID, records)
	wantDiags(t, l.reviewed(one, nil), "error network.interface[0].network.name|"+usedUp+"|"+hint+"|-target")
}

func TestWhatTheMachineHoldsThatIsReplacedIsFreeInTime(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	one := specOf(nic("eth0", simulator.NetworkScarce))
	_, ref := l.begin(one)
	l.must(l.backend.Machines.Reconfigure(t.Context(), ref, govmomi.VirtualMachineConfigSpec{
		ExtraConfig: machine.ExtraConfigChange(map[string]string{machine.CreateMark: ""}),
	}))
	l.Resource = l.another()
	l.clean(l.reviewed(one, nil))
	wantDiags(t, l.reviewed(specOf(nic("eth0", simulator.NetworkScarce), nic("eth1", simulator.NetworkScarce)), nil), "error network.interface[1].network.name|"+usedUp)
	unnamed := one
	unnamed.VMName = known.Unknown[string]()
	wantDiags(t, l.reviewed(unnamed, nil), "error network.interface[0].network.name|"+usedUp)
}

func TestWhatAnInterruptedApplyHasAskedForIsNoReasonToFail(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	one := specOf(nic("eth0", simulator.NetworkScarce))
	deploy, _ := l.begin(one)
	l.Resource = l.another()
	l.clean(l.reviewed(one, nil))
	wantDiags(t, l.reviewed(specOf(nic("eth0", simulator.NetworkScarce), nic("eth1", simulator.NetworkScarce)), nil), "error network.interface[1].network.name|"+usedUp)
	elsewhere := one
	elsewhere.VMName = known.Of("another")
	wantDiags(t, l.reviewed(elsewhere, nil), "error network.interface[0].network.name|"+usedUp)

	// The record of a machine says that it may have the address, and no more.
	l.clean(l.reviewed(elsewhere, map[string]poolRecord{"eth0": {Pool: l.profile(simulator.NetworkScarce).ID}}))
	l.must(l.releaseLeftover(t.Context(), deploy.Folder, deploy.Name))
	l.clean(l.reviewed(elsewhere, nil))
}

func TestAPoolThatHasComeFreeIsAskedAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	one := specOf(nic("eth0", simulator.NetworkScarce))
	records, err := l.allocated(one, nil)
	l.must(err)
	l.Resource = l.another()
	wantDiags(t, l.reviewed(one, nil), "error network.interface[0].network.name|"+usedUp)
	l.clean(l.another().releaseForGood(t.Context(), machineUUID, records))
	l.clean(l.reviewed(one, nil))
}

func TestAPoolWithoutRangeIsAnErrorInPlan(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	client, err := l.backend.Client.Vim(t.Context())
	l.must(err)
	datacenter, err := l.backend.Client.Datacenter(t.Context())
	l.must(err)
	reference := l.found(specOf(nic("eth0", simulator.NetworkStandard))).networks["eth0"].Reference()
	_, err = methods.CreateIpPool(t.Context(), client, &govmomi.CreateIpPool{This: *client.ServiceContent.IpPoolManager, Dc: datacenter.Reference(), Pool: govmomi.IpPool{
		Name: "bare", NetworkAssociation: []govmomi.IpPoolAssociation{{Network: &reference}},
		Ipv6Config: &govmomi.IpPoolIpPoolConfigInfo{SubnetAddress: "2001:db8:60::", Netmask: "ffff:ffff:ffff:ffff::", IpPoolEnabled: govmomi.NewBool(true)},
	}})
	l.must(err)
	wantDiags(t, l.reviewed(network.Spec{}, nil), "error network|"+usedUp+`|network protocol profile "bare"|IPv6|enabled and has no range|disable the pool`)
}

func TestAStaticAddressInAPoolIsAWarning(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	wantDiags(t, l.reviewed(specOf(
		nic("eth0", simulator.NetworkPooled, static("10.20.0.5/22", "10.20.2.12/22")), nic("eth1", simulator.NetworkBackend, static("10.20.2.13/22")),
	), nil), `warning network.interface[0].addresses[1]|10.20.2.12 of interface "eth0"|network protocol profile "pooled"`)
}
