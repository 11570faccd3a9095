package virtualmachine

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/vmware/govmomi/vim25/methods"
	govmomi "github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/provider/backend"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/inventory"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

const machineUUID = "5012abcd-0000-4000-8000-000000000001"

// values compares what has private fields.
var values = cmp.Options{
	cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmpopts.EquateEmpty(),
	cmp.AllowUnexported(known.Value[netip.Prefix]{}, known.Value[netip.Addr]{}, known.Value[bool]{}, known.Value[string]{}, known.Value[int64]{},
		known.Value[[]network.InterfaceConfig]{}, known.Value[[]network.RouteConfig]{}, known.Value[[]network.VLANConfig]{},
		known.Value[[]known.Value[netip.Prefix]]{}, known.Value[[]known.Value[netip.Addr]]{}, known.Value[[]known.Value[string]]{}),
}

// lab is the seeded vCenter with a resource over it.
type lab struct {
	*Resource
	t   *testing.T
	sim *simulator.Simulator
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, sim: simulator.Start(t)}
	l.Resource = l.another()
	return l
}

// another is a resource of another process.
func (l *lab) another() *Resource {
	l.t.Helper()
	client, err := vsphere.New(vsphere.Config{
		Server: l.sim.Host, User: simulator.User, Password: simulator.Password, CACertificates: l.sim.CAPEM,
	})
	l.must(err)
	b := backend.New(client)
	b.DefaultNamespace = "team-a"
	b.Namespaces = map[string]backend.Namespace{"team-a": {NamespaceSpec: inventory.NamespaceSpec{
		Name: "team-a", ResourcePool: simulator.PoolTeamA, Folder: simulator.FolderTeamA, Datastore: simulator.Datastore0,
		DefaultNetwork: simulator.NetworkStandard, Nameservers: []netip.Addr{netip.MustParseAddr("10.0.0.53")}, SearchDomains: []string{"namespace.example"},
	}}}
	l.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(l.t.Context()), 10*time.Second)
		defer cancel()
		b.Machines.Close(ctx)
		_ = client.Logout(ctx)
	})
	return &Resource{backend: b}
}

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) clean(diags diag.Diagnostics) {
	l.t.Helper()
	if len(diags) > 0 {
		l.t.Fatalf("%v", diags)
	}
}

// found is the world of a machine.
func (l *lab) found(spec network.Spec) *world {
	l.t.Helper()
	configured, err := l.backend.Namespace("team-a")
	l.must(err)
	namespace, err := l.backend.Inventory.Namespace(l.t.Context(), configured.NamespaceSpec)
	l.must(err)
	w := &world{configured: configured, namespace: namespace, networks: map[string]inventory.Network{}}
	interfaces, _ := spec.EffectiveInterfaces().Get()
	for _, nic := range interfaces {
		if nic.Network.IsUnknown() || nic.Name.IsUnknown() {
			continue
		}
		w.networks[nic.Name.Or("")], err = l.backend.Inventory.Network(l.t.Context(), namespace, nic.Network.Or(""))
		l.must(err)
	}
	return w
}

// offered are the offers to a machine that holds something of pools.
func (l *lab) offered(spec network.Spec, have map[string]poolRecord) *offers {
	l.t.Helper()
	o, diags := l.offers(l.t.Context(), l.found(spec), spec, have)
	l.clean(diags)
	return o
}

// profile is the profile of a network.
func (l *lab) profile(name string) ippool.Profile {
	l.t.Helper()
	return l.offered(specOf(nic("eth0", name)), nil).profiles["eth0"]
}

// allocations are what is allocated from a profile.
func (l *lab) allocations(profile string, want ...simulator.IPAllocation) {
	l.t.Helper()
	got, err := l.sim.IPAllocations(profile)
	l.must(err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		l.t.Errorf("what is allocated from %s (-want +got):\n%s", profile, diff)
	}
}

// calls counts the requests to vCenter that do makes.
func (l *lab) calls(do func()) map[string]int {
	l.t.Helper()
	l.sim.ResetRequests()
	do()
	return l.sim.Calls()
}

// setProfile changes a profile behind the provider's back.
func (l *lab) setProfile(change govmomi.IpPool) {
	l.t.Helper()
	client, err := l.backend.Client.Vim(l.t.Context())
	l.must(err)
	datacenter, err := l.backend.Client.Datacenter(l.t.Context())
	l.must(err)
	_, err = methods.UpdateIpPool(l.t.Context(), client, &govmomi.UpdateIpPool{
		This: *client.ServiceContent.IpPoolManager, Dc: datacenter.Reference(), Pool: change,
	})
	l.must(err)
}

// nic is an interface that is connected to a network, changed by each of with.
func nic(name, connected string, with ...func(*network.Interface)) network.Interface {
	out := network.Interface{Name: known.Of(name), Network: known.Of(connected)}
	for _, change := range with {
		change(&out)
	}
	return out
}

func static(addresses ...string) func(*network.Interface) {
	return func(nic *network.Interface) { nic.Addresses = known.ListOf(addresses...) }
}

func dhcp4(value known.Value[bool]) func(*network.Interface) {
	return func(nic *network.Interface) { nic.DHCP4 = value }
}

func dhcp6(value known.Value[bool]) func(*network.Interface) {
	return func(nic *network.Interface) { nic.DHCP6 = value }
}

func specOf(interfaces ...network.Interface) network.Spec {
	return network.Spec{VMName: known.Of("web"), Interfaces: known.Of(interfaces)}
}

var withCloudInit = network.Bootstrap{CloudInit: true}

// wantDiags checks that there is one diagnostic for each text, in order, which begins with its
// severity and path and has all parts between vertical bars somewhere.
func wantDiags(t *testing.T, diags diag.Diagnostics, texts ...string) {
	t.Helper()
	if len(diags) != len(texts) {
		t.Fatalf("%d diagnostics, want %d: %v", len(diags), len(texts), diags)
	}
	for i, text := range texts {
		d := diags[i]
		got := strings.ToLower(d.Severity().String())
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			got += " " + at.Path().String()
		}
		parts := strings.Split(text, "|")
		if got != parts[0] {
			t.Errorf("diagnostic %d is %s, want %s: %s: %s", i, got, parts[0], d.Summary(), d.Detail())
		}
		for _, part := range parts[1:] {
			if !strings.Contains(d.Summary()+": "+d.Detail(), part) {
				t.Errorf("diagnostic %d does not say %q: %s: %s", i, part, d.Summary(), d.Detail())
			}
		}
	}
}
