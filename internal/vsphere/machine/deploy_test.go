package machine

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

const deployOperation = "POST /rest/com/vmware/vcenter/ovf/library-item/{id}?~action=deploy"

// One machine from its deploy to its end, and what each step costs.
func TestLifeOfAMachine(t *testing.T) {
	e := start(t)
	ctx := t.Context()
	spec := e.spec("web-1", 1)
	spec.BIOSUUID = "42150c1b-1e0a-424a-8e9a-552a1c6f1f02"
	spec.Firmware, spec.Annotation = "efi", "hello"
	spec.NICs = append(spec.NICs, NIC{Name: "eth1", Type: "E1000e", MAC: "00:50:56:00:0A:0b", Backing: e.other})
	spec.ExtraConfig = map[string]string{"guestinfo.metadata": "e30="}

	var ref Ref
	if diff := cmp.Diff([]string{"FindChild", "POST deploy"}, e.calls(func() { ref = e.deploy(spec) })); diff != "" {
		t.Errorf("calls of a deploy (-want +got):\n%s", diff)
	}

	var o *Observation
	calls := e.calls(func() { o = e.observe(ref) })
	if diff := cmp.Diff([]string{"RetrievePropertiesEx", "RetrievePropertiesEx"}, calls); diff != "" {
		t.Errorf("calls of the first read, which learns the names of its places (-want +got):\n%s", diff)
	}
	calls = e.calls(func() { o = e.observe(ref) })
	if diff := cmp.Diff([]string{"RetrievePropertiesEx"}, calls); diff != "" {
		t.Errorf("calls of a later read (-want +got):\n%s", diff)
	}
	if o.Name != "web-1" || o.Path != "/DC0/vm/team-a/web-1" || o.Folder != e.folder || o.ResourcePool != e.pool {
		t.Errorf("placed as %q at %q in %v and %v", o.Name, o.Path, o.Folder, o.ResourcePool)
	}
	if o.InstanceUUID != spec.InstanceUUID || o.BIOSUUID != spec.BIOSUUID {
		t.Errorf("UUIDs %s and %s", o.InstanceUUID, o.BIOSUUID)
	}
	if o.CPUs != 2 || o.MemoryMB != 4096 || o.Firmware != "efi" || o.Annotation != "hello" || o.HardwareVersion == 0 || o.GuestID == "" {
		t.Errorf("configured with %d CPUs, %d MB, %s, %q, hardware %d, guest %q", o.CPUs, o.MemoryMB, o.Firmware, o.Annotation, o.HardwareVersion, o.GuestID)
	}
	if o.PowerState != types.VirtualMachinePowerStatePoweredOff || o.ConnectionState != types.VirtualMachineConnectionStateConnected || !strings.HasPrefix(o.Node, "DC0_C0_H") {
		t.Errorf("%s, %s, on node %q", o.PowerState, o.ConnectionState, o.Node)
	}
	for key, want := range map[string]string{
		CreateMark: spec.InstanceUUID, "disk.enableUUID": "TRUE", "vmware.tools.gosc.ignoretoolscheck": "TRUE", "guestinfo.metadata": "e30=",
	} {
		if got, _ := o.ExtraConfig.Get(key); got != want {
			t.Errorf("ExtraConfig %s = %q, want %q", key, got, want)
		}
	}
	if !o.Unfinished() {
		t.Error("a deployed machine does not count as unfinished")
	}
	if len(o.Disks) != 1 || o.Disks[0].CapacityBytes != 20<<30 || len(o.Datastores) != 1 || o.Datastores[0] != e.store {
		t.Errorf("disks %+v on %v", o.Disks, o.Datastores)
	}
	keys := Assign(spec.NICs, o.NICs, nil)
	if len(o.NICs) != 2 || keys["eth0"] != o.NICs[0].Key || keys["eth1"] != o.NICs[1].Key {
		t.Fatalf("cards %+v, assigned %v", o.NICs, keys)
	}
	if o.NICs[0].Type != "VMXNet3" || o.NICs[0].MAC == "" || o.NICs[1].Type != "E1000e" || o.NICs[1].MAC != "00:50:56:00:0a:0b" {
		t.Errorf("cards %+v", o.NICs)
	}

	// The second card goes, the first one moves to another network, a new one comes.
	want := []NIC{{Name: "eth2", Backing: e.network}, {Name: "eth0", Backing: e.other}}
	changes, plan, err := NICChanges(want, o.NICs, keys)
	e.must(err)
	calls = e.calls(func() {
		e.must(e.Reconfigure(ctx, ref, types.VirtualMachineConfigSpec{
			DeviceChange: changes, ExtraConfig: o.ExtraConfig.Changes(map[string]string{CreateMark: ""}),
		}))
	})
	// The first task builds what all later ones share.
	if diff := cmp.Diff([]string{"ReconfigVM_Task", "CreateListView", "CreatePropertyCollector", "CreateFilter", "ModifyListView"}, calls); diff != "" {
		t.Errorf("calls of the first task (-want +got):\n%s", diff)
	}
	after := e.observe(ref)
	again := Assign(want, after.NICs, plan.Keys)
	if after.Unfinished() {
		t.Error("the mark is still there")
	}
	if again["eth0"] != keys["eth0"] || again["eth2"] == again["eth0"] || len(again) != 2 || len(after.NICs) != 2 {
		t.Errorf("before %v, after %v, cards %+v", keys, again, after.NICs)
	}
	for _, nic := range after.NICs {
		if nic.Key == again["eth2"] && (nic.MAC == o.NICs[1].MAC || nic.Type != "VMXNet3") {
			t.Errorf("the new card is %+v, the one that went was %+v", nic, o.NICs[1])
		}
		if nic.Key == keys["eth0"] && (nic.MAC != o.NICs[0].MAC || !nic.Backing.Same(BackingOf(e.other))) {
			t.Errorf("the moved card is %+v, was %+v", nic, o.NICs[0])
		}
	}
	if _, plan, err := NICChanges(want, after.NICs, again); err != nil || !plan.Empty() {
		t.Errorf("another round would change %+v, %v", plan, err)
	}

	calls = e.calls(func() { e.must(e.PowerOn(ctx, ref)) })
	if diff := cmp.Diff([]string{"PowerOnVM_Task", "ModifyListView"}, calls); diff != "" {
		t.Errorf("calls of a power-on (-want +got):\n%s", diff)
	}
	e.must(e.PowerOn(ctx, ref)) // is on already
	if got := e.observe(ref).PowerState; got != types.VirtualMachinePowerStatePoweredOn {
		t.Errorf("power state %s", got)
	}

	e.must(e.Rename(ctx, ref, "web-2"))
	if got := e.observe(ref); got.Name != "web-2" || got.Path != "/DC0/vm/team-a/web-2" {
		t.Errorf("renamed to %q, %q", got.Name, got.Path)
	}

	calls = e.calls(func() { e.must(e.Destroy(ctx, ref, Hard)) })
	if diff := cmp.Diff([]string{"RetrievePropertiesEx", "PowerOffVM_Task", "ModifyListView", "Destroy_Task", "ModifyListView"}, calls); diff != "" {
		t.Errorf("calls of a destroy (-want +got):\n%s", diff)
	}
	if _, err := e.Observe(ctx, ref); !errors.Is(err, vsphere.ErrNotFound) {
		t.Errorf("read after destroy: %v", err)
	}
	if err := e.Destroy(ctx, ref, Soft); err != nil {
		t.Errorf("destroy of what is gone: %v", err)
	}
}

