package virtualmachine_test

import (
	"context"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/cloudinit"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// picture is a machine as vCenter shows it.
type picture struct {
	ref types.ManagedObjectReference
	// hardware is what it is, and guest the texts that its guest is told, both in the words of the
	// row. letters are those texts as they are.
	hardware, guest, letters portrait
}

// gallery looks at the machines of a vCenter with a client of its own.
type gallery struct {
	painter
	sim *simulator.Simulator
}

func newGallery(t *testing.T, sim *simulator.Simulator) *gallery {
	t.Helper()
	transport := soap.NewClient(&url.URL{Scheme: "https", Host: sim.Host, Path: vim25.Path}, false)
	if err := transport.SetRootCAs(sim.CAFile); err != nil {
		t.Fatal(err)
	}
	client, err := vim25.NewClient(t.Context(), transport)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.NewManager(client).Login(t.Context(), url.UserPassword(simulator.User, simulator.Password)); err != nil {
		t.Fatal(err)
	}
	return &gallery{painter: painter{T: t, client: client}, sim: sim}
}

// in is the same, seen by another test.
func (g *gallery) in(t *testing.T) *gallery { return &gallery{painter{T: t, client: g.client}, g.sim} }

// look gives the pictures of machines of trials to a function, by the names that they have.
func (g *gallery) look(trials []*trial, see func(*trial, *picture)) {
	g.Helper()
	g.sim.Settle()
	var all []mo.VirtualMachine
	machines, err := view.NewManager(g.client).CreateContainerView(g.Context(), g.client.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	if err == nil {
		defer func() { _ = machines.Destroy(context.WithoutCancel(g.Context())) }()
		err = machines.Retrieve(g.Context(), []string{"VirtualMachine"}, append(slices.Clone(painted), "parent", "resourcePool"), &all)
	}
	if err != nil {
		g.Fatal(err)
	}
	byName := map[string]*mo.VirtualMachine{}
	for i := range all {
		byName[all[i].Name] = &all[i]
	}
	for _, r := range trials {
		vm := byName[r.name]
		if vm == nil {
			vm = byName[r.name+"-db"]
		}
		if vm == nil {
			g.Fatalf("%s: there is no machine %s", r.path(), r.name)
		}
		see(r, g.picture(r, vm))
	}
}

// picture is that of one machine.
func (g *gallery) picture(r *trial, vm *mo.VirtualMachine) *picture {
	out := &picture{ref: vm.Self, hardware: g.portrait(vm, r.name), guest: portrait{}, letters: portrait{}}
	words := r.rowsWords()
	for _, option := range vm.Config.ExtraConfig {
		if o := option.GetOptionValue(); o.Key == cloudinit.KeyMetadata || o.Key == cloudinit.KeyUserData {
			out.letters[o.Key], _ = o.Value.(string)
		}
	}
	for key, value := range out.hardware {
		switch {
		case key == cloudinit.KeyMetadata || key == cloudinit.KeyUserData:
			out.guest[key] = value
			delete(out.hardware, key)
		case strings.HasSuffix(key, " keep"):
			delete(out.hardware, key) // only the machine's record has it
		case strings.HasSuffix(key, " address"):
			out.hardware[key] = asWritten(words.Replace(value), writtenMAC)
		default:
			out.hardware[key] = words.Replace(value)
		}
	}
	out.hardware["name"] = words.Replace(vm.Name)
	out.hardware["folder"] = vm.Parent.Value
	out.hardware["resource pool"] = vm.ResourcePool.Value
	out.hardware["instance uuid"] = asWritten(words.Replace(vm.Config.InstanceUuid), firstInstance, otherInstance)
	out.hardware["bios uuid"] = asWritten(words.Replace(vm.Config.Uuid), firstBIOS, otherBIOS)
	return out
}

// asWritten is a text that is one of those that rows have; any other is what vCenter made.
func asWritten(text string, texts ...string) string {
	if slices.Contains(texts, text) {
		return text
	}
	return "vCenter's choice"
}

var policyNames = regexp.MustCompile(`storage_profile_id":"([^"]+)"|profileId>([^<]+)<`)

// policies are the storage policies that requests name, which the simulator does not show: it knows
// nothing of who has which.
func policies(requests []simulator.Request) string {
	found := map[string]bool{}
	for _, request := range requests {
		for _, match := range policyNames.FindAllStringSubmatch(request.Body, -1) {
			found[match[1]+match[2]] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), ", ")
}

// requestsOf are requests about a machine, also those that made it.
func requestsOf(all []simulator.Request, r *trial, ref types.ManagedObjectReference) []simulator.Request {
	var out []simulator.Request
	for _, q := range all {
		makes := strings.Contains(q.Operation, "deploy") || q.Operation == "CloneVM_Task" || q.Operation == "CreateVM_Task"
		if q.Object == ref.String() || makes && (strings.Contains(q.Body, `"`+r.name) || strings.Contains(q.Body, ">"+r.name)) {
			out = append(out, q)
		}
	}
	return out
}

// suspend suspends a machine as somebody else does.
func (g *gallery) suspend(ref types.ManagedObjectReference) {
	g.Helper()
	task, err := object.NewVirtualMachine(g.client, ref).Suspend(g.Context())
	if err == nil {
		err = task.Wait(g.Context())
	}
	if err != nil {
		g.Fatalf("suspend %s: %s", ref.Value, err)
	}
}

// pluggable lets a machine take more processors and memory while it runs, which is said to one that
// is off.
func (g *gallery) pluggable(ref types.ManagedObjectReference, off bool) {
	g.Helper()
	must := func(err error) {
		if err != nil {
			g.Fatalf("let %s take more while it runs: %s", ref.Value, err)
		}
	}
	if !off {
		must(g.sim.PowerOff(ref.Value))
	}
	must(g.sim.Reconfigure(ref.Value, types.VirtualMachineConfigSpec{CpuHotAddEnabled: types.NewBool(true), MemoryHotAddEnabled: types.NewBool(true)}))
	if !off {
		must(g.sim.PowerOn(ref.Value))
		g.sim.Settle()
	}
}
