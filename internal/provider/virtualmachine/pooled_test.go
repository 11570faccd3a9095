package virtualmachine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// pooled is a machine whose first interface is on a network with pools of both families, and
// whose second is on one with a pool of two addresses, of which somebody else has one.
func pooled() tree {
	return tree{
		"name": "pooled", "image_name": "Photon OS 5.0", "power_off_mode": "Hard",
		"network": tree{"interface": []any{
			tree{"name": "eth0", "network": tree{"name": simulator.NetworkPooled}},
			tree{"name": "eth1", "network": tree{"name": simulator.NetworkScarce}},
		}},
		"bootstrap": tree{"cloud_init": tree{}},
	}
}

// onlyEth0 is pooled with one interface.
func onlyEth0() tree {
	config := pooled()
	config["network"] = tree{"interface": []any{tree{"name": "eth0", "network": tree{"name": simulator.NetworkPooled}}}}
	return config
}

// holders are who holds what of a profile, as "interface address", and "somebody-else address".
func holders(t *testing.T, sim *simulator.Simulator, profile string, want ...string) {
	t.Helper()
	list, err := sim.IPAllocations(profile)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, len(list))
	for i, allocation := range list {
		got[i] = allocation.ID[strings.LastIndex(allocation.ID, "/")+1:] + " " + allocation.Address
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what is allocated from %s (-want +got):\n%s", profile, diff)
	}
}

const (
	other  = simulator.AllocationOther + " 10.30.0.10"
	first4 = "eth0 10.20.0.240"
	first6 = "eth0 2001:db8:20::1000"
)

// again wants that another plan changes nothing.
func (d *direct) again(made machine, config tree) {
	d.Helper()
	p := d.planned(made, config)
	if broken := contradictions(made.state, p.planned); len(broken) > 0 || len(unknownIn(p.planned)) > 0 {
		d.Errorf("another plan is not empty:\n%s\nunknown: %v", strings.Join(broken, "\n"), unknownIn(p.planned))
	}
}

// addressesOf are the addresses that an interface was told to have.
func addressesOf(state tftypes.Value, i int) []string {
	var out []string
	for _, element := range elementsOf(within(state, fmt.Sprintf("status.network.config.interfaces[%d].ip.addresses", i))) {
		var text string
		if err := element.As(&text); err != nil {
			panic(err)
		}
		out = append(out, text)
	}
	return out
}

func TestAMachineTakesItsAddressesFromPools(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	p := d.planned(d.nothing(), pooled())
	var later []string
	for _, place := range unknownIn(p.planned) {
		if inside, ok := strings.CutPrefix(place, configStatus+"."); ok {
			later = append(later, inside)
		}
	}
	// Where the addresses come from is known when they are.
	want := []string{
		"interfaces[0].ip.addresses[0]", "interfaces[0].ip.addresses[1]", "interfaces[0].sources", "interfaces[1].ip.addresses[0]", "interfaces[1].sources",
	}
	if diff := cmp.Diff(want, later); diff != "" {
		t.Errorf("what of the resolved network is not known in plan (-want +got):\n%s", diff)
	}
	for place, want := range map[string]string{
		"interfaces[0].ip.gateway4": "10.20.0.1", "interfaces[0].ip.gateway6": "2001:db8:20::1", "interfaces[1].ip.gateway4": "10.30.0.1",
		"interfaces[0].dns.nameservers[0]": "10.20.0.2", "interfaces[0].dns.search_domains[1]": "example.com", "dns.domain_name": "pooled.example",
	} {
		if got := textAt(p.planned, configStatus+"."+place); got != want {
			t.Errorf("%s is planned as %q, want %q", place, got, want)
		}
	}
	holders(t, sim, "pooled")

	made, diags := p.apply()
	d.clean("apply", diags)
	if broken := contradictions(p.planned, made.state); len(broken) > 0 {
		t.Errorf("apply contradicts the plan:\n%s", strings.Join(broken, "\n"))
	}
	holders(t, sim, "pooled", first4, first6)
	holders(t, sim, "scarce", "eth1 10.30.0.11", other)
	sim.Settle()
	report, err := sim.GuestReport("pooled")
	if err != nil || len(report.Problems) > 0 || len(report.Interfaces) != 2 {
		t.Fatalf("the guest is %+v, %v", report, err)
	}
	for i, want := range [][]string{{"10.20.0.240/22", "2001:db8:20::1000/64"}, {"10.30.0.11/28"}} {
		var seen []string
		for _, address := range report.Interfaces[i].Addresses {
			if address.Origin == "manual" {
				seen = append(seen, address.Address.String())
			}
		}
		if diff := cmp.Diff(want, addressesOf(made.state, i)); diff != "" {
			t.Errorf("interface %d is told (-want +got):\n%s", i, diff)
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("interface %d of the guest has (-want +got):\n%s", i, diff)
		}
	}

	for range 2 { // by this process and by another one
		made = d.refreshed(made)
		d.again(made, pooled())
		d = connected(t, sim)
	}
	made = d.applied(made, with(pooled(), "network.interface[0].mtu", 1400)) // it changes, and keeps its addresses
	made = d.refreshed(made)
	d.again(made, with(pooled(), "network.interface[0].mtu", 1400))
	holders(t, sim, "pooled", first4, first6)
	holders(t, sim, "scarce", "eth1 10.30.0.11", other)
	for range 2 {
		d.clean("destroy", d.destroy(made))
		holders(t, sim, "pooled")
		holders(t, sim, "scarce", other)
	}
}