func TestDeployReportsVCentersReasons(t *testing.T) {
	e := start(t)
	spec := e.spec("web-1", 1)
	spec.LibraryItemID = simulator.ItemBroken
	_, err := e.Deploy(t.Context(), spec)
	if err == nil || !strings.HasPrefix(err.Error(), `deploy "web-1" from library item `+spec.LibraryItemID) {
		t.Errorf("error %v", err)
	}
	if n := len(e.sim.Requests(deployOperation)); n != 1 {
		t.Errorf("%d deploys were sent", n)
	}
	if n := len(e.sim.Requests("FindAllByUuid")); n != 0 {
		t.Errorf("%d lookups for a deploy that was answered", n)
	}
}

func TestALostAnswerIsLookedUp(t *testing.T) {
	e := start(t)
	e.must(e.sim.LoseAnswer(deployOperation))
	ref := e.deploy(e.spec("web-1", 1))
	if o := e.observe(ref); o.InstanceUUID != uuid(1) {
		t.Errorf("found %s", o.Title())
	}
	if n := len(e.sim.Requests(deployOperation)); n != 1 {
		t.Errorf("%d deploys were sent, want 1", n)
	}
}

func TestALostDeployThatNeverHappenedIsNotRepeated(t *testing.T) {
	e := start(t)
	e.must(e.sim.FailREST(deployOperation, http.StatusServiceUnavailable))
	ref, err := e.Deploy(t.Context(), e.spec("web-1", 1))
	if !errors.Is(err, vsphere.ErrInterrupted) || ref != (Ref{}) {
		t.Errorf("%v, %v, want ErrInterrupted", ref, err)
	}
	if n := len(e.sim.Requests(deployOperation)); n != 1 {
		t.Errorf("%d deploys were sent, want 1", n)
	}
	if n := len(e.sim.Requests("FindAllByUuid")); n != maxLookups {
		t.Errorf("%d lookups, want %d", n, maxLookups)
	}
}