func TestWhatAnInterfaceNeedsNoMoreIsReleased(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	made := d.applied(d.nothing(), pooled())
	for _, step := range []struct {
		name           string
		config         tree
		pooled, scarce []string
	}{
		{"the second interface goes", onlyEth0(), []string{first4, first6}, []string{other}},
		{"it comes back", pooled(), []string{first4, first6}, []string{"eth1 10.30.0.11", other}},
		// The guest goes on using the address until it starts again.
		{"it becomes static", with(pooled(), "network.interface[1].addresses", []any{"10.30.0.5/28"}), []string{first4, first6}, []string{"eth1 10.30.0.11", other}},
		{"it asks the pool again", pooled(), []string{first4, first6}, []string{"eth1 10.30.0.11", other}},
		{"it moves to another pool", with(pooled(), "network.interface[1].network.name", simulator.NetworkPooled), []string{first4, first6, "eth1 10.20.0.241", "eth1 2001:db8:20::1001"}, []string{other}},
		{"it moves to no pool", with(pooled(), "network.interface[1].network.name", simulator.NetworkBackend), []string{first4, first6}, []string{other}},
		{"the first one runs DHCPv4", with(pooled(), "network.interface[0].dhcp4", true), []string{first4, first6}, []string{"eth1 10.30.0.11", other}},
	} {
		t.Run(step.name, func(t *testing.T) {
			d.TB = t
			made = d.refreshed(d.applied(made, step.config))
			d.again(made, step.config)
			holders(t, sim, "pooled", step.pooled...)
			holders(t, sim, "scarce", step.scarce...)
		})
	}
	d.TB = t
	off := with(onlyEth0(), "network.disabled", true)
	delete(off["network"].(tree), "interface")
	made = d.refreshed(d.applied(made, off))
	holders(t, sim, "pooled")
	holders(t, sim, "scarce", other)
	d.clean("destroy", d.destroy(made))
}

func TestAPoolThatIsUsedUpStopsAPlanAndAnApply(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	d := connected(t, sim)
	late := d.planned(d.nothing(), with(pooled(), "name", "late"))
	made := d.applied(d.nothing(), pooled())

	left, diags := late.apply()
	if text := said(diags); !failed(diags) || !strings.Contains(text, `Interface "eth1"`) || !strings.Contains(text, "10.30.0.10-10.30.0.11") || !strings.Contains(text, "write the address at the interface") {
		t.Errorf("the apply says: %s", text)
	}
	if list, err := sim.IPAllocations("pooled"); err != nil || len(list) != 4 {
		t.Errorf("two machines hold %v, %v", list, err)
	}
	d.clean("destroy what is left", d.destroy(d.refreshed(left)))
	holders(t, sim, "pooled", first4, first6)

	fresh := connected(t, sim)
	_, diags = fresh.plan(fresh.nothing(), with(pooled(), "name", "later"))
	if text := said(diags); !failed(diags) || !strings.Contains(text, "network.interface[1].network.name: The network's address pool is used up") {
		t.Errorf("the plan says: %s", text)
	}
	// The machine that holds the address may be replaced, in its own place.
	_, diags = fresh.plan(fresh.nothing(), pooled())
	fresh.clean("plan a replacement", freeOrTaken(diags))
	d.clean("destroy", d.destroy(made))
}

func TestARefreshAsksNoPool(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	made := connected(t, sim).applied(serve(t).nothing(), pooled())
	d := connected(t, sim)
	sim.ResetRequests()
	made = d.refreshed(made)
	for _, operation := range []string{"QueryIpPools", "AllocateIpv4Address", "AllocateIpv6Address", "ReleaseIpAllocation"} {
		if times := sim.Calls()[operation]; times > 0 {
			t.Errorf("a refresh calls %s %d times", operation, times)
		}
	}
	for range 3 {
		d.again(made, pooled())
	}
	if times := sim.Calls()["QueryIpPools"]; times != 1 {
		t.Errorf("three plans call QueryIpPools %d times", times)
	}
}

// Whatever call of a create fails, the next apply succeeds, and nothing is allocated but what
// the machine has: with the state that the failed one left, which Terraform destroys, and with
// none, as after a process that was killed.
func TestACreateThatFailsAnywhereLeaksNoAddress(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	made, diags := createAfresh(t, sim, pooled(), func() { sim.ResetRequests() })
	if failed(diags) {
		t.Fatal(said(diags))
	}
	requests := sim.Requests()
	begin := slices.IndexFunc(requests, func(r simulator.Request) bool { return strings.Contains(r.Operation, "action=deploy") })
	end := 0
	seen := map[string]int{}
	var points []simulator.Rule
	for i, r := range requests {
		// Waiting has tests of its own.
		plumbing := strings.Contains(r.Operation, "View") || strings.Contains(r.Operation, "Filter") || strings.Contains(r.Operation, "Collector") || r.Operation == "WaitForUpdatesEx"
		if r.SOAP && i > begin && !plumbing {
			points = append(points, simulator.Rule{Operation: r.Operation, After: seen[r.Operation], Fault: "RuntimeFault", Message: "injected"})
		}
		if r.Operation == "ReconfigVM_Task" {
			end = len(points) // without its mark, a machine that no state knows is somebody's
		}
		seen[r.Operation]++
	}
	if len(points) < 8 || end < 7 {
		t.Fatalf("a create has the requests %v", requests)
	}
	if destroyed := connected(t, sim).destroy(made); failed(destroyed) {
		t.Fatal(said(destroyed))
	}
	for i, rule := range points {
		for _, killed := range []bool{false, true} {
			if killed && i >= end {
				continue
			}
			t.Run(fmt.Sprintf("%02d %s killed=%t", i, rule.Operation, killed), func(t *testing.T) {
				left, diags := createAfresh(t, sim, pooled(), func() {
					if err := sim.Inject(rule); err != nil {
						t.Fatal(err)
					}
				})
				sim.ClearRules()
				if failed(diags) && !killed && !left.state.IsNull() {
					if destroyed := connected(t, sim).destroy(connected(t, sim).refreshed(left)); failed(destroyed) {
						t.Fatal(said(destroyed))
					}
					holders(t, sim, "pooled")
				}
				if failed(diags) {
					if left, diags = createAfresh(t, sim, pooled(), func() {}); failed(diags) {
						t.Fatal(said(diags))
					}
				}
				holders(t, sim, "pooled", first4, first6)
				holders(t, sim, "scarce", "eth1 10.30.0.11", other)
				if destroyed := connected(t, sim).destroy(left); failed(destroyed) {
					t.Fatal(said(destroyed))
				}
				holders(t, sim, "pooled")
				holders(t, sim, "scarce", other)
			})
		}
	}
}

// Whatever call of an update or a destruction fails, the next one ends with what is wanted.
func TestAChangeThatFailsAnywhereLeaksNoAddress(t *testing.T) {
	t.Parallel()
	sim := simulator.Start(t)
	failures := 0
	for name, change := range map[string]func(d *direct, made machine) (machine, bool){
		"destroy": func(d *direct, made machine) (machine, bool) { return made, failed(d.destroy(made)) },
		"update": func(d *direct, made machine) (machine, bool) {
			p, diags := d.plan(made, pooled())
			if failed(diags) {
				return made, true
			}
			after, diags := p.apply()
			return after, failed(diags)
		},
	} {
		for _, rule := range []simulator.Rule{
			{Operation: "*_Task"},
			{Operation: "*_Task", After: 1},
			{Operation: "*_Task", After: 1, Task: true},
			{Operation: "*_Task", After: 2},
			{Operation: "*Ip*"},
			{Operation: "*Ip*", After: 1},
			{Operation: "*Ip*", After: 2},
			{Operation: "*Ip*", Lose: true, Times: -1},
		} {
			made, diags := createAfresh(t, sim, onlyEth0(), func() {})
			if failed(diags) {
				t.Fatal(said(diags))
			}
			d := connected(t, sim)
			if !rule.Lose {
				rule.Fault = "RuntimeFault"
			}
			if err := sim.Inject(rule); err != nil {
				t.Fatal(err)
			}
			after, wentWrong := change(d, made)
			sim.ClearRules()
			if wentWrong {
				failures++
				if after, wentWrong = change(connected(t, sim), connected(t, sim).refreshed(made)); wentWrong {
					t.Errorf("%s %+v: the next one fails as well", name, rule)
				}
			}
			if name == "update" {
				holders(t, sim, "scarce", "eth1 10.30.0.11", other)
				if destroyed := connected(t, sim).destroy(after); failed(destroyed) {
					t.Fatal(said(destroyed))
				}
			}
			holders(t, sim, "pooled")
			holders(t, sim, "scarce", other)
		}
	}
	if failures < 9 {
		t.Errorf("only %d changes failed", failures)
	}
}