func TestADeployThatIsCutOffReportsWhatItLeft(t *testing.T) {
	e := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	// The deploy happens, the answer is lost, and the user interrupts while it is looked for.
	e.must(e.sim.LoseAnswer(deployOperation))
	e.must(e.sim.Inject(simulator.Rule{Operation: "CreateCollectorForTasks", Fault: "NotSupported"}))
	e.tampered().set(interruptAt("CreateCollectorForTasks", cancel))
	ref, err := e.Deploy(ctx, e.spec("web-1", 1))
	if err == nil || !strings.Contains(err.Error(), "exists unfinished as virtual machine "+ref.Value) || ref.Value == "" {
		t.Fatalf("%v, %v", ref, err)
	}
	if o := e.observe(ref); o.InstanceUUID != uuid(1) || !o.Unfinished() {
		t.Errorf("left %s, unfinished: %v", o.Title(), o.Unfinished())
	}
}

func TestAnUnfinishedMachineMakesRoom(t *testing.T) {
	e := start(t)
	left := e.deploy(e.spec("web-1", 1))
	e.must(e.PowerOn(t.Context(), left))
	e.Service.deployed = map[string]bool{} // as in another run
	ref := e.deploy(e.spec("web-1", 2))
	if o := e.observe(ref); o.InstanceUUID != uuid(2) || o.Name != "web-1" {
		t.Errorf("deployed %s", o.Title())
	}
	if _, err := e.Observe(t.Context(), left); !errors.Is(err, vsphere.ErrNotFound) {
		t.Errorf("the unfinished machine: %v", err)
	}
}

func TestAForeignMachineIsNotTouched(t *testing.T) {
	e := start(t)
	foreign := e.deploy(e.spec("web-1", 1))
	e.must(e.Reconfigure(t.Context(), foreign, types.VirtualMachineConfigSpec{ExtraConfig: ExtraConfigChange(map[string]string{CreateMark: ""})}))
	before := e.observe(foreign)
	e.Service.deployed = map[string]bool{}
	_, err := e.Deploy(t.Context(), e.spec("web-1", 2))
	if !errors.Is(err, vsphere.ErrAlreadyExists) {
		t.Fatalf("error %v, want ErrAlreadyExists", err)
	}
	for _, part := range []string{"/DC0/vm/team-a/web-1", foreign.Value, uuid(1), "Import it"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q: %v", part, err)
		}
	}
	if diff := cmp.Diff(before.ChangeVersion, e.observe(foreign).ChangeVersion); diff != "" {
		t.Errorf("the machine was changed:\n%s", diff)
	}
}

func TestTwoResourcesOfOneNameDoNotEatEachOther(t *testing.T) {
	e := start(t)
	first := e.deploy(e.spec("web-1", 1))
	if _, err := e.Deploy(t.Context(), e.spec("web-1", 2)); !errors.Is(err, vsphere.ErrAlreadyExists) {
		t.Errorf("error %v, want ErrAlreadyExists", err)
	}
	if o := e.observe(first); o.InstanceUUID != uuid(1) {
		t.Errorf("the first is now %s", o.Title())
	}
}

func TestATaskOfTheDeployIsWaitedFor(t *testing.T) {
	e := start(t)
	e.must(e.sim.LoseAnswer(deployOperation))
	asked := 0
	e.tampered().set(withDeployTask(uuid(1), &asked, &types.NoDiskSpace{Datastore: "LocalDS_1"}))
	_, err := e.Deploy(t.Context(), e.spec("web-1", 1))
	if !errors.Is(err, vsphere.ErrInsufficientResources) || asked == 0 {
		t.Errorf("error %v after %d questions, want the fault of the task", err, asked)
	}
}
